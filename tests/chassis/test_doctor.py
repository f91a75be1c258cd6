"""`motcua doctor` as a whole: what it says, how it ends, and what it never says."""

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from click import unstyle
from sqlalchemy import make_url

from chassis import service as services
from chassis.doctor import together
from tests.chassis.installed import PASSWORD, SECRET, Doctor
from tests.servers.kinds import free_port


@pytest.fixture
def mute() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]


def test_a_whole_installation_is_well_but_for_what_was_not_looked_at(doctor: Doctor) -> None:
    seen = doctor.examine()
    assert (seen.all("wrong", "away"), seen.code) == ([], 0)
    assert list(seen.found("unseen")) == ["AMQP_URL"]
    assert seen.summary == "All is well: 1 was not looked at." or seen.found("warning")
    groups = ["Settings", "Databases", "Connections", "Broker", "Storage", "Clocks", "Versions", "Services"]
    groups += ["Processes"]
    assert list(seen.groups) == groups


def test_people_get_a_line_a_check_that_fits_their_terminal_and_a_last_line_in_words(doctor: Doctor) -> None:
    told = unstyle(doctor.run(COLUMNS="80", PUBLIC_URL="http://portal.example").output)
    assert max(map(len, told.splitlines())) <= 80
    assert "x PUBLIC_URL: is http: passwords and cookies would travel in clear\n    mend: " in told
    assert ". dossier: PostgreSQL" in told
    assert told.splitlines()[-1].startswith("Not well: 1 is wrong")


def test_what_is_mended_the_same_way_has_its_mend_once(doctor: Doctor) -> None:
    away = {
        f"{name.upper()}_DATABASE_URL": f"postgresql://x@127.0.0.1:{free_port()}/x"
        for name in services.names()
    }
    told = unstyle(doctor.run(**away).output)
    databases = told.partition("Databases\n")[2].partition("Connections\n")[0]
    assert (databases.count("its database is away"), databases.count("mend: ")) == (5, 1)


def test_without_any_settings_it_is_wrong_use(doctor: Doctor) -> None:
    result = doctor.run(**dict.fromkeys(doctor.settings))
    assert (result.exit_code, "no settings here" in result.output) == (2, True)


def test_one_containers_own_settings_are_looked_at_and_the_rest_is_said_not_to_be(
    doctor: Doctor,
) -> None:
    seen = doctor.examine(**doctor.only("dossier"))
    assert (seen.all("wrong", "away"), seen.code) == ([], 0)
    unseen = seen.found("unseen")
    assert unseen.keys() >= {"identity", "catalog", "notify", "feedback", "gateway"}
    assert "catalog, feedback, identity, notify" in unseen


def test_the_gateways_own_settings_are_enough_for_the_gateway(doctor: Doctor) -> None:
    seen = doctor.examine(**{**doctor.only(), "GATEWAY_SECRET_KEY": SECRET, "SEAL_KEYS": None})
    assert (seen.all("wrong", "away"), seen.code) == ([], 0)
    assert "gateway" in seen.found("well")


def test_it_ends_with_75_only_when_all_that_failed_did_not_answer(doctor: Doctor) -> None:
    away = {"CATALOG_DATABASE_URL": f"postgresql://x@127.0.0.1:{free_port()}/x"}
    seen = doctor.examine(**away)
    assert (seen.code, seen.all("wrong")) == (75, [])
    assert seen.summary.startswith("Not well: 1 did not answer")
    assert doctor.examine(**away, WEB_WORKERS="two").code == 1


def test_servers_that_never_answer_delay_it_by_seconds_and_all_are_named(doctor: Doctor, mute: int) -> None:
    at = f"127.0.0.1:{mute}"
    never = {f"{name.upper()}_DATABASE_URL": f"postgresql://x@{at}/x" for name in services.names()}
    never |= {f"{name.upper()}_URL": f"http://{at}" for name in services.names()}
    broker = {"AMQP_URL": f"amqp://u:p@{at}", "RABBITMQ_MANAGEMENT_URL": f"http://u:p@{at}"}
    started = time.monotonic()
    seen = doctor.examine(**never, **broker, JWKS_URL=f"http://{at}")
    # Databases, broker, its management, processes: five seconds each at most, and what the machine needs.
    assert time.monotonic() - started < 4 * 5 + 5
    assert seen.code == 75
    assert len(seen.groups["Databases"]) == 5
    assert seen.found("away").keys() >= {"AMQP_URL", "RABBITMQ_MANAGEMENT_URL", "JWKS_URL", *services.names()}


def test_what_has_no_time_limit_of_its_own_is_left_behind_and_the_others_are_heard() -> None:
    never = threading.Event()
    started = time.monotonic()
    answers = together.ask({"stuck": never.wait, "quick": lambda: False}, 0.2)
    never.set()
    assert time.monotonic() - started < 10
    assert isinstance(answers["stuck"], TimeoutError)
    assert answers["quick"] is False


def test_no_secret_is_ever_printed_whatever_is_wrong(doctor: Doctor, mute: int) -> None:
    secrets = [PASSWORD, SECRET, "s3cr3t"]
    secrets += [key for ring in json.loads(doctor.settings["SEAL_KEYS"]).values() for key in ring.values()]
    secrets += [value for name, value in doctor.settings.items() if name.endswith("_INDEX_KEY")]
    port = make_url(doctor.settings["CATALOG_DATABASE_URL"]).port
    broken = {
        "CATALOG_DATABASE_URL": f"postgresql://nobody:s3cr3t@127.0.0.1:{port}/none",
        "DOSSIER_DATABASE_URL": "s3cr3t",
        "FEEDBACK_DATABASE_URL": "postgresql://u:s3cr3t@127.0.0.1:none/x",
        "NOTIFY_DATABASE_URL": "postgresql://u:s3cr3t@127.0.0.1:5432/x?s3cr3t",
        "IDENTITY_MASTER_KEYS": '{"1": "s3cr3t"',
        "DOSSIER_INDEX_KEY": "s3cr3t",
        "SEAL_KEYS": '{"notify": "s3cr3t"}',
        "GATEWAY_SECRET_KEY": "s3cr3t",
        "AMQP_URL": f"amqp://u:s3cr3t@127.0.0.1:{mute}/s",
        "RABBITMQ_MANAGEMENT_URL": f"http://u:s3cr3t@127.0.0.1:{mute}",
        "CATALOG_URL": f"http://u:s3cr3t@127.0.0.1:{free_port()}",
    }
    for changes in ({}, broken):
        for form in ("text", "json"):
            told = doctor.run("-o", form, **changes).output
            assert not [secret for secret in secrets if secret in told]
            assert told
