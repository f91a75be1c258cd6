"""The portal's API for an agency's program: dossiers, files, decisions, events by pull, replays."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, TypeVar
from urllib.parse import quote, urlencode
from uuid import UUID

from urllib3.util import make_headers

from motcua_agency.decisions import decision
from motcua_agency.dossier import Dossier, File
from motcua_agency.download import save
from motcua_agency.errors import ProblemError
from motcua_agency.event import Event, parse
from motcua_agency.http import Answer, Http

T = TypeVar("T")

RENEWED_BEFORE_SECONDS = 30.0


@dataclass(frozen=True)
class Page:
    """`next` is the cursor to go on from once all of `events` are handled."""

    events: Sequence[Event]
    next: str


@dataclass(frozen=True)
class Replay:
    """History from `from_position` to `until_position` comes again, then what is new, without a gap."""

    door: str
    from_position: int
    until_position: int


class RestClient:
    """`url` is the portal's. The credentials are from `motcua client create --agency <code>`.

    Calls are tried again when the portal is away or busy, for about 15 seconds; then AwayError.
    ProblemError has the stable code of a refusal. Safe in several threads.
    """

    def __init__(self, url: str, client_id: str, client_secret: str, timeout: float = 30.0) -> None:
        self._http = Http(url, timeout)
        basic = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
        self._credentials = make_headers(basic_auth=basic)
        self._token, self._until = "", 0.0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Connections are closed; the client may still be used."""
        self._http.close()

    def dossier(self, code: str) -> Dossier:
        return Dossier.of(self._call("GET", f"/desk/dossiers/{quote(code)}").json)

    def dossiers(self, status: Sequence[int] = (), overdue: bool | None = None) -> Iterator[Dossier]:
        """The agency's, the one due first on top; open ones unless `status` says which. Without files."""
        wanted = [("status", str(one)) for one in status]
        if overdue is not None:
            wanted.append(("overdue", str(overdue).lower()))
        cursor = None
        while True:
            query = [*wanted, ("limit", "100"), *([("cursor", cursor)] if cursor else [])]
            page = self._call("GET", f"/desk/dossiers?{urlencode(query)}").json
            yield from map(Dossier.of, page["items"])
            cursor = page["next_cursor"]
            if not cursor:
                return

    def download(self, code: str, file: File | str, to: str | Path) -> Path:
        """The file's content at `to`, whole and with the right SHA-256, or nothing: DamagedFileError.

        `file` is one of `dossier(code).files`, or its id. Never make a path of its `name`: a stranger
        chose it.
        """
        wanted = file if isinstance(file, File) else self.dossier(code).file(file)
        path = f"/desk/dossiers/{quote(code)}/files/{quote(wanted.id)}"
        return save(lambda: self._open(path), wanted.sha256, Path(to))

    def decide(
        self,
        code: str,
        action: str,
        expected_version: int,
        reason: str | None = None,
        decision_id: str | UUID | None = None,
    ) -> Dossier:
        """The dossier as it is then. Sent again when the answer is lost: the same id has one effect."""
        wanted = decision(code, action, expected_version, reason, decision_id)
        body = {"action": action, "decision_id": wanted.decision_id} | ({"reason": reason} if reason else {})
        headers = {"If-Match": f'"{expected_version}"'}
        answer = self._call("POST", f"/desk/dossiers/{quote(code)}/decisions", headers, json=body)
        return Dossier.of(answer.json)

    def page(self, after: str | None = None, limit: int = 100) -> Page:
        """The next events after a cursor; without one, from the oldest that is kept."""
        query = {"limit": str(limit)} | ({"after": after} if after else {})
        told = self._call("GET", f"/agency/events?{urlencode(query)}").json
        return Page([parse(event) for event in told["events"]], told["next"])

    def events(self, after: str | None = None) -> Iterator[tuple[Event, str | None]]:
        """Each event there is, with the cursor to keep once it is handled; ends when there is no more now.

        A page's cursor moves with its last event, so after a crash at most a page comes again. ProblemError
        `cursor-of-another-epoch`: the log was restored; begin again without a cursor and drop ids you have.
        """
        while (page := self.page(after)).events:
            for event in page.events[:-1]:
                yield event, after
            after = page.next
            yield page.events[-1], after

    def replay(self, door: Literal["amqp", "webhook"], after: str | None = None) -> Replay:
        """Have history come again through that door, from the oldest that is kept or after a pull cursor.

        What you have is dropped when it comes again: `rewind` your cursor to handle it again.
        """
        asked = {"door": door} | ({"after": after} if after else {})
        told = self._call("POST", "/agency/replays", json=asked).json
        return Replay(told["door"], told["from_position"], told["until_position"])

    def _call(self, method: str, path: str, headers: Mapping[str, str] = {}, **given: Any) -> Answer:
        return self._with_token(lambda bearer: self._http.call(method, path, {**headers, **bearer}, **given))

    def _open(self, path: str) -> Any:
        return self._with_token(lambda bearer: self._http.open("GET", path, bearer, preload_content=False))

    def _with_token(self, ask: Callable[[dict[str, str]], T]) -> T:
        """A token that was taken back meanwhile is renewed once."""
        bearer = self._bearer()
        try:
            return ask(bearer)
        except ProblemError as problem:
            if problem.status != 401:
                raise
        self._until = 0.0
        return ask(self._bearer())

    def _bearer(self) -> dict[str, str]:
        with self._lock:
            if time.monotonic() >= self._until:
                form = {"grant_type": "client_credentials"}
                body = urlencode(form).encode()
                kind = {"Content-Type": "application/x-www-form-urlencoded"}
                told = self._http.call("POST", "/oauth2/token", self._credentials | kind, body=body).json
                self._token = told["access_token"]
                self._until = time.monotonic() + told["expires_in"] - RENEWED_BEFORE_SECONDS
            return {"Authorization": f"Bearer {self._token}"}
