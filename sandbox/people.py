"""The made-up people whom the registers of the sandbox know."""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

FIRST_SERIAL = 100_000
MOST_MADE = 1_000_000 - FIRST_SERIAL
_OLDEST = date(1950, 1, 1)
_BIRTHDAYS = (date(2004, 12, 31) - _OLDEST).days + 1


@dataclass(frozen=True)
class Person:
    id_number: str
    full_name: str
    sex: str
    date_of_birth: date
    phone: str
    email: str | None
    social_insurance_number: str
    address: str
    card: str | None = None

    @property
    def spare_phone(self) -> str:
        """A second SIM in their own name, for who changes or loses the first."""
        return "086" + self.phone[3:]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"date_of_birth": self.date_of_birth.isoformat()}


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(files("sandbox").joinpath("data", name).read_text("utf-8"))
    return content


@cache
def known() -> dict[str, Any]:
    """The named people, businesses and traps, as `data/people.json` has them."""
    return _read("people.json")


@cache
def named() -> dict[str, Person]:
    """The named people by ID number."""
    people = [
        Person(**{**entry, "date_of_birth": date.fromisoformat(entry["date_of_birth"])})
        for entry in known()["people"]
    ]
    return {person.id_number: person for person in people}


@cache
def _names() -> dict[str, Any]:
    return _read("names.json")


def made(number: int) -> Person:
    """The `number`th generated person, always the same one; 0 <= number < MOST_MADE.

    The number can be read back from the ID number (`number_of`), so the registers of the sandbox
    need to store nothing but how many there are.
    """
    dice = random.Random(number)
    place = dice.choice(_names()["places"])
    sex = dice.choice(["male", "female"])
    born = _OLDEST + timedelta(days=dice.randrange(_BIRTHDAYS))
    serial = FIRST_SERIAL + number
    return Person(
        id_number=f"{place['code']}{_century_and_sex(born, sex)}{born:%y}{serial}",
        full_name=_full_name(dice, sex),
        sex=sex,
        date_of_birth=born,
        phone=f"096{serial:07d}",
        email=f"nguoi{serial}@example.test",
        social_insurance_number=f"{place['code'][1:]}{20_000_000 + serial}",
        address=f"{dice.randrange(1, 300)} {place['address']}",
    )


def _century_and_sex(born: date, sex: str) -> int:
    return (born.year - 1900) // 100 * 2 + (sex == "female")


def _full_name(dice: random.Random, sex: str) -> str:
    names = _names()
    parts = (names["family"], names[sex]["middle"], names[sex]["given"])
    return " ".join(dice.choice(part) for part in parts)


def number_of(id_number: str) -> int:
    """Which generated person could have this ID number; negative when none."""
    return int(id_number[6:]) - FIRST_SERIAL


def find(id_number: str, generated: int) -> Person | None:
    """The person with that ID number, among the named ones and the first `generated` made ones."""
    if id_number in named():
        return named()[id_number]
    if len(id_number) != 12 or not (id_number.isascii() and id_number.isdigit()):
        return None
    number = number_of(id_number)
    if not 0 <= number < generated:
        return None
    person = made(number)
    return person if person.id_number == id_number else None


def make(numbers: Iterable[int]) -> Iterator[Person]:
    return (made(number) for number in numbers)
