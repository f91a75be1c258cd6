"""Events recorded in the transaction that caused them. The relay sends them; the rows are the log."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from chassis import envelope, tracing
from chassis.db import new_id
from chassis.tables import event_sequences, outbox
from contracts.event import Event


def record(session: Session, event: Event, now: datetime) -> None:
    sequence = _next_sequence(session, event.subject)
    id = new_id()
    trace = tracing.current()
    blanked = envelope.blanked(event)
    session.execute(
        insert(outbox).values(
            event_id=id,
            subject=event.subject,
            sequence=sequence,
            type=event.type,
            body=envelope.seal_up(event, id, now, sequence, trace).decode(),
            body_once_sent=blanked and envelope.seal_up(blanked, id, now, sequence, trace).decode(),
            recorded_at=now,
        )
    )


def _next_sequence(session: Session, subject: str) -> int:
    """Holds the subject's row until the transaction ends, so its events commit in order."""
    row = upsert(event_sequences).values(subject=subject, last=1)
    step = row.on_conflict_do_update(
        index_elements=[event_sequences.c.subject], set_={"last": event_sequences.c.last + 1}
    )
    last: int = session.execute(step.returning(event_sequences.c.last)).scalar_one()
    return last
