import base64
import io
import json
import wave
from typing import Any

import altcha
import pytest
from PIL import Image

from services.identity.commands import captcha
from services.identity.model.rules import Rules
from tests.identity.portal import Portal, refused

CHEAP = Rules(captcha_cost=1, captcha_counter=8)


def picture(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A picture's id and digits, as read by somebody who can see."""
    monkeypatch.setattr(captcha, "new_digits", lambda: "07431")
    return portal.get("/captcha/picture").get_json()["id"], "07431"


def changed(solved: str, **parameters: Any) -> str:
    payload = json.loads(base64.b64decode(solved))
    payload["challenge"]["parameters"] |= parameters
    return base64.b64encode(json.dumps(payload).encode()).decode()


def test_the_challenge_is_one_that_any_altcha_client_solves(portal: Portal) -> None:
    answer = portal.get("/captcha")
    challenge = answer.get_json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert challenge["parameters"]["algorithm"] == "PBKDF2/SHA-256"
    assert challenge["parameters"]["expiresAt"] > portal.sut.clock.now.timestamp()
    assert altcha.solve_challenge(altcha.Challenge.from_dict(challenge)) is not None


def test_a_solved_captcha_works_once(portal: Portal) -> None:
    solved = portal.captcha()
    assert portal.register(captcha=solved).status_code == 201
    refused(portal.register(captcha=solved), 422, "captcha-used", "/captcha")


def test_a_captcha_is_used_up_even_when_the_password_was_wrong(portal: Portal) -> None:
    solved = portal.captcha()
    refused(portal.log_in(captcha=solved), 401, "login-failed")
    refused(portal.log_in(captcha=solved), 422, "captcha-used", "/captcha")


def test_a_captcha_expires(portal: Portal) -> None:
    solved = portal.captcha()
    portal.wait(seconds=CHEAP.captcha_lifetime.total_seconds() + 1)
    refused(portal.register(captcha=solved), 422, "captcha-expired", "/captcha")


@pytest.mark.parametrize(
    "nonsense", ["", "yes", "e30=", "bm90IGpzb24=", "picture:x:1", "A" * 5000, "W10=", "MQ=="]
)
def test_nonsense_is_no_solution(portal: Portal, nonsense: str) -> None:
    body = {"login": "an", "password": "mật khẩu nào đó", "captcha": nonsense}
    refused(portal.post("/sessions", body), 422, "captcha-wrong", "/captcha")


@pytest.mark.parametrize(
    "change",
    [{"cost": 0}, {"expiresAt": 99999999999}, {"keyPrefix": ""}, {"keySignature": None}, {"salt": "00"}],
)
def test_a_challenge_made_easier_or_longer_is_refused(portal: Portal, change: dict[str, Any]) -> None:
    refused(portal.register(captcha=changed(portal.captcha(), **change)), 422, "captcha-wrong", "/captcha")


def test_an_unsolved_challenge_is_refused(portal: Portal) -> None:
    challenge = altcha.Challenge.from_dict(portal.get("/captcha").get_json())
    guess = altcha.Payload(challenge, altcha.Solution(1, "00" * 32)).to_base64()
    refused(portal.register(captcha=guess), 422, "captcha-wrong", "/captcha")


def test_the_picture_and_the_sound_are_small_and_of_their_kind(portal: Portal) -> None:
    answer = portal.get("/captcha/picture")
    drawn = answer.get_json()
    assert answer.headers["Cache-Control"] == "no-store"
    image = Image.open(io.BytesIO(content_of(drawn["image"], "image/png")))
    assert (image.format, image.size) == ("PNG", (220, 80))
    spoken = portal.get(drawn["sound"].removeprefix("/api/v1"))
    assert (spoken.mimetype, spoken.headers["Cache-Control"]) == ("audio/wav", "no-store")
    with wave.open(io.BytesIO(spoken.data)) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (1, 8000)
        assert 2 < sound.getnframes() / 8000 < 10


def content_of(uri: str, kind: str) -> bytes:
    head, _, content = uri.partition(",")
    assert head == f"data:{kind};base64"
    return base64.b64decode(content)


def test_the_digits_of_a_picture_are_accepted_once(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    id, digits = picture(portal, monkeypatch)
    assert portal.register(captcha=f"picture:{id}:{digits}").status_code == 201
    refused(portal.register(captcha=f"picture:{id}:{digits}"), 422, "captcha-expired", "/captcha")


def test_a_picture_allows_one_try(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    id, digits = picture(portal, monkeypatch)
    refused(portal.register(captcha=f"picture:{id}:00000"), 422, "captcha-wrong", "/captcha")
    refused(portal.register(captcha=f"picture:{id}:{digits}"), 422, "captcha-expired", "/captcha")


def test_a_picture_expires(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    id, digits = picture(portal, monkeypatch)
    portal.wait(seconds=CHEAP.captcha_lifetime.total_seconds())
    refused(portal.register(captcha=f"picture:{id}:{digits}"), 422, "captcha-expired", "/captcha")


def test_a_picture_is_heard_until_it_is_used_or_expires(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    id, digits = picture(portal, monkeypatch)
    sound = f"/captcha/picture/{id}/sound"
    assert [portal.get(sound).status_code for _ in range(2)] == [200, 200]
    portal.register(captcha=f"picture:{id}:{digits}")
    refused(portal.get(sound), 404, "not-found")
    late, _ = picture(portal, monkeypatch)
    portal.wait(seconds=CHEAP.captcha_lifetime.total_seconds())
    refused(portal.get(f"/captcha/picture/{late}/sound"), 404, "not-found")


def test_digits_may_be_typed_with_spaces(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    id, _ = picture(portal, monkeypatch)
    assert portal.register(captcha=f"picture:{id}: 074 31").status_code == 201
