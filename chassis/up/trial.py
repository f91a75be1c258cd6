"""What a distribution adds to a portal that is only tried: a world outside, people to be, who answers.

The chassis knows none of it; it is found by the entry point group `motcua.trial`.
"""

import socket
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


class NotInstalled(Exception):
    """No distribution plays the outside world; the message says what to do."""

    def __init__(self) -> None:
        super().__init__(
            "`motcua up` is for trying, and what plays the outside world (SMS, e-mail, registers) is not "
            "installed: type `make run` in a checkout, or pip install motcua-sandbox 'motcua[trial]'. "
            "A portal in earnest runs its parts one by one: motcua api, worker, gateway."
        )


class Trial(Protocol):
    def outside(self, door: socket.socket) -> None:
        """Be the outside world behind the door, in a process of its own, until SIGTERM."""

    def prepare(self) -> None:
        """Make what is needed, once: it is called at every start, in a process of its own."""

    def demo(self) -> Mapping[str, Callable[[], object]]:
        """What else may run, by name."""

    def text(self) -> str:
        """What a person trying the portal must know."""


Maker = Callable[[Setting], Trial]


def find() -> Maker:
    """NotInstalled when no distribution brings one."""
    for found in entry_points(group="motcua.trial", name="sandbox"):
        maker: Maker = found.load()
        return maker
    raise NotInstalled
