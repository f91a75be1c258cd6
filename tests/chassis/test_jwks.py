"""Identity's keys over HTTP: who answers something else is not believed to have none."""

import json

import pytest
from joserfc.jwk import ECKey, KeySet

from chassis import jwks
from chassis.http import Answer, Away
from chassis.jwks import RemoteKeys
from vocabulary.refusals import Unavailable

KEY = ECKey.generate_key("P-256", {"kid": "a"}, private=True)
GOOD = Answer(200, json.dumps(KeySet([KEY]).as_dict(private=False)).encode())


class Identity:
    """Answers in turn what it was given; the last one again and again."""

    def __init__(self, *answers: Answer | Away) -> None:
        self.answers = list(answers)

    def get(self, _path: str) -> Answer:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Away):
            raise answer
        return answer


def keys_of(monkeypatch: pytest.MonkeyPatch, *answers: Answer | Away) -> RemoteKeys:
    identity = Identity(*answers)
    monkeypatch.setattr(jwks, "Client", lambda *_, **__: identity)
    monkeypatch.setattr(jwks, "AGAIN_AFTER_SECONDS", -1)
    monkeypatch.setattr(jwks, "KEPT_SECONDS", -1)
    return RemoteKeys("http://identity.example/jwks")


WRONG = [
    Answer(404, b'{"type": "urn:motcua:problem:not-found", "code": "not-found"}'),
    Answer(200, b"<html>"),
    Answer(200, b"[]"),
    Answer(200, b'{"keys": []}'),
    Answer(200, b'{"keys": [{"kty": "EC"}]}'),
    Answer(200, b'{"keys": 5}'),
    Away("answered 503"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_without_keys_a_login_cannot_be_checked_now(
    wrong: Answer | Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = keys_of(monkeypatch, wrong, GOOD)
    with pytest.raises(Unavailable):
        remote.keys("a")
    assert [key.kid for key in remote.keys("a").keys] == ["a"]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_keys_once_fetched_go_on_working(wrong: Answer | Away, monkeypatch: pytest.MonkeyPatch) -> None:
    remote = keys_of(monkeypatch, GOOD, wrong)
    assert [key.kid for key in remote.keys("a").keys] == ["a"]
    assert [key.kid for key in remote.keys("a").keys] == ["a"]
