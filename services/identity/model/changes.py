"""What the owner of an account changes about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from vocabulary.refusals import Conflict, Fault, Invalid, NotFound
from vocabulary.text import Text


@dataclass(eq=False)
class PasswordReset:
    """Somebody says they are the owner and forgot the password.

    The same for a login nobody has: a timer looks for the account, so that the request itself does the
    same work. `claim` is a keyed hash of who they say they are; `account` stays None when it is wrong.
    """

    id: UUID
    login_index: bytes
    claim: bytes
    language: Literal["vi", "en"]
    asked_at: datetime
    expires_at: datetime
    state: Literal["asked", "answered", "confirmed"] = "asked"
    account: UUID | None = None


@dataclass(eq=False)
class PhoneChange:
    """`phone`: the new one, under the account's data key; it waits for the code that was sent there."""

    id: UUID
    account: UUID
    phone: bytes
    expires_at: datetime


def wrong_password() -> Invalid:
    text = Text(
        "Mật khẩu hiện tại không đúng.",
        "The current password is not right.",
    )
    return Invalid("password-wrong", text.vi, text.en, [Fault("/current_password", "password-wrong", text)])


def same_phone() -> Invalid:
    text = Text(
        "Đây là số điện thoại tài khoản đang dùng. Hãy nhập số mới.",
        "This is the phone the account has now. Enter the new number.",
    )
    return Invalid("phone-is-the-same", text.vi, text.en, [Fault("/phone", "phone-is-the-same", text)])


def email_needed() -> Invalid:
    text = Text("Doanh nghiệp cần có thư điện tử.", "A business needs an e-mail address.")
    return Invalid("email-needed", text.vi, text.en, [Fault("/email", "email-needed", text)])


def no_such_reset() -> NotFound:
    return NotFound(
        "reset-not-found",
        "Lượt đặt lại mật khẩu này không còn. Hãy bắt đầu lại.",
        "This request for a new password is gone. Please start again.",
    )


def reset_not_confirmed() -> Conflict:
    return Conflict(
        "not-confirmed",
        "Hãy nhập mã gửi đến điện thoại trước khi đặt mật khẩu mới.",
        "Enter the code sent to your phone before you set a new password.",
    )


def no_such_change() -> NotFound:
    return NotFound(
        "change-not-found",
        "Lượt đổi số điện thoại này không còn. Hãy bắt đầu lại.",
        "This change of phone is gone. Please start again.",
    )
