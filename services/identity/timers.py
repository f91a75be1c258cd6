from collections.abc import Iterator

from prometheus_client import Gauge
from sqlalchemy import Column, Connection, Table, delete, select

from chassis import personal
from chassis.findings import Finding, warning, well, wrong
from chassis.unit_of_work import UnitOfWork, UnitsOfWork, utc_now
from services.identity import queries, tables
from services.identity.adapters.ports import IdentityPorts, rules
from services.identity.commands import coolings, keys, resets
from services.identity.commands.sign_on import telling
from services.identity.model.limits import sms_budget
from services.identity.queries import limits

AT_ONCE = 500
ANSWERED_AT_ONCE = 20
NEARLY = 0.8
USED = Gauge("motcua_sms_budget_used", "Share of the budget of text messages that is used", ["budget"])
SWEPT = (
    tables.codes.c.forget_at,
    tables.backoffs.c.forget_at,
    tables.limits.c.ends_at,
    tables.logins.c.expires_at,
    tables.devices.c.expires_at,
    tables.step_ups.c.expires_at,
    tables.mobile_requests.c.forget_at,
    tables.sessions.c.expires_at,
    tables.pictures.c.expires_at,
    tables.solved_captchas.c.expires_at,
    tables.client_assertions.c.expires_at,
    tables.sign_on_requests.c.expires_at,
    tables.sign_on_tokens.c.expires_at,
    tables.sign_ons.c.expires_at,
    tables.used_assertions.c.expires_at,
    tables.upstream_logins.c.expires_at,
    tables.signing_keys.c.ends_at,
    tables.phone_changes.c.expires_at,
    tables.password_resets.c.expires_at,
)


def measure_messages(units: UnitsOfWork) -> int:
    """Keeps the figure of `/metrics` true."""
    with units.engine.connect() as connection:
        for budget in sms_budget(rules()):
            USED.labels(budget.name).set(limits.used(connection, budget, units.clock()) / max(budget.most, 1))
    return 0


def examine(connection: Connection) -> Iterator[Finding]:
    """For `motcua doctor`: what is left of the text messages that may be sent."""
    for budget in sms_budget(rules()):
        used, what = limits.used(connection, budget, utc_now()), budget.name.removeprefix("sms-")
        said = f"{used} of {budget.most} text messages of this {what} are sent"
        if used >= budget.most:
            mend = f"find out who asks for so many (the log of requests), or raise SMS_PER_{what.upper()}"
            yield wrong("identity", f"{said}: nobody can register or log in on a new device", mend)
        elif used >= budget.most * NEARLY:
            yield warning("identity", said, f"watch it; SMS_PER_{what.upper()} is the limit")
        else:
            yield well("identity", said)


def sweep(units: UnitsOfWork) -> int:
    """Deletes what has had its time, a little in each transaction. Returns how many rows went."""
    swept = 0
    for until in SWEPT:
        with units() as uow:
            swept += _sweep(uow, until)
    with units() as uow:
        swept += _sweep_with_keys(uow, tables.registrations)
    with units() as uow:
        return swept + _sweep_with_keys(uow, tables.invitations)


def rotate_keys(units: UnitsOfWork) -> int:
    """Another signing key when the newest has signed for SIGNING_KEY_LIFETIME."""
    assert isinstance(units.ports, IdentityPorts)
    with units() as uow:
        return int(keys.rotate_if_due(uow, units.ports.rules))


def tell_logouts(units: UnitsOfWork) -> int:
    """To relying parties that want to hear of them."""
    assert isinstance(units.ports, IdentityPorts)
    return telling.tell(units, units.ports.back_channel)


def answer_resets(units: UnitsOfWork) -> int:
    """Looks who they are that forgot their passwords. Returns how many were answered."""
    if not isinstance(units.ports, IdentityPorts):
        raise TypeError("the rules are needed")
    with units() as uow:
        return resets.answer(uow, units.ports.rules, ANSWERED_AT_ONCE)


def go_on_cooling(units: UnitsOfWork) -> int:
    """Half-way notices and ends, each in a transaction of its own. Returns how many."""
    with units() as uow:
        due = queries.due_coolings(uow, ANSWERED_AT_ONCE)
    done = 0
    for id in due:
        with units() as uow:
            done += coolings.go_on(uow, id)
    return done


def _sweep(uow: UnitOfWork, until: Column[object]) -> int:
    table = until.table
    assert isinstance(table, Table)
    (key,) = table.primary_key
    over = select(key).where(until <= uow.now()).limit(AT_ONCE).with_for_update(skip_locked=True)
    return len(uow.session.execute(delete(table).where(key.in_(over)).returning(key)).all())


def _sweep_with_keys(uow: UnitOfWork, own: Table) -> int:
    """With their data keys: copies in backups cannot be read any more either."""
    over = select(own.c.id).where(own.c.expires_at <= uow.now()).limit(AT_ONCE)
    ids = uow.session.execute(over.with_for_update(skip_locked=True)).scalars().all()
    uow.session.execute(delete(own).where(own.c.id.in_(ids)))
    for id in ids:
        personal.erase(uow.session, id)
    return len(ids)
