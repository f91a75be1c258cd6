"""A worker's loops: again after a failure, and an end to the process when one sticks."""

import subprocess
import sys
import threading
import time
from datetime import timedelta

from chassis.loops import Loops, every

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


def test_a_stuck_loop_ends_the_process_although_others_go_on() -> None:
    ended = subprocess.run([sys.executable, "-c", STICKS], timeout=30, capture_output=True, check=False)
    assert ended.returncode == 70
    assert b"stuck" in ended.stderr + ended.stdout
