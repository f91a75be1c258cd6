"""gunicorn around one app: few threads a process (the GIL), more processes for more load."""

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from chassis.settings import env


class Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def serve(app: Flask, bind: str) -> None:
    """Until SIGTERM; requests under way are answered first."""
    options = {
        "bind": bind,
        "workers": env.int("WEB_WORKERS", 1),
        "threads": env.int("WEB_THREADS", 8),
        "worker_class": "gthread",
        "graceful_timeout": 10,
        "timeout": 60,
        "control_socket_disable": True,
        "loglevel": "warning",
        "proc_name": f"motcua-{app.name}",
    }
    Server(app, options).run()
