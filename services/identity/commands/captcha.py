"""Proof that a person, or at least some work, stands behind a request. Each solution counts once."""

import hmac
import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import altcha
from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import sealing
from chassis.unit_of_work import UnitOfWork
from contracts.event import Sealed
from services.identity.model import captcha
from services.identity.model.rules import Rules
from services.identity.tables import pictures, solved_captchas
from vocabulary.refusals import Invalid, NotFound

PICTURE = "picture:"
DIGITS = 5
LONGEST_ANSWER = 4000


def challenge(uow: UnitOfWork, rules: Rules) -> dict[str, Any]:
    """ALTCHA v2: find the counter whose PBKDF2/SHA-256 key starts with the prefix. Nothing is stored."""
    most = rules.captcha_counter
    made = altcha.create_challenge(
        "PBKDF2/SHA-256",
        rules.captcha_cost,
        counter=most // 2 + secrets.randbelow(most // 2 + 1),
        expires_at=uow.now() + rules.captcha_lifetime,
        hmac_secret=_secret(uow),
        hmac_key_secret=_key_secret(uow),
    )
    return made.to_dict()


def picture(uow: UnitOfWork, rules: Rules) -> tuple[UUID, str]:
    """A number to read or hear: its id and its digits. One try."""
    id, digits = uuid4(), new_digits()
    sealed = sealing.seal(uow.settings.master, _sealed_for(id), digits)
    row = {
        "id": id,
        "digest": _digest(uow, id, digits),
        "expires_at": uow.now() + rules.captcha_lifetime,
        "master_kid": sealed.kid,
        "box": sealed.box,
    }
    uow.session.execute(insert(pictures).values(row))
    return id, digits


def digits_to_hear(uow: UnitOfWork, id: UUID) -> str:
    """NotFound when the picture is used up or expired."""
    found = uow.session.execute(select(pictures).where(pictures.c.id == id)).one_or_none()
    if found is None or uow.now() >= found.expires_at:
        raise NotFound(
            "not-found",
            "Mã này đã hết hạn hoặc đã được dùng.",
            "This number has expired or was used already.",
        )
    return sealing.unseal(uow.settings.master, _sealed_for(id), Sealed(found.master_kid, found.box))


def new_digits() -> str:
    """Without 1, which looks like 7 once it is bent."""
    return "".join(secrets.choice("023456789") for _ in range(DIGITS))


def use(uow: UnitOfWork, answer: str) -> Invalid | None:
    """Spends the solution; None when it was right. Commit either way, so that nothing pays for two tries.

    `answer` is an ALTCHA payload in base64, or `picture:<id>:<digits>`.
    The refusals are at `/captcha`: `captcha-wrong`, `captcha-expired`, `captcha-used`.
    """
    if answer.startswith(PICTURE):
        return _use_picture(uow, answer.removeprefix(PICTURE))
    payload = _read(answer)
    return captcha.wrong() if payload is None else _use_payload(uow, payload)


def _use_picture(uow: UnitOfWork, answer: str) -> Invalid | None:
    id, _, digits = answer.partition(":")
    try:
        taken = delete(pictures).where(pictures.c.id == UUID(id)).returning(pictures)
    except ValueError:
        return captcha.wrong()
    found = uow.session.execute(taken).one_or_none()
    if found is None or uow.now() >= found.expires_at:
        return captcha.expired()
    right = hmac.compare_digest(found.digest, _digest(uow, found.id, "".join(digits.split())))
    return None if right else captcha.wrong()


def _use_payload(uow: UnitOfWork, payload: altcha.Payload) -> Invalid | None:
    expires = payload.challenge.parameters.expires_at
    if not isinstance(expires, int):
        return captcha.wrong()
    if uow.now().timestamp() >= expires:
        return captcha.expired()
    if not altcha.verify_solution(payload, _secret(uow), hmac_key_secret=_key_secret(uow)).verified:
        return captcha.wrong()
    row = {
        "digest": bytes.fromhex(str(payload.challenge.signature)),
        "expires_at": datetime.fromtimestamp(expires, UTC),
    }
    first = upsert(solved_captchas).values(row).on_conflict_do_nothing().returning(solved_captchas.c.digest)
    return None if uow.session.execute(first).one_or_none() else captcha.used()


def _read(answer: str) -> altcha.Payload | None:
    if len(answer) > LONGEST_ANSWER:
        return None
    try:
        return altcha.Payload.from_base64(answer)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _sealed_for(id: UUID) -> str:
    return f"identity picture {id}"


def _digest(uow: UnitOfWork, id: UUID, digits: str) -> bytes:
    return uow.index(f"picture:{id}:{digits}")


def _secret(uow: UnitOfWork) -> bytes:
    """Derived from the index key: no other key to keep, the same in every process."""
    return uow.index("altcha challenges")


def _key_secret(uow: UnitOfWork) -> bytes:
    return uow.index("altcha solutions")
