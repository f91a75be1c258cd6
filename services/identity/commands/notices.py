"""Telling an account's owner, on every channel, what happened to it; the audit log has it too."""

from collections.abc import Mapping

from flask import has_request_context

from chassis import audit
from chassis.unit_of_work import UnitOfWork
from contracts.identity import NOTICES, AccountNotice
from services.identity import queries
from services.identity.commands import accounts
from services.identity.model.account import Account
from services.identity.model.person import Person


def tell(
    uow: UnitOfWork,
    account: Account,
    notice: str,
    details: Mapping[str, str | None] | None = None,
    person: Person | None = None,
    secret: str | None = None,
) -> None:
    """`notice` and `details`: see NOTICES; what is not known (None) is left out. ValueError for others.

    `person`: where they are reached, when that is no longer what the account says. `secret`: a code for the
    notice's link, which can do nothing but stop what the notice tells of.
    """
    known = {name: detail for name, detail in (details or {}).items() if detail is not None}
    if not known.keys() <= NOTICES.get(notice, frozenset()) or notice not in NOTICES:
        raise ValueError(f"NOTICES has no {notice} with {sorted(known)}")
    audit.record(uow, audit.caller() if has_request_context() else audit.ITSELF, notice, account.id)
    uow.emit(
        AccountNotice(
            account=account.id,
            notice=notice,
            details=known,
            language=account.language,
            contact=accounts.sealed_contact(uow, person or queries.person_of(uow, account)),
            at=uow.now(),
            secret=uow.seal(secret, "notify") if secret else None,
        )
    )
