"""The browser's session: a cookie with the refresh token, swapped for short-lived access tokens.

The access token is kept in a cookie of its own until shortly before it ends, so any gateway process
can use it; the swap happens once per cookie, and requests that came with the cookie just rotated get
the new one for a while (two tabs must not look like a stolen token).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from hashlib import sha256
from threading import Lock
from typing import Any, ParamSpec

from flask import Response, g, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway import ended
from gateway.backend import Json, Late, Problem, call, here
from gateway.claims import claims
from gateway.viewer import Viewer

P = ParamSpec("P")
EARLY = 30
REMEMBERED = 60
MONTH = 30 * 24 * 3600
DEVICE_YEARS = 2 * 365 * 24 * 3600


@dataclass
class Swap:
    """One refresh, shared by all requests that carry the same cookie."""

    lock: Lock = field(default_factory=Lock)
    tokens: Json | None = None
    done_at: float = 0.0


class Swaps:
    """The swaps of the last minute, by a hash of the cookie that was swapped."""

    def __init__(self) -> None:
        self._by_cookie: dict[str, Swap] = {}
        self._lock = Lock()

    def of(self, refresh_token: str) -> Swap:
        with self._lock:
            self._forget_old()
            return self._by_cookie.setdefault(sha256(refresh_token.encode()).hexdigest(), Swap())

    def _forget_old(self) -> None:
        old = time.monotonic() - REMEMBERED
        for key in [key for key, swap in self._by_cookie.items() if swap.done_at and swap.done_at < old]:
            del self._by_cookie[key]


swaps = Swaps()


def cookie(name: str) -> str:
    """The cookie's full name: __Host- binds it to this host and to https."""
    return f"__Host-{name}" if here().settings.secure else name


def begin() -> None:
    """Find the access token of this browser's session, swapping the refresh token when needed."""
    if request.path.startswith(("/api/v1/", "/static/")):
        return
    refresh = request.cookies.get(cookie("motcua"))
    access = request.cookies.get(cookie("motcua-access"))
    if access and refresh and not _ending(access) and not ended.has(access):
        g.access_token = access
    elif refresh:
        swap(refresh)


def swap(refresh: str) -> None:
    try:
        remember(_swapped(refresh))
    except Problem as refused:
        if refused.status < 500 and refused.status != 429:
            forget()
            end()
    except Late as late:
        g.session_late = late.service


def _swapped(refresh: str) -> Json:
    swap = swaps.of(refresh)
    with swap.lock:
        if swap.tokens is None:
            swap.tokens = call("POST", "/sessions/refresh", {"refresh_token": refresh}, token="").body
            swap.done_at = time.monotonic()
        return swap.tokens


def remember(tokens: Json) -> None:
    """Log the browser in: `{access_token, refresh_token, expires_in, device?}` go out as cookies."""
    g.access_token = tokens["access_token"]
    g.new_tokens = tokens


def forget() -> None:
    """Log the browser out. The device stays known."""
    g.access_token = None
    g.new_tokens = {}
    session.clear()


def end() -> None:
    """The session ended without the person asking for it: the login page will say so."""
    g.session_ended = True


def device() -> str | None:
    return request.cookies.get(cookie("motcua-device"))


def write(response: Response) -> Response:
    """Set or clear the cookies this request changed."""
    tokens = g.get("new_tokens")
    if tokens is None:
        return response
    if not tokens:
        for name in ("motcua", "motcua-access"):
            response.delete_cookie(cookie(name), path="/", secure=here().settings.secure, httponly=True)
        return response
    _set(response, "motcua", tokens["refresh_token"], MONTH)
    _set(response, "motcua-access", tokens["access_token"], max(int(tokens["expires_in"]) - EARLY, 1))
    if tokens.get("device"):
        _set(response, "motcua-device", tokens["device"], DEVICE_YEARS)
    return response


def _set(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        cookie(name),
        value,
        max_age=seconds,
        path="/",
        secure=here().settings.secure,
        httponly=True,
        samesite="Lax",
    )


def _ending(token: str) -> bool:
    expires = claims(token).get("exp")
    return not isinstance(expires, int | float) or expires < time.time() + EARLY


def viewer() -> Viewer | None:
    """Who is logged in, or None. The name is fetched once per session."""
    token = g.get("access_token")
    if not token:
        return None
    said = claims(token)
    return Viewer(
        account=str(said.get("sub", "")),
        kind=str(said.get("kind", "citizen")),
        name=_name(str(said.get("sub", ""))),
        assurance=str(said.get("acr", "medium")),
        agency=said.get("agency"),
        roles=frozenset(said.get("roles") or ()),
        acting_for=_acting_for() if "mandate" in said else None,
    )


def _name(account: str) -> str:
    if session.get("named") != account:
        try:
            found = call("GET", "/account", seconds=2).body
            session["name"] = found.get("full_name", "")
            session["acting_for"] = (found.get("acting_for") or {}).get("full_name", "")
            session["named"] = account
        except (Problem, Late):
            return ""
    return str(session.get("name", ""))


def _acting_for() -> str:
    """Fetched with the viewer's own name; "" when it is not known now."""
    return str(session.get("acting_for", ""))


def act(token: str, seconds: int) -> None:
    """Go on with this access token, for somebody else or again for oneself: the session stays."""
    kept = {"refresh_token": request.cookies.get(cookie("motcua"), "")}
    remember({**kept, "access_token": token, "expires_in": seconds})


def unread() -> int | None:
    """How many notifications wait; None when notify does not say."""
    if "unread" not in g:
        try:
            g.unread = int(call("GET", "/notifications", query={"limit": 1}, seconds=1).body.get("unread", 0))
        except (Problem, Late):
            g.unread = None
    count: int | None = g.unread
    return count


def signed_in(*kinds: str) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Only for people logged in (as one of `kinds`, when given); others are sent to log in first."""

    def decorate(page: Callable[P, Any]) -> Callable[P, Any]:
        @wraps(page)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            who = viewer()
            if who is None:
                return to_login()
            if kinds and who.kind not in kinds:
                raise Problem(403, "other-account", "")
            return page(*args, **kwargs)

        return guarded

    return decorate


def to_login() -> AnyResponse:
    """To the login page and back here; it says so when a session has just ended."""
    if g.get("session_late"):
        raise Late(g.session_late)
    back = request.full_path.rstrip("?") if request.method == "GET" else "/tai-khoan"
    return redirect(url_for("login.form", next=back, ended=1 if g.get("session_ended") else None))
