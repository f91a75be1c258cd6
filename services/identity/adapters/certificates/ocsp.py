"""Asking an authority about one certificate (RFC 6960)."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from chassis.http import Away
from services.identity.adapters.certificates.fetching import Fetcher

SKEW = timedelta(minutes=5)
WITHOUT_END = timedelta(hours=1)
"""How long an answer counts that does not say until when."""
NONCE_BYTES = 32


@dataclass(frozen=True)
class Said:
    status: Literal["good", "revoked"]
    until: datetime


def addresses(certificate: x509.Certificate) -> list[str]:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return []
    return [
        each.access_location.value
        for each in access
        if each.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(each.access_location, x509.UniformResourceIdentifier)
    ]


@dataclass(frozen=True)
class Question:
    """`responder_revoked` says whether a responder's own certificate is; Away when nobody can say."""

    certificate: x509.Certificate
    issuer: x509.Certificate
    now: datetime
    responder_revoked: Callable[[x509.Certificate, x509.Certificate], bool]

    def ask(self, fetcher: Fetcher, url: str) -> Said:
        """Away unless the answer is about this certificate, signed, fresh, and says good or revoked."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        # SHA-1 only names the issuer here, and is the one digest every responder knows (RFC 5019 §2.1.1).
        asked = ocsp.OCSPRequestBuilder().add_certificate(self.certificate, self.issuer, SHA1())  # noqa: S303
        request = asked.add_extension(x509.OCSPNonce(nonce), critical=False).build()
        body = request.public_bytes(Encoding.DER)
        got = fetcher.post(url, body, "application/ocsp-request", fetcher.limits.largest_answer)
        try:
            return self._read(ocsp.load_der_ocsp_response(got), request, nonce)
        except (ValueError, TypeError, x509.DuplicateExtension, UnsupportedAlgorithm) as error:
            raise Away("no answer to read") from error

    def _read(self, answer: ocsp.OCSPResponse, asked: ocsp.OCSPRequest, nonce: bytes) -> Said:
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise Away(f"answered {answer.response_status.name}")
        found = (answer.serial_number, answer.issuer_name_hash, answer.issuer_key_hash)
        if found != (asked.serial_number, asked.issuer_name_hash, asked.issuer_key_hash):
            raise Away("answered about another certificate")
        _check_nonce(answer, nonce)
        self._check_signature(answer)
        until = self._fresh_until(answer)
        if answer.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
            raise Away("does not know the certificate")
        good = answer.certificate_status is ocsp.OCSPCertStatus.GOOD
        return Said("good" if good else "revoked", until)

    def _fresh_until(self, answer: ocsp.OCSPResponse) -> datetime:
        until = answer.next_update_utc or answer.this_update_utc + WITHOUT_END
        if not answer.this_update_utc - SKEW <= self.now < until:
            raise Away("the answer is out of date")
        return until

    def _check_signature(self, answer: ocsp.OCSPResponse) -> None:
        if not any(_signed_by(answer, signer) for signer in (self.issuer, *self._responders(answer))):
            raise Away("the answer's signature is wrong")

    def _responders(self, answer: ocsp.OCSPResponse) -> list[x509.Certificate]:
        """Those whom the issuer itself lets answer (§4.2.2.2)."""
        return [each for each in answer.certificates if self._may_answer(each)]

    def _may_answer(self, responder: x509.Certificate) -> bool:
        extensions = responder.extensions
        try:
            responder.verify_directly_issued_by(self.issuer)
            purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
            return False
        in_date = responder.not_valid_before_utc <= self.now <= responder.not_valid_after_utc
        if ExtendedKeyUsageOID.OCSP_SIGNING not in purposes or not in_date:
            return False
        unasked = any(isinstance(each.value, x509.OCSPNoCheck) for each in extensions)
        return unasked or not self.responder_revoked(responder, self.issuer)


def _check_nonce(answer: ocsp.OCSPResponse, nonce: bytes) -> None:
    """Another nonce is an old answer. None at all is allowed (RFC 9654 §3): its dates must do."""
    for extension in answer.extensions:
        if isinstance(extension.value, x509.OCSPNonce) and not hmac.compare_digest(
            extension.value.nonce, nonce
        ):
            raise Away("answered another question")


def _signed_by(answer: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    digest, key = answer.signature_hash_algorithm, signer.public_key()
    if not isinstance(digest, SHA256 | SHA384 | SHA512):
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(digest))
        else:
            return False
    except InvalidSignature:
        return False
    return True
