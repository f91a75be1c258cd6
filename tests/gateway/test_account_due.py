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
        (at(26, 9), "ahead"),
        (at(26, 16), "soon"),
        (at(27, 9), "today"),
        (at(27, 18), "late"),
        (at(30, 9), "late"),
    ],
)
def test_the_state_turns_in_the_last_quarter_on_the_day_itself_and_after_it(now, state):
    assert due(at(20, 9), at(27, 17), now).state == state


def test_how_late_it_is_counts_working_days_too():
    assert due(at(20, 9), at(27, 17), now=at(1, 9, month=12)).days == 2


def test_what_has_to_be_answered_in_eight_working_hours_is_calm_when_it_comes():
    fresh = due(at(23, 9), at(25, 9), now=at(23, 10))  # Tuesday 24/11 is a holiday
    assert (fresh.state, fresh.gone, fresh.pressing) == ("ahead", 0.125, False)
    assert not due(at(23, 7), at(23, 17), now=at(23, 8)).pressing
    assert due(at(23, 7), at(23, 17), now=at(23, 16)).pressing


def test_no_time_goes_over_the_weekend_at_night_or_at_noon():
    start, end = at(20, 15), at(23, 15)
    assert {due(start, end, now).gone for now in (at(20, 17), at(21, 9), at(22, 23), at(23, 7))} == {0.25}
    assert due(start, end, at(23, 12)).gone == due(start, end, at(23, 13)).gone


def test_the_bar_is_full_at_the_due_moment_and_never_more():
    assert due(at(20, 9), at(20, 11), now=at(20, 10)).gone == 0.5
    assert due(at(20, 9), at(20, 11), now=at(21, 10)).gone == 1.0
    assert due(at(20, 9), at(20, 11), now=at(19, 10)).gone == 0.0
