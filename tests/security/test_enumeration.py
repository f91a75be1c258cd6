"""Nobody finds out who has an account, or what a register holds: neither by what is said nor by its time.

Times are compared in pairs, one after the other in random order, so that whatever else the machine does
meets both. The test is a sign test on the pairs: of 2,000 the known login is the slower one in
1,000 give or take, whatever the times' distribution. ALPHA is one in a million, so that it fails by
chance once in a million runs; a difference that makes one of them slower in 56 % of the pairs is found.
"""

import math
import random
import time
from typing import Any

import pytest

from chassis.testing import ServiceUnderTest
from services.identity.adapters.passwords import Passwords
from tests.conftest import Say
from tests.identity.portal import AN, NGOC, PASSWORD, Portal, person, refused

PAIRS, ALPHA = 2_000, 1e-6
KNOWN, UNKNOWN = AN, "001099000025"


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    """Dear enough that leaving the work out would show."""
    return Passwords(time_cost=1, memory_kib=4096)


def said(answer: Any) -> tuple[Any, ...]:
    """All that a caller sees, but for what is new each time."""
    body = {
        k: v for k, v in answer.get_json().items() if k not in ("request_id", "instance", "id", "expires_at")
    }
    headers = {k: v for k, v in answer.headers.items() if k not in ("X-Request-Id", "Date")}
    return answer.status_code, body, headers


def timed(portal: Portal, login: str) -> tuple[float, Any]:
    begun = time.perf_counter()
    answer = portal.log_in(login, "not this one", captcha="spent already")
    return time.perf_counter() - begun, answer


def two_sided(slower: int, pairs: int) -> float:
    """The chance that of fair coins as many or more fall to one side (normal approximation)."""
    return math.erfc(abs(slower - pairs / 2) / math.sqrt(pairs / 4) / math.sqrt(2))


@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("without_captchas")
def test_a_wrong_password_and_an_unknown_login_are_alike_in_2000_pairs(portal: Portal, say: Say) -> None:
    portal.account(person(), PASSWORD)
    seed = random.SystemRandom().randrange(2**32)
    chance, slower, differences = random.Random(seed), 0, []
    for _ in range(PAIRS):
        portal.wait(hours=25)
        both, bodies = {}, {}
        for login in chance.sample([KNOWN, UNKNOWN], 2):
            both[login], answer = timed(portal, login)
            bodies[login] = said(answer)
        assert bodies[KNOWN] == bodies[UNKNOWN]
        assert bodies[KNOWN][0] == 401
        slower += both[KNOWN] > both[UNKNOWN]
        differences.append(both[KNOWN] - both[UNKNOWN])
    p, middle = two_sided(slower, PAIRS), sorted(differences)[PAIRS // 2] * 1e6
    say(f"enumeration: known slower in {slower} of {PAIRS} pairs, p = {p:.3g}, by {middle:.0f} µs; {seed=}")
    assert p > ALPHA


def test_the_sign_test_finds_a_login_that_is_a_little_slower() -> None:
    """A guard of the guard: 56 % is found, 50 % is not."""
    assert two_sided(1120, PAIRS) < 1e-7
    assert two_sided(1000, PAIRS) == 1
    assert two_sided(1050, PAIRS) > 0.02


WRONG = {
    "name": {"full_name": "Trần Văn An"},
    "marks": {"full_name": "Nguyen Van An"},
    "birth": {"date_of_birth": "1999-02-04"},
    "phone of another": {"phone": "0987000028"},
    "phone of nobody": {"phone": "0912999999"},
    "number of another": {"id_number": NGOC, "date_of_birth": "1995-11-20"},
    "number of nobody": {"id_number": UNKNOWN},
    "all": {"full_name": "Lê Thị Hoa", "date_of_birth": "1999-05-05", "phone": "0912999998"},
}


def test_every_kind_of_mismatch_is_answered_alike(portal: Portal, say: Say) -> None:
    seen = {}
    for _ in range(5):
        for name, wrong in WRONG.items():
            portal.wait(hours=25)
            answer = portal.register(person() | wrong)
            refused(answer, 422, "register-mismatch")
            seen[name] = said(answer)
    first = next(iter(seen.values()))
    assert all(other == first for other in seen.values())
    say(f"enumeration: {len(WRONG)} kinds of mismatch, {5 * len(WRONG)} answers, all alike")


def test_registering_is_answered_alike_for_who_has_an_account_and_who_has_none(portal: Portal) -> None:
    portal.account()
    portal.wait(hours=25)
    known, unknown = portal.register(person(AN)), portal.register(person(NGOC))
    assert said(known) == said(unknown)
    assert known.status_code == 201


def test_a_pause_tells_nothing_either(identity: ServiceUnderTest, portal: Portal) -> None:
    portal.account()
    portal.wait(hours=25)
    for _ in range(8):
        known, unknown = (portal.log_in(login, f"{PASSWORD}!") for login in (KNOWN, UNKNOWN))
        assert said(known) == said(unknown)
    assert known.status_code == 429
