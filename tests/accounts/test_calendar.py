from __future__ import annotations

import csv
from datetime import date, timedelta

import chinese_calendar
import pytest
import time_machine
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.calendar import Calendar, add_months, today
from accounts.seeds import DATA

PLAIN_WEEK = Calendar(days={}, years=frozenset())
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))


def shipped() -> Calendar:
    with (DATA / "holidays.csv").open(encoding="utf-8", newline="") as file:
        days = {date.fromisoformat(row["date"]): row["is_workday"] == "1" for row in csv.DictReader(file)}
    return Calendar(days=days, years=frozenset(day.year for day in days))


CALENDARS = st.sampled_from([PLAIN_WEEK, shipped()])


@pytest.mark.parametrize("year", range(2021, 2027))
def test_the_shipped_table_agrees_with_the_published_one_on_every_day_of_the_year(year: int) -> None:
    calendar, day = shipped(), date(year, 1, 1)
    while day.year == year:
        assert calendar.is_working_day(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_a_year_without_holidays_has_weekends_and_is_named_as_missing() -> None:
    calendar = shipped()
    assert calendar.is_working_day(date(2027, 1, 1))
    assert not calendar.is_working_day(date(2027, 1, 2))
    assert calendar.missing_years(date(2026, 11, 30), date(2028, 2, 29)) == [2027, 2028]
    assert calendar.missing_years(date(2026, 1, 1), date(2026, 12, 31)) == []


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


@given(day=DAYS, months=st.sampled_from([0, 1, 2, 3, 6, 12]))
@settings(deadline=None)
def test_months_end_on_the_same_number_or_on_the_last_of_the_month(day: date, months: int) -> None:
    end = add_months(day, months)
    assert end == day + relativedelta(months=months)
    assert end.day == day.day or (end + timedelta(days=1)).day == 1


@given(calendar=CALENDARS, day=DAYS, count=st.integers(1, 30))
@settings(deadline=None)
def test_the_nth_working_day_is_worked_and_n_working_days_away(calendar: Calendar, day: date, count: int) -> None:
    end = calendar.add_working_days(day, count)
    assert calendar.is_working_day(end)
    assert calendar.working_days_between(day, end) == count


@given(calendar=CALENDARS, day=DAYS)
@settings(deadline=None)
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


def test_nothing_is_counted_backwards() -> None:
    with pytest.raises(ValueError, match="months"):
        add_months(date(2026, 11, 24), -1)
    with pytest.raises(ValueError, match="count"):
        PLAIN_WEEK.add_working_days(date(2026, 11, 24), -1)
