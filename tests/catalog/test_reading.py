"""Lists, search and single procedures, over HTTP."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from chassis.testing import ServiceUnderTest

SERVICES_OF_THE_BRIEF = {
    "1.001193",
    "3.000346",
    "3.000347",
    "3.000001",
    "3.000002",
    "1.000665",
    "1.002759",
    "3.000333",
    "2.001199",
    "1.012271",
}


@pytest.fixture(scope="module")
def catalog(postgres_url: str) -> Iterator[ServiceUnderTest]:
    """Seeded once: nothing here changes it."""
    at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    with ServiceUnderTest.started("catalog", postgres_url, at=at, seeded=True) as sut:
        yield sut


def get(catalog: ServiceUnderTest, path: str, **headers: str) -> Any:
    return catalog.client.get(f"/api/v1{path}", headers=headers)


def codes(catalog: ServiceUnderTest, query: str) -> list[str]:
    answer = get(catalog, f"/procedures?limit=100&{query}")
    assert answer.status_code == 200, answer.text
    return [item["code"] for item in answer.json["items"]]


def test_every_service_of_the_brief_is_there_and_says_what_lists_need(catalog: ServiceUnderTest) -> None:
    items = get(catalog, "/procedures?limit=100").json["items"]
    assert {item["code"] for item in items} >= SERVICES_OF_THE_BRIEF
    assert len(items) >= 16
    birth = next(item for item in items if item["code"] == "1.001193")
    assert birth == {
        "code": "1.001193",
        "name": "Đăng ký khai sinh",
        "name_en": "Birth registration",
        "audience": ["citizen"],
        "event": "co-con-nho",
        "events": ["co-con-nho"],
        "agency_level": "commune",
        "service_level": "full",
    }


def test_pages_follow_each_other_without_gap_or_repeat(catalog: ServiceUnderTest) -> None:
    whole = codes(catalog, "")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = get(catalog, f"/procedures?limit=4&cursor={cursor}").json
        assert len(page["items"]) <= 4
        seen += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == whole
    assert len(set(seen)) == len(seen)


def test_a_page_of_found_procedures_goes_on_in_the_same_order(catalog: ServiceUnderTest) -> None:
    whole = codes(catalog, "q=dang+ky")
    first = get(catalog, "/procedures?limit=3&q=dang+ky").json
    second = get(catalog, f"/procedures?limit=100&q=dang+ky&cursor={first['next_cursor']}").json
    assert [item["code"] for item in first["items"] + second["items"]] == whole
    assert len(whole) > 3


@pytest.mark.parametrize(
    ("q", "code"),
    [
        ("khai sinh", "1.001193"),
        ("KHAI SINH", "1.001193"),
        ("đăng ký khai sinh", "1.001193"),
        ("dang ky khai sinh", "1.001193"),
        ("sinh khai", "1.001193"),
        ("birth cert", "1.001193"),
        ("doi giay phep lai xe", "3.000347"),
        ("đổi bằng lái", "3.000347"),
        ("Đổi", "3.000347"),
        ("hạ áp", "3.000001"),
        ("medium voltage", "3.000002"),
        ("ly lich tu phap", "3.000333"),
        ("C/O mẫu D", "1.000665"),
        ("1.002759", "1.002759"),
        ("the bhyt", "1.002759"),
        ("khuyến mãi", "2.000033"),
    ],
)
def test_it_is_found_with_or_without_marks_in_both_languages(
    catalog: ServiceUnderTest, q: str, code: str
) -> None:
    assert code in codes(catalog, f"q={quote(q)}")


def test_marks_typed_as_combining_letters_find_the_same(catalog: ServiceUnderTest) -> None:
    decomposed = "đa\u0306ng ky\u0301 ke\u0302\u0301t ho\u0302n"
    assert codes(catalog, f"q={quote(decomposed)}")[0] == "1.000894"


def test_a_name_that_has_all_the_words_comes_before_a_description_that_has_them(
    catalog: ServiceUnderTest,
) -> None:
    found = codes(catalog, "q=cap+giay+phep+lai+xe")
    assert found[0] == "3.000346"


@pytest.mark.parametrize(
    "q", ["%", "_", "%%", "khai%sinh%x", "\\", "'", "''; --", "!!!", "\x00", "khong co gi"]
)
def test_what_nothing_is_called_finds_nothing_and_wildcards_are_only_signs(
    catalog: ServiceUnderTest, q: str
) -> None:
    assert codes(catalog, f"q={quote(q)}") == []


@pytest.mark.parametrize("query", ["q=", "q=+++", "audience=", "event=&q=&audience="])
def test_an_empty_filter_narrows_nothing(catalog: ServiceUnderTest, query: str) -> None:
    assert codes(catalog, query) == codes(catalog, "")


def test_audience_and_event_narrow_the_list(catalog: ServiceUnderTest) -> None:
    business = codes(catalog, "audience=business")
    assert "1.000665" in business
    assert "1.001193" not in business
    assert "1.000665" not in codes(catalog, "audience=citizen")
    assert codes(catalog, "event=nguoi-than-qua-doi") == ["1.000656"]
    assert codes(catalog, "event=phuong-tien-va-nguoi-lai&q=doi") == ["3.000347"]


@pytest.mark.parametrize("event", ["dien-luc-nha-o-dat-dai", "dien-luc-dat-dai-xay-dung"])
def test_electricity_is_found_under_the_citizens_event_and_the_businesses(
    catalog: ServiceUnderTest, event: str
) -> None:
    assert set(codes(catalog, f"event={event}")) == {"3.000001", "3.000002"}


@pytest.mark.parametrize(
    ("query", "status", "pointer"),
    [
        ("limit=0", 422, "/limit"),
        ("limit=101", 422, "/limit"),
        ("limit=-1", 422, "/limit"),
        ("limit=x", 422, "/limit"),
        ("audience=robot", 422, "/audience"),
        ("event=no-such-event", 422, "/event"),
        (f"q={'x' * 201}", 422, "/q"),
    ],
)
def test_a_wrong_filter_is_refused_and_named(
    catalog: ServiceUnderTest, query: str, status: int, pointer: str
) -> None:
    answer = get(catalog, f"/procedures?{query}")
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert [fault["pointer"] for fault in answer.json["errors"]] == [pointer]


def cursor(json: str) -> str:
    return urlsafe_b64encode(json.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "made_up",
    [
        "x",
        "%%%",
        cursor("[]"),
        cursor('["0","a"]'),
        cursor('["2"," dang"," 1.001193"]'),
        cursor('["0","\\u0000","1.001193"]'),
        cursor('["0"," a","\' or 1=1"]'),
    ],
)
def test_a_made_up_cursor_is_malformed(catalog: ServiceUnderTest, made_up: str) -> None:
    assert get(catalog, f"/procedures?cursor={quote(made_up)}").status_code == 400


@pytest.mark.parametrize("made_up", [cursor('["\\u0000"]'), cursor('["a","b"]'), cursor('["ớ"]'), "!"])
def test_a_made_up_cursor_of_agencies_is_malformed(catalog: ServiceUnderTest, made_up: str) -> None:
    assert get(catalog, f"/agencies?cursor={quote(made_up)}").status_code == 400


def test_one_procedure_says_everything_a_page_and_a_dossier_need(catalog: ServiceUnderTest) -> None:
    whole = get(catalog, "/procedures/3.000347").json
    assert whole["version"] == 1
    assert whole["published_at"] == "2026-11-23T02:00:00+00:00"
    assert (whole["name"], whole["name_en"]) == ("Đổi giấy phép lái xe", "Driving licence exchange")
    assert whole["assurance"] == "medium"
    assert whole["agencies"][0] == {
        "code": "G01",
        "name": "Cục Cảnh sát giao thông, Bộ Công an",
        "name_en": "Traffic Police Department, Ministry of Public Security",
        "level": "ministry",
    }
    assert {"channel": "online", "amount": 5, "unit": "working-days"} in whole["time_limits"]
    fees = {
        (fee["channel"], fee.get("valid_from"), fee.get("valid_to")): fee["amount"] for fee in whole["fees"]
    }
    assert fees == {
        ("online", "2023-12-01", "2025-12-31"): 115000,
        ("online", "2026-01-01", None): 135000,
        ("counter", None, None): 135000,
    }
    translation = next(d for d in whole["documents"] if d["id"] == "foreign-translation")
    assert translation["when"] == {"field": "exchange_reason", "values": ["foreign"]}
    assert translation["case_en"] == "You exchange a foreign licence"
    Draft202012Validator.check_schema(whole["form"]["schema"])
    assert whole["form"]["layout"][0]["id"] == "applicant"


@pytest.mark.parametrize("path", ["9.999999", "abc", "1.001193%20", "1.001193?version=2", "%00"])
def test_a_procedure_or_version_that_is_not_there_is_not_found(catalog: ServiceUnderTest, path: str) -> None:
    answer = get(catalog, f"/procedures/{path}")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("version", ["0", "-1", "x", "1.5", "99999999999999999999"])
def test_a_version_that_can_never_be_is_refused(catalog: ServiceUnderTest, version: str) -> None:
    answer = get(catalog, f"/procedures/1.001193?version={version}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/version"


def test_agencies_are_listed_page_by_page(catalog: ServiceUnderTest) -> None:
    first = get(catalog, "/agencies?limit=4").json
    rest = get(catalog, f"/agencies?limit=100&cursor={first['next_cursor']}").json
    listed = {item["code"]: item for item in first["items"] + rest["items"]}
    assert len(listed) == len(first["items"]) + len(rest["items"]) >= 8
    assert rest["next_cursor"] is None
    assert listed["H01"]["name"] == "UBND phường Cửa Nam, Hà Nội"
    assert {"H55.24", "H55.242", "G01"} <= set(listed)
    assert {item["level"] for item in listed.values()} == {"ministry", "province", "commune", "vertical"}


def test_every_event_of_the_portal_is_listed_with_what_it_leads_to(catalog: ServiceUnderTest) -> None:
    items = get(catalog, "/events").json["items"]
    assert [item["audience"] for item in items] == ["citizen"] * 11 + ["business"] * 11
    assert items[0] == {
        "slug": "co-con-nho",
        "audience": "citizen",
        "name": "Có con nhỏ",
        "name_en": "Having a young child",
        "procedures": 1,
    }
    for item in items:
        assert item["procedures"] == len(codes(catalog, f"event={item['slug']}"))


@pytest.mark.parametrize("path", ["/procedures", "/procedures/1.001193", "/agencies", "/events"])
def test_answers_may_be_kept_and_asked_for_again_by_etag(catalog: ServiceUnderTest, path: str) -> None:
    first = get(catalog, path)
    assert first.headers["Cache-Control"] == "public, max-age=60"
    again = get(catalog, path, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = get(catalog, path, **{"If-None-Match": '"something else"'})
    assert other.status_code == 200


def test_a_problem_is_not_kept(catalog: ServiceUnderTest) -> None:
    assert "ETag" not in get(catalog, "/procedures/9.999999").headers
