"""Codes that people and agencies know things by."""

import re
from dataclasses import dataclass
from datetime import date

from stdnum import luhn

from vocabulary.refusals import Invalid

_AGENCY = r"(?:\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(?:\.\d{1,3}){0,3})"
_AGENCY_CODE = re.compile(_AGENCY, re.ASCII)
_DOSSIER_CODE = re.compile(rf"({_AGENCY})-(\d{{6}})-(\d{{4}}|[1-9]\d{{4,}})", re.ASCII)

_REGISTRATION_CODE = re.compile(r"\d{12}", re.ASCII)

PROCEDURE_CODE = re.compile(r"^\d\.\d{6}\Z", re.ASCII)
"""The national code of a procedure, such as `1.001193`."""


def parse_agency_code(code: str) -> str:
    """`H55.242`, or the long form `000.00.00.H01`. Invalid: `agency-code-format`."""
    tidy = code.strip().upper()
    if not _AGENCY_CODE.fullmatch(tidy):
        raise Invalid(
            "agency-code-format",
            "Mã cơ quan không đúng dạng, ví dụ H01 hoặc H55.242.",
            "This is not the form of an agency code, such as H01 or H55.242.",
        )
    return tidy


def agency_key(agency: str) -> str:
    """The code as one word of a routing key or queue name, where a dot would separate words."""
    return agency.replace(".", "_")


def agency_account(agency: str) -> str:
    """The broker account of an agency's back office."""
    return f"agency-{agency_key(agency)}"


@dataclass(frozen=True)
class DossierCode:
    """`sequence` counts the dossiers that `agency` received on `day` (local date), from 1."""

    agency: str
    day: date
    sequence: int

    def __str__(self) -> str:
        return dossier_code(self.agency, self.day, self.sequence)


def dossier_code(agency: str, day: date, sequence: int) -> str:
    """`H01-261122-0001`: grows past four digits on the agency's 10,000th dossier of the day."""
    return f"{agency}-{day:%y%m%d}-{sequence:04d}"


def parse_dossier_code(code: str) -> DossierCode:
    """Invalid: `dossier-code-format`. `str()` of the result is the code in capitals."""
    found = _DOSSIER_CODE.fullmatch(code.strip().upper())
    day = _real_date(found[2]) if found else None
    if not found or not day or not int(found[3]):
        raise Invalid(
            "dossier-code-format",
            "Mã hồ sơ không đúng dạng, ví dụ H01-261122-0001. Mã được in trên giấy tiếp nhận.",
            "This is not the form of a dossier code, such as H01-261122-0001. It is on your receipt.",
        )
    return DossierCode(found[1], day, int(found[3]))


def _real_date(yymmdd: str) -> date | None:
    try:
        return date.fromisoformat(f"20{yymmdd}")
    except ValueError:
        return None


def registration_code(number: int) -> str:
    """12 digits to be read out at a counter: 11 and a Luhn check digit. 0 <= number < 10**11."""
    digits = f"{number:011d}"
    return f"{digits}{luhn.calc_check_digit(digits)}"


def parse_registration_code(code: str) -> str:
    """Spaces and dashes are fine. Invalid: `registration-code-format`, `registration-code-check-digit`."""
    digits = re.sub(r"[\s.\-]", "", code)
    if not _REGISTRATION_CODE.fullmatch(digits):
        raise Invalid(
            "registration-code-format",
            "Mã đăng ký gồm đúng 12 chữ số, in trên phiếu hẹn.",
            "A registration code has exactly 12 digits, printed on the slip.",
        )
    if not luhn.is_valid(digits):
        raise Invalid(
            "registration-code-check-digit",
            "Mã đăng ký không đúng: hãy kiểm tra lại từng chữ số.",
            "The registration code is wrong: please check each digit.",
        )
    return digits
