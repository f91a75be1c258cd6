"""Signatures by certificate: is it theirs, is it good, who says so. Rules of the words: model/certificates.

`cryptography` builds paths (RFC 5280), reads DER, lists and OCSP answers; reading a detached CMS signature
(RFC 5652) and the order of the checks are ours, since it has no function for them.
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ObjectIdentifier

from services.identity.adapters.certificates import cms
from services.identity.adapters.certificates.fetching import Fetcher
from services.identity.adapters.certificates.paths import Trust
from services.identity.adapters.certificates.revocation import Revocation, name_of
from services.identity.model.certificates import Evidence, Holder, Subjects, unreadable

SUBJECTS = Path(__file__).parents[2] / "data" / "certificate-subjects.toml"


@dataclass(frozen=True)
class Certificates:
    """`roots` is read at each check: a root that is added or taken away counts at once."""

    roots: str
    revocation: Revocation
    subjects: Subjects

    def check(
        self, signature: bytes, challenge: bytes, holder: Holder, number: str, now: datetime
    ) -> Evidence:
        """That whom `number` belongs to signed `challenge`: what costs a question to others comes last.

        `number` is an ID number of a citizen or a tax code of a business. May take seconds.
        Invalid with one fault at `/signature`; Unavailable `revocation-unknown`.
        """
        signed = cms.verify(signature, challenge)
        try:
            path = Trust.read(self.roots).path(signed.certificate, signed.others, now)
            self.subjects.check_names(self._numbers(signed.certificate), holder, number)
        except cms.UNREADABLE:
            raise unreadable() from None
        self.revocation.check(path, now)
        der = signed.certificate.public_bytes(Encoding.DER)
        return Evidence(challenge, signature, der, [name_of(authority) for authority in path[1:]])

    def _numbers(self, certificate: x509.Certificate) -> list[str]:
        return [
            str(attribute.value)
            for oid in self.subjects.attributes
            for attribute in certificate.subject.get_attributes_for_oid(ObjectIdentifier(oid))
        ]


def certificates(roots: str, subjects: str = "") -> Certificates:
    """`roots`: a file or folder of PEM; empty, nobody is trusted. `subjects`: a TOML file instead of ours."""
    return Certificates(roots, Revocation(Fetcher()), read_subjects(Path(subjects or SUBJECTS)))


def read_subjects(path: Path) -> Subjects:
    said = tomllib.loads(path.read_text("utf-8"))
    return Subjects(**{name: frozenset(said[name]) for name in ("attributes", "person", "business")})
