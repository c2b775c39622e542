"""Days, months and working days as the law counts them. Pure: the holiday table comes in as a `Calendar`."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)
SATURDAY = 5


def today() -> date:
    """The business date. Between 00:00 and 08:00 in Shanghai the UTC date is still yesterday's."""
    return timezone.localdate(timezone=SHANGHAI)


def in_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def add_months(day: date, months: int) -> date:
    """The day on which a period of whole months ends (民法典 art. 201, 202).

    The first day is not counted, so the period ends on the same day-number of the last month, or on that month's last
    day where it has no such number: 2027-11-30 and three months make 2028-02-29. Holidays are not looked at.
    Raises ValueError for a negative number of months.
    """
    if months < 0:
        raise ValueError("months must not be negative")
    year, index = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, index + 1, min(day.day, monthrange(year, index + 1)[1]))


@dataclass(frozen=True)
class Calendar:
    """The days that differ from the plain week: `True` for one worked in exchange (调休), `False` for a holiday.

    `years` are the years that are known. The State Council announces the next year only in autumn; until it is entered
    that year has weekends and nothing else, so that every date can be computed. `missing_years` tells whom to warn.
    """

    days: Mapping[date, bool]
    years: frozenset[int]

    def is_working_day(self, day: date) -> bool:
        return self.days.get(day, day.weekday() < SATURDAY)

    def next_working_day(self, day: date) -> date:
        """The day itself if it is worked, else the first one after it: where a period ends (民法典 art. 203)."""
        while not self.is_working_day(day):
            day += ONE_DAY
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, which is itself not counted (民法典 art. 201).

        Zero leaves the day as it is, worked or not. Raises ValueError for a negative count.
        """
        if count < 0:
            raise ValueError("count must not be negative")
        for _ in range(count):
            day = self.next_working_day(day + ONE_DAY)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; none where `end` is not later."""
        return sum(self.is_working_day(start + ONE_DAY * n) for n in range(1, (end - start).days + 1))

    def missing_years(self, start: date, end: date) -> list[int]:
        """The years touched from `start` to `end` whose holidays nobody has entered, in order."""
        return [year for year in range(start.year, end.year + 1) if year not in self.years]
