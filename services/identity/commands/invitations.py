"""Inviting people to an agency's desk, and accepting."""

import secrets
from collections.abc import Iterable
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError

from chassis import personal
from chassis.unit_of_work import UnitOfWork
from contracts.identity import OfficialInvited
from services.identity import queries
from services.identity.commands import accounts
from services.identity.commands.officials import administrators_with
from services.identity.commands.sessions import digest_of
from services.identity.model import invitation as rules
from services.identity.model.account import Account
from services.identity.model.invitation import Invitation, Way
from services.identity.model.official import parse_roles
from services.identity.model.person import Person
from services.identity.model.rules import Rules

PAGE = "/loi-moi?ma="


def invite(
    uow: UnitOfWork,
    lifetimes: Rules,
    by: UUID,
    agency: str,
    person: Person,
    roles: Iterable[str],
    way: Way,
    language: Literal["vi", "en"],
) -> tuple[Invitation, str | None]:
    """The invitation, and its link when it is to be handed over by hand: else only the invited ever see it.

    Conflict `login-taken`; TooMany `invitations-full`.
    """
    administrators_with(uow, by, agency)
    wanted = parse_roles(roles)
    rules.check_reachable(way, person.email)
    now, id, token = uow.now(), uuid4(), secrets.token_urlsafe(32)
    waiting = queries.open_invitations(uow, agency)
    rules.check_room(len(waiting), min((each.expires_at for each in waiting), default=None), now)
    invitation = Invitation(
        id=id,
        agency=agency,
        login_index=_free_login(uow, person.login),
        person=uow.protect(id, person.as_text()),
        roles=wanted,
        digest=digest_of(token),
        invited_by=by,
        invited_at=now,
        expires_at=now + lifetimes.invitation_lifetime,
    )
    uow.session.add(invitation)
    _flush(uow)
    link = f"{uow.settings.public_url}{PAGE}{token}"
    if way == "link":
        return invitation, link
    uow.emit(_told(uow, invitation, way, person, link, language))
    return invitation, None


def opened(uow: UnitOfWork, token: str) -> tuple[Invitation, Person]:
    """NotFound when it is no more."""
    invitation = queries.invitation_of_token(uow, digest_of(token))
    if invitation is None:
        raise rules.no_such_invitation()
    return invitation, queries.person_of(uow, invitation)


def accept(uow: UnitOfWork, token: str, password_hash: str, language: Literal["vi", "en"]) -> Account:
    """Once: the invitation is gone afterwards. A code to the phone named in it comes with the first login."""
    invitation, person = opened(uow, token)
    account = accounts.open(
        uow,
        "official",
        person,
        password_hash,
        assurance="medium",
        language=language,
        agency=invitation.agency,
        roles=invitation.roles,
    )
    _forget(uow, invitation)
    return account


def revoke(uow: UnitOfWork, by: UUID, agency: str, id: UUID) -> None:
    """Its link leads nowhere from now on. NotFound when it is no more, or another agency's."""
    administrators_with(uow, by, agency)
    invitation = uow.session.get(Invitation, id, with_for_update=True)
    if invitation is None or invitation.agency != agency:
        raise rules.no_such_invitation()
    _forget(uow, invitation)


def _free_login(uow: UnitOfWork, login: str) -> bytes:
    """Its index; an expired invitation that still holds it is swept away here."""
    index = accounts.login_index(uow, login)
    held = queries.invitation_of_login(uow, index)
    if queries.account_by_login(uow, index) or (held and held.expires_at > uow.now()):
        raise rules.login_taken()
    if held:
        _forget(uow, held)
    return index


def _flush(uow: UnitOfWork) -> None:
    try:
        uow.session.flush()
    except IntegrityError:
        raise rules.login_taken() from None


def _forget(uow: UnitOfWork, invitation: Invitation) -> None:
    uow.session.delete(invitation)
    uow.session.flush()
    personal.erase(uow.session, invitation.id)


def _told(
    uow: UnitOfWork,
    invitation: Invitation,
    way: Literal["sms", "mail"],
    person: Person,
    link: str,
    language: Literal["vi", "en"],
) -> OfficialInvited:
    to = person.phone if way == "sms" else person.email or ""
    return OfficialInvited(
        invitation=invitation.id,
        invited_to=invitation.agency,
        channel=way,
        to=uow.seal(to, "notify"),
        link=uow.seal(link, "notify"),
        language=language,
        expires_at=invitation.expires_at,
    )
