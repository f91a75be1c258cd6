from datetime import date
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from sandbox import people
from sandbox.app import create_app
from sandbox.store import Store
from vocabulary.people import check_id_number, parse_phone, parse_social_insurance_number, tidy_name


@given(st.integers(0, people.MOST_MADE - 1))
def test_every_made_person_is_valid_always_the_same_and_found_by_id_number(number: int) -> None:
    person = people.made(number)
    check_id_number(person.id_number, person.date_of_birth, person.sex)
    assert parse_phone(person.phone) == person.phone
    assert parse_social_insurance_number(person.social_insurance_number) == person.social_insurance_number
    assert tidy_name(person.full_name) == person.full_name
    assert person.date_of_birth < date(2005, 1, 1)
    assert people.find(person.id_number, number + 1) == people.made(number)
    assert people.find(person.id_number, number) is None


def test_no_two_people_share_a_number() -> None:
    everyone = [*people.named().values(), *people.make(range(3000))]
    for name in ("id_number", "phone", "social_insurance_number"):
        assert len({getattr(person, name) for person in everyone}) == len(everyone)


def registered(client: FlaskClient, person: dict[str, Any]) -> Any:
    fields = ("id_number", "full_name", "date_of_birth", "phone")
    return client.post("/registers/sim", json={field: person[field] for field in fields}).get_json()["match"]


def test_people_asked_for_are_new_each_time_and_in_the_registers(client: FlaskClient) -> None:
    first = client.get("/people?count=3").get_json()["items"]
    second = client.get("/people?count=2").get_json()["items"]
    assert len({person["id_number"] for person in first + second}) == 5
    assert all(registered(client, person) for person in first + second)
    assert not registered(client, people.made(5).as_json())
    listed = client.get("/people").get_json()
    assert [person["id_number"] for person in listed["items"]] == [
        *people.named(),
        *(person["id_number"] for person in first + second),
    ]
    assert len(listed["businesses"]) == 2
    assert listed["items"][0]["card"] == "usb-an"


def test_made_people_are_known_after_a_restart(tmp_path: Path) -> None:
    store = Store(tmp_path / "sandbox.sqlite")
    made = create_app(store).test_client().get("/people?count=4").get_json()["items"]
    store.close()
    store = Store(tmp_path / "sandbox.sqlite")
    client = create_app(store).test_client()
    assert all(registered(client, person) for person in made)
    assert client.get("/people?count=1").get_json()["items"][0] not in made
    store.close()


def test_a_count_that_is_no_sensible_number_makes_nobody(client: FlaskClient) -> None:
    for count in ("0", "-1", "many", "", "10001"):
        assert client.get(f"/people?count={count}").status_code == 422
    assert len(client.get("/people").get_json()["items"]) == len(people.named())


def test_more_people_than_there_are_numbers_for_are_not_made() -> None:
    store = Store()
    assert store.make(people.MOST_MADE - 1) == range(people.MOST_MADE - 1)
    client = create_app(store).test_client()
    assert client.get("/people?count=2").status_code == 422
    assert store.made() == people.MOST_MADE - 1
    assert client.get("/people?count=1").status_code == 200
    store.close()
