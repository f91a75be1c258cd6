"""When a signing key signs, and how long it is published: before its first signature and after its last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.identity.model.rules import Rules


@dataclass(eq=False)
class SigningKey:
    """`public` is a JWK; `box` the private one, sealed under the master key `master_kid`.

    `ends_at`: None while no other follows it.
    """

    kid: str
    public: dict[str, Any]
    master_kid: str
    box: str
    made_at: datetime
    signs_from: datetime
    ends_at: datetime | None = None

    def is_due(self, now: datetime, rules: Rules) -> bool:
        """Has it signed for so long that another must be made?"""
        return now >= self.signs_from + rules.signing_key_lifetime

    def make_way(self, successor: "SigningKey", rules: Rules) -> None:
        """It stays published until the last token it signed has ended, and as long again as clocks, and
        transactions begun before the change, may differ."""
        self.ends_at = successor.signs_from + 2 * rules.access_lifetime + rules.signing_key_ahead


def signs_now(keys: Sequence[SigningKey], now: datetime) -> SigningKey | None:
    """The newest that has had its time to become known."""
    ready = [key for key in keys if key.signs_from <= now]
    return max(ready, key=lambda key: key.signs_from, default=None)
