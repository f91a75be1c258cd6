from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.identity.model.methods import Method, method_of
from services.identity.model.person import ApplicantKind
from vocabulary.refusals import Conflict, NotFound
from vocabulary.text import Text

State = Literal["awaiting-code", "awaiting-counter", "awaiting-signature", "refused", "confirmed", "finished"]
Waiting = Literal["awaiting-code", "awaiting-counter", "awaiting-signature"]
Event = Literal["card-checked", "card-refused", "code-redeemed", "signature-verified", "account-opened"]

TRANSITIONS: dict[tuple[State, Event], State] = {
    ("awaiting-counter", "card-checked"): "awaiting-code",
    ("awaiting-counter", "card-refused"): "refused",
    ("awaiting-code", "code-redeemed"): "confirmed",
    ("awaiting-signature", "signature-verified"): "confirmed",
    ("confirmed", "account-opened"): "finished",
}
WAITS_FOR: dict[State, Text] = {
    "awaiting-code": Text(
        "Lượt đăng ký này đang chờ mã xác nhận. Hãy nhập mã.",
        "This registration waits for its code. Please enter the code.",
    ),
    "awaiting-counter": Text(
        "Hãy mang thẻ căn cước đến bưu cục trước; ở đó bạn nhận mã dùng một lần.",
        "Take your ID card to a post office first; you get the one-time code there.",
    ),
    "awaiting-signature": Text(
        "Lượt đăng ký này đang chờ chữ ký số. Hãy ký để xác nhận.",
        "This registration waits for your digital signature. Please sign.",
    ),
    "refused": Text(
        "Bưu cục đã không xác nhận lượt đăng ký này. Hãy đăng ký lại từ đầu.",
        "The post office did not confirm this registration. Please start again.",
    ),
}


@dataclass(eq=False)
class Registration:
    """A person on the way to an account. `id` is the only key to it, so it is never announced or logged.

    `person` is encrypted under a data key of its own, destroyed when the registration is swept.
    `purpose` `recovery`: they have an account, and lost the phone; see `commands.recovery`.
    `challenge` is what a registration that awaits a signature must have signed, in base64.
    `evidence` of the signature is encrypted like `person`.
    """

    id: UUID
    kind: ApplicantKind
    method: str
    login_index: bytes
    person: bytes
    language: Literal["vi", "en"]
    started_at: datetime
    expires_at: datetime
    state: State
    challenge: str | None = None
    evidence: bytes | None = None
    purpose: Literal["account", "recovery"] = "account"

    @property
    def by(self) -> Method:
        return method_of(self.method)

    @property
    def code_purpose(self) -> Literal["registration", "recovery"]:
        return "recovery" if self.purpose == "recovery" else "registration"

    @property
    def is_proved(self) -> bool:
        return self.state in ("confirmed", "finished")

    def move(self, event: Event) -> None:
        """KeyError when the state does not allow it: callers check first, and say what to do."""
        self.state = TRANSITIONS[self.state, event]

    def check_awaits(self, state: Waiting) -> None:
        """Conflict: `already-confirmed` when nothing is left to prove, else the state it waits in."""
        if self.is_proved:
            raise Conflict(
                "already-confirmed",
                "Danh tính đã được xác nhận. Hãy đặt mật khẩu.",
                "Your identity is confirmed already. Set a password.",
            )
        if self.state != state:
            raise self._still_waits()

    def check_gets_codes_by_phone(self) -> None:
        """Conflict for one whose code a clerk hands over."""
        if not self.by.codes_go_to_phone:
            raise Conflict(
                "code-from-counter",
                "Mã của lượt đăng ký này do bưu cục cấp. Hãy quay lại bưu cục để nhận mã mới.",
                "The code of this registration comes from the post office. Go there again for a new one.",
            )

    def check_confirmed(self) -> None:
        """Conflict unless the next step is the password."""
        if self.state == "finished":
            raise already_registered()
        if self.state != "confirmed":
            raise Conflict(
                "not-confirmed",
                "Hãy xác nhận danh tính trước khi đặt mật khẩu.",
                "Prove who you are before you set a password.",
            )

    def _still_waits(self) -> Conflict:
        said = WAITS_FOR[self.state]
        return Conflict(self.state, said.vi, said.en)


def no_such_registration() -> NotFound:
    return NotFound(
        "registration-not-found",
        "Không tìm thấy lượt đăng ký này, hoặc đã quá hạn. Hãy đăng ký lại từ đầu.",
        "This registration does not exist or has expired. Please start again.",
    )


def already_registered() -> Conflict:
    return Conflict(
        "already-registered",
        "Đã có tài khoản mang số này. Hãy đăng nhập.",
        "This number has an account already. Please log in.",
    )
