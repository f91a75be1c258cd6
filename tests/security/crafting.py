"""CMS signatures that no honest program makes: parts changed, and signed again where that is the point."""

from collections.abc import Callable
from typing import Any

from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import TLV, SetOf
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import ObjectIdentifier

from sandbox.authority.issuing import Holder
from services.identity.adapters.certificates.algorithms import hashed
from services.identity.adapters.certificates.syntax import Attribute, ContentInfo, SignerInfo
from tests.security.authorities import CHALLENGE, sign

CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
DATA = "1.2.840.113549.1.7.1"


def tlv(value: Any) -> TLV:
    found: TLV = asn1.decode_der(TLV, asn1.encode_der(value))
    return found


def oid(dotted: str) -> ObjectIdentifier:
    return ObjectIdentifier(dotted)


def attribute(type: str, *values: Any) -> Attribute:
    return Attribute(type=oid(type), values=SetOf([tlv(value) for value in values]))


def good_attributes(challenge: bytes = CHALLENGE) -> list[Attribute]:
    return [
        attribute(CONTENT_TYPE, oid(DATA)),
        attribute(MESSAGE_DIGEST, hashed(challenge, SHA256())),
    ]


def changed(good: bytes, change: Callable[[ContentInfo, SignerInfo], None]) -> bytes:
    whole = asn1.decode_der(ContentInfo, good)
    (signer,) = whole.content.signer_infos.as_list()
    change(whole, signer)
    return asn1.encode_der(whole)


def with_attributes(holder: Holder, attributes: list[Attribute], **others: Any) -> bytes:
    """Signed again by the holder over these attributes, as a hostile owner of a good card can."""

    def change(_: ContentInfo, signer: SignerInfo) -> None:
        signer.signed_attributes = SetOf(attributes)
        signer.signature = raw(holder, asn1.encode_der(signer.signed_attributes))

    return changed(sign(holder, **others), change)


def raw(holder: Holder, data: bytes) -> bytes:
    if isinstance(holder.key, rsa.RSAPrivateKey):
        return holder.key.sign(data, padding.PKCS1v15(), SHA256())
    return holder.key.sign(data, ec.ECDSA(SHA256()))


def indefinite(der: bytes) -> bytes:
    """The outermost SEQUENCE with the indefinite length of BER."""
    header = 2 + (der[1] & 0x7F if der[1] & 0x80 else 0)
    return b"\x30\x80" + der[header:] + b"\x00\x00"


def long_length(der: bytes) -> bytes:
    """One byte more than DER allows for the outermost length."""
    assert der[1] == 0x82
    return b"\x30\x83\x00" + der[2:]


def replaced(good: bytes, old: bytes, new: bytes) -> bytes:
    assert good.count(old) == 1
    assert len(old) == len(new)
    return good.replace(old, new)
