"""What a relying party may learn of a person, by scope (OpenID Connect Core §5.4, and our own)."""

from collections.abc import Collection, Mapping
from typing import Any

from services.identity.model.person import Person
from vocabulary.people import IdNumber

SCOPES: Mapping[str, tuple[str, ...]] = {
    "openid": ("sub", "account_type", "acr"),
    "profile": ("name", "gender", "birthdate"),
    "id_number": ("id_number",),
    "phone": ("phone_number", "phone_number_verified"),
    "email": ("email", "email_verified"),
    "address": ("address",),
    "business": ("tax_code", "business_name"),
}
"""Scope -> claims."""
ACCOUNT_TYPES = {"citizen": 1, "business": 2}


def claims_of(kind: str, person: Person, scopes: Collection[str]) -> dict[str, Any]:
    """Those of the scopes that are known of this person; what is not known is left out.

    A business's name, gender, birth date and ID number are its legal representative's.
    `account_type` is 1 for a citizen and 2 for a business, as at the national portal; `sub` and `acr`
    are not of the person and come from whoever calls.
    """
    known = _facts(kind, person)
    asked = [claim for scope in scopes for claim in SCOPES.get(scope, ())]
    return {claim: known[claim] for claim in asked if known.get(claim) is not None}


def _facts(kind: str, person: Person) -> dict[str, Any]:
    born, business = person.date_of_birth, person.organisation
    return {
        "account_type": ACCOUNT_TYPES[kind],
        "name": person.full_name,
        "gender": IdNumber.parse(person.id_number).sex if person.id_number else None,
        "birthdate": born.isoformat() if born else None,
        "id_number": person.id_number,
        "phone_number": f"+84{person.phone[1:]}",
        "phone_number_verified": True,
        "email": person.email,
        "email_verified": False if person.email else None,
        "tax_code": business.tax_code if business else None,
        "business_name": business.name if business else None,
        "address": {"formatted": business.address} if business and business.address else None,
    }
