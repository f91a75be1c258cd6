"""The broker's disk runs out under load: its alarm lets nobody publish, or nothing at all can be written."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import urllib3

from tests import servers
from tests.conftest import running
from tests.resilience.outages import handled, said, wipe
from tests.resilience.outcome import Outcome
from tests.resilience.servers import Ground
from tests.resilience.street import Street, street, wait_for

PEOPLE = 20
MORE_THAN_THERE_IS, USUAL, NO_ALARM = "1000000GB", "50MB", "1"
ON_THEIR_WAY_SECONDS = 2
SMALL_MIB = 256
PIECE = bytes(64 * 1024)
PATIENCE_SECONDS = 30


def disk_alarm(ground: Ground, seed: int, seconds: float, rate: float) -> Outcome:
    """RabbitMQ's own: for `seconds` it takes no message, while `rate` events a second are committed."""
    port = servers.free_port()
    with street(ground) as there:
        there.start("south")
        there.start("north", health=port)
        there.wait_until_bound()
        speaker = there.start_speaker(PEOPLE, int((seconds + 6) * rate), 1 / rate)
        assert wait_for(lambda: handled(there) > rate, 60)
        ground.broker.control("set_disk_free_limit", MORE_THAN_THERE_IS)
        try:
            notes = meanwhile(there, seconds)
            told = readiness(port)
        finally:
            ground.broker.control("set_disk_free_limit", USUAL)
        speaker.join(600)
        assert speaker.exitcode == 0, "who speaks must not fail because the broker takes nothing"
        verdict = there.settled(within=180)
        assert wait_for(lambda: readiness(port)["status"] == "ready", 60), readiness(port)
        return Outcome(verdict, 1, {**notes, "readiness": told["status"], "why": told.get("why")})


def disk_full(ground: Ground, seed: int, seconds: float, rate: float) -> Outcome:
    """Not a byte is free for a broker of its own, and no alarm warned; then there is space again.

    Needs root, which mounts the small disk: NoServer for others.
    """
    with small_disk(SMALL_MIB) as disk, running(servers.rabbitmq(disk), ground.say) as broker:
        broker.control("set_disk_free_limit", NO_ALARM)
        with street(replace(ground, broker=broker)) as there:
            there.start_all()
            there.wait_until_bound()
            speaker = there.start_speaker(PEOPLE, int((seconds + 6) * rate), 1 / rate)
            assert wait_for(lambda: handled(there) > rate, 60)
            filler = fill(disk)
            notes = meanwhile(there, seconds)
            filler.unlink()
            speaker.join(600)
            assert speaker.exitcode == 0, "who speaks must not fail because the broker's disk is full"
            remedy = put_right(there)
            return Outcome(there.settled(within=180), 1, {**notes, "what it took": remedy})


def meanwhile(there: Street, seconds: float) -> dict[str, int]:
    """What was committed, and what was applied, after what was on its way had come."""
    committed = said(there)
    time.sleep(ON_THEIR_WAY_SECONDS)
    applied = handled(there)
    time.sleep(seconds - ON_THEIR_WAY_SECONDS)
    return {"committed meanwhile": said(there) - committed, "applied meanwhile": handled(there) - applied}


def readiness(port: int) -> dict[str, Any]:
    told: dict[str, Any] = urllib3.request("GET", f"http://127.0.0.1:{port}/readyz", timeout=10.0).json()
    return told


@contextmanager
def small_disk(mib: int) -> Iterator[Path]:
    if os.geteuid() != 0:
        raise servers.NoServer("only root can mount a small disk: run this as root")
    with tempfile.TemporaryDirectory(prefix="motcua-small-disk-") as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(PIECE)
    assert os.statvfs(disk).f_bavail == 0, "it is not full"
    return filler


def put_right(there: Street) -> str:
    """What an operator does until it carries again, the mildest first."""
    if wait_for(there.is_quiet, PATIENCE_SECONDS):
        return "space"
    there.ground.broker.restart()
    if wait_for(there.is_quiet, 2 * PATIENCE_SECONDS):
        return "space and a restart"
    wipe(there)
    return "space and its data deleted"
