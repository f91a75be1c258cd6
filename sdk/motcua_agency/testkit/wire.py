"""What the kit concludes from what the consumer and the broker say to each other."""

import threading
from collections import Counter
from collections.abc import Callable, Collection

from motcua_agency.testkit.frames import Frame
from motcua_agency.testkit.proxy import Spoken

EXCHANGE = "motcua.decisions"
Tag = tuple[int, int, int]


class Wire:
    """`wanted` has, by event id, what must be applied before it may be acknowledged."""

    def __init__(self, applied: Callable[[], Collection[str]]) -> None:
        self.wanted: dict[bytes, str] = {}
        self.times_delivered: Counter[bytes] = Counter()
        self.decisions_sent = 0
        self._faults: dict[str, str] = {}
        self._early: list[tuple[str, str, str]] = []
        self._applied = applied
        self._tag: dict[tuple[int, int], int] = {}
        self._unacknowledged: dict[Tag, bytes] = {}
        self._confirming: set[tuple[int, int]] = set()
        self._lock = threading.Lock()

    def faults(self) -> dict[str, str]:
        """By name, the first evidence. What was acknowledged and never applied is not early, but lost."""
        applied = set(self._applied())
        early = {name: evidence for id, name, evidence in reversed(self._early) if id in applied}
        return early | self._faults

    def watch(self, spoken: Spoken) -> None:
        with self._lock:
            if spoken.from_consumer:
                self._consumer_says(spoken.line, spoken.frame)
            else:
                self._broker_says(spoken)

    def _broker_says(self, spoken: Spoken) -> None:
        at = (spoken.line, spoken.frame.channel)
        if spoken.frame.name in ("deliver", "get-ok"):
            self._tag[at] = spoken.frame.fields()["tag"]
        if spoken.body is not None and at in self._tag:
            self._unacknowledged[*at, self._tag[at]] = spoken.body
            self.times_delivered[spoken.body] += 1

    def _consumer_says(self, line: int, frame: Frame) -> None:
        said = frame.fields()
        at = (line, frame.channel)
        if frame.name == "tune-ok" and not said["heartbeat"]:
            self._note("no-heartbeat", "it agreed with the broker on a heartbeat of 0")
        elif frame.name in ("consume", "get") and said["automatic"]:
            self._note("acknowledges-automatically", f"basic.{frame.name} with no_ack was seen")
        elif frame.name == "confirm-select":
            self._confirming.add(at)
        elif frame.name == "publish" and said["exchange"] == EXCHANGE:
            self._decides(at, said["mandatory"])
        elif frame.name in ("ack", "reject", "nack"):
            self._settles(at, frame.name, said["tag"], said["multiple"])

    def _decides(self, at: tuple[int, int], mandatory: bool) -> None:
        self.decisions_sent += 1
        if at not in self._confirming:
            self._note(
                "decides-without-confirms", "a decision was published with no confirm.select before it"
            )
        if not mandatory:
            self._note("not-mandatory", "basic.publish without the mandatory bit was seen")

    def _settles(self, at: tuple[int, int], name: str, tag: int, multiple: bool) -> None:
        """Tag 0 with `multiple` means all there are."""
        covered = [
            (open_tag, body)
            for (line, channel, open_tag), body in self._unacknowledged.items()
            if (line, channel) == at and (open_tag == tag or (multiple and (open_tag < tag or not tag)))
        ]
        applied = set(self._applied())
        for open_tag, body in covered:
            del self._unacknowledged[*at, open_tag]
            if name == "ack" and body in self.wanted and self.wanted[body] not in applied:
                self._too_early(self.wanted[body], open_tag, tag, len(covered))

    def _too_early(self, id: str, covered: int, tag: int, count: int) -> None:
        if count > 1:
            evidence = (
                f"ack {tag} (multiple) covered {count} deliveries, among them event {id}, not applied yet"
            )
            self._early.append((id, "acknowledges-too-many", evidence))
        else:
            evidence = f"ack {covered} for event {id} was seen before its line in the ledger"
            self._early.append((id, "acknowledges-before-applying", evidence))

    def _note(self, name: str, evidence: str) -> None:
        self._faults.setdefault(name, evidence)
