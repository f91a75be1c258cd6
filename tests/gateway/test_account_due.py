from datetime import datetime

import pytest

from gateway.pages.account_due import due
from vocabulary.calendar import VIETNAM


def at(day: int, hour: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=VIETNAM)


def test_days_left_are_working_days_and_skip_the_weekend_and_the_public_holiday():
    seen = due(at(20, 9), at(27, 17), now=at(23, 9))  # Monday to Friday; Tuesday 24/11 is a holiday
    assert (seen.days, seen.state) == (3, "ahead")


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (at(25, 9), "ahead"),
        (at(26, 9), "soon"),
        (at(27, 9), "today"),
        (at(27, 18), "late"),
        (at(30, 9), "late"),
    ],
)
def test_the_state_turns_as_the_day_comes_nearer(now, state):
    assert due(at(20, 9), at(27, 17), now).state == state


def test_how_late_it_is_counts_working_days_too():
    assert due(at(20, 9), at(27, 17), now=at(1, 9, month=12)).days == 2


def test_the_bar_is_full_at_the_due_moment_and_never_more():
    assert due(at(20, 9), at(20, 11), now=at(20, 10)).gone == 0.5
    assert due(at(20, 9), at(20, 11), now=at(21, 10)).gone == 1.0
    assert due(at(20, 9), at(20, 11), now=at(19, 10)).gone == 0.0
