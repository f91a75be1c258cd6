"""How long `motcua up` takes, and how much memory: `python -m tests.bench.up`.

Time: from the start of the process until it prints `ready`. Memory: the sum of PSS over every process
it started (/proc/<pid>/smaps_rollup), ten seconds later, nobody using it; PSS counts a page shared by
n processes as one n-th in each. Idle load: processor time of those processes over ten seconds.
"""

import os
import tempfile
import time
from pathlib import Path

from tests.system.running import Up, free_ports

SECONDS = 10


def processor_seconds(portal: Up) -> float:
    total = 0
    for pid in portal.processes():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def measure(portal: Up, which: str) -> None:
    load = os.getloadavg()[0]
    ready = portal.start()
    before = processor_seconds(portal)
    time.sleep(SECONDS)
    idle = (processor_seconds(portal) - before) / SECONDS
    count, memory = len(portal.processes()), portal.memory() / 2**20
    stopped = portal.stop()
    print(
        f"{which} start: ready in {ready:.1f} s (load average before: {load:.1f}), {memory:.0f} MiB PSS in"
        f" {count} processes, {idle:.2f} of a core idle; stopped in {stopped:.1f} s"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        portal = Up(Path(folder) / "var", free_ports())
        try:
            for which in ("first", "second", "third"):
                measure(portal, which)
        finally:
            portal.kill_whatever_is_left()


if __name__ == "__main__":
    main()
