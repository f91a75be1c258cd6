"""What a person has of their own."""

from collections.abc import Iterator

from tests.browser.scene import STATES as CODES
from tests.browser.stage import Stage, press, submit
from tests.browser.states.kinds import States, shown

ACCOUNT = "/tai-khoan"


def home(stage: Stage) -> Iterator[str]:
    stage.open("newcomer", ACCOUNT)
    yield "empty"
    stage.open("citizen", ACCOUNT)
    yield "filled"
    for state in ("closed", "waiting-for-you", "draft"):
        stage.open("citizen", f"{ACCOUNT}?loc={state}")
        yield state
    stage.open("citizen", f"{ACCOUNT}?ma=x1")
    yield "mistake"
    stage.open("citizen", f"{ACCOUNT}?ma=H01-261122-9999")
    yield "unknown"
    page = stage.open("citizen", "/ho-so/nhap/{bare}/buoc/1")
    submit(page, button=1)
    yield "saved"
    stage.open("citizen", f"{ACCOUNT}?cursor={stage.scene.cursor('citizen', '/dossiers')}")
    yield "second-page"


def withdraw(stage: Stage) -> Iterator[str]:
    page = stage.open("citizen", "/ho-so/{new}/rut")
    yield "empty"
    page.fill("#reason", "Tôi nộp nhầm. " * 200)
    submit(page)
    yield "mistake"


def rate(stage: Stage) -> Iterator[str]:
    page = stage.open("citizen", "/ho-so/{closed}/danh-gia")
    yield "empty"
    page.locator("input[name=satisfaction]").first.check()
    yield "ticked"
    submit(page)
    yield "mistakes"


def news(stage: Stage) -> Iterator[str]:
    stage.open("newcomer", "/thong-bao")
    yield "empty"
    page = stage.open("citizen", "/thong-bao")
    yield "filled"
    press(page, page.locator("a[rel=next]"))
    yield "second-page"


def looks(stage: Stage) -> Iterator[str]:
    stage.open("newcomer", f"{ACCOUNT}/ai-da-xem")
    yield "empty"
    stage.open("citizen", f"{ACCOUNT}/ai-da-xem")
    yield "filled"


STATES: States = {
    f"{ACCOUNT}/ai-da-xem": looks,
    ACCOUNT: home,
    "/ho-so/<code>": shown(
        **{state: ("citizen", f"/ho-so/{{{state}}}") for state in (*CODES, "withdrawing")},
        strange=("newcomer", "/ho-so/{new}"),
        official=("official", "/ho-so/{new}"),
    ),
    "/ho-so/<code>/rut": withdraw,
    "/ho-so/<code>/danh-gia": rate,
    "/thong-bao": news,
}
