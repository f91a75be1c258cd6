"""The table: on the terminal, and in docs/performance.md."""

import os
import platform
from argparse import ArgumentParser
from collections.abc import Sequence

from tests.bench.figures import Line

HEAD = ("what", "ours (min to max)", "limit beside it", "ratio", "wanted", "ok?")


def options(**defaults: int) -> dict[str, int]:
    """Each as `--name`."""
    parser = ArgumentParser()
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    return vars(parser.parse_args())


def show(lines: Sequence[Line]) -> None:
    print(
        f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    print(table(lines))


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
