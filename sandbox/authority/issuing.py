"""Making certificates as a licensed authority does. All of it is for trying: nobody else trusts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
    ObjectIdentifier,
)

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
AUTHORITY_LASTS = timedelta(days=3650)
CARD_LASTS = timedelta(days=365)
SIGNS_CERTIFICATES = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
SIGNS = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
ENCRYPTS = x509.KeyUsage(False, False, True, True, False, False, False, False, False)
CARD_PURPOSES = (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION)


@dataclass(frozen=True)
class Holder:
    """A certificate and its key."""

    key: Key
    certificate: x509.Certificate


@dataclass(frozen=True)
class Addresses:
    """Where it can be asked whether a certificate is revoked; None: nowhere."""

    crl: str | None
    ocsp: str | None = None


def new_key(kind: str = "ec") -> Key:
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1())


def name(common_name: str, user_id: str = "") -> x509.Name:
    """`user_id` is where authorities write the holder's number: `CCCD:...` or `MST:...`."""
    attributes = [(NameOID.COUNTRY_NAME, "VN"), (NameOID.COMMON_NAME, common_name)]
    attributes += [(NameOID.USER_ID, user_id)] if user_id else []
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])


def root(common_name: str, key: Key) -> Holder:
    own = name(common_name)
    builder = begun(own, own, key, key, lasts=AUTHORITY_LASTS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return Holder(key, builder.add_extension(SIGNS_CERTIFICATES, critical=True).sign(key, SHA256()))


def authority(by: Holder, common_name: str, key: Key, addresses: Addresses, path_length: int = 0) -> Holder:
    builder = begun(name(common_name), by.certificate.subject, key, by.key, lasts=AUTHORITY_LASTS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    builder = _addressed(builder.add_extension(SIGNS_CERTIFICATES, critical=True), addresses)
    return Holder(key, builder.sign(by.key, SHA256()))


def card(
    by: Holder,
    subject: x509.Name,
    key: Key,
    addresses: Addresses,
    usage: x509.KeyUsage = SIGNS,
    purposes: Sequence[ObjectIdentifier] = CARD_PURPOSES,
    start: datetime | None = None,
    serial: int | None = None,
) -> Holder:
    """What is on somebody's token or SIM, for a year from `start`."""
    builder = begun(subject, by.certificate.subject, key, by.key, start, serial=serial)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(usage, critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return Holder(key, _addressed(builder, addresses).sign(by.key, SHA256()))


def responder(by: Holder, common_name: str, key: Key) -> Holder:
    """Answers OCSP in the authority's name."""
    builder = begun(name(common_name), by.certificate.subject, key, by.key)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
    return Holder(key, builder.add_extension(x509.OCSPNoCheck(), critical=False).sign(by.key, SHA256()))


def begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: Key,
    by: Key,
    start: datetime | None = None,
    lasts: timedelta = CARD_LASTS,
    serial: int | None = None,
) -> x509.CertificateBuilder:
    """What every certificate has; in date from a day before `start`."""
    start = start or datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(start - timedelta(days=1))
        .not_valid_after(start + lasts)
    )
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issuers = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
    return builder.add_extension(own, critical=False).add_extension(issuers, critical=False)


def _addressed(builder: x509.CertificateBuilder, addresses: Addresses) -> x509.CertificateBuilder:
    if addresses.crl:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(addresses.crl)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    if addresses.ocsp:
        place = x509.UniformResourceIdentifier(addresses.ocsp)
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, place)
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    return builder
