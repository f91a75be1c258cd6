"""Behind a proxy of the operator's, which ends TLS: plain HTTP to this machine, and its word on who asks."""

from collections.abc import Iterator

import pytest
import urllib3

from tests.deploy.installation import FILES, HOST, Installation
from tests.system.portal import eventually


@pytest.fixture(scope="module")
def behind(installation: Installation) -> Iterator[str]:
    """The gateway's plain address."""
    installation.extra["COMPOSE_FILE"] = ":".join([*FILES, "docker-compose.proxy.yml"])
    installation.compose("up", "--detach", "--no-deps", "gateway")
    yield f"http://127.0.0.1:{installation.ports['PORT']}"
    del installation.extra["COMPOSE_FILE"]
    installation.compose("up", "--detach", "--no-deps", "gateway")


def test_it_answers_over_plain_http_and_its_cookies_stay_on_https(behind: str) -> None:
    def page() -> urllib3.BaseHTTPResponse | None:
        try:
            return urllib3.request("GET", f"{behind}/?lang=en", headers={"Host": HOST}, redirect=False)
        except urllib3.exceptions.HTTPError:
            return None

    answer = eventually(page, within=60)
    assert "; Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"]


def test_it_believes_the_one_proxy_before_it_and_nobody_else(behind: str, installation: Installation) -> None:
    """What that means is tested in tests/gateway/test_proxy.py."""
    assert installation.inside("gateway", "printenv", "TRUSTED_HOPS") == "1\n"
