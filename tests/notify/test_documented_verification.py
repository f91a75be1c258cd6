"""The ten lines that docs/operating.md gives integrators, as they stand there."""

import re
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from services.notify.model.webhook import signature

OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"
Verified = Callable[[str, Mapping[str, str], bytes], bool]
KEY = b"k" * 32
SECRET = f"whsec_{b64encode(KEY).decode()}"


@pytest.fixture
def verified() -> Verified:
    (lines,) = re.findall(r"```python\n(.*?)```", OPERATING.read_text("utf-8"), re.DOTALL)
    there: dict[str, Verified] = {}
    exec(lines, there)  # noqa: S102 - our own document
    return there["verified"]


def call(body: bytes, at: int) -> dict[str, str]:
    return {
        "webhook-id": "1",
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,bm90IG91cnM= {signature(KEY, '1', at, body)}",
    }


def test_ours_is_verified_and_nothing_else(verified: Verified) -> None:
    now = int(time.time())
    assert verified(SECRET, call(b"{}", now), b"{}")
    assert not verified(SECRET, call(b"{}", now), b"{ }")
    assert not verified(SECRET, call(b"{}", now) | {"webhook-id": "2"}, b"{}")
    assert not verified(SECRET, call(b"{}", now - 301), b"{}"), "too old: somebody plays it again"
    other = f"whsec_{b64encode(b'x' * 32).decode()}"
    assert not verified(other, call(b"{}", now), b"{}")
