"""Dates, money and numbers as a person reads them."""

from datetime import datetime

from gateway import language
from vocabulary.calendar import VIETNAM

DAYS = {
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = "January February March April May June July August September October November December".split()


def moment(value: str | datetime) -> datetime:
    """An RFC 3339 time as a time in Viet Nam."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.astimezone(VIETNAM) if value.tzinfo else value.replace(tzinfo=VIETNAM)


def day(value: str | datetime | None) -> str:
    """27/11/2026, or 27 November 2026. Empty for nothing."""
    if not value:
        return ""
    at = moment(value)
    if language.current() == "en":
        return f"{at.day} {MONTHS[at.month - 1]} {at.year}"
    return f"{at.day:02}/{at.month:02}/{at.year}"


def weekday(value: str | datetime | None) -> str:
    """thứ Sáu 27/11/2026, or Friday 27 November 2026."""
    if not value:
        return ""
    return f"{DAYS[language.current()][moment(value).weekday()]} {day(value)}"


def clock(value: str | datetime | None) -> str:
    """14:05."""
    return f"{moment(value):%H:%M}" if value else ""


def day_and_clock(value: str | datetime | None) -> str:
    """14:05, thứ Sáu 27/11/2026."""
    return f"{clock(value)}, {weekday(value)}" if value else ""


def vnd(amount: int | dict[str, object] | None) -> str:
    """135.000 đ; takes `{amount, currency}` too."""
    if isinstance(amount, dict):
        amount = int(str(amount.get("amount", 0)))
    if amount is None:
        return ""
    mark = "đ" if language.current() == "vi" else "VND"
    return f"{amount:,}".replace(",", "." if mark == "đ" else ",") + f" {mark}"


def decimal(number: float) -> str:
    """4,6 or 4.6."""
    said = f"{number:.1f}"
    return said.replace(".", ",") if language.current() == "vi" else said


def grouped(digits: str) -> str:
    """001099000017 -> 001 099 000 017, with spaces that do not break."""
    return "\u00a0".join(digits[start : start + 3] for start in range(0, len(digits), 3))


def name(thing: dict[str, object] | None, key: str = "name") -> str:
    """`{name, name_en}` or `{name: {vi, en}}` in the reader's language."""
    if not thing:
        return ""
    value = thing.get(key)
    if isinstance(value, dict):
        return str(value.get(language.current()) or value.get("vi") or "")
    if language.current() == "en" and thing.get(f"{key}_en"):
        return str(thing[f"{key}_en"])
    return str(value or "")
