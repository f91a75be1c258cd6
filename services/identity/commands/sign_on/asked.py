"""A request as Authlib reads it, whatever framework it came through."""

from collections.abc import Mapping, Sequence

from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.requests import OAuth2Payload

from services.identity.model.relying_party import RelyingParty
from services.identity.model.session import LoginSession

ADDRESS = "https://portal/oauth2"
"""Authlib wants https here. TLS ends at the gateway; what a service sees of it says nothing."""


class Parameters(OAuth2Payload):
    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        self._lists = {name: list(values) for name, values in lists.items() if values}

    @property
    def data(self) -> dict[str, str]:
        return {name: values[0] for name, values in self._lists.items()}

    @property
    def datalist(self) -> dict[str, list[str]]:
        return self._lists


class Asked(OAuth2Request):
    """`credentials`: id and secret, however they came; `login`: session and acr of the person."""

    client: RelyingParty
    payload: Parameters

    def __init__(
        self, parameters: Mapping[str, Sequence[str]], credentials: tuple[str, str] | None = None
    ) -> None:
        super().__init__("POST", ADDRESS)
        self.payload = Parameters(parameters)
        self.credentials = credentials
        self.login: tuple[LoginSession, str] | None = None

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data
