"""A webhook: where it may point, how it is signed (Standard Webhooks), how long it is tried."""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from services.notify.model.agency import Entry
from vocabulary.refusals import Fault, Invalid
from vocabulary.text import Text

PORTS = (443, 8443)
"""Few, so that nobody reaches other services of a host through us."""
LONGEST_URL = 2000
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(hours=1)
NAT64 = IPv6Network("64:ff9b::/96")
GLOBAL_UNICAST = IPv6Network("2000::/3")
CLOUDS_OWN = (IPv4Network("192.0.0.0/24"), IPv4Network("168.63.129.16/32"))
"""Clouds answer their machines there, and not every Python knows that they are not of the internet."""

Address = IPv4Address | IPv6Address


class WebhookFailed(Exception):
    """`reason` is a stable word. `gone`: the receiver wants no more (410)."""

    def __init__(self, reason: str, gone: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.gone = gone


@dataclass(frozen=True)
class Batch:
    """The next events a webhook lacks, leased to one sender."""

    agency: str
    lease: UUID
    url: str
    secret: bytes
    entries: Sequence[Entry]


def check_url(url: str, private_allowed: bool) -> None:
    """Invalid at `/url`. Where the name leads to is checked at every delivery."""
    try:
        parts = urlsplit(url)
        fit = _is_fit(url, parts, private_allowed)
    except ValueError:
        fit = False
    if not fit:
        ports = " hoặc ".join(map(str, PORTS))
        text = Text(
            f"Địa chỉ phải là https, có tên miền công khai, cổng {ports}, không kèm tên đăng nhập.",
            f"The address must be https with a public domain name, port {ports.replace('hoặc', 'or')}, "
            "and no user name.",
        )
        raise Invalid("url-unfit", text.vi, text.en, [Fault("/url", "unfit", text)])


def _is_fit(url: str, parts: SplitResult, private_allowed: bool) -> bool:
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    bare = bool(parts.hostname) and "@" not in parts.netloc and not parts.fragment
    if private_allowed:
        return plain and bare and parts.scheme in {"http", "https"} and parts.port != 0
    port = 443 if parts.port is None else parts.port
    return plain and bare and parts.scheme == "https" and port in PORTS and _is_name(parts.hostname or "")


def _is_name(host: str) -> bool:
    """A domain name with a dot in it: no address, nothing of this network's own."""
    try:
        ip_address(host)
    except ValueError:
        return "." in host.strip(".") and not host.rstrip(".").rpartition(".")[2].isdigit()
    return False


def is_public(address: Address) -> bool:
    """Not private, loopback, link-local, multicast, nor a cloud's metadata, however it is written."""
    if isinstance(address, IPv6Address):
        inner = _carried(address)
        return is_public(inner) if inner else address.is_global and address in GLOBAL_UNICAST
    own = any(address in network for network in CLOUDS_OWN)
    return address.is_global and not address.is_multicast and not own


def _carried(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address inside (mapped, 6to4, Teredo, NAT64)."""
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])


def signature(secret: bytes, id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64>` of HMAC-SHA256 over `id.timestamp.body`."""
    mac = hmac.digest(secret, f"{id}.{timestamp}.".encode() + body, sha256)
    return f"v1,{b64encode(mac).decode()}"


def pause_after(attempts: int, jitter: float) -> timedelta:
    """Doubles from two seconds to an hour; `jitter` in 0..1 spreads it over its upper half."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_PAUSE) * (0.5 + jitter / 2)
