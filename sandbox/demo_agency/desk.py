"""The agency at the desk API: looks what is open, and takes each dossier one step further."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sandbox.demo_agency.portal import Portal, Refused

# The first of these that the workflow allows is taken.
STEPS = ("close-withdrawal", "accept", "forward", "finish", "hand-over")
SAY_NO = "TỪ CHỐI"
REASON = "Người nộp đã ghi “TỪ CHỐI” trong tờ khai: cơ quan dùng thử từ chối hồ sơ để bạn xem kết quả."
OPEN = (1, 2, 4, 7, 9)


@dataclass(frozen=True)
class Desk:
    """`pause` in seconds between two decisions."""

    portal: Portal
    pause: float
    say: Callable[[str], None]

    def work(self) -> None:
        """For ever; whatever the portal refuses is looked at again in the next round."""
        while True:
            try:
                self.round()
            except Refused as refused:
                self.say(f"{refused}, trying again")
            time.sleep(self.pause)

    def round(self) -> int:
        """One step for every open dossier. Returns how many were taken."""
        return sum([self._step(code) for code in self._open()])

    def _open(self) -> list[str]:
        """Codes, the one due first on top."""
        codes: list[str] = []
        query: list[tuple[str, object]] = [*(("status", status) for status in OPEN), ("limit", 100)]
        cursor: list[tuple[str, object]] = []
        while True:
            page = self.portal.call("GET", f"/desk/dossiers?{urlencode(query + cursor)}").json
            codes += [item["code"] for item in page["items"]]
            if not page["next_cursor"]:
                return codes
            cursor = [("cursor", page["next_cursor"])]

    def _step(self, code: str) -> int:
        found = self.portal.call("GET", f"/desk/dossiers/{code}")
        decision = decide(found.json)
        if decision is None:
            return 0
        time.sleep(self.pause)
        try:
            path = f"/desk/dossiers/{code}/decisions"
            self.portal.call("POST", path, decision, **{"If-Match": found.headers["ETag"]})
        except Refused as refused:
            self.say(f"{code}: {decision['action']} not done, {refused}")
            return 0
        self.say(f"{code}: {decision['action']}")
        return 1


def decide(dossier: Mapping[str, Any]) -> dict[str, str] | None:
    """The decision on a dossier as the desk shows it; None when there is nothing to decide."""
    possible = dossier["actions"]
    if "refuse" in possible and says_no(dossier["form"]):
        return {"action": "refuse", "reason": REASON}
    return next(({"action": step} for step in STEPS if step in possible), None)


def says_no(form: Mapping[str, Any]) -> bool:
    """Whether the applicant asked to be refused, to see what that looks like."""
    return any(SAY_NO in answer.upper() for answer in form.values() if isinstance(answer, str))
