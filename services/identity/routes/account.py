from typing import Any

from chassis.auth import ANY_DEED, allow, principal
from chassis.unit_of_work import UnitOfWork
from chassis.web import api, unit_of_work
from services.identity import queries, schemas
from services.identity.commands import keys
from services.identity.model.person import Person
from services.identity.model.session import log_in_again
from vocabulary.people import mask_phone

blueprint = api("account")
KEPT_A_LITTLE = {"Cache-Control": "public, max-age=60"}


@blueprint.route("/account", methods=["GET"])
@allow("citizen", "business", "official", "operator", "auditor", deeds=(ANY_DEED,))
@blueprint.response(200, schemas.AccountAnswer)
def show_account() -> dict[str, Any]:
    """Whoever is logged in, and for whom they act."""
    with unit_of_work() as uow:
        account = queries.account(uow, principal().person)
        if account is None:
            raise log_in_again()
        person, proofs = queries.person_of(uow, account), queries.proofs_of(uow, account.id)
        acting_for = acted_for(uow)
    return {
        "account_id": account.id,
        "kind": account.kind,
        "login": person.login,
        "full_name": person.holder_name,
        "date_of_birth": person.date_of_birth,
        "phone": mask_phone(person.phone),
        "email": person.email,
        "assurance": account.assurance,
        "proofs": proofs,
        "organisation": organisation(person),
        "agency": account.agency,
        "roles": account.roles,
        "acting_for": acting_for,
    }


def acted_for(uow: UnitOfWork) -> dict[str, Any] | None:
    """By a mandate: the other's name, and nothing more of theirs."""
    me = principal()
    giver = queries.account(uow, me.account) if me.mandate else None
    if giver is None or me.mandate is None:
        return None
    name = queries.person_of(uow, giver).holder_name
    return {"kind": giver.kind, "full_name": name, "deeds": sorted(me.mandate.deeds)}


def organisation(person: Person) -> dict[str, Any] | None:
    held = person.organisation
    return {**vars(held), "representative": person.full_name} if held else None


@blueprint.route("/jwks", methods=["GET"])
@allow("anyone")
@blueprint.response(200, schemas.KeysAnswer)
def show_keys() -> tuple[dict[str, Any], int, dict[str, str]]:
    """The public keys that access tokens are checked with (RFC 7517)."""
    with unit_of_work() as uow:
        keys.signing_key(uow)
        return {"keys": queries.public_keys(uow)}, 200, KEPT_A_LITTLE
