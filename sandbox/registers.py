"""The mobile operators' subscriber register, the social insurance register and the population register.

They say only whether everything matches, as the real ones do: which field was wrong is never told.
"""

from collections.abc import Mapping
from datetime import date

from sandbox import people
from sandbox.body import BadBody, phone
from vocabulary.people import tidy_name

POPULATION = ("id_number", "full_name", "date_of_birth")
SIM = ("phone", *POPULATION)
INSURANCE = ("social_insurance_number", *POPULATION)


def population(asked: Mapping[str, str], generated: int) -> bool:
    """`generated` is how many made-up people exist beside the named ones. Accents in a name count."""
    return _holder(asked, generated) is not None


def sim(asked: Mapping[str, str], generated: int) -> bool:
    number = phone("phone", asked)
    holder = _holder(asked, generated)
    return holder is not None and number in (holder.phone, holder.spare_phone)


def insurance(asked: Mapping[str, str], generated: int) -> bool:
    holder = _holder(asked, generated)
    return holder is not None and holder.social_insurance_number == asked["social_insurance_number"].strip()


def _holder(asked: Mapping[str, str], generated: int) -> people.Person | None:
    """The person of that ID number, if the name and the date of birth are theirs."""
    born = _date(asked["date_of_birth"])
    person = people.find(asked["id_number"].strip(), generated)
    if person is None or person.date_of_birth != born:
        return None
    same_name = tidy_name(person.full_name).casefold() == tidy_name(asked["full_name"]).casefold()
    return person if same_name else None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadBody("date_of_birth", "date_of_birth is not a date like 1999-02-03") from error
