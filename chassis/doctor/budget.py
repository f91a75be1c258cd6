"""Whether all processes together may open more connections than a server has."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import ceil

from chassis.doctor.facts import Facts
from chassis.findings import Finding, unseen, warning, well, wrong
from chassis.settings import env

BESIDE = 1
"""Each process wakes the relay by a connection of its own (chassis/wake.py). The relay's lock and its
LISTEN are on one of the worker's pool."""
ROOM = 0.9
"""What is left is for migrations, backups and operators' commands."""
LEAST_POOL = 3
ROLES = ("api", "worker")


class Unknown(Exception):
    """The replicas of something that does not run here, or no number of them."""


@dataclass(frozen=True)
class Sizes:
    """Of every process. `replicas` by `<service>-<role>`, where there is not one."""

    pool: int
    web_workers: int
    web_threads: int
    replicas: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, replicas: Mapping[str, int]) -> "Sizes":
        threads = env.int("WEB_THREADS", 8)
        pool = env.int("DATABASE_POOL_SIZE", threads + 2)
        return cls(pool, env.int("WEB_WORKERS", 1), threads, replicas)

    def processes(self, service: str, role: str) -> int:
        workers = self.web_workers if role == "api" else 1
        return self.replicas.get(f"{service}-{role}", 1) * workers

    def most(self, service: str) -> int:
        """Connections that all processes of a service may have open at once."""
        return sum(self.processes(service, role) for role in ROLES) * (self.pool + BESIDE)


def parse(words: Sequence[str], services: Sequence[str]) -> dict[str, int]:
    """`["dossier-api=3"]`. Unknown."""
    known = {f"{name}-{role}" for name in services for role in ROLES}
    found = {}
    for word in words:
        process, _, number = word.partition("=")
        if process not in known:
            raise Unknown(f"no process is called {process!r}; there are {', '.join(sorted(known))}")
        if not number.isdecimal():
            raise Unknown(f"{word!r} has no number: write {process}=3")
        found[process] = int(number)
    return found


def from_setting() -> list[str]:
    return os.environ.get("MOTCUA_REPLICAS", "").replace(",", " ").split()


def check(facts: Mapping[str, Facts], sizes: Sizes, uncounted: Sequence[str]) -> Iterator[Finding]:
    """`uncounted`: services whose databases could not be asked."""
    if sizes.pool <= sizes.web_threads:
        what = f"{sizes.pool} connections for {sizes.web_threads} threads: requests wait for each other"
        yield warning("DATABASE_POOL_SIZE", what, f"set it to {sizes.web_threads + 2}")
    by_server = sorted(facts, key=lambda name: facts[name].server)
    for _, names in groupby(by_server, key=lambda name: facts[name].server):
        there = list(names)
        yield _server({name: facts[name] for name in there}, sizes)
        for name in there:
            yield from _service(name, facts[name], sizes)
    if uncounted:
        what = "are not counted: their databases were not asked"
        yield unseen(", ".join(uncounted), what, "see the databases above")


def _server(facts: Mapping[str, Facts], sizes: Sizes) -> Finding:
    one = next(iter(facts.values()))
    most = sum(map(sizes.most, facts))
    where = f"server {one.place}"
    what = f"{most} connections may be opened at once, it has {one.max_connections}"
    mend = _mend(most, one.max_connections, sum(_processes(name, sizes) for name in facts))
    if most > one.max_connections:
        return wrong(where, f"{what}: the last ones are refused", mend)
    if most > one.max_connections * ROOM:
        return warning(where, f"{what}: little is left for migrations, backups and commands", mend)
    return well(where, f"{what}; {one.open_on_server} are open now")


def _processes(service: str, sizes: Sizes) -> int:
    return sum(sizes.processes(service, role) for role in ROLES)


def _mend(most: int, there: int, processes: int) -> str:
    more = f"raise max_connections by {ceil(most / ROOM) - there} (it takes a restart)"
    pool = int(there * ROOM) // max(processes, 1) - BESIDE
    if pool < LEAST_POOL:
        return f"{more}, or run fewer than these {processes} processes (replicas, WEB_WORKERS)"
    return f"{more}, or lower DATABASE_POOL_SIZE to {pool} and WEB_THREADS to {pool - 2 or 1}"


def _service(name: str, facts: Facts, sizes: Sizes) -> Iterator[Finding]:
    most = sizes.most(name)
    for limit, of in (
        (facts.for_role, f"ROLE {facts.role}"),
        (facts.for_database, f"DATABASE {facts.database}"),
    ):
        if 0 <= limit < most:
            what = f"may open {most} connections, and {of} is limited to {limit}"
            yield wrong(name, what, f"ALTER {of} CONNECTION LIMIT {most}")
    yield _open(name, facts, sizes)


def _open(name: str, facts: Facts, sizes: Sizes) -> Finding:
    shares = ", ".join(f"{role} {sizes.processes(name, role)} × {sizes.pool + BESIDE}" for role in ROLES)
    now = ", ".join(
        f"{by.removeprefix(f'{name}-') or 'nameless'} {number}" for by, number in facts.open_here.items()
    )
    for role in ROLES:
        running, may = facts.open_here.get(f"{name}-{role}", 0), sizes.processes(name, role) * sizes.pool
        if running > may:
            what = f"{name}-{role} has {running} open, more than the {may} it was counted for"
            return warning(name, what, f"tell how many run: --replicas {name}-{role}=<number>")
    return well(name, f"{shares}; open now: {now or 'none'}")
