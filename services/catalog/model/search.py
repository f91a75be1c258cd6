"""Finding by words, with or without Vietnamese marks: both sides are folded, each word may be half typed."""

import re
from collections.abc import Iterable

from vocabulary.people import fold

WORD = re.compile(r"[a-z0-9]+(?:\.[a-z0-9]+)*")


def words(text: str) -> list[str]:
    """Folded words. `1.001193` stays one; every other sign ends a word."""
    return WORD.findall(fold(text))


def haystack(texts: Iterable[str]) -> str:
    """Folded words with a space before each, so that ` kha` finds words that begin with `kha`."""
    return "".join(f" {word}" for text in texts for word in words(text))
