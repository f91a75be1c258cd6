from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from vocabulary.refusals import Conflict, Fault, Invalid, NotFound
from vocabulary.text import Text

State = Literal["awaiting-code", "confirmed", "finished"]

BUILT = frozenset({("citizen", "phone")})


@dataclass(eq=False)
class Registration:
    """A person on the way to an account. `id` is the only key to it, so it is never announced or logged.

    `person` is encrypted under a data key of its own, destroyed when the registration is swept.
    """

    id: UUID
    kind: str
    method: str
    login_index: bytes
    person: bytes
    language: Literal["vi", "en"]
    started_at: datetime
    expires_at: datetime
    state: State = "awaiting-code"

    def check_waits_for_code(self) -> None:
        """Conflict when there is nothing left to confirm."""
        if self.state != "awaiting-code":
            raise Conflict(
                "already-confirmed",
                "Số điện thoại đã được xác nhận. Hãy đặt mật khẩu.",
                "The phone is confirmed already. Set a password.",
            )

    def check_confirmed(self) -> None:
        """Conflict unless the next step is the password."""
        if self.state == "awaiting-code":
            raise Conflict(
                "not-confirmed",
                "Hãy nhập mã xác nhận gửi đến điện thoại trước khi đặt mật khẩu.",
                "Enter the code sent to your phone before you set a password.",
            )
        if self.state == "finished":
            raise already_registered()


def check_method(kind: str, method: str) -> None:
    """Invalid for a way of proving identity that does not exist here yet."""
    if (kind, method) not in BUILT:
        code = "method-not-yet-available"
        text = Text(
            "Cách xác thực này chưa được mở. Hiện công dân có thể đăng ký bằng số điện thoại chính chủ.",
            "This way of proving who you are is not open yet. "
            "For now citizens can register with a phone in their own name.",
        )
        raise Invalid(code, text.vi, text.en, [Fault("/method", code, text)])


def not_confirmed_by_register() -> Invalid:
    """Never says which field was wrong: the answer must not help to find out another person's data."""
    return Invalid(
        "register-mismatch",
        "Thông tin bạn nhập không khớp với thông tin thuê bao của nhà mạng. Hãy xem lại số căn cước, "
        "họ tên có dấu, ngày sinh, và dùng số điện thoại đứng tên chính bạn.",
        "What you entered does not match the mobile operator's records. Check the ID number, the full name "
        "with its marks and the date of birth, and use a phone number registered in your own name.",
    )


def no_such_registration() -> NotFound:
    return NotFound(
        "registration-not-found",
        "Không tìm thấy lượt đăng ký này, hoặc đã quá hạn. Hãy đăng ký lại từ đầu.",
        "This registration does not exist or has expired. Please start again.",
    )


def already_registered() -> Conflict:
    return Conflict(
        "already-registered",
        "Số căn cước này đã được đăng ký tài khoản. Hãy đăng nhập.",
        "This ID number has an account already. Please log in.",
    )
