"""The figures of a theme: what each counts, for whom, and the rows behind it (mission U8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import ExtractYear

from accounts.models import User
from accounts.paths import in_keyed
from activities.models import Activity, Mediation, ResearchReport, Theme, Visit
from suggestions.models import Suggestion
from suggestions.workflow import Kind


@dataclass(frozen=True)
class Figure:
    """`more` is what is added up beside the number of rows: its label, its unit and its column."""

    code: str
    label: str
    unit: str
    day: str
    definition: str
    rows: Callable[[], QuerySet[Any]]
    joined: tuple[str, ...] = ("station", "group")
    more: tuple[str, str, str] = ("", "", "")


def _opinions() -> QuerySet[Any]:
    return Suggestion.objects.filter(kind=Kind.OPINION, submitted_on__isnull=False)


FIGURES: Mapping[str, Figure] = {
    figure.code: figure
    for figure in (
        Figure(
            "activities",
            "活动",
            "次",
            "held_on",
            "归入本主题及其下级主题、已开展或已公开的活动，按活动日期计入年度。计划和取消的不计。",
            Activity.objects.held,
            ("station", "group", "type"),
            ("参加群众", "人次", "outsiders"),
        ),
        Figure(
            "visits",
            "走访",
            "次",
            "visited_on",
            "归入本主题、已经代表确认的走访，按走访日期计入年度；走访群众按每次填写的人次相加。",
            Visit.objects.confirmed,
            ("station", "group", "deputy"),
            ("走访群众", "人次", "people"),
        ),
        Figure(
            "opinions",
            "群众意见",
            "条",
            "submitted_on",
            "在本主题的活动、走访中收集的群众意见，按提交日期计入年度；并案的仍各计一条，代表建议不计。",
            _opinions,
        ),
        Figure(
            "research",
            "调研报告",
            "篇",
            "finished_on",
            "归入本主题的调研报告，按完成日期计入年度。",
            ResearchReport.objects.all,
        ),
        Figure(
            "mediations",
            "纠纷化解",
            "条",
            "mediated_on",
            "归入本主题的矛盾纠纷化解记录，按日期计入年度；件次按每条填写的件次相加。",
            Mediation.objects.all,
            ("station", "group", "deputy"),
            ("化解", "件次", "times"),
        ),
    )
}


@dataclass
class Year:
    """The figures of a year, or of all years where `year` is None: by code, rows and what was added up."""

    year: int | None
    cells: dict[str, tuple[int, int]] = field(default_factory=dict)

    def listed(self) -> list[tuple[Figure, int, int]]:
        return [(figure, *self.cells.get(code, (0, 0))) for code, figure in FIGURES.items()]


def below(theme: Theme) -> list[int]:
    """The theme and all themes under it, whatever region holds them. A ring of parents ends where it began."""
    found = [theme.pk]
    level = [theme.pk]
    while level:
        under = Theme.objects.filter(parent__in=level).exclude(pk__in=found).values_list("pk", flat=True)
        level = list(under)
        found += level
    return found


def _rows(figure: Figure, family: list[int], user: User) -> QuerySet[Any]:
    """Counted for congress staff: the whole own region. For everybody else, what they see."""
    rows = figure.rows().filter(theme__in=family)
    if user.is_congress_staff and user.scope is not None:
        return rows.filter(in_keyed(user.scope))
    visible: QuerySet[Any] = rows.visible_to(user)  # type: ignore[attr-defined]
    return visible


def scope_in_words(user: User) -> str:
    if user.is_congress_staff and user.organization is not None:
        return f"统计范围：{user.organization.region}全域。"
    return "统计范围：您所在的站和小组、您本人的记录。"


def counted(family: list[int], user: User) -> list[Year]:
    """All years together first, then year by year, the newest first: one query a figure."""
    total = Year(None)
    years: dict[int, Year] = {}
    for code, figure in FIGURES.items():
        column = figure.more[2]
        added = Sum(column) if column else Count("pk")
        rows = _rows(figure, family, user).order_by().annotate(year=ExtractYear(figure.day))
        for year, number, more in rows.values_list("year").annotate(rows=Count("pk"), more=added):
            years.setdefault(year, Year(year)).cells[code] = (number, more or 0)
            before = total.cells.get(code, (0, 0))
            total.cells[code] = (before[0] + number, before[1] + (more or 0))
    return [total, *(years[year] for year in sorted(years, reverse=True))]


def rows_seen(figure: Figure, family: list[int], user: User, year: int | None) -> tuple[QuerySet[Any], int]:
    """The counted rows that the user sees, and how many of them the user does not."""
    rows = _rows(figure, family, user)
    if year is not None:
        rows = rows.filter(**{f"{figure.day}__year": year})
    seen: QuerySet[Any] = rows.filter(pk__in=figure.rows().visible_to(user).order_by().values("pk"))  # type: ignore[attr-defined]
    return seen, rows.count() - seen.count()
