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


HOOK = "/can-bo/ket-noi"
AT = "2026-11-23T02:00:00+00:00"
SET = {"url": "https://hooks.agency.example/events", "state": "enabled", "position": 40, "waiting": 0}
FAILING = SET | {"waiting": 3, "last_error": "answered-503", "failing_since": AT, "next_try_at": AT}
DISABLED = SET | {"state": "disabled", "waiting": 1200, "last_error": "bad-certificate", "failing_since": AT}
KINDS = ("submitted", "accepted", "withdrawal-requested", "decision-rejected")
TOLD = [
    {"position": 43 - n, "type": f"motcua.dossier.{kind}.v1", "at": AT, "status": "delivered", "attempts": 1}
    for n, kind in enumerate(KINDS)
]
TOLD[0] |= {"status": "failing", "attempts": 7, "error": "answered-503"}


def webhook(stage: Stage) -> Iterator[str]:
    """What the agency's software would have to do for days is said by notify's place."""
    stage.open("official", HOOK)
    yield "none"
    for state, said in (
        ("fine", SET),
        ("failing", FAILING),
        ("disabled", DISABLED | {"disabled_at": AT, "notice": "-"}),
    ):
        listed = {"items": TOLD[1:] if state == "fine" else TOLD, "next_cursor": "x"}
        with (
            stage.door.instead("GET", "/agency/webhook", (200, said)),
            stage.door.instead("GET", "/agency/webhook/deliveries*", (200, listed)),
        ):
            page = stage.open("official", HOOK)
            yield state
            if state == "disabled":
                with stage.door.instead("POST", "/agency/webhook/enablement", (200, SET)):
                    submit(page)
                yield "enabled"
                stage.open("official", f"{HOOK}?cursor=x")
                yield "second-page"
    empty: dict[str, object] = {"items": [], "next_cursor": None}
    with (
        stage.door.instead("GET", "/agency/webhook", (200, SET)),
        stage.door.instead("GET", "/agency/webhook/deliveries*", (200, empty)),
    ):
        stage.open("official", HOOK)
        yield "nothing-sent"
    stage.open("citizen", HOOK)
    yield "citizen"


STATES: States = {
    HOOK: webhook,
    QUEUE: queue,
    "/van-hanh": shown(
        plain=("operator", "/van-hanh"), citizen=("citizen", "/van-hanh"), official=("official", "/van-hanh")
    ),
    ONE: dossier,
    f"{ONE}/<action>": confirm,
}
