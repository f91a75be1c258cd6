"""What an operator sees of events: all flows, some were put aside, and another try."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg

from chassis.db import new_id
from tests.browser.stage import Stage, press
from tests.browser.states.kinds import States

EVENTS = "/van-hanh/su-kien"
TYPE = "motcua.toy.that-nobody-handles.v1"
REASON = 'IntegrityError: insert on table "deliveries" violates foreign key constraint "fk_deliveries_owner"'
ROW = """
    INSERT INTO parking
        (event_id, handler, subject, sequence, type, body, error, attempts, parked_at, next_try_at)
    VALUES (%s, 'append_to_agency_log', %s, %s, %s, '{}', %s, %s, now(), %s)
"""
# It has all, so nobody calls there.
DOOR = """
    INSERT INTO webhooks (agency, url, kid, secret, position)
    SELECT code, 'https://office.example/', 'none', '', last_position FROM agencies WHERE code = 'H01'
    ON CONFLICT DO NOTHING
"""


def url(stage: Stage) -> str:
    return stage.scene.portal.environment["NOTIFY_DATABASE_URL"]


def put_aside(stage: Stage) -> None:
    """Enough for a second page; no worker handles them, so they stay as they are."""
    soon = datetime.now(UTC) + timedelta(hours=1)
    first: UUID = new_id()
    one, others = "H55.242-261123-0001", [f"H55.242-261123-{number:04}" for number in range(2, 14)]
    rows: list[tuple[object, ...]] = [(first, one, 1, TYPE, REASON, 3, soon)]
    rows += [(new_id(), one, 2, TYPE, None, 0, soon)]
    rows += [(new_id(), subject, 1, TYPE, REASON, 20, None) for subject in others]
    with psycopg.connect(url(stage)) as connection:
        connection.cursor().executemany(ROW, rows)
        connection.execute(DOOR)


def clear(stage: Stage) -> None:
    with psycopg.connect(url(stage)) as connection:
        connection.execute("DELETE FROM parking WHERE type = %s", [TYPE])
        connection.execute("DELETE FROM webhooks WHERE url = 'https://office.example/'")


def events(stage: Stage) -> Iterator[str]:
    stage.open("operator", EVENTS)
    yield "flowing"
    put_aside(stage)
    try:
        page = stage.open("operator", EVENTS)
        yield "parked"
        press(page, page.locator("#notify ol form button").first)
        yield "retried"
        page = stage.open("operator", EVENTS)
        press(page, page.locator("#notify a[rel=next]"))
        yield "second-page"
        page = stage.open("operator", EVENTS)
        page.locator("#agencies input[name=position]").first.fill("x")
        press(page, page.locator("#agencies form button").first)
        yield "no-number"
    finally:
        clear(stage)
    stage.open("citizen", EVENTS)
    yield "citizen"


STATES: States = {EVENTS: events}
