"""How a figure counts: a source (rows of a subject and a period), a condition and a measure.

Its value is one conditional aggregate among those of its source, its rows are the source filtered by the same
condition: a number and the rows behind it come from the same lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.calendar import SHANGHAI, today
from accounts.models import Region
from accounts.paths import in_keyed, within
from activities.models import Activity, Attendance, Visit
from deputies.models import Deputy, DeputyGroup, GroupEntry, Mandate, StationMembership
from stations.models import Station
from suggestions.models import Assignment, Event, Reply, ReturnRequest, Suggestion
from suggestions.workflow import Status

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
        return Q(**{f"{field}__gte": _midnight(self.start), f"{field}__lt": _midnight(self.end + timedelta(days=1))})

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


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


# The sources


def stations(frame: Frame) -> QuerySet[Any]:
    at_work = Q(life__in=Station.AT_WORK) | Q(closed_on__gt=frame.end)
    return Station.objects.filter(frame.of_place(station="pk"), at_work, opened_on__lte=frame.end)


def memberships(frame: Frame) -> QuerySet[Any]:
    return StationMembership.objects.filter(frame.of_place("station__region"), frame.standing())


def double_memberships(frame: Frame) -> QuerySet[Any]:
    other = StationMembership.objects.filter(frame.standing(), deputy=OuterRef("deputy")).exclude(kind=OuterRef("kind"))
    return memberships(frame).filter(Exists(other))


def seats(frame: Frame) -> QuerySet[Any]:
    """Held seats of everybody tied to the subject. A seat that ended later was held on the last day."""
    ended_later = Q(status=Mandate.Status.ENDED, ended_on__gt=frame.end)
    held = Mandate.objects.filter(
        Q(status__in=(Mandate.Status.SITTING, Mandate.Status.SUSPENDED)) | ended_later, since__lte=frame.end
    )
    in_stations = Q(deputy__in=memberships(frame).values("deputy"))
    if isinstance(frame.subject, Station):
        return held.filter(in_stations)
    path = frame.subject.path
    if not path:
        return held
    in_congresses = Q(deputy__in=held.filter(within(path, "congress__region__path")).values("deputy"))
    return held.filter(within(path, "deputy__region__path") | in_congresses | in_stations)


def entries(frame: Frame) -> QuerySet[Any]:
    return GroupEntry.objects.filter(frame.of_place("station__region"), frame.standing())


def groups(frame: Frame) -> QuerySet[Any]:
    standing = DeputyGroup.objects.filter(frame.standing())
    if isinstance(frame.subject, Station):
        return standing.filter(pk__in=entries(frame).values("group"))
    return standing.filter(frame.of_place())


def activities(frame: Frame) -> QuerySet[Any]:
    return Activity.objects.held().between(frame.start, frame.end).filter(frame.of_keys())


def attendances(frame: Frame) -> QuerySet[Any]:
    return Attendance.objects.filter(activity__in=activities(frame).values("pk"), presence=Attendance.Presence.PRESENT)


def visits(frame: Frame) -> QuerySet[Any]:
    return Visit.objects.confirmed().between(frame.start, frame.end).filter(frame.of_keys())


def submitted(frame: Frame) -> QuerySet[Any]:
    cases = Suggestion.objects.submitted_between(frame.start, frame.end).filter(frame.of_cases())
    return cases.exclude(status__in=(Status.DRAFT, Status.WITHDRAWN))


def acts(frame: Frame) -> QuerySet[Any]:
    return Event.objects.filter(frame.of_cases("suggestion__"), frame.moments("at"))


def handed_over(frame: Frame) -> QuerySet[Any]:
    return Suggestion.objects.filter(frame.of_cases(), frame.days("handed_over_on"))


# A reply stands in these states; a case that is handled again has none.
REPLY_STANDS = (Status.REPLIED, Status.REVIEWING, Status.TRACKING, Status.CLOSED)


def replied(frame: Frame) -> QuerySet[Any]:
    standing = Suggestion.objects.filter(status__in=REPLY_STANDS).exclude(result_class="")
    return standing.filter(frame.of_cases(), frame.days("replied_on"))


def solved(frame: Frame) -> QuerySet[Any]:
    return Suggestion.objects.solved().filter(frame.of_cases(), frame.days("replied_on"))


def overdue(frame: Frame) -> QuerySet[Any]:
    day = min(frame.end, today())
    unanswered = Q(ended_at__isnull=True) | Q(ended_at__gte=_midnight(day + timedelta(days=1)))
    owed = Assignment.objects.filter(unanswered, frame.of_cases("suggestion__"), assigned_on__lte=day, due_on__lt=day)
    return owed.exclude(role=Assignment.Role.ASSIST)


def returns(frame: Frame) -> QuerySet[Any]:
    return ReturnRequest.objects.filter(frame.of_cases("assignment__suggestion__"), frame.moments("requested_at"))


# The first answer of any round after its day. The second answer to a promise has a day of its own.
LATE = Exists(
    Reply.objects.filter(suggestion=OuterRef("pk"), replied_on__gt=F("assignment__due_on")).exclude(
        Exists(Reply.objects.filter(assignment=OuterRef("assignment"), pk__lt=OuterRef("pk")))
    )
)

_ROWS_OF: dict[str, QuerySet[Any]] = {
    "deputy": Deputy.objects.all(),
    "group": DeputyGroup.objects.all(),
    "suggestion": Suggestion.objects.all(),
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

    def rows(self, frame: Frame) -> QuerySet[Any]:
        """The rows a reader is shown: people, groups or cases where those are counted, each once."""
        rows = self.source(frame) if self.where is None else self.source(frame).filter(self.where)
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
