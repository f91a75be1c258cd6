"""Who looked at one's data: of dossiers and of the account, each as its service tells it."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for

from gateway.backend import Json, call
from gateway.pages import catalogue
from gateway.pages.form import Page
from gateway.pages.form_drafts import for_applicants
from gateway.texts import has, t
from gateway.words import name

blueprint = Blueprint("account_looks", __name__)
AT_ONCE = 20
POST = "POST-"
"""Before the postal code of a post office, which is no agency of the catalogue."""
PARTS = {"ho-so": "/dossiers/looks", "tai-khoan": "/account/looks"}
"""What each part's cursor is called in the address, and where it is told."""


@blueprint.get("/tai-khoan/ai-da-xem")
@for_applicants
def looks() -> Page:
    cursors = {part: request.args.get(part) for part in PARTS}
    pages = {part: listed(path, cursors[part]) for part, path in PARTS.items()}
    offices = {each["code"]: name(each) for each in catalogue.agencies.get() or []}
    return render_template(
        "account/looks.html",
        pages=pages,
        onward={
            part: (on := page["next_cursor"]) and address(part, on, cursors) for part, page in pages.items()
        },
        first={part: address(part, None, cursors) if cursors[part] else None for part in PARTS},
        offices=offices,
        look_words=what,
        looker=who,
    )


def address(part: str, cursor: str | None, cursors: Mapping[str, str | None]) -> str:
    """This page with that part further on, and the other where it is."""
    others = {name: value for name, value in {**cursors, part: cursor}.items() if value}
    query = f"?{urlencode(others)}" if others else ""
    return f"{url_for('account_looks.looks')}{query}#{part}"


def listed(path: str, cursor: str | None) -> Json:
    return call("GET", path, query={"cursor": cursor, "limit": AT_ONCE}).body


def what(look: Json) -> str:
    """ "Hồ sơ H01-261123-0001"; a kind of look that the texts do not know yet is "Dữ liệu khác"."""
    key = f"account.looks.what_{look['what'].replace('-', '_')}"
    return t(key if has(key) else "account.looks.what_other")


def who(look: Json, offices: dict[str, str]) -> str:
    """The agency, or who runs the portal."""
    agency = look["agency"]
    if agency and agency.startswith(POST):
        return t("counter.office", code=agency.removeprefix(POST))
    if agency:
        return offices.get(agency) or str(agency)
    key = f"account.looks.who_{look['kind']}"
    return t(key if has(key) else "account.looks.who_other")
