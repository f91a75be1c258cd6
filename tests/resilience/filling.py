"""A new subscriber gets all of the past while more is written: no gap, no overlap."""

import time

from tests.resilience.outcome import Outcome
from tests.resilience.servers import Ground
from tests.resilience.street import street, wait_for

PEOPLE = 100
"""Who has a past goes on speaking: history that comes after what is new is seen as disorder."""
PAST = """
WITH made AS (
  SELECT n, gen_random_uuid() AS deed, 'p' || n %% 100 AS who, 1 + n / 100 AS sequence,
         uuid_send(gen_random_uuid()) AS dice, extract(epoch FROM clock_timestamp())::bigint * 1000 AS ms
  FROM generate_series(0, %d - 1) AS n
), numbered AS (
  SELECT *, encode(substring(int8send(ms + n / 10) FROM 3), 'hex') || '7' || lpad(to_hex(n %% 4096), 3, '0')
         || '8' || substring(encode(dice, 'hex') FROM 18) AS id FROM made
), done AS (INSERT INTO deeds (id, who) SELECT deed, who FROM numbered),
said AS (INSERT INTO event_sequences SELECT who, max(sequence) FROM numbered GROUP BY who)
INSERT INTO outbox (event_id, subject, sequence, type, body, recorded_at)
SELECT id::uuid, who, sequence, 'motcua.toy.did.v1', json_build_object(
  'id', id::uuid, 'source', '/services/north', 'type', 'motcua.toy.did.v1', 'subject', who, 'time', now(),
  'sequence', sequence, 'data', json_build_object('who', who, 'number', n, 'deed', deed),
  'specversion', '1.0', 'datacontenttype', 'application/json')::text, now()
FROM numbered ORDER BY n
"""
UNSENT = "SELECT count(*) FROM outbox WHERE sent_at IS NULL"


def back_fill(ground: Ground, seed: int, past: int, meanwhile: int) -> Outcome:
    """`past` events in the log; `meanwhile` more are said while the new subscriber is filled."""
    with street(ground, "north", "south", "east") as there:
        there.execute("north", PAST % past)
        there.start("north")
        there.start("east")
        assert wait_for(lambda: there.one("north", UNSENT) == 0, 60 + past / 100), "the past was not sent"
        started = time.monotonic()
        there.start("south")
        speaker = there.start_speaker(PEOPLE, meanwhile)
        speaker.join(600)
        assert speaker.exitcode == 0
        verdict = there.settled(within=60 + past / 100)
        return Outcome(verdict, 1, {"seconds to be filled": round(time.monotonic() - started, 1)})
