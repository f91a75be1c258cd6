"""A citizen's side of identity: solves captchas, reads the SMS, and goes through the steps."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import altcha
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from contracts.identity import CodeRequested
from sandbox import people

PASSWORD = "cầu vồng sau mưa"
AN = "001099000017"
NGOC = "079195000028"


def person(who: str = AN, /, **changes: Any) -> dict[str, Any]:
    """What one of the sandbox's people types into the form."""
    known = people.named()[who]
    form = {
        "id_number": known.id_number,
        "full_name": known.full_name,
        "date_of_birth": known.date_of_birth.isoformat(),
        "phone": known.phone,
    }
    return form | ({"email": known.email} if known.email else {}) | changes


@dataclass
class Portal:
    sut: ServiceUnderTest
    language: str = "vi"

    def captcha(self) -> str:
        challenge = altcha.Challenge.from_dict(self.get("/captcha").get_json())
        solution = altcha.solve_challenge(challenge)
        assert solution is not None
        return altcha.Payload(challenge, solution).to_base64()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> TestResponse:
        return self.sut.client.get(f"/api/v1{path}", headers=dict(headers or {}))

    def post(
        self, path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        with self.sut.app.test_client() as browser:
            return browser.post(
                f"/api/v1{path}",
                json=dict(body) if body is not None else None,
                headers={"Accept-Language": self.language, **(headers or {})},
            )

    def register(self, form: Mapping[str, Any] | None = None, **changes: Any) -> TestResponse:
        body = {"kind": "citizen", "method": "phone", "person": dict(form or person())}
        return self.post(
            "/registrations", body | {"captcha": changes.pop("captcha", None) or self.captcha()} | changes
        )

    def started(self, form: Mapping[str, Any] | None = None) -> str:
        """The id of a registration that waits for its code."""
        answer = self.register(form)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return str(answer.get_json()["id"])

    def confirmed(self, form: Mapping[str, Any] | None = None) -> str:
        """The id of a registration that waits for its password."""
        id = self.started(form)
        answer = self.confirm(id, self.code())
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return id

    def account(self, form: Mapping[str, Any] | None = None, password: str = PASSWORD) -> dict[str, Any]:
        answer = self.post(f"/registrations/{self.confirmed(form)}/account", {"password": password})
        assert answer.status_code == 201, answer.get_data(as_text=True)
        made: dict[str, Any] = answer.get_json()
        return made

    def confirm(self, id: str, code: str) -> TestResponse:
        return self.post(f"/registrations/{id}/confirmation", {"code": code})

    def log_in(
        self, login: str = AN, password: str = PASSWORD, device: str | None = None, captcha: str | None = None
    ) -> TestResponse:
        body = {"login": login, "password": password, "captcha": captcha or self.captcha()}
        return self.post("/sessions", body | ({"device": device} if device else {}))

    def session(self, login: str = AN, password: str = PASSWORD) -> dict[str, Any]:
        """Tokens, by password and code on a new device."""
        waiting = self.log_in(login, password)
        assert waiting.status_code == 202, waiting.get_data(as_text=True)
        answer = self.post(f"/sessions/{waiting.get_json()['id']}/confirmation", {"code": self.code()})
        assert answer.status_code == 201, answer.get_data(as_text=True)
        tokens: dict[str, Any] = answer.get_json()
        return tokens

    def confirm_login(self, id: str, code: str) -> TestResponse:
        return self.post(f"/sessions/{id}/confirmation", {"code": code})

    def refresh(self, token: str) -> TestResponse:
        return self.post("/sessions/refresh", {"refresh_token": token})

    def code(self) -> str:
        """What the newest SMS says."""
        return self.sut.unsealed(self.requested()[-1].code, "notify")

    def wrong_code(self) -> str:
        return f"{(int(self.code()) + 1) % 10**6:06}"

    def requested(self) -> list[CodeRequested]:
        return self.sut.announced(CodeRequested)

    def wait(self, **duration: float) -> None:
        self.sut.clock.move(timedelta(**duration))


def claims(access_token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    part = access_token.split(".")[1]
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return said


def refused(answer: TestResponse, status: int, code: str, pointer: str | None = None) -> dict[str, Any]:
    """The problem, after checking that it is this one."""
    problem: dict[str, Any] = answer.get_json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert answer.mimetype == "application/problem+json"
    if pointer is not None:
        assert pointer in [fault["pointer"] for fault in problem["errors"]]
    return problem
