"""`motcua gateway`."""

import os
import sys

import click


@click.command()
@click.option("--bind", default="127.0.0.1:8080", show_default=True, help="Address and port to listen on.")
@click.option("--workers", default=None, type=int, help="Processes; GATEWAY_WORKERS, else 2.")
def gateway(bind: str, workers: int | None) -> None:
    """The one door: pages and API, by gunicorn with gevent workers.

    Starts a fresh interpreter in this process's place: gevent must patch before anything is imported.
    """
    count = str(workers or os.environ.get("GATEWAY_WORKERS") or 2)
    os.execv(sys.executable, [sys.executable, "-m", "gateway", bind, count])  # noqa: S606
