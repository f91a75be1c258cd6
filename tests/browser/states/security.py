"""What a person changes about their account, and the ways back into one."""

import re
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page

from tests.browser.stage import Stage, press, submit
from tests.browser.states.coming_in import again, fill, type_code
from tests.browser.states.kinds import States
from tests.browser.visitor import PASSWORD
from tests.system.caller import citizen
from tests.system.portal import Portal, eventually

SECURITY, FORGOTTEN, LOST = "/tai-khoan/bao-mat", "/quen-mat-khau", "/mat-dien-thoai"
LINK = re.compile(r"/dung-lai\?ma=[\w-]+")


def security(stage: Stage) -> Iterator[str]:
    who = stage.scene.people["newcomer"]
    stage.open("official", SECURITY)
    yield "official"
    who.post("/account/closing", {"current_password": who.password}, expect=202)
    page = stage.open("newcomer", SECURITY)
    yield "closing"
    submit(page)
    yield "kept"


def ended(stage: Stage) -> Iterator[str]:
    who = stage.scene.people["newcomer"]
    body = {"login": who.login, "password": who.password, "device": who.tokens["device"]}
    who.post("/sessions", body | {"captcha": who.captcha()})
    page = stage.open("newcomer", SECURITY)
    yield "another"
    press(page, page.locator("form[action*='/phien/'] button").first)
    yield "ended"


def with_password(path: str, **good: str) -> Any:
    """A form that wants the password again: empty, and with mistakes."""

    def states(stage: Stage) -> Iterator[str]:
        page = stage.open("newcomer", path)
        yield "empty"
        submit(page)
        yield "mistakes"
        for name, value in good.items():
            page.fill(f"#{name}", value)
        page.fill("#current_password", "không phải")
        submit(page)
        yield "refused"

    return states


def data(stage: Stage) -> Iterator[str]:
    page = stage.open("newcomer", f"{SECURITY}/du-lieu")
    yield "empty"
    submit(page)
    yield "mistakes"


def phone_code(stage: Stage) -> Iterator[str]:
    who = stage.scene.people["newcomer"]
    page = stage.open("newcomer", f"{SECURITY}/dien-thoai")
    page.fill("#phone", spare(who.phone))
    page.fill("#current_password", who.password)
    sent = stage.visitor(page).code_sent_to(spare(who.phone), lambda: submit(page))
    yield "empty"
    type_code(page, wrong(sent))
    yield "wrong"
    again(page)
    yield "too-soon"


def forgotten(stage: Stage) -> Iterator[str]:
    page = stage.open("anybody", FORGOTTEN)
    yield "empty"
    submit(page)
    yield "mistakes"
    stage.open("anybody", f"{FORGOTTEN}?captcha=picture")
    yield "picture"


def forgotten_code(stage: Stage) -> Iterator[str]:
    page, sent = forgot(stage)
    yield "empty"
    submit(page)
    yield "mistake"
    type_code(page, wrong(sent))
    yield "wrong"


def forgotten_password(stage: Stage) -> Iterator[str]:
    page, sent = forgot(stage)
    type_code(page, sent)
    yield "empty"
    submit(page)
    yield "mistakes"


def forgot(stage: Stage) -> tuple[Page, str]:
    """Somebody who has just asked for the code, and what it is."""
    person = owner(stage)
    page = stage.open("anybody", FORGOTTEN)
    page.fill("#login", person["id_number"])
    page.fill("#full_name", person["full_name"])
    page.fill("#date_of_birth", person["date_of_birth"])
    return page, stage.visitor(page).code_sent_to(person["phone"], lambda: submit(page))


def lost(stage: Stage) -> Iterator[str]:
    page = stage.open("anybody", LOST)
    yield "empty"
    submit(page)
    yield "mistakes"
    stage.open("anybody", f"{LOST}?captcha=picture")
    yield "picture"


def lost_code(stage: Stage) -> Iterator[str]:
    page, sent = lose(stage, stage.scene.somebody())
    yield "empty"
    type_code(page, wrong(sent))
    yield "wrong"
    type_code(page, sent)
    yield "no-account"


def lost_password(stage: Stage) -> Iterator[str]:
    page, sent = lose(stage, owner(stage))
    type_code(page, sent)
    yield "empty"
    submit(page)
    yield "mistakes"


def lost_begun(stage: Stage) -> Iterator[str]:
    begun(stage, owner(stage))
    yield "plain"


def stop(stage: Stage) -> Iterator[str]:
    page = stage.open("anybody", "/dung-lai?ma=made-up")
    yield "asked"
    submit(page)
    yield "nothing-to-stop"
    person = owner(stage)
    begun(stage, person)
    stage.open("anybody", eventually(lambda: link_of(stage.scene.portal, person["phone"])))
    submit(page)
    yield "stopped"


def begun(stage: Stage, person: Any) -> None:
    page, sent = lose(stage, person)
    type_code(page, sent)
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    submit(page)


def lose(stage: Stage, person: Any) -> tuple[Page, str]:
    page, phone = stage.open("anybody", LOST), spare(person["phone"])
    fill(page, person | {"phone": phone})
    return page, stage.visitor(page).code_sent_to(phone, lambda: submit(page))


def link_of(portal: Portal, phone: str) -> str | None:
    """The path of the link in the newest notice that has one."""
    found = [link for message in portal.messages(phone) for link in LINK.findall(message["text"])]
    return str(found[0]) if found else None


def owner(stage: Stage) -> Any:
    """A test person with an account that nothing has happened to."""
    person = stage.scene.somebody()
    citizen(stage.scene.portal, person).register(person)
    return person


def spare(phone: str) -> str:
    """The second SIM that everybody has in the sandbox."""
    return "086" + phone[3:]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def devices(stage: Stage) -> Iterator[str]:
    yield from security(stage)
    yield from ended(stage)


STATES: States = {
    "/dung-lai": stop,
    LOST: lost,
    f"{LOST}/da-nhan": lost_begun,
    f"{LOST}/ma": lost_code,
    f"{LOST}/mat-khau": lost_password,
    FORGOTTEN: forgotten,
    f"{FORGOTTEN}/ma": forgotten_code,
    f"{FORGOTTEN}/mat-khau": forgotten_password,
    SECURITY: devices,
    f"{SECURITY}/dien-thoai": with_password(f"{SECURITY}/dien-thoai", phone="0912000028"),
    f"{SECURITY}/dien-thoai/ma": phone_code,
    f"{SECURITY}/dong": with_password(f"{SECURITY}/dong"),
    f"{SECURITY}/du-lieu": data,
    f"{SECURITY}/mat-khau": with_password(f"{SECURITY}/mat-khau", password=PASSWORD, again=PASSWORD),
    f"{SECURITY}/thu-dien-tu": with_password(f"{SECURITY}/thu-dien-tu", email="moi@example.test"),
}
