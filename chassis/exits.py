"""How the command line ends: codes that scripts can use, and a message for people."""

import click

REFUSED, USAGE, AWAY = 1, 2, 75
"""1: refused, or something wrong was found. 75: EX_TEMPFAIL of sysexits.h, trying again may help."""


def stop(message: str, exit_code: int) -> click.ClickException:
    stopped = click.ClickException(message)
    stopped.exit_code = exit_code  # type: ignore[misc]  # click's own way to set it
    return stopped
