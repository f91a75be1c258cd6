from uuid import UUID

from sqlalchemy import func, update

from chassis.unit_of_work import UnitOfWork
from services.notify.tables import notifications
from vocabulary.refusals import NotFound


def mark_read(uow: UnitOfWork, person: UUID, id: UUID) -> None:
    """Again is no error, and keeps the first time. NotFound when it is not the person's own."""
    mine = update(notifications).where(notifications.c.id == id, notifications.c.person == person)
    first_time = func.coalesce(notifications.c.read_at, uow.now())
    read = uow.session.execute(mine.values(read_at=first_time).returning(notifications.c.id))
    if read.one_or_none() is None:
        raise NotFound(
            "no-such-notification",
            "Không tìm thấy thông báo này trong hộp thư của bạn.",
            "There is no such notification in your inbox.",
        )
