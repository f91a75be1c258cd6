"""How `make test` spreads the tests over processes, each with servers of its own.

What goes to a process is a file, or a folder whose files share something slow to start. What takes
longest goes first, so that no process is left with it at the end.
"""

import os
from collections.abc import Mapping

from xdist.scheduler import LoadScopeScheduling

MOST = 4
TOGETHER = ("tests/browser/", "tests/system/")
"""Their files share one portal."""
LONGEST = (
    "tests/browser/",
    "tests/resilience/test_kills.py",
    "tests/system/",
    "tests/security/test_guessing.py",
    "tests/security/test_canaries.py",
    "tests/security/test_enumeration.py",
    "tests/sdk/test_testkit.py",
)
GIVEN = ("TEST_DATABASE_URL", "TEST_AMQP_URL")


class Spread(LoadScopeScheduling):  # type: ignore[misc]
    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def unit_of(nodeid: str) -> str:
    """What runs in one process, by the name of one of its tests."""
    path = nodeid.partition("::")[0]
    return next((folder for folder in TOGETHER if path.startswith(folder)), path)


def rank(nodeid: str) -> int:
    """The lower, the sooner."""
    return next((rank for rank, path in enumerate(LONGEST) if nodeid.startswith(path)), len(LONGEST))


def processes(environment: Mapping[str, str]) -> int:
    """As many as there are processors. With more, what has a time limit of its own was late too often.

    None beside this one where a server is given: there the tests would meet.
    """
    return 0 if any(environment.get(name) for name in GIVEN) else min(MOST, os.cpu_count() or 1)
