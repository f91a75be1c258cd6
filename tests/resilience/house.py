"""The whole portal with servers of its own, and how any of its processes is killed and started again."""

import random
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psycopg

from chassis import service as services
from tests import servers
from tests.resilience.office import Office
from tests.system.portal import Portal

SERVERS = ("broker", "database")
KINDS = ("service", "worker", "gateway", *SERVERS)
ENDS = {"service": "-api", "worker": "-worker", "gateway": "gateway"}
UNSENT = "SELECT 1 FROM outbox WHERE sent_at IS NULL LIMIT 1"
PARKED = "SELECT 1 FROM parking LIMIT 1"
WAITING = "SELECT 1 FROM deliveries WHERE state = 'waiting' LIMIT 1"
SAID = "SELECT event_id, type FROM outbox"
HEARD = "SELECT event_id FROM inbox"
LOGGED = "SELECT agency, event_id::text FROM agency_log"


@dataclass
class House:
    portal: Portal
    database: servers.Postgres
    broker: servers.RabbitMQ
    office: Office

    def victims(self, kind: str) -> list[str]:
        return (
            [kind] if kind in SERVERS else [role for role in self.portal.roles if role.endswith(ENDS[kind])]
        )

    def all_victims(self) -> list[str]:
        return [victim for kind in KINDS for victim in self.victims(kind)]

    def kill_and_start(self, victim: str, pause: float) -> None:
        if victim in SERVERS:
            server = self.broker if victim == "broker" else self.database
            server.kill()
            time.sleep(pause)
            server.start()
        else:
            self.portal.kill(victim)
            time.sleep(pause)
            self.portal.start(victim)

    @contextmanager
    def frozen(self, *victims: str) -> Iterator[None]:
        """SIGSTOP of each, then SIGCONT."""
        with ExitStack() as stack:
            for victim in victims:
                if victim in SERVERS:
                    server = self.broker if victim == "broker" else self.database
                    stack.enter_context(server.frozen())
                else:
                    stack.callback(self.portal.send, victim, signal.SIGCONT)
                    self.portal.send(victim, signal.SIGSTOP)
            yield

    def start_what_ended(self, within: float) -> list[str]:
        """As whoever watches processes does: those that end in this time are started again."""
        until, ended = time.monotonic() + within, []
        while time.monotonic() < until:
            for role in self.portal.roles:
                if self.portal.has_ended(role):
                    ended.append(role)
                    self.portal.start(role)
            time.sleep(0.2)
        return ended

    def rows(self, service: str, query: str) -> list[tuple[object, ...]]:
        url = self.portal.environment[f"{service.upper()}_DATABASE_URL"]
        with psycopg.connect(url) as connection:
            return connection.execute(query.encode()).fetchall()

    def is_quiet(self) -> bool:
        """Everything announced has been sent, handled and told."""
        try:
            waiting = any(self.rows(name, rest) for name in services.names() for rest in (UNSENT, PARKED))
            handled = all(self._has_handled(name) for name in ("notify", "feedback"))
            logged = {id for agency, id in self.rows("notify", LOGGED) if agency == self.office.agency}
            told = not self.rows("notify", WAITING)
        except psycopg.OperationalError:
            return False
        return not waiting and handled and told and logged <= self.office.ids()

    def _has_handled(self, subscriber: str) -> bool:
        kinds = {event.type for event in services.load(subscriber).reactions}
        said = {id for id, kind in self.rows("dossier", SAID) if kind in kinds}
        return said <= {id for (id,) in self.rows(subscriber, HEARD)}


def in_turn(dice: random.Random, victims: Sequence[str]) -> Iterator[str]:
    """Each of them once in a random order, then in another, without end."""
    while True:
        yield from dice.sample(victims, len(victims))
