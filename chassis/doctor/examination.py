"""The whole examination: who is asked what, in which order, and never twice for what did not answer."""

from collections.abc import Mapping, Sequence

from chassis import migrate, needs
from chassis import service as services
from chassis.doctor import (
    answers,
    broker,
    budget,
    certificate,
    clock,
    databases,
    facts,
    own,
    settings,
    storage,
    versions,
)
from chassis.doctor.facts import Facts
from chassis.doctor.settings import Part, is_fit
from chassis.findings import Finding, unseen
from chassis.settings import text

Answers = Mapping[str, Facts | Exception]


def replicas(given: Sequence[str]) -> dict[str, int]:
    """From the options, else from the setting. budget.Unknown."""
    return budget.parse(given or budget.from_setting(), services.names())


def examine(counted: Mapping[str, int]) -> dict[str, list[Finding]] | None:
    """Findings by what they are about. None where there are no settings to look at."""
    parts = settings.parts()
    if not any(part.is_seen for part in parts):
        return None
    seen = [part.name for part in parts if part.is_service and part.is_seen]
    of_settings = settings.check(parts)
    asked = facts.read(_database_urls(seen))
    found = {name: each for name, each in asked.items() if isinstance(each, Facts)}
    at_broker = broker.look(seen, _unwell(seen, parts, found))
    return {
        "Settings": of_settings,
        "Databases": [*databases.check(asked), *_unasked(asked)],
        "Connections": _connections(found, counted),
        "Broker": at_broker.findings,
        "Storage": list(storage.check(parts)),
        "Clocks": [*clock.check(_drifts(found) | at_broker.drift), clock.zone()],
        "Versions": list(versions.check(_servers(found, at_broker))),
        "Services": list(own.look(_newest(found))),
        "Processes": [*answers.check(services.names()), *certificate.check()],
    }


def _database_urls(seen: Sequence[str]) -> dict[str, str]:
    urls = {name: f"{name.upper()}_DATABASE_URL" for name in seen}
    return {name: text(setting) for name, setting in urls.items() if is_fit(setting, needs.DATABASE)}


def _newest(found: Mapping[str, Facts]) -> list[str]:
    return [name for name, each in found.items() if migrate.revisions(name)[0] in (each.revisions or ())]


def _unwell(seen: Sequence[str], parts: Sequence[Part], found: Mapping[str, Facts]) -> list[str]:
    """Services that cannot be asked what they made on the broker."""
    shared = settings.is_whole(needs.SHARED)
    whole = {part.name for part in parts if shared and settings.is_whole(part.needs)}
    migrated = {name for name, each in found.items() if each.revisions}
    return [name for name in seen if name not in whole & migrated]


def _unasked(asked: Answers) -> list[Finding]:
    missing = [name for name in services.names() if name not in asked]
    if not missing:
        return []
    return [unseen(", ".join(missing), "whose databases were not looked at", "set <SERVICE>_DATABASE_URL")]


def _connections(found: Mapping[str, Facts], counted: Mapping[str, int]) -> list[Finding]:
    try:
        sizes = budget.Sizes.from_environment(counted)
    except ValueError:
        return [
            unseen("connections", "were not counted", "mend WEB_WORKERS, WEB_THREADS, DATABASE_POOL_SIZE")
        ]
    return list(budget.check(found, sizes, [name for name in services.names() if name not in found]))


def _drifts(found: Mapping[str, Facts]) -> dict[str, clock.Drift]:
    """One for each server."""
    return {f"PostgreSQL {each.place}": each.drift for each in found.values()}


def _servers(found: Mapping[str, Facts], at_broker: broker.Seen) -> dict[str, str]:
    servers = {f"PostgreSQL {each.place}": each.version for each in found.values()}
    if at_broker.broker:
        servers["RabbitMQ"] = ".".join(map(str, at_broker.broker.version))
    return servers
