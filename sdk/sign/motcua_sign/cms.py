"""A detached CMS signature (RFC 5652 §5) whose key never leaves the token."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import TLV, Explicit, Implicit, Null, SetOf, UTCTime
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.x509 import ObjectIdentifier

DATA = ObjectIdentifier("1.2.840.113549.1.7.1")
SIGNED_DATA = ObjectIdentifier("1.2.840.113549.1.7.2")
CONTENT_TYPE = ObjectIdentifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = ObjectIdentifier("1.2.840.113549.1.9.4")
SIGNING_TIME = ObjectIdentifier("1.2.840.113549.1.9.5")
SHA_256 = ObjectIdentifier("2.16.840.1.101.3.4.2.1")
SHA_256_WITH_RSA = ObjectIdentifier("1.2.840.113549.1.1.11")
ECDSA_WITH_SHA_256 = ObjectIdentifier("1.2.840.10045.4.3.2")


@asn1.sequence
class Algorithm:
    name: ObjectIdentifier
    parameters: Null | None


@asn1.sequence
class Attribute:
    type: ObjectIdentifier
    values: SetOf[TLV]


@asn1.sequence
class IssuerAndSerialNumber:
    issuer: x509.Name
    serial_number: int


@asn1.sequence
class SignerInfo:
    version: int
    signer: IssuerAndSerialNumber
    digest_algorithm: Algorithm
    signed_attributes: Annotated[SetOf[Attribute], Implicit(0)]
    signature_algorithm: Algorithm
    signature: bytes


@asn1.sequence
class Encapsulated:
    content_type: ObjectIdentifier


@asn1.sequence
class SignedData:
    version: int
    digest_algorithms: SetOf[Algorithm]
    encapsulated: Encapsulated
    certificates: Annotated[SetOf[x509.Certificate], Implicit(0)]
    signer_infos: SetOf[SignerInfo]


@asn1.sequence
class ContentInfo:
    content_type: ObjectIdentifier
    content: Annotated[SignedData, Explicit(0)]


def detached(
    content: bytes,
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    sign: Callable[[bytes], bytes],
) -> bytes:
    """DER. `sign` answers as X.509 has it: SHA-256 with RSA (PKCS #1 v1.5) or ECDSA."""
    attributes = SetOf(
        [
            _attribute(CONTENT_TYPE, DATA),
            _attribute(SIGNING_TIME, UTCTime(datetime.now(UTC).replace(microsecond=0))),
            _attribute(MESSAGE_DIGEST, _digest(content)),
        ]
    )
    is_ec = isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    signer = SignerInfo(
        version=1,
        signer=IssuerAndSerialNumber(issuer=certificate.issuer, serial_number=certificate.serial_number),
        digest_algorithm=Algorithm(name=SHA_256, parameters=None),
        signed_attributes=attributes,
        signature_algorithm=Algorithm(name=ECDSA_WITH_SHA_256, parameters=None)
        if is_ec
        else Algorithm(name=SHA_256_WITH_RSA, parameters=Null()),
        signature=sign(asn1.encode_der(attributes)),
    )
    said = SignedData(
        version=1,
        digest_algorithms=SetOf([signer.digest_algorithm]),
        encapsulated=Encapsulated(content_type=DATA),
        certificates=SetOf([certificate, *others]),
        signer_infos=SetOf([signer]),
    )
    return asn1.encode_der(ContentInfo(content_type=SIGNED_DATA, content=said))


def _attribute(type: ObjectIdentifier, value: object) -> Attribute:
    return Attribute(type=type, values=SetOf([asn1.decode_der(TLV, asn1.encode_der(value))]))


def _digest(content: bytes) -> bytes:
    running = Hash(SHA256())
    running.update(content)
    return running.finalize()
