"""The post office's counter: a clerk compares a card with a registration, and every look is recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.identity.model.rules import Rules
from vocabulary.refusals import Conflict, NotFound, TooMany
from vocabulary.text import Text

DAY = timedelta(days=1)
ROLE = "clerk"
DeedName = Literal["not-found", "looked", "checked", "refused"]

REASONS: Mapping[str, Text] = {
    "card-differs": Text(
        "Thông tin đã khai khác với thẻ căn cước. Hãy đăng ký lại, điền đúng như trên thẻ.",
        "What was filled in differs from the ID card. Register again, just as on the card.",
    ),
    "not-the-holder": Text(
        "Người đến quầy không phải là người trên thẻ căn cước. Chính người đăng ký phải đến.",
        "Whoever came is not the person on the ID card. The person who registers must come themselves.",
    ),
    "card-not-valid": Text(
        "Thẻ căn cước đã hết hạn hoặc bị hỏng. Hãy đổi thẻ rồi đăng ký lại.",
        "The ID card has expired or is damaged. Renew the card, then register again.",
    ),
    "no-card": Text(
        "Không có thẻ căn cước bản gốc. Hãy đăng ký lại và mang thẻ gốc theo.",
        "There was no original ID card. Register again, and bring the card itself.",
    ),
}
"""Why a clerk refuses: nothing is typed, so nothing personal is kept."""


@dataclass(eq=False)
class Visit:
    """A registration that a person takes to a counter.

    `code` is its registration code, encrypted under the registration's data key, for the person to see
    again; `tries` counts how often somebody came back with it.
    """

    registration: UUID
    code_index: bytes
    code: bytes
    tries: int = 0
    refused_because: str | None = None


@dataclass(eq=False)
class Deed:
    """What a clerk did. Kept for good; `registration` is worth nothing once that is over."""

    id: UUID
    clerk: UUID
    office: str
    deed: DeedName
    registration: UUID | None
    reason: str | None
    at: datetime


def check_may_look(missed: list[datetime], now: datetime, rules: Rules) -> None:
    """`missed`: when codes that this clerk entered in the last day led nowhere, oldest first.

    TooMany `counter-guesses`.
    """
    if len(missed) >= rules.counter_guesses:
        raise TooMany(
            "counter-guesses",
            "Bạn đã nhập quá nhiều mã đăng ký không có. Hãy chờ rồi thử lại, hoặc báo người phụ trách.",
            "You entered too many registration codes that do not exist. Wait, or tell your supervisor.",
            missed[0] + DAY - now,
        )


def no_such_visit() -> NotFound:
    """The same for a code nobody has, one that ran out, and one that is over."""
    return NotFound(
        "visit-not-found",
        "Không có lượt đăng ký nào đang chờ mang mã này. Hãy so lại từng chữ số với phiếu của người dân.",
        "No registration with this code is waiting. Compare each digit with the person's slip.",
    )


def code_was_given() -> Conflict:
    return Conflict(
        "code-already-given",
        "Lượt đăng ký này đã được cấp mã. Cấp mã mới thì mã cũ hết dùng được.",
        "This registration has been given its code. A new one ends the old one.",
    )
