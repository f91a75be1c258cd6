"""The contracts at the door: exactly as committed, cheap to ask for again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from gateway.app import create_app
from tests.gateway.public_portal import Portal, running, settings

CONTRACTS = Path(__file__).parents[2] / "contracts"
SCHEMAS = sorted((CONTRACTS / "schemas").glob("*.json"))
SUBMITTED = "/api/v1/events/schemas/motcua.dossier.submitted.v1"
ASYNCAPI = "/api/v1/asyncapi.json"


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def client(portal: Portal) -> Iterator[FlaskClient]:
    with running(portal) as url:
        yield create_app(settings(url)).test_client()


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_a_schema_is_served_as_committed_under_its_own_id(client: FlaskClient, path: Path) -> None:
    answer = client.get(f"/api/v1/events/schemas/{path.stem}")
    assert answer.data == path.read_bytes()
    assert answer.mimetype == "application/schema+json"
    schema = json.loads(answer.data)
    assert schema["$id"] == answer.request.path
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


def test_the_asyncapi_document_is_served_as_committed(client: FlaskClient) -> None:
    answer = client.get(ASYNCAPI)
    assert answer.data == (CONTRACTS / "asyncapi.json").read_bytes()
    assert answer.content_type == "application/vnd.aai.asyncapi+json;version=3.0.0"


def test_the_list_names_every_type_and_each_address_is_there(client: FlaskClient) -> None:
    items = client.get("/api/v1/events/schemas").get_json()["items"]
    assert [item["type"] for item in items] == [path.stem for path in SCHEMAS]
    assert {client.get(item["url"]).status_code for item in items} == {200}


@pytest.mark.parametrize("path", [SUBMITTED, ASYNCAPI])
def test_asked_again_with_its_etag_nothing_is_sent(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    assert first.cache_control.public
    assert first.cache_control.max_age == 3600
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert client.get(path, headers={"If-None-Match": '"another"'}).data == first.data
    assert client.head(path).data == b""


@pytest.mark.parametrize(
    "type",
    ["motcua.dossier.lost.v1", "motcua.dossier.submitted.v2", "..%2fasyncapi", "asyncapi", "%00", "x" * 5000],
)
@pytest.mark.parametrize(("language", "words"), [("vi", "Không có loại sự kiện"), ("en", "no event type")])
def test_an_unknown_type_is_a_problem_in_the_readers_language(
    client: FlaskClient, portal: Portal, type: str, language: str, words: str
) -> None:
    answer = client.get(f"/api/v1/events/schemas/{type}", headers={"Accept-Language": language})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    problem = answer.get_json()
    if "%2f" not in type:
        assert problem["code"] == "no-such-event-type"
        assert words in problem["detail"]
    assert portal.calls == []


def test_the_life_events_beside_them_are_still_the_catalogues(client: FlaskClient, portal: Portal) -> None:
    assert client.get("/api/v1/events").status_code == 200
    assert portal.calls == [("GET", "/api/v1/events")]


def test_the_merged_document_describes_these_routes(client: FlaskClient) -> None:
    paths = client.get("/api/v1/openapi.json").get_json()["paths"]
    for path in ("/api/v1/events/schemas", "/api/v1/events/schemas/{type}", ASYNCAPI):
        assert paths[path]["get"]["responses"]["200"], path
    assert paths["/api/v1/events/schemas/{type}"]["get"]["parameters"][0]["name"] == "type"
