"""A name server that does not answer: its agency is told so, and the others are called meanwhile."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.testing import ServiceUnderTest
from services.notify.adapters import Ports
from services.notify.adapters.resolving import Resolver
from services.notify.adapters.webhook import WebhookPost
from services.notify.model.webhook import WebhookFailed
from tests.notify import receiver as receivers
from tests.notify.builders import registered
from tests.notify.test_pulling import submit
from tests.notify.test_webhooks import call, positions, shown

SILENT = "hooks.of-a-silent-name-server.example"


@pytest.fixture
def names() -> Iterator["Names"]:
    made = Names()
    yield made
    made.answer.set()


class Names:
    """Every name is on this machine; of the silent one that is said only once `answer` is set."""

    def __init__(self) -> None:
        self.answer = threading.Event()
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int) -> list[str]:
        self.asked.append(host)
        if host == SILENT:
            self.answer.wait(30)
        return ["127.0.0.1"]


def test_a_name_server_that_does_not_answer_is_left_after_its_time(names: Names) -> None:
    post = WebhookPost(resolve=Resolver(names, seconds=0.3))
    begun = time.monotonic()
    with pytest.raises(WebhookFailed, match="slow-name-server"):
        post.send(f"https://{SILENT}/", {}, b"{}")
    assert time.monotonic() - begun < 1.5


def test_however_often_it_is_asked_one_look_up_of_a_name_is_under_way(names: Names) -> None:
    resolve = Resolver(names, seconds=0.2)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            resolve(SILENT, 443)
    with ThreadPoolExecutor() as pool:
        late = pool.submit(resolve, SILENT, 443)
        names.answer.set()
        assert late.result(5) == ["127.0.0.1"]
    assert names.asked == [SILENT]
    assert resolve(SILENT, 443) == ["127.0.0.1"]


def test_an_answer_is_not_kept_and_neither_is_a_failure() -> None:
    answers: list[list[str] | OSError] = [["192.0.2.1"], OSError("none"), ["192.0.2.2"]]

    def look_up(_host: str, _port: int) -> list[str]:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    resolve = Resolver(look_up)
    assert resolve("a.example", 443) == ["192.0.2.1"]
    time.sleep(0.05)
    with pytest.raises(OSError, match="none"):
        resolve("a.example", 443)
    time.sleep(0.05)
    assert resolve("a.example", 443) == ["192.0.2.2"]


def test_an_agency_with_a_silent_name_server_delays_no_other(
    notify: ServiceUnderTest, names: Names, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = receivers.certificate(tmp_path)
    post = receivers.post(certificate, resolve=Resolver(names, seconds=0.3))
    monkeypatch.setattr(notify.units, "ports", Ports(webhooks=post))
    notify.hear(registered(notify))
    with receivers.running(certificate) as receiver:
        for agency, host in (("H01", SILENT), ("H55.242", receivers.HOST)):
            body = {"url": receiver.url(host)}
            assert call(notify, "PUT", body=body, agency=agency).status_code == 200
            submit(notify, 2, agency=agency)
        begun = time.monotonic()
        while notify.tick("call-webhooks-1"):
            notify.clock.move(timedelta(seconds=10))
        assert time.monotonic() - begun < 3
        assert positions(receiver) == [1, 2]
        assert shown(notify)["last_error"] == "slow-name-server"
        names.answer.set()
        notify.clock.move(timedelta(hours=1))
        assert notify.tick("retry-webhooks-1") == 1
        assert shown(notify)["last_error"] == "bad-certificate", "found now, and not who the test is"
