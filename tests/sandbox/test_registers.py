from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox import people

AN = {
    "id_number": "001099000017",
    "full_name": "Nguyễn Văn An",
    "date_of_birth": "1999-02-03",
    "phone": "0912000017",
}


def match(client: FlaskClient, register: str, **changed: str) -> Any:
    body = AN | changed
    if register == "population":
        del body["phone"]
    answer = client.post(f"/registers/{register}", json=body)
    assert answer.status_code == 200, answer.text
    assert set(answer.get_json()) == {"match"}
    return answer.get_json()["match"]


@pytest.mark.parametrize("register", ["sim", "population"])
def test_a_person_with_all_details_right_matches(client: FlaskClient, register: str) -> None:
    assert match(client, register) is True


@pytest.mark.parametrize("register", ["sim", "population"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"full_name": "Nguyen Van An"},
        {"date_of_birth": "1999-02-04"},
        {"id_number": "079195000028"},
        {"id_number": "001099000018"},
        {"id_number": "nobody"},
    ],
)
def test_one_wrong_detail_is_no_match_and_nobody_learns_which(
    client: FlaskClient, register: str, wrong: dict[str, str]
) -> None:
    assert match(client, register, **wrong) is False


def test_the_social_insurance_register_matches_a_person_and_their_number_only(client: FlaskClient) -> None:
    asked = {name: AN[name] for name in ("id_number", "full_name", "date_of_birth")}
    for number, expected in (("0112000017", True), ("7912000028", False), ("0112", False)):
        answer = client.post("/registers/insurance", json=asked | {"social_insurance_number": number})
        assert answer.get_json() == {"match": expected}
    named = asked | {"full_name": "Nguyen Van An", "social_insurance_number": "0112000017"}
    assert client.post("/registers/insurance", json=named).get_json() == {"match": False}


def test_a_phone_in_another_persons_name_does_not_match(client: FlaskClient) -> None:
    assert match(client, "sim", phone="0987000028") is False


def test_a_phone_matches_however_it_is_written_and_a_name_in_capitals_too(client: FlaskClient) -> None:
    assert match(client, "sim", phone="+84 912.000.017", full_name="NGUYỄN VĂN  AN") is True


def test_every_named_person_matches_and_every_register_trap_does_not(client: FlaskClient) -> None:
    for person in people.named().values():
        details = {name: str(getattr(person, name)) for name in AN}
        assert match(client, "sim", **details) is True
    traps = [{n: trap[n] for n in AN} for trap in people.known()["traps"] if "phone" in trap]
    assert len(traps) == 3
    assert [match(client, "sim", **trap) for trap in traps] == [False] * 3


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"date_of_birth": "3 tháng 2"}, "date_of_birth"),
        ({"phone": "12"}, "phone"),
        ({"full_name": " "}, "full_name"),
        ({"shoe_size": "42"}, "shoe_size"),
    ],
)
def test_a_malformed_question_is_refused_with_the_field_named(
    client: FlaskClient, changed: dict[str, str], field: str
) -> None:
    answer = client.post("/registers/sim", json=AN | changed)
    assert (answer.status_code, answer.get_json()["field"]) == (422, field)


@pytest.mark.parametrize("body", ["[]", "{", '"x"'])
def test_a_body_that_is_no_object_is_refused(client: FlaskClient, body: str) -> None:
    answer = client.post("/registers/population", data=body, content_type="application/json")
    assert answer.status_code in (400, 422)
