"""The agencies' exchange on the broker."""

from collections.abc import Sequence

from chassis.bus import BusAway, Outgoing, topology
from chassis.bus.publisher import AmqpPublisher, nothing
from services.notify.model.agency import Entry


class AgencyBus:
    """For one thread. The connection is kept while there is something to publish."""

    def __init__(self, amqp_url: str) -> None:
        self._url = amqp_url
        self._publisher: AmqpPublisher | None = None

    def publish(self, entries: Sequence[Entry]) -> None:
        """On return each entry is confirmed and in its agency's queue. BusAway: publish all of them again."""
        window = [Outgoing(str(entry.event_id), entry.type, entry.key, entry.body) for entry in entries]
        self._publisher = self._publisher or self._open()
        try:
            self._publisher.publish(window)
        except BusAway:
            self._publisher = None
            raise

    def close(self) -> None:
        """Nothing to publish now: an idle connection would miss its heartbeats."""
        if self._publisher:
            self._publisher.close()
            self._publisher = None

    def _open(self) -> AmqpPublisher:
        # The exchange is older than any agency's queue, and notify's own account may make none.
        return AmqpPublisher(self._url, topology.AGENCIES.name, nothing)
