"""The post office: at home, at the counter, at home again."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from chassis.tables import audit
from chassis.testing import ServiceUnderTest
from services.identity.model.counter import REASONS, Deed
from services.identity.model.rules import Rules
from services.identity.tables import counter_deeds, counter_visits
from tests.identity.portal import AN, NGOC, PASSWORD, Portal, person, refused
from tests.identity.test_races import together
from vocabulary.codes import registration_code

CLERK = UUID(int=7)
OFFICE = "POST-10000"


class Counter:
    """A clerk at work."""

    def __init__(self, portal: Portal, clerk: UUID = CLERK) -> None:
        self.portal, self.clerk = portal, clerk

    def headers(self) -> dict[str, str]:
        return self.portal.sut.as_official(OFFICE, self.clerk, ("clerk",))

    def look(self, code: str) -> TestResponse:
        return self.portal.post("/counter/visits", {"registration_code": code}, self.headers())

    def check(self, code: str, **more: Any) -> TestResponse:
        body = {"registration_code": code, **more}
        return self.portal.post("/counter/visits/checked", body, self.headers())

    def refuse(self, code: str, reason: str = "card-differs") -> TestResponse:
        body = {"registration_code": code, "reason": reason}
        return self.portal.post("/counter/visits/refused", body, self.headers())

    def deeds(self) -> list[tuple[str, str | None]]:
        """What is recorded, oldest first: each of this clerk at this office."""
        with self.portal.sut.units() as uow:
            found = list(uow.session.scalars(select(Deed).order_by(counter_deeds.c.at, counter_deeds.c.id)))
        assert {(one.clerk, one.office) for one in found} <= {(self.clerk, OFFICE)}
        return [(one.deed, one.reason) for one in found]


@pytest.fixture
def counter(portal: Portal) -> Counter:
    return Counter(portal)


def begun(portal: Portal, who: str = AN) -> dict[str, Any]:
    answer = portal.register(person(who), method="post")
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_citizen_gets_an_account_by_way_of_the_post_office(portal: Portal, counter: Counter) -> None:
    started = begun(portal)
    assert started["state"] == "awaiting-counter"
    assert portal.requested() == []
    seen = counter.look(started["registration_code"]).get_json()
    assert seen == {
        "state": "awaiting-counter",
        "full_name": "Nguyễn Văn An",
        "id_number": AN,
        "date_of_birth": "1999-02-03",
        "expires_at": started["expires_at"],
    }
    handed = counter.check(started["registration_code"])
    assert handed.status_code == 201
    code = handed.get_json()["code"]
    assert portal.get(f"/registrations/{started['id']}").get_json()["state"] == "awaiting-code"
    assert portal.confirm(started["id"], code).get_json()["state"] == "confirmed"
    made = portal.post(f"/registrations/{started['id']}/account", {"password": PASSWORD})
    assert (made.status_code, made.get_json()["assurance"]) == (201, "medium")
    assert counter.deeds() == [("looked", None), ("checked", None)]
    assert portal.requested() == [], "no code went to the phone"


def test_each_deed_is_in_the_audit_log_and_the_owner_of_the_account_sees_who_looked(
    portal: Portal, counter: Counter, identity: ServiceUnderTest
) -> None:
    counter.look(registration_code(1))
    id, _ = confirmed(portal, counter)
    made = portal.post(f"/registrations/{id}/account", {"password": PASSWORD}).get_json()
    no = begun(portal, NGOC)["registration_code"]
    counter.look(no)
    counter.refuse(no, "no-card")
    with identity.units() as uow:
        rows = uow.session.execute(select(audit).where(audit.c.actor == CLERK).order_by(audit.c.at)).all()
    told = [(row.deed, row.whose and str(row.whose), row.agency) for row in rows]
    assert sorted(told, key=str) == sorted(
        [
            ("counter-not-found", None, OFFICE),
            ("counter-looked", None, OFFICE),
            ("counter-checked", None, OFFICE),
            ("look-registration", made["account_id"], OFFICE),
            ("counter-looked", None, OFFICE),
            ("counter-refused", None, OFFICE),
        ],
        key=str,
    )
    assert id not in str(rows), "the key to a registration"
    assert "no-card" in str(rows)


def test_the_person_sees_their_registration_code_again_and_it_is_stored_nowhere_in_clear(
    portal: Portal, counter: Counter, identity: ServiceUnderTest
) -> None:
    started = begun(portal)
    shown = portal.get(f"/registrations/{started['id']}").get_json()
    assert shown == started
    digits = counter.check(started["registration_code"]).get_json()["code"]
    stored = identity.everything_stored()
    assert "checked" in stored, "the canary looks where deeds are stored"
    assert started["registration_code"] not in stored
    assert f"'{digits}'" not in stored


@pytest.mark.parametrize("who", ["citizen", "business", "agency", "operator", "official", "nobody"])
def test_only_a_clerk_stands_at_the_counter(portal: Portal, identity: ServiceUnderTest, who: str) -> None:
    code = begun(portal)["registration_code"]
    headers = {
        "citizen": identity.as_citizen(),
        "business": identity.as_business(),
        "agency": identity.as_agency("H01"),
        "operator": identity.as_operator(),
        "official": identity.as_official("H01"),
        "nobody": {},
    }[who]
    for path, more in (("", {}), ("/checked", {}), ("/refused", {"reason": "no-card"})):
        answer = portal.post(f"/counter/visits{path}", {"registration_code": code, **more}, headers)
        assert answer.status_code == (403 if headers else 401)
        assert "full_name" not in answer.get_json()


def test_a_clerk_sees_nothing_of_what_waits_for_no_counter(portal: Portal, counter: Counter) -> None:
    """Of no code, a code that ran out, one that is confirmed, finished or refused: one answer."""
    answers = [counter.look(registration_code(1))]
    over, done, no = (begun(portal, who)["registration_code"] for who in (AN, NGOC, "048203000039"))
    counter.refuse(no)
    portal.wait(days=6)
    answers.append(counter.look(no))
    counter.check(done)
    portal.wait(days=1)
    answers.append(counter.look(over))
    for id, code in [confirmed(portal, counter, "092088000052")]:
        answers.append(counter.look(code))
        assert portal.post(f"/registrations/{id}/account", {"password": PASSWORD}).status_code == 201
        answers.append(counter.look(code))
    answers += [counter.check(over), counter.refuse(over)]
    bodies = [refused(answer, 404, "visit-not-found") for answer in answers]
    assert len({str(body | {"request_id": "", "instance": ""}) for body in bodies}) == 1


def confirmed(portal: Portal, counter: Counter, who: str = AN) -> tuple[str, str]:
    started = begun(portal, who)
    counter.look(started["registration_code"])
    digits = counter.check(started["registration_code"]).get_json()["code"]
    assert portal.confirm(started["id"], digits).status_code == 200
    return started["id"], started["registration_code"]


def test_a_registration_by_phone_has_no_code_for_the_counter(portal: Portal) -> None:
    assert "registration_code" not in portal.register().get_json()


def test_codes_can_not_be_guessed_and_wrong_ones_are_recorded(
    portal: Portal, counter: Counter, rules: Rules
) -> None:
    code = begun(portal)["registration_code"]
    for number in range(rules.counter_guesses):
        refused(counter.look(registration_code(number)), 404, "visit-not-found")
    for deed in (counter.look, counter.check, counter.refuse):
        refused(deed(code), 429, "counter-guesses")
    assert counter.deeds() == [("not-found", None)] * rules.counter_guesses
    colleague = Counter(portal, uuid4())
    assert colleague.look(code).status_code == 200
    portal.wait(days=1, seconds=1)
    assert counter.look(code).status_code == 200


def test_guesses_at_the_same_moment_are_not_more(portal: Portal, counter: Counter, rules: Rules) -> None:
    limit = rules.counter_guesses
    calls = [lambda number=number: counter.look(registration_code(number)) for number in range(limit + 3)]
    assert together(*calls) == {404: limit, 429: 3}


def test_one_card_checked_many_times_at_once_gives_one_code(portal: Portal, counter: Counter) -> None:
    code = begun(portal)["registration_code"]
    assert together(*[lambda: counter.check(code)] * 4) == {201: 1, 409: 3}


def test_a_slip_of_the_finger_costs_no_try(counter: Counter) -> None:
    right = registration_code(48_210_937_551)
    wrong = f"{(int(right[0]) + 1) % 10}{right[1:]}"
    problem = refused(counter.look(wrong), 422, "invalid", "/registration_code")
    assert problem["errors"][0]["code"] == "registration-code-check-digit"
    refused(counter.look("12 34"), 422, "invalid", "/registration_code")
    assert counter.deeds() == []


def test_a_code_is_handed_over_once_unless_a_new_one_is_asked_for(portal: Portal, counter: Counter) -> None:
    started = begun(portal)
    first = counter.check(started["registration_code"]).get_json()["code"]
    refused(counter.check(started["registration_code"]), 409, "code-already-given")
    refused(counter.refuse(started["registration_code"]), 409, "code-already-given")
    assert counter.look(started["registration_code"]).get_json()["state"] == "awaiting-code"
    second = counter.check(started["registration_code"], again=True).get_json()["code"]
    if first != second:
        refused(portal.confirm(started["id"], first), 422, "code-wrong")
    assert portal.confirm(started["id"], second).status_code == 200


def test_before_the_counter_no_code_counts_and_none_goes_to_the_phone(
    portal: Portal, counter: Counter
) -> None:
    started = begun(portal)
    refused(portal.confirm(started["id"], "123456"), 409, "awaiting-counter")
    refused(portal.post(f"/registrations/{started['id']}/code"), 409, "awaiting-counter")
    refused(
        portal.post(f"/registrations/{started['id']}/account", {"password": PASSWORD}), 409, "not-confirmed"
    )
    counter.check(started["registration_code"])
    refused(portal.post(f"/registrations/{started['id']}/code"), 409, "code-from-counter")
    assert portal.requested() == []


def test_a_code_from_the_counter_has_five_tries_and_the_counter_gives_another(
    portal: Portal, counter: Counter
) -> None:
    started = begun(portal)
    digits = counter.check(started["registration_code"]).get_json()["code"]
    wrong = f"{(int(digits) + 1) % 10**6:06}"
    for _ in range(5):
        refused(portal.confirm(started["id"], wrong), 422, "code-wrong")
    problem = refused(portal.confirm(started["id"], digits), 429, "code-tries")
    assert "bưu cục" in problem["detail"]
    again = counter.check(started["registration_code"], again=True).get_json()["code"]
    assert portal.confirm(started["id"], again).status_code == 200


def test_one_has_seven_days_to_go_and_seven_more_to_type_the_code(portal: Portal, counter: Counter) -> None:
    started = begun(portal)
    portal.wait(days=6, hours=23)
    digits = counter.check(started["registration_code"]).get_json()["code"]
    portal.wait(days=6, hours=23)
    assert portal.confirm(started["id"], digits).status_code == 200
    late = begun(portal, NGOC)
    portal.wait(days=7)
    refused(portal.get(f"/registrations/{late['id']}"), 404, "registration-not-found")


@pytest.mark.parametrize("reason", REASONS)
def test_a_refusal_tells_the_person_why_and_ends_the_registration(
    portal: Portal, counter: Counter, reason: str
) -> None:
    started = begun(portal)
    assert counter.refuse(started["registration_code"], reason).status_code == 204
    shown = portal.get(f"/registrations/{started['id']}", {"Accept-Language": "en"}).get_json()
    assert (shown["state"], shown["refusal"]) == ("refused", REASONS[reason].en)
    refused(portal.confirm(started["id"], "123456"), 409, "refused")
    assert counter.deeds() == [("refused", reason)]


def test_a_refusal_needs_one_of_the_reasons(portal: Portal, counter: Counter) -> None:
    answer = counter.refuse(begun(portal)["registration_code"], "I do not like them")
    refused(answer, 422, "invalid", "/reason")


def test_somebody_who_has_an_account_is_no_different_at_the_counter(portal: Portal, counter: Counter) -> None:
    portal.account()
    started, new = begun(portal), begun(portal, NGOC)
    assert set(started) == set(new)
    assert set(counter.look(started["registration_code"]).get_json()) == set(
        counter.look(new["registration_code"]).get_json()
    )
    digits = counter.check(started["registration_code"]).get_json()["code"]
    refused(portal.confirm(started["id"], digits), 409, "already-registered")


def resume(portal: Portal, code: str, phone: str = "0912000017") -> TestResponse:
    body = {"registration_code": code, "phone": phone, "captcha": portal.captcha()}
    return portal.post("/registrations/resumption", body)


def test_a_person_comes_back_from_another_browser_with_code_and_phone(
    portal: Portal, counter: Counter
) -> None:
    started = begun(portal)
    grouped = " ".join(started["registration_code"][i : i + 4] for i in (0, 4, 8))
    assert resume(portal, grouped, "+84 912 000 017").get_json() == started
    refused(resume(portal, started["registration_code"], "0987000028"), 404, "registration-not-found")
    refused(resume(portal, registration_code(5)), 404, "registration-not-found")
    counter.check(started["registration_code"])
    assert resume(portal, started["registration_code"]).get_json()["state"] == "awaiting-code"


def test_the_phone_can_not_be_found_by_trying(portal: Portal) -> None:
    code = begun(portal)["registration_code"]
    for number in range(5):
        refused(resume(portal, code, f"098700002{number}"), 404, "registration-not-found")
    refused(resume(portal, code), 404, "registration-not-found")


def test_what_is_over_is_swept_with_its_code_and_deeds_stay(
    portal: Portal, counter: Counter, identity: ServiceUnderTest
) -> None:
    code = begun(portal)["registration_code"]
    counter.look(code)
    portal.wait(days=8)
    identity.tick("sweep")
    with identity.units() as uow:
        assert uow.session.scalars(select(counter_visits.c.registration)).all() == []
    assert counter.deeds() == [("looked", None)]
    refused(counter.look(code), 404, "visit-not-found")
