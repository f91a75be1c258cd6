from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.calendar import VIETNAM, Calendar, Limit, WorkingHours, vietnam_calendar

CALENDAR = vietnam_calendar(range(2025, 2029))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(VIETNAM))  # noqa: DTZ001
LIMITS = st.one_of(
    st.builds(Limit, st.integers(0, 40), st.sampled_from(["working-days", "working-hours", "calendar-days"])),
    st.just(Limit(0, "same-day")),
)


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=VIETNAM)


def test_weekends_and_public_holidays_are_days_off() -> None:
    off = [(1, 1), (2, 16), (2, 20), (4, 27), (4, 30), (5, 1), (9, 1), (9, 2), (11, 24), (11, 21), (11, 22)]
    assert not any(CALENDAR.is_working_day(date(2026, month, day)) for month, day in off)
    assert CALENDAR.is_working_day(date(2026, 11, 23))


def test_a_saturday_is_worked_for_the_monday_off_before_the_national_day() -> None:
    assert CALENDAR.is_working_day(date(2026, 8, 22))
    assert not CALENDAR.is_working_day(date(2026, 8, 31))


def test_the_administrators_table_wins_over_the_library_both_ways() -> None:
    calendar = vietnam_calendar(
        [2026], off=frozenset({date(2026, 8, 22), date(2026, 11, 23)}), worked=frozenset({date(2026, 8, 31)})
    )
    assert not calendar.is_working_day(date(2026, 8, 22))
    assert not calendar.is_working_day(date(2026, 11, 23))
    assert calendar.is_working_day(date(2026, 8, 31))


def test_what_arrives_outside_working_hours_counts_from_the_next_opening() -> None:
    assert CALENDAR.next_opening(at(11, 20, 6)) == at(11, 20, 7)
    assert CALENDAR.next_opening(at(11, 20, 12)) == at(11, 20, 13, 30)
    assert CALENDAR.next_opening(at(11, 20, 17)) == at(11, 23, 7)
    assert CALENDAR.next_opening(at(11, 23, 18)) == at(11, 25, 7)
    assert CALENDAR.next_opening(at(11, 20, 10)) == at(11, 20, 10)


def test_eight_working_hours_are_one_working_day() -> None:
    eight_hours = Limit(8, "working-hours")
    assert CALENDAR.due(at(11, 20, 7), eight_hours) == at(11, 20, 17)
    assert CALENDAR.due(at(11, 20, 16), eight_hours) == at(11, 23, 16)
    assert CALENDAR.due(at(11, 20, 20), eight_hours) == at(11, 23, 17)


def test_hours_do_not_run_at_noon() -> None:
    assert CALENDAR.add_working_hours(at(11, 20, 11), 1) == at(11, 20, 14)
    assert CALENDAR.add_working_hours(at(11, 20, 10), 1.5) == at(11, 20, 11, 30)


def test_working_days_end_at_closing_and_skip_days_off() -> None:
    three_days = Limit(3, "working-days")
    assert CALENDAR.due(at(11, 20), three_days) == at(11, 26, 17)
    assert CALENDAR.due(at(11, 17), three_days) == at(11, 20, 17)


def test_a_worked_saturday_shortens_the_wait() -> None:
    assert CALENDAR.due(at(8, 21), Limit(1, "working-days")) == at(8, 22, 17)


def test_calendar_days_run_through_weekends_but_do_not_end_on_one() -> None:
    assert CALENDAR.due(at(11, 10), Limit(10, "calendar-days")) == at(11, 20, 17)
    assert CALENDAR.due(at(11, 11), Limit(10, "calendar-days")) == at(11, 23, 17)


def test_same_day_is_the_next_working_day_when_received_after_three_in_the_afternoon() -> None:
    same_day = Limit(0, "same-day")
    assert CALENDAR.due(at(11, 20, 15), same_day) == at(11, 20, 17)
    assert CALENDAR.due(at(11, 20, 15, 1), same_day) == at(11, 23, 17)
    assert CALENDAR.due(at(11, 20, 22), same_day) == at(11, 23, 17)
    assert CALENDAR.due(at(11, 21), same_day) == at(11, 23, 17)


def test_working_days_between_two_dates_leave_out_the_first_and_take_the_last() -> None:
    assert CALENDAR.working_days_between(date(2026, 11, 20), date(2026, 11, 23)) == 1
    assert CALENDAR.working_days_between(date(2026, 11, 23), date(2026, 11, 20)) == -1
    assert CALENDAR.working_days_between(at(11, 20), at(11, 20, 16)) == 0


def test_working_time_leaves_out_noon_nights_and_days_off() -> None:
    friday, monday = at(11, 20, 11), at(11, 23, 8)
    assert CALENDAR.working_time_between(friday, monday) == timedelta(hours=5)
    assert CALENDAR.working_time_between(monday, friday) == timedelta()


def test_a_moment_of_another_zone_is_read_in_vietnamese_time() -> None:
    late = datetime(2026, 11, 19, 18, tzinfo=UTC)
    assert CALENDAR.next_opening(late) == at(11, 20, 7)
    assert CALENDAR.working_days_between(late, at(11, 20)) == 0


def test_a_moment_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zone"):
        CALENDAR.next_opening(datetime(2026, 11, 20))  # noqa: DTZ001


def test_an_agency_may_have_its_own_hours() -> None:
    mornings = Calendar(hours=WorkingHours(((time(8), time(12)),)))
    assert mornings.add_working_hours(at(11, 19, 8), 8) == at(11, 20, 12)
    for wrong in ((), ((time(9), time(8)),), ((time(8), time(12)), (time(11), time(17)))):
        with pytest.raises(ValueError, match="rising"):
            WorkingHours(wrong)


def test_a_calendar_without_a_working_day_is_a_mistake_and_no_endless_loop() -> None:
    never = Calendar(holidays=frozenset(date(2026, 1, 1) + timedelta(n) for n in range(800)))
    with pytest.raises(ValueError, match="no working day"):
        never.due(at(1, 5), Limit(1, "working-days"))


@given(MOMENTS, LIMITS)
def test_nothing_is_due_on_a_day_off_or_before_it_was_received(moment: datetime, limit: Limit) -> None:
    due = CALENDAR.due(moment, limit)
    assert due >= CALENDAR.next_opening(moment) >= moment
    assert CALENDAR.is_working_day(due.date())
    assert any(opens <= due.time() <= closes for opens, closes in CALENDAR.hours.spans)


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=40)), LIMITS)
def test_what_comes_later_is_never_due_earlier(moment: datetime, later: timedelta, limit: Limit) -> None:
    assert CALENDAR.due(moment, limit) <= CALENDAR.due(moment + later, limit)


@given(MOMENTS, st.integers(0, 100), st.integers(1, 100))
def test_working_hours_add_up(moment: datetime, first: int, then: int) -> None:
    in_two_steps = CALENDAR.add_working_hours(CALENDAR.add_working_hours(moment, first), then)
    assert in_two_steps == CALENDAR.add_working_hours(moment, first + then)


@given(MOMENTS, st.integers(0, 30))
def test_working_days_added_are_the_working_days_between(moment: datetime, n: int) -> None:
    received = CALENDAR.next_opening(moment)
    assert CALENDAR.working_days_between(received, CALENDAR.add_working_days(moment, n)) == n
