"""The forms of the ways to prove who one is: what each asks, and what it sends."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.pages.methods import METHODS
from tests.gateway.public_portal import ID_NUMBER, Portal, running, settings
from tests.gateway.test_register_pages import PERSON, send

INSURANCE = "/dang-ky/cong-dan/bao-hiem-xa-hoi"
BUSINESS = "/dang-ky/doanh-nghiep/usb"
COMPANY = {
    "tax_code": "0101010011",
    "name": "Công ty TNHH Sông Hồng",
    "phone": "0912000017",
    "email": "songhong@example.test",
    "full_name": "Nguyễn Văn An",
    "id_number": ID_NUMBER,
    "date_of_birth": "03/02/1999",
    "captcha": "solved",
}


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def client(portal: Portal) -> Iterator[FlaskClient]:
    with running(portal) as url:
        yield create_app(settings(url)).test_client()


def sent(portal: Portal) -> Any:
    return next(json.loads(body) for body in portal.bodies if b"captcha" in body)


def test_by_social_insurance_the_number_is_asked_and_sent(client: FlaskClient, portal: Portal) -> None:
    assert 'href="#social_insurance_number"' in send(client, INSURANCE, **PERSON).text
    answer = send(client, INSURANCE, **PERSON, social_insurance_number="0112000017")
    assert answer.location == "/dang-ky/ma"
    assert sent(portal)["method"] == "social-insurance"
    assert sent(portal)["person"]["social_insurance_number"] == "0112000017"


def test_by_phone_no_other_number_is_asked_or_sent(client: FlaskClient, portal: Portal) -> None:
    form = "/dang-ky/cong-dan/dien-thoai"
    assert "social_insurance_number" not in client.get(form).text
    send(client, form, **PERSON, social_insurance_number="0112000017")
    assert "social_insurance_number" not in sent(portal)["person"]


def test_from_the_page_of_the_code_one_goes_back_to_the_form_one_came_from(client: FlaskClient) -> None:
    send(client, INSURANCE, **PERSON, social_insurance_number="0112000017")
    assert f'href="{INSURANCE}"' in client.get("/dang-ky/ma").text


def test_a_businesss_form_sends_the_business_and_who_represents_it(
    client: FlaskClient, portal: Portal
) -> None:
    send(client, BUSINESS, **COMPANY)
    assert sent(portal) == {
        "kind": "business",
        "method": "usb-token",
        "captcha": "solved",
        "business": {
            "tax_code": "0101010011",
            "name": "Công ty TNHH Sông Hồng",
            "phone": "0912000017",
            "email": "songhong@example.test",
            "representative": {
                "full_name": "Nguyễn Văn An",
                "id_number": ID_NUMBER,
                "date_of_birth": "1999-02-03",
            },
        },
    }


def test_an_empty_form_of_a_business_names_every_field_but_the_address(
    client: FlaskClient, portal: Portal
) -> None:
    page = send(client, BUSINESS).text
    for field in COMPANY:
        assert f'href="#{field}"' in page
        assert f'id="{field}-error"' in page
    assert 'id="address-error"' not in page
    assert portal.called("POST", "/api/v1/registrations") == 0


def test_a_fault_of_the_representative_stands_at_its_field(client: FlaskClient) -> None:
    page = send(client, BUSINESS, **(COMPANY | {"id_number": "123"})).text
    assert 'id="id_number-error"' in page
    assert 'value="Công ty TNHH Sông Hồng"' in page


@pytest.mark.parametrize(
    ("place", "kind"), [("cong-dan", "citizen"), ("doanh-nghiep", "business")], ids=["citizen", "business"]
)
def test_each_open_method_has_a_form_for_those_it_is_for_and_only_for_them(
    client: FlaskClient, place: str, kind: str
) -> None:
    for method in METHODS:
        expected = 200 if kind in method["kinds"] else 404
        assert client.get(f"/dang-ky/{place}/{method['slug']}").status_code == expected
    assert client.get(f"/dang-ky/{place}/khong-co").status_code == 404


def test_a_method_that_is_not_open_leads_to_what_it_will_need(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    (token,) = (each for each in METHODS if each["id"] == "usb-token")
    monkeypatch.setitem(token, "open", False)
    assert client.get(BUSINESS).location == "/dang-ky/doanh-nghiep/sap-co/usb-token"
    assert "/dang-ky/doanh-nghiep/sap-co/usb-token" in client.get("/dang-ky/doanh-nghiep").text
    assert INSURANCE in client.get("/dang-ky/cong-dan").text
