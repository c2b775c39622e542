from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.calendar import Calendar, add_months
from accounts.seeds import DATA
from suggestions import deadlines
from suggestions.deadlines import BadLimit, Kept, check_extension, check_t0, kept, moved, traffic_light
from suggestions.models import Assignment, HandlingProfile


def shipped() -> Calendar:
    with (DATA / "holidays.csv").open(encoding="utf-8", newline="") as file:
        days = {date.fromisoformat(row["date"]): row["is_workday"] == "1" for row in csv.DictReader(file)}
    return Calendar(days=days, years=frozenset(day.year for day in days))


CALENDAR = shipped()
# 河南 2017, by name and by hand: the shipped profile is compared with it.
HENAN = Kept(
    review_working_days=3,
    reply_months=3,
    reply_working_days=0,
    extension_max_months=6,
    return_working_days=10,
    reassign_working_days=10,
    assist_months=2,
    feedback_working_days=10,
    rehandle_months=1,
    reopen_days=90,
    roll_to_working_day=True,
)
OPINION = replace(HENAN, reply_months=0, reply_working_days=15)
ONE_MONTH_MORE = replace(HENAN, extension_max_months=4)
ELSEWHERE = [
    ONE_MONTH_MORE,
    OPINION,
    replace(HENAN, return_working_days=5, assist_months=1),  # 青岛 2021
    replace(HENAN, feedback_working_days=15, rehandle_months=2),  # 北京 2014
    replace(HENAN, return_working_days=7, assist_months=1),  # 上海
    replace(HENAN, feedback_working_days=20, rehandle_months=2),  # 重庆
    replace(HENAN, roll_to_working_day=False),
    replace(OPINION, reply_working_days=7),
]
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
PROFILES = st.sampled_from([HENAN, *ELSEWHERE])


@st.composite
def invented(draw: st.DrawFn) -> Calendar:
    """Holidays and worked Saturdays as no State Council would set them, in bridges of up to ten days."""
    days: dict[date, bool] = {}
    for day, length in draw(st.lists(st.tuples(DAYS, st.integers(1, 10)), max_size=30)):
        for n in range(length):
            off = day + timedelta(days=n)
            days[off] = draw(st.booleans()) if off.weekday() >= 5 else False
    return Calendar(days=days, years=frozenset(day.year for day in days))


CALENDARS = st.one_of(st.just(CALENDAR), st.just(Calendar(days={}, years=frozenset())), invented())


def value(text: str) -> Any:
    return date.fromisoformat(text) if "-" in text else int(text)


def hand_made() -> Iterator[Any]:
    """Counted by hand on paper calendars; 河南 2017 where a row names no figure of its own.

    Days off: 2024: 1 January, 10-17 February, 4-6 April, 1-5 May, 10 June, 15-17 September, 1-7 October; worked are
    4 and 18 February, 7 and 28 April, 11 May, 14 and 29 September, 12 October. 2025: 1 January, 28 January to
    4 February, 4-6 April, 1-5 May, 31 May to 2 June, 1-8 October; worked are 26 January, 8 February, 27 April,
    28 September, 11 October. 2026: 1-3 January, 15-23 February, 4-6 April, 1-5 May, 19-21 June, 25-27 September,
    1-7 October; worked are 4 January, 14 and 28 February, 9 May, 20 September, 10 October. 2027 is not announced.
    """
    with (Path(__file__).parent / "dates.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            given_ = {name: value(text) for name, text in (pair.split("=") for pair in row["figures"].split())}
            name = f"{row['rule']} {row['start']} {row['figures']}".strip()
            yield pytest.param(
                row["rule"], date.fromisoformat(row["start"]), given_, row["expected"], row["reason"], id=name
            )


HAND_MADE = list(hand_made())


@pytest.mark.parametrize(("rule", "start", "figures", "expected", "reason"), HAND_MADE)
def test_dates_counted_by_hand(rule: str, start: date, figures: dict[str, Any], expected: str, reason: str) -> None:
    numbers = replace(HENAN, **{name: figures[name] for name in figures.keys() & deadlines.terms(HENAN).keys()})
    chosen = {name: figures[name] for name in figures.keys() - deadlines.terms(HENAN).keys()}
    if rule == "traffic_light":
        shown: object = traffic_light(chosen["due"], start, CALENDAR)
    elif rule in ("extension_latest", "reopen_until"):
        shown = getattr(deadlines, rule)(start, numbers)
    else:
        shown = getattr(deadlines, rule)(start, numbers, CALENDAR, **chosen)
    assert str(shown) == expected, reason


def test_every_rule_has_dates_counted_by_hand() -> None:
    rows = Counter(case.values[0] for case in HAND_MADE)
    assert min(rows.values()) >= 3 and sum(rows.values()) >= 130 and len(rows) == 11


def test_entering_a_holiday_moves_the_end_that_falls_on_it() -> None:
    entered = Calendar(days={**CALENDAR.days, date(2027, 1, 1): False}, years=CALENDAR.years | {2027})
    assert deadlines.reply_due(date(2026, 10, 1), HENAN, CALENDAR) == date(2027, 1, 1)
    assert deadlines.reply_due(date(2026, 10, 1), HENAN, entered) == date(2027, 1, 4)


T0 = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("limit", "today", "sentence"),
    [
        (T0, None, "限期要晚于交办日期2026年11月24日，请重新选择。"),
        (date(2026, 11, 1), None, "限期要晚于交办日期2026年11月24日，请重新选择。"),
        (date(2027, 2, 25), None, "限期不能晚于规定的答复期限2027年2月24日，请重新选择。"),
        (date(2026, 12, 20), date(2026, 12, 21), "限期不能早于今天2026年12月21日，请重新选择。"),
    ],
)
def test_a_limit_that_cannot_be_kept_is_refused_in_words(limit: date, today: date | None, sentence: str) -> None:
    with pytest.raises(BadLimit) as refused:
        deadlines.reply_due(T0, HENAN, CALENDAR, limit=limit, today=today)
    assert str(refused.value) == sentence


