"""From a relying party's request to the code it gets, by way of the person."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs
from uuid import UUID, uuid4

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oidc.core.errors import ConsentRequiredError, LoginRequiredError

from chassis import audit
from chassis.unit_of_work import UnitOfWork
from services.identity import queries
from services.identity.commands.sign_on.asked import Asked
from services.identity.commands.sign_on.grants import Code
from services.identity.commands.sign_on.refused import (
    NotSupported,
    UnmetAuthenticationRequirements,
    check_supported,
)
from services.identity.commands.sign_on.server import Server
from services.identity.model.consent import Consent
from services.identity.model.relying_party import RelyingParty
from services.identity.model.rules import Rules
from services.identity.model.session import LoginSession, log_in_again
from services.identity.model.sign_on import (
    LONGEST_QUERY,
    Demands,
    SignOnRequest,
    bad_sign_on,
    no_such_sign_on,
)

Decision = Literal["allow", "deny"] | None
PROMPTS_ARE_OURS = True
"""Authlib would refuse `prompt=none` before it is known who is there."""


@dataclass(frozen=True)
class Step:
    """What comes next: `redirect` to `location`; `login` again; `step-up`: be
    known more surely; `consent` of the person to `scopes`."""

    step: Literal["login", "step-up", "consent", "redirect"]
    id: UUID | None = None
    location: str | None = None
    relying_party: str | None = None
    scopes: tuple[str, ...] = ()


@dataclass
class Checked:
    """A request Authlib finds right, and what it demands."""

    server: Server
    grant: Code
    asked: Asked
    demands: Demands

    @property
    def party(self) -> RelyingParty:
        return self.asked.client


def begin(uow: UnitOfWork, rules: Rules, query: str, signed_in: bool) -> Step:
    """Keeps the request until the person has answered it.

    `redirect` when the relying party must be told at once what is wrong; Malformed `sign-on-refused` when
    it is not known, or the address is not its own: then nobody is sent anywhere (RFC 6749 §4.1.2.1).
    """
    try:
        checked = _checked(uow, rules, query)
        if not signed_in and "none" in checked.demands.prompts:
            raise LoginRequiredError(redirect_uri=checked.grant.redirect_uri, state=_state(checked.asked))
    except OAuth2Error as error:
        return _told(uow, error)
    now = uow.now()
    made = SignOnRequest(uuid4(), checked.party.id, query, now, now + rules.sign_on_lifetime)
    uow.session.add(made)
    uow.session.flush()
    return Step("login", id=made.id, relying_party=checked.party.name)


def go_on(
    uow: UnitOfWork, rules: Rules, id: UUID, session: UUID | None, acr: str, decision: Decision
) -> Step:
    """The next step for whoever is logged in. Asking again changes nothing but the code.

    NotFound when the request is gone, or is somebody else's.
    """
    found = queries.sign_on_request(uow, id)
    login = uow.session.get(LoginSession, session) if session else None
    if login is None or login.ended_at is not None:
        raise log_in_again()
    if found is None or found.account not in {None, login.account}:
        raise no_such_sign_on()
    try:
        checked = _checked(uow, rules, found.query, id)
        return _step(uow, found, checked, login, acr, decision)
    except OAuth2Error as error:
        return _told(uow, error)


def _step(
    uow: UnitOfWork, found: SignOnRequest, checked: Checked, login: LoginSession, acr: str, decision: Decision
) -> Step:
    demands, to = (
        checked.demands,
        {"redirect_uri": checked.grant.redirect_uri, "state": _state(checked.asked)},
    )
    silent = "none" in demands.prompts
    if demands.wants_login(login.started_at, found.started_at, uow.now()):
        if silent:
            raise LoginRequiredError(**to)
        return Step("login", id=found.id, relying_party=checked.party.name)
    if demands.wants_more_than(acr):
        if silent or decision == "deny":
            raise UnmetAuthenticationRequirements(**to)
        return Step("step-up", id=found.id, relying_party=checked.party.name)
    if decision is None and _must_ask(uow, checked, login):
        if silent:
            raise ConsentRequiredError(**to)
        scopes = tuple(checked.asked.scope.split())
        return Step("consent", id=found.id, relying_party=checked.party.name, scopes=scopes)
    found.account = login.account
    return _code(uow, checked, login, acr, decision)


def _must_ask(uow: UnitOfWork, checked: Checked, login: LoginSession) -> bool:
    given = queries.consent(uow, login.account, checked.party.id)
    return given is None or not given.covers(checked.asked.scope) or "consent" in checked.demands.prompts


def _code(uow: UnitOfWork, checked: Checked, login: LoginSession, acr: str, decision: Decision) -> Step:
    if decision == "allow":
        _remember(uow, login.account, checked)
    if decision != "deny":
        audit.record(uow, audit.caller(), "signed-on", login.account, str(checked.party.id))
    checked.asked.login = (login, acr)
    answer = checked.server.create_authorization_response(
        checked.asked, None if decision == "deny" else login.account, checked.grant
    )
    return _away(uow, answer.location, checked.party.name)


def _remember(uow: UnitOfWork, account: UUID, checked: Checked) -> None:
    """What was allowed before stays allowed."""
    given = queries.consent(uow, account, checked.party.id)
    scopes = checked.asked.scope.split()
    allowed = {"scopes": checked.asked.scope}
    audit.record(uow, audit.caller(), "consent-given", account, str(checked.party.id), allowed)
    if given is None:
        uow.session.add(Consent(account, checked.party.id, scopes, uow.now()))
    elif not given.covers(checked.asked.scope):
        given.scopes = [*given.scopes, *(scope for scope in scopes if scope not in given.scopes)]
        given.given_at = uow.now()


def _checked(uow: UnitOfWork, rules: Rules, query: str, id: UUID | None = None) -> Checked:
    """OAuth2Error, or Malformed for what cannot even be read."""
    if len(query) > LONGEST_QUERY:
        raise bad_sign_on("The request is too long.")
    try:
        lists = parse_qs(query, keep_blank_values=True, max_num_fields=30, errors="strict")
        asked = Asked(lists)
        server = Server(uow, rules, id)
        grant = server.get_consent_grant(asked, end_user=PROMPTS_ARE_OURS)
    except ValueError as error:
        # Also of Authlib: it puts what it was given into its refusal, and then refuses to say such letters.
        raise bad_sign_on("A parameter cannot be read.") from error
    to = {"redirect_uri": grant.redirect_uri, "state": _state(asked)}
    check_supported(lists, to)
    try:
        return Checked(server, grant, asked, Demands.read(asked.payload.data))
    except ValueError as wrong:
        raise NotSupported(str(wrong), **to) from wrong


def _told(uow: UnitOfWork, error: OAuth2Error) -> Step:
    if not error.redirect_uri:
        raise bad_sign_on(str(error.description or error.error)) from error
    return _away(uow, dict(error()[2])["Location"], None)


def _away(uow: UnitOfWork, location: str | None, party: str | None) -> Step:
    """With our own name beside the code, so that no other issuer's is taken for ours (RFC 9207)."""
    whole = add_params_to_uri(location, {"iss": uow.settings.public_url}.items())
    return Step("redirect", location=whole, relying_party=party)


def _state(asked: Asked) -> str | None:
    return asked.payload.data.get("state")
