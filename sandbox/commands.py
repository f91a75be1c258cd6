"""`motcua sandbox`."""

from pathlib import Path

import click

from chassis.serve import serve
from sandbox.app import create_app
from sandbox.faults import Faults
from sandbox.store import Store


@click.command()
@click.option("--port", default=8001, show_default=True, help="Listens on 127.0.0.1 only.")
@click.option("--data", default=Path("var/sandbox"), show_default=True, type=click.Path(path_type=Path))
def sandbox(port: int, data: Path) -> None:
    """The outside world for trying and testing: registers, SMS and e-mail. Never in production."""
    serve(create_app(Store(data / "sandbox.sqlite"), Faults.from_environment()), f"127.0.0.1:{port}")
