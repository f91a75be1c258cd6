"""The keys that sign tokens. Services and relying parties keep what `/jwks` said for a while: a key is
published before it signs, and until the last token it signed has ended."""

import json
from datetime import datetime

from joserfc.jwk import ECKey
from sqlalchemy import func, select

from chassis import sealing
from chassis.unit_of_work import UnitOfWork
from contracts.event import Sealed
from services.identity import queries
from services.identity.model.rules import Rules
from services.identity.model.signing_key import SigningKey, signs_now

SEALED_FOR = "identity signing keys"
MAKING_A_KEY = 7_201_101


def signing_key(uow: UnitOfWork) -> ECKey:
    """The one that signs now; made on first need, by one process only."""
    found = signs_now(queries.signing_keys_kept(uow), uow.now())
    if found is None:
        _alone(uow)
        found = signs_now(queries.signing_keys_kept(uow), uow.now()) or _make(uow, uow.now())
    sealed = Sealed(kid=found.master_kid, box=found.box)
    return ECKey.import_key(json.loads(sealing.unseal(uow.settings.master, SEALED_FOR, sealed)))


def rotate(uow: UnitOfWork, rules: Rules) -> SigningKey:
    """The next key, published from now on, signing once everybody has had time to hear of it.

    While one waits for that, it is the next: nothing changes.
    """
    _alone(uow)
    newest = max(queries.signing_keys_kept(uow), key=lambda key: key.signs_from, default=None)
    if newest is None:
        return _make(uow, uow.now())
    if newest.signs_from > uow.now():
        return newest
    successor = _make(uow, uow.now() + rules.signing_key_ahead)
    newest.make_way(successor, rules)
    return successor


def rotate_if_due(uow: UnitOfWork, rules: Rules) -> bool:
    found = queries.signing_keys_kept(uow)
    newest = max(found, key=lambda key: key.signs_from, default=None)
    if newest is None or not newest.is_due(uow.now(), rules):
        return False
    rotate(uow, rules)
    return True


def _alone(uow: UnitOfWork) -> None:
    uow.session.execute(select(func.pg_advisory_xact_lock(MAKING_A_KEY)))


def _make(uow: UnitOfWork, signs_from: datetime) -> SigningKey:
    key = ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig"}, auto_kid=True)
    sealed = sealing.seal(uow.settings.master, SEALED_FOR, json.dumps(key.as_dict(private=True)))
    public = dict(key.as_dict(private=False))
    made = SigningKey(str(key.kid), public, sealed.kid, sealed.box, uow.now(), signs_from)
    uow.session.add(made)
    uow.session.flush()
    return made
