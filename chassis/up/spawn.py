"""One process: forked from this one, so that what is imported once is in memory once."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

from chassis.up import kernel

KEEP_LOG_BYTES = 5_000_000


def spawn(run: Callable[[], object], log: Path, held: Iterable[int] = ()) -> int:
    """The new process's id. It leads a session of its own, so that Ctrl-C reaches only its parent.

    It is killed when this process ends. `held` are open files of ours that it must not keep; its
    output goes to `log`.
    """
    _make_room(log)
    pid = os.fork()
    return pid or _become(run, log, held)


def finish(run: Callable[[], object], log: Path) -> int:
    """Run something in a process of its own until it is done; its exit code."""
    return wait(spawn(run, log))


def wait(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _become(run: Callable[[], object], log: Path, held: Iterable[int]) -> NoReturn:
    code = 1
    try:
        os.setsid()
        kernel.die_with_parent()
        os.register_at_fork(after_in_child=kernel.die_with_parent)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        for file in held:
            os.close(file)
        _write_to(log)
        run()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _write_to(log: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number, source in ((0, nothing), (1, file), (2, file)):
        os.dup2(source, number)
    os.close(nothing)
    os.close(file)


def _make_room(log: Path) -> None:
    """One older log is kept beside a full one."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > KEEP_LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))
