"""Revocation lists (RFC 5280 §5): complete ones, signed by the authority that issued the certificate."""

from datetime import datetime

from cryptography import x509

from chassis.http import Away
from services.identity.adapters.certificates.fetching import Fetcher

KNOWN = (x509.CRLNumber, x509.AuthorityKeyIdentifier)


def addresses(certificate: x509.Certificate) -> list[str]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return []
    # A list signed by somebody else, or only of some reasons, does not settle it.
    plain = [point for point in points if point.crl_issuer is None and point.reasons is None]
    return [
        name.value
        for point in plain
        for name in point.full_name or []
        if isinstance(name, x509.UniformResourceIdentifier)
    ]


def fetch(
    fetcher: Fetcher, url: str, issuer: x509.Certificate, now: datetime
) -> x509.CertificateRevocationList:
    """Away unless it is the issuer's own, signed, complete and in date."""
    got = fetcher.get(url, fetcher.limits.largest_list)
    load = x509.load_pem_x509_crl if got.startswith(b"-----") else x509.load_der_x509_crl
    try:
        found = load(got)
        _check(found, issuer, now)
    except (ValueError, TypeError, x509.DuplicateExtension) as error:
        raise Away("no revocation list") from error
    return found


def _check(found: x509.CertificateRevocationList, issuer: x509.Certificate, now: datetime) -> None:
    if found.issuer != issuer.subject or not may_sign_lists(issuer):
        raise Away("not the authority's list")
    if not found.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
        raise Away("the list's signature is wrong")
    if not is_in_date(found, now):
        raise Away("the list is out of date")
    for extension in found.extensions:
        _check_extension(extension)


def _check_extension(extension: x509.Extension[x509.ExtensionType]) -> None:
    """One that is critical and changes what the list means makes it no answer (§5.2)."""
    partial = isinstance(extension.value, x509.DeltaCRLIndicator | x509.IssuingDistributionPoint)
    if (extension.critical and not isinstance(extension.value, KNOWN)) or partial:
        raise Away("the list is not complete")


def is_in_date(found: x509.CertificateRevocationList, now: datetime) -> bool:
    return found.next_update_utc is not None and found.last_update_utc <= now < found.next_update_utc


def may_sign_lists(issuer: x509.Certificate) -> bool:
    try:
        return issuer.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign
    except x509.ExtensionNotFound:
        return True


def has(found: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    """On hold is as revoked."""
    return found.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None
