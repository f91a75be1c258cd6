"""The portal as a person's program sees it: log in, then call the API with a token."""

import base64
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import altcha
import urllib3

T = TypeVar("T")

CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
CODE_SECONDS = 30.0


class Refused(Exception):
    """The portal answered with a problem, or not at all."""


class Away(Refused):
    """Not at all: trying again may help."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    json: Any


@dataclass(frozen=True)
class Credentials:
    """`phone` is where codes are sent; `device_file` keeps the device that needs none."""

    login: str
    password: str
    phone: str
    device_file: Path | None = None


class Portal:
    """`url` is the gateway's; `sandbox_url` is where codes sent by SMS can be read."""

    def __init__(self, url: str, sandbox_url: str, credentials: Credentials) -> None:
        self._url = url.rstrip("/") + "/api/v1"
        self._sandbox = sandbox_url.rstrip("/")
        self._who = credentials
        self._http = urllib3.PoolManager(timeout=urllib3.Timeout(10.0), retries=False)
        self._token: str | None = None

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Logs in first, and again when the token has ended. Refused for an answer of 400 and more."""
        return self._as_somebody(method, path, headers, json=body)

    def upload(self, path: str, document: str, name: str, content: bytes, media_type: str) -> Answer:
        file = (name, content, media_type)
        return self._as_somebody("POST", path, {}, fields={"document": document, "file": file})

    def _as_somebody(self, method: str, path: str, headers: Mapping[str, str], **given: Any) -> Answer:
        for _ in range(2):
            self._token = self._token or self._log_in()
            allowed = {**headers, "Authorization": f"Bearer {self._token}"}
            answer = self._send(method, path, allowed, **given)
            if answer.status != 401:
                break
            self._token = None
        return _good(answer)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """What the portal answers to anybody. Refused for an answer of 400 and more."""
        return _good(self._send(method, path, json=body)).json

    def code_after(self, act: Callable[[], T]) -> tuple[T, str]:
        """What `act` returns, and the code that came by SMS because of it."""
        before = self._codes()
        done = act()
        return done, self._new_code(before)

    def _send(self, method: str, path: str, headers: Mapping[str, str] = {}, **given: Any) -> Answer:
        try:
            got = self._http.request(method, self._url + path, headers=headers, **given)
            return Answer(got.status, got.headers, json.loads(got.data or b"null"))
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise Away(f"{method} {path}: {type(error).__name__}") from error

    def _log_in(self) -> str:
        body = {"login": self._who.login, "password": self._who.password, "captcha": self.captcha()}
        before = self._codes()
        answer = _good(self._send("POST", "/sessions", json=body | self._known_device()))
        if answer.status == 202:
            code = {"code": self._new_code(before)}
            answer = _good(self._send("POST", f"/sessions/{answer.json['id']}/confirmation", json=code))
        self._remember(answer.json["device"])
        token: str = answer.json["access_token"]
        return token

    def captcha(self) -> str:
        """The solution of a new one, for one call."""
        challenge = altcha.Challenge.from_dict(_good(self._send("GET", "/captcha")).json)
        solution = altcha.solve_challenge(challenge)
        if solution is None:
            raise Refused("the captcha could not be solved")
        payload = {"challenge": challenge.to_dict(), "solution": solution.to_dict()}
        return base64.b64encode(json.dumps(payload).encode()).decode()

    def _known_device(self) -> dict[str, str]:
        file = self._who.device_file
        return {"device": file.read_text()} if file and file.exists() else {}

    def _remember(self, device: str) -> None:
        if file := self._who.device_file:
            file.touch(mode=0o600)
            file.write_text(device)

    def _codes(self) -> list[str]:
        """Those sent to the official's phone, newest first."""
        try:
            url = f"{self._sandbox}/messages"
            found = self._http.request("GET", url, fields={"to": self._who.phone}).json()
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise Away("the sandbox does not answer") from error
        return [code for message in found["items"] for code in CODE.findall(message["text"])]

    def _new_code(self, before: list[str]) -> str:
        deadline = time.monotonic() + CODE_SECONDS
        while time.monotonic() < deadline:
            codes = self._codes()
            if len(codes) > len(before):
                return codes[0]
            time.sleep(0.2)
        raise Refused("no code came by SMS")


def _good(answer: Answer) -> Answer:
    if answer.status >= 400:
        code = answer.json.get("code") if isinstance(answer.json, dict) else None
        raise Refused(f"the portal answered {answer.status} {code or ''}".strip())
    return answer
