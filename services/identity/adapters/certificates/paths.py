"""From a certificate to a root that the operator trusts (RFC 5280 §6), and what the certificate is for."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.x509 import ObjectIdentifier, verification
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

from services.identity.model import certificates as refused

log = structlog.get_logger()
MOST_AUTHORITIES = 4
FOR_SIGNING = frozenset(
    {
        ExtendedKeyUsageOID.CLIENT_AUTH,
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # documentSigning, RFC 9336
        ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),  # documentSigning, before there was an RFC
    }
)
"""A certificate that says what it is for must say one of these; one that does not say may sign."""


class Trust:
    """Roots, which are believed, and authorities between, which only help to find the way to one."""

    def __init__(self, certificates: Sequence[x509.Certificate]) -> None:
        roots = [each for each in certificates if each.issuer == each.subject]
        self._between = [each for each in certificates if each not in roots]
        self._store = Store(roots) if roots else None

    @classmethod
    def read(cls, place: str) -> "Trust":
        """As `read_pem`. Nothing, or what cannot be read: nobody is trusted."""
        try:
            return cls(read_pem(place) if place else [])
        except (OSError, ValueError) as error:
            log.error("roots cannot be read", place=place, error=type(error).__name__)
            return cls([])

    def path(
        self, certificate: x509.Certificate, others: Sequence[x509.Certificate], now: datetime
    ) -> list[x509.Certificate]:
        """From the certificate to a root. Invalid `certificate-expired`, `-not-yet-valid`, `-untrusted`,
        `certificate-usage`."""
        if now > certificate.not_valid_after_utc:
            raise refused.expired()
        if now < certificate.not_valid_before_utc:
            raise refused.not_yet_valid()
        if self._store is None:
            raise refused.untrusted()
        check_may_sign(certificate)
        verifier = (
            PolicyBuilder()
            .store(self._store)
            .time(now)
            .max_chain_depth(MOST_AUTHORITIES)
            .extension_policies(
                ca_policy=ExtensionPolicy.webpki_defaults_ca(),
                # What a person's certificate must have, `check_may_sign` says: it names no host.
                ee_policy=ExtensionPolicy.permit_all(),
            )
            .build_client_verifier()
        )
        return _path(verifier, certificate, [*others, *self._between])


def read_pem(place: str) -> list[x509.Certificate]:
    """Of a file, or of a folder's files called .pem or .crt. OSError, ValueError when one cannot be read."""
    path = Path(place)
    files = sorted([*path.glob("*.pem"), *path.glob("*.crt")]) if path.is_dir() else [path]
    return [found for file in files for found in x509.load_pem_x509_certificates(file.read_bytes())]


def _path(
    verifier: verification.ClientVerifier, certificate: x509.Certificate, others: list[x509.Certificate]
) -> list[x509.Certificate]:
    try:
        return verifier.verify(certificate, others).chain
    except VerificationError:
        raise refused.untrusted() from None


def check_may_sign(certificate: x509.Certificate) -> None:
    """Invalid `certificate-usage` for one that is for encrypting, for servers, or an authority's."""
    extensions = certificate.extensions
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        raise refused.wrong_usage() from None
    if not (usage.digital_signature or usage.content_commitment) or usage.key_cert_sign:
        raise refused.wrong_usage()
    if _is_authority(extensions) or not _is_for_signing(extensions):
        raise refused.wrong_usage()


def _is_authority(extensions: x509.Extensions) -> bool:
    try:
        return extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _is_for_signing(extensions: x509.Extensions) -> bool:
    try:
        purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return any(purpose in FOR_SIGNING for purpose in purposes)
