"""The months, quarters, halves of a year in which something is owed, and how one of them stands on a day (mission U2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from duties.models import Target

MONTHS = {Target.Span.MONTH: 1, Target.Span.QUARTER: 3, Target.Span.HALF: 6, Target.Span.YEAR: 12}
CHINESE = "一二三四"
# "Due soon" begins this many days before the end, or with the last third of the span, whichever is the longer.
SOON_DAYS = 14

MET, DUE_SOON, OPEN, OVERDUE, COMING, NOT_OWED = "met", "due_soon", "open", "overdue", "coming", "not_owed"
STATES = {
    MET: "已完成",
    DUE_SOON: "即将到期",
    OPEN: "进行中",
    OVERDUE: "到期未完成",
    COMING: "未开始",
    NOT_OWED: "不计",
}


@dataclass(frozen=True)
class Span:
    label: str
    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def soon_from(self) -> date:
        return self.end - timedelta(max(SOON_DAYS, self.days // 3))

    def is_owed_since(self, began: date | None) -> bool:
        """A subject that began within the span owes it where at least half of its days were left."""
        return began is None or began <= self.start or (self.end - began).days + 1 >= self.days / 2


def spans(year: int, kind: str) -> tuple[Span, ...]:
    """The months, quarters, halves of a year, or the year: every day lies in exactly one of them."""
    length = MONTHS[Target.Span(kind)]
    found = []
    for number, first in enumerate(range(1, 13, length)):
        following = date(year + 1, 1, 1) if first + length > 12 else date(year, first + length, 1)
        label = {
            1: f"{first}月",
            3: f"第{CHINESE[number % 4]}季度",
            6: ("上半年", "下半年")[number % 2],
            12: "全年",
        }[length]
        found.append(Span(label, date(year, first, 1), following - timedelta(1)))
    return tuple(found)


def state_of(span: Span, count: int, least: int, began: date | None, day: date) -> str:
    if not span.is_owed_since(began):
        return NOT_OWED
    if count >= least:
        return MET
    if day > span.end:
        return OVERDUE
    if day < span.start:
        return COMING
    return DUE_SOON if day >= span.soon_from else OPEN
