"""The gateway's own TLS, for where no proxy ends it."""

import signal
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3

from chassis.installation.certificates import Authority
from tests.chassis.toys import eventually
from tests.gateway.public_portal import Portal, running
from tests.gateway.real_gateway import Process, start
from tests.servers import free_port

HOST = "cong.example"


def issue(folder: Path) -> None:
    authority = Authority("of this test")
    issued = authority.issue([HOST])
    (folder / "ca").write_bytes(authority.certificate)
    (folder / "certificate").write_bytes(issued.certificate)
    (folder / "key").write_bytes(issued.private_key)


def settings(folder: Path) -> dict[str, str]:
    files = {"GATEWAY_CERTIFICATE": str(folder / "certificate"), "GATEWAY_PRIVATE_KEY": str(folder / "key")}
    return files | {"PUBLIC_URL": f"https://{HOST}"}


@dataclass
class Secure:
    """A gateway with a certificate for HOST, which it is asked for at 127.0.0.1."""

    port: int
    folder: Path
    process: Process

    def pool(self, name: str = HOST) -> urllib3.HTTPSConnectionPool:
        return urllib3.HTTPSConnectionPool(
            "127.0.0.1",
            self.port,
            timeout=20,
            retries=False,
            ca_certs=str(self.folder / "ca"),
            server_hostname=name,
            assert_hostname=name,
        )

    def answers(self) -> bool:
        try:
            with self.pool() as fresh:
                return fresh.request("GET", "/livez").status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def log(self) -> str:
        return (self.folder / "log").read_text()


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Secure]:
    port = free_port()
    with running(Portal()) as url, (tmp_path / "log").open("wb") as log:
        issue(tmp_path)
        secure = Secure(port, tmp_path, start(port, url, log, **settings(tmp_path)))
        try:
            eventually(secure.answers)
            yield secure
        finally:
            secure.process.terminate()
            secure.process.wait(20)


def test_pages_come_over_tls_with_the_certificate_of_the_name_and_cookies_stay_on_it(gateway: Secure) -> None:
    with gateway.pool() as pool:
        page = pool.request("GET", "/dang-nhap")
        assert page.status == 200
        assert page.headers["Strict-Transport-Security"]
        english = pool.request("GET", "/?lang=en", redirect=False)
        assert "; Secure" in english.headers["Set-Cookie"]
    with gateway.pool("other.example") as wrong, pytest.raises(urllib3.exceptions.SSLError):
        wrong.request("GET", "/livez")


def test_nothing_older_than_tls_1_2_is_spoken(gateway: Secure) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", gateway.port)) as plain, pytest.raises(ssl.SSLError):
        old.wrap_socket(plain)


def test_who_does_not_speak_tls_is_let_go_and_leaves_no_trace_in_the_log(gateway: Secure) -> None:
    before = gateway.log()
    for said in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x00\xffgarbage", b""):
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as stranger:
            stranger.sendall(said)
            stranger.shutdown(socket.SHUT_WR)
            with suppress(ConnectionResetError):
                while stranger.recv(1000):
                    pass
    assert gateway.answers()
    assert gateway.log() == before


def test_200_who_never_shake_hands_hold_nobody_up_and_are_let_go(gateway: Secure) -> None:
    silent = [socket.create_connection(("127.0.0.1", gateway.port), timeout=30) for _ in range(200)]
    assert gateway.answers()
    for connection in silent:
        assert connection.recv(1) == b""
        connection.close()


def test_a_renewed_certificate_is_taken_at_a_reload(gateway: Secure) -> None:
    with gateway.pool() as before:
        assert before.request("GET", "/livez").status == 200
        issue(gateway.folder)
        gateway.process.send_signal(signal.SIGHUP)
        eventually(gateway.answers)


def test_a_certificate_whose_key_is_not_there_yet_takes_nobodys_place(gateway: Secure) -> None:
    (gateway.folder / "certificate").write_bytes(Authority("another").issue([HOST]).certificate)
    gateway.process.send_signal(signal.SIGHUP)
    eventually(lambda: "certificate not taken" in gateway.log())
    assert gateway.answers()


def test_it_stops_soon_although_browsers_keep_their_connections(gateway: Secure) -> None:
    with gateway.pool() as browser:
        assert browser.request("GET", "/livez").status == 200
        told = time.perf_counter()
        gateway.process.terminate()
        gateway.process.wait(20)
        took = time.perf_counter() - told
    assert took < 6, f"{took:.1f} s; a worker waits ten seconds for what is under way"
    assert "Traceback" not in gateway.log()


def test_a_key_of_another_certificate_is_said_in_words(gateway: Secure) -> None:
    (gateway.folder / "key").write_bytes(Authority("another").issue([HOST]).private_key)
    with (gateway.folder / "second log").open("wb") as log:
        wrong = start(free_port(), "http://127.0.0.1:1", log, **settings(gateway.folder))
        assert wrong.wait(30) == 1
    said = (gateway.folder / "second log").read_text()
    assert "GATEWAY_CERTIFICATE and GATEWAY_PRIVATE_KEY do not do" in said
    assert "Traceback" not in said
