"""What 200 clients that send one byte a second cost another's page: `python -m tests.bench.slow_clients`.

One gateway with one worker, in one run: a page that asks a service, without them, and beside them for as
long as it takes each of them to send some bytes.
"""

import time
from collections.abc import Callable
from statistics import median

from tests.bench import report
from tests.bench.figures import Line, milliseconds
from tests.gateway.public_portal import Portal, running
from tests.gateway.real_gateway import get, real_gateway, slow_clients

PAGES = 200
CLIENTS = 200
BYTES = 3
WANTED = 1.5


def page_times(port: int, pages: int, go_on: Callable[[], bool] = lambda: False) -> list[float]:
    """Seconds of each page, on a new connection each: `pages` of them, and more while `go_on`."""
    times: list[float] = []
    while len(times) < pages or go_on():
        began = time.perf_counter()
        assert get(port, "/thu-tuc/1.001193") == 200
        times.append(time.perf_counter() - began)
    return times


def measure(pages: int = PAGES, clients: int = CLIENTS) -> list[Line]:
    with running(Portal()) as url, real_gateway(url) as port:
        page_times(port, pages)
        alone = page_times(port, pages)
        with slow_clients(port, clients) as slow:
            beside = page_times(port, pages, lambda: slow.dripped < BYTES)
            assert slow.all_wait()
    ratio = median(beside) / median(alone)
    what = f"a page beside {clients} clients that send a byte a second, and alone"
    return [Line(what, milliseconds(beside), milliseconds(alone), f"{ratio:.2f}", "≤ 1.5", ratio <= WANTED)]


if __name__ == "__main__":
    report.show(measure(**report.options(pages=PAGES, clients=CLIENTS)))
