"""How every service answers over HTTP, shown on a small one."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from marshmallow import fields
from sqlalchemy import Column, Integer, String, Table, func, insert, select

from chassis import paging, tables
from chassis.app import create_api
from chassis.auth import Verifier, allow, principal
from chassis.db import new_metadata, open_engine
from chassis.idempotency import idempotent
from chassis.service import Service
from chassis.testing import (
    PUBLIC_URL,
    SIGNING_KEY,
    TestKeys,
    access_token,
    fresh_database,
    test_settings,
)
from chassis.unit_of_work import UnitsOfWork
from chassis.web import Body, api, changes_version, expected_version, unit_of_work
from vocabulary.refusals import Conflict, TooMany

metadata = new_metadata()
notes = Table(
    "notes", metadata, Column("id", Integer, primary_key=True), Column("text", String(50), nullable=False)
)
blueprint = api("notes")
inside, gate = threading.Event(), threading.Event()


class PersonBody(Body):
    phone = fields.String(required=True)


class NoteBody(Body):
    text = fields.String(required=True)
    person = fields.Nested(PersonBody)


@blueprint.route("/notes", methods=["POST"])
@allow("citizen")
@idempotent()
@blueprint.arguments(NoteBody)
def write(note: dict[str, Any]) -> tuple[dict[str, Any], int]:
    with unit_of_work() as uow:
        id = uow.session.execute(insert(notes).values(text=note["text"]).returning(notes.c.id)).scalar_one()
        if note["text"] == "slow":
            inside.set()
            gate.wait(8)
        if note["text"] == "refused":
            raise Conflict("full", "Sổ đã đầy.", "The book is full.")
    return {"id": id, "by": principal().kind}, 201


@blueprint.route("/postcards", methods=["POST"])
@allow("anyone")
@idempotent()
@blueprint.arguments(NoteBody)
def post(card: dict[str, Any]) -> tuple[dict[str, Any], int]:
    with unit_of_work() as uow:
        row = insert(notes).values(text=card["text"]).returning(notes.c.id)
        return {"id": uow.session.execute(row).scalar_one()}, 201


@blueprint.route("/notes", methods=["GET"])
@allow("anyone")
def read() -> dict[str, Any]:
    cursor, limit = paging.read()
    return {"cursor": paging.values_of(cursor, 1) if cursor else None, "limit": limit}


@blueprint.route("/notes/<int:id>", methods=["PUT"])
@allow("official", roles={"approver"})
@changes_version
def change(id: int) -> dict[str, Any]:
    return {"id": id, "version": expected_version()}


@blueprint.route("/hasty", methods=["GET"])
@allow("anyone")
def hasty() -> dict[str, Any]:
    raise TooMany("too-often", "Quá nhiều lần.", "Too often.", timedelta(seconds=42))


@blueprint.route("/broken", methods=["GET"])
@allow("anyone")
def broken() -> dict[str, Any]:
    raise RuntimeError("0912000017 is a phone number")


@pytest.fixture(scope="module")
def app(postgres_url: str) -> Iterator[Flask]:
    url = fresh_database(postgres_url, "test_chassis_http")
    engine = open_engine(url, "test", 20)
    tables.metadata.create_all(engine)
    metadata.create_all(engine)
    settings = test_settings("notify", url)
    units = UnitsOfWork(engine, settings)
    service = Service("notes", metadata, blueprints=[blueprint])
    yield create_api(service, settings, units, Verifier(TestKeys(), PUBLIC_URL))
    engine.dispose()


def bearer(kind: str = "citizen", **claims: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {access_token(kind, None, **claims)}"}


def test_wrong_input_names_the_field_in_the_callers_language(app: Flask) -> None:
    body = {"text": "x", "person": {}, "extra/field": 1}
    answer = app.test_client().post("/api/v1/notes", json=body, headers=bearer())

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    problem = json.loads(answer.data)
    assert problem["code"] == "invalid"
    assert {(e["pointer"], e["code"]) for e in problem["errors"]} == {
        ("/person/phone", "required"),
        ("/extra~1field", "unknown-field"),
    }
    assert "bắt buộc" in next(e["detail"] for e in problem["errors"] if e["code"] == "required")
    english = app.test_client().post(
        "/api/v1/notes", json={}, headers=bearer() | {"Accept-Language": "en-GB"}
    )
    assert json.loads(english.data)["detail"].startswith("Some answers")


def test_broken_json_is_a_400_and_an_unknown_path_a_404_and_a_wrong_method_keeps_allow(app: Flask) -> None:
    client = app.test_client()
    headers = bearer() | {"Content-Type": "application/json"}
    assert client.post("/api/v1/notes", data=b"{", headers=headers).status_code == 400
    assert json.loads(client.get("/api/v1/nothing").data)["code"] == "not-found"
    answer = client.delete("/api/v1/notes")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "body",
    [b'{"text": "\\ud800"}', b'{"text": ' + b"1" * 5000 + b"}", b"[" * 100_000, b'{"text": "\xff"}'],
    ids=["half a character", "an endless number", "endless nesting", "not UTF-8"],
)
def test_what_no_program_of_ours_would_send_is_a_400(app: Flask, body: bytes) -> None:
    headers = bearer() | {"Content-Type": "application/json"}
    answer = app.test_client().post("/api/v1/notes", data=body, headers=headers)
    assert (answer.status_code, json.loads(answer.data)["code"]) == (400, "bad-request")


def test_a_body_that_is_not_called_json_is_not_taken(app: Flask) -> None:
    sent = {"data": b'{"text": "a"}', "content_type": "text/plain", "headers": bearer()}
    assert app.test_client().post("/api/v1/notes", **sent).status_code == 415


def test_too_often_says_when_again(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/hasty")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "42")


def test_an_unexpected_error_tells_nothing_and_logs_no_personal_data(
    app: Flask, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = app.test_client().get("/api/v1/broken")
    assert answer.status_code == 500
    assert b"0912000017" not in answer.data
    logged = capfd.readouterr().err
    assert '"error": "RuntimeError"' in logged
    assert "0912000017" not in logged


def test_the_request_id_is_kept_or_made(app: Flask) -> None:
    client = app.test_client()
    kept = client.get("/api/v1/notes", headers={"X-Request-Id": "0123456789abcdef"})
    assert kept.headers["X-Request-Id"] == "0123456789abcdef"
    made = client.get("/api/v1/notes", headers={"X-Request-Id": "<script>"})
    assert made.headers["X-Request-Id"].isalnum()


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1_700_000_000},
        {"aud": "someone-else"},
        {"iss": "https://elsewhere.example"},
        {"sub": "not-a-uuid"},
        {"sub": None},
        {"kind": None},
    ],
)
def test_a_token_that_is_stale_or_not_for_us_is_refused(app: Flask, claims: dict[str, Any]) -> None:
    answer = app.test_client().post("/api/v1/notes", json={"text": "x"}, headers=bearer(**claims))
    assert answer.status_code in {401, 403}


def test_a_token_signed_otherwise_is_refused(app: Flask) -> None:
    good = access_token("citizen", None)
    head, payload, signature = good.split(".")
    none = "eyJhbGciOiJub25lIiwia2lkIjoidGVzdCJ9"
    changed = f"{head}.{payload}.{signature[:-4]}AAAA"
    for forged in (f"{none}.{payload}.", changed, f"{head}.{payload}", "x", ""):
        answer = app.test_client().post(
            "/api/v1/notes", json={"text": "x"}, headers={"Authorization": f"Bearer {forged}"}
        )
        assert answer.status_code == 401, forged
    assert SIGNING_KEY.kid == "test"


def test_who_may_call_is_declared_on_the_route(app: Flask) -> None:
    client = app.test_client()
    assert client.post("/api/v1/notes", json={"text": "x"}).status_code == 401
    assert client.post("/api/v1/notes", json={"text": "x"}, headers=bearer("official")).status_code == 403
    match = {"If-Match": '"3"'}
    receiver, approver = bearer("official", roles=["receiver"]), bearer("official", roles=["approver"])
    assert client.put("/api/v1/notes/1", headers=receiver | match).status_code == 403
    assert client.put("/api/v1/notes/1", headers=approver | match).json == {"id": 1, "version": 3}


def test_a_route_that_declares_nobody_does_not_start(app: Flask) -> None:
    careless = api("careless")
    careless.route("/careless", methods=["GET"])(lambda: {"anyone": "at all"})
    units = app.extensions["units"]
    with pytest.raises(RuntimeError, match="/api/v1/careless"):
        create_api(Service("careless", metadata, blueprints=[careless]), units.settings, units)


def test_a_change_must_say_which_version_it_changes(app: Flask) -> None:
    client = app.test_client()
    headers = bearer("official", roles=["approver"])
    assert client.put("/api/v1/notes/1", headers=headers).status_code == 428
    assert client.put("/api/v1/notes/1", headers=headers | {"If-Match": "*"}).status_code == 400


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "٣", "9" * 40])
def test_a_page_has_1_to_100_items(app: Flask, limit: str) -> None:
    answer = app.test_client().get("/api/v1/notes", query_string={"limit": limit})
    assert answer.status_code == 422


def test_a_cursor_comes_back_as_it_went_and_a_made_up_one_is_refused(app: Flask) -> None:
    client = app.test_client()
    cursor = paging.cursor_of("2026-11-23T08:00:00+00:00")
    assert client.get("/api/v1/notes", query_string={"cursor": cursor}).json == {
        "cursor": ["2026-11-23T08:00:00+00:00"],
        "limit": 20,
    }
    for made_up in ("x", "e30", "////", paging.cursor_of("a", "b")):
        assert client.get("/api/v1/notes", query_string={"cursor": made_up}).status_code == 400


class TestIdempotency:
    def send(self, app: Flask, key: str, text: str, headers: dict[str, str]) -> Any:
        return app.test_client().post(
            "/api/v1/notes", json={"text": text}, headers=headers | {"Idempotency-Key": key}
        )

    def written(self, app: Flask, text: str) -> int:
        with app.extensions["units"]() as uow:
            count = select(func.count()).select_from(notes).where(notes.c.text == text)
            found: int = uow.session.execute(count).scalar_one()
            return found

    def test_the_same_key_and_body_get_the_same_answer_and_one_effect(self, app: Flask) -> None:
        who = bearer()
        first, second = self.send(app, "k1", "once", who), self.send(app, "k1", "once", who)
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.data == second.data
        assert self.written(app, "once") == 1

    def test_the_same_key_with_another_body_is_refused(self, app: Flask) -> None:
        who = bearer()
        self.send(app, "k2", "this", who)
        assert self.send(app, "k2", "that", who).status_code == 422
        assert self.written(app, "that") == 0

    def test_another_persons_same_key_is_another_key(self, app: Flask) -> None:
        self.send(app, "k3", "mine and yours", bearer())
        self.send(app, "k3", "mine and yours", bearer())
        assert self.written(app, "mine and yours") == 2

    def test_without_an_account_the_same_request_is_once_and_another_persons_key_is_not_taken(
        self, app: Flask
    ) -> None:
        def send(text: str) -> Any:
            headers = {"Idempotency-Key": "1"}
            return app.test_client().post("/api/v1/postcards", json={"text": text}, headers=headers)

        assert send("hello").data == send("hello").data
        assert self.written(app, "hello") == 1
        assert send("another person").status_code == 201

    def test_while_the_first_is_under_way_the_second_is_told_so(self, app: Flask) -> None:
        who, answers = bearer(), []
        first = threading.Thread(target=lambda: answers.append(self.send(app, "k4", "slow", who)))
        first.start()
        assert inside.wait(5)
        second = self.send(app, "k4", "slow", who)
        gate.set()
        first.join()
        assert json.loads(second.data)["code"] == "in-progress"
        assert answers[0].status_code == 201
        assert self.written(app, "slow") == 1

    def test_a_refusal_is_not_remembered(self, app: Flask) -> None:
        who = bearer()
        assert self.send(app, "k5", "refused", who).status_code == 409
        assert self.send(app, "k5", "accepted", who).status_code == 201
        assert self.written(app, "refused") == 0

    def test_the_stored_answer_cannot_be_read_in_the_database(self, app: Flask) -> None:
        self.send(app, "k6", "canary-7781", bearer())
        with app.extensions["units"]() as uow:
            stored = uow.session.execute(select(tables.idempotency_keys)).all()
        assert b"citizen" not in b"".join(row.answer for row in stored)


def test_health_says_alive_and_ready_and_metrics_count(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/livez").json == {"status": "alive"}
    ready = {"status": "ready", "database": "ok", "oldest_unsent_seconds": 0}
    assert client.get("/readyz").json == ready
    assert b'route="/api/v1/notes"' in client.get("/metrics").data


def test_the_openapi_document_says_who_may_call_and_which_headers_matter(app: Flask) -> None:
    paths: Any = app.test_client().get("/openapi.json").json["paths"]  # type: ignore[index]
    token: Any = [{"bearer": []}]
    assert paths["/api/v1/notes"]["get"]["security"] == paths["/api/v1/postcards"]["post"]["security"] == []
    write, change = paths["/api/v1/notes"]["post"], paths["/api/v1/notes/{id}"]["put"]
    assert write["security"] == change["security"] == token
    headers = [{p["name"]: p["required"] for p in one["parameters"]} for one in (write, change)]
    assert headers == [{"Idempotency-Key": False}, {"If-Match": True}]


def test_the_openapi_document_knows_the_problem_answer(app: Flask) -> None:
    document = app.test_client().get("/openapi.json").json
    assert document is not None
    answers = document["paths"]["/api/v1/notes"]["post"]["responses"]
    assert "application/problem+json" in answers["default"]["content"]
