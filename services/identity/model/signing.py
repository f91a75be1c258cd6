"""What is signed to prove who one is: a challenge of a registration, or of a session that is to be raised."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.identity.model import certificates
from services.identity.model.certificates import Holder
from services.identity.model.registration import already_registered
from services.identity.model.rules import Rules
from vocabulary.refusals import Conflict, Invalid, NotFound, Refusal, TooMany
from vocabulary.text import Text

Purpose = Literal["registration", "step-up"]
CHALLENGE_BYTES = 32
ASKED_EVERY = timedelta(seconds=1)
DAY = timedelta(days=1)
PROMPT = {
    "vi": "Cổng dịch vụ công: xác nhận danh tính. Mã {code}",
    "en": "Public service portal: confirm who you are. Code {code}",
}


@dataclass(frozen=True)
class Demand:
    """Who must sign what. `owner`: the registration or step-up it is for. `challenge` in base64."""

    owner: UUID
    purpose: Purpose
    method: str
    challenge: str
    holder: Holder
    number: str
    phone: str
    language: Literal["vi", "en"]

    @property
    def content(self) -> bytes:
        """The bytes that are signed."""
        return b64decode(self.challenge)

    @property
    def prompt(self) -> str:
        """What the phone shows, with a code to compare with the page's."""
        return PROMPT[self.language].format(code=code_of(self.challenge))


@dataclass(eq=False)
class StepUp:
    """A session on the way from medium to high. Its challenge counts once."""

    id: UUID
    account: UUID
    session: UUID
    method: str
    challenge: str
    started_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None = None

    def check_open(self, now: datetime) -> None:
        """Conflict `already-confirmed`; NotFound when it has expired."""
        if self.confirmed_at is not None:
            raise Conflict(
                "already-confirmed",
                "Phiên này đã được nâng mức xác thực.",
                "This session has been raised already.",
            )
        if now >= self.expires_at:
            raise no_such_step_up()

    @property
    def state(self) -> str:
        return "confirmed" if self.confirmed_at else "awaiting-signature"


@dataclass(eq=False)
class MobileRequest:
    """One ringing of a phone; the newest of an owner counts. `id` is what the service knows it by.

    `ended`: why it is over, one of FAILURES or a certificate's refusal, or `signed`.
    """

    id: UUID
    owner: UUID
    purpose: Purpose
    phone_index: bytes
    started_at: datetime
    forget_at: datetime
    transaction: str | None = None
    asked_at: datetime | None = None
    ended: str | None = None

    def claim(self, now: datetime) -> bool:
        """May the service be asked now? Pages that reload at the same moment ask once."""
        if self.ended or (self.asked_at and now < self.asked_at + ASKED_EVERY):
            return False
        self.asked_at = now
        return True


def new_challenge(purpose: Purpose, random: bytes) -> str:
    """Base64; says what it is for, so that the signature is worth nothing anywhere else."""
    return b64encode(f"motcua {purpose} ".encode() + random).decode()


def code_of(challenge: str) -> str:
    """The last four signs that are easy to read: on the phone and on the page the same."""
    return "".join(letter for letter in challenge.upper() if letter.isalnum())[-4:]


def decoded(signature: str) -> bytes:
    """Of base64, with or without line ends. Invalid `signature-unreadable`."""
    try:
        return b64decode("".join(signature.split()), validate=True)
    except ValueError:
        raise certificates.unreadable() from None


def check_rings(rung: Sequence[MobileRequest], now: datetime, rules: Rules) -> None:
    """As codes: so many a day for a number and purpose. TooMany `signing-limit`."""
    if len(rung) >= rules.codes_per_day:
        raise TooMany(
            "signing-limit",
            "Số điện thoại này đã được yêu cầu ký đủ số lần của một ngày. Hãy thử lại sau.",
            "This phone was asked to sign as often as it may be in one day. Try again later.",
            rung[0].started_at + DAY - now,
        )


def check_rings_phone(demand: Demand) -> None:
    """Conflict `no-phone-signs` where another way of signing was chosen."""
    if demand.method != "sim-pki":
        raise Conflict(
            "no-phone-signs",
            "Lượt đăng ký này không ký bằng SIM.",
            "This registration is not signed by a SIM.",
        )


def still_rings() -> Conflict:
    return Conflict(
        "signing-waits",
        "Điện thoại vẫn đang chờ bạn nhập mã PIN.",
        "The phone still waits for your PIN.",
    )


def no_such_step_up() -> NotFound:
    return NotFound(
        "step-up-not-found",
        "Lượt nâng mức xác thực này không còn. Hãy bắt đầu lại.",
        "This step-up does not exist or has expired. Please start again.",
    )


FAILURES: dict[str, Text] = {
    "refused": Text(
        "Bạn đã từ chối ký trên điện thoại.",
        "Signing was refused on the phone.",
    ),
    "wrong-pin": Text(
        "Mã PIN của SIM đã nhập sai quá số lần cho phép.",
        "The SIM's PIN was entered wrongly too many times.",
    ),
    "expired": Text(
        "Điện thoại không trả lời trong thời gian cho phép.",
        "The phone did not answer in time.",
    ),
    "no-certificate": Text(
        "SIM của số điện thoại này không có chứng thư số mang số bạn đã nhập.",
        "The SIM of this phone has no certificate for the number you entered.",
    ),
}


def failure(ended: str | None) -> Refusal | None:
    """What to say of a request that is over without a good signature."""
    if ended is None or ended == "signed":
        return None
    if ended in FAILURES:
        return Invalid(f"signing-{ended}", *_both(FAILURES[ended]))
    return already_registered() if ended == "already-registered" else certificates.BY_CODE.get(ended)


def _both(text: Text) -> tuple[str, str]:
    return text.vi, text.en
