"""Mandates as the giver and the agent see them, and what acting looks like."""

from collections.abc import Iterator
from datetime import timedelta

from chassis.unit_of_work import utc_now
from tests.browser.stage import Stage, submit
from tests.browser.states.kinds import States

PLACE = "/tai-khoan/uy-quyen"


def given(stage: Stage) -> str:
    """The citizen lets the newcomer act."""
    giver, agent = stage.scene.people["citizen"], stage.scene.people["newcomer"]
    body = {
        "to": agent.login,
        "deeds": ["prepare", "submit", "follow"],
        "expires_at": (utc_now() + timedelta(days=30)).isoformat(),
    }
    return str(giver.post("/mandates", body)["id"])


def mandates(stage: Stage) -> Iterator[str]:
    page = stage.open("newcomer", PLACE)
    yield "nothing-given"
    submit(page, f"main form[action='{PLACE}']")
    yield "mistakes"
    id = given(stage)
    stage.open("citizen", PLACE)
    yield "given"
    page = stage.open("newcomer", PLACE)
    yield "offered"
    submit(page, f"main form[action='{PLACE}/{id}/nhan']")
    yield "accepted"
    submit(page, f"main form[action='{PLACE}/{id}/lam-thay']")
    stage.open("newcomer", "/tai-khoan")
    page = stage.open("newcomer", "/tai-khoan")
    submit(page, ".acting form")
    yield "stopped"
    submit(page, f"main form[action='{PLACE}/{id}/cham-dut']")
    yield "ended"


STATES: States = {PLACE: mandates}
