"""Back-channel logout: a relying party that wants it is told when a session its tokens hang on has ended.

The call is made between two transactions: claimed before, with the time of the next try, and noted after.
It may come twice, and then carries another `jti`.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

from joserfc import jwt
from sqlalchemy import select

from chassis.unit_of_work import UnitOfWork, UnitsOfWork
from services.identity.adapters.back_channel import BackChannel
from services.identity.commands import keys
from services.identity.commands.sign_on import subjects
from services.identity.model.relying_party import RelyingParty
from services.identity.model.sign_on import SignOn
from services.identity.tables import relying_parties, sessions, sign_ons

AT_ONCE = 20
TRIES = 6
FIRST_PAUSE = timedelta(seconds=10)
HORIZON = timedelta(minutes=30)
"""The last try is made 310 seconds after the first; what ended earlier is not looked at any more."""
LIFE = timedelta(minutes=2)
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def tell(units: UnitsOfWork, channel: BackChannel) -> int:
    """Returns how many were told. One that cannot be reached is tried again, longer and longer apart."""
    with units() as uow:
        claimed = [(each.id, *_message(uow, each)) for each in _claimed(uow)]
    told = [id for id, address, token in claimed if channel.tell(address, token)]
    with units() as uow:
        for id in told:
            uow.session.get_one(SignOn, id).logout_told_at = uow.now()
    return len(told)


def _claimed(uow: UnitOfWork) -> Sequence[SignOn]:
    now = uow.now()
    due = (
        select(SignOn)
        .join(sessions, sessions.c.id == sign_ons.c.session)
        .join(relying_parties, relying_parties.c.id == sign_ons.c.relying_party)
        .where(
            sessions.c.ended_at > now - HORIZON,
            relying_parties.c.backchannel_logout_uri.is_not(None),
            relying_parties.c.revoked_at.is_(None),
            sign_ons.c.code_used_at.is_not(None),
            sign_ons.c.logout_told_at.is_(None),
            sign_ons.c.logout_tries < TRIES,
            sign_ons.c.logout_due_at.is_(None) | (sign_ons.c.logout_due_at <= now),
        )
        .limit(AT_ONCE)
        .with_for_update(of=sign_ons, skip_locked=True)
    )
    found = uow.session.execute(due).scalars().all()
    for each in found:
        each.logout_due_at = now + FIRST_PAUSE * 2**each.logout_tries
        each.logout_tries += 1
    return found


def _message(uow: UnitOfWork, sign_on: SignOn) -> tuple[str, str]:
    """Where to, and the logout token (§2.4)."""
    party = uow.session.get_one(RelyingParty, sign_on.relying_party)
    key, now = keys.signing_key(uow), int(uow.now().timestamp())
    claims = {
        "iss": uow.settings.public_url,
        "aud": party.get_client_id(),
        "sub": subjects.pairwise(uow, party, sign_on.account),
        "sid": str(sign_on.id),
        "iat": now,
        "exp": now + int(LIFE.total_seconds()),
        "jti": str(uuid4()),
        "events": {EVENT: {}},
    }
    token = jwt.encode({"alg": "ES256", "typ": "logout+jwt", "kid": key.kid}, claims, key)
    return str(party.backchannel_logout_uri), token
