"""What is kept of the people whose dossiers these are."""

from uuid import UUID

from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import personal
from chassis.unit_of_work import UnitOfWork
from contracts.identity import AccountClosed, AccountRegistered
from services.dossier.tables import applicants, dossiers
from vocabulary.refusals import NotAuthenticated


def keep(uow: UnitOfWork, event: AccountRegistered, sequence: int) -> None:
    """Encrypted. What is older than what is kept changes nothing: it is not even encrypted, which would
    make a data key for a person who was forgotten."""
    held = select(applicants.c.sequence).where(applicants.c.account == event.account).with_for_update()
    kept = uow.session.execute(held).scalar_one_or_none()
    if kept is not None and kept >= sequence:
        return
    row = {
        "kind": event.kind,
        "assurance": event.assurance,
        "profile": uow.protect(event.account, uow.unseal(event.profile)),
        "sequence": sequence,
    }
    fresh = upsert(applicants).values(account=event.account, **row)
    uow.session.execute(fresh.on_conflict_do_update(index_elements=[applicants.c.account], set_=row))


def forget(uow: UnitOfWork, event: AccountClosed, sequence: int) -> None:
    """Drafts go. A dossier that was submitted is the agency's record (Law on Archives 33/2024/QH15) and
    stays with its applicant's profile; without one the profile and the data key go as well."""
    row = {"closed_at": event.at, "sequence": sequence}
    closed = upsert(applicants).values(account=event.account, kind="citizen", assurance="medium", **row)
    uow.session.execute(closed.on_conflict_do_update(index_elements=[applicants.c.account], set_=row))
    own = dossiers.c.applicant == event.account
    uow.session.execute(delete(dossiers).where(own, dossiers.c.code.is_(None)))
    if not uow.session.execute(select(exists().where(own))).scalar_one():
        account = applicants.c.account == event.account
        uow.session.execute(update(applicants).where(account).values(profile=None))
        personal.erase(uow.session, event.account)


def check_open(uow: UnitOfWork, account: UUID) -> None:
    """An access token may outlive its account by some minutes. Holds the closing up until this is done."""
    held = select(applicants.c.closed_at).where(applicants.c.account == account).with_for_update(read=True)
    if uow.session.execute(held).scalar_one_or_none() is not None:
        raise NotAuthenticated("account-closed", "Tài khoản này đã đóng.", "This account is closed.")
