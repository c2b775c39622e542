"""承诺事项: what class B replies promised, and what became of it. The figures and the register ask the same questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.calendar import Calendar, today
from accounts.models import User
from suggestions.deadlines import Light, traffic_light
from suggestions.models import Promise, Reply, Suggestion
from suggestions.workflow import OPEN, Status

REPLACED = "已由再次答复取代"

# The second answer of the unit that promised: done, or why not.
_SECOND = Reply.objects.filter(assignment=OuterRef("reply__assignment"), pk__gt=OuterRef("reply")).order_by("pk")
SECOND_CLASS = Subquery(_SECOND.values("result_class")[:1])
KEPT = Exists(_SECOND.filter(result_class="A"))


def replacing(day: date) -> Exists:
    """An answer of a later round, or one on the spot: the case was handled again, the promise binds nobody any more."""
    of_a_later_round = Q(assignment__isnull=True) | Q(assignment__round__gt=OuterRef("reply__assignment__round"))
    later = Reply.objects.filter(of_a_later_round, suggestion=OuterRef("reply__suggestion"), pk__gt=OuterRef("reply"))
    return Exists(later.filter(replied_on__lte=day))


def open_promises(day: date) -> QuerySet[Promise]:
    """What was promised by that day, and then neither kept nor explained nor replaced."""
    going_on = Q(reply__suggestion__status__in=sorted(OPEN)) | Q(
        reply__suggestion__status=Status.CLOSED, reply__suggestion__closed_on__gt=day
    )
    unanswered = Q(fulfilled_on__gt=day) | Q(going_on, fulfilled_on__isnull=True)
    return Promise.objects.filter(unanswered, reply__replied_on__lte=day).exclude(replacing(day))


STATES = [
    ("", "全部"),
    ("open", "未兑现"),
    ("overdue", "逾期未兑现"),
    ("answered", "已再次答复"),
    ("replaced", REPLACED),
]


def what_became(promise: Promise, second_class: str, *, replaced: bool, status: str) -> str:
    if promise.fulfilled_on is not None:
        words = "已兑现" if second_class == "A" else "说明未能兑现"
        return f"{promise.fulfilled_on}{words}" + (f"（{second_class}类）" if second_class else "")
    if replaced:
        return REPLACED
    return "尚未兑现" if status in OPEN else f"事项{Status(status).label}"


def register(user: User, asked: dict[str, Any]) -> QuerySet[Any]:
    """承诺事项台账 of the cases that the user may see, by the questions of `PromisesForm`, with what became of each."""
    day = today()
    seen = Suggestion.objects.visible_to(user).order_by()
    rows: QuerySet[Any] = Promise.objects.filter(reply__suggestion__in=seen.values("pk"))
    if asked.get("unit"):
        rows = rows.filter(reply__assignment__unit=asked["unit"])
    if asked.get("state") in ("open", "overdue"):
        rows = rows.filter(pk__in=open_promises(day).values("pk"))
    if asked.get("state") == "overdue":
        rows = rows.filter(promised_on__lt=day)
    elif asked.get("state") == "answered":
        rows = rows.filter(fulfilled_on__isnull=False)
    elif asked.get("state") == "replaced":
        rows = rows.filter(replacing(day), fulfilled_on__isnull=True)
    told: QuerySet[Any] = (
        rows.select_related("reply__suggestion", "reply__assignment__unit")
        .defer("reply__suggestion__grams", "reply__text")
        .annotate(second_class=SECOND_CLASS, is_replaced=replacing(day))
    )
    return told


@dataclass(frozen=True)
class Line:
    """One promise as the register tells it; the light burns only while the unit still owes it."""

    promise: Any
    light: Light | None

    @property
    def case(self) -> Suggestion:
        case: Suggestion = self.promise.reply.suggestion
        return case

    @property
    def unit(self) -> str:
        assignment = self.promise.reply.assignment
        return str(assignment.unit) if assignment else ""

    @property
    def became(self) -> str:
        row = self.promise
        return what_became(row, row.second_class or "", replaced=row.is_replaced, status=self.case.status)


def lines(promises: Iterable[Any], calendar: Calendar) -> list[Line]:
    day, found = today(), []
    for row in promises:
        owed = row.fulfilled_on is None and not row.is_replaced and row.reply.suggestion.status in OPEN
        found.append(Line(row, traffic_light(row.promised_on, day, calendar) if owed else None))
    return found


LIGHTS = {"red": "红（逾期）", "yellow": "黄（临近）", "green": "绿"}
COLUMNS: tuple[tuple[str, Callable[[Line], Any]], ...] = (
    ("编号", lambda line: line.case.proposal_number or line.case.number),
    ("标题", lambda line: line.case.heading),
    ("种类", lambda line: line.case.get_kind_display()),
    ("承诺单位", lambda line: line.unit),
    ("承诺事项", lambda line: line.promise.text),
    ("答复日期", lambda line: line.promise.reply.replied_on),
    ("承诺期限", lambda line: line.promise.promised_on),
    ("红绿灯", lambda line: LIGHTS[line.light] if line.light else ""),
    ("再次答复日期", lambda line: line.promise.fulfilled_on),
    ("再次答复类别", lambda line: f"{line.promise.second_class}类" if line.promise.fulfilled_on else ""),
    ("落实情况", lambda line: line.became),
)
