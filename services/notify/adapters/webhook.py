"""Posting to an agency's address: only where it may lead, within a time limit, whatever the answer says."""

import http.client
import socket
import ssl
from collections.abc import Mapping
from contextlib import closing
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from chassis.deadline import cut_after
from services.notify.adapters.resolving import LookUp, Resolver
from services.notify.model.webhook import WebhookFailed, is_public

SECONDS = 10.0
CONNECT_SECONDS = 3.0
MOST_ADDRESSES = 3


class WebhookPost:
    """`private_allowed` also lets plain http pass: for sandbox and tests, which have no certificates."""

    def __init__(
        self,
        private_allowed: bool = False,
        seconds: float = SECONDS,
        resolve: LookUp | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.private_allowed = private_allowed
        self._seconds = seconds
        self._resolve = resolve or Resolver()
        self._tls = tls or ssl.create_default_context()

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """On return the receiver answered 2xx. WebhookFailed otherwise; the answer's body is never read."""
        parts = urlsplit(url)
        link = self._connect(self._addresses(parts), _port(parts))
        # A second handle on the connection: TLS takes the first one away.
        with closing(link), closing(link.dup()) as handle, cut_after(self._seconds, handle) as late:
            try:
                status = self._exchange(link, parts, headers, body)
            except ssl.SSLCertVerificationError as error:
                raise WebhookFailed("bad-certificate") from error
            except (OSError, http.client.HTTPException, ValueError) as error:
                slow = late.is_set() or isinstance(error, TimeoutError)
                raise WebhookFailed("too-slow" if slow else "broken-answer") from error
        if not 200 <= status < 300:
            raise WebhookFailed(f"answered-{status}", gone=status == 410)

    def _addresses(self, parts: SplitResult) -> list[str]:
        """What is connected to is exactly what was checked: the name is asked for once."""
        try:
            found = self._resolve(parts.hostname or "", _port(parts))
        except (OSError, UnicodeError) as error:
            slow = isinstance(error, TimeoutError)
            raise WebhookFailed("slow-name-server" if slow else "unknown-host") from error
        if not self.private_allowed and not all(is_public(ip_address(one)) for one in found):
            raise WebhookFailed("private-address")
        return found[:MOST_ADDRESSES]

    def _connect(self, addresses: list[str], port: int) -> socket.socket:
        for address in addresses:
            try:
                return socket.create_connection((address, port), CONNECT_SECONDS)
            except OSError:
                continue
        raise WebhookFailed("not-reached")

    def _exchange(
        self, link: socket.socket, parts: SplitResult, headers: Mapping[str, str], body: bytes
    ) -> int:
        link.settimeout(self._seconds)
        host = parts.hostname or ""
        if parts.scheme == "https":
            link = self._tls.wrap_socket(link, server_hostname=host)
        call = http.client.HTTPConnection(host, _port(parts))
        call.sock = link
        with closing(call):
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            call.request("POST", target, body, {"Host": parts.netloc, "Connection": "close", **headers})
            return call.getresponse().status


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
