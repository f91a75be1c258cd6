"""A broker's certificate for `localhost`, from an authority that nobody else trusts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "localhost"
AUTHORITY = "motcua test authority"
FILES = {"cacertfile": "ca.pem", "certfile": "broker.pem", "keyfile": "key.pem"}


@dataclass(frozen=True)
class Tls:
    """`url` is amqps and by HOST; `ca` is the authority's certificate."""

    url: str
    ca: Path


def lines(listener: str, folder: str) -> str:
    """Of rabbitmq.conf; `listener` is an address with a port, or a port."""
    files = "".join(f"ssl_options.{option} = {folder}/{name}\n" for option, name in FILES.items())
    nobody_asked = "ssl_options.verify = verify_none\nssl_options.fail_if_no_peer_cert = false\n"
    return f"listeners.ssl.default = {listener}\n{files}{nobody_asked}"


def write(folder: Path) -> Path:
    """The files of `lines`, readable by whoever the broker runs as. Returns the authority's certificate."""
    authority, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = _certificate(AUTHORITY, authority, authority, is_ca=True)
    broker = _certificate(HOST, own, authority, is_ca=False)
    private = own.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pems = (_pem(ca), _pem(broker), private)
    for name, pem in zip(FILES.values(), pems, strict=True):
        (folder / name).write_bytes(pem)
        (folder / name).chmod(0o644)
    return folder / FILES["cacertfile"]


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    is_ca: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(AUTHORITY))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .sign(by, hashes.SHA256())
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
