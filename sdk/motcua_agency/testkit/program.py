"""The consumer as a process: started, killed, started again."""

import contextlib
import multiprocessing
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

Consumer = Sequence[str] | Callable[[Mapping[str, str]], object]


class Program:
    """`consumer` is a command, or a function that is given the environment and runs for ever."""

    def __init__(self, consumer: Consumer, environment: Mapping[str, str], log: Path) -> None:
        self._consumer, self._environment, self._log = consumer, environment, log
        self._running: subprocess.Popen[bytes] | multiprocessing.process.BaseProcess | None = None

    def start(self) -> None:
        if callable(self._consumer):
            spawn = multiprocessing.get_context("spawn")
            process = spawn.Process(target=self._consumer, args=[dict(self._environment)], daemon=True)
            process.start()
            self._running = process
            return
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(  # noqa: S603 - whoever runs the kit gave the command
                list(self._consumer),
                env=os.environ | dict(self._environment),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        if isinstance(self._running, subprocess.Popen):
            return self._running.poll()
        return self._running.exitcode if self._running else None

    def kill(self) -> None:
        """With -9, and whatever it started."""
        if isinstance(self._running, subprocess.Popen):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()
        elif self._running:
            self._running.kill()
            self._running.join()

    def last_words(self) -> str:
        """The last line it wrote, for whoever looks for the reason."""
        if not self._log.exists():
            return ""
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else ""
