"""The agencies' exchange without a broker."""

from chassis.bus import BusAway
from services.notify.model.agency import Entry


class FakeBus:
    """The agencies' exchange: what reached a queue, in order, and whether the broker answers."""

    def __init__(self) -> None:
        self.sent: list[Entry] = []
        self.away: set[str] = set()
        self.loses_answers = False

    def publish(self, entries: list[Entry]) -> None:
        if any(entry.key.partition(".")[0] in self.away for entry in entries):
            raise BusAway("refused or unroutable")
        self.sent.extend(entries)
        if self.loses_answers:
            raise BusAway("outcome unknown: timeout")

    def close(self) -> None:
        """Nothing is open."""
