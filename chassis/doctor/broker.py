"""The broker: does it let each service in, is it well, and is on it what must be?"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from ssl import SSLError
from urllib.parse import urlsplit

import click
from amqp import AccessRefused, NotAllowed

from chassis.broker import accounts as own
from chassis.broker import check, survey
from chassis.broker.admin import BrokerAdmin, BrokerAway, BrokerRefused, vhost
from chassis.bus.link import connect, drop
from chassis.doctor import clock, together
from chassis.doctor.settings import given, is_fit
from chassis.findings import Finding, away, count, unseen, well, wrong
from chassis.needs import BROKER, NUMBER, WEB
from chassis.settings import text

MANAGEMENT, SHARDS = "RABBITMQ_MANAGEMENT_URL", "EVENT_SHARDS"
ADMIN_SECONDS = 4.0
SURVEY_SECONDS = 30.0
"""For some dozens of answers; one that does not come in ADMIN_SECONDS ends them all."""
AGAIN = "is the broker up, and can it be reached from here? Then run this again"
SECOND = timedelta(seconds=1)


@dataclass
class Seen:
    """`broker` and `drift` are known when the management answered."""

    findings: list[Finding] = field(default_factory=list)
    broker: check.Broker | None = None
    drift: dict[str, clock.Drift] = field(default_factory=dict)


def accounts(services: Collection[str]) -> dict[str, str]:
    """Addresses by the setting they come from: `<SERVICE>_AMQP_URL`, or AMQP_URL for all others."""
    names = [f"{name.upper()}_AMQP_URL" for name in services]
    settings = {setting if is_fit(setting, BROKER) else "AMQP_URL" for setting in names}
    return {setting: text(setting) for setting in sorted(settings) if is_fit(setting, BROKER)}


def look(services: Collection[str], unwell: Collection[str]) -> Seen:
    """`services` are those looked at; `unwell` those of them whose database must not be asked."""
    urls = accounts(services)
    seen = Seen(list(_over_amqp(urls)))
    if not urls:
        what = "neither whether the broker lets us in nor what is on it was looked at"
        seen.findings.append(unseen("AMQP_URL", what, "set it as for the workers"))
    elif not is_fit(MANAGEMENT, WEB):
        mend = "set it, of an account with the tag `monitoring`"
        seen.findings.append(unseen(MANAGEMENT, "what is on the broker was not looked at", mend))
    elif given(SHARDS) and not is_fit(SHARDS, NUMBER):
        what = "what is on the broker was not compared with what must be"
        seen.findings.append(unseen(MANAGEMENT, what, f"mend {SHARDS} first"))
    else:
        admin = BrokerAdmin(text(MANAGEMENT), vhost(next(iter(urls.values()))), ADMIN_SECONDS)
        _over_management(admin, _ours(seen), unwell, seen)
    return seen


def _ours(seen: Seen) -> list[own.Account]:
    """The services' own accounts, as they must be. What does not do is told, in words without a password."""
    try:
        return own.wanted(survey.installed())
    except click.ClickException as error:
        mend = "a password for each service, and for nothing else"
        seen.findings.append(wrong(own.SETTING, error.message, mend))
        return []


def _over_amqp(urls: Mapping[str, str]) -> Iterator[Finding]:
    answers = together.ask({setting: partial(_enter, url) for setting, url in urls.items()})
    for setting, answer in answers.items():
        place = urlsplit(urls[setting])
        where = f"{place.hostname}:{place.port or 5672}, virtual host {vhost(urls[setting])}"
        if isinstance(answer, Exception):
            yield _shut(setting, where, answer)
        else:
            yield well(setting, f"{place.username} is let in at {where}")


def _enter(url: str) -> str:
    connection = connect(url)
    drop(connection)
    return "in"


def _shut(setting: str, where: str, error: Exception) -> Finding:
    if isinstance(error, AccessRefused):
        mend = f"mend {setting}, or make the account"
        return wrong(setting, f"{where} refuses this account or password", mend)
    if isinstance(error, NotAllowed):
        what = f"{where}: there is no such virtual host, or not for this account"
        return wrong(setting, what, f"mend {setting}, or make it and permit the account")
    if isinstance(error.__cause__ or error, SSLError):
        mend = "let SSL_CERT_FILE name the authority; the certificate must be for the host named there"
        return wrong(setting, f"{where} has a certificate that is not to be trusted here", mend)
    return away(setting, f"{where} is not reached ({together.why(error)})", AGAIN)


def _over_management(
    admin: BrokerAdmin, ours: Sequence[own.Account], unwell: Collection[str], seen: Seen
) -> None:
    answer = together.ask({"": lambda: _survey(admin, ours, unwell)}, SURVEY_SECONDS)[""]
    if isinstance(answer, BrokerRefused):
        mend = f"give {MANAGEMENT} an account with the tag `monitoring` or `administrator`"
        seen.findings.append(wrong(MANAGEMENT, f"{admin.at} refused: {answer}", mend))
    elif isinstance(answer, BrokerAway | TimeoutError):
        seen.findings.append(away(MANAGEMENT, f"{admin.at} does not answer: {answer}", AGAIN))
    elif isinstance(answer, Exception):
        what = f"{admin.at} answers, but not as RabbitMQ's management does"
        seen.findings.append(wrong(MANAGEMENT, what, f"mend {MANAGEMENT}"))
    else:
        seen.broker, found, drift = answer
        seen.drift[f"RabbitMQ {admin.at.partition(',')[0]}"] = drift
        if not count(found, "wrong"):
            seen.findings.append(_as_it_must_be(seen.broker))
        seen.findings += found


def _survey(
    admin: BrokerAdmin, ours: Sequence[own.Account], unwell: Collection[str]
) -> tuple[check.Broker, list[Finding], clock.Drift]:
    drift = clock.measure(admin.now, grain=SECOND)
    return *survey.take(admin, ours, unwell), drift


def _as_it_must_be(broker: check.Broker) -> Finding:
    counts = f"{len(broker.queues)} queues, {len(broker.bindings)} bindings"
    return well("broker", f"{counts} and the policies are as they must be")
