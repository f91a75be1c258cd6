"""The gateway's own TLS, for where no proxy of the operator's ends it (RFC 8446; 1.2 at least, RFC 9325)."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import gevent

from gateway.settings import TlsFiles

HANDSHAKE_SECONDS = 10


def context(files: TlsFiles) -> ssl.SSLContext:
    """OSError or ssl.SSLError when a file cannot be read, or they do not go together."""
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.minimum_version = ssl.TLSVersion.TLSv1_2
    ours.load_cert_chain(files.certificate, files.private_key)
    ours.set_alpn_protocols(["http/1.1"])
    return ours


@contextmanager
def secured(client: socket.socket, ours: ssl.SSLContext) -> Iterator[ssl.SSLSocket | None]:
    """The connection once hands are shaken. None: they never were, which port scans do all day."""
    connection = None
    with gevent.Timeout(HANDSHAKE_SECONDS, exception=False):
        try:
            connection = ours.wrap_socket(client, server_side=True)
        except OSError:
            connection = None
    try:
        yield connection
    finally:
        if connection:
            connection.close()
