"""The portal as an official's program sees it: log in, then call the API with a token."""

import base64
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import altcha
import urllib3

CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
CODE_SECONDS = 30.0


class Refused(Exception):
    """The portal answered with a problem, or not at all."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    json: Any


@dataclass(frozen=True)
class Credentials:
    """`phone` is where the official's codes are sent; `device_file` keeps the device that needs none."""

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
        for _ in range(2):
            self._token = self._token or self._log_in()
            answer = self._send(method, path, body, headers | {"Authorization": f"Bearer {self._token}"})
            if answer.status != 401:
                break
            self._token = None
        return _good(answer)

    def _send(self, method: str, path: str, body: object = None, headers: Mapping[str, str] = {}) -> Answer:
        try:
            got = self._http.request(method, self._url + path, json=body, headers=headers)
            return Answer(got.status, got.headers, json.loads(got.data or b"null"))
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise Refused(f"{method} {path}: {type(error).__name__}") from error

    def _log_in(self) -> str:
        body = {"login": self._who.login, "password": self._who.password, "captcha": self._captcha()}
        before = self._codes()
        answer = _good(self._send("POST", "/sessions", body | self._known_device()))
        if answer.status == 202:
            code = {"code": self._new_code(before)}
            answer = _good(self._send("POST", f"/sessions/{answer.json['id']}/confirmation", code))
        self._remember(answer.json["device"])
        token: str = answer.json["access_token"]
        return token

    def _captcha(self) -> str:
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
            raise Refused("the sandbox does not answer") from error
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
