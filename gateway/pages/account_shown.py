"""A dossier in words for its owner and for the desk: status, when it is due, what happened."""

from typing import Any

from gateway.backend import Json
from gateway.pages import account_due
from gateway.pages.account_due import Due
from gateway.pages.tracking import KINDS
from gateway.texts import t
from gateway.words import clock, day, day_and_clock, moment, weekday

CLOCK_STOPPED = (5, 6, 8, 9, 10)
"""While one of these lasts nobody at the agency is being measured: no date is promised."""


def due_of(dossier: Json) -> tuple[str, Due] | None:
    """What runs now: ("answer" until it is accepted, then "result", how far off). None when no clock runs."""
    if dossier.get("closed") or dossier["status"] in CLOCK_STOPPED:
        return None
    what = "result" if dossier.get("due_at") else "answer"
    until = dossier.get("due_at") or dossier.get("answer_due_at")
    if not until:
        return None
    return what, account_due.due(moment(dossier["submitted_at"]), moment(until), account_due.now())


def due_words(dossier: Json) -> str:
    """ "Hẹn trả: thứ Sáu 27/11/2026, còn 3 ngày làm việc". Empty when no clock runs."""
    found = due_of(dossier)
    if found is None:
        return ""
    what, due = found
    late = "late_hours" if due.state == "late" and not due.days else due.state
    key = f"account.due.{'answer_' if what == 'answer' else ''}{late}"
    return t(key, day=weekday(due.at), time=clock(due.at), n=due.days)


def due_state(dossier: Json) -> str:
    """ahead, soon, today or late; empty when no clock runs."""
    found = due_of(dossier)
    return found[1].state if found else ""


def closed_words(dossier: Json) -> str:
    """How and when it was closed. Empty while it is open."""
    closed = dossier.get("closed")
    return t(f"account.closed.{closed['outcome']}", when=day(closed["at"])) if closed else ""


def timeline(dossier: Json, applicant: str) -> list[dict[str, Any]]:
    """The history for `ui.timeline`, newest first: who, when, why. `applicant` is what to call them."""
    office = dossier["agency"]
    return [
        {
            "kind": KINDS.get(each["status"], "info"),
            "title": each["status_name"],
            "when": day_and_clock(each["at"]),
            "who": who(each.get("by_agency"), office) or applicant,
            "why": each.get("reason") and f"{t('account.dossier.reason')}: {each['reason']}",
        }
        for each in reversed(dossier["history"])
    ]


def who(agency: str | None, office: Json) -> str:
    """The office that acted; empty for the applicant."""
    return str(office["name"]) if agency == office["code"] else agency or ""
