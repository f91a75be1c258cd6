import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sandbox import people
from sandbox.app import create_app
from sandbox.authority import ROOTS, Authority
from sandbox.faults import Faults
from sandbox.mobile import PIN
from sandbox.store import Store

CHALLENGE = b"sign this, please"
WORDS = {
    "phone": "0987000028",
    "subject": "079195000028",
    "challenge": b64encode(CHALLENGE).decode(),
    "text": "Cổng dịch vụ công",
    "reference": "r1",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("authority")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority(folder, "http://127.0.0.1:1")


@pytest.fixture
def client(faults: Faults, authority: Authority) -> Iterator[FlaskClient]:
    store = Store()
    yield create_app(store, faults, authority).test_client()
    store.close()


def signed_by_openssl(signature: bytes, folder: Path) -> subprocess.CompletedProcess[bytes]:
    (folder / "signature.der").write_bytes(signature)
    (folder / "challenge").write_bytes(CHALLENGE)
    line = "cms -verify -binary -inform DER -in signature.der -content challenge -purpose any -CAfile"
    return subprocess.run(["openssl", *line.split(), ROOTS], cwd=folder, capture_output=True, check=False)


@pytest.mark.parametrize("card", ["usb-an", "usb-khoi", "usb-songhong", "sim-gao"])
def test_a_card_signs_what_openssl_finds_good(client: FlaskClient, folder: Path, card: str) -> None:
    answer = client.post("/signatures", json={"challenge": WORDS["challenge"], "card": card})
    checked = signed_by_openssl(b64decode(answer.get_json()["signature"]), folder)
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout == CHALLENGE


def test_every_card_of_the_people_and_of_the_traps_is_there(authority: Authority) -> None:
    known = people.known()
    named = [entry.get("card") for kind in ("people", "businesses", "traps") for entry in known[kind]]
    assert {card for card in named if card} <= set(authority.cards)


def test_an_unknown_card_and_what_is_no_challenge_are_refused(client: FlaskClient) -> None:
    for body in ({"challenge": "YQ==", "card": "usb-nobody"}, {"challenge": "§", "card": "usb-an"}):
        assert client.post("/signatures", json=body).status_code == 422


def test_keys_and_the_root_are_made_once_and_cards_say_where_the_sandbox_is_now(folder: Path) -> None:
    first, second = (Authority(folder, f"http://127.0.0.1:{port}") for port in (1, 2))
    assert first.root.certificate == second.root.certificate
    one, other = first.holder("usb-an"), second.holder("usb-an")
    assert one.certificate.public_key() == other.certificate.public_key()
    assert b"127.0.0.1:2/authority/ocsp" in other.certificate.tbs_certificate_bytes
    assert (folder / "keys.json").stat().st_mode & 0o077 == 0


def test_a_sim_signs_after_the_pin_was_typed_on_its_page(client: FlaskClient, folder: Path) -> None:
    asked = client.post("/mobile-signatures", json=WORDS)
    assert (asked.status_code, asked.get_json()["state"]) == (202, "waiting")
    id = asked.get_json()["transaction"]
    page = client.get("/phones?lang=en").get_data(as_text=True)
    assert "0987 000 028" in page
    assert "Cổng dịch vụ công" in page
    client.post(f"/phones/{id}", data={"pin": PIN, "lang": "en"})
    answer = client.get(f"/mobile-signatures/{id}").get_json()
    assert answer["state"] == "signed"
    assert signed_by_openssl(b64decode(answer["signature"]), folder).returncode == 0


def test_asked_twice_with_one_reference_the_phone_rings_once(client: FlaskClient) -> None:
    first, second = (client.post("/mobile-signatures", json=WORDS).get_json() for _ in range(2))
    assert first == second
    assert client.get("/phones").get_data(as_text=True).count("<section") == 1


def test_a_wrong_pin_may_be_typed_twice_and_ends_it_the_third_time(client: FlaskClient) -> None:
    id = client.post("/mobile-signatures", json=WORDS).get_json()["transaction"]
    states = [client.post(f"/phones/{id}", json={"pin": "0000"}).get_json()["state"] for _ in range(3)]
    assert states == ["waiting", "waiting", "wrong-pin"]
    assert client.post(f"/phones/{id}", json={"pin": PIN}).get_json()["state"] == "wrong-pin"


def test_a_phone_without_that_certificate_is_not_found(client: FlaskClient) -> None:
    assert client.post("/mobile-signatures", json=WORDS | {"subject": "001099000017"}).status_code == 404
    assert client.get("/mobile-signatures/unknown").status_code == 404


@pytest.mark.parametrize(
    ("how", "state"),
    [("signs", "signed"), ("refuses", "refused"), ("silent", "waiting"), ("wrong-pin", "wrong-pin")],
)
def test_the_service_misbehaves_as_it_is_told_at_the_start(
    client: FlaskClient, faults: Faults, how: str, state: str
) -> None:
    faults.mobile = how
    assert client.post("/mobile-signatures", json=WORDS).get_json()["state"] == state


def test_a_foreign_a_listed_and_an_expired_card_are_what_they_say(
    client: FlaskClient, authority: Authority, folder: Path
) -> None:
    for card, said in (("usb-foreign", "verif"), ("usb-expired", "expired")):
        signed = authority.sign(card, CHALLENGE)
        assert said in signed_by_openssl(signed, folder).stderr.decode()
    (folder / "list.der").write_bytes(client.get("/authority/cards.crl").data)
    text = subprocess.run(
        ["openssl", "crl", "-inform", "DER", "-in", "list.der", "-noout", "-text"],
        cwd=folder, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert f"{authority.holder('usb-listed').certificate.serial_number:X}" in text.replace(":", "").upper()
