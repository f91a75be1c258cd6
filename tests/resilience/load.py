"""Citizens who send, look and rate, and an official who decides; when an answer is lost they ask again."""

import random
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import urllib3

from tests.answers import complete, papers
from tests.system.caller import Answer, Caller, citizen, people
from tests.system.portal import Portal

CLIENTS = 6
DECIDED, CONNECTED = AGENCIES = ("H01", "H55.24")
WAYS = (("refuse",), ("accept", "forward", "finish", "hand-over"))
SCORES = dict.fromkeys(("total_time", "agency_time", "contacts", "agencies_visited", "attitude"), 2)
PASSING = frozenset({409, 500, 502, 503, 504})
PATIENCE_SECONDS = 120


@dataclass
class Load:
    callers: list[Caller]
    official: Caller
    answers: Mapping[str, object]
    procedure: str
    accepted: list[tuple[str, str]] = field(default_factory=list)
    rated: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    undecided: deque[tuple[Caller, str]] = field(default_factory=deque)
    closed: dict[str, deque[str]] = field(default_factory=dict)

    def run(self, pool: ThreadPoolExecutor, seconds: float) -> list[Future[None]]:
        until = time.monotonic() + seconds
        citizens = [pool.submit(self._repeat, self._send, who, until) for who in self.callers]
        readers = [pool.submit(self._repeat, self._look, self.callers[0], until)]
        return [*citizens, *readers, pool.submit(self._repeat, self._decide, self.official, until)]

    def _repeat(self, act: Callable[[Caller], None], who: Caller, until: float) -> None:
        while time.monotonic() < until:
            act(who)

    def _send(self, who: Caller) -> None:
        agency = random.choice(AGENCIES)
        body = {"procedure": self.procedure, "agency": agency, "form": self.answers}
        draft = self._insist(who, "POST", "/dossiers", body).json
        code = self._insist(who, "POST", f"/dossiers/{draft['id']}/submission").json["code"]
        self.accepted.append((draft["id"], code))
        if agency == DECIDED:
            self.undecided.append((who, code))
        self._rate(who)

    def _rate(self, who: Caller) -> None:
        """Put off while feedback has not heard that the dossier is closed."""
        closed = self.closed.setdefault(who.login, deque())
        if closed:
            code = closed.popleft()
            body = {"dossier": code, "scores": SCORES, "satisfaction": 5}
            if self._insist(who, "POST", "/ratings", body, enough={201, 404, 409}).status == 201:
                self.rated.append(code)
            else:
                closed.append(code)

    def _look(self, who: Caller) -> None:
        """One page of each service."""
        for path in (
            f"/procedures/{self.procedure}",
            "/dossiers?limit=5",
            "/notifications?limit=5",
            "/account",
            f"/statistics/agencies/{DECIDED}",
        ):
            self._insist(who, "GET", path)
            self.done["read"] += 1
        time.sleep(0.1)

    def _decide(self, official: Caller) -> None:
        """The newest first: its applicant is still there to rate it."""
        if not self.undecided:
            time.sleep(0.1)
            return
        who, code = self.undecided.pop()
        etag = self._insist(official, "GET", f"/desk/dossiers/{code}").headers["ETag"]
        for action in random.choice(WAYS):
            body = {"action": action, "reason": "Thiếu chữ ký."}
            decided = self._insist(official, "POST", f"/desk/dossiers/{code}/decisions", body, etag=etag)
            etag = decided.headers["ETag"]
            self.done["decided"] += 1
        self.closed.setdefault(who.login, deque()).append(code)

    def _insist(
        self,
        who: Caller,
        method: str,
        path: str,
        body: object = None,
        etag: str | None = None,
        enough: Collection[int] = (200, 201),
    ) -> Answer:
        headers = {"Idempotency-Key": uuid4().hex} | ({"If-Match": etag} if etag else {})
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = who.call(method, path, body, headers)
            except urllib3.exceptions.HTTPError as error:
                self.faults[type(error).__name__] += 1
            else:
                if answer.status in enough:
                    return answer
                self.faults[str(answer.status)] += 1
                assert answer.status in PASSING, (method, path, answer.data.decode())
            assert time.monotonic() < until, f"{method} {path} failed for two minutes: {self.faults}"
            time.sleep(0.2)


def prepared(portal: Portal) -> Load:
    callers = []
    for person in people(portal, CLIENTS):
        caller = citizen(portal, person)
        caller.register(person)
        caller.log_in()
        callers.append(caller)
    official = an_official(portal)
    for item in callers[0].get("/procedures?audience=citizen&limit=100")["items"]:
        asked = callers[0].get(f"/procedures/{item['code']}")
        answers: dict[str, Any] = complete(asked)
        if not papers(asked, answers) and set(AGENCIES) <= {a["code"] for a in asked["agencies"]}:
            return Load(callers, official, answers, item["code"])
    raise AssertionError("no procedure without papers is offered by both agencies")


def an_official(portal: Portal) -> Caller:
    who = Caller(portal, phone="0912345671", login="canbo")
    words = ["--agency", DECIDED, "--login", who.login, "--name", "Đỗ Thị Cán Bộ", "--phone", who.phone]
    portal.run("official", "create", *words, MOTCUA_PASSWORD=who.password)
    who.log_in()
    return who
