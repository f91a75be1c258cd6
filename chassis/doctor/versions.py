"""What runs here, and whether it is what was locked and tried."""

import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

import chassis
from chassis.findings import Finding, warning, well

LOCK = Path(chassis.__file__).parents[1] / "requirements.lock"
SHOWN = 5


def check(servers: Mapping[str, str]) -> Iterator[Finding]:
    """`servers`: versions by what runs there."""
    yield well("motcua", f"{version('motcua')}, on Python {platform.python_version()}")
    if LOCK.exists():
        yield libraries(locked(LOCK.read_text()), "as locked")
    else:
        yield libraries(declared(), "as motcua needs them")
    for where, found in sorted(servers.items()):
        yield well(where, found)


def locked(lock: str) -> list[Requirement]:
    """What a lock file pins, for this machine."""
    found = [Requirement(line.rstrip(" \\")) for line in lock.splitlines() if line[:1].isalnum()]
    return [each for each in found if not each.marker or each.marker.evaluate()]


def declared() -> list[Requirement]:
    """What motcua itself says that it needs."""
    found = map(Requirement, requires("motcua") or ())
    return [each for each in found if not each.marker or each.marker.evaluate({"extra": ""})]


def libraries(wanted: list[Requirement], as_wanted: str) -> Finding:
    mend = "install again from requirements.lock, with --require-hashes"
    installed = {each.name: _installed(each.name) for each in wanted}
    there = [each for each in wanted if installed[each.name]]
    other = [each for each in there if Version(installed[each.name] or "") not in each.specifier]
    if other:
        named = ", ".join(f"{each.name} {installed[each.name]} ({each.specifier})" for each in other[:SHOWN])
        more = f" and {len(other) - SHOWN} more" if len(other) > SHOWN else ""
        return warning("libraries", f"{len(other)} are not {as_wanted}: {named}{more}", mend)
    return well("libraries", f"{len(there)} are {as_wanted}")


def _installed(name: str) -> str | None:
    """None: it is not there. A lock also names what only the trial run needs."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
