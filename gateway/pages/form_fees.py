"""What it costs and how long it takes when sent online, from a published procedure."""

from datetime import date, datetime

from gateway.backend import Json
from vocabulary.calendar import VIETNAM


def online_fee(procedure: Json, today: date | None = None) -> int:
    """The fees for sending online in force today, in VND; 0 when free."""
    day = (today or datetime.now(VIETNAM).date()).isoformat()
    online = [each for each in procedure["fees"] if each["channel"] == "online"]
    return sum(each["amount"] for each in online if in_force(each, day))


def in_force(fee: Json, day: str) -> bool:
    """ISO days compare as text."""
    return (fee.get("valid_from") or day) <= day <= (fee.get("valid_to") or day)


def online_limit(procedure: Json) -> Json | None:
    """`{amount, unit}` of the time limit for dossiers sent online."""
    return next((each for each in procedure["time_limits"] if each["channel"] == "online"), None)
