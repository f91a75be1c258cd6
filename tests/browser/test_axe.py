"""Every page of the gateway's URL map, in every state, in both languages, on a phone and on a desk.

axe finds nothing, nothing sticks out at 360 px, no other host is asked for anything, no page is heavy.
MOTCUA_SHOTS=1 keeps pictures of all of them in tests/browser/shots.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from gateway.app import create_app
from gateway.settings import SERVICES, Settings
from tests.browser.checks import LIMIT, crowded, overflow, violations, weight
from tests.browser.door import Door, opened
from tests.browser.scene import Scene, arrange
from tests.browser.stage import Stage
from tests.browser.states import ALL
from tests.system.caller import Caller
from tests.system.portal import Portal

SHOTS = Path(__file__).with_name("shots") if os.environ.get("MOTCUA_SHOTS") else None
Scheme = Literal["light", "dark"]
SEEN_AS: dict[str, tuple[tuple[int, Scheme], ...]] = {
    "vi": ((360, "light"), (1280, "dark")),
    "en": ((360, "dark"), (1280, "light")),
}
NOT_PAGES = {
    "static": "files",
    "health.livez": "for machines",
    "health.readyz": "for machines",
    "metrics.metrics": "for machines",
    "openapi.document": "for machines",
    "events.asyncapi": "for machines",
    "events.schema": "for machines",
    "events.types": "for machines",
    "proxy.forward": "for machines",
    "account.paper": "a download",
    "desk.paper": "a download",
    "register_signature.challenge": "a download",
    "step_up.challenge": "a download",
    "tracking.from_receipt": "leads to /tra-cuu/<code>",
    "register_code.resent": "leads to /dang-ky/ma",
    "sign_on.configuration": "for machines",
    "sign_on.authorize": "leads to /dang-nhap-noi-khac/<id>, or away",
    "upstream.come_back": "leads in, or back to logging in",
}


APP = create_app(Settings(dict.fromkeys(SERVICES, ""), "http://127.0.0.1", "x" * 32))
RULES = APP.url_map
PAGES = sorted(
    {
        rule.rule
        for rule in RULES.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint not in NOT_PAGES
    }
)


@pytest.fixture(scope="module")
def scene(portal: Portal, officials: dict[str, Caller]) -> Scene:
    return arrange(portal, officials)


@pytest.fixture(scope="module")
def door(portal: Portal) -> Iterator[Door]:
    with opened(portal) as found:
        yield found


@pytest.fixture(scope="module", params=["vi", "en"])
def stage(request: pytest.FixtureRequest, browser: Browser, scene: Scene, door: Door) -> Iterator[Stage]:
    set_up = Stage(scene, door, browser, request.param)
    yield set_up
    set_up.close()


@pytest.mark.parametrize("rule", PAGES)
def test_a_page_is_for_everybody(stage: Stage, rule: str) -> None:
    assert rule in ALL, "a page that is not visited: say in tests/browser/states which states it has"
    found = [trouble for state in ALL[rule](stage) for trouble in troubles(stage, rule, state)]
    assert found == []
    assert stage.hosts == {urlsplit(stage.door.address).netloc}
    stage.visited.add(rule)


def test_every_template_is_part_of_some_state(stage: Stage) -> None:
    for rule in PAGES:
        if rule not in stage.visited:  # this test was asked for alone
            list(ALL[rule](stage))
    assert set(APP.jinja_env.list_templates()) - stage.door.seen == set()


def test_states_are_of_pages_there_are() -> None:
    assert set(PAGES) == set(ALL)


def troubles(stage: Stage, rule: str, state: str) -> list[str]:
    page = stage.page
    assert page is not None
    here, _ = RULES.bind("").match(urlsplit(page.url).path, "GET", return_rule=True)
    assert here.rule == rule, f"{state} led to {page.url}"
    found = [
        f"it speaks {spoken}"
        for spoken in [page.locator("html").get_attribute("lang")]
        if spoken != stage.lang
    ]
    found += [f"{bytes} bytes" for bytes in [weight(page)] if bytes >= LIMIT]
    for width, scheme in SEEN_AS[stage.lang]:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        found += [f"too wide for {width} px: {element}" for element in overflow(page)]
        found += [f"lines too near for {width} px: {element}" for element in crowded(page)]
        found += [f"axe, {scheme}: {violation}" for violation in violations(page)]
        keep(page, f"{rule} {state} {stage.lang} {width} {scheme}")
    return [f"{rule} {state} {stage.lang}: {each}" for each in found]


def keep(page: Page, name: str) -> None:
    if SHOTS:
        plain = "".join(letter if letter.isalnum() or letter == "-" else "_" for letter in name.strip("/ "))
        page.screenshot(path=SHOTS / f"{plain}.png", full_page=True)
