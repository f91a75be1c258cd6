"""The broker's address, read without ever repeating it: the password is in it."""

import ssl
from urllib.parse import unquote, urlsplit

import pika

HEARTBEAT_SECONDS = 20
ANSWER_SECONDS = 10
BLOCKED_SECONDS = 5.0
"""So long a broker that is short of memory or disk is waited for, then the connection is given up."""


def parameters(
    url: str, heartbeat: int = HEARTBEAT_SECONDS, tls: ssl.SSLContext | None = None
) -> pika.URLParameters:
    """`tls`: instead of the authorities that this machine trusts. ValueError: no address, or no amqps."""
    try:
        read = pika.URLParameters(url)
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ValueError(
            "amqp_url is no address like amqps://account:password@host/vhost:"
            " what is not a letter or digit in account and password must be percent-encoded"
        ) from None
    if tls is not None:
        if read.ssl_options is None:
            raise ValueError("tls= is given, but amqp_url does not begin with amqps://")
        read.ssl_options = pika.SSLOptions(tls, read.host)
    read.heartbeat = heartbeat
    read.socket_timeout = read.stack_timeout = ANSWER_SECONDS
    read.blocked_connection_timeout = BLOCKED_SECONDS
    return read


def account(url: str) -> str | None:
    """Whom the broker is to take us for, if the address says."""
    name = urlsplit(url).username
    return unquote(name) if name else None
