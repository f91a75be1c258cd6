"""How the commands speak: to people with colours where there is a terminal, to scripts in JSON."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click
import msgspec

from chassis import service as services

SERVICE = click.Choice(services.names())
output_option = click.option(
    "-o", "--output", type=click.Choice(["text", "json"]), default="text", help="What to print."
)
Rows = Sequence[Sequence[str]]


def as_json(value: Any) -> None:
    """One object, on one line."""
    click.echo(msgspec.json.encode(value).decode())


def clock(at: datetime) -> str:
    """In the time zone of this machine; the day only when it is another than today."""
    here = at.astimezone()
    today = here.date() == datetime.now(UTC).astimezone().date()
    return here.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M:%S")


def table(rows: Rows, indent: str = "") -> None:
    """Columns as wide as their widest cell, colours not counted."""
    lengths = [[len(click.unstyle(cell)) for cell in row] for row in rows]
    widths = [max(column) for column in zip(*lengths, strict=True)]
    for row, known in zip(rows, lengths, strict=True):
        cells = [cell + " " * (width - n) for cell, n, width in zip(row, known, widths, strict=True)]
        click.echo((indent + "  ".join(cells)).rstrip())


def short(type: str) -> str:
    return type.removeprefix("motcua.")


def dim(text: str) -> str:
    return click.style(text, dim=True)


def good(text: str) -> str:
    return click.style(text, fg="green")


def doubtful(text: str) -> str:
    return click.style(text, fg="yellow")


def bad(text: str) -> str:
    return click.style(text, fg="red")


def head(text: str) -> str:
    return click.style(text, bold=True)


@contextmanager
def progress(label: str, length: int) -> Iterator[Any]:
    """A bar on standard error, where that is a terminal; what is printed stays clean."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=hidden) as bar:
        yield bar
