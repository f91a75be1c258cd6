"""What an official sees, and an operator."""

from collections.abc import Iterator

from tests.browser.scene import STATES as CODES
from tests.browser.stage import Stage, submit
from tests.browser.states.kinds import States, shown
from tests.system.caller import decide, sent

QUEUE, ONE = "/can-bo", "/can-bo/ho-so/<code>"


def dossier(stage: Stage) -> Iterator[str]:
    for state in (*CODES, "withdrawing"):
        stage.open("official", f"/can-bo/ho-so/{{{state}}}")
        yield state
    stage.open("other", "/can-bo/ho-so/{new}")
    yield "strange"
    page = stage.open("official", f"/can-bo/ho-so/{one_more(stage)}/accept")
    submit(page)
    yield "done"


def queue(stage: Stage) -> Iterator[str]:
    yield from shown(
        filled=("official", QUEUE),
        closed=("official", f"{QUEUE}?trang-thai=10"),
        nothing=("official", f"{QUEUE}?qua-han=1"),
        empty=("other", QUEUE),
        citizen=("citizen", QUEUE),
    )(stage)
    stage.open("official", f"{QUEUE}?cursor={stage.scene.cursor('official', '/desk/dossiers')}")
    yield "second-page"


def one_more(stage: Stage) -> str:
    return str(sent(stage.scene.people["citizen"])["code"])


def stale(stage: Stage) -> Iterator[str]:
    """Accepted by a colleague after this official opened the second step."""
    code = one_more(stage)
    page = stage.open("official", f"/can-bo/ho-so/{code}/accept")
    decide(stage.scene.people["official"], code, "accept")
    submit(page)
    yield "stale"


def confirm(stage: Stage) -> Iterator[str]:
    page = stage.open("official", "/can-bo/ho-so/{new}/refuse")
    yield "refuse"
    submit(page)
    yield "mistake"
    for state, action in (
        ("new", "accept"),
        ("accepted", "forward"),
        ("forwarded", "finish"),
        ("finished", "hand-over"),
        ("withdrawing", "close-withdrawal"),
        ("withdrawing", "decline-withdrawal"),
    ):
        stage.open("official", f"/can-bo/ho-so/{{{state}}}/{action}")
        yield action
    yield from stale(stage)


STATES: States = {
    QUEUE: queue,
    "/van-hanh": shown(
        plain=("operator", "/van-hanh"), citizen=("citizen", "/van-hanh"), official=("official", "/van-hanh")
    ),
    ONE: dossier,
    f"{ONE}/<action>": confirm,
}
