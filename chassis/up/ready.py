"""Whether everything answers, and what is still missing."""

import time
from collections.abc import Callable, Iterable

import psycopg
import urllib3

from chassis.up.plan import Plan

PATIENCE_SECONDS = 120.0
# A connection kept open would have to be waited for when the portal stops.
BRIEFLY = {"Connection": "close"}


class NotReady(Exception):
    """Something did not come up; the message says what and where to look."""


def wait(plan: Plan, *meanwhile: Callable[[], None]) -> None:
    """Until each door answers and every event announced so far has arrived. NotReady after two minutes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    missing = [*plan.doors, "workers"]
    while missing and time.monotonic() < deadline:
        for call in meanwhile:
            call()
        missing = [name for name in missing if not _answers(plan, name)]
        time.sleep(0.05)
    if missing:
        raise NotReady(f"Not ready after {PATIENCE_SECONDS:.0f} s: {', '.join(missing)}. See {plan.logs}.")


def _answers(plan: Plan, name: str) -> bool:
    if name == "workers":
        return all(_all_sent(url) for url in plan.database_urls())
    path = "/livez" if name == "sandbox" else "/readyz"
    try:
        answer = urllib3.request("GET", plan.url(name) + path, timeout=2.0, retries=False, headers=BRIEFLY)
    except urllib3.exceptions.HTTPError:
        return False
    return answer.status == 200 and _all_ok(answer.json().get("services", {}).values())


def _all_ok(states: Iterable[str]) -> bool:
    return all(state == "ok" for state in states)


def _all_sent(database_url: str) -> bool:
    with psycopg.connect(database_url, connect_timeout=5) as connection:
        waiting = connection.execute("SELECT EXISTS (SELECT FROM outbox WHERE sent_at IS NULL)").fetchone()
    return waiting == (False,)
