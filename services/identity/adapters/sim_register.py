"""The mobile operators' subscriber register: in whose name is a SIM?"""

from typing import Protocol

from chassis.http import Away, Client
from services.identity.model.person import Person


class SimRegister(Protocol):
    def holds(self, person: Person) -> bool:
        """Is the person's phone in exactly this person's name? `chassis.http.Away` when nobody can say."""
        ...


class HttpSimRegister:
    """`POST <base>/registers/sim`, answered `{"match": true|false}`."""

    def __init__(self, url: str, timeout: float = 4) -> None:
        self._client = Client(url.rstrip("/"), timeout)

    def holds(self, person: Person) -> bool:
        born = person.date_of_birth
        answer = self._client.post(
            "/registers/sim",
            {
                "phone": person.phone,
                "id_number": person.id_number,
                "full_name": person.full_name,
                "date_of_birth": born and born.isoformat(),
            },
        )
        if answer.status != 200:
            raise Away(f"answered {answer.status}")
        said = answer.json()
        return isinstance(said, dict) and said.get("match") is True


class NoSimRegister:
    """An installation without a register: nobody can register by phone."""

    def holds(self, person: Person) -> bool:  # noqa: ARG002
        raise Away("SIM_REGISTER_URL is not set")


def sim_register(url: str) -> SimRegister:
    return HttpSimRegister(url) if url else NoSimRegister()
