"""Each service's database: can it be reached, is it the newest, and is it the service's alone?"""

from collections.abc import Iterator, Mapping

import psycopg

from chassis import migrate
from chassis import service as services
from chassis.doctor.facts import Facts
from chassis.findings import Finding, away, well, wrong

OLDEST = 140000
AGAIN = "is the server up, and can it be reached from here? Then run this again"
NOT_NOW = (
    *("starting up", "shutting down", "recovery mode", "not yet accepting"),
    *("too many", "connection slots"),
)
"""A server that says so answers soon, or once somebody else lets go."""


def check(answers: Mapping[str, Facts | Exception]) -> Iterator[Finding]:
    facts = {name: found for name, found in answers.items() if isinstance(found, Facts)}
    for name, found in answers.items():
        if isinstance(found, Facts):
            problems = list(_look(name, found, facts))
            yield from problems or [_well(name, found)]
        else:
            yield _no_answer(name, found)


def _well(name: str, found: Facts) -> Finding:
    revision = (found.revisions or ["?"])[0]
    return well(name, f"PostgreSQL {found.version} at {found.place}, revision {revision}, its own")


def _no_answer(name: str, error: Exception) -> Finding:
    said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, TimeoutError | psycopg.errors.ConnectionTimeout):
        return away(
            name,
            f"its database does not answer: {said}",
            f"is the server up, and reachable from here? {AGAIN}",
        )
    if isinstance(error, psycopg.OperationalError):
        refused = "FATAL" in said and not any(words in said for words in NOT_NOW)
        what = f"its database {'refuses us' if refused else 'is away'}: {_short(said)}"
        if refused:
            return wrong(name, what, f"mend {name.upper()}_DATABASE_URL, or make the role and database")
        return away(name, what, f"is the server up, and reachable from here? {AGAIN}")
    return wrong(name, f"its database could not be looked at: {said}", "give the role what it owns back")


def _short(said: str) -> str:
    """`connection to server at "…", port … failed: why`: without what the URL says anyway."""
    return said.rpartition("failed: ")[2].removeprefix("FATAL:").strip()


def _look(name: str, found: Facts, others: Mapping[str, Facts]) -> Iterator[Finding]:
    upper = name.upper()
    if found.version_number < OLDEST:
        yield wrong(name, f"its server is PostgreSQL {found.version}", "use 14 or newer")
    if found.encoding != "UTF8":
        mend = f"make {found.database} anew with ENCODING 'UTF8' TEMPLATE template0"
        yield wrong(name, f"its database is encoded in {found.encoding}, not UTF8", mend)
    if found.superuser:
        mend = f"give {upper}_DATABASE_URL a role of its own: NOSUPERUSER, owner of {found.database}"
        yield wrong(name, f"its role {found.role} is a superuser, who reads every database", mend)
    yield from _migrated(name, found)
    yield from _alone(name, found, others)


def _migrated(name: str, found: Facts) -> Iterator[Finding]:
    known, upgrade = migrate.revisions(name), f"motcua migrate {name}"
    if not found.revisions:
        yield wrong(name, "its database was never migrated", f"{upgrade} --seed")
    elif not set(found.revisions) <= set(known):
        what = f"its database is at {', '.join(found.revisions)}, newer than this program ({known[0]})"
        yield wrong(name, what, "run the program that migrated it, or a newer one")
    elif known[0] not in found.revisions:
        what = f"its database is at {', '.join(found.revisions)}, older than this program ({known[0]})"
        yield wrong(name, what, upgrade)


def _alone(name: str, found: Facts, others: Mapping[str, Facts]) -> Iterator[Finding]:
    beside = {
        other: facts for other, facts in others.items() if other != name and facts.server == found.server
    }
    same = sorted(other for other, facts in beside.items() if facts.database == found.database)
    if same:
        what = f"its database {found.database} is {', '.join(same)}'s, too"
        yield wrong(name, what, "give each service a database and a role of its own")
    if found.superuser:
        return
    theirs = {each.database for each in beside.values()} | (set(services.names()) - {name})
    reached = sorted(theirs & found.may_connect_to)
    if reached:
        mend = f"REVOKE CONNECT ON DATABASE {', '.join(reached)} FROM PUBLIC, {found.role}"
        yield wrong(name, f"its role {found.role} can connect to {', '.join(reached)}", mend)
