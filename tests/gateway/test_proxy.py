import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from flask.testing import FlaskClient

from chassis import logs
from gateway import route_table
from gateway.app import create_app
from tests.gateway.public_portal import Portal, running, settings
from tests.gateway.real_gateway import get, real_gateway, slow_clients

UNKNOWN: dict[str, str] = {}


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def client(portal: Portal) -> Iterator[FlaskClient]:
    with running(portal) as url:
        yield create_app(settings(url)).test_client()


def test_a_listed_path_goes_through_unchanged_with_its_query(client: FlaskClient, portal: Portal) -> None:
    answer = client.get("/api/v1/procedures?q=khai%20sinh&limit=5")
    assert answer.status_code == 200
    assert portal.calls == [("GET", "/api/v1/procedures")]


@pytest.mark.parametrize(
    "path",
    ["/api/v1/oauth/token", "/api/v1/nothing", "/api/v1/procedures/../metrics", "/api/v1/%2e%2e/readyz"],
)
def test_what_is_not_listed_does_not_go_through(client: FlaskClient, portal: Portal, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.mimetype in {"application/problem+json", "text/html"}
    assert portal.calls == []


def test_the_callers_cookies_and_forwarding_claims_stay_at_the_door(
    client: FlaskClient, portal: Portal
) -> None:
    client.set_cookie("motcua", "refresh-secret")
    client.get(
        "/api/v1/procedures",
        headers={
            "X-Forwarded-For": "6.6.6.6",
            "X-Forwarded-Proto": "gopher",
            "Forwarded": "for=6.6.6.6",
            "Connection": "close, X-Private",
            "X-Private": "mine",
            "Authorization": "Bearer abc",
        },
    )
    seen = portal.headers[-1]
    assert seen["X-Forwarded-For"] == "127.0.0.1"
    assert seen["Authorization"] == "Bearer abc"
    assert not {"Cookie", "Forwarded", "X-Forwarded-Proto", "X-Private"} & set(seen)


def test_the_address_comes_from_as_many_proxies_as_are_trusted(portal: Portal) -> None:
    with running(portal) as url:
        client = create_app(settings(url, trusted_hops=1)).test_client()
        client.get("/api/v1/procedures", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})
    assert portal.headers[-1]["X-Forwarded-For"] == "203.0.113.9"


def test_a_request_id_and_trace_are_passed_or_made(client: FlaskClient, portal: Portal) -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    answer = client.get("/api/v1/procedures", headers={"X-Request-Id": "my-request-1", "traceparent": trace})
    assert answer.headers["X-Request-Id"] == portal.headers[-1]["X-Request-Id"] == "my-request-1"
    assert portal.headers[-1]["Traceparent"] == trace
    client.get("/api/v1/procedures", headers={"X-Request-Id": "bad id\t!", "traceparent": "nonsense"})
    assert len(portal.headers[-1]["X-Request-Id"]) == 32
    assert portal.headers[-1]["Traceparent"].startswith("00-")


def test_a_body_is_passed_whole_and_one_too_large_is_not_passed_at_all(portal: Portal) -> None:
    with running(portal) as url:
        client = create_app(settings(url, body_limit=3000, spool_above=1000)).test_client()
        body = json.dumps({"password": "x" * 2000, "login": "a"})
        assert client.post("/api/v1/sessions", data=body, content_type="application/json").status_code == 401
        assert portal.bodies[-1] == body.encode()
        refused = client.post("/api/v1/sessions", data=b"x" * 3001)
    assert (refused.status_code, refused.get_json()["code"]) == (413, "too-large")
    assert portal.called("POST", "/api/v1/sessions") == 1


def test_a_service_that_is_away_is_a_503_that_says_when_to_try_again(portal: Portal) -> None:
    client = create_app(settings("http://127.0.0.1:9")).test_client()
    answer = client.get("/api/v1/procedures", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert answer.headers["Retry-After"] == "5"
    assert "away" in answer.get_json()["detail"]


def test_a_page_whose_service_is_away_still_says_what_to_do(portal: Portal) -> None:
    client = create_app(settings("http://127.0.0.1:9")).test_client()
    answer = client.get("/thu-tuc/1.001193")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Phần này đang tạm ngưng" in answer.text
    assert 'href="/tra-cuu"' in answer.text


def test_an_address_that_asks_too_often_gets_429_and_pages_of_others_do_not(portal: Portal) -> None:
    with running(portal) as url:
        client = create_app(settings(url, rate="3/day", trusted_hops=1)).test_client()
        mine = {"X-Forwarded-For": "203.0.113.1"}
        answers = [client.get("/api/v1/procedures", headers=mine) for _ in range(4)]
        other = client.get("/tro-giup", headers={"X-Forwarded-For": "203.0.113.2"})
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].get_json()["code"] == "too-many-requests"
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert other.status_code == 200


