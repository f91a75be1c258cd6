import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.identity.model.rules import Rules
from vocabulary.refusals import Fault, Invalid, TooMany
from vocabulary.text import Text

PhonePurpose = Literal["registration", "login", "password", "phone", "recovery"]
Purpose = Literal[PhonePurpose, "counter"]
ACTS: Mapping[PhonePurpose, str] = {
    "password": "password-reset",
    "phone": "phone-change",
    "recovery": "recovery",
}
"""How `CodeRequested` names a purpose that is neither to register nor to log in."""
BLOCKS: Mapping[PhonePurpose, Literal["registration", "login"]] = {
    "registration": "registration",
    "login": "login",
    "password": "registration",
    "phone": "login",
    "recovery": "registration",
}
"""With which of the two a purpose shares the limit of a block of numbers: strangers' with strangers'."""
DAY = timedelta(days=1)
TRIES_GONE = {
    False: Text(
        "Bạn đã nhập sai mã quá nhiều lần. Hãy bấm gửi lại mã.",
        "The code was entered wrongly too many times. Ask for a new code.",
    ),
    True: Text(
        "Bạn đã nhập sai mã quá nhiều lần. Hãy quay lại bưu cục để nhận mã mới.",
        "The code was entered wrongly too many times. Go to the post office again for a new one.",
    ),
}
"""By whether the code was handed over at a counter."""


@dataclass(eq=False)
class OneTimeCode:
    """Six digits sent to a phone, or handed over at a counter.

    Only a keyed hash is kept, and for a day at least, to count the day's codes.

    `owner` is the registration or login it confirms.
    """

    id: UUID
    purpose: Purpose
    owner: UUID
    phone_index: bytes
    digest: bytes
    sent_at: datetime
    expires_at: datetime
    forget_at: datetime
    tries: int = 0
    used_at: datetime | None = None

    def spend_a_try(self, now: datetime, rules: Rules) -> None:
        """Counted and committed before the code is looked at, so that no failing try is free.

        Invalid `code-expired`; TooMany `code-tries` when all tries are gone.
        """
        if now >= self.expires_at or self.used_at is not None:
            raise expired()
        if self.tries >= rules.code_tries:
            said = TRIES_GONE[self.purpose == "counter"]
            wait = self.sent_at + rules.code_resend_after - now
            raise TooMany("code-tries", said.vi, said.en, max(wait, timedelta(seconds=1)))
        self.tries += 1

    def redeem(self, digest: bytes, now: datetime, rules: Rules) -> None:
        """Once only. Invalid `code-expired`, `code-wrong`."""
        if now >= self.expires_at or self.used_at is not None:
            raise expired()
        if not hmac.compare_digest(digest, self.digest):
            raise wrong(rules.code_tries - self.tries)
        self.used_at = now


def check_allowance(sent: Sequence[OneTimeCode], now: datetime, rules: Rules) -> None:
    """May this number get another code? `sent` is what it got in the last day, oldest first.

    Registering and logging in count apart: a stranger who starts registrations with a person's data
    must not use up the codes they log in with.
    TooMany `code-limit` (the day's number is used up) or `code-too-soon` (the last one may still arrive).
    """
    if len(sent) >= rules.codes_per_day:
        raise TooMany(
            "code-limit",
            "Số điện thoại này đã nhận đủ số mã của một ngày. Hãy thử lại sau.",
            "This phone has had all the codes of one day. Try again later.",
            sent[0].sent_at + DAY - now,
        )
    waiting = [code for code in sent if code.used_at is None]
    if waiting and now < waiting[-1].sent_at + rules.code_resend_after:
        raise TooMany(
            "code-too-soon",
            "Mã vừa được gửi đến điện thoại. Hãy chờ hết thời gian đếm ngược rồi gửi lại.",
            "A code was sent just now. Wait until the countdown ends, then ask again.",
            waiting[-1].sent_at + rules.code_resend_after - now,
        )


def expired() -> Invalid:
    text = Text(
        "Mã đã hết hạn hoặc đã được dùng. Hãy bấm gửi lại mã.",
        "The code has expired or was used. Ask for a new one.",
    )
    return Invalid("code-expired", text.vi, text.en, [Fault("/code", "code-expired", text)])


def wrong(left: int) -> Invalid:
    text = Text(
        f"Mã chưa đúng. Bạn còn {left} lần nhập.",
        f"The code is not right. Tries left: {left}.",
    )
    return Invalid("code-wrong", text.vi, text.en, [Fault("/code", "code-wrong", text)])