def test_a_limit_may_end_today_and_an_old_hand_over_may_be_told_again() -> None:
    day = date(2026, 12, 20)
    assert deadlines.reply_due(T0, HENAN, CALENDAR, limit=day, today=day) == day
    assert deadlines.reply_due(T0, HENAN, CALENDAR, limit=day) == day
    assert deadlines.reply_due(T0, HENAN, CALENDAR, today=date(2027, 6, 1)) == date(2027, 2, 24)


def test_a_profile_without_a_reply_number_is_an_error_not_a_date() -> None:
    with pytest.raises(ValueError, match="没有设置答复期限"):
        deadlines.reply_due(T0, replace(HENAN, reply_months=0), CALENDAR)


@pytest.mark.parametrize(
    ("t0", "sentence"),
    [
        (date(2026, 11, 25), "交办日期不能晚于今天2026年11月24日，请重新选择。"),
        (date(2026, 11, 2), "交办日期不能早于提交日期2026年11月3日，请重新选择。"),
        (date(2026, 11, 24), ""),
        (date(2026, 11, 10), ""),
        (date(2026, 11, 3), ""),
    ],
)
def test_the_hand_over_may_be_a_meeting_since_the_case_was_submitted(t0: date, sentence: str) -> None:
    if not sentence:
        check_t0(t0, date(2026, 11, 3), date(2026, 11, 24))
        return
    with pytest.raises(BadLimit) as refused:
        check_t0(t0, date(2026, 11, 3), date(2026, 11, 24))
    assert str(refused.value) == sentence


# Handed over on 30 November 2026: due on 1 March 2027, at most until 30 May 2027, a Sunday.
OVER = "延期最晚到2027年5月30日，这件事已不能再延期，请尽快答复。"


