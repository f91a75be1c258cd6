"""The mobile operators' subscriber register: in whose name is a SIM?"""

from typing import Protocol

from chassis.http import Away
from services.identity.adapters.register import HttpRegister, card_of
from services.identity.model.person import Person


class SimRegister(Protocol):
    def holds(self, person: Person) -> bool:
        """Is the person's phone in exactly this person's name? `chassis.http.Away` when nobody can say."""
        ...


class HttpSimRegister:
    def __init__(self, url: str) -> None:
        self._register = HttpRegister(url, "/registers/sim")

    def holds(self, person: Person) -> bool:
        return self._register.confirms({"phone": person.phone, **card_of(person)})


class NoSimRegister:
    """An installation without a register: nobody can register by phone."""

    def holds(self, person: Person) -> bool:  # noqa: ARG002
        raise Away("SIM_REGISTER_URL is not set")


def sim_register(url: str) -> SimRegister:
    return HttpSimRegister(url) if url else NoSimRegister()
