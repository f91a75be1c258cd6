"""Who may rate what, and what the public sees of it. No I/O."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from vocabulary.refusals import Conflict

INDICES = ("total_time", "agency_time", "contacts", "agencies_visited", "attitude")
"""Five of the nine legal indices, each 0 to 2 (TT 01/2018 Đ13: 1, 2, 3, 4, 7)."""
BEST_SCORE = 2
MOST_SATISFIED = 5
LONGEST_COMMENT = 2000


@dataclass(frozen=True)
class Opinion:
    """`scores` has each of INDICES, 0 to 2; `satisfaction` is 1 to 5; `comment` is in clear here only."""

    scores: dict[str, int]
    satisfaction: int
    comment: str | None = None


@dataclass(eq=False)
class Rating:
    """What a closed dossier's owner thinks of its agency. It names the dossier, never the person."""

    dossier: str
    agency: str
    total_time: int
    agency_time: int
    contacts: int
    agencies_visited: int
    attitude: int
    satisfaction: int
    comment: bytes | None
    at: datetime


@dataclass(eq=False)
class Dossier:
    """What we know of a dossier: enough to tell who may rate it, and when."""

    code: str
    agency: str
    owner: UUID
    closed_at: datetime | None = None
    rated_at: datetime | None = None

    def rate(self, opinion: Opinion, comment: bytes | None, at: datetime) -> Rating:
        """Once, when it is closed: however it ended, a refused one most of all."""
        if self.closed_at is None:
            raise Conflict(
                "not-closed",
                "Hồ sơ chưa kết thúc. Bạn có thể đánh giá ngay khi có kết quả.",
                "This dossier is not closed yet. You can rate it as soon as it is.",
            )
        if self.rated_at is not None:
            raise Conflict(
                "already-rated", "Bạn đã đánh giá hồ sơ này rồi.", "You have rated this dossier already."
            )
        self.rated_at = at
        return Rating(
            dossier=self.code,
            agency=self.agency,
            **opinion.scores,
            satisfaction=opinion.satisfaction,
            comment=comment,
            at=at,
        )


def average(total: int, count: int) -> float | None:
    """To one decimal, halves up, as TT 01/2018 tells officers; None when nobody rated."""
    if not count:
        return None
    return float((Decimal(total) / count).quantize(Decimal("0.1"), ROUND_HALF_UP))
