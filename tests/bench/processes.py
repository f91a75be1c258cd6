"""Workers in processes of their own, as in production: they begin when told, and tell what they saw."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from typing import Any

from sqlalchemy import Engine

from chassis import worker
from chassis.service import Service
from tests.bench.bed import SPEAKER, SUBSCRIBER, Bed, bus_of, open_database, units_of

PATIENCE_SECONDS = 120


class Worker:
    """Our end of one."""

    def __init__(self, pid: int, pipe: Pipe) -> None:
        self.pid = pid
        self._pipe = pipe

    def go(self) -> None:
        self._pipe.send("go")
        self._answer()

    def stop(self) -> Any:
        """What it saw."""
        self._pipe.send("stop")
        return self._answer()

    def _answer(self) -> Any:
        assert self._pipe.poll(PATIENCE_SECONDS), "the process does not answer"
        return self._pipe.recv()


@contextmanager
def process(target: Callable[..., None], *arguments: object) -> Iterator[Worker]:
    """Once it has started; ended with the block."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=target, args=(*arguments, theirs), daemon=True)
    child.start()
    assert child.pid is not None
    try:
        assert ours.poll(PATIENCE_SECONDS), "the process did not start"
        ours.recv()
        yield Worker(child.pid, ours)
    finally:
        child.terminate()
        child.join()


def work(service: Service, bed: Bed, url: str, pipe: Pipe, after_commit: Any = lambda: None) -> None:
    """All loops of a service, from `go` until `stop`."""
    stop, engine = threading.Event(), open_database(url)
    pipe.send("ready")
    pipe.recv()
    threads = worker.start(service, units_of(engine, after_commit), bus_of(bed), stop)
    pipe.send("gone")
    pipe.recv()
    stop.set()
    for thread in threads:
        thread.join()


def relay_of(bed: Bed, engine: Engine) -> Any:
    return process(_relay, bed, url_of(engine))


def subscriber_of(bed: Bed, engine: Engine) -> Any:
    return process(_subscriber, bed, url_of(engine))


def url_of(engine: Engine) -> str:
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def _relay(bed: Bed, url: str, pipe: Pipe) -> None:
    work(SPEAKER, bed, url, pipe)


def _subscriber(bed: Bed, url: str, pipe: Pipe) -> None:
    work(SUBSCRIBER, bed, url, pipe)
