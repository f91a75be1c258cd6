"""Works through what the events asked for: reads the dossier, keeps its papers, decides."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid5

from back_office.store import Store, Work
from motcua_agency import Agency, AwayError, Dossier, ProblemError, RestClient

log = logging.getLogger("back_office")

STEPS = ("close-withdrawal", "accept", "forward", "finish", "hand-over")
LOOK_EVERY_SECONDS = 0.5
AGAIN_AFTER_SECONDS = 2.0


class Clerk:
    """A thread of its own: hearing events never waits for this work.

    Killed anywhere, it does the last piece again: papers that are there are kept, and the decision's id is
    made of the event's, so the portal applies it once.
    """

    def __init__(
        self, agency: Agency, portal: RestClient, folder: Path, open_store: Callable[[], Store]
    ) -> None:
        self._agency, self._portal, self._papers = agency, portal, folder / "papers"
        self._open_store = open_store
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clerk")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        store = self._open_store()
        while not self._ended.is_set():
            work = store.next()
            if work is None:
                self._ended.wait(LOOK_EVERY_SECONDS)
                continue
            try:
                self._do(store, work)
            except AwayError as error:
                log.warning("%s waits: %s", work.code, error)
                self._ended.wait(AGAIN_AFTER_SECONDS)
            except Exception:
                log.exception("%s waits", work.code)
                self._ended.wait(AGAIN_AFTER_SECONDS)

    def _do(self, store: Store, work: Work) -> None:
        dossier = self._read(work)
        action = next((step for step in STEPS if dossier and step in dossier.actions), None)
        if dossier is None or dossier.version != work.version or action is None:
            store.close(work)  # the event of a later version brings its own work
            return
        self._keep_papers(dossier)
        decision_id = str(uuid5(UUID(work.event_id), "decision"))
        store.decide(work, decision_id, action)
        self._agency.decide(work.code, action, work.version, decision_id=decision_id)
        store.sent(work)
        log.info("%s: %s", work.code, action)

    def _read(self, work: Work) -> Dossier | None:
        try:
            return self._portal.dossier(work.code)
        except ProblemError as problem:
            if problem.status != 404:
                raise
            return None

    def _keep_papers(self, dossier: Dossier) -> None:
        """Under names of ours: the applicant chose `file.name`."""
        folder = self._papers / dossier.code
        folder.mkdir(parents=True, exist_ok=True)
        for file in dossier.files:
            if not (folder / file.id).exists():
                self._portal.download(dossier.code, file, folder / file.id)
