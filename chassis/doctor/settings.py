"""Whether every setting that is needed is there, and is what it must be. Says no value of any."""

import os
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import entry_points
from pathlib import Path

from chassis import needs
from chassis import service as services
from chassis.findings import Finding, unseen, warning, well, wrong
from chassis.needs import Need
from chassis.settings import KeyRing, seals, text

SAMPLE = "..."
ALIKE = 0.85
FROM_KUBERNETES = re.compile(r"_SERVICE_(HOST|PORT)(_\w+)?$|_PORT(_\d+_(TCP|UDP)(_\w+)?)?$")
"""What it gives each container of the services beside it; none of ours."""


@dataclass(frozen=True)
class Part:
    """A service, or another role with settings of its own. `needs` without those of every service."""

    name: str
    needs: Sequence[Need]
    is_service: bool = True

    @property
    def prefix(self) -> str:
        return f"{self.name.upper()}_"

    @property
    def marks(self) -> list[str]:
        """Whoever has one of these settings is meant to run this part."""
        return [each.name for each in self.needs if each.required and each.name.startswith(self.prefix)]

    @property
    def is_seen(self) -> bool:
        return any(map(given, self.marks))


def parts() -> list[Part]:
    own = [Part(name, [*needs.own(name), *services.load(name).needs]) for name in services.names()]
    others = entry_points(group="motcua.needs")
    return own + [Part(found.name, found.load(), is_service=False) for found in others]


def given(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def is_fit(name: str, form: needs.Form) -> bool:
    """Set, and of that form: it may be used."""
    return given(name) and _problem(name, form) is None


def is_whole(wanted: Sequence[Need]) -> bool:
    return not any(found and found.severity == "wrong" for found in map(_look_at, wanted))


def check(installed: Sequence[Part]) -> list[Finding]:
    found = []
    seen = [part for part in installed if part.is_seen]
    if any(part.is_service for part in seen):
        found += look("every service", needs.SHARED)
    for part in installed:
        found += look(part.name, part.needs) if part.is_seen else [_not_looked_at(part)]
    found += twice([part for part in seen if part.is_service])
    found += unknown(os.environ, installed)
    return list(dict.fromkeys(found))


def look(where: str, wanted: Sequence[Need]) -> list[Finding]:
    found = [finding for need in wanted if (finding := _look_at(need))]
    there = len({need.name for need in wanted if given(need.name)})
    return found or [well(where, f"{there} settings are there and well-formed")]


def _look_at(need: Need) -> Finding | None:
    if not given(need.name):
        if need.required:
            return wrong(need.name, "is required and is not set", f"set it: {need.form.words}")
        if need.without:
            return warning(need.name, f"is not set: {need.without}", f"set it: {need.form.words}")
        empty = need.name in os.environ and not need.form.may_be_empty
        return wrong(need.name, "is empty", f"it must be {need.form.words}") if empty else None
    if problem := _problem(need.name, need.form):
        return wrong(need.name, problem, f"it must be {need.form.words}")
    return None


def _problem(name: str, form: needs.Form) -> str | None:
    if problem := _problem_of_file(os.environ.get(f"{name}_FILE")):
        return problem
    if not text(name):
        return "is empty"
    if SAMPLE in text(name):
        return f"still holds the `{SAMPLE}` of the sample"
    return form.problem(name)


def _problem_of_file(path: str | None) -> str | None:
    try:
        if path and not Path(path).read_text().strip():
            return f"is empty: there is nothing in {path}"
    except OSError as error:
        return f"cannot be read from {path}: {error.strerror}"
    except ValueError:
        return f"cannot be read from {path}: it is no text"
    return None


def _not_looked_at(part: Part) -> Finding:
    what = "was not looked at: none of its own settings is here"
    return unseen(part.name, what, f"set {part.prefix}…, as docs/operating.md says")


def twice(seen: Sequence[Part]) -> Iterator[Finding]:
    """Keys that several settings share: who has one of them has the others'."""
    holders: dict[bytes, set[str]] = {}
    for name, key in _keys(seen):
        holders.setdefault(key, set()).add(name)
    for names in holders.values():
        if len(names) > 1:
            mend = "give each a key of its own (in a ring that is in use: a new one in front)"
            yield wrong(", ".join(sorted(names)), "hold the same key", mend)


def _keys(seen: Sequence[Part]) -> Iterator[tuple[str, bytes]]:
    for part in seen:
        if is_fit(f"{part.prefix}MASTER_KEYS", needs.RING):
            ring = KeyRing.parse(text(f"{part.prefix}MASTER_KEYS"))
            yield from ((f"{part.prefix}MASTER_KEYS", key) for key in ring.keys.values())
        if is_fit(f"{part.prefix}INDEX_KEY", needs.KEY):
            yield f"{part.prefix}INDEX_KEY", b64decode(text(f"{part.prefix}INDEX_KEY"))
    if is_fit("SEAL_KEYS", needs.SEALS):
        for service, ring in seals(text("SEAL_KEYS")).items():
            yield from ((f"SEAL_KEYS of {service}", key) for key in ring.keys.values())


def unknown(environment: Mapping[str, str], installed: Sequence[Part]) -> Iterator[Finding]:
    """Names that nobody reads: of a service of ours, or nearly that of a setting."""
    known = {need.name for part in installed for need in (*part.needs, *needs.SHARED)}
    prefixes = tuple(part.prefix for part in installed)
    for name in sorted(environment):
        bare = name.removesuffix("_FILE")
        if bare in known or FROM_KUBERNETES.search(name):
            continue
        nearest = get_close_matches(bare, known, 1, ALIKE)
        if nearest or name.startswith(prefixes):
            meant = f"is {nearest[0]} meant?" if nearest else "docs/operating.md has all that there are"
            yield warning(name, "is no setting: nobody reads it", meant)
