"""How often one address may ask. Counted in this process: N gateway processes allow N times as much."""

from flask import Response, request
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from gateway import passing
from gateway.errors import refusal
from gateway.settings import Settings

FREE = ("/static/", "/livez", "/readyz", "/metrics")
DOORS = (
    "/api/v1/captcha",
    "/api/v1/oauth2",
    "/api/v1/registrations",
    "/api/v1/sessions",
    "/api/v1/upstream-logins",
    "/dang-ky",
    "/dang-nhap",
    "/oauth2",
)


class Rates:
    def __init__(self, settings: Settings) -> None:
        self.limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self.all = parse(settings.rate)
        self.doors = parse(settings.rate_of_doors)
        self.trusted_hops = settings.trusted_hops

    def check(self) -> Response | None:
        """429 with Retry-After when this address asks too often."""
        if request.path.startswith(FREE):
            return None
        address = passing.client_address(self.trusted_hops)
        if not self.limiter.hit(self.all, "all", address):
            return self._refuse(self.all.get_expiry())
        if request.path.startswith(DOORS) and not self.limiter.hit(self.doors, "doors", address):
            return self._refuse(self.doors.get_expiry())
        return None

    def _refuse(self, window: int) -> Response:
        return refusal(429, "too-many-requests", retry_after=window)
