"""What a back office can get wrong, by name."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

FAULTS: dict[str, str] = tomllib.loads(files(__package__).joinpath("faults.toml").read_text("utf-8"))
"""Why each is wrong, and what to do instead."""


@dataclass(frozen=True)
class Fault:
    """One of FAULTS, in which play it showed, and what was seen."""

    name: str
    play: str
    evidence: str

    @property
    def explanation(self) -> str:
        return FAULTS[self.name]
