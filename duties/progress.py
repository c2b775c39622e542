"""年度任务: what each station, group and deputy owes in each span, and how much of it is done (mission U2).

All of a region is read together: one query for each rule and kind of subject, none for a single subject.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import CharField, Count, Min, Q, QuerySet, Value
from django.db.models.functions import ExtractMonth

from accounts.calendar import today
from accounts.models import Region, User
from accounts.paths import ancestors, within
from deputies.models import Deputy, DeputyGroup, Mandate
from deputies.models.people import DeputyQuerySet
from duties.models import Target
from duties.rules import DEPUTY, GROUP, RULES, STATION
from duties.spans import DUE_SOON, MET, OPEN, OVERDUE, STATES, Span, spans, state_of
from stations.models import Station, StationQuerySet


@dataclass(frozen=True)
class Subject:
    """Who owes: a station, a group or a deputy, with the day from which it owes."""

    kind: str
    pk: int
    name: str
    path: str
    place: str
    sort: str = ""
    began: date | None = None
    slug: str = ""


@dataclass(frozen=True)
class Cell:
    span: Span
    count: int
    least: int
    state: str

    @property
    def label(self) -> str:
        return STATES[self.state]

    @property
    def missing(self) -> int:
        return max(self.least - self.count, 0)


@dataclass(frozen=True)
class Row:
    subject: Subject
    cells: tuple[Cell, ...]

    def of(self, *states: str) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.state in states)

    @property
    def overdue(self) -> tuple[Cell, ...]:
        return self.of(OVERDUE)

    @cached_property
    def current(self) -> Cell | None:
        """The span of today, where it is owed."""
        return next((cell for cell in self.cells if cell.state in (MET, DUE_SOON, OPEN) and _now(cell.span)), None)


def _now(span: Span) -> bool:
    return span.start <= today() <= span.end


def in_words(target: Target) -> str:
    """每个产业联络站每半年开展活动（调研视察、专题调研）不少于1次. Asks nothing where the types were fetched with it."""
    rule, who = RULES[target.rule], target.get_of_display()
    kind = target.get_station_kind_display() or target.get_group_kind_display()
    types = "、".join(sorted((one.name for one in target.types.all()), key=len)) if rule.types else ""
    who = f"每个{kind}" if kind else who
    return (
        f"{who}{target.get_span_display()}{rule.label}{f'（{types}）' if types else ''}不少于{target.least}{rule.unit}"
    )


@dataclass(frozen=True)
class Progress:
    """One target and all who owe it, in the order of their regions and names: no ranking."""

    target: Target
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        return in_words(self.target)

    @property
    def span_now(self) -> Span | None:
        return next((span for span in spans(self.target.year, self.target.span) if _now(span)), None)

    @property
    def owing_now(self) -> int:
        return sum(row.current is not None for row in self.rows)

    @property
    def met_now(self) -> int:
        return sum(row.current is not None and row.current.state == MET for row in self.rows)

    @property
    def past(self) -> tuple[int, int]:
        """Of the spans that are over, over all subjects: how many were met, how many were owed."""
        over = [cell for row in self.rows for cell in row.of(MET, OVERDUE) if cell.span.end < today()]
        return sum(cell.state == MET for cell in over), len(over)

    @property
    def overdue(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.of(OVERDUE))

    @property
    def unmet(self) -> tuple[Row, ...]:
        """未完成名单: those with a span that is over and not done, or one that runs and is not done yet."""
        return tuple(row for row in self.rows if row.of(OVERDUE, DUE_SOON, OPEN))


# Who owes


def stations_owing(stations: StationQuerySet) -> list[Subject]:
    rows = stations.public().order_by("region__path", "name", "pk")
    return [
        Subject(STATION, *row)
        for row in rows.values_list("pk", "name", "region__path", "region__name", "kind", "opened_on")
    ]


def groups_owing(groups: QuerySet[Any]) -> list[Subject]:
    rows = groups.filter(ended_on__isnull=True).order_by("region__path", "name", "pk")
    return [
        Subject(GROUP, *row) for row in rows.values_list("pk", "name", "region__path", "region__name", "kind", "since")
    ]


def subject_of_group(group: DeputyGroup) -> Subject:
    return Subject(GROUP, group.pk, group.name, group.region.path, group.region.name, group.kind, group.since)


def deputies_owing(deputies: DeputyQuerySet, year: int) -> list[Subject]:
    """In office, by the region that keeps the file, each person once; owing from the first seat held in the year."""
    rows = _seated(deputies.in_office(), year).order_by("region__path", "name_strokes", "name", "pk")
    return [
        Subject(DEPUTY, pk, name, path, place, "", began, slug)
        for pk, name, path, place, began, slug in rows.values_list(
            "pk", "name", "region__path", "region__name", "began", "slug"
        )
    ]


def _seated(deputies: DeputyQuerySet, year: int) -> QuerySet[Any]:
    """Each with the day from which a seat was held in the year."""
    held = Q(mandates__ended_on__isnull=True) | Q(mandates__ended_on__gte=date(year, 1, 1))
    seated = ~Q(mandates__status=Mandate.Status.ELECTED)
    return deputies.annotate(began=Min("mandates__since", filter=held & seated))


def subjects_of(path: str, year: int, kinds: Iterable[str]) -> dict[str, list[Subject]]:
    wanted = set(kinds)
    found: dict[str, list[Subject]] = {}
    if STATION in wanted:
        found[STATION] = stations_owing(Station.objects.filter(within(path)))
    if GROUP in wanted:
        found[GROUP] = groups_owing(DeputyGroup.objects.filter(within(path)))
    if DEPUTY in wanted:
        found[DEPUTY] = deputies_owing(Deputy.objects.filter(within(path)), year)
    return found


def _owes(subject: Subject, target: Target) -> bool:
    kind = target.station_kind or target.group_kind
    return subject.path.startswith(target.region.path) and kind in ("", subject.sort)


# How much is done


class _Counts:
    """Done by subject, month and activity type; a record that stands twice in a join counts once."""

    def __init__(self, year: int, targets: Sequence[Target], whose: dict[str, list[Subject] | QuerySet[Any]]) -> None:
        self.found: dict[tuple[str, str], dict[int, Counter[tuple[int, str]]]] = {}
        wanted: dict[tuple[str, str], set[str] | None] = {}
        for target in targets:
            key, codes = (target.of, target.rule), _codes(target)
            before = wanted.get(key, set())
            wanted[key] = None if not codes or before is None else before | codes
        for (of, rule), types in wanted.items():
            self.found[of, rule] = self._read(of, rule, year, whose[of], types or ())

    @staticmethod
    def _read(of: str, code: str, year: int, whose: Any, types: Iterable[str]) -> dict[int, Counter[tuple[int, str]]]:
        rule = RULES[code]
        rows = rule.records(of, whose, date(year, 1, 1), date(year, 12, 31), types).order_by()
        typed: Any = {"kind_code": Value("")} if not rule.types else {}
        rows = rows.annotate(month=ExtractMonth("day"), **typed)
        columns = ("subject", "month", rule.types or "kind_code")
        found: dict[int, Counter[tuple[int, str]]] = defaultdict(Counter)
        for subject, month, kind, number in rows.values_list(*columns).annotate(number=Count("pk", distinct=True)):
            found[subject][month, kind or ""] += number
        return found

    def of(self, target: Target, subject: Subject) -> Counter[int]:
        """By month."""
        codes = _codes(target)
        by_month: Counter[int] = Counter()
        for (month, kind), number in self.found[target.of, target.rule].get(subject.pk, Counter()).items():
            if not codes or kind in codes:
                by_month[month] += number
        return by_month


def _codes(target: Target) -> set[str]:
    return {kind.code for kind in target.types.all()} if RULES[target.rule].types else set()


def targets_for(path: str, year: int) -> QuerySet[Target]:
    """Those that hold for anybody in this subtree: its own, those above it and those below."""
    concerned = Q(region__path__in=ancestors(path)) | within(path)
    return _with_all(Target.objects.filter(concerned, year=year))


def targets_above(path: str, year: int, of: str) -> list[Target]:
    return list(_with_all(Target.objects.holding_for(path, year).filter(of=of)))


def _with_all(targets: QuerySet[Target]) -> QuerySet[Target]:
    """Stations before groups before deputies."""
    return targets.select_related("region").prefetch_related("types").order_by("-of", "region__path", "pk")


def progress(
    targets: Iterable[Target], subjects: dict[str, list[Subject]], whose: dict[str, Any] | None = None
) -> list[Progress]:
    """`whose` are the same subjects as a subquery, for lists longer than a statement may have parameters."""
    given = [target for target in targets if subjects.get(target.of)]
    by_year: dict[int, list[Target]] = defaultdict(list)
    for target in given:
        by_year[target.year].append(target)
    keys = whose or {of: [subject.pk for subject in those] for of, those in subjects.items()}
    counts = {year: _Counts(year, those, keys) for year, those in by_year.items()}
    found = (Progress(target, tuple(_rows(target, subjects[target.of], counts[target.year]))) for target in given)
    return [one for one in found if one.rows]


def _rows(target: Target, subjects: Iterable[Subject], counts: _Counts) -> Iterator[Row]:
    all_spans, day = spans(target.year, target.span), today()
    for subject in subjects:
        if not _owes(subject, target):
            continue
        by_month = counts.of(target, subject)
        cells = []
        for span in all_spans:
            done = sum(by_month[month] for month in range(span.start.month, span.end.month + 1))
            cells.append(Cell(span, done, target.least, state_of(span, done, target.least, subject.began, day)))
        yield Row(subject, tuple(cells))


def of_region(targets: Sequence[Target], path: str, year: int) -> list[Progress]:
    whose = {
        STATION: Station.objects.filter(within(path)).values("pk"),
        GROUP: DeputyGroup.objects.filter(within(path)).values("pk"),
        DEPUTY: Deputy.objects.filter(within(path)).values("pk"),
    }
    return progress(targets, subjects_of(path, year, {target.of for target in targets}), whose)


def progress_of(region: Region, year: int) -> list[Progress]:
    return of_region(list(targets_for(region.path, year)), region.path, year)


# One's own


def own_progress(user: User, year: int) -> list[Progress]:
    """What the user's stations owe, the groups one sits in, and a deputy in office oneself."""
    subjects: dict[str, list[Subject]] = {STATION: [], GROUP: [], DEPUTY: []}
    for row in _own_rows(user, year):
        one = Subject(*row)
        subjects[one.kind].append(one)
    paths = {path for those in subjects.values() for one in those for path in ancestors(one.path)}
    if not paths:
        return []
    return progress(list(_with_all(Target.objects.filter(region__path__in=paths, year=year))), subjects)


