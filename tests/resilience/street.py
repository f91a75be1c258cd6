"""A street of toy services on one broker: north speaks, the others count. Each is a process."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg

from chassis.unit_of_work import UnitsOfWork
from tests.resilience import processes, toys
from tests.resilience.checker import Announced, Applied, Verdict, judge
from tests.resilience.processes import Role, Seals
from tests.resilience.servers import Ground, quoted

SPEAKER = "north"
BINDING = "toy.did.*"
DEEDS = "SELECT id::text FROM deeds"
ANNOUNCED = "SELECT event_id::text, body::json #>> '{data,deed}' FROM outbox WHERE type = 'motcua.toy.did.v1'"
APPLIED = "SELECT event_id::text, who, sequence FROM tally ORDER BY seen"
HEARD = "SELECT count(DISTINCT event_id) FROM tally"
UNSENT = "SELECT count(*) FROM outbox WHERE sent_at IS NULL"
PARKED = "SELECT count(*) FROM parking"


@dataclass
class Street:
    ground: Ground
    broker: str
    databases: Mapping[str, str]
    running: dict[str, BaseProcess] = field(default_factory=dict)
    _units: UnitsOfWork | None = None

    @property
    def subscribers(self) -> list[str]:
        return [toy for toy in self.databases if toy != SPEAKER]

    @property
    def speaker(self) -> UnitsOfWork:
        """Of this process: for deeds done by the experiment itself."""
        if self._units is None:
            self.use_keys({})
        assert self._units is not None
        return self._units

    def use_keys(self, seals: Seals) -> None:
        """The speaker in this process seals with these rings from now on."""
        self.close_speaker()
        self._units = self.role(SPEAKER, seals=seals).units("experiment")

    def close_speaker(self) -> None:
        if self._units:
            self._units.engine.dispose()

    def role(self, toy: str, **changes: Any) -> Role:
        log = str(self._log(toy))
        usual = Role(toy, self.databases[toy], self.broker, log, hears=tuple(self.databases))
        return replace(usual, **changes)

    def _log(self, toy: str) -> Path:
        return self.ground.folder / f"{quoted(self.broker)}-{toy}.log"

    def log(self, toy: str) -> str:
        return self._log(toy).read_text(errors="replace")

    def start(self, toy: str, name: str = "", **changes: Any) -> BaseProcess:
        """`name` for a second process of the same toy. `changes` are to its Role."""
        process = processes.start(self.role(toy, **changes))
        self.running[name or toy] = process
        return process

    def start_all(self, **changes: Any) -> None:
        for toy in self.databases:
            self.start(toy, **changes)

    def start_speaker(self, people: int, events: int, pause: float = 0, **changes: Any) -> BaseProcess:
        """A process that does `events` deeds in turn of `people` and ends."""
        process = processes.start_speaker(self.role(SPEAKER, **changes), people, events, pause)
        self.running["speaker"] = process
        return process

    def speak(self, people: int, events: int, pause: float = 0, **more: Any) -> None:
        toys.speak(self.speaker, people, events, pause, **more)

    def wait_until_bound(self) -> None:
        """Whoever connects first declares everything; queues may not be there yet."""
        path = f"bindings/{quoted(self.broker)}"
        found = wait_for(lambda: BINDING in str(self.ground.manage("GET", path)), 60)
        assert found, "nothing is bound"

    def delete_queue(self, name: str) -> None:
        self.ground.manage("DELETE", f"queues/{quoted(self.broker)}/{quote(name)}")

    def kill(self, name: str) -> None:
        self.send(name, signal.SIGKILL)
        self.running.pop(name).join(10)

    def send(self, name: str, number: signal.Signals) -> None:
        pid = self.running[name].pid
        assert pid is not None
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    def stop(self) -> None:
        for name in self.running:
            self.send(name, signal.SIGCONT)
            self.send(name, signal.SIGTERM)
        for process in self.running.values():
            process.join(15)
            if process.is_alive():
                process.kill()
                process.join(10)
        self.running.clear()

    def close(self) -> None:
        self.stop()
        self.close_speaker()

    def rows(self, toy: str, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.direct(toy), connect_timeout=5) as connection:
            return connection.execute(query.encode()).fetchall()

    def execute(self, toy: str, statement: str) -> None:
        with psycopg.connect(self.direct(toy), connect_timeout=5) as connection:
            connection.execute(statement.encode())

    def direct(self, toy: str) -> str:
        """The toy's database without whatever stands before it."""
        return urlsplit(self.ground.database.url)._replace(path=urlsplit(self.databases[toy]).path).geturl()

    def one(self, toy: str, query: str) -> Any:
        return self.rows(toy, query)[0][0]

    def is_quiet(self) -> bool:
        """All is sent, nothing is parked, and every subscriber has as many events as there are."""
        with suppress(psycopg.OperationalError):
            if self.one(SPEAKER, UNSENT):
                return False
            said = len(self.rows(SPEAKER, ANNOUNCED))
            return all(self.one(toy, HEARD) >= said and not self.one(toy, PARKED) for toy in self.subscribers)
        return False

    def settled(self, within: float = 90) -> Verdict:
        """The verdict once all is quiet, or when it has had its time."""
        wait_for(self.is_quiet, within)
        return self.verdict()

    def verdict(self) -> Verdict:
        return judge(
            [id for (id,) in self.rows(SPEAKER, DEEDS)],
            [Announced(*row) for row in self.rows(SPEAKER, ANNOUNCED)],
            {toy: [Applied(*row) for row in self.rows(toy, APPLIED)] for toy in self.subscribers},
        )


@contextmanager
def street(ground: Ground, *toys_there: str) -> Iterator[Street]:
    """A virtual host and a database for each, empty."""
    databases = {toy: ground.new_database(toy) for toy in toys_there or (SPEAKER, "south")}
    for url in databases.values():
        toys.prepare(url)
    with ground.new_virtual_host() as broker:
        made = Street(ground, broker, databases)
        try:
            yield made
        finally:
            made.close()


def wait_for(true: Callable[[], bool], within: float) -> bool:
    until = time.monotonic() + within
    while not (found := true()) and time.monotonic() < until:
        time.sleep(0.1)
    return found
