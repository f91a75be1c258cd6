"""Hands of somebody who signs: with a card of the sandbox, or by typing a PIN on its phone page."""

from typing import Any

import urllib3
from werkzeug.test import TestResponse

from sandbox.people import known
from tests.identity.portal import PASSWORD, Portal, person

SONG_HONG, GAO = "0101010011", "0101040016"


def outside(url: str, body: dict[str, Any]) -> Any:
    return urllib3.request("POST", url, json=body, retries=False, timeout=10.0).json()


def signed(sandbox: str, challenge: str, card: str) -> str:
    return str(outside(f"{sandbox}/signatures", {"challenge": challenge, "card": card})["signature"])


def business_form(tax_code: str = SONG_HONG) -> dict[str, Any]:
    found = next(each for each in known()["businesses"] if each["tax_code"] == tax_code)
    return {name: value for name, value in found.items() if name != "card"}


def register(portal: Portal, method: str, who: str, **changes: Any) -> TestResponse:
    """`who`: an ID number, or a tax code of a business."""
    is_business = len(who) == 10
    form = {"business": business_form(who)} if is_business else {"person": person(who)}
    kind = "business" if is_business else "citizen"
    body = {"kind": kind, "method": method, "captcha": portal.captcha(), **form}
    return portal.post("/registrations", body | changes)


def confirm(portal: Portal, id: str, signature: str) -> TestResponse:
    return portal.post(f"/registrations/{id}/confirmation", {"signature": signature})


def account(portal: Portal, id: str) -> dict[str, Any]:
    answer = portal.post(f"/registrations/{id}/account", {"password": PASSWORD})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    made: dict[str, Any] = answer.get_json()
    return made


def type_pin(sandbox: str, pin: str = "2468", times: int = 1) -> None:
    """On every phone that asks just now."""
    page = urllib3.request("GET", f"{sandbox}/phones", retries=False).data.decode()
    ids = {part.partition('"')[0] for part in page.split('action="/phones/')[1:]}
    assert ids, "no phone rings"
    for id in ids:
        for _ in range(times):
            outside(f"{sandbox}/phones/{id}", {"pin": pin})