@pytest.mark.parametrize(
    ("due", "until", "today", "sentence"),
    [
        ("2027-03-01", "2027-03-02", "2027-02-20", ""),
        ("2027-03-01", "2027-05-30", "2027-02-20", ""),
        ("2027-03-01", "2027-05-31", "2027-02-20", "延期最晚到2027年5月30日（自交办之日起6个月），请重新选择。"),
        ("2027-03-01", "2027-03-01", "2027-02-20", "延期要晚于现在的应复日期2027年3月1日，请重新选择。"),
        ("2027-03-01", "2027-01-05", "2027-02-20", "延期要晚于现在的应复日期2027年3月1日，请重新选择。"),
        ("2027-03-01", "2027-03-19", "2027-03-20", "延期不能早于今天2027年3月20日，请重新选择。"),
        ("2027-03-01", "2027-03-20", "2027-03-20", ""),
        ("2027-04-30", "2027-04-30", "2027-03-20", "延期要晚于现在的应复日期2027年4月30日，请重新选择。"),
        ("2027-05-29", "2027-05-30", "2027-05-30", ""),
        ("2027-05-30", "2027-06-30", "2027-03-20", OVER),
        ("2027-03-01", "2027-06-30", "2027-05-31", OVER),
    ],
)
def test_an_extension_is_later_not_over_and_within_six_months(due: str, until: str, today: str, sentence: str) -> None:
    due_, until_, today_ = map(date.fromisoformat, (due, until, today))
    if not sentence:
        check_extension(date(2026, 11, 30), HENAN, due=due_, until=until_, today=today_)
        return
    with pytest.raises(BadLimit) as refused:
        check_extension(date(2026, 11, 30), HENAN, due=due_, until=until_, today=today_)
    assert str(refused.value) == sentence


def test_where_only_one_month_more_is_given_the_sentence_says_so() -> None:
    due, until, today = date(2027, 3, 1), date(2027, 3, 31), date(2027, 2, 1)
    with pytest.raises(BadLimit, match="延期最晚到2027年3月30日（自交办之日起4个月）"):
        check_extension(date(2026, 11, 30), ONE_MONTH_MORE, due=due, until=until, today=today)


Role, Basis = Assignment.Role, Assignment.Basis
# The notice for 2027 as it might come: 元旦 1-3 January, Monday 1 March free in exchange for Saturday 27 February.
NOTICE = {date(2027, 1, 1): False, date(2027, 2, 27): True, date(2027, 3, 1): False, date(2027, 2, 1): False}
ANNOUNCED = Calendar(days={**CALENDAR.days, **NOTICE}, years=CALENDAR.years | {2027})


@pytest.mark.parametrize(
    ("t0", "numbers", "role", "basis", "before", "after"),
    [
        ("2026-11-30", HENAN, Role.LEAD, Basis.PROFILE, "2027-03-01", "2027-03-02"),
        ("2026-11-30", HENAN, Role.SEPARATE, Basis.PROFILE, "2027-03-01", "2027-03-02"),
        ("2026-11-27", HENAN, Role.LEAD, Basis.PROFILE, "2027-03-01", "2027-02-27"),
        ("2026-12-11", OPINION, Role.LEAD, Basis.PROFILE, "2027-01-01", "2027-01-04"),
        ("2026-11-30", replace(HENAN, roll_to_working_day=False), Role.LEAD, Basis.PROFILE, "2027-02-28", "2027-02-28"),
        ("2026-12-31", HENAN, Role.LEAD, Basis.REHANDLE, "2027-02-01", "2027-02-02"),
        ("2026-12-01", HENAN, Role.ASSIST, Basis.PROFILE, "2027-02-01", "2027-02-02"),
        ("2026-12-01", HENAN, Role.LEAD, Basis.LIMIT, "2027-02-01", "2027-02-01"),
        ("2026-08-30", HENAN, Role.LEAD, Basis.EXTENSION, "2027-02-01", "2027-02-01"),
        ("2026-08-30", HENAN, Role.ASSIST, Basis.EXTENSION, "2027-02-01", "2027-02-01"),
    ],
)
def test_a_notice_moves_what_was_counted_and_never_what_was_chosen(
    t0: str, numbers: Kept, role: Role, basis: Basis, before: str, after: str
) -> None:
    start, due, today = date.fromisoformat(t0), date.fromisoformat(before), date(2026, 12, 15)
    assert moved(due, start, numbers, CALENDAR, role=role, basis=basis, today=today) == due
    assert moved(due, start, numbers, ANNOUNCED, role=role, basis=basis, today=today).isoformat() == after


def test_the_bases_that_are_known_here_are_those_of_the_table() -> None:
    assert set(Basis) == {"profile", "limit", "extension", "rehandle"} and set(Role) == {"lead", "assist", "separate"}


