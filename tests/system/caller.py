"""Somebody who uses the portal through its API: a citizen, an official."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import altcha

from tests.answers import BIRTH, PDF, complete, papers
from tests.system.portal import eventually

SIX_DIGITS = re.compile(r"(?<![\d-])\d{6}(?![\d-])")


@dataclass(frozen=True)
class Made:
    """A call that was answered with a success: what it asked, codes and ids left out."""

    method: str
    route: str
    parameters: frozenset[str]


MADE: list[Made] = []


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)


class Place(Protocol):
    """A portal that is used from outside, whatever it runs in."""

    @property
    def api(self) -> str:
        """Where the API begins."""

    @property
    def http(self) -> Any:
        """What calls it: `request` as urllib3 has it."""

    def url(self, name: str) -> str:
        """Of `gateway` or `sandbox`."""

    def messages(self, to: str) -> list[Mapping[str, Any]]:
        """What was sent to a phone or address, newest first."""

    def run(self, *arguments: str, **environment: str) -> Any:
        """A `motcua` command of an operator."""


@dataclass
class Caller:
    portal: Place
    phone: str
    login: str
    password: str = "Mật-khẩu đủ dài 2026"
    tokens: dict[str, Any] = field(default_factory=dict)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        fields: Mapping[str, Any] | None = None,
    ) -> Answer:
        """As any client: with the access token, and with a fresh one when that has ended."""
        given = {name: value for name, value in (("json", body), ("fields", fields)) if value is not None}
        answer = self._send(method, path, dict(headers or {}), given)
        if answer.status == 401 and self.tokens and not path.startswith("/sessions"):
            self.tokens = self.post("/sessions/refresh", {"refresh_token": self.tokens["refresh_token"]})
            answer = self._send(method, path, dict(headers or {}), given)
        return answer

    def _send(self, method: str, path: str, headers: dict[str, str], given: Mapping[str, Any]) -> Answer:
        if self.tokens:
            headers.setdefault("Authorization", f"Bearer {self.tokens['access_token']}")
        got = self.portal.http.request(method, self.portal.api + path, headers=headers, **given)
        if got.status < 300:
            asked = urlsplit(path)
            MADE.append(Made(method, route_of(asked.path), frozenset(parse_qs(asked.query))))
        return Answer(got.status, got.headers, got.data)

    def get(self, path: str, **headers: str) -> Any:
        """The answer's content; fails on anything but 200."""
        answer = self.call("GET", path, headers=headers)
        assert answer.status == 200, (path, answer.status, answer.data)
        return answer.json

    def post(
        self, path: str, body: Any = None, expect: int = 201, headers: Mapping[str, str] | None = None
    ) -> Any:
        answer = self.call("POST", path, body, headers)
        assert answer.status == expect, (path, answer.status, answer.data.decode())
        return json.loads(answer.data or b"null")

    def captcha(self) -> str:
        challenge = altcha.Challenge.from_dict(self.get("/captcha"))
        solution = altcha.solve_challenge(challenge)
        assert solution is not None
        payload = {"challenge": challenge.to_dict(), "solution": solution.to_dict()}
        return base64.b64encode(json.dumps(payload).encode()).decode()

    def codes(self) -> list[str]:
        return [code for m in self.portal.messages(self.phone) for code in SIX_DIGITS.findall(m["text"])]

    def code_sent_by(self, act: Any) -> tuple[Any, str]:
        """What `act()` answers, and the code that came by SMS because of it."""
        before = len(self.codes())
        answer = act()
        codes = eventually(lambda: self.codes() if len(self.codes()) > before else None)
        return answer, codes[0]

    def register(self, person: Mapping[str, Any]) -> None:
        started, code = self.code_sent_by(lambda: self.begin_registration(person))
        self.finish_registration(started["id"], code)

    def begin_registration(self, person: Mapping[str, Any]) -> dict[str, Any]:
        wanted = {k: person[k] for k in ("id_number", "full_name", "date_of_birth", "phone")}
        if person.get("email"):
            wanted["email"] = person["email"]
        body = {"kind": "citizen", "method": "phone", "captcha": self.captcha(), "person": wanted}
        started = self.post("/registrations", body)
        assert started["state"] == "awaiting-code"
        return dict(started)

    def finish_registration(self, id: str, code: str) -> None:
        confirmed = self.post(f"/registrations/{id}/confirmation", {"code": code}, expect=200)
        assert confirmed["state"] == "confirmed"
        account = self.post(f"/registrations/{id}/account", {"password": self.password})
        assert (account["login"], account["assurance"]) == (self.login, "medium")

    def log_in(self) -> None:
        body = {"login": self.login, "password": self.password, "captcha": self.captcha()}
        if "device" in self.tokens:
            self.tokens = self.post("/sessions", body | {"device": self.tokens["device"]})
            return
        waiting, code = self.code_sent_by(lambda: self.post("/sessions", body, expect=202))
        self.tokens = self.post(f"/sessions/{waiting['id']}/confirmation", {"code": code})

    def draft(self, procedure: str, agency: str, answers: Mapping[str, Any]) -> Mapping[str, Any]:
        made = self.post("/dossiers", {"procedure": procedure, "agency": agency, "form": answers})
        return dict(made)

    def attach(self, dossier: str, document: str, name: str, content: bytes) -> Mapping[str, Any]:
        answer = self.call(
            "POST",
            f"/dossiers/{dossier}/files",
            fields={"document": document, "file": (name, content, "application/pdf")},
        )
        assert answer.status == 201, answer.data
        return dict(answer.json)

    def submit(self, dossier: str, key: str | None = None) -> Answer:
        headers = {"Idempotency-Key": key or uuid4().hex}
        return self.call("POST", f"/dossiers/{dossier}/submission", headers=headers)


