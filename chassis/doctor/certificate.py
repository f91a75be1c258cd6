"""The gateway's certificate: until when it is good."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from chassis.findings import Finding, warning, well, wrong
from chassis.settings import text

SETTING = "GATEWAY_CERTIFICATE"
SOON = timedelta(days=21)
MEND = "put a new certificate and its key in their places, then send the gateway SIGHUP"


def check(now: datetime | None = None) -> Iterator[Finding]:
    """Nothing where the gateway has none, or none that can be read: the settings' check says that."""
    try:
        found = x509.load_pem_x509_certificate(Path(text(SETTING, "")).read_bytes())
    except (OSError, ValueError):
        return
    yield _until(found.not_valid_after_utc, now or datetime.now(UTC))


def _until(end: datetime, now: datetime) -> Finding:
    if end <= now:
        return wrong(SETTING, f"ended on {end:%Y-%m-%d}: no browser goes on to the portal", MEND)
    if end - now < SOON:
        return warning(SETTING, f"ends on {end:%Y-%m-%d}, in {(end - now).days} days", MEND)
    return well(SETTING, f"is good until {end:%Y-%m-%d}")