def test_guessing_at_the_login_is_limited_harder(portal: Portal) -> None:
    with running(portal) as url:
        client = create_app(settings(url, rate_of_doors="2/day")).test_client()
        codes = [client.get("/dang-nhap").status_code for _ in range(3)]
    assert codes == [200, 200, 429]


def test_guessing_at_a_clients_secret_is_limited_as_hard(portal: Portal) -> None:
    with running(portal) as url:
        client = create_app(settings(url, rate_of_doors="2/day")).test_client()
        answers = [client.post("/api/v1/oauth2/token") for _ in range(3)]
    assert portal.calls == [("POST", "/api/v1/oauth2/token")] * 2
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_the_merged_document_holds_every_services_paths_and_schemas_apart(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    assert "/api/v1/x" in document["paths"]
    schema = document["paths"]["/api/v1/x"]["get"]["responses"]["404"]["content"]["a/b"]["schema"]
    assert schema["$ref"].removeprefix("#/components/schemas/") in document["components"]["schemas"]
    assert {"identity.Problem", "dossier.Problem"} <= set(document["components"]["schemas"])


def test_an_unforeseen_error_is_logged_as_json_with_its_place_and_without_its_words(
    portal: Portal, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure("gateway")
    with running(portal) as url:
        app = create_app(settings(url))
        app.view_functions["home.home"] = lambda: UNKNOWN["0912000017"]
        assert app.test_client().get("/").status_code == 500
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    (error,) = (line for line in lines if line["event"] == "unexpected error")
    (asked,) = (line for line in lines if line["event"] == "request")
    assert (error["error"], asked["status"]) == ("KeyError", 500)
    assert error["request_id"] == asked["request_id"]
    assert "0912000017" not in json.dumps(lines)


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/", "/nothing-here", "/api/v1/procedures", "/static/style.css"):
        with client.get(path) as answer:
            headers = answer.headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Strict-Transport-Security" not in headers


def test_https_is_insisted_on_only_where_the_portal_has_it(portal: Portal) -> None:
    client = create_app(settings("http://127.0.0.1:9", public_url="https://portal.test")).test_client()
    assert "max-age" in client.get("/tro-giup").headers["Strict-Transport-Security"]


def test_the_route_table_refuses_a_prefix_with_two_owners(tmp_path: Path) -> None:
    path = tmp_path / "routes.toml"
    path.write_text('[a]\nprefixes = ["/x"]\n[b]\nprefixes = ["/x"]\n')
    with pytest.raises(ValueError, match="belongs to a"):
        route_table.load(path)


def test_200_clients_that_send_one_byte_a_second_hold_nobody_else_up(portal: Portal) -> None:
    """How little they slow others is measured by tests/bench/slow_clients.py."""
    pages = 0
    with running(portal) as url, real_gateway(url) as port, slow_clients(port, 200) as slow:
        while pages < 40 or slow.dripped < 3:
            assert get(port, "/thu-tuc/1.001193") == 200
            pages += 1
            assert slow.all_wait(), "one of them was answered or sent away"
    assert portal.called("GET", "/api/v1/procedures/1.001193") == pages
    assert portal.called("POST", "/api/v1/sessions") == 0


def test_it_stops_soon_although_browsers_keep_their_connections(portal: Portal) -> None:
    with running(portal) as url, real_gateway(url) as port:
        browser = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=1)
        assert browser.request("GET", "/livez").status == 200
        silent = socket.create_connection(("127.0.0.1", port))
        time.sleep(0.2)
        told = time.perf_counter()
    took = time.perf_counter() - told
    browser.close()
    silent.close()
    assert took < 6, f"{took:.1f} s; a worker waits ten seconds for what is under way"
