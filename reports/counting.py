"""How a figure counts: a source (rows of a subject and a period), a condition and a measure.

Its value is one conditional aggregate among those of its source, its rows are the source filtered by the same
condition: a number and the rows behind it come from the same lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.calendar import SHANGHAI
from accounts.models import Organization, Region
from accounts.paths import in_keyed, within
from activities.models import ResearchReport
from deputies.models import Deputy, DeputyGroup
from stations.models import Station
from suggestions.models import Suggestion

Subject: TypeAlias = Region | Station


@dataclass(frozen=True)
class Frame:
    """Whose figures, and from which day to which day, both included."""

    subject: Subject
    start: date
    end: date

    def days(self, field: str) -> Q:
        return Q(**{f"{field}__gte": self.start, f"{field}__lte": self.end})

    def moments(self, field: str) -> Q:
        return Q(**{f"{field}__gte": midnight(self.start), f"{field}__lt": midnight(self.end + timedelta(days=1))})

    def standing(self) -> Q:
        """Dated rows that stand at the end of the last day."""
        return Q(since__lte=self.end) & (Q(ended_on__isnull=True) | Q(ended_on__gt=self.end))

    def of_place(self, region: str = "region", station: str = "station") -> Q:
        """Rows that hang on a region or a station by a plain link."""
        if isinstance(self.subject, Station):
            return Q(**{station: self.subject.pk})
        return within(self.subject.path, f"{region}__path")

    def of_keys(self, prefix: str = "") -> Q:
        """Rows of a `RegionKeyed` model, by the keys their indexes begin with."""
        if isinstance(self.subject, Station):
            return Q(**{f"{prefix}station": self.subject.pk})
        return in_keyed(self.subject.path, prefix)

    def of_cases(self, prefix: str = "") -> Q:
        """A case that passed a station by (直接交县人大) is the region's, and never told by the station's own figures."""
        passed_by = Q(**{f"{prefix}direct": False}) if isinstance(self.subject, Station) else Q()
        return self.of_keys(prefix) & passed_by


Source: TypeAlias = Callable[[Frame], "QuerySet[Any]"]


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


_ROWS_OF: dict[str, QuerySet[Any]] = {
    "deputy": Deputy.objects.all(),
    "group": DeputyGroup.objects.all(),
    "suggestion": Suggestion.objects.all(),
    "village": Organization.objects.all(),
    "report": ResearchReport.objects.all(),
    "assignment__suggestion": Suggestion.objects.all(),
}


@dataclass(frozen=True)
class Counted:
    """One figure: the rows of `source` that meet `where`, or each `distinct` thing among them once, or their `total`."""

    key: str
    label: str
    unit: str
    definition: str
    source: Source
    where: Q | None = None
    distinct: str = ""
    total: str = ""

    def measure(self) -> Any:
        if self.total:
            return Coalesce(Sum(self.total, filter=self.where), 0)
        return Count(self.distinct or "pk", distinct=bool(self.distinct), filter=self.where)

    def rows(self, frame: Frame, **narrowed: Any) -> QuerySet[Any]:
        """The rows a reader is shown: people, groups or cases where those are counted, each once."""
        rows = self.source(frame).filter(self.where or Q(), **narrowed)
        things = _ROWS_OF.get(self.distinct)
        return rows if things is None else things.filter(pk__in=rows.values(self.distinct))


@dataclass(frozen=True)
class Ratio:
    """A part of a whole, both of them figures of the registry, so that both open their rows."""

    key: str
    label: str
    part: str
    whole: str
    definition: str


@dataclass(frozen=True)
class Chapter:
    key: str
    title: str
    counted: tuple[Counted, ...]
    ratios: tuple[Ratio, ...] = ()
