"""A draft, from its beginning to its being sent."""

from collections.abc import Iterator

from playwright.sync_api import FilePayload, Page

from tests.answers import BIRTH
from tests.browser.scene import COMPANY
from tests.browser.stage import Stage, press, submit
from tests.browser.states.kinds import States, shown

DRAFT = "/ho-so/nhap/<uuid:draft>"
NO_PAPER: FilePayload = {"name": "ghi chú.txt", "mimeType": "text/plain", "buffer": b"Xin chao"}


def start(stage: Stage) -> Iterator[str]:
    page = stage.open("newcomer", f"/ho-so/moi?procedure={BIRTH}")
    yield "choice"
    submit(page)
    yield "mistake"
    stage.open("citizen", f"/ho-so/moi?procedure={BIRTH}")
    yield "draft"
    stage.open("citizen", f"/ho-so/moi?procedure={COMPANY}")
    yield "business-citizen"
    stage.open("official", f"/ho-so/moi?procedure={BIRTH}")
    yield "official"


def step(stage: Stage) -> Iterator[str]:
    for number in range(1, 6):
        page = stage.open("citizen", f"/ho-so/nhap/{{bare}}/buoc/{number}")
        yield f"{number}-empty"
        submit(page)
        yield f"{number}-mistakes"
        stage.open("citizen", f"/ho-so/nhap/{{full}}/buoc/{number}")
        yield f"{number}-filled"
    page = stage.open("citizen", "/ho-so/nhap/{bare}/buoc/2")
    page.check("input[name=birth_place_kind][value=elsewhere]")
    page.wait_for_selector("#birth_address")
    yield "more-asked"
    yield from late(stage)
    yield from changed_elsewhere(stage)


def late(stage: Stage) -> Iterator[str]:
    page = stage.open("citizen", "/ho-so/nhap/{full}/buoc/2")
    page.fill("#child_name", "Lê Văn Chậm")
    with stage.door.instead("PUT", "/dossiers/*/form", None):
        submit(page)
    yield "late"


def changed_elsewhere(stage: Stage) -> Iterator[str]:
    page = stage.open("citizen", "/ho-so/nhap/{elsewhere}/buoc/2")
    change(stage, "Trần")
    page.fill("#child_name", "Lê Văn Khác")
    submit(page)
    yield "conflict"


def change(stage: Stage, surname: str) -> None:
    """As in another window."""
    path = stage.scene.address("/dossiers/{elsewhere}")
    answer = stage.scene.people["citizen"].call("GET", path)
    answers = answer.json["form"] | {"child_name": f"{surname} {stage.lang.title()}"}
    stage.scene.people["citizen"].call("PUT", f"{path}/form", answers, {"If-Match": answer.headers["ETag"]})


def papers(stage: Stage) -> Iterator[str]:
    page = stage.open("citizen", "/ho-so/nhap/{full}/giay-to")
    yield "filled"
    page.locator("input[type=file]").first.set_input_files(NO_PAPER)
    put_up(page)
    yield "refused"
    stage.open("citizen", "/ho-so/nhap/{elsewhere}/giay-to")
    yield "empty"
    put_up(page)
    yield "mistake"


def put_up(page: Page) -> None:
    press(page, page.locator("form.upload button").first)


def check(stage: Stage) -> Iterator[str]:
    stage.open("citizen", "/ho-so/nhap/{bare}/kiem-tra")
    yield "missing"
    page = stage.open("citizen", "/ho-so/nhap/{full}/kiem-tra")
    yield "full"
    submit(page, "form.send")
    yield "mistake"
    page.check("#consent")
    with stage.door.instead("POST", "/dossiers/*/submission", (409, {"code": "in-progress"})):
        submit(page, "form.send")
    yield "busy"
    page = stage.open("citizen", "/ho-so/nhap/{elsewhere}/kiem-tra")
    change(stage, "Phạm")
    submit(page, "form.send")
    yield "changed"


STATES: States = {
    "/ho-so/moi": start,
    f"{DRAFT}/buoc/<int:number>": step,
    f"{DRAFT}/giay-to": papers,
    f"{DRAFT}/kiem-tra": check,
    f"{DRAFT}/bo": shown(
        plain=("citizen", "/ho-so/nhap/{full}/bo"), strange=("newcomer", "/ho-so/nhap/{full}/bo")
    ),
    "/ho-so/<code>/da-gui": shown(plain=("citizen", "/ho-so/{new}/da-gui")),
    "/ho-so/<code>/giay-tiep-nhan": shown(
        new=("citizen", "/ho-so/{new}/giay-tiep-nhan"),
        accepted=("citizen", "/ho-so/{accepted}/giay-tiep-nhan"),
    ),
}
