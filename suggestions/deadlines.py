"""Until when. Pure: a day, the numbers of a 办理规程 and the calendar make a date.

Sources: 代表法 (2025) art. 51; 河南省人大代表建议、批评和意见办理办法 (2017), whose numbers are the shipped ones.
Months and days are counted as in 民法典 art. 201-203, by analogy: the day from which a period runs is never counted.
Dates are local (Asia/Shanghai) and run out at their 24:00, so a case is late from the next day on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, Literal, Protocol

from accounts.calendar import Calendar, add_months, in_words

Light = Literal["green", "yellow", "red"]

WARNING_DAYS = 7
# Seven days of 国庆 are no time to work in: a few working days left warn as well.
WARNING_WORKING_DAYS = 3


class Numbers(Protocol):
    """The day counts of a 办理规程. Months and working days; only `reopen_days` are plain days."""

    @property
    def review_working_days(self) -> int: ...
    @property
    def reply_months(self) -> int: ...
    @property
    def reply_working_days(self) -> int: ...
    @property
    def extension_max_months(self) -> int: ...
    @property
    def return_working_days(self) -> int: ...
    @property
    def reassign_working_days(self) -> int: ...
    @property
    def assist_months(self) -> int: ...
    @property
    def feedback_working_days(self) -> int: ...
    @property
    def rehandle_months(self) -> int: ...
    @property
    def reopen_days(self) -> int: ...
    @property
    def roll_to_working_day(self) -> bool: ...


@dataclass(frozen=True)
class Kept:
    """The numbers an assignment keeps. A profile that is changed later moves no date (architecture.md, "Clocks")."""

    review_working_days: int
    reply_months: int
    reply_working_days: int
    extension_max_months: int
    return_working_days: int
    reassign_working_days: int
    assist_months: int
    feedback_working_days: int
    rehandle_months: int
    reopen_days: int
    roll_to_working_day: bool


class BadLimit(ValueError):
    """A date that cannot be chosen. The only argument is a Chinese sentence for the one who chose it."""


def terms(numbers: Numbers) -> dict[str, int | bool]:
    """The numbers as plain values, to be stored with an assignment."""
    return {field.name: getattr(numbers, field.name) for field in fields(Kept)}


def kept(stored: Mapping[str, Any]) -> Kept:
    """What `terms` stored, as numbers again."""
    return Kept(**stored)


def check_t0(t0: date, submitted_on: date, today: date) -> None:
    """交办日期 may be the earlier day of a meeting (交办会) at which many cases were handed over together.

    It is neither in the future nor before the case existed. Raises BadLimit.
    """
    if t0 > today:
        raise BadLimit(f"交办日期不能晚于今天{in_words(today)}，请重新选择。")
    if t0 < submitted_on:
        raise BadLimit(f"交办日期不能早于提交日期{in_words(submitted_on)}，请重新选择。")


def review_until(submitted: date, numbers: Numbers, calendar: Calendar) -> date:
    """初核: until when someone must have looked at a new case."""
    return calendar.add_working_days(submitted, numbers.review_working_days)


def reply_due(
    t0: date, numbers: Numbers, calendar: Calendar, limit: date | None = None, today: date | None = None
) -> date:
    """The day on which the reply is due, counted from the hand-over `t0` (代表法 art. 51: three months from 交办之日).

    By months, or by working days where the profile sets those. An explicit earlier 限期 is taken as it stands, also on
    a day off. Raises BadLimit for a limit that is not after `t0`, before `today` (left out where an old hand-over is
    told again) or later than the profile allows, and ValueError for a profile that sets neither number.
    """
    if numbers.reply_working_days:
        due = calendar.add_working_days(t0, numbers.reply_working_days)
    elif numbers.reply_months:
        due = _after_months(t0, numbers.reply_months, numbers, calendar)
    else:
        raise ValueError("办理规程没有设置答复期限，请先在后台“办理规程”中填写。")
    return limited(due, t0, limit, today)


def limited(due: date, t0: date, limit: date | None, today: date | None = None) -> date:
    """`due`, or an explicit earlier 限期 as it stands. Raises BadLimit as `reply_due` does."""
    if limit is None:
        return due
    if limit <= t0:
        raise BadLimit(f"限期要晚于交办日期{in_words(t0)}，请重新选择。")
    if today is not None and limit < today:
        raise BadLimit(f"限期不能早于今天{in_words(today)}，请重新选择。")
    if limit > due:
        raise BadLimit(f"限期不能晚于规定的答复期限{in_words(due)}，请重新选择。")
    return limit


def assist_due(t0: date, numbers: Numbers, calendar: Calendar) -> date:
    """协办意见 to the lead unit (河南办法: two months from the hand-over)."""
    return _after_months(t0, numbers.assist_months, numbers, calendar)


def extension_latest(t0: date, numbers: Numbers) -> date:
    """The last day an extension may name: six months from the hand-over (代表法 art. 51).

    Not moved by a holiday: it bounds a date that is chosen, and nobody has to choose a day off.
    """
    return add_months(t0, numbers.extension_max_months)


def check_extension(t0: date, numbers: Numbers, *, due: date, until: date, today: date) -> None:
    """延期 from `due` to `until`, asked for or approved on `today`. Raises BadLimit.

    The new day is later than the present one, not yet over, and within the six months of the hand-over `t0` of this
    assignment, whose kept numbers are asked: a profile changed meanwhile gives no longer time.
    """
    latest = extension_latest(t0, numbers)
    if latest <= due or latest < today:
        raise BadLimit(f"延期最晚到{in_words(latest)}，这件事已不能再延期，请尽快答复。")
    if until <= due:
        raise BadLimit(f"延期要晚于现在的应复日期{in_words(due)}，请重新选择。")
    if until < today:
        raise BadLimit(f"延期不能早于今天{in_words(today)}，请重新选择。")
    if until > latest:
        raise BadLimit(f"延期最晚到{in_words(latest)}（自交办之日起{numbers.extension_max_months}个月），请重新选择。")


def moved(
    due: date,
    t0: date,
    numbers: Numbers,
    calendar: Calendar,
    *,
    role: str,
    basis: str,
    today: date,
    lead_due: date | None = None,
) -> date:
    """The due day of an open assignment under a changed calendar, by the numbers it keeps; `due` if nothing moves it.

    `role` and `basis` are those of the assignment. A chosen day (限期, 延期) stays, and so does one that is already
    over; none is moved to a day that is over, for a unit cannot answer in time what became late by a correction.
    An assisting opinion is never due after `lead_due`, the lead's own first day (as moved): give it for assistants.
    """
    if today > due or basis == "extension":
        return due
    if role == "assist":
        new = assist_due(t0, numbers, calendar)
        new = new if lead_due is None else min(new, lead_due)
    elif basis == "limit":
        return due
    elif basis == "rehandle":
        new = rehandle_due(t0, numbers, calendar)
    else:
        new = reply_due(t0, numbers, calendar)
    return max(new, today)


def return_until(t0: date, numbers: Numbers, calendar: Calendar) -> date:
    """申请退回: the last day for a unit to say that the case is not its own (河南办法: ten working days)."""
    return calendar.add_working_days(t0, numbers.return_working_days)


def reassign_until(requested: date, numbers: Numbers, calendar: Calendar) -> date:
    """重新交办: until when a request to return is decided (河南办法: ten working days after it)."""
    return calendar.add_working_days(requested, numbers.reassign_working_days)


def feedback_until(replied: date, numbers: Numbers, calendar: Calendar) -> date:
    """The last day on which the reply may be rated (河南办法: ten working days)."""
    return calendar.add_working_days(replied, numbers.feedback_working_days)


def close_after(replied: date, numbers: Numbers, calendar: Calendar) -> date:
    """The first day on which an unrated reply is closed as 未评价: the one after `feedback_until`."""
    return feedback_until(replied, numbers, calendar) + timedelta(days=1)


def rehandle_due(ordered: date, numbers: Numbers, calendar: Calendar) -> date:
    """重新办理 after 不满意 (河南办法: one month from the order)."""
    return _after_months(ordered, numbers.rehandle_months, numbers, calendar)


def reopen_until(closed: date, numbers: Numbers) -> date:
    """The last day on which the submitter may ask to take the case up again: plain days, as people count them."""
    return closed + timedelta(days=numbers.reopen_days)


def traffic_light(due: date, today: date, calendar: Calendar) -> Light:
    """Red once the due day is over; yellow in its last seven days or last three working days; else green."""
    if today > due:
        return "red"
    if (due - today).days <= WARNING_DAYS or calendar.working_days_between(today, due) <= WARNING_WORKING_DAYS:
        return "yellow"
    return "green"


def _after_months(day: date, months: int, numbers: Numbers, calendar: Calendar) -> date:
    """A period that ends on a day off ends on the next working day (民法典 art. 203), unless the profile says no."""
    end = add_months(day, months)
    return calendar.next_working_day(end) if numbers.roll_to_working_day else end
