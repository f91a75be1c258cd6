"""The proxy does to a connection what it was told, and the same again for the same seed."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from tests.resilience.fault_proxy import FaultProxy, Faults, Link, calm, seeded


@contextmanager
def echo() -> Iterator[str]:
    """A server that sends back what comes, and says farewell when it hears one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    threading.Thread(target=answer, args=[client], daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"amqp://user@127.0.0.1:{listener.getsockname()[1]}/x"


def answer(client: socket.socket) -> None:
    with client, suppress(OSError):
        while data := client.recv(65536):
            client.sendall(data)


def dialled(proxy: FaultProxy) -> socket.socket:
    port = int(proxy.url.rpartition(":")[2].partition("/")[0])
    connection = socket.create_connection(("127.0.0.1", port))
    connection.settimeout(0.5)
    return connection


def test_without_faults_all_comes_through_both_ways() -> None:
    with echo() as url, closing(FaultProxy(url, calm)) as proxy, dialled(proxy) as end:
        assert proxy.url.startswith("amqp://user@127.0.0.1:")
        end.sendall(b"x" * 10)
        assert end.recv(100) == b"x" * 10
        end.shutdown(socket.SHUT_WR)
        assert end.recv(100) == b""


def test_a_cut_comes_after_exactly_so_many_bytes() -> None:
    plan = Link(down=Faults(cut_after=4))
    with echo() as url, closing(FaultProxy(url, lambda _: plan)) as proxy, dialled(proxy) as end:
        end.sendall(b"0123456789")
        got = b""
        with suppress(ConnectionResetError):
            while piece := end.recv(100):
                got += piece
        assert b"0123".startswith(got)
        assert proxy.faults == 1


def test_a_black_hole_answers_nothing_and_stays_open() -> None:
    plan = Link(up=Faults(hole_after=2))
    with echo() as url, closing(FaultProxy(url, lambda _: plan)) as proxy, dialled(proxy) as end:
        end.sendall(b"0123")
        assert end.recv(100) == b"01"
        end.sendall(b"45")
        with pytest.raises(TimeoutError):
            end.recv(100)


def test_half_closed_one_side_hears_the_end_and_the_other_goes_on() -> None:
    plan = Link(down=Faults(half_close_after=3))
    with echo() as url, closing(FaultProxy(url, lambda _: plan)) as proxy, dialled(proxy) as end:
        end.sendall(b"0123")
        assert [end.recv(100), end.recv(100)] == [b"012", b""]
        end.sendall(b"45")


def test_what_is_slow_and_narrow_takes_its_time() -> None:
    plan = Link(up=Faults(delay=0.1, bytes_per_second=100))
    with echo() as url, closing(FaultProxy(url, lambda _: plan)) as proxy, dialled(proxy) as end:
        started = time.monotonic()
        end.sendall(b"x" * 20)
        assert end.recv(100) == b"x" * 20
        assert time.monotonic() - started >= 0.3


def test_connections_that_were_there_are_cut_when_the_plan_changes() -> None:
    with echo() as url, closing(FaultProxy(url, calm)) as proxy, dialled(proxy) as end:
        end.sendall(b"0")
        assert end.recv(1) == b"0"
        proxy.change(calm)
        with suppress(ConnectionResetError):
            assert end.recv(1) == b""
        with dialled(proxy) as again:
            again.sendall(b"1")
            assert again.recv(1) == b"1"


def test_the_same_seed_has_the_same_faults() -> None:
    kinds = ("cut", "black hole", "slow")
    one, same, other = seeded(7, kinds), seeded(7, kinds), seeded(8, kinds)
    assert [one(n) for n in range(9)] == [same(n) for n in range(9)] != [other(n) for n in range(9)]
