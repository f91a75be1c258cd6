"""A register of the state or of the operators: asked whether everything matches, it says yes or no."""

from collections.abc import Mapping

from chassis.http import Away, Client
from services.identity.model.person import Person


class HttpRegister:
    """`POST <base><path>`, answered `{"match": true|false}`."""

    def __init__(self, url: str, path: str, timeout: float = 4) -> None:
        self._client = Client(url.rstrip("/"), timeout)
        self._path = path

    def confirms(self, asked: Mapping[str, str | None]) -> bool:
        """`chassis.http.Away` when it does not say."""
        answer = self._client.post(self._path, dict(asked))
        if answer.status != 200:
            raise Away(f"answered {answer.status}")
        said = answer.json()
        return isinstance(said, dict) and said.get("match") is True


def card_of(person: Person) -> dict[str, str | None]:
    """What a person's ID card says of them."""
    born = person.date_of_birth
    return {
        "id_number": person.id_number,
        "full_name": person.full_name,
        "date_of_birth": born.isoformat() if born else None,
    }
