"""How long `motcua up` takes, and how much memory: `python -m tests.bench.up`.

Time: from the start of the process until it prints `ready`. Memory: the sum of PSS over every process
it started (/proc/<pid>/smaps_rollup), ten seconds later, nobody using it; PSS counts a page shared by
n processes as one n-th in each. Idle load: processor time of those processes over ten seconds.
"""

import os
import tempfile
import time
from pathlib import Path

from tests.bench import report
from tests.bench.figures import Line
from tests.system.running import Up, free_ports

SECONDS = 10
READY_SECONDS, MEMORY_MIB = 15, 1024


def processor_seconds(portal: Up) -> float:
    total = 0
    for pid in portal.processes():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def start(portal: Up, which: str) -> Line:
    ready = portal.start()
    before = processor_seconds(portal)
    time.sleep(SECONDS)
    idle = (processor_seconds(portal) - before) / SECONDS
    count, memory = len(portal.processes()), portal.memory() / 2**20
    stopped = portal.stop()
    said = (
        f"ready in {ready:.1f} s, {memory:.0f} MiB in {count} processes, {idle:.2f} of a core idle,"
        f" stopped in {stopped:.1f} s"
    )
    wanted = f"≤ {READY_SECONDS} s, ≤ {MEMORY_MIB} MiB"
    return Line(
        f"`motcua up`, {which} start", said, "", "", wanted, ready <= READY_SECONDS and memory <= MEMORY_MIB
    )


def measure(starts: int = 3) -> list[Line]:
    with tempfile.TemporaryDirectory() as folder:
        portal = Up(Path(folder) / "var", free_ports())
        try:
            return [start(portal, f"{number}.") for number in range(1, starts + 1)]
        finally:
            portal.kill_whatever_is_left()


if __name__ == "__main__":
    report.show(measure(**report.options(starts=3)))
