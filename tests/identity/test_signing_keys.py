"""The keys that sign tokens are changed without a moment at which a good token is refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from joserfc.jwk import KeySet

from chassis.auth import Verifier
from chassis.cli import main
from chassis.http import Answer
from chassis.jwks import RemoteKeys
from chassis.testing import ServiceUnderTest, settings_environment
from services.identity import queries
from services.identity.commands import keys, tokens
from services.identity.model.client import Client
from services.identity.model.rules import Rules
from tests.identity.portal import Portal

STEP = timedelta(seconds=30)


def kids(identity: ServiceUnderTest) -> list[str]:
    with identity.units() as uow:
        keys.signing_key(uow)
    return [key["kid"] for key in identity.client.get("/api/v1/jwks").get_json()["keys"]]


def rotate(identity: ServiceUnderTest, rules: Rules) -> str:
    with identity.units() as uow:
        return keys.rotate(uow, rules).kid


def signer(identity: ServiceUnderTest) -> str:
    with identity.units() as uow:
        return str(keys.signing_key(uow).kid)


def test_the_next_key_is_published_before_it_signs_and_the_last_until_its_tokens_end(
    identity: ServiceUnderTest, rules: Rules
) -> None:
    (first,) = kids(identity)
    second = rotate(identity, rules)
    assert kids(identity) == [second, first]
    identity.clock.move(rules.signing_key_ahead - timedelta(seconds=1))
    assert signer(identity) == first
    identity.clock.move(timedelta(seconds=1))
    assert signer(identity) == second
    identity.clock.move(rules.access_lifetime)
    assert kids(identity) == [second, first]
    identity.clock.move(rules.access_lifetime + rules.signing_key_ahead)
    assert kids(identity) == [second]
    while identity.tick("sweep"):
        pass
    assert first not in identity.everything_stored()


def test_rotating_again_before_the_next_key_signs_changes_nothing(
    identity: ServiceUnderTest, rules: Rules
) -> None:
    kids(identity)
    assert rotate(identity, rules) == rotate(identity, rules)
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: rotate(identity, rules), range(4)))) == 1
    assert len(kids(identity)) == 2


def test_many_processes_that_need_the_first_key_make_one(identity: ServiceUnderTest) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: signer(identity), range(8)))) == 1


def test_a_key_that_has_signed_for_its_time_is_followed_by_another(
    identity: ServiceUnderTest, rules: Rules
) -> None:
    (first,) = kids(identity)
    identity.clock.move(rules.signing_key_lifetime - timedelta(seconds=1))
    assert identity.tick("rotate keys") == 0
    identity.clock.move(timedelta(seconds=1))
    assert identity.tick("rotate keys") == 1
    assert identity.tick("rotate keys") == 0
    assert len(kids(identity)) == 2
    assert signer(identity) == first


class Published:
    """Identity's `/jwks`, as a service fetches it."""

    def __init__(self, identity: ServiceUnderTest) -> None:
        self._identity = identity
        self.asked = 0

    def get(self, _: str) -> Answer:
        self.asked += 1
        found = self._identity.client.get("/api/v1/jwks")
        return Answer(found.status_code, found.data)


class Held(RemoteKeys):
    """What a service keeps of it; `deaf` fetches nothing for a key it does not know."""

    def __init__(self, published: Published, deaf: bool) -> None:
        super().__init__("http://127.0.0.1:9")
        self._client = published  # type: ignore[assignment]
        self._deaf = deaf

    def keys(self, kid: str | None) -> KeySet:
        known = any(key.kid == kid for key in self._set.keys)
        if self._deaf and not known and self._set.keys:
            kid = self._set.keys[0].kid
        return super().keys(kid)


@pytest.mark.parametrize("deaf", [False, True], ids=["asks for unknown keys", "only by time"])
def test_no_good_token_is_ever_refused_while_keys_change(
    identity: ServiceUnderTest, rules: Rules, monkeypatch: pytest.MonkeyPatch, deaf: bool
) -> None:
    """Eight hours of four changes; services keep the keys for five minutes, each its own five."""
    monkeypatch.setattr("chassis.jwks.time.monotonic", identity.clock.timestamp)
    published = Published(identity)
    services = [
        Verifier(Held(published, deaf), identity.settings.public_url, identity.clock.timestamp) for _ in "ab"
    ]
    client, good = Client(uuid4(), "H01", "office", b"", identity.clock.now), 0
    alive: list[tuple[float, str]] = []
    for turn in range(int(timedelta(hours=8) / STEP)):
        if turn % 240 == 0:
            rotate(identity, rules)
        with identity.units() as uow:
            token = tokens.client_token(uow, client, ["desk"], rules.access_lifetime)
        alive.append((identity.clock.timestamp() + rules.access_lifetime.total_seconds(), token))
        while alive[0][0] <= identity.clock.timestamp():
            alive.pop(0)
        for number, service in enumerate(services):
            if turn % (number + 1) == 0:
                service._known.clear()
                for _, held in (alive[0], alive[-1]):
                    assert service.principal(held).account == client.id
                    good += 1
        identity.clock.move(STEP)
    with identity.units() as uow:
        assert len(queries.signing_keys_kept(uow)) <= 3
    assert good > 2500
    print(f"{good} tokens verified, {published.asked} fetches")


def test_a_citizens_token_outlives_the_change_too(
    identity: ServiceUnderTest, portal: Portal, rules: Rules
) -> None:
    portal.account()
    before: Any = portal.session()["access_token"]
    rotate(identity, rules)
    verifier = Verifier(
        Held(Published(identity), False), identity.settings.public_url, identity.clock.timestamp
    )
    assert verifier.principal(before).kind == "citizen"


def test_an_operator_rotates_and_sees_which_key_signs(identity: ServiceUnderTest) -> None:
    environment = settings_environment(identity.settings)
    environment |= {"JWKS_URL": "http://127.0.0.1:9", "PUBLIC_URL": "http://127.0.0.1:8000"}
    runner = CliRunner(env=environment)

    def keys_command(*words: str) -> Result:
        return runner.invoke(main, ["keys", *words])

    (first,) = kids(identity)
    made = keys_command("rotate")
    assert made.exit_code == 0, made.output
    second = made.output.split()[0]
    assert keys_command("rotate").output == made.output
    lines = keys_command("list").output.splitlines()
    assert lines[0].startswith(f"{second}  signs from 20")
    assert lines[1].startswith(f"{first}  signs since 20")
    away = CliRunner(env=environment | {"IDENTITY_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"})
    assert away.invoke(main, ["keys", "rotate"]).exit_code == 75
