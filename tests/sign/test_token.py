"""motcua-sign with a real token, in software."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.authority import issuing
from services.identity.model.signing import new_challenge
from tests.security.authorities import AN, World, started
from tests.sign.softhsm import SoftToken

CHALLENGE = b64decode(new_challenge("registration", b"r" * 32))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with started(tmp_path_factory.mktemp("trusted")) as world:
        yield world


@pytest.fixture
def token(tmp_path: Path) -> SoftToken:
    return SoftToken(tmp_path / "hsm")


@pytest.fixture
def challenge(tmp_path: Path) -> str:
    path = tmp_path / "challenge.bin"
    path.write_bytes(CHALLENGE)
    return str(path)


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_what_a_token_signs_the_portal_accepts(
    world: World, token: SoftToken, challenge: str, tmp_path: Path, kind: str
) -> None:
    token.put(world.card(kind=kind))
    token.put_certificate(world.issuer.certificate, "02", "issuer")
    done = token.sign(challenge, "--output", str(tmp_path / "signature.p7s"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    signature = (tmp_path / "signature.p7s").read_bytes()
    evidence = world.checker().check(signature, CHALLENGE, "citizen", AN, datetime.now(UTC))
    assert evidence.chain == ["Test CA", "Test Root"]


def test_the_challenge_may_be_text_and_the_signature_is_printed_in_base64(
    world: World, token: SoftToken
) -> None:
    token.put(world.card())
    token.put_certificate(world.issuer.certificate, "02", "issuer")
    done = token.sign("--text", b64encode(CHALLENGE).decode())
    signature = b64decode(done.stdout)
    assert world.checker().check(signature, CHALLENGE, "citizen", AN, datetime.now(UTC))


def test_what_is_no_challenge_of_a_portal_is_not_signed(token: SoftToken, tmp_path: Path) -> None:
    (tmp_path / "contract").write_bytes(b"I owe you 1,000,000,000 VND")
    done = token.sign(str(tmp_path / "contract"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "Nothing was signed" in done.stderr


def test_a_wrong_pin_is_said_in_words(world: World, token: SoftToken, challenge: str, tmp_path: Path) -> None:
    token.put(world.card())
    (tmp_path / "wrong").write_text("000000")
    done = token.sign(challenge, pin=tmp_path / "wrong")
    assert (done.returncode, done.stdout) == (1, "")
    assert "The PIN is not right" in done.stderr


def test_of_several_certificates_one_is_chosen_by_its_label(
    world: World, token: SoftToken, challenge: str
) -> None:
    token.put(world.card(), "01", "An")
    token.put(world.card("MST:0101010011"), "03", "Sông Hồng")
    token.put_certificate(world.issuer.certificate, "02", "issuer")
    unsure = token.sign(challenge)
    assert (unsure.returncode, unsure.stdout) == (1, "")
    assert "An, Sông Hồng" in unsure.stderr
    done = token.sign(challenge, "--certificate", "Sông Hồng")
    signature = b64decode(done.stdout)
    now = datetime.now(UTC)
    assert world.checker().check(signature, CHALLENGE, "business", "0101010011", now)


def test_what_is_on_a_token_can_be_listed(world: World, token: SoftToken) -> None:
    token.put(world.card())
    done = token.sign("--list")
    assert done.returncode == 0
    assert "thẻ của An" in done.stdout
    assert f"CCCD:{AN}" in done.stdout


def test_a_driver_that_is_none_and_an_empty_token_are_refused(token: SoftToken, challenge: str) -> None:
    assert "none" in token.sign(challenge).stderr
    token.module = "/nowhere.so"
    done = token.sign(challenge)
    assert (done.returncode, "cannot be loaded" in done.stderr) == (1, True)


def test_wrong_use_and_a_portal_that_is_away_have_exit_codes_of_their_own(
    world: World, token: SoftToken, challenge: str
) -> None:
    assert token.sign().returncode == 2
    assert token.sign(challenge, "--send", "http://127.0.0.1:9").returncode == 2
    token.put(issuing.card(world.issuer, issuing.name("An"), issuing.new_key(), world.both))
    sent = token.sign(challenge, "--send", "http://127.0.0.1:9", "--registration", "x")
    assert sent.returncode == 75
    assert "cannot be reached" in sent.stderr
