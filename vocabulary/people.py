"""Numbers and names of people and businesses: how they are written, read, checked and hidden."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

import phonenumbers
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.vn import mst

from vocabulary.refusals import Invalid

Sex = Literal["male", "female"]

# The 63 province codes from before 1 July 2025: numbers already given out keep them.
BIRTH_PROVINCES = frozenset(
    """
    001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 036 037
    038 040 042 044 045 046 048 049 051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079
    080 082 083 084 086 087 089 091 092 093 094 095 096
    """.split()
)
MOBILE_PREFIXES = frozenset(
    """
    032 033 034 035 036 037 038 039 086 096 097 098
    081 082 083 084 085 088 091 094
    070 076 077 078 079 089 090 093
    052 056 058 092
    059 099
    087 055
    """.split()
)

_SEPARATORS = re.compile(r"[\s.\-]")
_ID_NUMBER = re.compile(r"\d{3}[0-5]\d{8}", re.ASCII)
_PHONE = re.compile(r"\+?[\d\s.\-()]{9,20}", re.ASCII)
_SOCIAL_INSURANCE = re.compile(r"\d{10}", re.ASCII)


@dataclass(frozen=True)
class IdNumber:
    """A 12-digit personal ID number: province of birth, century and sex, year of birth, 6 more digits.

    There is no check digit (Luật Căn cước 2023, Điều 12).
    """

    value: str
    province: str
    century_start: int
    sex: Sex
    year_of_birth: int

    @classmethod
    def parse(cls, id_number: str) -> "IdNumber":
        """Spaces and dots between the digits are fine. Invalid: `id-number-format`, `id-number-province`."""
        digits = _SEPARATORS.sub("", id_number)
        if not _ID_NUMBER.fullmatch(digits):
            raise Invalid(
                "id-number-format",
                "Số căn cước gồm đúng 12 chữ số, như in trên thẻ.",
                "An ID number has exactly 12 digits, as printed on the card.",
            )
        if digits[:3] not in BIRTH_PROVINCES:
            raise Invalid(
                "id-number-province",
                "Ba chữ số đầu của số căn cước không phải là mã tỉnh, thành phố nào.",
                "The first three digits of the ID number are not the code of any province.",
            )
        century, is_female = divmod(int(digits[3]), 2)
        start = 1900 + 100 * century
        return cls(digits, digits[:3], start, "female" if is_female else "male", start + int(digits[4:6]))


def check_id_number(id_number: str, date_of_birth: date, sex: str | None = None) -> None:
    """That the number agrees with the form. Invalid: as `parse`, `id-number-year`, `id-number-sex`."""
    number = IdNumber.parse(id_number)
    if number.year_of_birth != date_of_birth.year:
        raise Invalid(
            "id-number-year",
            "Năm sinh trong số căn cước không khớp với ngày sinh đã khai.",
            "The year of birth in the ID number differs from the date of birth given.",
        )
    if sex is not None and number.sex != sex:
        raise Invalid(
            "id-number-sex",
            "Giới tính trong số căn cước không khớp với giới tính đã khai.",
            "The sex in the ID number differs from the sex given.",
        )


def parse_phone(phone: str) -> str:
    """A mobile number as 10 national digits; `+84`, spaces and dots are fine.

    Invalid: `phone-format`, `phone-prefix` (no operator has that prefix).
    """
    national = _national_number(phone.strip())
    if len(national) != 10:
        raise Invalid(
            "phone-format",
            "Số điện thoại di động gồm 10 chữ số, bắt đầu bằng số 0.",
            "A mobile number has 10 digits and starts with 0.",
        )
    if national[:3] not in MOBILE_PREFIXES:
        raise Invalid(
            "phone-prefix",
            f"Không có mạng di động nào dùng đầu số {national[:3]}.",
            f"No mobile operator uses the prefix {national[:3]}.",
        )
    return national


def _national_number(phone: str) -> str:
    """With the leading 0; empty when it is no number of this country."""
    if not _PHONE.fullmatch(phone):
        return ""
    try:
        number = phonenumbers.parse(phone, "VN")
    except phonenumbers.NumberParseException:
        return ""
    return f"0{number.national_number}" if number.country_code == 84 else ""


def mask_phone(phone: str) -> str:
    """For display to whoever has to recognise it: `0912000017` is `091•••••17`."""
    return f"{phone[:3]}{'•' * (len(phone) - 5)}{phone[-2:]}"


def parse_tax_code(tax_code: str) -> str:
    """10 digits, a branch as `0312687878-001`, or the 12-digit personal ID (tax code since 1 July 2025).

    Invalid: `tax-code-format`, `tax-code-check-digit`, or as `IdNumber.parse` for 12 digits.
    """
    compact = mst.compact(tax_code)
    if len(compact) == 12:
        return IdNumber.parse(compact).value
    try:
        return str(mst.format(mst.validate(compact)))
    except InvalidChecksum:
        raise Invalid(
            "tax-code-check-digit",
            "Mã số thuế không đúng: hãy kiểm tra lại từng chữ số.",
            "The tax code is wrong: please check each digit.",
        ) from None
    except ValidationError:
        raise Invalid(
            "tax-code-format",
            "Mã số thuế gồm 10 chữ số (thêm -001 đến -999 nếu là chi nhánh) hoặc 12 chữ số của số căn cước.",
            "A tax code has 10 digits (plus -001 to -999 for a branch), or is a 12-digit ID number.",
        ) from None


def parse_social_insurance_number(number: str) -> str:
    """Invalid: `social-insurance-number-format`. There is no check digit."""
    digits = _SEPARATORS.sub("", number)
    if not _SOCIAL_INSURANCE.fullmatch(digits):
        raise Invalid(
            "social-insurance-number-format",
            "Mã số bảo hiểm xã hội gồm đúng 10 chữ số.",
            "A social insurance number has exactly 10 digits.",
        )
    return digits


def tidy_name(name: str) -> str:
    """Composed letters (NFC) and single spaces: the same name typed on two keyboards is equal."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def fold(text: str) -> str:
    """For search with and without marks: lower case, no marks, đ as d, single spaces."""
    bare = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())
