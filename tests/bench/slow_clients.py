"""What 200 clients that send one byte a second cost another's page: `python -m tests.bench.slow_clients`.

One gateway with one worker, in one run: a page that asks a service, without them, and beside them for as
long as it takes each of them to send some bytes.
"""

import time
from collections.abc import Callable
from statistics import median, quantiles

from tests.gateway.public_portal import Portal, running
from tests.gateway.real_gateway import get, real_gateway, slow_clients

PAGES = 200
CLIENTS = 200
BYTES = 3


def page_times(port: int, go_on: Callable[[], bool] = lambda: False) -> list[float]:
    """Milliseconds of each page, on a new connection each: PAGES of them, and more while `go_on`."""
    times: list[float] = []
    while len(times) < PAGES or go_on():
        began = time.perf_counter()
        assert get(port, "/thu-tuc/1.001193") == 200
        times.append((time.perf_counter() - began) * 1000)
    return times


def main() -> None:
    with running(Portal()) as url, real_gateway(url) as port:
        page_times(port)
        alone = page_times(port)
        with slow_clients(port, CLIENTS) as slow:
            beside = page_times(port, lambda: slow.dripped < BYTES)
            assert slow.all_wait()
            dripped = slow.dripped
    for name, times in (("alone", alone), (f"beside {CLIENTS} slow clients", beside)):
        p95 = quantiles(times, n=20)[-1]
        print(f"{name}: median {median(times):.1f} ms, p95 {p95:.1f} ms of {len(times)} pages")
    print(f"ratio of medians: {median(beside) / median(alone):.2f}; each sent {dripped} bytes meanwhile")


if __name__ == "__main__":
    main()
