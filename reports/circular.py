"""办理情况通报: a month of every handling unit of a region (mission S9). Page and Word file show the one object.

Counted are the hand-overs (件次) of a lead or separate unit; what assists answers to the lead and has no line here.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.calendar import in_words, today
from accounts.models import Organization, Region, User
from accounts.paths import within
from reports.counting import Frame, midnight
from reports.permissions import regions_for
from suggestions.models import Assignment, Feedback, Promise, Reply, ReturnRequest

_RATING = Feedback.Rating


def regions_of_circular(user: User) -> QuerySet[Region]:
    """Congress staff: as for every report. 督查: the own region and those below, whose units it watches."""
    if user.is_supervisor and user.scope is not None:
        return Region.objects.filter(within(user.scope, "path"))
    return regions_for(user)


# The rows


def _given(frame: Frame) -> QuerySet[Any]:
    return Assignment.objects.filter(frame.of_cases("suggestion__")).exclude(role=Assignment.Role.ASSIST)


def _received(frame: Frame) -> QuerySet[Any]:
    """An office that only passed a case on has not been given it; the department has."""
    return _given(frame).filter(frame.days("assigned_on")).exclude(state=Assignment.State.DISTRIBUTED)


def _replies(frame: Frame) -> QuerySet[Any]:
    """Each with the day it was owed: a second answer to a promise, by the promise (浙江规定 art. 20)."""
    promised = Promise.objects.filter(reply__assignment=OuterRef("assignment"), reply__pk__lt=OuterRef("pk"))
    owed = Subquery(promised.order_by("-pk").values("promised_on")[:1], output_field=DateField())
    written = Reply.objects.filter(frame.of_cases("suggestion__"), frame.days("replied_on"), assignment__isnull=False)
    return written.annotate(owed_on=Coalesce(owed, F("assignment__due_on")))


def _on_time(frame: Frame) -> QuerySet[Any]:
    return _replies(frame).filter(replied_on__lte=F("owed_on"))


def _overdue(frame: Frame) -> QuerySet[Any]:
    """Answered late within the month, or past the due day and unanswered at its end."""
    day = min(frame.end, today())
    unanswered = Q(ended_at__isnull=True) | Q(ended_at__gte=midnight(day + timedelta(days=1)))
    late = _replies(frame).filter(assignment=OuterRef("pk"), replied_on__gt=F("owed_on"))
    return _given(frame).filter(Q(unanswered, assigned_on__lte=day, due_on__lt=day) | Exists(late))


def _returned(frame: Frame) -> QuerySet[Any]:
    return ReturnRequest.objects.filter(frame.of_cases("assignment__suggestion__"), frame.moments("requested_at"))


def _solved(frame: Frame) -> QuerySet[Any]:
    return _replies(frame).filter(result_class="A")


def _rated(frame: Frame, **told: bool) -> QuerySet[Any]:
    """One word for a reply, however many signers rated it: the worst that was said of process or result."""
    said = Feedback.objects.filter(reply=OuterRef("pk"))
    bad = Q(process=_RATING.DISSATISFIED) | Q(result=_RATING.DISSATISFIED)
    rows = _replies(frame).annotate(
        said=Exists(said), bad=Exists(said.filter(bad)), half=Exists(said.filter(result=_RATING.BASICALLY))
    )
    told_of: QuerySet[Any] = rows.filter(**told)
    return told_of


@dataclass(frozen=True)
class Column:
    """One number of a unit: how many of `rows` are its own, by the field that names the unit."""

    key: str
    label: str
    definition: str
    rows: Callable[[Frame], QuerySet[Any]]
    unit: str = "assignment__unit"

    def by_unit(self, frame: Frame) -> dict[int, int]:
        counted = self.rows(frame).order_by().values_list(self.unit).annotate(n=Count("pk"))
        return dict(counted)


COLUMNS = (
    Column("received", "收到", "本月交办给该单位主办、分办的。", _received, "unit"),
    Column("replied", "答复", "本月作出的答复；兑现承诺的再次答复也计一次。", _replies),
    Column("on_time", "按时答复", "答复中，不晚于应复日期（再次答复为承诺日期）的。", _on_time),
    Column("overdue", "超期", "本月答复但已超期的，和到月末（本月为今天）超期仍未答复的。", _overdue, "unit"),
    Column("returned", "申请退回", "本月提出的退回申请，不论是否同意。", _returned),
    Column("solved", "解决（A类）", "答复中，办理结果为A类的。", _solved),
    Column(
        "satisfied",
        "满意",
        "对该次答复的评价；过程、结果有一项不满意即为不满意。",
        lambda f: _rated(f, said=True, bad=False, half=False),
    ),
    Column("basically", "基本满意", "同上。", lambda f: _rated(f, bad=False, half=True)),
    Column("dissatisfied", "不满意", "同上。", lambda f: _rated(f, bad=True)),
    Column("unrated", "未评价", "答复中还没有评价的，不计为满意。", lambda f: _rated(f, said=False)),
)


# The object


@dataclass(frozen=True)
class Line:
    name: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Circular:
    region: str
    issuer: str
    month: date
    counted_on: date
    lines: tuple[Line, ...]
    of: str = "承办单位"

    @property
    def title(self) -> str:
        return f"{self.region}{self.month.year}年{self.month.month}月意见建议办理情况通报"

    @property
    def totals(self) -> tuple[int, ...]:
        return tuple(sum(line.numbers[n] for line in self.lines) for n in range(len(COLUMNS)))

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(column.label for column in COLUMNS)

    @property
    def definitions(self) -> tuple[str, ...]:
        return tuple(f"{column.label}：{column.definition}" for column in COLUMNS if column.definition != "同上。")

    @property
    def opening(self) -> str:
        first, last = period(self.month)
        if self.counted_on < last:
            last = self.counted_on
        if not self.lines:
            return f"{in_words(first)}至{last.day}日，没有承办单位收到、答复或超期的事项。"
        return f"{in_words(first)}至{last.day}日，各承办单位办理群众意见和代表建议的情况如下（单位：件次）。"

    @property
    def date(self) -> str:
        return in_words(self.counted_on)


def period(month: date) -> tuple[date, date]:
    first = month.replace(day=1)
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def collect(region: Region, month: date, issuer: str) -> Circular:
    """Every unit that has any number this month, by region and name; the figures count the whole region whoever asks."""
    frame = Frame(region, *period(month))
    counted = [column.by_unit(frame) for column in COLUMNS]
    units = Organization.objects.filter(pk__in=set().union(*counted)).order_by("region__path", "kind", "name", "pk")
    lines = tuple(Line(str(unit), tuple(numbers.get(unit.pk, 0) for numbers in counted)) for unit in units)
    return Circular(str(region), issuer, month, today(), lines)
