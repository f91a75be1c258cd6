"""What a test process starts ends with it, also when that is killed and clears up nothing itself."""

import shutil
import signal
import threading
from collections.abc import Sequence


def tied(command: Sequence[str], end: signal.Signals = signal.SIGTERM) -> list[str]:
    """The command, so that it gets `end` when who started it is gone (Linux; elsewhere as it was).

    The kernel goes by the thread that started it. One that may end sooner ties nothing to itself.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None or threading.current_thread() is not threading.main_thread():
        return list(command)
    return [setpriv, "--pdeathsig", end.name.removeprefix("SIG"), *command]
