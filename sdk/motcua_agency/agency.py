"""An agency's back office on the broker: `Agency(...).consume(handler)`, and `decide`."""

import logging
import ssl
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from motcua_agency.address import HEARTBEAT_SECONDS, account, parameters
from motcua_agency.consuming import Consumer, Handler
from motcua_agency.cursor import Cursor
from motcua_agency.decisions import DecisionsLink, decision
from motcua_agency.errors import OutcomeTimeoutError
from motcua_agency.event import Event, Outcome
from motcua_agency.positions import Gap

log = logging.getLogger("motcua_agency")


def report_gap(gap: Gap) -> None:
    log.error("positions %d to %d have not come: ask for a replay of what is missing", gap.first, gap.last)


@dataclass(frozen=True)
class Sent:
    """A decision that the broker has safe. What becomes of it comes on the agency's queue."""

    decision_id: str
    _outcome: "Future[Outcome]" = field(repr=False, default_factory=Future)
    _handling: Callable[[], bool] = field(repr=False, default=bool)

    def wait(self, timeout: float = 60.0) -> int:
        """The dossier's version once the decision is applied.

        DecisionRejectedError: it was not. OutcomeTimeoutError: nothing came in time. Only while events are
        consumed, and not from inside a handler, which the outcome may be waiting behind.
        """
        if self._handling():
            raise RuntimeError("a handler cannot wait for an outcome: it comes as an event of its own")
        try:
            return self._outcome.result(timeout).applied_version()
        except NotInTime:
            raise OutcomeTimeoutError(f"decision {self.decision_id}: no outcome in {timeout} s") from None


class Agency:
    """`amqp_url` and `code` are what the portal's operator gave you: `amqps://agency-H01:...@host`, `H01`.

    Without a `cursor` every delivery is handed over, repeats too, and gaps are not noticed. `on_gap` is
    called once for positions that did not come; by default it is logged. `tls`, for a broker whose
    certificate is from an authority of its own: `ssl.create_default_context(cafile="ca.pem")`.
    """

    def __init__(
        self,
        code: str,
        amqp_url: str,
        cursor: Cursor | None = None,
        on_gap: Callable[[Gap], Any] = report_gap,
        prefetch: int = 20,
        heartbeat: int = HEARTBEAT_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        key = code.replace(".", "_")
        broker = parameters(amqp_url, heartbeat, tls)
        sender = account(amqp_url) or f"agency-{key}"
        self._decisions = DecisionsLink(broker, sender, "motcua.decisions", f"{key}.decision")
        self._consumer = Consumer(broker, f"agency.{key}", cursor, on_gap, prefetch, self._heard)
        self._waiting: weakref.WeakValueDictionary[str, Future[Outcome]] = weakref.WeakValueDictionary()

    def consume(self, handler: Handler) -> None:
        """Hand over each event, one at a time and in order, until `stop()` is called.

        An event is acknowledged once `handler` returned. When it raises, the same event is handed over
        again after a pause, for ever, and what is behind it waits.
        """
        try:
            self._consumer.run(handler)
        finally:
            self._decisions.close()

    def stop(self) -> None:
        """`consume` returns after the event at hand. May be called from a signal handler or any thread."""
        self._consumer.stop()

    @contextmanager
    def consuming(self, handler: Handler) -> Iterator["Agency"]:
        """`consume` in a thread of its own, for as long as the block runs."""
        thread = threading.Thread(target=self.consume, args=[handler], name="motcua-worker")
        thread.start()
        try:
            yield self
        finally:
            self.stop()
            thread.join()

    def decide(
        self,
        code: str,
        action: str,
        expected_version: int,
        reason: str | None = None,
        decision_id: str | UUID | None = None,
        timeout: float = 60.0,
    ) -> Sent:
        """Send a decision. On return the broker has it safe; `.wait()` tells what became of it.

        Lost connections are made again and the same id is sent again, for `timeout` seconds; then
        UnconfirmedError, which says why. Without a `decision_id`, the same decision always has the same id.
        """
        wanted = decision(code, action, expected_version, reason, decision_id)
        outcome = self._outcome_of(wanted.decision_id)
        self._decisions.send(wanted, timeout)
        return Sent(wanted.decision_id, outcome, self._consumer.is_handling)

    def close(self) -> None:
        """For programs that only decide; `consume` does it by itself."""
        self._decisions.close()

    def _outcome_of(self, decision_id: str) -> "Future[Outcome]":
        """One for all who sent this decision and still wait."""
        future = self._waiting.get(decision_id)
        if future is None or future.done():
            future = self._waiting[decision_id] = Future()
        return future

    def _heard(self, event: Event) -> None:
        outcome = Outcome.of(event)
        future = self._waiting.get(outcome.decision_id) if outcome else None
        if outcome and future and not future.done():
            future.set_result(outcome)
