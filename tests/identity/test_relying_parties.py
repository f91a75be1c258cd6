"""An operator says which portals may sign people in through this one, on the command line."""

import base64
import json
import re
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from joserfc.jwk import ECKey, OctKey

from chassis.cli import main
from chassis.testing import ServiceUnderTest, settings_environment
from services.identity.model.relying_party import check_address, sector_of
from tests.identity.visitor import BACK, Visitor, said
from vocabulary.refusals import Invalid


def weak_rsa() -> str:
    modulus = base64.urlsafe_b64encode(b"\xc1" * 128).rstrip(b"=").decode()
    return json.dumps({"kty": "RSA", "n": modulus, "e": "AQAB"})


RIGHT = ("create", "--name", "Cổng Bộ Y tế", "--redirect-uri", BACK)


class Shell:
    def __init__(self, identity: ServiceUnderTest, **changes: str) -> None:
        environment = settings_environment(identity.settings)
        environment |= {"JWKS_URL": "http://127.0.0.1:9", "PUBLIC_URL": "http://127.0.0.1:8000"}
        self.runner = CliRunner(env=environment | changes)

    def __call__(self, *words: str) -> Result:
        return self.runner.invoke(main, ["relying-party", *words])


@pytest.fixture
def shell(identity: ServiceUnderTest) -> Shell:
    return Shell(identity)


def test_the_secret_is_shown_once_and_works(identity: ServiceUnderTest, shell: Shell) -> None:
    made = shell(*RIGHT, "--scope", "id_number")
    found = re.fullmatch(r"client_id: (\S{36})\nclient_secret: (\S{43})\n", made.output)
    assert found, made.output
    party = Visitor(identity, found[1], found[2])
    assert said(party.begin())["relying_party"] == "Cổng Bộ Y tế"
    assert said(party.form("/oauth2/introspect", {"token": "x"})) == {"active": False}
    assert found[2] not in identity.everything_stored()
    (listed,) = json.loads(shell("list", "-o", "json").output)
    assert (listed["sector"], listed["scopes"]) == ("yte.example.vn", ["openid", "id_number"])
    assert found[2] not in str(listed)


def test_a_revoked_one_says_so_and_nothing_changes_the_second_time(
    identity: ServiceUnderTest, shell: Shell
) -> None:
    id = shell(*RIGHT).output.split()[1]
    for _ in range(2):
        assert shell("revoke", id).output == f"{id} (Cổng Bộ Y tế) is revoked\n"
    assert "revoked 20" in shell("list").output
    assert said(Visitor(identity, id, "x").begin())["code"] == "sign-on-refused"


def test_a_public_key_takes_the_place_of_the_secret(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    file.write_text(json.dumps(ECKey.generate_key("P-256").as_dict(private=False)))
    made = shell(*RIGHT, "--key-file", str(file))
    assert (made.exit_code, "secret" in made.output) == (0, False)
    assert json.loads(shell("list", "-o", "json").output)[0]["proof"] == "private_key_jwt"


@pytest.mark.parametrize(
    "key",
    [
        json.dumps(ECKey.generate_key("P-256").as_dict(private=True)),
        json.dumps(ECKey.generate_key("P-384").as_dict(private=False)),
        weak_rsa(),
        json.dumps(OctKey.generate_key(256).as_dict(private=True)),
        "{}",
        "x",
    ],
    ids=["private", "other curve", "weak", "shared secret", "empty", "no JSON"],
)
def test_a_key_that_does_not_do_is_refused(shell: Shell, tmp_path: Path, key: str) -> None:
    file = tmp_path / "key.json"
    file.write_text(key)
    made = shell(*RIGHT, "--key-file", str(file))
    assert (made.exit_code, "must be a public JWK" in made.output) == (1, True)
    assert shell("list").output == ""


@pytest.mark.parametrize(
    "address",
    [
        "http://yte.example.vn/back",
        "https://",
        "https://a@yte.example.vn/",
        "https://*.example.vn/back",
        BACK + "#x",
        BACK + " ",
        "https://yte.example.vn:port/",
        "javascript:alert(1)",
        "https://ýtế.vn/",
        "https://[::1",
    ],
)
def test_an_address_must_be_https_and_whole(address: str) -> None:
    with pytest.raises(Invalid, match="relying-party-address"):
        check_address(address)


def test_addresses_on_this_machine_may_be_tried_without_tls() -> None:
    for address in ("http://127.0.0.1:8001/back", "http://localhost/back", "https://[::1]/", BACK):
        assert check_address(address) == address


def test_a_sector_must_be_named_when_the_addresses_share_no_host() -> None:
    assert sector_of(None, [BACK, BACK + "2"]) == "yte.example.vn"
    assert sector_of("yte.gov.vn", [BACK, "https://b.example/"]) == "yte.gov.vn"
    for given, addresses in ((None, [BACK, "https://b.example/"]), ("Y Tế", [BACK]), ("a:b", [BACK])):
        with pytest.raises(Invalid, match="relying-party-sector"):
            sector_of(given, addresses)


def test_the_exit_code_says_what_went_wrong(identity: ServiceUnderTest, shell: Shell) -> None:
    assert shell("revoke", str(uuid4())).exit_code == 1
    assert shell("create", "--name", "x", "--redirect-uri", "http://a.vn/").exit_code == 1
    assert shell("create", "--name", "\n", "--redirect-uri", BACK).exit_code == 2
    assert shell(*RIGHT, "--scope", "everything").exit_code == 2
    assert shell("create", "--name", "x").exit_code == 2
    away = Shell(identity, IDENTITY_DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")("list")
    assert away.exit_code == 75
