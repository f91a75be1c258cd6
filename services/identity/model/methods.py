"""The ways to prove who one is, as data (DOMAIN: phone, social insurance, post, USB token, SIM signature)."""

from dataclasses import dataclass
from typing import Literal, get_args

from vocabulary.refusals import Fault, Invalid
from vocabulary.text import Text

Assurance = Literal["medium", "high"]
FirstState = Literal["awaiting-code", "awaiting-counter", "awaiting-signature"]
RegisterName = Literal["sim", "insurance"]


@dataclass(frozen=True)
class Method:
    """`asks`: what the form must hold beside what every person gives. `register`: whose records must agree
    before anything is sent. `open`: False while the installation has no counterpart for it."""

    id: str
    kinds: tuple[str, ...]
    assurance: Assurance
    first_state: FirstState
    asks: tuple[str, ...] = ()
    register: RegisterName | None = None
    open: bool = False

    @property
    def codes_go_to_phone(self) -> bool:
        """Else a clerk hands the code over."""
        return self.first_state == "awaiting-code"


METHODS = {
    method.id: method
    for method in (
        Method("phone", ("citizen",), "medium", "awaiting-code", register="sim", open=True),
        Method(
            "social-insurance",
            ("citizen",),
            "medium",
            "awaiting-code",
            asks=("social_insurance_number",),
            register="insurance",
            open=True,
        ),
        Method("post", ("citizen",), "medium", "awaiting-counter", open=True),
        Method("usb-token", ("citizen", "business"), "high", "awaiting-signature", open=True),
        Method("sim-pki", ("citizen", "business"), "high", "awaiting-signature", open=True),
    )
}

UPSTREAM = {
    assurance: Method(f"upstream-{assurance}", ("citizen",), assurance, "awaiting-code")
    for assurance in get_args(Assurance)
}
"""Known by a provider above us; how surely is the installation's to say. No form offers it."""


def upstream_method(assurance: Assurance) -> Method:
    return UPSTREAM[assurance]


def method_of(id: str) -> Method:
    """KeyError for an id that is none."""
    return METHODS[id] if id in METHODS else {each.id: each for each in UPSTREAM.values()}[id]


def check_method(kind: str, method: str) -> Method:
    """Invalid `method-not-for-kind`, or `method-not-yet-available` when it is not open here."""
    found = METHODS[method]
    if kind not in found.kinds:
        raise _refused(
            "method-not-for-kind",
            "Doanh nghiệp chỉ đăng ký được bằng chữ ký số: USB hoặc SIM.",
            "Businesses register with a digital signature only: a USB token or a SIM.",
        )
    if not found.open:
        raise _refused(
            "method-not-yet-available",
            "Cách xác thực này chưa được mở. Hãy chọn một cách khác.",
            "This way of proving who you are is not open yet. Please choose another.",
        )
    return found


def check_signs(kind: str, method: str) -> Method:
    """As `check_method`; Invalid `method-no-signature` for one that is not by certificate."""
    found = check_method(kind, method)
    if found.first_state != "awaiting-signature":
        raise _refused(
            "method-no-signature",
            "Chỉ chữ ký số (USB hoặc SIM) nâng được mức xác thực.",
            "Only a digital signature (USB token or SIM) raises the assurance.",
        )
    return found


def stronger(one: Assurance, other: Assurance) -> Assurance:
    return "high" if "high" in (one, other) else "medium"


def _refused(code: str, vi: str, en: str) -> Invalid:
    return Invalid(code, vi, en, [Fault("/method", code, Text(vi, en))])
