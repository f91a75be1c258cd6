"""gunicorn as the gateway wants it: gevent workers, so that waiting costs a few kilobytes."""

import contextlib
import os
import socket
import ssl
import sys
from typing import Any

import structlog
from gunicorn.app.base import BaseApplication
from gunicorn.workers.ggevent import GeventWorker

from chassis import logs
from gateway import tls
from gateway.app import create_app
from gateway.settings import load

HEAD_SECONDS = 75
log = structlog.get_logger()


class Worker(GeventWorker):  # type: ignore[misc]
    """Told to end, it lets go of connections on which nobody asks: a browser keeps them for minutes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._idle: set[socket.socket] = set()

    def init_process(self) -> None:
        """At a reload (SIGHUP), too: a renewed certificate is read then, unless its key is not there yet."""
        try:
            self._tls = _tls()
        except OSError as error:
            log.error("certificate not taken, the one before stays", error=str(error))
            self._tls = self.app.tls
        super().init_process()

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        if not self._tls:
            self._serve(listener, client, addr)
            return
        with tls.secured(client, self._tls) as connection:
            if connection:
                self._serve(listener, connection, addr)

    def _serve(self, listener: Any, client: socket.socket, addr: Any) -> None:
        self._idle.add(client)
        try:
            super().handle(listener, client, addr)
        finally:
            self._idle.discard(client)

    def handle_request(self, listener_name: Any, req: Any, sock: socket.socket, addr: Any) -> None:
        self._idle.discard(sock)
        super().handle_request(listener_name, req, sock, addr)
        self._idle.add(sock)
        if not self.alive:
            _hear_no_more(sock)

    def handle_exit(self, sig: int, frame: Any) -> None:
        super().handle_exit(sig, frame)
        for connection in list(self._idle):
            _hear_no_more(connection)


def _tls() -> ssl.SSLContext | None:
    files = load().tls
    return tls.context(files) if files else None


def _hear_no_more(connection: socket.socket) -> None:
    """Whoever waits for the next request on it is told that none will come."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as below_tls:
        below_tls.shutdown(socket.SHUT_RD)


class Server(BaseApplication):  # type: ignore[misc]
    """`tls` is what it was started with: each worker inherits it."""

    def __init__(self, options: dict[str, Any], tls: ssl.SSLContext | None) -> None:
        self.options = options
        self.tls = tls
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return create_app(load())


def serve(bind: str, workers: int) -> None:
    """Runs until told to stop. A request's head must arrive within HEAD_SECONDS (gunicorn's `keepalive`)."""
    logs.configure("gateway")
    try:
        started_with = _tls()
    except OSError as error:
        sys.exit(f"GATEWAY_CERTIFICATE and GATEWAY_PRIVATE_KEY do not do: {error}")
    Server(
        {
            "bind": bind,
            "workers": workers,
            "worker_class": Worker,
            "worker_connections": 2000,
            "keepalive": HEAD_SECONDS,
            "graceful_timeout": 10,
            "timeout": 60,
            "control_socket_disable": True,
            "loglevel": "warning",
            "proc_name": "motcua-gateway",
        },
        started_with,
    ).run()
