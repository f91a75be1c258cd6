"""The services' own accounts on the broker: each with the rights of its worker, and no others."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.broker import passwords, rights
from chassis.broker.admin import BrokerAdmin, BrokerRefused
from chassis.broker.rights import Rights
from chassis.bus import topology
from chassis.exits import USAGE, stop
from chassis.findings import Finding, unseen, warning, wrong
from chassis.service import Service
from chassis.settings import text

SETTING = "BROKER_ACCOUNTS"
PREFIX = topology.account_of("")
APPLY, PRUNE = "motcua bus apply", "motcua bus apply --prune"


@dataclass(frozen=True)
class Account:
    name: str
    password: str
    rights: Rights


@dataclass(frozen=True)
class There:
    """What there is, asked in four calls; accounts by name, the rest by account."""

    accounts: Mapping[str, Mapping[str, Any]]
    permissions: Mapping[str, Mapping[str, Any]]
    topics: Mapping[str, Sequence[Mapping[str, Any]]]
    elsewhere: Collection[str]


def wanted(installed: Sequence[Service]) -> list[Account]:
    """None where the setting is missing: then all services share the account of AMQP_URL."""
    given = text(SETTING, "")
    if not given:
        return []
    secrets = _secrets(given, {service.name for service in installed})
    return [
        Account(topology.account_of(service.name), secrets[service.name], rights.of(service, installed))
        for service in installed
    ]


def _secrets(given: str, services: set[str]) -> dict[str, str]:
    """Ends the command when they are not a password for each service; never repeats any of them."""
    try:
        found = json.loads(given)
    except ValueError as error:
        raise stop(f'{SETTING} is not JSON like {{"identity": "<password>", ...}}.', USAGE) from error
    if not isinstance(found, dict) or not all(isinstance(each, str) and each for each in found.values()):
        raise stop(f'{SETTING} is not JSON like {{"identity": "<password>", ...}}.', USAGE)
    if lacking := services - found.keys():
        raise stop(f"{SETTING} has no password for {', '.join(sorted(lacking))}.", USAGE)
    if unknown := found.keys() - services:
        raise stop(f"{SETTING} names what is no service: {', '.join(sorted(unknown))}.", USAGE)
    return found


def read(admin: BrokerAdmin) -> There:
    return There(
        admin.accounts(),
        admin.everybodys_permissions(),
        admin.everybodys_topic_permissions(),
        admin.accounts_with_permissions_elsewhere(),
    )


def check(admin: BrokerAdmin, ours: Sequence[Account]) -> Iterator[Finding]:
    """Nothing where services have no accounts of their own."""
    if not ours:
        return
    try:
        there = read(admin)
    except BrokerRefused as refused:
        mend = "give the account of RABBITMQ_MANAGEMENT_URL the tag `administrator`"
        yield unseen("accounts", f"were not shown: {refused}", mend)
        return
    for account in ours:
        yield from _look(account, there)
    for name in strangers(there, ours):
        mend = PRUNE if _may_go(name, there) else f"if nobody needs it: rabbitmqctl delete_user {name}"
        yield warning(f"account {name}", "is none of ours", mend)
    if "guest" in there.accounts:
        what = "is there: whoever reaches the broker from its own machine knows its password"
        yield warning("account guest", what, "rabbitmqctl delete_user guest")


def _look(account: Account, there: There) -> Iterator[Finding]:
    where = f"account {account.name}"
    if account.name not in there.accounts:
        yield wrong(where, "is missing", APPLY)
        return
    if not _is_as_made(account, there):
        yield wrong(where, "has another password than it should, or tags", APPLY)
    if other := _other_permissions(account, there):
        yield wrong(where, f"may {', '.join(other)} something else than it should", APPLY)
    for exchange in _other_topics(account, there):
        yield wrong(where, f"may use keys of {exchange} that are not its own", APPLY)


def apply(admin: BrokerAdmin, ours: Sequence[Account]) -> Iterator[str]:
    """Yields what it did. Keys before permissions: until those are set, every key is open."""
    if not ours:
        return
    there = read(admin)
    for account in ours:
        if not _is_as_made(account, there):
            admin.put_account(account.name, passwords.hashed(account.password))
            is_new = account.name not in there.accounts
            yield f"made account {account.name}" if is_new else f"set the password of {account.name}"
        for exchange in _other_topics(account, there):
            admin.permit_topics(account.name, {"exchange": exchange, **account.rights.topics[exchange]})
            yield f"set the keys of {account.name} in {exchange}"
        if _other_permissions(account, there):
            admin.permit(account.name, account.rights.permissions)
            yield f"set the rights of {account.name}"


def prune(admin: BrokerAdmin, ours: Sequence[Account]) -> Iterator[str]:
    if not ours:
        return
    there = read(admin)
    for name in strangers(there, ours):
        if _may_go(name, there):
            admin.delete_account(name)
            yield f"deleted account {name}"


def strangers(there: There, ours: Sequence[Account]) -> list[str]:
    """Named as ours are, and of no service."""
    names = {account.name for account in ours}
    return sorted(name for name in there.accounts if name.startswith(PREFIX) and name not in names)


def _may_go(name: str, there: There) -> bool:
    """No service's account has tags, an operator's has. Accounts are of the whole broker, not of one host."""
    return not there.accounts[name].get("tags") and name not in there.elsewhere


def _is_as_made(account: Account, there: There) -> bool:
    found = there.accounts.get(account.name, {})
    return passwords.is_of(found, account.password) and not found.get("tags")


def _other_permissions(account: Account, there: There) -> list[str]:
    found = there.permissions.get(account.name, {})
    return [kind for kind, pattern in account.rights.permissions.items() if found.get(kind) != pattern]


def _other_topics(account: Account, there: There) -> list[str]:
    found = {each["exchange"]: each for each in there.topics.get(account.name, [])}
    return [
        exchange
        for exchange, keys in account.rights.topics.items()
        if any(found.get(exchange, {}).get(kind) != pattern for kind, pattern in keys.items())
    ]
