"""The social insurance register: whose number is it?"""

from typing import Protocol

from chassis.http import Away
from services.identity.adapters.register import HttpRegister, card_of
from services.identity.model.person import Person


class InsuranceRegister(Protocol):
    def insures(self, person: Person, number: str) -> bool:
        """Is the 10-digit number exactly this person's? `chassis.http.Away` when nobody can say."""
        ...


class HttpInsuranceRegister:
    def __init__(self, url: str) -> None:
        self._register = HttpRegister(url, "/registers/insurance")

    def insures(self, person: Person, number: str) -> bool:
        return self._register.confirms({"social_insurance_number": number, **card_of(person)})


class NoInsuranceRegister:
    """An installation without a register: nobody can register by social insurance."""

    def insures(self, person: Person, number: str) -> bool:  # noqa: ARG002
        raise Away("INSURANCE_REGISTER_URL is not set")


def insurance_register(url: str) -> InsuranceRegister:
    return HttpInsuranceRegister(url) if url else NoInsuranceRegister()