def test_an_assisting_opinion_moves_no_further_than_the_lead() -> None:
    start, today = date(2026, 12, 1), date(2026, 12, 15)

    def assisting(basis: Basis, lead: str) -> str:
        due, lead_due = date(2027, 2, 1), date.fromisoformat(lead)
        return str(moved(due, start, HENAN, ANNOUNCED, role=Role.ASSIST, basis=basis, today=today, lead_due=lead_due))

    assert assisting(Basis.PROFILE, "2027-03-02") == "2027-02-02"
    assert assisting(Basis.PROFILE, "2027-02-01") == "2027-02-01"
    assert assisting(Basis.LIMIT, "2027-02-01") == "2027-02-01"
    assert assisting(Basis.LIMIT, "2027-02-10") == "2027-02-02"


def test_no_correction_makes_a_unit_late_and_what_is_late_stays_late() -> None:
    """The holiday of 1 March 2027 is entered by mistake and taken out again; without it the day is a Saturday worked."""
    start, due = date(2026, 11, 27), date(2027, 3, 2)

    def on(today: str) -> str:
        day = date.fromisoformat(today)
        return moved(due, start, HENAN, ANNOUNCED, role=Role.LEAD, basis=Basis.PROFILE, today=day).isoformat()

    assert on("2027-02-20") == "2027-02-27"
    assert on("2027-02-27") == "2027-02-27"
    assert on("2027-02-28") == "2027-02-28"
    assert on("2027-03-02") == "2027-03-02"
    assert on("2027-03-03") == "2027-03-02"


def test_a_day_still_running_is_not_over() -> None:
    due, start = date(2027, 3, 1), date(2026, 11, 30)
    later = moved(due, start, HENAN, ANNOUNCED, role=Role.LEAD, basis=Basis.PROFILE, today=due)
    assert later == date(2027, 3, 2)


def test_the_terms_kept_with_an_assignment_are_all_numbers_of_the_profile() -> None:
    stored = deadlines.terms(OPINION)
    assert len(stored) == 11 and kept(stored) == OPINION
    assert deadlines.terms(HandlingProfile(reply_months=3)) == deadlines.terms(HENAN)


WORKING_DAY_RULES = {
    "review_until": "review_working_days",
    "return_until": "return_working_days",
    "reassign_until": "reassign_working_days",
    "feedback_until": "feedback_working_days",
}
MONTH_RULES = {"reply_due": "reply_months", "assist_due": "assist_months", "rehandle_due": "rehandle_months"}
COUNTED = [*WORKING_DAY_RULES, *MONTH_RULES, "close_after"]


@given(day=DAYS, profile=PROFILES, calendar=CALENDARS)
def test_every_date_lies_after_its_beginning(day: date, profile: Kept, calendar: Calendar) -> None:
    for rule in COUNTED:
        assert getattr(deadlines, rule)(day, profile, calendar) > day, rule
    for rule in ("extension_latest", "reopen_until"):
        assert getattr(deadlines, rule)(day, profile) > day, rule
    assert deadlines.close_after(day, profile, calendar) - deadlines.feedback_until(
        day, profile, calendar
    ) == timedelta(1)


@given(day=DAYS, later=st.integers(0, 60), profile=PROFILES, calendar=CALENDARS)
def test_who_begins_later_is_never_due_earlier(day: date, later: int, profile: Kept, calendar: Calendar) -> None:
    after = day + timedelta(days=later)
    for rule in COUNTED:
        of = getattr(deadlines, rule)
        assert of(after, profile, calendar) >= of(day, profile, calendar), rule
    for rule in ("extension_latest", "reopen_until"):
        assert getattr(deadlines, rule)(after, profile) >= getattr(deadlines, rule)(day, profile), rule


@given(day=DAYS, few=st.integers(1, 29), more=st.integers(1, 30), calendar=CALENDARS)
def test_a_larger_number_gives_a_later_working_day(day: date, few: int, more: int, calendar: Calendar) -> None:
    for rule, number in WORKING_DAY_RULES.items():
        of = getattr(deadlines, rule)
        first = of(day, replace(HENAN, **{number: few}), calendar)
        assert calendar.is_working_day(first) and calendar.working_days_between(day, first) == few, rule
        assert of(day, replace(HENAN, **{number: few + more}), calendar) > first, rule