def _own_rows(user: User, year: int) -> QuerySet[Any, Any]:
    """The user's stations, groups and own person in one statement: the workbench asks it each time."""
    groups = DeputyGroup.objects.filter(memberships__deputy__user=user, memberships__ended_on__isnull=True)
    stations = Station.objects.served_by(user).public()
    own = _seated(Deputy.objects.filter(user=user).in_office(), year)
    told = ("pk", "name", "region__path", "region__name")
    text = CharField()
    return (
        stations.order_by()
        .values_list(Value(STATION, text), *told, "kind", "opened_on", Value("", text))
        .union(
            groups.filter(ended_on__isnull=True)
            .order_by()
            .values_list(Value(GROUP, text), *told, "kind", "since", Value("", text)),
            own.order_by().values_list(Value(DEPUTY, text), *told, Value("", text), "began", "slug"),
        )
    )


@dataclass(frozen=True)
class DueSoon:
    title: str
    subject: str
    count: int
    least: int
    due: date

    @property
    def missing(self) -> int:
        return max(self.least - self.count, 0)


def due_soon(user: User) -> list[DueSoon]:
    """For the to-do list: what runs out within days and is not done yet, the nearest first."""
    found = [
        DueSoon(one.title, row.subject.name, cell.count, cell.least, cell.span.end)
        for one in own_progress(user, today().year)
        for row in one.rows
        for cell in row.of(DUE_SOON)
    ]
    return sorted(found, key=lambda one: one.due)


# What is missing


@dataclass(frozen=True)
class Gap:
    """One span of one subject that is over and not done. The report renders these; the shape is kept stable."""

    target: str
    kind: str
    subject: str
    key: int
    span: str
    due: date
    count: int
    least: int


def gaps(region: Region, year: int) -> list[Gap]:
    """未完成清单 of a region and a year, by target, then region and name."""
    return [
        Gap(one.title, row.subject.kind, row.subject.name, row.subject.pk, cell.span.label, *_amount(cell))
        for one in progress_of(region, year)
        for row in one.rows
        for cell in row.of(OVERDUE)
    ]


def _amount(cell: Cell) -> tuple[date, int, int]:
    return cell.span.end, cell.count, cell.least
