"""Reading the ledger: one deputy's account of a year, with the record that each row opens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from activities.models import Activity, Attendance, DutyReport, ResearchReport, Visit
from deputies.models import Deputy
from duties import points
from duties.models import Declaration, Objection, PointEntry, PointItem, PointMajor, PointPeriod, PointScheme
from suggestions.models import CoSignature, Event, Feedback, Suggestion


@dataclass
class Row:
    entry: PointEntry
    url: str = ""
    # The row that took it back, and what was said against it.
    taken_back: PointEntry | None = None
    objection: Objection | None = None


@dataclass
class ItemAccount:
    item: PointItem
    sum: points.ItemSum
    rows: list[Row] = field(default_factory=list)

    @property
    def lost(self) -> Decimal:
        """What was earned and does not count, by the item's own cap."""
        return self.sum.earned - self.sum.counted


@dataclass
class MajorAccount:
    major: PointMajor
    sum: points.MajorSum
    items: list[ItemAccount]

    @property
    def before_cap(self) -> Decimal:
        return sum((item.sum.counted for item in self.items), Decimal(0))

    @property
    def lost(self) -> Decimal:
        return self.before_cap - self.sum.counted


@dataclass
class Account:
    deputy: Deputy
    scheme: PointScheme
    period: PointPeriod | None
    sheet: points.Sheet
    majors: list[MajorAccount]

    @property
    def standing(self) -> int:
        """Rows that were not taken back."""
        return sum(row.taken_back is None for major in self.majors for item in major.items for row in item.rows)


def scheme_for(deputy: Deputy, year: int) -> PointScheme | None:
    return PointScheme.objects.for_path(deputy.region.path, year)


def as_scheme(scheme: PointScheme) -> points.Scheme:
    majors = scheme.majors.prefetch_related("items__sources")
    return points.Scheme(
        tuple(
            points.Major(major.code, major.cap, tuple(_as_item(item) for item in major.items.all())) for major in majors
        ),
        scheme.is_capped,
        scheme.good_from,
        scheme.fair_from,
    )


def _as_item(item: PointItem) -> points.Item:
    times = [(source.rule, source.times) for source in item.sources.all() if source.times is not None]
    return points.Item(item.code, item.most, tuple(times))


def as_entry(code: str, entry: PointEntry) -> points.Entry:
    return points.Entry(code, entry.rule, entry.record, entry.record_id, entry.points)


def entries_of(deputy: Deputy, scheme: PointScheme) -> QuerySet[PointEntry]:
    """All of the year, by the number of the item: who moved keeps what an account that was closed before holds."""
    rows = PointEntry.objects.filter(deputy=deputy, period__year=scheme.year)
    return rows.select_related("item", "by").order_by("happened_on", "pk")


def sheet_of(deputy: Deputy, year: int) -> points.Sheet | None:
    """What stands in the ledger, without its rows; None where no scheme is adopted."""
    scheme = scheme_for(deputy, year)
    if scheme is None:
        return None
    return points.sheet((as_entry(row.item.code, row) for row in entries_of(deputy, scheme)), as_scheme(scheme))


def account_of(deputy: Deputy, scheme: PointScheme, viewer: User) -> Account:
    entries = list(entries_of(deputy, scheme))
    sheet = points.sheet([as_entry(row.item.code, row) for row in entries], as_scheme(scheme))
    rows = _rows(entries, viewer)
    sums = {item.code: item for major in sheet.majors for item in major.items}
    majors = [
        MajorAccount(
            major,
            next(one for one in sheet.majors if one.code == major.code),
            [ItemAccount(item, sums[item.code], rows.get(item.code, [])) for item in major.items.all()],
        )
        for major in scheme.majors.prefetch_related("items__sources")
    ]
    period = PointPeriod.objects.filter(region=scheme.region_id, year=scheme.year).first()
    return Account(deputy, scheme, period, sheet, majors)


def _rows(entries: list[PointEntry], viewer: User) -> dict[str, list[Row]]:
    """By the number of the item, what a reversal took back together with its reversal."""
    urls = links(entries, viewer)
    objections = {row.entry_id: row for row in Objection.objects.filter(entry__in=entries).order_by("pk")}
    back = {row.reverses_id: row for row in entries if row.reverses_id is not None}
    found: dict[str, list[Row]] = defaultdict(list)
    for entry in entries:
        if entry.reverses_id is None:
            url = urls.get((entry.record, entry.record_id), "")
            found[entry.item.code].append(Row(entry, url, back.get(entry.pk), objections.get(entry.pk)))
    return found


def links(entries: Iterable[PointEntry], viewer: User) -> dict[tuple[str, int], str]:
    """Where each record is read, for those records that the viewer may open: a few queries, whatever the number."""
    keys: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        keys[entry.record].add(entry.record_id)
    found: dict[tuple[str, int], str] = {}
    for record, pks in keys.items():
        for pk, url in LINKS[record](pks, viewer) if record in LINKS else ():
            found[record, pk] = url
    return found


def _attendances(pks: set[int], viewer: User) -> Iterable[tuple[int, str]]:
    rows = Attendance.objects.filter(pk__in=pks, activity__in=Activity.objects.visible_to(viewer).values("pk"))
    return [(pk, reverse("activity", args=[activity])) for pk, activity in rows.values_list("pk", "activity")]


def _reports(pks: set[int], viewer: User) -> Iterable[tuple[int, str]]:
    rows = DutyReport.objects.visible_to(viewer).filter(pk__in=pks)
    return [(pk, reverse("activity", args=[activity])) for pk, activity in rows.values_list("pk", "activity")]


def _visits(pks: set[int], viewer: User) -> Iterable[tuple[int, str]]:
    rows = Visit.objects.visible_to(viewer).filter(pk__in=pks)
    return [(pk, reverse("visit", args=[pk])) for pk in rows.values_list("pk", flat=True)]


def _research(pks: set[int], viewer: User) -> Iterable[tuple[int, str]]:
    rows = ResearchReport.objects.visible_to(viewer).filter(pk__in=pks)
    return [(pk, reverse("research_report", args=[pk])) for pk in rows.values_list("pk", flat=True)]


def _declarations(pks: set[int], viewer: User) -> Iterable[tuple[int, str]]:
    rows = Declaration.objects.visible_to(viewer).filter(pk__in=pks)
    return [(pk, reverse("declaration", args=[pk])) for pk in rows.values_list("pk", flat=True)]


def _cases_of(model: Any, path: str) -> Any:
    """Rows that hang on a case open the case."""

    def of(pks: set[int], viewer: User) -> Iterable[tuple[int, str]]:
        cases = dict(model.objects.filter(pk__in=pks).values_list("pk", path))
        seen = Suggestion.objects.visible_to(viewer).filter(pk__in=set(cases.values()))
        numbers = dict(seen.values_list("pk", "number"))
        return [(pk, reverse("suggestion", args=[numbers[case]])) for pk, case in cases.items() if case in numbers]

    return of


LINKS: dict[str, Any] = {
    "attendance": _attendances,
    "dutyreport": _reports,
    "visit": _visits,
    "researchreport": _research,
    "declaration": _declarations,
    "suggestion": _cases_of(Suggestion, "pk"),
    "cosignature": _cases_of(CoSignature, "suggestion"),
    "feedback": _cases_of(Feedback, "suggestion"),
    "event": _cases_of(Event, "suggestion"),
}
