"""What an agency's administrator sees of its officials, and who is invited sees of the invitation."""

from collections.abc import Iterator
from typing import Any

from tests.browser.stage import Stage, submit
from tests.browser.states.kinds import States

PEOPLE = "/can-bo/nhan-su"
ONE = f"{PEOPLE}/<uuid:id>"


def boss(stage: Stage) -> dict[str, Any]:
    """The administrator, who is the agency's last: nothing done to them here is done."""
    found: dict[str, Any] = stage.scene.people["official"].get("/agency/officials")["items"][0]
    return found


def invite(stage: Stage, number: str, send: str) -> dict[str, Any]:
    body = {"full_name": "Trần Văn Minh", "phone": "0912345671", "roles": ["approver"], "send": send}
    body["login"] = f"minh.{stage.lang}.{number}"
    made: dict[str, Any] = stage.scene.people["official"].post("/agency/officials/invitations", body)
    return made


def people(stage: Stage) -> Iterator[str]:
    stage.open("official", PEOPLE)
    yield "nobody-invited"
    invite(stage, "list", "sms")
    page = stage.open("official", PEOPLE)
    yield "invited"
    submit(page)
    yield "revoked"
    stage.open("citizen", PEOPLE)
    yield "citizen"


def one(stage: Stage) -> Iterator[str]:
    page = stage.open("official", f"{PEOPLE}/{boss(stage)['account_id']}")
    yield "plain"
    for ticked in page.locator("input[name=roles]").all():
        ticked.uncheck()
    submit(page)
    yield "mistake"


def sending_away(stage: Stage) -> Iterator[str]:
    for deed in ("mo-khoa", "go", "tam-khoa"):
        page = stage.open("official", f"{PEOPLE}/{boss(stage)['account_id']}/{deed}")
        yield deed
    submit(page)
    yield "last-administrator"


def inviting(stage: Stage) -> Iterator[str]:
    page = stage.open("official", f"{PEOPLE}/moi")
    yield "empty"
    submit(page)
    yield "mistakes"
    page.fill("#full_name", "Trần Văn Minh")
    page.fill("#login", f"minh.{stage.lang}.page")
    page.fill("#phone", "0912345671")
    page.check("input[name=roles][value=approver]")
    page.check("input[name=send][value=link]")
    submit(page)
    yield "link"


def invitation(stage: Stage) -> Iterator[str]:
    stage.open("anybody", "/loi-moi?ma=x")
    yield "gone"
    page = stage.open("anybody", opened(invite(stage, "open", "link")))
    yield "open"
    submit(page)
    yield "mistake"


def accepted(stage: Stage) -> Iterator[str]:
    page = stage.open("anybody", opened(invite(stage, "done", "link")))
    for field in ("password", "again"):
        page.fill(f"#{field}", "cầu vồng sau mưa")
    submit(page)
    yield "done"


def opened(made: dict[str, Any]) -> str:
    return "/" + str(made["link"]).split("/", 3)[3]


STATES: States = {
    PEOPLE: people,
    ONE: one,
    f"{ONE}/<deed>": sending_away,
    f"{PEOPLE}/moi": inviting,
    "/loi-moi": invitation,
    "/loi-moi/xong": accepted,
}
