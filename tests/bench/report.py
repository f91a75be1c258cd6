"""The table: on the terminal, and in docs/performance.md."""

import os
import platform
from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import amqp
import kombu
import psycopg
import sqlalchemy

from tests.bench.figures import Line

HEAD = ("what", "ours", "beside it", "ratio", "wanted", "ok?")
DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def options(**defaults: int) -> dict[str, int]:
    """Each as `--name`."""
    parser = ArgumentParser()
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    return vars(parser.parse_args())


def show(lines: Sequence[Line]) -> None:
    print(f"load average {load()}")
    print(table(lines))


def load() -> str:
    """Of the last minute, this run's own work included."""
    return f"{os.getloadavg()[0]:.1f}"


def table(lines: Sequence[Line]) -> str:
    """Markdown, aligned for reading as it is."""
    rows = [HEAD, *(line.cells for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    rule = "|".join(["", *("-" * (width + 2) for width in widths), ""])
    said = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    return "\n".join([said[0], rule, *said[1:]])


def machine(servers: Sequence[str]) -> str:
    """What the figures depend on."""
    libraries = ", ".join(f"{lib.__name__} {lib.__version__}" for lib in (kombu, amqp, psycopg, sqlalchemy))
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}, {platform.system()}"
        f" {platform.release().partition('-')[0]}), Python {platform.python_version()}, {libraries},"
        f" {', '.join(servers)}."
    )


def write(lines: Sequence[Line], about: str) -> None:
    """Between the two marks of the document."""
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{about}\n\n{table(lines)}\n{END}{after}")
