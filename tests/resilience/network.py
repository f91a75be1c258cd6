"""Slow, silent and cut links between a worker and the broker, and between a worker and its database."""

import time
from contextlib import ExitStack, closing

from tests.resilience.fault_proxy import FAULTS, FaultProxy, calm, seeded
from tests.resilience.outcome import Outcome
from tests.resilience.servers import Ground
from tests.resilience.street import street, wait_for

PEOPLE = 20
MOST_BYTES = 30_000
LINKS = ("broker", "database")


def bad_links(ground: Ground, seed: int, link: str, seconds: float) -> Outcome:
    """Every worker's connections to `link` have faults of every kind for `seconds`, then no more."""
    plan = seeded(seed, tuple(FAULTS), MOST_BYTES)
    with street(ground) as there, ExitStack() as stack:
        proxies = []
        for toy in there.databases:
            role = there.role(toy)
            proxy = stack.enter_context(closing(FaultProxy(getattr(role, link), plan)))
            there.start(toy, **{link: proxy.url})
            proxies.append(proxy)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            there.speak(PEOPLE, PEOPLE, 0.01)
        faults = sum(proxy.faults for proxy in proxies)
        notes = {"connections, each with a fault": sum(proxy.connections for proxy in proxies)}
        for proxy in proxies:
            proxy.change(calm)
        there.speak(PEOPLE, PEOPLE)
        assert wait_for(there.is_quiet, 180), there.verdict()
        return Outcome(there.settled(), faults, notes)
