"""What is done to an account only after its owner had time to hear of it and to stop it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.identity.model.account import Account
from services.identity.model.methods import Method
from services.identity.model.registration import Registration
from vocabulary.refusals import Conflict, Fault, Invalid, NotFound
from vocabulary.text import Text

Purpose = Literal["recovery", "closing"]
PURPOSES: tuple[Purpose, ...] = ("recovery", "closing")
Step = Literal["halfway", "end"]
RECOVERING = frozenset({"phone", "post", "usb-token", "sim-pki"})
"""A social insurance number says nothing of whose the new phone is."""


@dataclass(eq=False)
class Cooling:
    """One of a purpose waits for an account at a time.

    `next_at` is when there is something to tell or to do. Of a recovery: `phone`, the new one, under the
    account's data key, and `password_hash`.
    """

    id: UUID
    account: UUID
    purpose: Purpose
    started_at: datetime
    ends_at: datetime
    next_at: datetime
    stop_digest: bytes
    told_halfway: bool = False
    state: Literal["waiting", "stopped", "done"] = "waiting"
    phone: bytes | None = None
    password_hash: str | None = None

    def step(self, now: datetime) -> Step:
        """What `next_at` is for. However late the half-way notice goes out, half of the time is left then."""
        if self.told_halfway:
            return "end"
        half = (self.ends_at - self.started_at) / 2
        self.told_halfway = True
        self.ends_at = self.next_at = max(self.ends_at, now + half)
        return "halfway"

    def settle(self, state: Literal["stopped", "done"]) -> None:
        """Nothing of what was to be done is kept."""
        self.state, self.phone, self.password_hash = state, None, None


def begun(
    id: UUID, account: UUID, purpose: Purpose, stop_digest: bytes, now: datetime, lasts: timedelta
) -> Cooling:
    return Cooling(id, account, purpose, now, now + lasts, now + lasts / 2, stop_digest)


def already_waiting(purpose: Purpose) -> Conflict:
    if purpose == "recovery":
        return Conflict(
            "recovery-waiting",
            "Tài khoản này đang chờ khôi phục. "
            "Nếu không phải bạn yêu cầu, hãy dừng bằng liên kết trong tin nhắn.",
            "A recovery of this account is waiting already. "
            "If it is not yours, stop it by the link in the message.",
        )
    return Conflict(
        "closing-waiting",
        "Tài khoản này đang chờ đóng.",
        "This account is waiting to be closed already.",
    )


def nothing_to_stop() -> NotFound:
    return NotFound(
        "nothing-to-stop",
        "Không còn gì để dừng: việc này đã xong hoặc đã được dừng.",
        "There is nothing to stop any more: it is done, or was stopped.",
    )


def check_may_recover(account: Account | None, proved: Registration) -> None:
    """Only for who has proved to be them. Conflict `no-account`, or `assurance-too-low`: a weaker method than
    those that proved the account must not take it over."""
    if account is None or account.kind != proved.kind:
        raise no_account()
    if account.assurance == "high" and proved.by.assurance != "high":
        raise Conflict(
            "assurance-too-low",
            "Tài khoản này có mức xác thực cao. Hãy khôi phục bằng chữ ký số.",
            "This account has the high level. Recover it with a digital signature.",
        )


def check_recovers(method: Method) -> None:
    """Invalid for a method that would take any phone for the person's own."""
    if method.id not in RECOVERING:
        code = "method-cannot-recover"
        text = Text(
            "Cách xác thực này không dùng để khôi phục tài khoản được. Hãy chọn cách khác.",
            "An account cannot be recovered this way. Please choose another.",
        )
        raise Invalid(code, text.vi, text.en, [Fault("/method", code, text)])


def no_account() -> Conflict:
    return Conflict(
        "no-account",
        "Chưa có tài khoản mang số này. Hãy đăng ký.",
        "No account has this number. Please register.",
    )
