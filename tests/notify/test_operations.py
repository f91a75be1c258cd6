"""Operators see how far each door of an agency is, and have it get the past again."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from chassis.cli import main
from chassis.testing import ServiceUnderTest, settings_environment
from tests.notify.fake_bus import FakeBus
from tests.notify.test_agency_log import connect, serve
from tests.notify.test_pulling import pulled, submit

AT = "/api/v1/notify-operations"
Run = Callable[..., Result]


@pytest.fixture
def bus(notify: ServiceUnderTest, bus: FakeBus) -> FakeBus:
    """Four events of H01, all in its queue."""
    submit(notify, 4)
    connect(notify, "H01")
    serve(notify)
    return bus


@pytest.fixture
def run(notify: ServiceUnderTest, bus: FakeBus) -> Run:
    """`motcua events replay <arguments>`."""
    settings = notify.settings
    environment = settings_environment(settings)
    environment |= {"JWKS_URL": settings.jwks_url, "PUBLIC_URL": settings.public_url}
    return lambda *given, **env: CliRunner().invoke(main, ["events", "replay", *given], env=environment | env)


def positions(bus: FakeBus) -> list[int]:
    return [entry.position for entry in bus.sent]


def ask(sut: ServiceUnderTest, **body: Any) -> tuple[int, Any]:
    body = {"agency": "H01", "door": "amqp", **body}
    answer = sut.client.post(f"{AT}/replays", json=body, headers=sut.as_operator())
    return answer.status_code, answer.json


def agencies(sut: ServiceUnderTest) -> Any:
    answer = sut.client.get(f"{AT}/agencies", headers=sut.as_operator())
    assert answer.status_code == 200, answer.json
    return answer.json["items"] if answer.json else None


def test_an_agencys_doors_say_how_far_they_are_and_what_they_lack(
    notify: ServiceUnderTest, bus: FakeBus
) -> None:
    submit(notify, 2, first=5)
    (one,) = agencies(notify)
    assert (one["agency"], one["last_position"], one["kept_after"]) == ("H01", 6, 0)
    door = {"door": "amqp", "enabled": True, "position": 4, "behind": 2, "last_error": None}
    assert one["doors"] == [door]
    assert ask(notify, position=1)[0] == 202
    (one,) = agencies(notify)
    assert (one["doors"][0]["position"], one["doors"][0]["behind"]) == (1, 5)


def test_an_operator_has_an_agency_get_the_past_again_by_position_or_cursor(
    notify: ServiceUnderTest, bus: FakeBus, run: Run
) -> None:
    result = run("--to", "H01", "--position", "2")
    assert result.output == "H01 amqp: 3 to 4 comes again, then what is new.\n"
    serve(notify)
    _, cursor = pulled(notify, limit=3)
    found = json.loads(run("--to", "H01", "--after", cursor, "-o", "json").output)
    assert (found["from_position"], found["until_position"], found["delivered"]) == (4, 4, None)
    serve(notify)
    assert ask(notify) == (202, {"door": "amqp", "from_position": 1, "until_position": 4})
    serve(notify)
    assert positions(bus) == [1, 2, 3, 4, 3, 4, 4, 1, 2, 3, 4]


@pytest.mark.parametrize("served", [True, False])
def test_waiting_ends_when_it_is_delivered_or_says_that_it_is_not(
    notify: ServiceUnderTest, run: Run, monkeypatch: pytest.MonkeyPatch, served: bool
) -> None:
    monkeypatch.setattr("services.notify.cli.WAIT_SECONDS", 5 if served else 0)
    if served:
        monkeypatch.setattr("services.notify.cli.time.sleep", lambda _: serve(notify))
    result = run("--to", "H01", "--wait")
    words = "came again" if served else "is not all delivered yet"
    assert (result.exit_code, words in result.output) == (0 if served else 1, True), result.output


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (("--to", "H99"), 1, "No agency H99"),
        (("--to", "../x"), 1, "not the form"),
        (("--to", "H01", "--door", "webhook"), 1, "webhook"),
        (("--to", "H01", "--after", "x"), 1, "Start again"),
        (("--to", "H01", "--position", "900"), 1, "restored"),
        (("--to", "H01", "--position", "1", "--after", "x"), 2, "not both"),
        ((), 2, "--to"),
    ],
)
def test_what_cannot_be_is_refused_with_its_exit_code(
    run: Run, given: tuple[str, ...], code: int, words: str
) -> None:
    result = run(*given)
    assert (result.exit_code, words in result.output) == (code, True), result.output


def test_a_database_that_is_away_is_exit_code_75(run: Run) -> None:
    away = "postgresql://nobody@127.0.0.1:9/none"
    assert run("--to", "H01", NOTIFY_DATABASE_URL=away).exit_code == 75


@pytest.mark.parametrize("kind", ["citizen", "official", "agency"])
def test_it_is_for_operators_only(notify: ServiceUnderTest, bus: FakeBus, kind: str) -> None:
    headers = {
        "citizen": notify.as_citizen(),
        "official": notify.as_official("H01"),
        "agency": notify.as_agency("H01"),
    }[kind]
    body = {"agency": "H01", "door": "amqp"}
    assert notify.client.post(f"{AT}/replays", json=body, headers=headers).status_code == 403
    assert notify.client.get(f"{AT}/agencies", headers=headers).status_code == 403
    serve(notify)
    assert positions(bus) == [1, 2, 3, 4]
