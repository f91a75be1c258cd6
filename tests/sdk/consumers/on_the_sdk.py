"""A right back office on motcua_agency."""

import os

from motcua_agency import Agency, Event, FileCursor, Outcome
from motcua_agency.testkit import Ledger

KNOWN = ("submitted", "accepted", "forwarded", "finished", "withdrawal-requested", "withdrawal-declined")


def main() -> None:
    ledger = Ledger(os.environ["TESTKIT_LEDGER"])
    agency = Agency(
        os.environ["AGENCY_CODE"],
        os.environ["AGENCY_AMQP_URL"],
        cursor=FileCursor(f"{os.environ['TESTKIT_STATE']}/cursor"),
        on_gap=lambda gap: ledger.note("gap", gap.first, gap.last),
    )

    def handle(event: Event) -> None:
        outcome = Outcome.of(event)
        if outcome:
            ledger.note("decided" if outcome.applied else "refused", outcome.decision_id)
        elif event.type.split(".")[2] in KNOWN and event.id not in ledger.applied:
            if event.type == "motcua.dossier.submitted.v1":
                agency.decide(event.data["code"], "accept", event.data["version"])
            ledger.note("applied", event.id)

    agency.consume(handle)


if __name__ == "__main__":
    main()
