"""People and dossiers in every state, so that every page has something to show, or nothing at all."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.answers import BIRTH, PDF, complete
from tests.system.caller import Caller, citizen, decide, people, sent
from tests.system.portal import Portal, eventually

STATES: dict[str, tuple[str, ...]] = {
    "new": (),
    "refused": ("refuse",),
    "accepted": ("accept",),
    "forwarded": ("accept", "forward"),
    "finished": ("accept", "finish"),
    "closed": ("accept", "finish", "hand-over"),
    "rated": ("accept", "finish", "hand-over"),
}
PASSPORT, COMPANY = "1.001456", "2.000033"
AUDIENCES = {BIRTH: ["citizen"], PASSPORT: ["citizen"], COMPANY: ["business"]}
MORE_THAN_A_PAGE = 20
RATING = {
    "scores": dict.fromkeys(("total_time", "agency_time", "contacts", "agencies_visited", "attitude"), 2),
    "satisfaction": 5,
}


@dataclass
class Scene:
    """`codes` are dossiers by state, `drafts` ids by how full they are; `people` come as `who` of a visit."""

    portal: Portal
    people: dict[str, Caller]
    codes: dict[str, str]
    drafts: dict[str, str]
    key: str
    registered: dict[str, Any]
    spare: list[Any] = field(default_factory=list)

    def address(self, path: str) -> str:
        """`{new}` is a dossier's code, `{bare}` a draft, `{key}` the receipt's key of `{new}`."""
        return path.format(**self.codes, **self.drafts, key=self.key)

    def somebody(self) -> Any:
        """A test person without an account."""
        return self.spare.pop()

    def cursor(self, who: str, path: str) -> str:
        """Where the second page of a list begins, if the first were short."""
        return quote(str(self.people[who].get(f"{path}?limit=3")["next_cursor"]))


def arrange(portal: Portal, officials: dict[str, Caller]) -> Scene:
    busy, fresh, *spare = people(portal, 70)
    an, newcomer = citizen(portal, busy), citizen(portal, fresh)
    an.register(busy)
    newcomer.register(fresh)
    for who in (an, newcomer, *officials.values()):
        who.log_in()
    for procedure, audience in AUDIENCES.items():
        assert an.get(f"/procedures/{procedure}")["audience"] == audience, procedure
    receipts = {state: sent(an) for state in (*STATES, "withdrawing")}
    codes = {state: str(receipt["code"]) for state, receipt in receipts.items()}
    for state, actions in STATES.items():
        for action in actions:
            reason = "Giấy chứng sinh bị mờ, không đọc được số." if action == "refuse" else None
            decide(officials["H01"], codes[state], action, reason)
    an.post(f"/dossiers/{codes['withdrawing']}/withdrawal", {"reason": "Tôi nộp nhầm."})
    eventually(lambda: an.call("POST", "/ratings", RATING | {"dossier": codes["rated"]}).status == 201)
    eventually(lambda: an.get("/notifications")["unread"] >= 15)
    cast = {"citizen": an, "newcomer": newcomer, "official": officials["H01"], "other": officials["G01"]}
    return Scene(
        portal,
        cast | {"operator": operator(portal), "clerk": clerk(portal)},
        codes,
        drafts(an),
        str(receipts["new"]["receipt"]["key"]),
        {"vi": busy, "en": fresh},
        spare,
    )


def operator(portal: Portal) -> Caller:
    who = Caller(portal, phone="0912345673", login="vanhanh")
    named = ["--login", who.login, "--name", "Trần Văn Vận Hành", "--phone", who.phone]
    portal.run("operator", "create", *named, MOTCUA_PASSWORD=who.password)
    who.log_in()
    return who


def clerk(portal: Portal) -> Caller:
    who = Caller(portal, phone="0912345674", login="giaodich")
    named = ["--login", who.login, "--name", "Hồ Thị Tâm", "--phone", who.phone]
    portal.run("clerk", "create", "--office", "10000", *named, MOTCUA_PASSWORD=who.password)
    who.log_in()
    return who


def drafts(an: Caller) -> dict[str, str]:
    answers = complete(an.get(f"/procedures/{BIRTH}"))
    for _ in range(MORE_THAN_A_PAGE):
        an.draft(BIRTH, "H01", {})
    made = {
        "bare": an.draft(BIRTH, "H01", {})["id"],
        "full": an.draft(BIRTH, "H01", answers)["id"],
        "elsewhere": an.draft(BIRTH, "H01", answers)["id"],
    }
    an.attach(
        made["full"], "birth-proof", "giấy chứng sinh của cháu Nguyễn Bình An bản chụp ngày 23-11.pdf", PDF
    )
    return made
