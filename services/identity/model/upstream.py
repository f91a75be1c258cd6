"""Somebody whom another provider of identities (such as VNeID) has signed in comes here to log in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.identity.model.person import Person, parse_full_name
from vocabulary.people import IdNumber, check_id_number, parse_phone
from vocabulary.refusals import Invalid, NotFound, Refusal


@dataclass(eq=False)
class UpstreamLogin:
    """One that was sent there and has not come back. What binds the answer to it is derived from the id."""

    id: UUID
    expires_at: datetime


@dataclass(frozen=True)
class Flow:
    """What the answer must carry, or prove: `verifier` is PKCE's."""

    state: str
    nonce: str
    verifier: str


def person_of(claims: Mapping[str, Any], id_claim: str) -> Person:
    """Whoever the claims are of, as a form would hold it. Invalid `upstream-incomplete` when it would not."""
    try:
        id_number = IdNumber.parse(str(claims[id_claim])).value
        born = date.fromisoformat(str(claims["birthdate"]))
        check_id_number(id_number, born)
        return Person(
            login=id_number,
            full_name=parse_full_name(str(claims["name"])),
            phone=parse_phone(str(claims["phone_number"])),
            email=str(claims["email"]) if claims.get("email") else None,
            id_number=id_number,
            date_of_birth=born,
        )
    except (KeyError, ValueError, Refusal) as error:
        raise incomplete() from error


def incomplete() -> Invalid:
    return Invalid(
        "upstream-incomplete",
        "Nơi bạn đăng nhập không cho biết đủ số căn cước, họ tên, ngày sinh và số điện thoại. "
        "Hãy đăng ký bằng biểu mẫu của Cổng.",
        "Where you signed in did not tell your ID number, name, date of birth and phone. "
        "Please register with the portal's own form.",
    )


def not_believed() -> Invalid:
    return Invalid(
        "upstream-refused",
        "Chưa đăng nhập được từ nơi khác. Hãy thử lại, hoặc đăng nhập bằng mật khẩu.",
        "Signing in from elsewhere did not work. Try again, or log in with your password.",
    )


def no_such_upstream_login() -> NotFound:
    return NotFound(
        "upstream-login-not-found",
        "Lượt đăng nhập này không còn. Hãy bắt đầu lại.",
        "This login is gone. Please start again.",
    )
