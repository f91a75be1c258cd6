import json
import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

from vocabulary.people import tidy_name
from vocabulary.refusals import Invalid

LONGEST_NAME = 100
AccountKind = Literal["citizen", "business", "official", "operator"]


@dataclass(frozen=True)
class Person:
    """What is known of one person; at rest always under their data key, as one text.

    `phone` is 10 national digits. Officials and operators have no ID number or date of birth here.
    """

    login: str
    full_name: str
    phone: str
    email: str | None = None
    id_number: str | None = None
    date_of_birth: date | None = None

    def as_text(self) -> str:
        return json.dumps(asdict(self), default=date.isoformat, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "Person":
        known = json.loads(text)
        born = known.pop("date_of_birth")
        return cls(**known, date_of_birth=date.fromisoformat(born) if born else None)


def tidy_login(login: str) -> str:
    """An ID number may be typed in groups; any other login is the same in capitals."""
    digits = re.sub(r"[\s.\-]", "", login)
    return digits if digits.isdigit() else login.strip().casefold()


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
