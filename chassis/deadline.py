"""A bound on what a library waits for: its own time limits start anew with each byte that arrives."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def cut_after(seconds: float, link: socket.socket) -> Iterator[threading.Event]:
    """Shuts `link` when what is inside takes longer: the waiting thread gets an error at once.

    Yields what says afterwards whether it came to that.
    """
    late = threading.Event()
    timer = threading.Timer(seconds, _cut, [link, late])
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _cut(link: socket.socket, late: threading.Event) -> None:
    late.set()
    with suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)
