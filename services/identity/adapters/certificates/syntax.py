"""The syntax of RFC 5652 as far as a detached signature needs it. The decoder takes DER only.

A field whose name says what RFC 5652 calls it has no comment of its own.
"""

from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import TLV, Explicit, Implicit, SetOf
from cryptography.x509 import ObjectIdentifier

AlgorithmIdentifier = list[TLV]
"""An OID and, if there are any, its parameters: the decoder has no optional field of any type."""


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
    sid: IssuerAndSerialNumber | Annotated[bytes, Implicit(0)]
    digest_algorithm: AlgorithmIdentifier
    signed_attributes: Annotated[SetOf[Attribute] | None, Implicit(0)]
    signature_algorithm: AlgorithmIdentifier
    signature: bytes
    unsigned_attributes: Annotated[SetOf[TLV] | None, Implicit(1)]


@asn1.sequence
class EncapsulatedContentInfo:
    content_type: ObjectIdentifier
    content: Annotated[bytes | None, Explicit(0)]


@asn1.sequence
class SignedData:
    version: int
    digest_algorithms: SetOf[AlgorithmIdentifier]
    encapsulated: EncapsulatedContentInfo
    certificates: Annotated[SetOf[x509.Certificate] | None, Implicit(0)]
    crls: Annotated[SetOf[TLV] | None, Implicit(1)]
    signer_infos: SetOf[SignerInfo]


@asn1.sequence
class ContentInfo:
    content_type: ObjectIdentifier
    content: Annotated[SignedData, Explicit(0)]


@asn1.sequence
class EssCertificate:
    """RFC 5035 §4: without an algorithm it is SHA-256."""

    hash_algorithm: AlgorithmIdentifier | None
    hash: bytes
    issuer_serial: list[TLV] | None


@asn1.sequence
class SigningCertificateV2:
    certificates: list[EssCertificate]
    policies: list[TLV] | None


@asn1.sequence
class MaskGeneration:
    """MGF1 and its digest."""

    algorithm: ObjectIdentifier
    parameters: AlgorithmIdentifier


@asn1.sequence
class PssParameters:
    """RFC 4055 §3.1. Absent fields mean SHA-1, which is refused anyway."""

    hash_algorithm: Annotated[AlgorithmIdentifier | None, Explicit(0)]
    mask_generation: Annotated[MaskGeneration | None, Explicit(1)]
    salt_length: Annotated[int | None, Explicit(2)]
    trailer_field: Annotated[int | None, Explicit(3)]
