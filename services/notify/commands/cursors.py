"""Cursors of an agency's log: opaque outside, the log's epoch and a position inside."""

from chassis import epoch, paging
from chassis.unit_of_work import UnitOfWork
from vocabulary.refusals import Conflict, Gone, Malformed

LAST_POSITION = 2**63 - 1


def cursor_at(uow: UnitOfWork, position: int) -> str:
    """To go on after `position`."""
    return paging.cursor_of(epoch.current(uow.session), str(position))


def position_in(uow: UnitOfWork, cursor: str) -> int:
    """Malformed when it is no cursor; Conflict when it is of another life of the log."""
    life, position = paging.values_of(cursor, 2)
    if not (position.isascii() and position.isdigit() and int(position[:20]) <= LAST_POSITION):
        raise Malformed(
            "bad-cursor", "Con trỏ không đúng. Hãy đọc lại từ đầu.", "This is no cursor of ours. Start again."
        )
    if life != epoch.current(uow.session):
        raise _another_epoch()
    return int(position)


def check_retained(position: int, pruned: int, last: int) -> None:
    """Gone when what follows `position` is not all there any more; Conflict when it never was."""
    if position < pruned:
        raise Gone(
            "cursor-too-old",
            "Các sự kiện sau con trỏ này không còn được lưu đủ. Hãy đọc lại từ sự kiện cũ nhất còn lưu.",
            "Events after this cursor are not all kept any more. Begin again from the oldest that is.",
        )
    if position > last:
        raise _another_epoch()


def _another_epoch() -> Conflict:
    return Conflict(
        "cursor-of-another-epoch",
        "Sổ sự kiện đã được khôi phục. Hãy đọc lại từ đầu và bỏ qua các sự kiện đã có theo id.",
        "The log was restored. Begin again from the oldest, and drop the event ids you have.",
    )
