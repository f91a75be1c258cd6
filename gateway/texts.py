"""The words of the pages, as data: pages/texts/<language>/<page>.toml, by key `<page>.<key>`."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from gateway import language

FOLDER = Path(__file__).parent / "pages" / "texts"


@cache
def load(wanted: str) -> dict[str, str]:
    """Key -> text, of one language."""
    texts: dict[str, str] = {}
    for path in sorted((FOLDER / wanted).glob("*.toml")):
        texts |= flat(tomllib.loads(path.read_text("utf-8")), path.stem + ".")
    return texts


def flat(table: dict[str, Any], prefix: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = value
    return found


def t(key: str, **values: object) -> str:
    """The text by that key in the reader's language; `<key>_one` when n is 1 and there is one.

    KeyError for a key that no file has: a test goes through them all.
    """
    texts = load(language.current())
    if values.get("n") == 1:
        key = f"{key}_one" if f"{key}_one" in texts else key
    return texts[key].format(**values) if values else texts[key]


def has(key: str) -> bool:
    return key in load(language.current())
