"""A detached CMS signature (RFC 5652 §5) over a challenge: who signed, and whether they did."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import TLV, SetOf
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ObjectIdentifier

from services.identity.adapters.certificates import algorithms
from services.identity.adapters.certificates.syntax import (
    ContentInfo,
    IssuerAndSerialNumber,
    SignedData,
    SignerInfo,
    SigningCertificateV2,
)
from services.identity.model import certificates as refused

LARGEST = 64 * 1024
DATA = "1.2.840.113549.1.7.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
UNREADABLE = (
    ValueError,
    TypeError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    UnsupportedAlgorithm,
)
"""What the library says of bytes that are no certificate, or no DER."""


@dataclass(frozen=True)
class Signed:
    """Who signed, and the certificates that came along, which prove nothing by themselves."""

    certificate: x509.Certificate
    others: Sequence[x509.Certificate]


def verify(signature: bytes, challenge: bytes) -> Signed:
    """`signature` is DER. Whether the certificate is worth anything is not looked at here.

    Invalid `signature-unreadable`, `signature-algorithm`, `signature-wrong`.
    """
    if len(signature) > LARGEST:
        raise refused.unreadable()
    try:
        return _verified(_read(signature), challenge)
    except UNREADABLE:
        raise refused.unreadable() from None


def _read(signature: bytes) -> SignedData:
    """ValueError for what is not one signer's detached signature in DER: BER has many spellings for one
    thing, and what is signed must have one."""
    whole = asn1.decode_der(ContentInfo, signature)
    said = whole.content
    _must(whole.content_type.dotted_string == SIGNED_DATA)
    _must(said.version in {1, 3})
    _must(said.encapsulated.content_type.dotted_string == DATA)
    _must(said.encapsulated.content is None)
    _must(len(said.signer_infos.as_list()) == 1)
    return said


def _verified(said: SignedData, challenge: bytes) -> Signed:
    (signer,) = said.signer_infos.as_list()
    came_along = said.certificates.as_list() if said.certificates else []
    certificate = _signers(signer, came_along)
    digest = algorithms.digest_of(signer.digest_algorithm)
    _must(digest.name in {algorithms.digest_of(each).name for each in said.digest_algorithms.as_list()})
    _check_attributes(signer, certificate, challenge, digest)
    algorithms.check(
        certificate.public_key(),
        signer.signature_algorithm,
        digest,
        signer.signature,
        asn1.encode_der(signer.signed_attributes),  # as the SET OF it is signed as (§5.4)
    )
    return Signed(certificate, [each for each in came_along if each != certificate])


def _signers(signer: SignerInfo, among: Sequence[x509.Certificate]) -> x509.Certificate:
    found = [each for each in among if _is_meant(signer, each)]
    _must(len(found) == 1)
    return found[0]


def _is_meant(signer: SignerInfo, certificate: x509.Certificate) -> bool:
    if isinstance(signer.sid, IssuerAndSerialNumber):
        _must(signer.version == 1)
        return (
            signer.sid.serial_number == certificate.serial_number and signer.sid.issuer == certificate.issuer
        )
    _must(signer.version == 3)
    try:
        own = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return False
    return own.value.digest == signer.sid


def _check_attributes(
    signer: SignerInfo, certificate: x509.Certificate, challenge: bytes, digest: HashAlgorithm
) -> None:
    """Signed attributes are asked for: without them what is signed could be somebody's attributes (§5.3)."""
    said = _attributes(signer)
    content_type: ObjectIdentifier = _only(said, CONTENT_TYPE).parse(ObjectIdentifier)
    _must(content_type.dotted_string == DATA)
    if not hmac.compare_digest(
        _only(said, MESSAGE_DIGEST).parse(bytes), algorithms.hashed(challenge, digest)
    ):
        raise refused.wrong()
    if SIGNING_CERTIFICATE_V2 in said:
        _check_named(_only(said, SIGNING_CERTIFICATE_V2), certificate)


def _attributes(signer: SignerInfo) -> dict[str, SetOf[TLV]]:
    _must(signer.signed_attributes is not None)
    assert signer.signed_attributes is not None
    listed = signer.signed_attributes.as_list()
    said = {each.type.dotted_string: each.values for each in listed}
    _must(len(said) == len(listed))
    return said


def _only(said: dict[str, SetOf[TLV]], type: str) -> TLV:
    values = said[type].as_list() if type in said else []
    _must(len(values) == 1)
    return values[0]


def _check_named(attribute: TLV, certificate: x509.Certificate) -> None:
    """RFC 5035: the signer says by which certificate; the first one named is theirs."""
    said: SigningCertificateV2 = attribute.parse(SigningCertificateV2)
    _must(len(said.certificates) > 0)
    named = said.certificates[0]
    digest = algorithms.digest_of(named.hash_algorithm) if named.hash_algorithm else SHA256()
    own = algorithms.hashed(certificate.public_bytes(Encoding.DER), digest)
    if not hmac.compare_digest(named.hash, own):
        raise refused.wrong()


def _must(holds: bool) -> None:
    if not holds:
        raise ValueError("not a detached signature by one signer")
