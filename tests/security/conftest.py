import pytest

from services.identity.routes import registrations, sessions
from tests.identity.conftest import faults, identity, passwords, portal, register_url, roots, rules

__all__ = ["faults", "identity", "passwords", "portal", "register_url", "roots", "rules"]


@pytest.fixture
def without_captchas(monkeypatch: pytest.MonkeyPatch) -> None:
    """For thousands of attempts: a captcha is the same work for all of them."""
    for routes in (registrations, sessions):
        monkeypatch.setattr(routes, "spend", lambda _: None)
