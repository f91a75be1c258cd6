"""The agency over AMQP, on what agencies install (`sdk/`).

It keeps nothing. Each event of a dossier leads to at most one decision, whose id is made from the
event's id: an event delivered twice sends the same decision twice, and the portal applies it once.
The next decision waits for the event that the last one caused.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid5

from motcua_agency import Agency, AgencyError, Event, Outcome

ANSWERS = {
    "motcua.dossier.submitted.v1": "accept",
    "motcua.dossier.accepted.v1": "forward",
    "motcua.dossier.forwarded.v1": "finish",
    "motcua.dossier.finished.v1": "hand-over",
    "motcua.dossier.withdrawal-requested.v1": "close-withdrawal",
}


@dataclass(frozen=True)
class BackOffice:
    """`pause` in seconds before each decision, so that a person can watch the dossier move."""

    agency: str
    amqp_url: str
    pause: float
    say: Callable[[str], None]

    def work(self) -> None:
        """For ever; a broker that went away is looked for again."""
        office = Agency(self.agency, self.amqp_url)
        self.say(f"{self.agency} takes dossiers from its queue")
        office.consume(lambda event: self._hear(office, event))

    def _hear(self, office: Agency, event: Event) -> None:
        """The event is acknowledged once the broker has the decision safe."""
        outcome = Outcome.of(event)
        if outcome and not outcome.applied:
            self.say(f"not applied: {outcome.problem}")
        action = ANSWERS.get(event.type)
        if action:
            time.sleep(self.pause)
            self._decide(office, event, action)

    def _decide(self, office: Agency, event: Event, action: str) -> None:
        code, version = event.data.get("code"), event.data.get("version")
        if not isinstance(code, str) or not isinstance(version, int):
            self.say("an event that cannot be read was left out: no code, or no version")
            return
        try:
            office.decide(code, action, version, decision_id=uuid5(NAMESPACE_OID, f"{event.id} {action}"))
        except AgencyError as error:
            self.say(f"{code}: {action} not sent, {type(error).__name__}")
            raise
        self.say(f"{code}: {action}")
