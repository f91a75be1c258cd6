"""An agency's webhook: set, enabled again, taken away."""

import os
from base64 import b64encode
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import sealing
from chassis.unit_of_work import UnitOfWork
from services.notify.model.webhook import check_url
from services.notify.tables import agencies, webhooks
from vocabulary.refusals import NotFound

SECRET_BYTES = 32
UNTROUBLED: dict[str, Any] = {
    "state": "enabled",
    "attempts": 0,
    "failing_since": None,
    "last_error": None,
    "disabled_at": None,
    "next_try_at": None,
    # Whoever sends just now has no word any more on how far the agency has the log.
    "lease": None,
}


def put(uow: UnitOfWork, agency: str, url: str, private_allowed: bool) -> str:
    """The new secret, `whsec_…`. Invalid when the address may not be called.

    A first webhook gets the log from the oldest event kept; a changed one goes on where the old one was.
    """
    check_url(url, private_allowed)
    secret = os.urandom(SECRET_BYTES)
    kid, master = uow.settings.master.current
    box = sealing.encrypt(master, secret, _bound_to(agency))
    changed = {**UNTROUBLED, "url": url, "kid": kid, "secret": box}
    start = select(func.coalesce(func.max(agencies.c.pruned_position), 0)).where(agencies.c.code == agency)
    row = upsert(webhooks).values(agency=agency, position=start.scalar_subquery(), **changed)
    uow.session.execute(row.on_conflict_do_update(index_elements=[webhooks.c.agency], set_=changed))
    return f"whsec_{b64encode(secret).decode()}"


def secret_of(uow: UnitOfWork, row: Row[Any]) -> bytes:
    return sealing.decrypt(uow.settings.master.keys[row.kid], row.secret, _bound_to(row.agency))


def enable(uow: UnitOfWork, agency: str) -> None:
    """Tried again at once, from where it was. NotFound when there is none."""
    changed = update(webhooks).where(webhooks.c.agency == agency)
    if uow.session.scalar(changed.values(UNTROUBLED).returning(webhooks.c.agency)) is None:
        raise no_webhook()


def remove(uow: UnitOfWork, agency: str) -> None:
    """With its deliveries. NotFound when there is none."""
    gone = delete(webhooks).where(webhooks.c.agency == agency)
    if uow.session.scalar(gone.returning(webhooks.c.agency)) is None:
        raise no_webhook()


def no_webhook() -> NotFound:
    return NotFound(
        "no-webhook", "Cơ quan chưa có địa chỉ nhận sự kiện.", "The agency has not set up a webhook."
    )


def _bound_to(agency: str) -> bytes:
    return f"webhook of {agency}".encode()
