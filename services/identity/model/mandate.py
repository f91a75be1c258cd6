"""One account acts for another: by its will, for named deeds, for a time, until either of the two ends it.

Bộ luật Dân sự 2015: representation by mandate (Điều 138), within its scope (Điều 141), one year when no
time is agreed (Điều 563). Here no mandate is longer, so that a forgotten one ends by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from vocabulary.codes import PROCEDURE_CODE
from vocabulary.refusals import Conflict, Fault, Invalid, NotFound, TooMany
from vocabulary.text import Text

Deed = Literal["prepare", "submit", "follow", "receive"]
DEEDS: tuple[Deed, ...] = get_args(Deed)
LONGEST = timedelta(days=366)
MOST_PROCEDURES = 50
MOST_OPEN = 50
"""Mandates that one account has given and that have not ended."""


@dataclass(eq=False)
class Mandate:
    """`giver` is acted for, `agent` acts; the agent is known by login only until they accept.

    `procedures` None: all of them.
    """

    id: UUID
    giver: UUID
    agent_index: bytes
    deeds: list[str]
    procedures: list[str] | None
    given_at: datetime
    expires_at: datetime
    agent: UUID | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: UUID | None = None

    def state(self, now: datetime) -> Literal["offered", "active", "ended"]:
        if self.ended_at is not None or self.expires_at <= now:
            return "ended"
        return "active" if self.accepted_at is not None else "offered"

    def accept(self, agent: UUID, now: datetime) -> None:
        """Again by the same: nothing changes. Conflict once it has ended."""
        if self.state(now) == "ended":
            raise _ended()
        if self.accepted_at is None:
            self.agent, self.accepted_at = agent, now

    def end(self, by: UUID, now: datetime) -> None:
        """By either of the two, accepted or not. Again: nothing changes."""
        if self.ended_at is None:
            self.ended_at, self.ended_by = now, by

    def check_active(self, now: datetime) -> None:
        if self.state(now) != "active":
            raise _ended()


def parse_deeds(given: Iterable[str]) -> list[str]:
    asked = set(given)
    if not asked or asked - set(DEEDS):
        text = Text("Chọn ít nhất một việc được làm thay.", f"Choose at least one of: {', '.join(DEEDS)}.")
        raise Invalid("deeds", text.vi, text.en, [Fault("/deeds", "deeds", text)])
    return [deed for deed in DEEDS if deed in asked]


def parse_procedures(given: Iterable[str] | None) -> list[str] | None:
    """None for all. One that does not exist covers nothing."""
    if given is None:
        return None
    codes = sorted(set(given))
    if not 0 < len(codes) <= MOST_PROCEDURES or not all(PROCEDURE_CODE.match(code) for code in codes):
        text = Text(
            f"Mã thủ tục có dạng 1.001193, tối đa {MOST_PROCEDURES} mã.",
            f"Procedures are codes such as 1.001193, at most {MOST_PROCEDURES}.",
        )
        raise Invalid("procedures", text.vi, text.en, [Fault("/procedures", "procedures", text)])
    return codes


def check_time(expires_at: datetime, now: datetime) -> None:
    if not now < expires_at <= now + LONGEST:
        text = Text(
            "Ngày hết hạn phải sau hôm nay và trong vòng một năm.",
            "It must end in the future, and within a year.",
        )
        raise Invalid("expires-at", text.vi, text.en, [Fault("/expires_at", "expires-at", text)])


def check_room(open_now: int) -> None:
    if open_now >= MOST_OPEN:
        raise TooMany(
            "mandates-full",
            f"Bạn đang có {MOST_OPEN} ủy quyền. Hãy chấm dứt bớt ủy quyền cũ trước khi thêm.",
            f"You have given {MOST_OPEN} mandates. End old ones before you give more.",
            timedelta(hours=1),
        )


def not_oneself() -> Invalid:
    text = Text("Không thể ủy quyền cho chính mình.", "You cannot give yourself a mandate.")
    return Invalid("mandate-to-oneself", text.vi, text.en, [Fault("/to", "mandate-to-oneself", text)])


def no_such_mandate() -> NotFound:
    return NotFound("mandate-not-found", "Không tìm thấy ủy quyền này.", "There is no such mandate.")


def _ended() -> Conflict:
    return Conflict(
        "mandate-not-active",
        "Ủy quyền này chưa được nhận, đã chấm dứt hoặc đã hết hạn.",
        "This mandate is not accepted yet, was ended, or has expired.",
    )
