"""Who may take which action of the workflow."""

from contracts.dossier import DossierEvent
from services.dossier.model.history import Actor
from services.dossier.model.workflow import WORKFLOW, Action
from vocabulary.refusals import Fault, Forbidden, Invalid
from vocabulary.text import Text


def available(name: str, by: Actor) -> tuple[Action, type[DossierEvent]]:
    """The action, and the event it causes.

    Invalid: `action-unknown` (to this side), `action-not-yet-available`. Forbidden `role-needed`: an
    official without a role for it.
    """
    action = WORKFLOW.actions.get(name)
    if action is None or action.by != by.side:
        text = Text("Không có quyết định nào tên như vậy.", "There is no such decision.")
        raise Invalid("action-unknown", text.vi, text.en, [Fault("/action", "unknown", text)])
    if action.event is None:
        text = Text("Quyết định này chưa dùng được.", "This decision is not available yet.")
        raise Invalid("action-not-yet-available", text.vi, text.en, [Fault("/action", "later", text)])
    if by.roles is not None and not action.roles & by.roles:
        raise Forbidden(
            "role-needed",
            "Vai trò của bạn ở cơ quan không được ra quyết định này. Hãy chuyển cho người có vai trò.",
            "Your role at the agency may not take this decision. Leave it to a colleague who has the role.",
        )
    return action, action.event
