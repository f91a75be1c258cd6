"""One-time codes to a phone: sent by notify, which alone can read the sealed code."""

import secrets
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

from chassis.unit_of_work import UnitOfWork
from contracts.identity import CodeRequested
from services.identity import queries
from services.identity.commands import limits
from services.identity.model import code
from services.identity.model.code import OneTimeCode, PhonePurpose, Purpose
from services.identity.model.rules import Rules


def send(
    uow: UnitOfWork,
    rules: Rules,
    purpose: PhonePurpose,
    owner: UUID,
    phone: str,
    language: Literal["vi", "en"],
) -> None:
    """A new code for `owner`; earlier ones stop working. TooMany: see `code.check_allowance`, `limits`."""
    now = uow.now()
    number = uow.index(f"phone:{phone}")
    code.check_allowance(queries.codes_since(uow, number, purpose, now - code.DAY), now, rules)
    made, digits = _make(uow, purpose, owner, number, now + rules.code_lifetime)
    limits.count_message(uow, rules, code.BLOCKS[purpose], phone)
    act = code.ACTS.get(purpose)
    uow.emit(
        CodeRequested(
            request=made.id,
            purpose="login" if act or purpose == "login" else "registration",
            act=act,
            phone=uow.seal(phone, "notify"),
            code=uow.seal(digits, "notify"),
            language=language,
            expires_at=made.expires_at,
        )
    )


def hand_over(uow: UnitOfWork, owner: UUID, phone: str, until: datetime) -> str:
    """The digits, for a clerk to print: they go nowhere else. Earlier codes of `owner` stop working."""
    return _make(uow, "counter", owner, uow.index(f"phone:{phone}"), until)[1]


def pretend(uow: UnitOfWork, rules: Rules, purpose: PhonePurpose, owner: UUID, instead: bytes) -> None:
    """Nobody gets a code, and none is right; but whoever tries is answered as if. `instead` of a number."""
    now = uow.now()
    code.check_allowance(queries.codes_since(uow, instead, purpose, now - code.DAY), now, rules)
    made, _ = _make(uow, purpose, owner, instead, now + rules.code_lifetime)
    made.digest = secrets.token_bytes(32)


def spend_a_try(uow: UnitOfWork, rules: Rules, owner: UUID) -> None:
    """Commit this before `redeem`. Invalid, TooMany: see `OneTimeCode.spend_a_try`."""
    latest(uow, owner).spend_a_try(uow.now(), rules)


def redeem(uow: UnitOfWork, rules: Rules, owner: UUID, digits: str) -> None:
    """Invalid: see `OneTimeCode.redeem`."""
    latest(uow, owner).redeem(_digest(uow, owner, digits), uow.now(), rules)


def latest(uow: UnitOfWork, owner: UUID) -> OneTimeCode:
    found = queries.latest_code(uow, owner)
    if found is None:
        raise code.expired()
    return found


def _make(
    uow: UnitOfWork, purpose: Purpose, owner: UUID, phone_index: bytes, until: datetime
) -> tuple[OneTimeCode, str]:
    digits = f"{secrets.randbelow(10**6):06}"
    made = OneTimeCode(
        id=uuid4(),
        purpose=purpose,
        owner=owner,
        phone_index=phone_index,
        digest=_digest(uow, owner, digits),
        sent_at=uow.now(),
        expires_at=until,
        forget_at=max(until, uow.now() + code.DAY) + timedelta(hours=1),
    )
    uow.session.add(made)
    return made, digits


def _digest(uow: UnitOfWork, owner: UUID, digits: str) -> bytes:
    return uow.index(f"code:{owner}:{digits}")
