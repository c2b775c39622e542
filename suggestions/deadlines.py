"""Until when. Pure: a day, the numbers of a 办理规程 and the calendar make a date.

Sources: 代表法 (2025) art. 51; 河南省人大代表建议、批评和意见办理办法 (2017), whose numbers are the shipped ones.
Months and days are counted as in 民法典 art. 201-203, by analogy: the day from which a period runs is never counted.
Dates are local (Asia/Shanghai) and run out at their 24:00, so a case is late from the next day on.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, Protocol

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


TERMS = (
    "review_working_days",
    "reply_months",
    "reply_working_days",
    "extension_max_months",
    "return_working_days",
    "reassign_working_days",
    "assist_months",
    "feedback_working_days",
    "rehandle_months",
    "reopen_days",
    "roll_to_working_day",
)


class BadLimit(ValueError):
    """A 限期 that cannot be set. The only argument is a Chinese sentence for the one who set it."""


def terms(numbers: Numbers) -> dict[str, int | bool]:
    """The numbers as plain values, to be kept with an assignment: a profile changed later moves no date."""
    return {name: getattr(numbers, name) for name in TERMS}


def review_until(submitted: date, numbers: Numbers, calendar: Calendar) -> date:
    """初核: until when someone must have looked at a new case."""
    return calendar.add_working_days(submitted, numbers.review_working_days)


def reply_due(t0: date, numbers: Numbers, calendar: Calendar, limit: date | None = None) -> date:
    """The day on which the reply is due, counted from the hand-over `t0` (代表法 art. 51: three months from 交办之日).

    By months, or by working days where the profile sets those. An explicit earlier 限期 is taken as it stands, also on
    a day off. Raises BadLimit for a limit that is not after `t0` or later than the profile allows, and ValueError for
    a profile that sets neither number.
    """
    if numbers.reply_working_days:
        due = calendar.add_working_days(t0, numbers.reply_working_days)
    elif numbers.reply_months:
        due = _after_months(t0, numbers.reply_months, numbers, calendar)
    else:
        raise ValueError("办理规程没有设置答复期限，请先在后台“办理规程”中填写。")
    if limit is None:
        return due
    if limit <= t0:
        raise BadLimit(f"限期要晚于交办日期{in_words(t0)}，请重新选择。")
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
