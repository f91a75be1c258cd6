"""Who may begin a dossier of a procedure, and what those lack who may not."""

from gateway.backend import Json
from gateway.pages.methods import METHODS
from gateway.viewer import Viewer

APPLICANTS = ("citizen", "business")


def lacking(procedure: Json, who: Viewer | None) -> list[str]:
    """`citizen` or `business`: an account of that kind; `high`: that level. [] for those who may begin.

    Somebody not logged in may, when there is an account to be had that will do.
    """
    audience, high = procedure["audience"], procedure["assurance"] == "high"
    if who is None and obtainable(procedure):
        return []
    fitting = who.kind in audience if who else "citizen" in audience
    lacks = [] if fitting else ["citizen" if "citizen" in audience else "business"]
    return [*lacks, "high"] if high and not (who and who.assurance == "high") else lacks


def obtainable(procedure: Json) -> bool:
    """Whether one of the open ways to register leads to an account that may send this."""
    levels = ("high",) if procedure["assurance"] == "high" else ("medium", "high")
    return any(
        method["open"] and method["level"] in levels and set(method["kinds"]) & set(procedure["audience"])
        for method in METHODS
    )


def to_come(lack: str) -> bool:
    """Whether no open way to register gives what is lacking."""
    return not any(lack in (*method["kinds"], method["level"]) for method in METHODS if method["open"])


def reason(procedure: Json, who: Viewer | None) -> str:
    """Why this person cannot begin, as the texts `form.entry.<reason>` say it; "" when they can."""
    if who and who.kind not in APPLICANTS:
        return "staff"
    return next(iter(lacking(procedure, who)), "")
