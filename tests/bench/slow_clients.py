"""What 200 clients that send one byte a second cost another's page: `python -m tests.bench.slow_clients`.

One gateway with one worker, the same page 200 times without them and 200 times beside them, in one run.
"""

import time
from statistics import median, quantiles

from tests.gateway.public_portal import Portal, running
from tests.gateway.real_gateway import get, real_gateway, slow_clients

PAGES = 200
CLIENTS = 200


def page_times(port: int) -> list[float]:
    """Milliseconds of each page, on a new connection each."""
    times = []
    for _ in range(PAGES):
        began = time.perf_counter()
        assert get(port, "/tro-giup") == 200
        times.append((time.perf_counter() - began) * 1000)
    return times


def main() -> None:
    with running(Portal()) as url, real_gateway(url) as port:
        page_times(port)
        alone = page_times(port)
        with slow_clients(port, CLIENTS):
            beside = page_times(port)
    for name, times in (("alone", alone), (f"beside {CLIENTS} slow clients", beside)):
        print(
            f"{name}: median {median(times):.1f} ms, p95 {quantiles(times, n=20)[-1]:.1f} ms of {PAGES} pages"
        )
    print(f"ratio of medians: {median(beside) / median(alone):.2f}")


if __name__ == "__main__":
    main()
