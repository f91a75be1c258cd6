"""Certificate authorities of a test's own, with a server that says what the test tells it to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from flask import Flask, Response, request
from werkzeug.serving import make_server

from sandbox.authority import answering, issuing
from sandbox.authority.issuing import Addresses, Holder
from services.identity.adapters.certificates import SUBJECTS, Certificates, read_subjects
from services.identity.adapters.certificates.fetching import Fetcher, Limits
from services.identity.adapters.certificates.revocation import Revocation

AN = "001099000017"
CHALLENGE = b"0123456789abcdef0123456789abcdef"
DETACHED = [PKCS7Options.DetachedSignature, PKCS7Options.Binary, PKCS7Options.NoCapabilities]


@dataclass
class World:
    """Two levels of authority, and `says`: what the server answers instead of what is right."""

    url: str
    folder: Path
    root: Holder = field(init=False)
    issuer: Holder = field(init=False)
    responder: Holder = field(init=False)
    revoked: set[int] = field(default_factory=set)
    issued: list[x509.Certificate] = field(default_factory=list)
    says: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = issuing.root("Test Root", issuing.new_key("rsa"))
        self.issuer = issuing.authority(
            self.root, "Test CA", issuing.new_key("rsa"), Addresses(f"{self.url}/root.crl")
        )
        self.responder = issuing.responder(self.issuer, "Test OCSP", issuing.new_key())
        (self.folder / "root.pem").write_bytes(pem(self.root.certificate))

    @property
    def both(self) -> Addresses:
        return Addresses(f"{self.url}/cards.crl", f"{self.url}/ocsp")

    def card(self, user_id: str = f"CCCD:{AN}", kind: str = "ec", **changes: Any) -> Holder:
        """A person's, good unless told otherwise."""
        by = changes.pop("by", self.issuer)
        addresses = changes.pop("addresses", self.both)
        subject = issuing.name("Nguyễn Văn An", user_id)
        made = issuing.card(by, subject, issuing.new_key(kind), addresses, **changes)
        self.issued.append(made.certificate)
        return made

    def checker(self, seconds: float = 1) -> Certificates:
        """One that remembers nothing yet."""
        revocation = Revocation(Fetcher(Limits(seconds=seconds, largest_list=20_000)))
        return Certificates(str(self.folder), revocation, read_subjects(SUBJECTS))


def sign(
    holder: Holder,
    challenge: bytes = CHALLENGE,
    others: tuple[x509.Certificate, ...] = (),
    digest: SHA256 | SHA512 | None = None,
    options: list[PKCS7Options] = DETACHED,
    padding: Any = None,
) -> bytes:
    """By `cryptography`, which shares nothing with our reading of it."""
    builder = PKCS7SignatureBuilder().set_data(challenge)
    builder = builder.add_signer(holder.certificate, holder.key, digest or SHA256(), rsa_padding=padding)
    for certificate in others:
        builder = builder.add_certificate(certificate)
    return builder.sign(Encoding.DER, options)


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def key_pem(holder: Holder) -> bytes:
    return holder.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@contextmanager
def started(folder: Path) -> Iterator[World]:
    app = Flask("authorities")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    world = World(f"http://127.0.0.1:{server.server_port}", folder)
    _answer(app, world)
    thread = threading.Thread(target=lambda: server.serve_forever(0.02))
    thread.start()
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(app: Flask, world: World) -> None:
    @app.before_request
    def note() -> None:
        world.asked.append(request.path)

    @app.get("/root.crl")
    def root_list() -> Response:
        return _said(world, "root.crl") or Response(answering.crl(world.root, world.revoked))

    @app.get("/cards.crl")
    def card_list() -> Response:
        return _said(world, "cards.crl") or Response(answering.crl(world.issuer, world.revoked))

    @app.post("/ocsp")
    def ocsp() -> Response:
        said = _said(world, "ocsp")
        if said is not None:
            return said
        changes: dict[str, Any] = {"responder": world.responder} | world.says.get("answer", {})
        answer = answering.ocsp_answer(
            request.get_data(), world.issuer, known=world.issued, revoked=world.revoked, **changes
        )
        return Response(answer)


def _said(world: World, place: str) -> Response | None:
    """A status, bytes, or a whole response instead."""
    told = world.says.get(place)
    if told is None:
        return None
    if isinstance(told, int):
        return Response(status=told)
    return Response(told) if isinstance(told, bytes) else told()
