"""What a person types, as JSON; and JSON, as a person reads it. No I/O.

A value that cannot be read raises `Unreadable` with the code of the words that say how to mend it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from unicodedata import normalize

from vocabulary.money import vnd
from vocabulary.people import IdNumber, parse_phone, parse_tax_code
from vocabulary.refusals import Invalid

Value = str | int | bool

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
DATE = re.compile(r"(\d{1,2})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*(\d{4})|(\d{2})(\d{2})(\d{4})")
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
WHOLE = re.compile(r"-?(\d+|\d{1,3}([. ,]\d{3})+)")


class Unreadable(ValueError):
    """`code` names the words in form.toml (`error.<code>`) that say how to write it instead."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def tidy(text: str) -> str:
    """NFC, no space around it, one kind of line end."""
    return normalize("NFC", text).replace("\r\n", "\n").replace("\u00a0", " ").strip()


def parse(widget: str, text: str, options: Mapping[str, Any]) -> Value:
    """The JSON value of what was typed into a field of that kind; `options` are a choice's values by text."""
    if widget in CHOICES:
        return parse_choice(text, options)
    return PARSERS.get(widget, str)(text)


def parse_choice(text: str, options: Mapping[str, Any]) -> Value:
    if text not in options:
        raise Unreadable("choose")
    value: Value = options[text]
    return value


def parse_date(text: str) -> str:
    """`3/2/1999`, `03.02.1999`, `03021999` (day first, as written in Viet Nam) or ISO, to ISO 8601."""
    try:
        if ISO_DATE.fullmatch(text):
            return date.fromisoformat(text).isoformat()
        found = DATE.fullmatch(text)
        if found is None:
            raise Unreadable("date-format")
        day, month, year = (int(part) for part in found.groups() if part)
        return date(year, month, day).isoformat()
    except ValueError as error:
        raise error if isinstance(error, Unreadable) else Unreadable("date-real") from error


def parse_whole(text: str) -> int:
    """`1.500.000`, `1 500 000` or `1500000`; thousands may be grouped, there are no decimals."""
    if not WHOLE.fullmatch(text):
        raise Unreadable("number-format")
    return int(re.sub(r"[. ,]", "", text))


def parse_money(text: str) -> int:
    """As `parse_whole`, and the currency may be written behind."""
    bare = re.sub(r"\s*(đ|₫|đồng|vnd|vnđ)$", "", text.lower())
    if not WHOLE.fullmatch(bare):
        raise Unreadable("money-format")
    return parse_whole(bare)


def parse_email(text: str) -> str:
    if not EMAIL.fullmatch(text):
        raise Unreadable("email-format")
    return text


def parse_id_number(text: str) -> str:
    return IdNumber.parse(re.sub(r"[ .\-]", "", text)).value


def told_by_vocabulary(rule: Callable[[str], str]) -> Callable[[str], str]:
    """A rule of the vocabulary, whose refusal names the code of our words."""

    def parser(text: str) -> str:
        try:
            return rule(text)
        except Invalid as refusal:
            raise Unreadable(refusal.faults[0].code if refusal.faults else refusal.code) from refusal

    return parser


CHOICES = ("select", "radio")
PARSERS: Mapping[str, Callable[[str], Value]] = {
    "date": parse_date,
    "number": parse_whole,
    "money": parse_money,
    "email": parse_email,
    "phone": told_by_vocabulary(parse_phone),
    "id-number": told_by_vocabulary(parse_id_number),
    "tax-code": told_by_vocabulary(parse_tax_code),
}


def typed(widget: str, value: Any) -> str:
    """The text to put back into the field: the way a person writes it in Viet Nam."""
    if value is None:
        return ""
    if widget == "date" and ISO_DATE.fullmatch(str(value)):
        return date.fromisoformat(str(value)).strftime("%d/%m/%Y")
    if widget in ("number", "money") and isinstance(value, int):
        return f"{value:,}".replace(",", ".")
    return str(value)


def shown(widget: str, value: Any) -> str:
    """The text on the check page. Choices and ticks have words of their own: `form_steps.Field.words`."""
    if widget == "money" and isinstance(value, int):
        return vnd(value)
    return typed(widget, value)
