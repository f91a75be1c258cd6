"""Asking several servers at once, and none of them for longer than it may take."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

SECONDS = 5.0
T = TypeVar("T")

WORDS = {
    "ConnectionRefusedError": "nobody listens there",
    "NewConnectionError": "nobody listens there",
    "NameResolutionError": "no such host",
    "gaierror": "no such host",
    "TimeoutError": "no answer in time",
    "ConnectTimeoutError": "no answer in time",
    "ReadTimeoutError": "no answer in time",
}


def why(error: BaseException) -> str:
    """In words, and never in the error's own: they may hold an address with its password."""
    kind = type(error.__cause__ or error).__name__
    return WORDS.get(kind, kind)


def ask(questions: Mapping[str, Callable[[], T]], seconds: float = SECONDS) -> dict[str, T | Exception]:
    """The answers, or why there is none: TimeoutError where it took longer.

    What does not come back is left behind in its thread, which ends with the process.
    """
    answers: dict[str, T | Exception] = {}
    threads = [
        threading.Thread(target=_put, args=(answers, *each), daemon=True) for each in questions.items()
    ]
    until = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    late = TimeoutError(f"no answer in {seconds:g} s")
    return {name: answers.get(name, late) for name in questions}


def _put(answers: dict[str, T | Exception], name: str, question: Callable[[], T]) -> None:
    try:
        answers[name] = question()
    except Exception as error:
        answers[name] = error
