"""An invitation to an agency's desk: whoever holds its link sets the password, once and in time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from vocabulary.refusals import Conflict, Fault, Invalid, NotFound, TooMany
from vocabulary.text import Text

Way = Literal["sms", "mail", "link"]
MOST_OPEN = 100
"""Open invitations of one agency: more than that is a mistake, or somebody who sends SMS for fun."""


@dataclass(eq=False)
class Invitation:
    """Open as long as its row is there and `expires_at` is ahead. `digest` is the SHA-256 of the token in
    the link.

    `person` is encrypted under a data key of its own, destroyed with the invitation.
    """

    id: UUID
    agency: str
    login_index: bytes
    person: bytes
    roles: list[str]
    digest: bytes
    invited_by: UUID
    invited_at: datetime
    expires_at: datetime


def check_reachable(way: Way, email: str | None) -> None:
    """Invalid when it shall go by e-mail and there is no address."""
    if way == "mail" and not email:
        text = Text("Nhập thư điện tử để gửi lời mời đến đó.", "Give the e-mail address to send it to.")
        raise Invalid("email-missing", text.vi, text.en, [Fault("/email", "email-missing", text)])


def check_room(open_now: int, oldest_ends: datetime | None, now: datetime) -> None:
    """TooMany when the agency has as many open invitations as it may."""
    if open_now >= MOST_OPEN and oldest_ends is not None:
        raise TooMany(
            "invitations-full",
            f"Cơ quan đang có {MOST_OPEN} lời mời chưa được nhận. Hãy huỷ bớt lời mời cũ trước khi mời thêm.",
            f"The agency has {MOST_OPEN} open invitations. Revoke old ones before you invite more people.",
            oldest_ends - now,
        )


def login_taken() -> Conflict:
    text = Text(
        "Tên đăng nhập này đã có người dùng, hoặc đang có lời mời chưa được nhận. Hãy chọn tên khác hoặc huỷ "
        "lời mời cũ.",
        "This login is taken, or an invitation for it is open. Choose another, or revoke that invitation.",
    )
    return Conflict("login-taken", text.vi, text.en, [Fault("/login", "login-taken", text)])


def no_such_invitation() -> NotFound:
    """The same for one that never was, was accepted, revoked, or has expired."""
    return NotFound(
        "invitation-not-found",
        "Lời mời này không còn: đã được nhận, đã huỷ hoặc quá hạn. Hãy hỏi người quản trị của cơ quan.",
        "This invitation is no more: accepted, revoked or expired. Ask your agency's administrator.",
    )
