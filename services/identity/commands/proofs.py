"""An account keeps which methods proved whose it is, and is worth as much as the strongest of them."""

from chassis.db import new_id
from chassis.unit_of_work import UnitOfWork
from services.identity.model.account import Account
from services.identity.model.methods import Method, stronger
from services.identity.model.proof import Proof


def record(uow: UnitOfWork, account: Account, method: Method) -> Proof:
    """One more proof of an account that is there. Its assurance only ever rises."""
    proof = Proof(new_id(), account.id, method.id, method.assurance, uow.now())
    uow.session.add(proof)
    account.assurance = stronger(account.assurance, method.assurance)
    return proof
