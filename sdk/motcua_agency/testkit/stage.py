"""What a play has to work with: a portal, a consumer, the line between them, and the ledger."""

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from motcua_agency.testkit.faults import Fault
from motcua_agency.testkit.ledger import Ledger
from motcua_agency.testkit.portal import Portal, Told
from motcua_agency.testkit.program import Consumer, Program
from motcua_agency.testkit.proxy import Proxy, let_pass
from motcua_agency.testkit.wire import EXCHANGE, Wire

LOOK_SECONDS = 0.05
SETTLE_SECONDS = 0.4


class Stage:
    """For one play. `patience` is how many seconds the consumer has for each thing asked of it."""

    def __init__(
        self, play: str, url: str, agency: str, consumer: Consumer, folder: Path, patience: float
    ) -> None:
        at = urlsplit(url)
        self.play, self.patience = play, patience
        self.account = unquote(at.username or "guest")
        self.portal = Portal(url, agency)
        self.ledger = Ledger(folder / "ledger")
        self.wire = Wire(lambda: self.ledger.applied)
        self.proxy = Proxy((at.hostname or "127.0.0.1", at.port or 5672), self.wire.watch)
        self.program = Program(consumer, self._environment(url, folder), folder / "output")
        self.faults: list[Fault] = []

    def open(self) -> None:
        self.portal.open()

    def close(self) -> None:
        self.program.kill()
        self.proxy.refuse()
        self.portal.close()

    def _environment(self, url: str, folder: Path) -> dict[str, str]:
        at = urlsplit(url)
        state = folder / "state"
        state.mkdir()
        login = f"{quote(self.account, safe='')}:{quote(unquote(at.password or 'guest'), safe='')}"
        return {
            "AGENCY_CODE": self.portal.agency,
            "AGENCY_AMQP_URL": f"amqp://{login}@127.0.0.1:{self.proxy.port}{at.path}",
            "AGENCY_ACCOUNT": self.account,
            "AGENCY_QUEUE": self.portal.queue,
            "AGENCY_DECISIONS_EXCHANGE": EXCHANGE,
            "AGENCY_DECISIONS_KEY": f"{self.portal.key}.decision",
            "TESTKIT_LEDGER": str(folder / "ledger"),
            "TESTKIT_STATE": str(state),
        }

    def tell(self, type: str, code: str, version: int, **data: object) -> Told:
        """An event that must be applied."""
        with self.proxy.paused():
            told = self.portal.tell(type, code, version, **data)
            self.wire.wanted[told.body] = told.id
        return told

    def fault(self, name: str, evidence: str) -> None:
        self.faults.append(Fault(name, self.play, evidence))

    def until(self, holds: Callable[[], object], within: float | None = None) -> bool:
        """Whether it came true in time. An ended consumer makes nothing true any more."""
        deadline = time.monotonic() + (within or self.patience)
        while not holds():
            if time.monotonic() > deadline or self.program.exit_code is not None:
                return bool(holds())
            time.sleep(LOOK_SECONDS)
        return True

    def until_applied(self, told: Iterable[Told]) -> bool:
        ids = {one.id for one in told}
        return self.until(lambda: ids <= set(self.ledger.applied))

    def settle(self) -> None:
        """A moment for what should not happen to happen."""
        time.sleep(SETTLE_SECONDS)

    def how_it_is(self) -> str:
        """What is known of the program, for the evidence."""
        code = self.program.exit_code
        return (
            "it still runs"
            if code is None
            else f"it ended with {code}: {self.program.last_words()}".strip(": ")
        )

    def missing(self, told: Sequence[Told]) -> list[Told]:
        applied = set(self.ledger.applied)
        return [one for one in told if one.id not in applied]

    def no_rule(self) -> None:
        self.proxy.rule = let_pass
