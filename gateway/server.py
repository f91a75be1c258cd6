"""gunicorn as the gateway wants it: gevent workers, so that waiting costs a few kilobytes."""

from typing import Any

from gunicorn.app.base import BaseApplication

from gateway.app import create_app
from gateway.settings import load

HEAD_SECONDS = 75


class Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return create_app(load())


def serve(bind: str, workers: int) -> None:
    """Runs until told to stop. A request's head must arrive within HEAD_SECONDS (gunicorn's `keepalive`)."""
    Server(
        {
            "bind": bind,
            "workers": workers,
            "worker_class": "gevent",
            "worker_connections": 2000,
            "keepalive": HEAD_SECONDS,
            "graceful_timeout": 10,
            "timeout": 60,
            "control_socket_disable": True,
            "proc_name": "motcua-gateway",
        }
    ).run()
