"""An account keeps which methods proved whose it is, and is worth as much as the strongest of them."""

from sqlalchemy import insert

from chassis.db import new_id
from chassis.unit_of_work import UnitOfWork
from services.identity.model.account import Account
from services.identity.model.methods import Method, stronger
from services.identity.model.proof import Proof
from services.identity.tables import evidence


def record(uow: UnitOfWork, account: Account, method: Method, shown: str | None = None) -> Proof:
    """One more proof of an account that is there. Its assurance only ever rises.

    `shown`: the evidence of a signature, kept under the account's data key.
    """
    proof = Proof(new_id(), account.id, method.id, method.assurance, uow.now())
    uow.session.add(proof)
    if shown is not None:
        uow.session.flush()
        box = uow.protect(account.id, shown)
        uow.session.execute(insert(evidence).values(proof=proof.id, box=box))
    account.assurance = stronger(account.assurance, method.assurance)
    return proof
