"""What `motcua doctor` is told by the running processes."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from chassis.doctor import answers, certificate
from tests.chassis import installed
from tests.chassis.installed import Doctor
from tests.servers import tls
from tests.servers.kinds import free_port

DEGRADED = {"status": "degraded", "why": "events wait longer than they should"}


@pytest.mark.parametrize(
    ("answer", "severity", "what"),
    [
        ((200, {"status": "ready"}), "well", "is ready"),
        ((200, DEGRADED), "warning", "events wait longer"),
        ((503, {"status": "not-ready", "database": "away"}), "away", "its database is away"),
        ((200, b"<html>"), "wrong", "another program"),
        ((404, {}), "wrong", "another program"),
        ((503, {}), "wrong", "another program"),
    ],
)
def test_a_service_says_how_it_is(
    doctor: Doctor, answer: tuple[int, object], severity: str, what: str
) -> None:
    with installed.answering() as catalog:
        catalog.said["/readyz"] = answer
        seen = doctor.examine(CATALOG_URL=catalog.url)
    (found,) = (each for each in seen.groups["Processes"] if each["where"] == "catalog")
    assert (found["severity"], what in found["what"]) == (severity, True)


def test_a_service_that_is_not_reached_is_away(doctor: Doctor) -> None:
    seen = doctor.examine(NOTIFY_URL=f"http://127.0.0.1:{free_port()}")
    assert (seen.code, seen.found("away")) == (75, {"notify": "is not reached (nobody listens there)"})


def test_the_gateway_tells_which_services_it_does_not_find(doctor: Doctor) -> None:
    doctor.portal.said["/readyz"] = (200, {"status": "ok", "services": {"dossier": "away", "notify": "ok"}})
    assert doctor.examine().found("warning")["gateway"] == "finds dossier away"


def test_a_gateway_that_only_people_reach_was_not_looked_at(doctor: Doctor) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    seen = doctor.examine(PUBLIC_URL=nowhere)
    assert "gateway" in seen.found("unseen")
    assert seen.code == 0
    assert "gateway" in doctor.examine(PUBLIC_URL=nowhere, GATEWAY_URL=nowhere).found("away")
    assert "gateway" in doctor.examine(PUBLIC_URL=nowhere, GATEWAY_URL=doctor.portal.url).found("well")


def test_a_gateway_behind_another_name_is_asked_for_the_certificate_of_the_portal(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = tls.write(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "broker.pem", tmp_path / "key.pem")
    with installed.answering(context) as gateway:
        inside = {"PUBLIC_URL": f"https://{tls.HOST}", "GATEWAY_URL": gateway.url}
        untrusted = doctor.examine(**inside).found("warning")
        trusted = doctor.examine(**inside, SSL_CERT_FILE=str(ca)).found("well")
        another = doctor.examine(**inside | {"PUBLIC_URL": "https://portal.example"}, SSL_CERT_FILE=str(ca))
    assert gateway.url.startswith("https://127.0.0.1")
    assert "not to be trusted" in untrusted["gateway"]
    assert trusted["gateway"] == "is ready"
    assert "not to be trusted" in another.found("warning")["gateway"]


def test_the_gateways_own_certificate_is_trusted_where_it_lies_here_and_no_other(
    doctor: Doctor, tmp_path: Path
) -> None:
    own, another = tmp_path / "own", tmp_path / "another"
    for folder in (own, another):
        folder.mkdir()
        tls.write(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own / "broker.pem", own / "key.pem")
    with installed.answering(context) as gateway:
        inside = {"PUBLIC_URL": f"https://{tls.HOST}", "GATEWAY_URL": gateway.url}
        found = {
            folder.name: doctor.examine(
                **inside,
                GATEWAY_CERTIFICATE=str(folder / "broker.pem"),
                GATEWAY_PRIVATE_KEY=str(folder / "key.pem"),
            )
            for folder in (own, another)
        }
    assert found["own"].found("well")["gateway"] == "is ready"
    assert "not to be trusted" in found["another"].found("warning")["gateway"]


@pytest.mark.parametrize(
    ("days", "severity", "what"),
    [(400, "well", "is good until"), (20, "warning", "in 20 days"), (-1, "wrong", "ended on")],
)
def test_the_end_of_the_gateways_certificate_is_told_three_weeks_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, severity: str, what: str
) -> None:
    tls.write(tmp_path)
    file = tmp_path / "broker.pem"
    monkeypatch.setenv("GATEWAY_CERTIFICATE", str(file))
    end = x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    (found,) = certificate.check(end - timedelta(days=days, minutes=1))
    assert (found.severity, what in found.what) == (severity, True)


def test_without_identitys_keys_nobody_would_be_believed(doctor: Doctor) -> None:
    without: list[tuple[int, object]] = [(200, {"keys": []}), (404, {}), (200, b"?")]
    for answer in without:
        doctor.portal.said["/api/v1/jwks"] = answer
        assert "nobody who has logged in" in doctor.examine().found("wrong")["JWKS_URL"]


def test_where_no_address_is_known_nobody_is_asked() -> None:
    (found,) = answers.check([])
    assert found.severity == "unseen"
