from chassis.auth import principal
from services.dossier.model.history import Whose


def whose() -> Whose:
    """Whose dossiers the caller is at: their own, or by a mandate another's."""
    me = principal()
    return Whose(me.account, me.actor, me.mandate.procedures if me.mandate else None)
