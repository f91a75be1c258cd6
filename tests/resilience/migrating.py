"""`motcua migrate` dies in the middle and is run again: the log has every event, once, in its order."""

import random
from uuid import UUID, uuid5

import psycopg
from alembic import command

from chassis import migrate
from chassis.db import new_id
from tests.resilience import processes
from tests.resilience.checker import Verdict, differences
from tests.resilience.crash_points import EVERY
from tests.resilience.outcome import Outcome
from tests.resilience.servers import Ground

SERVICE = "feedback"
OLDEST = "0001"
SIGKILLED = -9
POINT = "during migration"
FILL = (
    "INSERT INTO outbox (event_id, subject, sequence, type, body, recorded_at, sent_at)"
    " VALUES (%s, %s, %s, 'motcua.toy.did.v1', 'body', now(), %s)"
)
LOG = "SELECT event_id FROM outbox ORDER BY position"
HEARD = "SELECT event_id, handler FROM inbox"
PARKED = "SELECT event_id, handler FROM parking"
SENT = "2026-11-01"


def killed_while_migrating(ground: Ground, seed: int, times: int, events: int) -> Outcome:
    """From the oldest version to the newest, `times` databases of `events` events each."""
    dice = random.Random(f"{seed} migrating")
    verdicts = [one_database(ground, dice, events) for _ in range(times)]
    return Outcome(
        Verdict(
            sum(one.n for one in verdicts),
            [id for one in verdicts for id in one.lost],
            [id for one in verdicts for id in one.ghost],
            [id for one in verdicts for id in one.twice],
            [id for one in verdicts for id in one.disordered],
        ),
        times,
    )


def one_database(ground: Ground, dice: random.Random, events: int) -> Verdict:
    url = ground.new_database(SERVICE)
    command.upgrade(migrate._config(SERVICE, url), OLDEST)
    ids = fill(url, events)
    crash = (POINT, dice.randint(1, EVERY[POINT].passes))
    dying = processes.start_migration(SERVICE, url, str(ground.folder / "migration.log"), crash)
    dying.join(60)
    assert dying.exitcode == SIGKILLED, f"it did not die: {dying.exitcode}"
    migrate.upgrade(SERVICE, url)
    with psycopg.connect(url) as connection:
        log = [id for (id,) in connection.execute(LOG)]
        heard = list(connection.execute(HEARD))
        parked = list(connection.execute(PARKED))
    wanted = [(id, "count") for id in ids]
    lost, ghost = differences([*ids, *wanted, *wanted], [*log, *heard, *parked])
    twice = [id for id in set(log) if log.count(id) > 1] if len(log) != len(set(log)) else []
    disordered = [pair for pair in zip(ids, log, strict=False) if pair[0] != pair[1]]
    return Verdict(3 * events, lost, ghost, twice, disordered)


def fill(url: str, events: int) -> list[UUID]:
    """Two of three are sent; every one is handled by one handler, and parked for the sake of the count."""
    first = new_id()
    ids = [first, *(new_id() for _ in range(events - 1))]
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.executemany(
            FILL,
            [(id, str(uuid5(first, str(n % 9))), n, SENT if n % 3 else None) for n, id in enumerate(ids)],
        )
        cursor.execute("INSERT INTO inbox (event_id, handler) SELECT event_id, 'count' FROM outbox")
        cursor.execute(
            "INSERT INTO parking (event_id, handler, subject, sequence, type, body, attempts, parked_at)"
            " SELECT event_id, 'count', subject, sequence, type, body, 1, now() FROM outbox"
        )
    return ids
