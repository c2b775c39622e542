from __future__ import annotations

import csv
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.calendar import Calendar, add_months
from accounts.seeds import DATA
from suggestions import deadlines
from suggestions.deadlines import BadLimit, traffic_light


@dataclass(frozen=True)
class Profile:
    review_working_days: int = 3
    reply_months: int = 3
    reply_working_days: int = 0
    extension_max_months: int = 6
    return_working_days: int = 10
    reassign_working_days: int = 10
    assist_months: int = 2
    feedback_working_days: int = 10
    rehandle_months: int = 1
    reopen_days: int = 90
    roll_to_working_day: bool = True


def shipped() -> Calendar:
    with (DATA / "holidays.csv").open(encoding="utf-8", newline="") as file:
        days = {date.fromisoformat(row["date"]): row["is_workday"] == "1" for row in csv.DictReader(file)}
    return Calendar(days=days, years=frozenset(day.year for day in days))


CALENDAR = shipped()
HENAN = Profile()
OPINION = Profile(reply_months=0, reply_working_days=15)
ELSEWHERE = {
    "青岛 2021": Profile(return_working_days=5, assist_months=1),
    "山东 2017": Profile(return_working_days=5),
    "北京 2014": Profile(feedback_working_days=15, rehandle_months=2),
    "上海": Profile(return_working_days=7, assist_months=1),
    "重庆": Profile(feedback_working_days=20, rehandle_months=2),
    "玉林": Profile(return_working_days=7),
    "延期一个月": Profile(extension_max_months=4),
    "不顺延": Profile(roll_to_working_day=False),
    "意见十五日": OPINION,
    "意见七日": Profile(reply_months=0, reply_working_days=7),
}
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
PROFILES = st.sampled_from([HENAN, *ELSEWHERE.values()])

