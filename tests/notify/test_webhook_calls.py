"""Where a webhook may lead, and what a call does to whom it reaches."""

import base64
import socket
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from services.notify.adapters.webhook import WebhookPost
from services.notify.model.webhook import WebhookFailed, check_url, is_public, pause_after, signature
from tests.notify import receiver as receivers
from tests.notify.receiver import HOST, Receiver
from vocabulary.refusals import Invalid


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return receivers.certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def receiver(certificate: Path) -> Iterator[Receiver]:
    with receivers.running(certificate) as running:
        yield running


def failure(post: WebhookPost, url: str) -> str:
    with pytest.raises(WebhookFailed) as failed:
        post.send(url, {"X": "1"}, b"{}")
    return failed.value.reason


def test_a_call_arrives_whole_over_tls(certificate: Path, receiver: Receiver) -> None:
    receivers.post(certificate).send(receiver.url(), {"webhook-id": "1"}, b'{"a": 1}')
    ((headers, body),) = receiver.heard
    assert (headers["path"], headers["Host"], body) == (
        "/events?key=1",
        f"{HOST}:{receiver.port}",
        b'{"a": 1}',
    )
    assert headers["webhook-id"] == "1"


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_2xx_is_a_delivery(certificate: Path, receiver: Receiver, status: int) -> None:
    receiver.status = status
    receivers.post(certificate).send(receiver.url(), {}, b"{}")


@pytest.mark.parametrize("status", [301, 302, 307, 308, 304, 400, 401, 404, 410, 429, 500, 503])
def test_anything_else_is_a_failure_and_no_redirect_is_followed(
    certificate: Path, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    assert failure(receivers.post(certificate), receiver.url()) == f"answered-{status}"
    assert len(receiver.heard) == 1


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("hangs", "too-slow"),
        ("trickles", "too-slow"),
        ("nonsense", "broken-answer"),
        ("hangs up", "broken-answer"),
    ],
)
def test_a_receiver_that_misbehaves_is_left_after_its_time(
    certificate: Path, receiver: Receiver, behaviour: str, reason: str
) -> None:
    receiver.behaviour = behaviour
    begun = time.monotonic()
    assert failure(receivers.post(certificate, seconds=0.5), receiver.url()) == reason
    assert time.monotonic() - begun < 1.5


def test_a_handshake_that_never_ends_is_left_after_its_time(certificate: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        url = f"https://{HOST}:{silent.getsockname()[1]}/"
        assert failure(receivers.post(certificate, seconds=0.5), url) == "too-slow"
        assert time.monotonic() - begun < 1.5


def test_a_body_without_end_is_not_read(certificate: Path, receiver: Receiver) -> None:
    receiver.behaviour = "endless body"
    begun = time.monotonic()
    receivers.post(certificate, seconds=5).send(receiver.url(), {}, b"{}")
    assert time.monotonic() - begun < 1


def test_the_certificate_must_be_of_the_name_and_from_somebody_trusted(
    certificate: Path, receiver: Receiver
) -> None:
    other = receiver.url(host="other.example")
    assert failure(receivers.post(certificate), other) == "bad-certificate"
    untrusting = WebhookPost(private_allowed=True, resolve=lambda _host, _port: ["127.0.0.1"])
    assert failure(untrusting, receiver.url()) == "bad-certificate"
    assert receiver.heard == []


def test_a_name_that_leads_inside_is_not_called(certificate: Path, receiver: Receiver) -> None:
    careful = receivers.post(certificate, private_allowed=False)
    assert failure(careful, receiver.url()) == "private-address"
    assert receiver.heard == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(certificate: Path) -> None:
    mixed = receivers.post(
        certificate, private_allowed=False, resolve=lambda _host, _port: ["93.184.215.14", "10.0.0.1"]
    )
    assert failure(mixed, f"https://{HOST}/") == "private-address"


def test_a_name_is_asked_for_once_and_what_was_checked_is_called(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers differently the second time gains nothing (DNS rebinding)."""
    asked: list[str] = []
    called: list[tuple[str, int]] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["93.184.215.14"] if len(asked) == 1 else ["127.0.0.1"]

    def connect(address: tuple[str, int], _seconds: float) -> socket.socket:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("asked by name again"))
    post = receivers.post(certificate, private_allowed=False, resolve=resolve)
    assert failure(post, f"https://{HOST}/") == "not-reached"
    assert (asked, called) == ([HOST], [("93.184.215.14", 443)])


def test_a_name_that_does_not_exist_is_said_so() -> None:
    assert failure(WebhookPost(), "https://no-such-name.invalid/") == "unknown-host"
    assert failure(WebhookPost(), "https://" + "a" * 300 + ".example/") == "unknown-host"


@pytest.mark.parametrize(
    "address",
    """0.0.0.0 10.1.2.3 100.64.0.1 100.100.100.200 127.0.0.1 127.9.9.9 169.254.169.254 172.16.0.1
    192.168.1.1 192.0.0.192 192.0.2.1 fec0::1 ::7f00:1 198.18.0.1 224.0.0.1 239.1.1.1 240.0.0.1
    255.255.255.255 168.63.129.16
    :: ::1 fe80::1 fc00::1 fd00:ec2::254 ff02::1 ff0e::1 2001:db8::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1
    2002:7f00:1:: 2002:a9fe:a9fe:: 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe
    2001:0:5ef5:79fb:0:0:80ff:fffe""".split(),
)
def test_an_address_inside_is_not_public_however_it_is_written(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "203.162.4.1", "2405:4800::1", "2606:2800:21f::1"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.vn/",
        "ftp://hooks.example.vn/",
        "https://",
        "hooks.example.vn",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[::1]/",
        "https://93.184.215.14/",
        "https://hooks.example.vn:22/",
        "https://hooks.example.vn:80/",
        "https://hooks.example.vn:0/",
        "https://hooks.example.vn:99999/",
        "https://hooks.example.vn:x/",
        "https://user:pass@hooks.example.vn/",
        "https://hooks.example.vn/#part",
        "https://hooks.example.vn/a b",
        "https://hooks.example.vn/\r\nX-Evil: 1",
        "https://hooks.example.vn/é",
        "https://hooks.example.vn/" + "x" * 2000,
        "https://metadata/",
        "https://[fe80::1%25eth0]/",
        "https://[",
        "",
    ],
)
def test_an_address_that_cannot_be_right_is_refused_when_it_is_set(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_url(url, private_allowed=False)
    assert refused.value.faults[0].pointer == "/url"


@pytest.mark.parametrize("url", ["https://hooks.example.vn", "https://h.example.vn:8443/a/b?token=x%20y"])
def test_a_public_name_by_https_is_right(url: str) -> None:
    check_url(url, private_allowed=False)


def test_where_private_addresses_are_allowed_plain_http_is_too() -> None:
    for url in ("http://127.0.0.1:8001/hook", "https://localhost:9443/"):
        check_url(url, private_allowed=True)
    for url in ("ftp://127.0.0.1/", "http://a:b@127.0.0.1/", "http://127.0.0.1/\n"):
        with pytest.raises(Invalid):
            check_url(url, private_allowed=True)


def test_pauses_double_to_an_hour() -> None:
    longest = [pause_after(n, 1).total_seconds() for n in range(1, 14)]
    assert longest == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600]
    assert pause_after(5, 0) == pause_after(5, 1) / 2
    assert pause_after(10**6, 1).total_seconds() == 3600


def test_the_signature_is_the_one_of_standard_webhooks() -> None:
    """As the standard's own Python library (1.1.0) signs it."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
