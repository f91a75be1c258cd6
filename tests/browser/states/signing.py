"""Signing with a token or a phone, to register and to raise a session."""

from collections.abc import Iterator

from playwright.sync_api import Page

from sandbox.people import named
from tests.browser.stage import Stage, submit
from tests.browser.states.coming_in import fill
from tests.browser.states.kinds import States

NGOC = "079195000028"
USB, SIM = "/dang-ky/cong-dan/usb", "/dang-ky/cong-dan/sim"
RAISE = "/tai-khoan/nang-muc"
SCRIPT = "**/signing.js*"
NONSENSE = {"name": "s.p7s", "mimeType": "application/octet-stream", "buffer": b"\x30nonsense"}


def register(stage: Stage) -> Iterator[str]:
    page = stage.open("anybody", USB)
    fill(page, stage.scene.somebody())
    submit(page)
    yield "token"
    submit(page)
    yield "nothing-chosen"
    send_nonsense(page)
    yield "unreadable"
    page.route(SCRIPT, lambda route: route.abort())  # it would load the page anew while it is looked at
    stage.open("anybody", SIM)
    fill(page, named()[NGOC].as_json())
    submit(page)
    yield "phone"
    stage.open("anybody", SIM)
    fill(page, stage.scene.somebody())
    submit(page)
    yield "phone-without-certificate"
    page.unroute(SCRIPT)


def choose(stage: Stage) -> Iterator[str]:
    page = stage.open("newcomer", RAISE)
    yield "plain"
    page.locator("input[value=usb-token]").evaluate("radio => { radio.value = 'phone'; }")
    submit(page)
    yield "no-signature"


def raised(stage: Stage) -> Iterator[str]:
    page = stage.open("newcomer", RAISE)
    submit(page)
    yield "token"
    send_nonsense(page)
    yield "unreadable"
    stage.open("newcomer", RAISE)
    page.check("input[value=sim-pki]")
    submit(page)
    yield "phone-without-certificate"


def send_nonsense(page: Page) -> None:
    page.set_input_files("#signature", NONSENSE)  # type: ignore[arg-type]
    submit(page)


STATES: States = {"/dang-ky/ky-so": register, RAISE: choose, f"{RAISE}/ky-so": raised}
