"""The past again, through the door it came by: history, then live, without a gap."""

from typing import Any, Literal

from sqlalchemy import Row, Table, select, update

from chassis.unit_of_work import UnitOfWork
from services.notify.commands import cursors
from services.notify.commands.webhooks import no_webhook
from services.notify.model.doors import Replay
from services.notify.tables import agencies, webhooks
from vocabulary.refusals import Conflict, NotFound


def replay(uow: UnitOfWork, agency: str, door: Literal["amqp", "webhook"], after: str | None) -> Replay:
    """The past again, from after the cursor (None: the oldest kept). Whoever delivers now finishes first.

    What the door has not brought yet is never skipped: it begins there at the latest. As
    `cursors.position_in` and `check_retained`; Conflict `not-connected` or `webhook-disabled`.
    """
    log = uow.session.execute(
        select(agencies).where(agencies.c.code == agency).with_for_update()
    ).one_or_none()
    pruned, last = (log.pruned_position, log.last_position) if log else (0, 0)
    position = pruned if after is None else cursors.position_in(uow, after)
    cursors.check_retained(position, pruned, last)
    has = _rewind_queue(uow, log, position) if door == "amqp" else _rewind_webhook(uow, agency, position)
    return Replay(door, has + 1, last)


def replay_from(
    uow: UnitOfWork, agency: str, door: Literal["amqp", "webhook"], after: str | None, position: int | None
) -> Replay:
    """As an operator asks for it, who may name a position where an agency has a cursor."""
    known = select(agencies.c.code).where(agencies.c.code == agency)
    if uow.session.scalar(known) is None:
        raise NotFound("no-such-agency", f"Chưa có cơ quan {agency}.", f"No agency {agency} is known.")
    if after is None and position is not None:
        after = cursors.cursor_at(uow, position)
    return replay(uow, agency, door, after)


def _rewind_queue(uow: UnitOfWork, log: Row[Any] | None, position: int) -> int:
    if log is None or log.connected_at is None:
        raise Conflict(
            "not-connected",
            "Cơ quan chưa có hàng đợi. Người vận hành mở bằng lệnh motcua agency connect.",
            "The agency has no queue. An operator opens it with motcua agency connect.",
        )
    return _rewind(
        uow, agencies, agencies.c.code == log.code, log.published_position, log.rewind_to, position
    )


def _rewind_webhook(uow: UnitOfWork, agency: str, position: int) -> int:
    mine = webhooks.c.agency == agency
    row = uow.session.execute(select(webhooks).where(mine).with_for_update()).one_or_none()
    if row is None:
        raise no_webhook()
    if row.state == "disabled":
        raise Conflict(
            "webhook-disabled",
            "Địa chỉ nhận đang tắt. Hãy bật lại trước.",
            "The webhook is disabled. Enable it again first.",
        )
    return _rewind(uow, webhooks, mine, row.position, row.rewind_to, position)


def _rewind(
    uow: UnitOfWork, table: Table, mine: Any, delivered: int, asked_before: int | None, position: int
) -> int:
    """Where it will go on. Of several wishes the one that goes back furthest counts."""
    earliest = min(position, delivered, delivered if asked_before is None else asked_before)
    uow.session.execute(update(table).where(mine).values(rewind_to=earliest))
    return earliest
