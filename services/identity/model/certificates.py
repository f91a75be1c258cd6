"""Whose certificate it is, and why a signature is no proof. adapters/certificates reads and checks it."""

import json
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from vocabulary.refusals import Fault, Invalid, Unavailable
from vocabulary.text import Text

ASK_AGAIN = timedelta(minutes=1)
PARTS = ("challenge", "signature", "certificate")
Holder = Literal["citizen", "business"]


@dataclass(frozen=True)
class Subjects:
    """Where authorities write numbers: attributes by dotted OID, and the words before the number."""

    attributes: frozenset[str]
    person: frozenset[str]
    business: frozenset[str]

    def check_names(self, values: Iterable[str], holder: Holder, number: str) -> None:
        """Invalid `certificate-of-another` unless exactly this number is in the subject.

        A person's certificate may name the business they work for. A business's own names no person:
        else whoever works there could sign as the business.
        """
        persons, businesses = self._numbers(values, self.person), self._numbers(values, self.business)
        fits = persons == {number} if holder == "citizen" else (businesses == {number} and not persons)
        if not fits:
            raise of_another(holder)

    @staticmethod
    def _numbers(values: Iterable[str], words: frozenset[str]) -> set[str]:
        pairs = [value.partition(":") for value in values]
        return {number.strip() for word, _, number in pairs if word.strip().upper() in words}


@dataclass(frozen=True)
class Evidence:
    """What is kept of a proof: `signature` is the CMS, `certificate` DER, `chain` names up to the root."""

    challenge: bytes
    signature: bytes
    certificate: bytes
    chain: Sequence[str]

    def as_text(self) -> str:
        parts = {name: b64encode(getattr(self, name)).decode() for name in PARTS}
        return json.dumps({**parts, "chain": list(self.chain)}, ensure_ascii=False)


def unreadable() -> Invalid:
    return _refused(
        "signature-unreadable",
        "Tệp chữ ký không đọc được. Hãy ký lại thử thách: CMS/PKCS#7 tách rời, mã hóa DER, một người ký.",
        "The signature cannot be read. Sign the challenge again: detached CMS/PKCS#7 in DER, one signer.",
    )


def wrong() -> Invalid:
    return _refused(
        "signature-wrong",
        "Chữ ký không khớp với thử thách này. Hãy ký đúng thử thách đang hiển thị, bằng chính chứng thư đó.",
        "The signature is not over this challenge, or not by this certificate. Sign the challenge shown.",
    )


def weak() -> Invalid:
    return _refused(
        "signature-algorithm",
        "Thuật toán ký không được chấp nhận. Hãy dùng SHA-256 trở lên với RSA từ 2048 bit hoặc ECDSA.",
        "The algorithm is not accepted. Use SHA-256 or better, with RSA of 2048 bits or more, or ECDSA.",
    )


def expired() -> Invalid:
    return _refused(
        "certificate-expired",
        "Chứng thư số đã hết hạn. Hãy gia hạn với nhà cung cấp, hoặc dùng chứng thư khác.",
        "The certificate has expired. Renew it with its issuer, or use another one.",
    )


def not_yet_valid() -> Invalid:
    return _refused(
        "certificate-not-yet-valid",
        "Chứng thư số chưa đến ngày có hiệu lực.",
        "The certificate is not valid yet.",
    )


def untrusted() -> Invalid:
    return _refused(
        "certificate-untrusted",
        "Chứng thư số không do tổ chức chứng thực được công nhận cấp, hoặc thiếu chứng thư trung gian.",
        "The issuer of the certificate is not trusted here, or an intermediate certificate is missing.",
    )


def wrong_usage() -> Invalid:
    return _refused(
        "certificate-usage",
        "Chứng thư số này không dùng để ký. Hãy chọn chứng thư ký số.",
        "This certificate is not for signing. Choose your signing certificate.",
    )


def revoked() -> Invalid:
    return _refused(
        "certificate-revoked",
        "Chứng thư số đã bị thu hồi hoặc tạm dừng. Hãy liên hệ nhà cung cấp.",
        "The certificate is revoked or on hold. Contact its issuer.",
    )


def of_another(holder: Holder) -> Invalid:
    vi, en = {
        "citizen": ("số căn cước", "ID number"),
        "business": ("mã số thuế", "tax code"),
    }[holder]
    return _refused(
        "certificate-of-another",
        f"Chứng thư số không ghi đúng {vi} bạn đã nhập.",
        f"The certificate does not name the {en} you entered.",
    )


def cannot_ask(authority: str) -> Unavailable:
    """Fail closed: nobody can say that the certificate is not revoked."""
    return Unavailable(
        "revocation-unknown",
        f"Chưa hỏi được tổ chức chứng thực “{authority}” xem chứng thư còn hiệu lực không. "
        "Hãy thử lại sau ít phút.",
        f"The certificate authority “{authority}” cannot be asked whether the certificate is revoked. "
        "Try again in a few minutes.",
        ASK_AGAIN,
    )


def _refused(code: str, vi: str, en: str) -> Invalid:
    return Invalid(code, vi, en, [Fault("/signature", code, Text(vi, en))])


BY_CODE = {
    refusal.code: refusal
    for refusal in (
        unreadable(),
        wrong(),
        weak(),
        expired(),
        not_yet_valid(),
        untrusted(),
        wrong_usage(),
        revoked(),
        of_another("citizen"),
    )
}
"""What ended a signing by phone, where only the code was kept."""