# Counted by hand on paper calendars. In 2026 the days off are 1-3 January, 15-23 February, 4-6 April, 1-5 May,
# 19-21 June, 25-27 September and 1-7 October; worked in exchange are the weekend days 4 January, 14 and 28 February,
# 9 May, 20 September and 10 October. The notice for 2027 is not out.
BY_HAND = [
    # 答复, three months
    ("reply_due", "2026-02-28", "2026-05-28", "the same number, a Thursday"),
    ("reply_due", "2026-11-30", "2027-03-01", "no 30 February; the 28th is a Sunday"),
    ("reply_due", "2027-11-30", "2028-02-29", "leap day, a Tuesday"),
    ("reply_due", "2027-11-29", "2028-02-29", "the same number exists in a leap year"),
    ("reply_due", "2023-11-30", "2024-02-29", "leap day, a Thursday"),
    ("reply_due", "2023-11-29", "2024-02-29", "29 to 29"),
    ("reply_due", "2023-12-01", "2024-03-01", "a Friday, untouched by the leap day"),
    ("reply_due", "2024-02-29", "2024-05-29", "from a leap day"),
    ("reply_due", "2024-11-30", "2025-02-28", "no leap year; a Friday"),
    ("reply_due", "2025-11-29", "2026-02-28", "a Saturday worked in exchange for 春节"),
    ("reply_due", "2025-11-30", "2026-02-28", "clamped to the same Saturday"),
    ("reply_due", "2025-11-14", "2026-02-14", "the Saturday before 春节 is worked"),
    ("reply_due", "2025-11-15", "2026-02-24", "ends on the first day of 春节: nine days off"),
    ("reply_due", "2025-11-23", "2026-02-24", "ends on its last day"),
    ("reply_due", "2025-10-01", "2026-01-04", "元旦; Sunday the 4th is worked"),
    ("reply_due", "2025-10-31", "2026-02-02", "31 January 2026 is a Saturday"),
    ("reply_due", "2025-12-31", "2026-03-31", "year end, a Tuesday"),
    ("reply_due", "2026-01-04", "2026-04-07", "清明 and its Monday"),
    ("reply_due", "2026-02-01", "2026-05-06", "劳动节, five days"),
    ("reply_due", "2026-02-09", "2026-05-09", "a Saturday worked in exchange"),
    ("reply_due", "2026-03-19", "2026-06-22", "端午, a Friday, with its weekend"),
    ("reply_due", "2026-03-31", "2026-06-30", "June has 30 days"),
    ("reply_due", "2026-05-31", "2026-08-31", "handed over on a Sunday: the first day is not counted anyway"),
    ("reply_due", "2026-06-20", "2026-09-20", "a Sunday worked in exchange for 国庆"),
    ("reply_due", "2026-06-25", "2026-09-28", "中秋, a Friday, with its weekend"),
    ("reply_due", "2026-07-01", "2026-10-08", "the first day of 国庆"),
    ("reply_due", "2026-07-07", "2026-10-08", "the last day of 国庆"),
    ("reply_due", "2026-07-08", "2026-10-08", "the first day after 国庆"),
    ("reply_due", "2026-07-10", "2026-10-10", "a Saturday worked in exchange"),
    ("reply_due", "2026-07-11", "2026-10-12", "the Sunday after it is not"),
    ("reply_due", "2026-08-31", "2026-11-30", "November has 30 days; a Monday"),
    ("reply_due", "2026-10-01", "2027-01-01", "元旦 2027 is unknown until the notice is entered"),
    ("reply_due", "2026-10-31", "2027-02-01", "31 January 2027 is a Sunday"),
    ("reply_due", "2026-11-24", "2027-02-24", "a Wednesday"),
    ("reply_due", "2026-12-31", "2027-03-31", "31 to 31"),
    ("reply_due", "2025-07-01", "2025-10-09", "国庆 and 中秋 together: eight days"),
    ("reply_due", "2024-07-05", "2024-10-08", "国庆 2024"),
    ("reply_due", "2022-10-01", "2023-01-03", "元旦 2023 was three days off"),
    # 重新办理, one month
    ("rehandle_due", "2026-01-31", "2026-02-28", "clamped to a worked Saturday"),
    ("rehandle_due", "2024-01-31", "2024-02-29", "clamped to the leap day"),
    ("rehandle_due", "2028-01-30", "2028-02-29", "clamped to the leap day"),
    ("rehandle_due", "2026-09-01", "2026-10-08", "国庆"),
    ("rehandle_due", "2026-12-31", "2027-02-01", "31 January 2027 is a Sunday"),
    ("rehandle_due", "2026-03-31", "2026-04-30", "April has 30 days; a Thursday"),
    # 协办意见, two months
    ("assist_due", "2025-12-31", "2026-02-28", "clamped to a worked Saturday"),
    ("assist_due", "2026-04-30", "2026-06-30", "30 to 30, not end to end"),
    ("assist_due", "2026-08-01", "2026-10-08", "国庆"),
    ("assist_due", "2027-12-31", "2028-02-29", "clamped to the leap day"),
    # 申请退回 and 重新交办, ten working days
    ("return_until", "2026-11-24", "2026-12-08", "two plain weeks"),
    ("return_until", "2026-09-30", "2026-10-20", "国庆 between; Saturday the 10th counts"),
    ("return_until", "2026-02-10", "2026-03-02", "春节 between; both Saturdays worked count"),
    ("return_until", "2026-09-18", "2026-10-09", "the worked Sunday, 中秋 and 国庆"),
    ("return_until", "2026-12-25", "2027-01-08", "1 January 2027 counts until the notice is entered"),
    ("return_until", "2026-05-01", "2026-05-18", "from a holiday; Saturday the 9th counts"),
    ("return_until", "2025-12-31", "2026-01-15", "Sunday 4 January is the first one"),
    ("return_until", "2025-09-26", "2025-10-16", "28 September and 11 October 2025 are worked"),
    ("reassign_until", "2025-01-24", "2025-02-13", "春节 2025; 26 January and 8 February are worked"),
    # 评价, ten working days, and the day after it
    ("feedback_until", "2026-11-24", "2026-12-08", "two plain weeks"),
    ("close_after", "2026-11-24", "2026-12-09", "the rating may come until midnight of the 8th"),
    # 初核, three working days
    ("review_until", "2026-11-27", "2026-12-02", "from a Friday"),
    ("review_until", "2026-09-24", "2026-09-30", "中秋 between"),
    ("review_until", "2026-09-30", "2026-10-10", "国庆 between, Saturday worked"),
]
BY_HAND_OPINIONS = [
    ("2026-11-24", "2026-12-15", "three plain weeks"),
    ("2026-09-30", "2026-10-27", "国庆 between; Saturday the 10th counts"),
]
BY_HAND_BOUNDS = [
    ("extension_latest", "2026-08-31", "2027-02-28", "a Sunday, and not moved"),
    ("extension_latest", "2026-04-01", "2026-10-01", "国庆, and not moved"),
    ("extension_latest", "2025-08-31", "2026-02-28", "clamped"),
    ("extension_latest", "2027-08-31", "2028-02-29", "clamped to the leap day"),
    ("extension_latest", "2026-11-24", "2027-05-24", "the same number"),
    ("reopen_until", "2026-11-24", "2027-02-22", "6 days of November, 31, 31 and 22"),
]


@pytest.mark.parametrize(("rule", "day", "until", "why"), BY_HAND)
def test_dates_counted_by_hand(rule: str, day: str, until: str, why: str) -> None:
    assert getattr(deadlines, rule)(date.fromisoformat(day), HENAN, CALENDAR).isoformat() == until, why


@pytest.mark.parametrize(("day", "until", "why"), BY_HAND_OPINIONS)
def test_opinions_are_answered_in_working_days(day: str, until: str, why: str) -> None:
    assert deadlines.reply_due(date.fromisoformat(day), OPINION, CALENDAR).isoformat() == until, why


@pytest.mark.parametrize(("rule", "day", "until", "why"), BY_HAND_BOUNDS)
def test_bounds_are_not_moved_by_days_off(rule: str, day: str, until: str, why: str) -> None:
    assert getattr(deadlines, rule)(date.fromisoformat(day), HENAN).isoformat() == until, why


