"""What happens when two requests come at the same moment, on real threads and a real database."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any
from uuid import UUID

from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from contracts.identity import AccountRegistered
from services.identity.commands import backoffs, sessions
from services.identity.model.rules import Rules
from tests.identity.portal import PASSWORD, Portal, claims

AT_ONCE = 8


def together(*calls: Callable[[], TestResponse]) -> Counter[int]:
    """The statuses of calls that start at the same moment."""
    start = Barrier(len(calls))

    def run(call: Callable[[], TestResponse]) -> int:
        start.wait()
        return call().status_code

    with ThreadPoolExecutor(len(calls)) as pool:
        return Counter(pool.map(run, calls))


def test_one_registration_sent_many_times_makes_one_account(
    portal: Portal, identity: ServiceUnderTest
) -> None:
    id = portal.confirmed()
    finish = lambda: portal.post(f"/registrations/{id}/account", {"password": PASSWORD})  # noqa: E731
    assert together(*[finish] * AT_ONCE) == {201: 1, 409: AT_ONCE - 1}
    assert len(identity.announced(AccountRegistered)) == 1


def test_many_registrations_of_one_person_make_one_account(
    portal: Portal, identity: ServiceUnderTest
) -> None:
    ids = [portal.confirmed() for _ in range(4)]
    calls = [lambda of=id: portal.post(f"/registrations/{of}/account", {"password": PASSWORD}) for id in ids]
    assert together(*calls) == {201: 1, 409: 3}
    assert len(identity.announced(AccountRegistered)) == 1


def test_guesses_at_the_same_moment_do_not_get_more_tries(portal: Portal) -> None:
    id = portal.started()
    wrong = portal.wrong_code()
    assert together(*[lambda: portal.confirm(id, wrong)] * 9) == {422: 5, 429: 4}


def test_the_right_code_sent_many_times_confirms_once_and_harms_nothing(portal: Portal) -> None:
    id, code = portal.started(), portal.code()
    assert together(*[lambda: portal.confirm(id, code)] * 5) == {200: 5}


def test_a_login_code_sent_many_times_opens_one_session(portal: Portal) -> None:
    portal.account()
    id = portal.log_in().get_json()["id"]
    code = portal.code()
    confirm = lambda: portal.post(f"/sessions/{id}/confirmation", {"code": code})  # noqa: E731
    assert together(*[confirm] * 5)[201] == 1


def test_one_captcha_used_at_the_same_moment_works_once(portal: Portal) -> None:
    solved = portal.captcha()
    statuses = together(*[lambda: portal.log_in(captcha=solved)] * AT_ONCE)
    assert statuses == {401: 1, 422: AT_ONCE - 1}


def test_one_number_gets_one_code_however_many_ask_at_once(portal: Portal) -> None:
    solved = [portal.captcha() for _ in range(AT_ONCE)]
    calls = [lambda captcha=captcha: portal.register(captcha=captcha) for captcha in solved]
    assert together(*calls) == {201: 1, 429: AT_ONCE - 1}
    assert len(portal.requested()) == 1


def test_tabs_that_refresh_at_the_same_moment_all_stay_logged_in(portal: Portal) -> None:
    portal.account()
    token = portal.session()["refresh_token"]
    answers: list[TestResponse] = []

    def refresh() -> TestResponse:
        answers.append(portal.refresh(token))
        return answers[-1]

    assert together(*[refresh] * AT_ONCE) == {201: AT_ONCE}
    for answer in answers:
        assert portal.refresh(answer.get_json()["refresh_token"]).status_code == 201


def test_the_first_signing_key_is_made_once(portal: Portal) -> None:
    assert together(*[lambda: portal.get("/jwks")] * AT_ONCE) == {200: AT_ONCE}
    assert len(portal.get("/jwks").get_json()["keys"]) == 1


def test_a_refresh_waits_for_a_logout_that_is_not_finished_and_is_then_refused(
    portal: Portal, identity: ServiceUnderTest
) -> None:
    portal.account()
    tokens = portal.session()
    with ThreadPoolExecutor(1) as pool:
        with identity.units() as uow:
            said = claims(tokens["access_token"])
            sessions.end(uow, UUID(said["sub"]), UUID(said["sid"]))
            uow.session.flush()
            refreshed = pool.submit(portal.refresh, tokens["refresh_token"])
            wait_until_somebody_waits(identity)
        assert refreshed.result().status_code == 401


def wait_until_somebody_waits(identity: ServiceUnderTest) -> None:
    """For a row that another transaction holds."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    for _ in range(100):
        with identity.units() as uow:
            if uow.session.execute(waiting).scalar_one():
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


def test_an_attempt_counts_though_another_would_clear_the_count_meanwhile(
    identity: ServiceUnderTest, rules: Rules
) -> None:
    key, cleared = b"somebody", False

    def clear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal cleared
        if statement.startswith("INSERT INTO backoffs") and not cleared:
            cleared = True
            with suppress(OperationalError), identity.units() as uow:
                uow.session.execute(text("SET LOCAL lock_timeout = '200ms'"))
                backoffs.clear(uow, key)

    with identity.units() as uow:
        backoffs.count(uow, rules, key)
    event.listen(identity.units.engine, "after_cursor_execute", clear)
    try:
        with identity.units() as uow:
            backoffs.count(uow, rules, key)
    finally:
        event.remove(identity.units.engine, "after_cursor_execute", clear)
    assert cleared
