"""What an authority says of revocation: lists (RFC 5280 §5) and answers (RFC 6960)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from sandbox.authority.issuing import Holder

FRESH = timedelta(days=1)


def crl(by: Holder, serials: Iterable[int], at: datetime | None = None, lasts: timedelta = FRESH) -> bytes:
    """DER, with these revoked; made at `at`, by itself now."""
    at = at or datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder().issuer_name(by.certificate.subject)
    builder = builder.last_update(at - timedelta(minutes=5)).next_update(at + lasts)
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at - timedelta(days=1))
        builder = builder.add_revoked_certificate(entry.build())
    number = x509.CRLNumber(int(at.timestamp()))
    return builder.add_extension(number, critical=False).sign(by.key, SHA256()).public_bytes(Encoding.DER)


def ocsp_answer(
    request: bytes,
    issuer: Holder,
    responder: Holder,
    known: Iterable[x509.Certificate],
    revoked: Iterable[int],
    at: datetime | None = None,
    nonce: bytes | None = None,
    lasts: timedelta = timedelta(minutes=5),
) -> bytes:
    """DER. `nonce` instead of the question's, for those who answer another question; empty: none."""
    asked = ocsp.load_der_ocsp_request(request)
    found = next((each for each in known if each.serial_number == asked.serial_number), None)
    if found is None:
        status = ocsp.OCSPResponseStatus.UNAUTHORIZED
        return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
    at = at or datetime.now(UTC)
    is_revoked = asked.serial_number in set(revoked)
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=found,
        issuer=issuer.certificate,
        algorithm=SHA1(),  # noqa: S303 - it only names the issuer
        cert_status=ocsp.OCSPCertStatus.REVOKED if is_revoked else ocsp.OCSPCertStatus.GOOD,
        this_update=at,
        next_update=at + lasts,
        revocation_time=at - timedelta(days=1) if is_revoked else None,
        revocation_reason=None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate)
    builder = builder.certificates([responder.certificate])
    given = [extension.value for extension in asked.extensions if isinstance(extension.value, x509.OCSPNonce)]
    answered = given if nonce is None else [x509.OCSPNonce(nonce)] if nonce else []
    for value in answered:
        builder = builder.add_extension(value, critical=False)
    return builder.sign(responder.key, SHA256()).public_bytes(Encoding.DER)
