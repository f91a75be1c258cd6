"""Identity's own tables. Personal data is in `person` columns only, encrypted; look-ups use keyed hashes."""

from chassis.db import registry_for
from services.identity.model.account import Account
from services.identity.model.changes import PasswordReset, PhoneChange
from services.identity.model.client import Client
from services.identity.model.code import OneTimeCode
from services.identity.model.consent import Consent
from services.identity.model.cooling import Cooling
from services.identity.model.counter import Deed, Visit
from services.identity.model.invitation import Invitation
from services.identity.model.login import Backoff, Device, Login
from services.identity.model.mandate import Mandate
from services.identity.model.proof import Proof
from services.identity.model.registration import Registration
from services.identity.model.relying_party import RelyingParty
from services.identity.model.session import LoginSession, RefreshToken
from services.identity.model.sign_on import SignOn, SignOnRequest, SignOnToken
from services.identity.model.signing import MobileRequest, StepUp
from services.identity.model.signing_key import SigningKey
from services.identity.model.upstream import UpstreamLogin
from services.identity.tables.accounts import accounts, clients
from services.identity.tables.agencies import client_assertions, invitations
from services.identity.tables.base import metadata
from services.identity.tables.changes import coolings, password_resets, phone_changes
from services.identity.tables.counter import counter_deeds, counter_visits
from services.identity.tables.keys import signing_keys
from services.identity.tables.limits import limits
from services.identity.tables.mandates import mandates
from services.identity.tables.proofs import proofs
from services.identity.tables.registering import codes, pictures, registrations, solved_captchas
from services.identity.tables.sessions import backoffs, devices, logins, refresh_tokens, sessions
from services.identity.tables.sign_on import (
    consents,
    relying_parties,
    sign_on_requests,
    sign_on_tokens,
    sign_ons,
    used_assertions,
)
from services.identity.tables.signing import evidence, mobile_requests, step_ups
from services.identity.tables.upstream import upstream_logins

__all__ = [
    "accounts",
    "backoffs",
    "client_assertions",
    "clients",
    "codes",
    "consents",
    "coolings",
    "counter_deeds",
    "counter_visits",
    "devices",
    "evidence",
    "invitations",
    "limits",
    "logins",
    "mandates",
    "metadata",
    "mobile_requests",
    "password_resets",
    "phone_changes",
    "pictures",
    "proofs",
    "refresh_tokens",
    "registrations",
    "relying_parties",
    "sessions",
    "sign_on_requests",
    "sign_on_tokens",
    "sign_ons",
    "signing_keys",
    "solved_captchas",
    "step_ups",
    "upstream_logins",
    "used_assertions",
]

mapper = registry_for(metadata)
mapper.map_imperatively(Account, accounts)
mapper.map_imperatively(Client, clients)
mapper.map_imperatively(Proof, proofs)
mapper.map_imperatively(Invitation, invitations)
mapper.map_imperatively(Mandate, mandates)
mapper.map_imperatively(Registration, registrations)
mapper.map_imperatively(OneTimeCode, codes)
mapper.map_imperatively(Visit, counter_visits)
mapper.map_imperatively(Deed, counter_deeds)
mapper.map_imperatively(Login, logins)
mapper.map_imperatively(Device, devices)
mapper.map_imperatively(Backoff, backoffs)
mapper.map_imperatively(LoginSession, sessions)
mapper.map_imperatively(Cooling, coolings)
mapper.map_imperatively(PasswordReset, password_resets)
mapper.map_imperatively(PhoneChange, phone_changes)
mapper.map_imperatively(RefreshToken, refresh_tokens)
mapper.map_imperatively(RelyingParty, relying_parties)
mapper.map_imperatively(SignOnRequest, sign_on_requests)
mapper.map_imperatively(SignOn, sign_ons)
mapper.map_imperatively(SignOnToken, sign_on_tokens)
mapper.map_imperatively(Consent, consents)
mapper.map_imperatively(SigningKey, signing_keys)
mapper.map_imperatively(UpstreamLogin, upstream_logins)
mapper.map_imperatively(StepUp, step_ups)
mapper.map_imperatively(MobileRequest, mobile_requests)
