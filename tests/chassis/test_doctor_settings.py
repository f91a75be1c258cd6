"""What `motcua doctor` finds in the settings, without a server being asked."""

import json
from base64 import b64encode
from pathlib import Path

import pytest

from chassis import needs
from chassis.doctor import settings
from chassis.findings import Finding
from tests.chassis.installed import Doctor, key
from tests.servers import tls


def look(doctor: Doctor, monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> dict[str, Finding]:
    """What is not well, by where."""
    for name, value in {**doctor.settings, **changes}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    return {each.where: each for each in settings.check(settings.parts()) if each.severity != "well"}


def test_an_installation_that_has_everything_is_well(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look(doctor, monkeypatch) == {}


REQUIRED = [
    *("DOSSIER_DATABASE_URL", "NOTIFY_MASTER_KEYS", "CATALOG_INDEX_KEY"),
    *("SEAL_KEYS", "PUBLIC_URL", "JWKS_URL", "FEEDBACK_URL"),
]


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("missing", [None, ""], ids=["not set", "set to nothing"])
def test_a_required_setting_that_is_missing_is_named_with_what_it_must_be(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, name: str, missing: str | None
) -> None:
    found = look(doctor, monkeypatch, **{name: missing})
    assert found[name].severity == "wrong"
    assert "not set" in found[name].what
    assert found[name].mend.startswith("set it: ")


# The same in every process that collects these tests.
ONE_KEY = b64encode(b"32 bytes, not a secret to anyone").decode()
RING = json.dumps({"1": ONE_KEY})
SHORT = b64encode(b"too short").decode()
MALFORMED = {
    "DOSSIER_DATABASE_URL": ["mysql://u@h/d", "postgresql://h", "postgresql://u@h:none/d", "dossier"],
    "DOSSIER_MASTER_KEYS": ["{}", ONE_KEY, '{"1": 1}', json.dumps({"1": SHORT}), '{"1": "!"}', "[1]"],
    "DOSSIER_INDEX_KEY": [SHORT, "no base64!", "A" * 43 + "="],
    "SEAL_KEYS": [RING, "[]", json.dumps({"notify": {"1": SHORT}, "dossier": {"1": ONE_KEY}})],
    "PUBLIC_URL": ["http://portal.example", "portal.example", "ftp://portal.example", "https://"],
    "JWKS_URL": ["identity:8000/jwks"],
    "AMQP_URL": ["http://broker", "amqp://"],
    "NOTIFY_AMQP_URL": ["broker:5672"],
    "RABBITMQ_MANAGEMENT_URL": ["amqp://broker"],
    "POSTGRES_ADMIN_URL": ["postgres"],
    "BROKER_ACCOUNTS": ["[]", "hush"],
    "WEB_WORKERS": ["two", ""],
    "EVENT_RETENTION": ["for ever"],
    "CODE_LIFETIME": ["soon"],
    "CODE_TRIES": ["5.5"],
    "GATEWAY_SECRET_KEY": ["short"],
    "GATEWAY_RATE": ["many"],
    "GATEWAY_READ_SECONDS": ["long"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(n, value) for n, values in MALFORMED.items() for value in values]
)
def test_a_setting_that_is_not_of_its_form_is_wrong_and_says_how_it_must_be(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    found = look(doctor, monkeypatch, **{name: value})[name]
    assert (found.severity, found.mend.startswith("it must be ")) == ("wrong", True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "portal.localhost", "[::1]", "127.8.9.10"])
def test_on_this_machine_the_portal_may_be_plain_http(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    assert look(doctor, monkeypatch, PUBLIC_URL=f"http://{host}:8000") == {}


def test_a_ring_that_somebody_seals_for_is_missed(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    only_dossier = json.dumps({"dossier": {"1": key()}})
    assert look(doctor, monkeypatch, SEAL_KEYS=only_dossier)["SEAL_KEYS"].what == "has no ring for notify"


@pytest.mark.parametrize("name", ["GATEWAY_SECRET_KEY", "DOSSIER_INDEX_KEY", "IDENTITY_MASTER_KEYS"])
def test_what_the_sample_left_open_is_still_open(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    sample = '{"2026-1": "..."}' if name.endswith("KEYS") else "..."
    assert "of the sample" in look(doctor, monkeypatch, **{name: sample})[name].what


def test_a_key_that_two_settings_share_is_found_and_not_shown(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = key()
    ring = json.dumps({"new": key(), "old": shared})
    found = look(doctor, monkeypatch, DOSSIER_MASTER_KEYS=ring, NOTIFY_INDEX_KEY=shared)
    assert list(found) == ["DOSSIER_MASTER_KEYS, NOTIFY_INDEX_KEY"]
    assert found["DOSSIER_MASTER_KEYS, NOTIFY_INDEX_KEY"].severity == "wrong"
    assert shared not in str(found)


def test_a_secret_from_a_file_is_as_good_and_a_file_that_is_not_is_named(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def given(path: Path) -> dict[str, Finding]:
        return look(doctor, monkeypatch, DOSSIER_INDEX_KEY=None, DOSSIER_INDEX_KEY_FILE=str(path))

    secret = tmp_path / "dossier_index_key"
    assert "No such file" in given(secret)["DOSSIER_INDEX_KEY"].what
    secret.write_text("\n")
    assert "is empty" in given(secret)["DOSSIER_INDEX_KEY"].what
    secret.write_bytes(b"\xff\xfe")
    assert "no text" in given(secret)["DOSSIER_INDEX_KEY"].what
    assert "Is a directory" in given(tmp_path)["DOSSIER_INDEX_KEY"].what
    secret.write_text(key() + "\n")
    assert given(secret) == {}


def test_the_gateways_certificate_and_key_must_be_there_and_belong_together(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def given(certificate: Path, private_key: Path) -> dict[str, Finding]:
        files = {"GATEWAY_CERTIFICATE": str(certificate), "GATEWAY_PRIVATE_KEY": str(private_key)}
        return look(doctor, monkeypatch, **files)

    tls.write(tmp_path)
    assert given(tmp_path / "broker.pem", tmp_path / "key.pem") == {}
    assert "do not do" in given(tmp_path / "ca.pem", tmp_path / "key.pem")["GATEWAY_CERTIFICATE"].what
    assert "No such file" in given(tmp_path / "none", tmp_path / "key.pem")["GATEWAY_CERTIFICATE"].what


def test_names_that_nobody_reads_are_warned_of_with_what_was_meant(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "DOSSIER_DATABSE_URL": "x",
        "AMPQ_URL": "x",
        "NOTIFY_LOUDNESS": "x",
        "GATEWAY_SECRET_KEYS_FILE": "x",
        "DOSSIER_PORT_8010_TCP_ADDR": "10.0.0.1",
        "DOSSIER_SERVICE_HOST": "10.0.0.1",
        "HOME": "/",
    }
    found = look(doctor, monkeypatch, **given)
    assert {name: each.mend for name, each in found.items()} == {
        "DOSSIER_DATABSE_URL": "is DOSSIER_DATABASE_URL meant?",
        "AMPQ_URL": "is AMQP_URL meant?",
        "NOTIFY_LOUDNESS": "docs/operating.md has all that there are",
        "GATEWAY_SECRET_KEYS_FILE": "is GATEWAY_SECRET_KEY meant?",
    }
    assert {each.severity for each in found.values()} == {"warning"}


def test_what_does_not_work_without_a_setting_is_said(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = look(doctor, monkeypatch, SIM_REGISTER_URL=None, SMS_GATEWAY_URL="")
    assert {name: each.severity for name, each in found.items()} == {
        "SIM_REGISTER_URL": "warning",
        "SMS_GATEWAY_URL": "warning",
    }


def test_every_setting_that_the_services_read_is_known_to_the_doctor() -> None:
    from tests.architecture.test_documents import settings as read

    others = {"MOTCUA_PASSWORD", "DEMO_OFFICIAL_PASSWORD", "AGENCY_AMQP_URL", "MOTCUA_REPLICAS"}
    known = {need.name for part in settings.parts() for need in (*part.needs, *needs.SHARED)}
    bare = {name for name in read() if not name.startswith(("<SERVICE>_", "SANDBOX_"))} - others
    assert bare <= known, f"say of what form it is, in NEEDS or SHARED: {sorted(bare - known)}"
