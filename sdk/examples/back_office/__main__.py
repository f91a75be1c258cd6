"""A complete back office: `python -m back_office`, settings in the environment. See README.md."""

import logging
import os
import signal
from pathlib import Path

from back_office.clerk import Clerk
from back_office.store import Store, Work
from motcua_agency import Agency, Event, Gap, Outcome, RestClient

log = logging.getLogger("back_office")

LOOKED_AT = {
    f"motcua.dossier.{name}.v1"
    for name in ("submitted", "accepted", "forwarded", "finished", "withdrawal-requested")
}


def handle(store: Store, event: Event) -> None:
    """Only writes a row: the event is acknowledged a moment later, and the clerk does the work."""
    outcome = Outcome.of(event)
    if outcome:
        store.settle(outcome.decision_id, outcome.problem)
    elif event.type in LOOKED_AT:
        store.add(Work(event.id, event.data["code"], event.data["version"]))


def ring(gap: Gap) -> None:
    log.error("positions %d to %d are missing: ask for a replay", gap.first, gap.last)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("pika").setLevel(logging.CRITICAL)  # it logs each lost connection ten times
    at = os.environ
    folder = Path(at["BACK_OFFICE_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(folder / "office.sqlite")
    agency = Agency(at["AGENCY_CODE"], at["AGENCY_AMQP_URL"], cursor=store, on_gap=ring)
    portal = RestClient(at["PORTAL_URL"], at["CLIENT_ID"], at["CLIENT_SECRET"])
    clerk = Clerk(agency, portal, folder, lambda: Store(folder / "office.sqlite"))
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: agency.stop())
    clerk.start()
    agency.consume(lambda event: handle(store, event))
    clerk.stop()


if __name__ == "__main__":
    main()
