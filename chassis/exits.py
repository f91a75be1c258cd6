"""How the command line ends: codes that scripts can use, and a message for people."""

import click
from environs.exceptions import EnvError
from sqlalchemy.exc import OperationalError

REFUSED, USAGE, AWAY = 1, 2, 75
"""1: refused, or something wrong was found. 75: EX_TEMPFAIL of sysexits.h, trying again may help."""


def stop(message: str, exit_code: int) -> click.ClickException:
    stopped = click.ClickException(message)
    stopped.exit_code = exit_code  # type: ignore[misc]  # click's own way to set it
    return stopped


class Commands(click.Group):
    """Says in words, and by the exit code, what every command may meet: no setting, no database."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except EnvError as error:
            raise stop(f"{error}. See docs/operating.md, Settings.", USAGE) from error
        except OperationalError as error:
            raise stop(f"A database is away: {str(error.orig).strip()}. Run this again.", AWAY) from error
