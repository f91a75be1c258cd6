"""The end of an account."""

from sqlalchemy import delete, update

from chassis import personal
from chassis.unit_of_work import UnitOfWork
from contracts.identity import AccountClosed
from services.identity.commands import backoffs, notices
from services.identity.commands import sessions as ended
from services.identity.model.account import Account
from services.identity.tables import coolings, devices, logins, phone_changes, sessions

OWN = (devices, logins, phone_changes, coolings)


def close(uow: UnitOfWork, account: Account) -> None:
    """The owner is told a last time; then nothing personal is left here, and others hear that it is gone.

    The data key is destroyed, so that copies in backups cannot be read either. The login is free again: a
    person needs the state's services, and may register anew. An empty row stays for those that name it.
    """
    notices.tell(uow, account, "account-closed")
    uow.emit(AccountClosed(account=account.id, at=uow.now()))
    backoffs.clear(uow, account.login_index)
    ended.end_all(uow, account.id, "closed")
    uow.session.execute(update(sessions).where(sessions.c.account == account.id).values(browser=None))
    for table in OWN:
        uow.session.execute(delete(table).where(table.c.account == account.id))
    account.closed_at = uow.now()
    account.login_index = uow.index(f"closed account: {account.id}")
    account.person, account.password_hash = b"", ""
    personal.erase(uow.session, account.id)
