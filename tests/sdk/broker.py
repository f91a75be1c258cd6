"""The portal's side of an agency's queue, for tests; the agency gets at it through a line that can be cut."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from urllib.parse import urlsplit

from pika.adapters.blocking_connection import BlockingChannel

from motcua_agency import Agency, Cursor
from motcua_agency.testkit.portal import Portal, Told
from motcua_agency.testkit.proxy import Action, Proxy, Spoken

CODE = "T99.1"
DOSSIER = f"{CODE}-261122-0001"


class Broker:
    """`spoken` is all that was said on the line."""

    def __init__(self, url: str) -> None:
        at = urlsplit(url)
        self.url = url
        self.portal = Portal(url, CODE)
        self.spoken: list[Spoken] = []
        self.proxy = Proxy((at.hostname or "", at.port or 5672), self.spoken.append)
        self.line = url.replace(f":{at.port}/", f":{self.proxy.port}/")

    def agency(self, cursor: Cursor | None = None, **options: object) -> Agency:
        return Agency(CODE, self.line, cursor, **options)  # type: ignore[arg-type]

    def tell(self, version: int = 1, dossier: str = DOSSIER) -> Told:
        return self.portal.tell("submitted", dossier, version)

    def said(self, name: str) -> int:
        return sum(one.frame.name == name for one in self.spoken)

    def at_the(self, name: str, times: int = 1, from_consumer: bool = True, action: Action = "cut") -> None:
        """The line is cut the first `times` times that this is said."""
        left = [times]

        def rule(spoken: Spoken) -> Action:
            if spoken.frame.name != name or spoken.from_consumer != from_consumer or not left[0]:
                return "pass"
            left[0] -= 1
            return action

        self.proxy.rule = rule

    def left(self) -> int:
        """Messages that nobody has acknowledged; to be called once the agency is gone."""
        channel = self.portal._channel
        found = [one for one, _, _ in takewhile(lambda got: got[0], self._consume(channel))]
        channel.cancel()
        return len(found)

    def _consume(self, channel: BlockingChannel) -> Iterator[tuple[object, ...]]:
        return iter(channel.consume(self.portal.queue, inactivity_timeout=0.5))


@contextmanager
def broker(url: str) -> Iterator[Broker]:
    made = Broker(url)
    made.portal.open()
    yield made
    made.proxy.refuse()
    made.portal.close()


class Memory:
    """A cursor that forgets with the test."""

    def __init__(self) -> None:
        self.state: str | None = None

    def load(self) -> str | None:
        return self.state

    def save(self, state: str) -> None:
        self.state = state
