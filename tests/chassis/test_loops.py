"""A worker's loops: again after a failure, and an end to the process when one sticks."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from chassis.loops import Loops, News, every

STICKS = """
import threading, time
from chassis import loops
loops.STUCK_SECONDS, loops.LOOK_EVERY_SECONDS = 0.3, 0.1
running = loops.Loops("toy", threading.Event())
running.add("good", loops.every(loops.timedelta(milliseconds=10), lambda: 0))
running.add("stuck", lambda stop, tick: time.sleep(600))
running.start()
"""


def test_a_loop_that_fails_is_started_again() -> None:
    stop, tries = threading.Event(), []

    def loop(stop: threading.Event, tick: object) -> None:
        tries.append(1)
        if len(tries) < 2:
            raise ValueError("the database is away")
        stop.set()

    loops = Loops("toy", stop)
    loops.add("trying", loop)
    for thread in loops.start():
        thread.join(10)
    assert len(tries) == 2


def test_work_left_is_done_at_once_and_then_there_is_a_pause() -> None:
    stop, done = threading.Event(), []

    def work() -> int:
        done.append(time.monotonic())
        if len(done) == 4:
            stop.set()
        return 1 if len(done) < 3 else 0

    every(timedelta(seconds=0.3), work)(stop, lambda: None)
    assert len(done) == 4


def looks(seconds: float, pause: float, news: Callable[[], int], finds: int = 0) -> list[float]:
    """When a loop looked, in that many seconds; it found something the first `finds` times."""
    stop, seen = threading.Event(), []

    def look() -> int:
        seen.append(time.monotonic())
        return int(len(seen) <= finds)

    loop = every(timedelta(seconds=pause), look, news)
    thread = threading.Thread(target=loop, args=[stop, lambda: None])
    thread.start()
    time.sleep(seconds)
    stop.set()
    thread.join()
    return seen


def test_a_loop_that_finds_nothing_looks_less_and_less_often() -> None:
    seen = looks(2.0, 0.01, lambda: 0)
    assert 5 < len(seen) < 20, "200 if it were always as often"


def test_news_makes_a_loop_look_again_soon() -> None:
    began = time.monotonic()
    seen = looks(2.0, 0.01, lambda: time.monotonic() > began + 1.3)
    before = [at - began for at in seen if at <= began + 1.3]
    soon = [at - began for at in seen if at > began + 1.3]
    assert soon[0] < 1.6, "the pause had grown to more than half a second"
    assert len(soon) > 5
    assert len(before) < 20


def test_news_is_nothing_to_a_loop_that_runs_by_the_hour() -> None:
    changing = iter(range(10**6))
    assert len(looks(2.5, 3600, lambda: next(changing))) == 1


def test_what_was_handled_is_news_also_when_it_failed() -> None:
    def fail(batch: list[int]) -> None:
        raise ValueError

    news = News()
    news.after(lambda _: None)([])
    with pytest.raises(ValueError):  # noqa: PT011 - it has nothing to say
        news.after(fail)([])
    assert news() == 2


def test_a_stuck_loop_ends_the_process_although_others_go_on() -> None:
    ended = subprocess.run([sys.executable, "-c", STICKS], timeout=30, capture_output=True, check=False)
    assert ended.returncode == 70
    assert b"stuck" in ended.stderr + ended.stdout
