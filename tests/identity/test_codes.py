from tests.identity.portal import NGOC, Portal, person, refused


def test_a_wrong_code_says_how_many_tries_are_left(portal: Portal) -> None:
    id = portal.started()
    problem = refused(portal.confirm(id, portal.wrong_code()), 422, "code-wrong", "/code")
    assert "4" in problem["detail"]
    assert portal.confirm(id, portal.code()).status_code == 200


def test_after_five_wrong_codes_the_right_one_is_refused_too(portal: Portal) -> None:
    id = portal.started()
    for _ in range(5):
        refused(portal.confirm(id, portal.wrong_code()), 422, "code-wrong")
    answer = portal.confirm(id, portal.code())
    refused(answer, 429, "code-tries")
    assert answer.headers["Retry-After"] == "60"


def test_a_new_code_has_new_tries_and_ends_the_old_one(portal: Portal) -> None:
    id = portal.started()
    old = portal.code()
    for _ in range(5):
        portal.confirm(id, portal.wrong_code())
    portal.wait(seconds=60)
    assert portal.post(f"/registrations/{id}/code").status_code == 202
    if old != portal.code():
        refused(portal.confirm(id, old), 422, "code-wrong")
    assert portal.confirm(id, portal.code()).status_code == 200


def test_a_code_is_good_for_five_minutes(portal: Portal) -> None:
    id = portal.started()
    portal.wait(minutes=4, seconds=59)
    assert portal.confirm(id, portal.code()).status_code == 200
    late = portal.started(person(NGOC))
    portal.wait(minutes=5)
    refused(portal.confirm(late, portal.code()), 422, "code-expired", "/code")


def test_another_code_can_be_asked_for_after_a_minute_not_before(portal: Portal) -> None:
    id = portal.started()
    portal.wait(seconds=20)
    answer = portal.post(f"/registrations/{id}/code")
    refused(answer, 429, "code-too-soon")
    assert answer.headers["Retry-After"] == "40"
    portal.wait(seconds=40)
    again = portal.post(f"/registrations/{id}/code")
    assert (again.status_code, again.get_json()["resend_after"]) == (202, 60)
    assert len(portal.requested()) == 2


def test_starting_again_does_not_get_round_the_minute(portal: Portal) -> None:
    portal.started()
    refused(portal.register(), 429, "code-too-soon")


def test_a_number_gets_five_codes_a_day(portal: Portal) -> None:
    portal.started()
    for _ in range(4):
        portal.wait(minutes=2)
        portal.started()
    portal.wait(minutes=2)
    answer = portal.register()
    refused(answer, 429, "code-limit")
    portal.wait(seconds=int(answer.headers["Retry-After"]))
    portal.started()


def test_a_code_works_for_its_own_registration_only(portal: Portal) -> None:
    first = portal.started()
    code = portal.code()
    second = portal.started(person(NGOC))
    if code != portal.code():
        refused(portal.confirm(second, code), 422, "code-wrong")
    assert portal.confirm(first, code).status_code == 200


def test_confirming_twice_is_no_error(portal: Portal) -> None:
    id = portal.confirmed()
    assert portal.confirm(id, portal.code()).status_code == 200
    refused(portal.post(f"/registrations/{id}/code"), 409, "already-confirmed")


def test_spaces_do_not_make_a_code_wrong(portal: Portal) -> None:
    id, code = portal.started(), portal.code()
    assert portal.confirm(id, f" {code[:3]} {code[3:]} ").status_code == 200


def test_registrations_do_not_use_up_the_codes_of_logins(portal: Portal) -> None:
    portal.account()
    for _ in range(4):
        portal.wait(minutes=2)
        portal.started()
    portal.wait(minutes=2)
    refused(portal.register(), 429, "code-limit")
    assert portal.log_in().status_code == 202
