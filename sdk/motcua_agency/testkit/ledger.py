"""The file in which a consumer says what it did, one line for each thing."""

import os
from collections import Counter
from pathlib import Path


class Ledger:
    """`applied <event id>`, `gap <first> <last>`, `decided <decision id>`, `refused <decision id>`.

    A line is written after the effect is stored and before the event is acknowledged.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    def note(self, *words: object) -> None:
        """Append one line: on return, whoever reads the file sees it."""
        line = " ".join(map(str, words)) + "\n"
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line)

    def lines(self, word: str) -> list[str]:
        """What follows that word, in the order it was written. A line not yet ended is not there yet."""
        if not self._path.exists():
            return []
        whole = self._path.read_text("utf-8", errors="replace").rpartition("\n")[0]
        pairs = [line.strip().partition(" ") for line in whole.splitlines()]
        return [rest.strip() for first, _, rest in pairs if first == word]

    @property
    def applied(self) -> list[str]:
        return self.lines("applied")

    def applied_twice(self) -> list[str]:
        return [id for id, times in Counter(self.applied).items() if times > 1]