def route_of(path: str) -> str:
    """`/dossiers/{id}/files/{file}`: API.md's name for the path."""
    parts = path.split("/")
    return "/".join(_placeholder(before, part) for before, part in zip(["", *parts], parts, strict=False))


def _placeholder(before: str, part: str) -> str:
    try:
        UUID(part)
    except ValueError:
        return "{code}" if re.search(r"\d", part) else part
    return "{file}" if before == "files" else "{id}"


def citizen(portal: Place, person: Mapping[str, Any]) -> Caller:
    return Caller(portal, phone=person["phone"], login=person["id_number"])


def official(portal: Place, agency: str, login: str, phone: str) -> Caller:
    """Made by an operator, and logged in."""
    who = Caller(portal, phone=phone, login=login)
    named = ["--login", login, "--name", "Đỗ Thị Cán Bộ", "--phone", phone]
    portal.run("official", "create", "--agency", agency, *named, MOTCUA_PASSWORD=who.password)
    who.log_in()
    return who


def sent(who: Caller, procedure: str = BIRTH, agency: str = "H01", **wanted: Any) -> dict[str, Any]:
    """A complete dossier, submitted; the receipt."""
    asked = who.get(f"/procedures/{procedure}")
    answers = complete(asked, **wanted)
    draft = who.draft(procedure, agency, answers)
    for document in papers(asked, answers):
        who.attach(draft["id"], document, f"{document}.pdf", PDF)
    answer = who.submit(draft["id"])
    assert answer.status == 201, answer.data.decode()
    return dict(answer.json)


def pages(who: Caller, path: str) -> list[dict[str, Any]]:
    """All items of a list, page by page to its end."""
    items: list[dict[str, Any]] = []
    page: dict[str, Any] = {"next_cursor": ""}
    while (cursor := page["next_cursor"]) is not None:
        joint = "&" if "?" in path else "?"
        page = who.get(f"{path}{joint}cursor={cursor}" if cursor else path)
        assert page["next_cursor"] != cursor, "the same page again"
        items += page["items"]
    return items


def decide(official: Caller, code: str, action: str, reason: str | None = None) -> Any:
    etag = official.call("GET", f"/desk/dossiers/{code}").headers["ETag"]
    body = {"action": action} | ({"reason": reason} if reason else {})
    return official.post(f"/desk/dossiers/{code}/decisions", body, headers={"If-Match": etag})


def people(portal: Place, count: int) -> list[Mapping[str, Any]]:
    """That many more test people, known to the registers."""
    got = portal.http.request("GET", portal.url("sandbox") + "/people", fields={"count": str(count)})
    found: list[Mapping[str, Any]] = json.loads(got.data)["items"]
    return found