def test_a_county_may_set_that_days_off_move_nothing() -> None:
    strict = replace(HENAN, roll_to_working_day=False)
    assert deadlines.reply_due(date(2026, 11, 30), strict, CALENDAR) == date(2027, 2, 28)


def test_entering_a_holiday_moves_the_end_that_falls_on_it() -> None:
    entered = Calendar(days={**CALENDAR.days, date(2027, 1, 1): False}, years=CALENDAR.years | {2027})
    assert deadlines.reply_due(date(2026, 10, 1), HENAN, entered) == date(2027, 1, 4)


def test_an_earlier_limit_is_taken_as_it_stands_even_on_a_sunday() -> None:
    sunday = date(2026, 12, 20)
    assert deadlines.reply_due(date(2026, 11, 24), HENAN, CALENDAR, limit=sunday) == sunday


def test_the_profiles_own_day_is_the_latest_limit() -> None:
    assert deadlines.reply_due(date(2026, 11, 30), HENAN, CALENDAR, limit=date(2027, 3, 1)) == date(2027, 3, 1)
    with pytest.raises(BadLimit, match="限期不能晚于规定的答复期限2027年3月1日，请重新选择。"):
        deadlines.reply_due(date(2026, 11, 30), HENAN, CALENDAR, limit=date(2027, 3, 2))


@pytest.mark.parametrize("limit", [date(2026, 11, 24), date(2026, 11, 1)])
def test_a_limit_not_after_the_hand_over_is_refused(limit: date) -> None:
    with pytest.raises(BadLimit, match="限期要晚于交办日期2026年11月24日，请重新选择。"):
        deadlines.reply_due(date(2026, 11, 24), HENAN, CALENDAR, limit=limit)


def test_a_profile_without_a_reply_number_is_an_error_not_a_date() -> None:
    with pytest.raises(ValueError, match="没有设置答复期限"):
        deadlines.reply_due(date(2026, 11, 24), replace(HENAN, reply_months=0), CALENDAR)


def test_the_terms_kept_with_an_assignment_are_all_numbers_of_the_profile() -> None:
    kept = deadlines.terms(OPINION)
    assert set(kept) == {field.name for field in fields(Profile)}
    assert Profile(**kept) == OPINION


@given(day=DAYS, profile=PROFILES)
@settings(deadline=None)
def test_every_date_lies_after_its_beginning(day: date, profile: Profile) -> None:
    for rule in ("review_until", "reply_due", "assist_due", "return_until", "reassign_until", "feedback_until"):
        assert getattr(deadlines, rule)(day, profile, CALENDAR) > day, rule
    assert deadlines.rehandle_due(day, profile, CALENDAR) > day
    assert deadlines.close_after(day, profile, CALENDAR) > deadlines.feedback_until(day, profile, CALENDAR)


@given(day=DAYS, months=st.sampled_from([1, 2, 3, 6]))
@settings(deadline=None)
def test_a_rolled_end_is_the_first_working_day_from_the_legal_end_on(day: date, months: int) -> None:
    due = deadlines.reply_due(day, replace(HENAN, reply_months=months), CALENDAR)
    end = add_months(day, months)
    assert CALENDAR.is_working_day(due)
    assert due >= end
    assert not any(CALENDAR.is_working_day(end + timedelta(days=n)) for n in range((due - end).days))


@given(day=DAYS, later=st.integers(0, 60), profile=PROFILES)
@settings(deadline=None)
def test_who_begins_later_is_never_due_earlier(day: date, later: int, profile: Profile) -> None:
    due = deadlines.reply_due(day, profile, CALENDAR)
    assert deadlines.reply_due(day + timedelta(days=later), profile, CALENDAR) >= due


@given(day=DAYS)
@settings(deadline=None)
def test_the_light_goes_from_green_over_yellow_to_red_and_never_back(day: date) -> None:
    due = deadlines.reply_due(day, HENAN, CALENDAR)
    shown = [traffic_light(due, day + timedelta(days=n), CALENDAR) for n in range((due - day).days + 10)]
    assert [light for n, light in enumerate(shown) if n == 0 or light != shown[n - 1]] == ["green", "yellow", "red"]


@pytest.mark.parametrize(
    ("due", "today", "light"),
    [
        ("2026-12-08", "2026-11-30", "green"),  # eight days, six of them worked
        ("2026-12-08", "2026-12-01", "yellow"),  # seven days
        ("2026-12-08", "2026-12-08", "yellow"),  # runs out at midnight
        ("2026-12-08", "2026-12-09", "red"),
        ("2026-10-09", "2026-09-29", "yellow"),  # ten days, but 30 September, 8 and 9 October alone are worked
        ("2026-10-09", "2026-09-28", "green"),  # four working days
    ],
)
def test_lights(due: str, today: str, light: str) -> None:
    assert traffic_light(date.fromisoformat(due), date.fromisoformat(today), CALENDAR) == light
