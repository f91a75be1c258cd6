"""Tells the relay that there is something to send, after the commit and outside it.

NOTIFY inside the business transaction serialises commits (measured: a third of the rate). One
thread a process, started at first use so that it never crosses a fork, joins all wake-ups of a few
milliseconds into one. A lost wake-up only means that the relay's poll finds the row.
"""

import os
import threading
from typing import Any

import psycopg

CHANNEL = "outbox"
JOINED_SECONDS = 0.003
OPTIONS: Any = {"autocommit": True, "connect_timeout": 5, "application_name": "motcua-wake"}


class Waker:
    def __init__(self, url: str) -> None:
        self._url = url
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._pid: int | None = None

    def __call__(self) -> None:
        if self._pid != os.getpid():
            self._start()
        self._asked.set()

    def _start(self) -> None:
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                threading.Thread(target=self._run, name="wake", daemon=True).start()

    def _run(self) -> None:
        connection: psycopg.Connection | None = None
        while True:
            self._asked.wait()
            self._asked.clear()
            try:
                connection = connection or psycopg.connect(self._url, **OPTIONS)
                connection.execute(f"NOTIFY {CHANNEL}")
            except psycopg.Error:
                connection = None
            # The first is told at once; what is asked meanwhile, together.
            threading.Event().wait(JOINED_SECONDS)
