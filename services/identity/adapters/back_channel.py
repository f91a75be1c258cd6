"""Telling a relying party that somebody has logged out (OpenID Connect Back-Channel Logout 1.0)."""

from typing import Protocol

from chassis.http import Away, Client


class BackChannel(Protocol):
    def tell(self, address: str, logout_token: str) -> bool:
        """Did it take it?"""
        ...


class HttpBackChannel:
    def __init__(self, timeout: float = 4) -> None:
        self._client = Client("", timeout)

    def tell(self, address: str, logout_token: str) -> bool:
        try:
            answer = self._client.post_form(address, {"logout_token": logout_token}, {})
        except Away:
            return False
        return answer.status in (200, 204)
