"""Signing in elsewhere through the portal."""

from collections.abc import Iterator
from urllib.parse import urlencode

from tests.browser import ministry
from tests.browser.stage import Stage, submit
from tests.browser.states.kinds import States

ASKED = "/dang-nhap-noi-khac/<uuid:id>"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def query(stage: Stage, **more: str) -> str:
    there = ministry.registered(stage.scene.portal)
    asked = {
        "response_type": "code",
        "client_id": there.client_id,
        "redirect_uri": there.redirect_uri,
        "scope": "openid profile id_number phone email address business",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return urlencode(asked | more)


def ask(stage: Stage) -> Iterator[str]:
    page = stage.open("citizen", f"/oauth2/authorize?{query(stage, prompt='consent')}")
    yield "consent"
    somewhere = {"step": "redirect", "location": page.url + "#away", "relying_party": ministry.NAME}
    with stage.door.instead("POST", "/oauth2/requests/*/steps", (201, somewhere)):
        page.reload()
        page.wait_for_url("**#away")
        yield "away"
    stage.open("citizen", f"/oauth2/authorize?{query(stage, prompt='login')}")
    yield "again"
    stage.open("citizen", f"/oauth2/authorize?{query(stage, acr_values='high')}")
    yield "higher"
    stage.open("citizen", "/dang-nhap-noi-khac/00000000-0000-4000-8000-000000000000")
    yield "gone"


def consents(stage: Stage) -> Iterator[str]:
    stage.open("newcomer", "/tai-khoan/dang-nhap-noi-khac")
    yield "empty"
    page = stage.open("citizen", f"/oauth2/authorize?{query(stage, prompt='consent')}")
    here = (201, {"step": "redirect", "location": "/tai-khoan/dang-nhap-noi-khac", "relying_party": None})
    citizen = stage.scene.people["citizen"]
    citizen.post(f"/oauth2/requests/{page.url.rsplit('/', 1)[1]}/steps", {"decision": "allow"})
    with stage.door.instead("POST", "/oauth2/requests/*/steps", here):
        submit(page)
        page.wait_for_url("**/tai-khoan/dang-nhap-noi-khac")
    yield "filled"


def leave(stage: Stage) -> Iterator[str]:
    there = ministry.registered(stage.scene.portal)
    stage.open("citizen", "/oauth2/logout")
    yield "plain"
    asked = {"client_id": there.client_id, "post_logout_redirect_uri": there.home}
    stage.open("citizen", f"/oauth2/logout?{urlencode(asked)}")
    yield "asked by a site"


STATES: States = {ASKED: ask, "/tai-khoan/dang-nhap-noi-khac": consents, "/oauth2/logout": leave}
