"""The formats that form fields have: the words of the vocabulary, as JSON Schema sees them."""

import re
from datetime import date

from jsonschema import FormatChecker

from vocabulary.people import IdNumber, parse_phone, parse_tax_code
from vocabulary.refusals import Invalid, Refusal

CHECKER = FormatChecker(formats=())
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
LONGEST_EMAIL = 254


@CHECKER.checks("vn-id-number", raises=Refusal)
def is_id_number(answer: object) -> bool:
    return not isinstance(answer, str) or bool(IdNumber.parse(answer))


@CHECKER.checks("vn-phone", raises=Refusal)
def is_phone(answer: object) -> bool:
    return not isinstance(answer, str) or bool(parse_phone(answer))


@CHECKER.checks("vn-tax-code", raises=Refusal)
def is_tax_code(answer: object) -> bool:
    return not isinstance(answer, str) or bool(parse_tax_code(answer))


@CHECKER.checks("date", raises=Refusal)
def is_date(answer: object) -> bool:
    if isinstance(answer, str) and not (_DATE.fullmatch(answer) and _is_real(answer)):
        raise Invalid(
            "date",
            "Ngày chưa đúng. Ví dụ: 1999-02-03 là ngày 3 tháng 2 năm 1999.",
            "This is not a date. Example: 1999-02-03 is 3 February 1999.",
        )
    return True


@CHECKER.checks("email", raises=Refusal)
def is_email(answer: object) -> bool:
    if isinstance(answer, str) and not (_EMAIL.fullmatch(answer) and len(answer) <= LONGEST_EMAIL):
        raise Invalid(
            "email",
            "Địa chỉ thư điện tử chưa đúng. Ví dụ: an@example.vn.",
            "This is not an e-mail address. Example: an@example.vn.",
        )
    return True


def _is_real(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True
