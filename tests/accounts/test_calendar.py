from __future__ import annotations

import csv
from datetime import date, timedelta

import chinese_calendar
import pytest
import time_machine
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from accounts.calendar import Calendar, add_months, in_words, today
from accounts.seeds import DATA

PLAIN_WEEK = Calendar(days={}, years=frozenset())
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))


def shipped() -> Calendar:
    with (DATA / "holidays.csv").open(encoding="utf-8", newline="") as file:
        days = {date.fromisoformat(row["date"]): row["is_workday"] == "1" for row in csv.DictReader(file)}
    return Calendar(days=days, years=frozenset(day.year for day in days))


CALENDARS = st.sampled_from([PLAIN_WEEK, shipped()])
ANNOUNCED = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize("year", range(2021, 2027))
def test_the_shipped_table_agrees_with_the_published_one_on_every_day_of_the_year(year: int) -> None:
    calendar, day = shipped(), date(year, 1, 1)
    while day.year == year:
        assert calendar.is_working_day(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


@given(start=ANNOUNCED, end=ANNOUNCED)
def test_working_days_are_counted_as_the_published_table_counts_them(start: date, end: date) -> None:
    start, end = min(start, end), max(start, end)
    worked = [day for day in chinese_calendar.get_workdays(start, end) if day != start]
    assert shipped().working_days_between(start, end) == len(worked)
    if worked:
        assert shipped().add_working_days(start, len(worked)) == worked[-1]
        assert shipped().next_working_day(start + timedelta(days=1)) == worked[0]


def test_what_differs_from_the_plain_week_is_worked_on_weekends_and_free_in_holidays() -> None:
    for day, worked in shipped().days.items():
        assert not worked or day.weekday() >= 5, day
    assert shipped().years == frozenset(range(2021, 2027))


def test_a_year_without_holidays_has_weekends_and_is_named_as_missing() -> None:
    calendar = shipped()
    assert calendar.is_working_day(date(2027, 1, 1))
    assert not calendar.is_working_day(date(2027, 1, 2))
    assert not calendar.is_working_day(date(2027, 1, 3))
    assert calendar.missing_years(date(2026, 11, 30), date(2028, 2, 29)) == [2027, 2028]
    assert calendar.missing_years(date(2026, 12, 31), date(2027, 1, 1)) == [2027]
    assert calendar.missing_years(date(2026, 1, 1), date(2026, 12, 31)) == []
    assert calendar.missing_years(date(2028, 1, 1), date(2026, 12, 31)) == []


@given(day=st.dates(date(2027, 1, 1), date(2032, 12, 31)), count=st.integers(0, 60))
def test_a_year_that_nobody_has_entered_is_counted_like_the_plain_week(day: date, count: int) -> None:
    assert shipped().add_working_days(day, count) == PLAIN_WEEK.add_working_days(day, count)
    assert shipped().next_working_day(day) == PLAIN_WEEK.next_working_day(day)
    assert shipped().missing_years(day, day) == [day.year]


@pytest.mark.parametrize(
    ("utc", "local"),
    [
        ("2026-11-24T15:59:59Z", date(2026, 11, 24)),
        ("2026-11-24T16:00:00Z", date(2026, 11, 25)),
        ("2026-12-31T16:00:00Z", date(2027, 1, 1)),
        ("2028-02-28T16:00:00Z", date(2028, 2, 29)),
    ],
)
def test_the_business_day_begins_at_midnight_in_shanghai(utc: str, local: date) -> None:
    with time_machine.travel(utc, tick=False):
        assert today() == local


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2028-01-30", 1, "2028-02-29"),
        ("2026-01-31", 2, "2026-03-31"),  # at once: month after month it would be the 28th
        ("2026-02-28", 3, "2026-05-28"),  # not from end to end
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-11-30", 1, "2026-12-30"),  # into December, and not over the year
        ("2026-10-31", 13, "2027-11-30"),
        ("2026-11-24", 0, "2026-11-24"),
    ],
)
def test_months_counted_by_hand(day: str, months: int, end: str) -> None:
    assert add_months(date.fromisoformat(day), months).isoformat() == end


@given(day=DAYS, months=st.integers(0, 120))
def test_months_end_on_the_same_number_or_on_the_last_of_the_month(day: date, months: int) -> None:
    end = add_months(day, months)
    assert end == day + relativedelta(months=months)
    assert end.day == day.day or (end + timedelta(days=1)).day == 1


@given(day=DAYS, later=st.integers(0, 60), months=st.integers(0, 24), more=st.integers(1, 12))
def test_months_keep_the_order_of_days_and_grow(day: date, later: int, months: int, more: int) -> None:
    assert add_months(day + timedelta(days=later), months) >= add_months(day, months)
    assert add_months(day, months + more) > add_months(day, months)


@given(calendar=CALENDARS, day=DAYS, first=st.integers(0, 30), then=st.integers(0, 30))
def test_working_days_add_up(calendar: Calendar, day: date, first: int, then: int) -> None:
    middle = calendar.add_working_days(day, first)
    end = calendar.add_working_days(middle, then)
    assert end == calendar.add_working_days(day, first + then)
    assert calendar.working_days_between(day, end) == first + then


@given(calendar=CALENDARS, day=DAYS, later=st.integers(0, 60), count=st.integers(0, 30))
def test_who_starts_later_ends_no_earlier(calendar: Calendar, day: date, later: int, count: int) -> None:
    after = day + timedelta(days=later)
    assert calendar.add_working_days(after, count) >= calendar.add_working_days(day, count)
    assert calendar.next_working_day(after) >= calendar.next_working_day(day)


@given(calendar=CALENDARS, day=DAYS, count=st.integers(1, 30))
def test_the_nth_working_day_is_worked_and_n_working_days_away(calendar: Calendar, day: date, count: int) -> None:
    end = calendar.add_working_days(day, count)
    assert calendar.is_working_day(end)
    assert calendar.working_days_between(day, end) == count


@given(calendar=CALENDARS, day=DAYS)
def test_the_next_working_day_skips_only_days_off(calendar: Calendar, day: date) -> None:
    following = calendar.next_working_day(day)
    assert calendar.is_working_day(following)
    assert not any(calendar.is_working_day(day + timedelta(days=n)) for n in range((following - day).days))


def test_a_worked_day_is_its_own_next_working_day_and_no_days_away_from_itself() -> None:
    day = date(2026, 11, 24)
    assert shipped().next_working_day(day) == day
    assert shipped().add_working_days(day, 0) == day
    assert shipped().working_days_between(day, day) == 0
    assert shipped().working_days_between(day, date(2026, 11, 1)) == 0


def test_a_day_is_said_without_leading_zeros() -> None:
    assert in_words(date(2026, 3, 9)) == "2026年3月9日"


def test_nothing_is_counted_backwards() -> None:
    with pytest.raises(ValueError, match="months"):
        add_months(date(2026, 11, 24), -1)
    with pytest.raises(ValueError, match="count"):
        PLAIN_WEEK.add_working_days(date(2026, 11, 24), -1)
