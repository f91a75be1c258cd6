"""An agency's webhook receiver, over TLS with a certificate of the tests' own authority, or plainly."""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.notify.adapters.webhook import WebhookPost

HOST = "hooks.agency.example"


@dataclass
class Receiver:
    """`status` is what it answers; `behaviour` how it misbehaves instead. `heard` is all it was sent."""

    port: int = 0
    status: int = 200
    behaviour: str = ""
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    busy: int = 0
    most_busy: int = 0
    seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, host: str = HOST, scheme: str = "https", path: str = "/events?key=1") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


class Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        here = self.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with here.lock:
            here.busy += 1
            here.most_busy = max(here.most_busy, here.busy)
            here.heard.append(({**self.headers, "path": self.path}, body))
        time.sleep(here.seconds)
        try:
            self._answer(here)
        finally:
            with here.lock:
                here.busy -= 1

    def _answer(self, here: Receiver) -> None:
        if here.behaviour == "hangs":
            time.sleep(3)
        elif here.behaviour == "trickles":
            for _ in range(60):
                self.wfile.write(b"H")
                self.wfile.flush()
                time.sleep(0.05)
        elif here.behaviour == "nonsense":
            self.wfile.write(b"\x00\x01\x02 nonsense\r\n\r\n")
        elif here.behaviour == "hangs up":
            self.connection.close()
        else:
            self.send_response(here.status)
            self.send_header("Location", here.url(path="/elsewhere"))
            self.end_headers()
            if here.behaviour == "endless body":
                while True:
                    self.wfile.write(b"x" * 65536)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A caller that hangs up is what is tested."""


@contextmanager
def running(certificate: Path | None = None) -> Iterator[Receiver]:
    receiver = Receiver()
    kind = type("Bound", (Handler,), {"receiver": receiver})
    server = Server(("127.0.0.1", 0), kind)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver.port = server.server_port
    thread = threading.Thread(target=lambda: server.serve_forever(0.02))
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certificate(folder: Path) -> Path:
    """Self-signed, for HOST and nothing else: key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "receiver.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def post(certificate: Path, seconds: float = 1.0, **changes: Any) -> WebhookPost:
    """Trusts that certificate, and finds every name on this machine."""
    usual: dict[str, Any] = {
        "private_allowed": True,
        "resolve": lambda _host, _port: ["127.0.0.1"],
        "tls": ssl.create_default_context(cafile=str(certificate)),
    }
    return WebhookPost(seconds=seconds, **(usual | changes))
