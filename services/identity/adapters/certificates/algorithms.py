"""Which algorithms a signature may use, and checking one with them."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, Hash, HashAlgorithm
from cryptography.x509 import ObjectIdentifier

from services.identity.adapters.certificates.syntax import AlgorithmIdentifier, PssParameters
from services.identity.model import certificates as refused

SMALLEST_RSA = 2048
CURVES = ("secp256r1", "secp384r1", "secp521r1")
DIGESTS: dict[str, type[HashAlgorithm]] = {
    "2.16.840.1.101.3.4.2.1": SHA256,
    "2.16.840.1.101.3.4.2.2": SHA384,
    "2.16.840.1.101.3.4.2.3": SHA512,
}
RSA = "1.2.840.113549.1.1.1"  # the digest is the one of the SignerInfo (RFC 3370 §3.2)
PSS = "1.2.840.113549.1.1.10"
MGF1 = "1.2.840.113549.1.1.8"
RSA_WITH: dict[str, type[HashAlgorithm]] = {
    "1.2.840.113549.1.1.11": SHA256,
    "1.2.840.113549.1.1.12": SHA384,
    "1.2.840.113549.1.1.13": SHA512,
}
ECDSA_WITH: dict[str, type[HashAlgorithm]] = {
    "1.2.840.10045.4.3.2": SHA256,
    "1.2.840.10045.4.3.3": SHA384,
    "1.2.840.10045.4.3.4": SHA512,
}


def name_of(algorithm: AlgorithmIdentifier) -> str:
    """The dotted OID. ValueError when there is none."""
    if not 1 <= len(algorithm) <= 2:
        raise ValueError("no algorithm")
    oid: ObjectIdentifier = algorithm[0].parse(ObjectIdentifier)
    return oid.dotted_string


def digest_of(algorithm: AlgorithmIdentifier) -> HashAlgorithm:
    """Invalid `signature-algorithm` for SHA-1 and whatever else is not listed."""
    found = DIGESTS.get(name_of(algorithm))
    if found is None:
        raise refused.weak()
    return found()


def hashed(data: bytes, digest: HashAlgorithm) -> bytes:
    running = Hash(digest)
    running.update(data)
    return running.finalize()


def check(
    key: CertificatePublicKeyTypes,
    algorithm: AlgorithmIdentifier,
    digest: HashAlgorithm,
    signature: bytes,
    data: bytes,
) -> None:
    """Invalid `signature-wrong`, or `signature-algorithm` for one that is not accepted or not the key's."""
    name = name_of(algorithm)
    try:
        if isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA:
            key.verify(signature, data, _padding(name, algorithm, digest), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES:
            _same(ECDSA_WITH.get(name), digest)
            key.verify(signature, data, ec.ECDSA(digest))
        else:
            raise refused.weak()
    except InvalidSignature:
        raise refused.wrong() from None


def _padding(
    name: str, algorithm: AlgorithmIdentifier, digest: HashAlgorithm
) -> padding.PKCS1v15 | padding.PSS:
    if name == PSS:
        return _pss(algorithm, digest)
    if name != RSA:
        _same(RSA_WITH.get(name), digest)
    return padding.PKCS1v15()


def _pss(algorithm: AlgorithmIdentifier, digest: HashAlgorithm) -> padding.PSS:
    """The same digest everywhere, and the salt's length as said (RFC 4055 §3.1)."""
    if len(algorithm) != 2:
        raise refused.weak()
    said: PssParameters = algorithm[1].parse(PssParameters)
    mask = said.mask_generation
    if said.hash_algorithm is None or mask is None or mask.algorithm.dotted_string != MGF1:
        raise refused.weak()
    _same(type(digest_of(said.hash_algorithm)), digest)
    _same(type(digest_of(mask.parameters)), digest)
    if said.salt_length is None or not digest.digest_size <= said.salt_length <= 64:
        raise refused.weak()
    return padding.PSS(padding.MGF1(digest), said.salt_length)


def _same(said: type[HashAlgorithm] | None, digest: HashAlgorithm) -> None:
    if said is not type(digest):
        raise refused.weak()
