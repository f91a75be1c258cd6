from sqlalchemy import Column, Table, delete, select

from chassis import personal
from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from services.identity import tables
from services.identity.adapters.ports import IdentityPorts
from services.identity.commands import keys
from services.identity.commands.sign_on import telling
from services.identity.tables import (
    backoffs,
    client_assertions,
    codes,
    devices,
    limits,
    logins,
    pictures,
    sessions,
    sign_on_requests,
    sign_on_tokens,
    sign_ons,
    signing_keys,
    solved_captchas,
    upstream_logins,
    used_assertions,
from services.identity.tables import (
    backoffs,
    codes,
    devices,
    logins,
    mobile_requests,
    pictures,
    sessions,
    solved_captchas,
    step_ups,
)

AT_ONCE = 500
SWEPT = (
    codes.c.forget_at,
    backoffs.c.forget_at,
    limits.c.ends_at,
    logins.c.expires_at,
    devices.c.expires_at,
    step_ups.c.expires_at,
    mobile_requests.c.forget_at,
    sessions.c.expires_at,
    pictures.c.expires_at,
    solved_captchas.c.expires_at,
    client_assertions.c.expires_at,
    sign_on_requests.c.expires_at,
    sign_on_tokens.c.expires_at,
    sign_ons.c.expires_at,
    used_assertions.c.expires_at,
    upstream_logins.c.expires_at,
    signing_keys.c.ends_at,
)


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