@given(day=DAYS, months=st.integers(1, 11), more=st.integers(0, 3), calendar=CALENDARS, roll=st.booleans())
def test_months_end_on_the_clamped_day_or_the_first_working_day_from_it_on(
    day: date, months: int, more: int, calendar: Calendar, roll: bool
) -> None:
    end = add_months(day, months)
    for rule, number in MONTH_RULES.items():
        of = getattr(deadlines, rule)
        numbers = replace(HENAN, roll_to_working_day=roll, **{number: months})
        due = of(day, numbers, calendar)
        if not roll:
            assert due == end, rule
            continue
        assert due >= end and calendar.is_working_day(due), rule
        assert not any(calendar.is_working_day(end + timedelta(days=n)) for n in range((due - end).days)), rule
        assert of(day, replace(numbers, **{number: months + more}), calendar) >= due, rule


@given(day=DAYS, count=st.integers(1, 40), calendar=CALENDARS)
def test_a_reply_in_working_days_is_due_on_the_nth_whatever_the_months_say(
    day: date, count: int, calendar: Calendar
) -> None:
    due = deadlines.reply_due(day, replace(OPINION, reply_working_days=count), calendar)
    assert calendar.is_working_day(due) and calendar.working_days_between(day, due) == count
    assert deadlines.reply_due(day, replace(HENAN, reply_working_days=count), calendar) == due


@given(day=DAYS, profile=PROFILES, calendar=CALENDARS, until=st.integers(-10, 260), ago=st.integers(0, 200))
def test_an_extension_is_given_exactly_between_the_due_day_and_six_months(
    day: date, profile: Kept, calendar: Calendar, until: int, ago: int
) -> None:
    due = deadlines.reply_due(day, profile, calendar)
    today, chosen = day + timedelta(days=ago), day + timedelta(days=until)
    right = max(due + timedelta(days=1), today) <= chosen <= add_months(day, profile.extension_max_months)
    try:
        check_extension(day, profile, due=due, until=chosen, today=today)
    except BadLimit:
        assert not right
    else:
        assert right and chosen <= add_months(day, 6)


ASSIGNED = st.sampled_from(
    [
        (Role.LEAD, Basis.PROFILE),
        (Role.SEPARATE, Basis.PROFILE),
        (Role.ASSIST, Basis.PROFILE),
        (Role.LEAD, Basis.REHANDLE),
    ]
)


def first_due(role: Role, basis: Basis, day: date, profile: Kept, calendar: Calendar) -> date:
    if role == Role.ASSIST:
        return deadlines.assist_due(day, profile, calendar)
    rule = deadlines.rehandle_due if basis == Basis.REHANDLE else deadlines.reply_due
    return rule(day, profile, calendar)


@given(day=DAYS, profile=PROFILES, assigned=ASSIGNED, old=CALENDARS, new=CALENDARS, n=st.integers(0, 130))
def test_a_moved_day_is_the_one_the_new_calendar_gives_and_moves_once(
    day: date, profile: Kept, assigned: tuple[Role, Basis], old: Calendar, new: Calendar, n: int
) -> None:
    (role, basis), today = assigned, day + timedelta(days=n)
    due = first_due(role, basis, day, profile, old)

    def move(due: date, calendar: Calendar) -> date:
        return moved(due, day, profile, calendar, role=role, basis=basis, today=today)

    after = move(due, new)
    if today > due:
        assert after == due
        return
    assert move(due, old) == due
    assert after == max(today, first_due(role, basis, day, profile, new))
    assert move(after, new) == after


@given(due=DAYS, earlier=st.integers(1, 200), profile=PROFILES, calendar=CALENDARS, role=st.sampled_from([*Role]))
def test_a_chosen_day_never_moves(due: date, earlier: int, profile: Kept, calendar: Calendar, role: Role) -> None:
    day = due - timedelta(days=earlier)
    assert moved(due, day, profile, calendar, role=role, basis=Basis.EXTENSION, today=day) == due
    if role != Role.ASSIST:
        assert moved(due, day, profile, calendar, role=role, basis=Basis.LIMIT, today=day) == due


@given(day=DAYS, profile=PROFILES, calendar=st.sampled_from([CALENDAR, ANNOUNCED]))
def test_the_light_goes_from_green_over_yellow_to_red_and_never_back(
    day: date, profile: Kept, calendar: Calendar
) -> None:
    due = deadlines.reply_due(day, profile, calendar)
    shown = [traffic_light(due, day + timedelta(days=n), calendar) for n in range((due - day).days + 3)]
    turns = [light for n, light in enumerate(shown) if n == 0 or light != shown[n - 1]]
    assert turns == ["green", "yellow", "red"]
    assert shown.count("red") == 2
