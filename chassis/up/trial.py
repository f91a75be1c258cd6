"""What a distribution adds to a portal that is only tried: people to be, and somebody who answers.

The chassis knows none of it; it is found by the entry point group `motcua.trial`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Setting:
    """`secret` gives a password that people type, made once for each name and kept with the other keys."""

    portal_url: str
    sandbox_url: str
    var: Path
    secret: Callable[[str], str]


class Trial(Protocol):
    def prepare(self) -> None:
        """Make what is needed, once: it is called at every start, in a process of its own."""

    def demo(self) -> Mapping[str, Callable[[], object]]:
        """What else may run, by name."""

    def text(self) -> str:
        """What a person trying the portal must know."""


def load(setting: Setting) -> list[Trial]:
    return [found.load()(setting) for found in entry_points(group="motcua.trial")]
