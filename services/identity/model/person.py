import json
import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from vocabulary.people import parse_tax_code, tidy_name
from vocabulary.refusals import Invalid

LONGEST_NAME = 100
LONGEST_BUSINESS_NAME = 200
ApplicantKind = Literal["citizen", "business"]
AccountKind = Literal["citizen", "business", "official", "operator", "auditor"]
STAFF_LOGIN = re.compile(r"(?=.*[a-z])[a-z0-9][a-z0-9._-]{2,39}")


@dataclass(frozen=True)
class Organisation:
    """A business or another organisation with a tax code, as on its registration certificate."""

    tax_code: str
    name: str
    address: str | None = None


@dataclass(frozen=True)
class Person:
    """Who stands behind an account; at rest always under their data key, as one text.

    `phone` is 10 national digits. Officials and operators have no ID number or date of birth here.
    A business's account has its `organisation`; the person is then its legal representative, and login,
    phone and e-mail are the business's.
    """

    login: str
    full_name: str
    phone: str
    email: str | None = None
    id_number: str | None = None
    date_of_birth: date | None = None
    organisation: Organisation | None = None

    @property
    def holder_name(self) -> str:
        """Whose account it is: the business's name, or the person's own."""
        return self.organisation.name if self.organisation else self.full_name

    @property
    def holder_number(self) -> str | None:
        """By which the state knows the holder: tax code or ID number."""
        return self.organisation.tax_code if self.organisation else self.id_number

    def as_text(self) -> str:
        return json.dumps(asdict(self), default=date.isoformat, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "Person":
        known: dict[str, Any] = json.loads(text)
        born, organisation = known.pop("date_of_birth"), known.pop("organisation", None)
        return cls(
            **known,
            date_of_birth=date.fromisoformat(born) if born else None,
            organisation=Organisation(**organisation) if organisation else None,
        )


def tidy_login(login: str) -> str:
    """An ID number may be typed in groups; any other login is the same in capitals."""
    digits = re.sub(r"[\s.\-]", "", login)
    return digits if digits.isdigit() else login.strip().casefold()


def parse_staff_login(login: str) -> str:
    """Of officials, operators and auditors; never the form of an ID number. Invalid `login-format`."""
    tidy = tidy_login(login)
    if not STAFF_LOGIN.fullmatch(tidy):
        raise Invalid(
            "login-format",
            "Tên đăng nhập gồm 3 đến 40 ký tự a-z 0-9 . _ - và có ít nhất một chữ cái.",
            "A login has 3 to 40 of a-z 0-9 . _ - with at least one letter.",
        )
    return tidy


def parse_full_name(name: str) -> str:
    """Tidied. Invalid `full-name`; whether the marks are right only a register can say."""
    tidy = tidy_name(name)
    letters = sum(c.isalpha() for c in tidy)
    if not (letters >= 2 and len(tidy) <= LONGEST_NAME and all(c.isalpha() or c in " '’.-" for c in tidy)):
        raise Invalid(
            "full-name",
            "Nhập họ và tên có dấu, đúng như in trên thẻ căn cước.",
            "Enter the full name with its marks, as printed on the ID card.",
        )
    return tidy


def parse_business_name(name: str) -> str:
    """Tidied. Invalid `business-name`."""
    tidy = tidy_name(name)
    if not (any(c.isalpha() for c in tidy) and tidy.isprintable() and len(tidy) <= LONGEST_BUSINESS_NAME):
        raise Invalid(
            "business-name",
            "Nhập tên doanh nghiệp đúng như trên giấy chứng nhận đăng ký.",
            "Enter the name of the business as on its registration certificate.",
        )
    return tidy


def parse_business_tax_code(tax_code: str) -> str:
    """Invalid: as `parse_tax_code`; `tax-code-personal` for 12 digits.

    Those are a person's ID number (tax code of persons and household businesses since 1 July 2025), which is
    already the login of that person's own account.
    """
    parsed = parse_tax_code(tax_code)
    if len(parsed) == 12:
        raise Invalid(
            "tax-code-personal",
            "Mã số thuế 12 chữ số là số căn cước của cá nhân. Hãy đăng ký tài khoản công dân.",
            "A 12-digit tax code is a person's ID number. Please register as a citizen.",
        )
    return parsed
