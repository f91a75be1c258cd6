"""What the running portal says of itself: `/readyz` of services and gateway, and identity's keys."""

import json
import ssl
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import urllib3

from chassis.doctor import together
from chassis.doctor.settings import is_fit
from chassis.findings import Finding, away, unseen, warning, well, wrong
from chassis.needs import WEB
from chassis.settings import text

Answer = tuple[int, Mapping[str, Any]]
SECONDS = 4.0
GATEWAY, KEYS = "gateway", "JWKS_URL"
AGAIN = "start it, or wait until it runs; then run this again"


def check(services: Collection[str]) -> Iterator[Finding]:
    settings = {name: f"{name.upper()}_URL" for name in services}
    asked: dict[str, Callable[[], Answer]] = {
        name: partial(ask, f"{text(setting).rstrip('/')}/readyz")
        for name, setting in settings.items()
        if is_fit(setting, WEB)
    }
    if is_fit(KEYS, WEB):
        asked[KEYS] = partial(ask, text(KEYS))
    if is_fit("PUBLIC_URL", WEB):
        asked[GATEWAY] = _ask_gateway
    if not asked:
        yield unseen("/readyz", "nobody was asked", "set <SERVICE>_URL of each service, and PUBLIC_URL")
    for name, answer in together.ask(asked).items():
        yield _no_answer(name, answer) if isinstance(answer, Exception) else _told(name, *answer)


def _ask_gateway() -> Answer:
    """At GATEWAY_URL, where it is reached from here, else as people do. Its certificate is for them."""
    public = text("PUBLIC_URL")
    url = text("GATEWAY_URL") if is_fit("GATEWAY_URL", WEB) else public
    return ask(f"{url.rstrip('/')}/readyz", urlsplit(public).hostname)


def ask(url: str, name: str | None = None) -> Answer:
    """Status and JSON. `name`: whose the certificate must be, where it is not the address's."""
    secure = name and url.startswith("https:")
    tls: Any = {"server_hostname": name, "assert_hostname": name, "ssl_context": _trust()} if secure else {}
    with urllib3.PoolManager(timeout=SECONDS, retries=False, **tls) as http:
        answer = http.request("GET", url, redirect=False)
        return answer.status, _json(answer.data)


def _trust() -> ssl.SSLContext:
    """Whom this machine trusts, and the gateway's own certificate, where it lies here."""
    trusted = ssl.create_default_context()
    trusted.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    with suppress(OSError):
        trusted.load_verify_locations(text("GATEWAY_CERTIFICATE", ""))
    return trusted


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _no_answer(name: str, error: Exception) -> Finding:
    if isinstance(error, urllib3.exceptions.SSLError):
        mend = "let SSL_CERT_FILE name the authority; the certificate must be for the host of PUBLIC_URL"
        return warning(name, "answers, under a certificate that is not to be trusted here", mend)
    if name == GATEWAY and not is_fit("GATEWAY_URL", WEB):
        mend = "set GATEWAY_URL to where this machine reaches it, if it runs"
        return unseen(name, f"is not reached at PUBLIC_URL from here ({together.why(error)})", mend)
    return away(name, f"is not reached ({together.why(error)})", AGAIN)


def _told(name: str, status: int, said: Mapping[str, Any]) -> Finding:
    if name == KEYS:
        return _keys(status, said)
    state = said.get("status")
    if (status, state) == (503, "not-ready"):
        return away(name, "is not ready: its database is away", "see the databases above")
    if status != 200 or state not in {"ok", "ready", "degraded"}:
        what = f"answers {status}, not as we do: another program listens there"
        return wrong(name, what, f"mend {name.upper()}_URL")
    others = [f"{other} {how}" for other, how in said.get("services", {}).items() if how != "ok"]
    if others:
        return warning(name, f"finds {', '.join(others)}", "mend these, or their addresses in its settings")
    if state == "degraded":
        return warning(name, f"is degraded: {said.get('why', 'its broker is away')}", "see the broker above")
    return well(name, "is ready")


def _keys(status: int, said: Mapping[str, Any]) -> Finding:
    if status != 200 or not said.get("keys"):
        what = f"answers {status}, and no keys: nobody who has logged in would be believed"
        return wrong(KEYS, what, "set it to <IDENTITY_URL>/api/v1/jwks")
    return well(KEYS, f"has {len(said['keys'])} of identity's public keys")
