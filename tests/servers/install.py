"""Installs, by the system's package manager, the servers that tests cannot find here.

Only as root on Debian or Ubuntu; elsewhere the tests fail with the line to type.
"""

from collections.abc import Callable

from tests import servers
from tests.servers import packages


def is_missing(look: Callable[[], object]) -> bool:
    try:
        look()
    except servers.NoServer as reason:
        print(reason)
        return True
    return False


def missing_packages() -> list[str]:
    missing: list[str] = []
    if is_missing(lambda: servers.rabbitmq().remove()):
        missing += ["rabbitmq-server"]
    if is_missing(servers.chromium):
        missing += ["chromium", "fonts-dejavu-core"]
    if is_missing(servers.token_module):
        missing += ["softhsm2", "opensc"]
    return missing


def main() -> None:
    missing = missing_packages()
    if missing and packages.can_install():
        packages.install(missing)


if __name__ == "__main__":
    main()
