"""The image's health check: is this process ready? Sockets alone: it is started over and over again."""

import os
import socket
import sys

URL = os.environ.get("HEALTH_URL", "http://127.0.0.1:8000/readyz")
SECONDS = 4


def ask(url: str) -> tuple[int, str]:
    """The status of the answer, and its last line."""
    scheme, _, rest = url.partition("://")
    place, _, path = rest.partition("/")
    host, _, port = place.partition(":")
    with socket.create_connection((host, int(port)), timeout=SECONDS) as plain:
        door = _secured(plain) if scheme == "https" else plain
        door.sendall(f"GET /{path} HTTP/1.0\r\nHost: {place}\r\n\r\n".encode())
        with door.makefile("r", encoding="utf-8") as answer:
            lines = answer.read(10_000).splitlines()
    return int(lines[0].split()[1]), lines[-1]


def _secured(plain: socket.socket) -> socket.socket:
    """This process's own door: who it is need not be proved."""
    import ssl

    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ours.check_hostname = False
    ours.verify_mode = ssl.CERT_NONE
    return ours.wrap_socket(plain)


def main() -> int:
    try:
        status, said = ask(URL)
    except (OSError, ValueError, IndexError) as error:
        status, said = 0, f"{type(error).__name__}: {error}"
    print(said)
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
