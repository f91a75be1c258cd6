"""By way of the post office: the slip, the counter, and the way back."""

from collections.abc import Iterator
from typing import Any

from tests.browser.stage import Stage, submit
from tests.browser.states.coming_in import fill
from tests.browser.states.kinds import States

FORM, SLIP, BACK, COUNTER = (
    "/dang-ky/cong-dan/buu-dien",
    "/dang-ky/phieu-hen",
    "/dang-ky/tiep-tuc",
    "/buu-cuc",
)
NOBODYS = "4821 0937 5519"


def slip(stage: Stage) -> Iterator[str]:
    page = stage.open("anybody", FORM)
    fill(page, stage.scene.somebody())
    submit(page)
    yield "to-take-along"
    code = page.locator(".code-plate").inner_text()
    deed(stage, "refused", code, reason="card-differs")
    stage.open("anybody", SLIP)
    yield "refused"


def back(stage: Stage) -> Iterator[str]:
    page = stage.open("anybody", BACK)
    yield "empty"
    submit(page)
    yield "mistakes"
    page.fill("#registration_code", NOBODYS)
    page.fill("#phone", "0912000017")
    submit(page)
    yield "refused"


def counter(stage: Stage) -> Iterator[str]:
    code = registered(stage)
    page = stage.open("clerk", COUNTER)
    yield "empty"
    page.fill("#registration_code", NOBODYS)
    submit(page)
    yield "nobody"
    page.fill("#registration_code", code)
    submit(page)
    yield "compare"
    deed(stage, "checked", code)
    stage.open("clerk", COUNTER)
    page.fill("#registration_code", code)
    submit(page)
    yield "given"


def give(stage: Stage) -> Iterator[str]:
    page = stage.open("clerk", COUNTER)
    page.fill("#registration_code", registered(stage))
    submit(page)
    submit(page)
    yield "mistake"
    page.check("#compared")
    submit(page)
    yield "code"


def refuse(stage: Stage) -> Iterator[str]:
    page = stage.open("clerk", COUNTER)
    page.fill("#registration_code", registered(stage))
    submit(page)
    submit(page, "main form[action$='tu-choi']")
    yield "mistake"


def registered(stage: Stage) -> str:
    """The code of a registration that waits for the counter."""
    who, person = stage.scene.people["newcomer"], stage.scene.somebody()
    told = {name: person[name] for name in ("id_number", "full_name", "date_of_birth", "phone")}
    body = {"kind": "citizen", "method": "post", "captcha": who.captcha(), "person": told}
    return str(who.post("/registrations", body)["registration_code"])


def deed(stage: Stage, name: str, code: str, **more: Any) -> None:
    clerk = stage.scene.people["clerk"]
    answer = clerk.call("POST", f"/counter/visits/{name}", {"registration_code": code, **more})
    assert answer.status in (201, 204), answer


STATES: States = {
    SLIP: slip,
    BACK: back,
    COUNTER: counter,
    "/buu-cuc/cap-ma": give,
    "/buu-cuc/tu-choi": refuse,
}
