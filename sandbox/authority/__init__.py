"""A certificate authority for trying, and its cards: tokens and SIMs of the sandbox's people and businesses.

The keys are made at the first start and kept in the sandbox's folder; certificates are made at each start,
since they say at which address this sandbox can be asked about them.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from chassis.installation.secrets import Secrets, write_private
from sandbox.authority import answering, issuing
from sandbox.authority.issuing import Addresses, Holder, Key

Card = Mapping[str, str]
NOBODY = "http://127.0.0.1:9"
ROOTS = "roots.pem"


class Authority:
    """`url` is where this sandbox answers to whoever checks its cards."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._kept = Secrets(folder / "keys.json")
        self._url = url.rstrip("/")
        self.root = self._root()
        self.issuer = self._issuer(self.root, "Một cửa sandbox CA")
        self.responder = issuing.responder(self.issuer, "Một cửa sandbox OCSP", self._key("ocsp"))
        listed = json.loads(files("sandbox").joinpath("data/cards.json").read_text("utf-8"))
        self.cards: Mapping[str, Card] = {card["name"]: card for card in listed}
        self._holders = {name: self._holder(card) for name, card in self.cards.items()}
        # Made last: who reads the roots may then rely on all of it.
        write_private(folder / ROOTS, self.root.certificate.public_bytes(Encoding.PEM).decode(), 0o644)

    def sign(self, card: str, challenge: bytes) -> bytes:
        """A detached CMS in DER, as a token makes it. KeyError when there is no such card."""
        holder = self._holders[card]
        builder = PKCS7SignatureBuilder().set_data(challenge)
        signed = builder.add_signer(holder.certificate, holder.key, SHA256())
        options = [PKCS7Options.DetachedSignature, PKCS7Options.Binary, PKCS7Options.NoCapabilities]
        return signed.add_certificate(self._issuer_of(card).certificate).sign(Encoding.DER, options)

    def holder(self, card: str) -> Holder:
        """For a test that puts it on another token."""
        return self._holders[card]

    def card_of(self, phone: str, number: str) -> str | None:
        """The SIM card with that phone and a certificate for that number."""
        found = (
            card["name"]
            for card in self.cards.values()
            if card.get("phone") == phone and card["subject"].partition(":")[2] == number
        )
        return next(found, None)

    def root_list(self) -> bytes:
        return answering.crl(self.root, [])

    def card_list(self) -> bytes:
        return answering.crl(self.issuer, self._serials("listed"))

    def ocsp(self, request: bytes) -> bytes:
        """ValueError when it is no OCSP request."""
        known = [holder.certificate for holder in self._holders.values()]
        revoked = [*self._serials("revoked"), *self._serials("listed")]
        return answering.ocsp_answer(request, self.issuer, self.responder, known, revoked)

    def _serials(self, case: str) -> list[int]:
        return [serial_of(name) for name, card in self.cards.items() if card.get("case") == case]

    def _key(self, name: str, kind: str = "ec") -> Key:
        def make() -> str:
            key = issuing.new_key(kind)
            return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

        pem = self._kept.get(f"key {name}", make)
        # Checked when it was made: again, for each of its RSA keys, would make every start slow.
        return serialization.load_pem_private_key(  # type: ignore[return-value]
            pem.encode(), None, unsafe_skip_rsa_key_validation=True
        )

    def _root(self) -> Holder:
        """Kept as it is: who trusts it has a copy."""
        key = self._key("root", "rsa")

        def make() -> str:
            made = issuing.root("Một cửa sandbox Root CA", key).certificate
            return made.public_bytes(Encoding.PEM).decode()

        return Holder(key, x509.load_pem_x509_certificate(self._kept.get("root", make).encode()))

    def _issuer(self, root: Holder, name: str) -> Holder:
        addresses = Addresses(f"{self._url}/authority/root.crl")
        return issuing.authority(root, name, self._key("issuing", "rsa"), addresses)

    def _issuer_of(self, card: str) -> Holder:
        return self._foreign if self.cards[card].get("case") == "foreign" else self.issuer

    @property
    def _foreign(self) -> Holder:
        """An authority that nobody trusts, with the same name."""
        return issuing.root("Một cửa sandbox CA", self._key("foreign"))

    def _holder(self, card: Card) -> Holder:
        subject = issuing.name(card["holder"], card["subject"])
        case = card.get("case", "")
        usage = issuing.ENCRYPTS if case == "encrypting" else issuing.SIGNS
        start = datetime.now(UTC) - (timedelta(days=400) if case == "expired" else timedelta(0))
        key = self._key(card["name"], card.get("key", "ec"))
        addresses = self._addresses(case)
        serial = serial_of(card["name"])
        return issuing.card(
            self._issuer_of(card["name"]), subject, key, addresses, usage, start=start, serial=serial
        )

    def _addresses(self, case: str) -> Addresses:
        """`listed` must be found in the list; of `mute` nobody can be asked."""
        url = NOBODY if case == "mute" else self._url
        ocsp = None if case == "listed" else f"{url}/authority/ocsp"
        return Addresses(f"{url}/authority/cards.crl", ocsp)


def serial_of(card: str) -> int:
    """The same at each start."""
    return int.from_bytes(sha256(card.encode()).digest()[:15]) | 1
