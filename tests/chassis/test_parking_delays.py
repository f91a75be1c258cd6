"""When a parked event is tried again: pure arithmetic."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from chassis.parking import LAST_TRY, MOST, SOON_MOST, NotYet, delay


@given(st.integers(1, LAST_TRY - 1))
def test_a_failure_is_tried_again_later_and_later_but_within_the_hour(attempts: int) -> None:
    wait = delay(ValueError("x"), attempts)
    assert wait is not None
    nominal = min(MOST, timedelta(seconds=2 ** (attempts - 1)))
    assert nominal * 0.8 <= wait <= nominal * 1.2


def test_after_the_last_try_an_operator_decides() -> None:
    assert delay(ValueError("x"), LAST_TRY) is None


@given(st.integers(1, 10_000))
def test_what_has_not_come_yet_is_looked_for_every_half_minute_for_ever(attempts: int) -> None:
    wait = delay(NotYet("contact"), attempts)
    assert wait is not None
    assert wait <= SOON_MOST * 1.2
