"""What the lock files name, and what the projects need, by what is installed."""

import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.source import ROOT


def project(folder: Path) -> dict[str, Any]:
    parsed: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text())
    return parsed


def pins(lock: str) -> dict[str, str]:
    """Of each requirement that counts on this machine: its name and version."""
    lines = [line.removesuffix("\\") for line in (ROOT / lock).read_text().splitlines()]
    locked = [Requirement(line) for line in lines if re.match(r"\w", line)]
    return {
        canonicalize_name(one.name): str(one.specifier)
        for one in locked
        if one.marker is None or one.marker.evaluate()
    }


def needed(*lines: str) -> set[str]:
    """Everything that these requirements bring, themselves included, on this machine."""
    found: set[tuple[str, str]] = set()
    waiting = [(Requirement(line), "") for line in lines]
    while waiting:
        one, asked = waiting.pop()
        if one.marker is not None and not one.marker.evaluate({"extra": asked}):
            continue
        name = canonicalize_name(one.name)
        fresh = {(name, extra) for extra in {"", *one.extras}} - found
        found |= fresh
        brought = distribution(name).requires or []
        waiting += [(Requirement(line), extra) for _, extra in fresh for line in brought]
    return {name for name, _ in found}
