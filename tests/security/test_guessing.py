"""10,000 guesses of passwords and codes from 500 addresses: no more are looked at than the limits say.

What is refused with 429 was not compared with anything, so it tells nothing and guesses nothing.
"""

from collections import Counter
from dataclasses import replace
from itertools import count
from uuid import UUID

import pytest

from chassis.testing import ServiceUnderTest
from services.identity.adapters.passwords import Passwords
from services.identity.commands import accounts
from services.identity.model.person import Person
from services.identity.model.rules import Rules
from tests.conftest import Say
from tests.identity.conftest import CHEAP
from tests.identity.portal import PASSWORD, Portal

ADDRESSES, ROUNDS, PASSWORDS_A_ROUND = 500, 20, 400
"""Each round lasts six minutes, and each address guesses once in it: two hours, 10,000 guesses."""
ROUND_MINUTES = 6
A_ADDRESS_MAY, A_ACCOUNT_MAY, A_CODE_MAY, CODES_A_DAY = 8, 63, 5, 5
"""In an hour; in two hours: 50 from everywhere at once, then after 30 s, 1, 2, 4, 8 and each 15 minutes;
a code; a day."""
VICTIMS, HALF = 12, 6


@pytest.fixture
def rules() -> Rules:
    return replace(CHEAP, address_failures_per_hour=A_ADDRESS_MAY)


@pytest.fixture
def victims(identity: ServiceUnderTest, passwords: Passwords) -> list[str]:
    """Logins of accounts whose password is PASSWORD."""
    people = [Person(f"victim{n}", "Nguyễn Văn An", f"09120{n:05}", None) for n in range(VICTIMS)]
    with identity.units() as uow:
        for person in people:
            accounts.open(uow, "citizen", person, passwords.hash(PASSWORD), assurance="medium")
    return [person.login for person in people]


class Attack:
    """What was looked at, counted: by whom it is limited."""

    def __init__(self, portal: Portal, victims: list[str]) -> None:
        self.portal = portal
        self.victims = victims
        self.guesses = 0
        self.by_account, self.by_address_and_hour = Counter[str](), Counter[tuple[str, int]]()
        self.by_code, self.codes_by_account = Counter[str](), Counter[str]()
        self.waiting: dict[str, str] = {}
        self._numbers = count(1)

    def round(self, number: int) -> None:
        hour = number * ROUND_MINUTES // 60
        for address in range(ADDRESSES):
            place = f"198.51.{address // 250}.{address % 250}"
            if address < PASSWORDS_A_ROUND:
                victim = self.victims[address % HALF]
                looked_at = self.guess_password(victim, place)
                self.by_account[victim] += looked_at
            else:
                # Others: who is guessed at is paused, and gets no code sent.
                victim = self.victims[HALF + address % HALF]
                looked_at = self.guess_code(victim, place)
            self.by_address_and_hour[place, hour] += looked_at
            self.guesses += 1

    def guess_password(self, victim: str, place: str) -> bool:
        guess = f"guess number {next(self._numbers)}"
        body = {"login": victim, "password": guess, "captcha": "spent already"}
        answer = self.portal.post("/sessions", body, {"X-Forwarded-For": place})
        assert answer.status_code in (401, 429)
        return answer.status_code == 401

    def guess_code(self, victim: str, place: str) -> bool:
        """Of a login that the guesser has brought to that point: for this they know the password."""
        id = self.waiting.get(victim)
        if id is None or self.by_code[id] >= A_CODE_MAY:
            id = self.begin(victim) or id
        if id is None:
            return False
        wrong = f"{(int(self.portal.code()) + 1 + next(self._numbers) % 900_000) % 10**6:06}"
        answer = self.portal.post(f"/sessions/{id}/confirmation", {"code": wrong}, {"X-Forwarded-For": place})
        assert answer.status_code in (422, 429, 404)
        looked_at = answer.status_code == 422 and answer.get_json()["code"] == "code-wrong"
        self.by_code[id] += looked_at
        return looked_at

    def begin(self, victim: str) -> str | None:
        body = {"login": victim, "password": PASSWORD, "captcha": "spent already"}
        answer = self.portal.post(
            "/sessions", body, {"X-Forwarded-For": f"192.0.2.{next(self._numbers) % 250}"}
        )
        if answer.status_code != 202:
            return None
        self.codes_by_account[victim] += 1
        self.waiting[victim] = str(answer.get_json()["id"])
        return self.waiting[victim]


@pytest.fixture
def owner(portal: Portal) -> tuple[Portal, str, UUID]:
    """Somebody with a device that is known."""
    made = portal.account()
    portal.wait(minutes=2)
    return portal, portal.session()["device"], UUID(made["account_id"])


@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("without_captchas")
def test_10000_guesses_from_500_addresses_stay_within_the_limits(
    owner: tuple[Portal, str, UUID], victims: list[str], say: Say
) -> None:
    portal, device, _ = owner
    attack = Attack(portal, victims)
    for number in range(ROUNDS):
        attack.round(number)
        portal.wait(minutes=ROUND_MINUTES)
    assert attack.guesses == 10_000
    assert max(attack.by_account.values()) <= A_ACCOUNT_MAY
    assert max(attack.by_address_and_hour.values()) <= A_ADDRESS_MAY
    assert max(attack.by_code.values()) <= A_CODE_MAY
    assert max(attack.codes_by_account.values()) <= CODES_A_DAY
    assert min(attack.by_account.values()) > 5, "else nothing was guessed at all"
    assert min(attack.codes_by_account.values()) == CODES_A_DAY
    assert portal.log_in(device=device).status_code == 201, "the owner gets in meanwhile"
    looked, codes = attack.by_account.total(), attack.by_code.total()
    say(f"guessing: {attack.guesses} guesses from {ADDRESSES} addresses at {VICTIMS} accounts in two hours;")
    say(f"guessing: {looked} passwords and {codes} codes were looked at, none was right")


def test_guesses_at_many_logins_come_to_an_end_by_their_address(portal: Portal, say: Say) -> None:
    """Spread so thin that no account is ever paused."""
    answers = Counter[int]()
    for number in range(40):
        body = {"login": f"somebody{number}", "password": "the usual one", "captcha": portal.captcha()}
        answers[portal.post("/sessions", body, {"X-Forwarded-For": "203.0.113.9"}).status_code] += 1
    assert answers == {401: A_ADDRESS_MAY, 429: 40 - A_ADDRESS_MAY}
    say(f"guessing: of 40 logins tried from one address {A_ADDRESS_MAY} were looked at")
