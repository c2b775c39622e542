"""结算: the ledger is brought in line with the records, by appending alone (mission G2; architecture.md, rule 3).

- Whose: deputies whose nearest adopted scheme is this region's. A year is that of the record's day, never of its entry.
- What was given and no longer holds is taken back by a row that says why; what holds again is given again.
- What a person took back, on an objection, stays taken back: the record may still stand, the answer stands as well.
- A day counts while the person holds a seat; who left keeps what was earned until then.
- A suspended deputy earns nothing new; what is to be taken off is taken off. The seat has no day of suspension, and
  none is needed: no attendance or visit is accepted of somebody suspended, so that none turns up after the return.
- A closed year is never settled again.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Region, User
from accounts.paths import within
from activities.models import Visit
from deputies.models import Deputy, Mandate
from duties.models import Declaration, Objection, PointEntry, PointItem, PointPeriod, PointScheme
from duties.permissions import keeps_points
from duties.points import DECLARED, VIOLATION
from duties.rules import DEPUTY, RULES

logger = logging.getLogger(__name__)

# Less than a day: a run that begins a little earlier than yesterday's is not left out.
LATELY = timedelta(hours=20)
LONGEST = 120
BATCH = 2000
SLICE = 1000


class Key(NamedTuple):
    """One record of one deputy under one item."""

    item: int
    rule: str
    record: str
    record_id: int
    deputy: int


class Due(NamedTuple):
    points: Decimal
    day: date
    says: str


class Last(NamedTuple):
    """The last row of a key, and whether it gives."""

    pk: int
    sequence: int
    points: Decimal
    day: date
    says: str
    gives: bool
    by: int | None


@dataclass(frozen=True)
class Settled:
    given: int = 0
    reversed: int = 0

    @property
    def rows(self) -> int:
        return self.given + self.reversed


def held_scheme(region: Region, year: int) -> PointScheme | None:
    adopted = PointScheme.objects.adopted().filter(region=region, year=year)
    return adopted.select_related("region").order_by("-version").first()


def scored_by(scheme: PointScheme) -> QuerySet[Deputy]:
    """Deputies of the region whose files no nearer region with a scheme of its own keeps."""
    found: QuerySet[Deputy] = Deputy.objects.filter(within(scheme.region.path))
    nearer = PointScheme.objects.adopted().filter(within(scheme.region.path), year=scheme.year)
    for path in set(nearer.exclude(region=scheme.region).values_list("region__path", flat=True)):
        found = found.exclude(within(path))
    return found


def due(scheme: PointScheme, deputies: QuerySet[Deputy]) -> dict[Key, Due]:
    """What the records give these deputies, in one query for each source of the scheme."""
    whose = deputies.order_by().values("pk")
    found: dict[Key, Due] = {}
    items = PointItem.objects.filter(major__scheme=scheme).prefetch_related("sources__types")
    codes = {}
    for item in items:
        codes[item.code] = item
        for source in item.sources.all():
            rule = RULES[source.rule]
            types = [kind.code for kind in source.types.all()]
            rows = rule.records(DEPUTY, whose, date(scheme.year, 1, 1), date(scheme.year, 12, 31), types)
            record = rule.record
            for pk, subject, day, told in rows.order_by().values_list("pk", "subject", "day", rule.tells):
                key = Key(item.pk, source.rule, record, pk, subject)
                found[key] = Due(source.points, day, _says(source.rule, rule.label, told))
    for key, row in _declared(scheme, codes, whose):
        found[key] = row
    seats = _seats(whose)
    return {key: row for key, row in found.items() if _sat(seats[key.deputy], row.day)}


def _says(code: str, label: str, told: Any) -> str:
    words = Visit.Target(told).label if code == "visits" else str(told)
    return f"{label}：{words}"[:LONGEST] if words else label


def _declared(scheme: PointScheme, items: dict[str, PointItem], whose: QuerySet[Any]) -> Iterator[tuple[Key, Due]]:
    """Of a version that is replaced, a declaration goes on under the item of the same number."""
    confirmed = Declaration.objects.filter(
        status=Declaration.Status.CONFIRMED,
        deputy__in=whose,
        happened_on__year=scheme.year,
        item__major__scheme__region=scheme.region,
    )
    names = ("pk", "deputy", "item__code", "points", "happened_on", "text", "vetoes")
    for pk, deputy, code, points, day, text, vetoes in confirmed.values_list(*names):
        item = items.get(code)
        if item is not None and item.by_declaration:
            rule = VIOLATION if vetoes else DECLARED
            yield Key(item.pk, rule, "declaration", pk, deputy), Due(points, day, text[:LONGEST])


def _seats(whose: QuerySet[Any]) -> dict[int, list[tuple[date, date | None]]]:
    seats: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    rows = Mandate.objects.filter(deputy__in=whose).exclude(reason=Mandate.Reason.INVALID)
    rows = rows.exclude(status=Mandate.Status.ELECTED)
    for deputy, since, ended in rows.values_list("deputy", "since", "ended_on"):
        seats[deputy].append((since, ended))
    return seats


def _sat(seats: list[tuple[date, date | None]], day: date) -> bool:
    return any(since <= day and (ended is None or day <= ended) for since, ended in seats)


def sat_on(deputy: Deputy, day: date) -> bool:
    return _sat(_seats(Deputy.objects.filter(pk=deputy.pk).values("pk"))[deputy.pk], day)


def suspended(whose: QuerySet[Any]) -> frozenset[int]:
    rows = Mandate.objects.filter(status=Mandate.Status.SUSPENDED, deputy__in=whose)
    return frozenset(rows.values_list("deputy", flat=True))


def last_rows(entries: QuerySet[PointEntry]) -> dict[Key, Last]:
    names = ("item", "rule", "record", "record_id", "deputy", "pk", "sequence", "points", "happened_on", "says")
    found: dict[Key, Last] = {}
    rows = entries.order_by("sequence").values_list(*names, "reverses", "by")
    for item, rule, record, record_id, deputy, pk, sequence, points, day, says, reverses, by in rows.iterator(BATCH):
        last = Last(pk, sequence, points, day, says, reverses is None, by)
        found[Key(item, rule, record, record_id, deputy)] = last
    return found


@transaction.atomic
def settle(region: Region, year: int, *, deputies: Iterable[Deputy] | None = None) -> Settled:
    """Run twice, the second run writes nothing. `deputies`: these only, as when a declaration is confirmed."""
    scheme = held_scheme(region, year)
    if scheme is None:
        raise Refused(f"{region}{year}年还没有采用积分办法，不计分。")
    period = _locked(region, year)
    chosen = None if deputies is None else [deputy.pk for deputy in deputies]
    given = taken = 0
    for slice_ in slices(scheme, period, chosen):
        whose = scored_by(scheme).filter(pk__in=slice_)
        last = last_rows(PointEntry.objects.filter(period=period, deputy__in=slice_))
        rows = list(_missing(scheme, period, whose, last))
        PointEntry.objects.bulk_create(rows, batch_size=BATCH)
        back = sum(row.reverses_id is not None for row in rows)
        given, taken = given + len(rows) - back, taken + back
    if chosen is None:
        PointPeriod.objects.filter(pk=period.pk).update(settled_at=timezone.now())
    return Settled(given, taken)


def slices(scheme: PointScheme, period: PointPeriod, chosen: list[int] | None = None) -> Iterator[list[int]]:
    """A thousand deputies at a time, so that a large county fits into a small machine's memory. Whoever has entries
    here belongs to it, wherever the file is kept now.
    """
    if chosen is None:
        scored = set(scored_by(scheme).values_list("pk", flat=True))
        chosen = sorted(scored | set(period.entries.order_by().values_list("deputy", flat=True).distinct()))
    for start in range(0, len(chosen), SLICE):
        yield chosen[start : start + SLICE]


def _locked(region: Region, year: int) -> PointPeriod:
    """Two settlements, or one and a closing, come one after the other."""
    period, _ = PointPeriod.objects.get_or_create(region=region, year=year)
    # SQLite knows no row locks: the first write takes the database's one lock.
    PointPeriod.objects.filter(pk=period.pk).update(settled_at=F("settled_at"))
    period = PointPeriod.objects.select_for_update().get(pk=period.pk)
    if period.closed_at is not None:
        raise Refused(f"{region}{year}年的积分已经封账，不再结算。")
    return period


def _missing(
    scheme: PointScheme, period: PointPeriod, whose: QuerySet[Deputy], last: dict[Key, Last]
) -> Iterator[PointEntry]:
    wanted = due(scheme, whose)
    codes = dict(PointItem.objects.filter(pk__in={key.item for key in (*last, *wanted)}).values_list("pk", "code"))
    by_hand = {_alike(key, codes) for key, row in last.items() if not row.gives and row.by is not None}
    by_hand |= _counted_elsewhere(scheme, period, whose)
    barred = suspended(whose.order_by().values("pk"))
    current = frozenset(PointItem.objects.filter(major__scheme=scheme).values_list("pk", flat=True))
    for key, row in last.items():
        now = wanted.get(key)
        if row.gives and (now is None or (now.points, now.day) != (row.points, row.day)):
            yield _entry(
                period, key, row.sequence + 1, Due(-row.points, row.day, row.says), row.pk, _why(key, now, current)
            )
    for key, now in wanted.items():
        before = last.get(key)
        stands = before is not None and before.gives
        if before is not None and stands and (before.points, before.day) == (now.points, now.day):
            continue
        # What a person took back stays so, and who is suspended gets nothing that was not there before.
        if _alike(key, codes) in by_hand or (key.deputy in barred and now.points > 0 and not stands):
            continue
        # Where the row that stood is taken back in this same run, the next number but one.
        yield _entry(period, key, 1 if before is None else before.sequence + (2 if stands else 1), now)


def _alike(key: Key, codes: dict[int, str]) -> tuple[str, str, str, int, int]:
    """The same record under the item of the same number, whichever version of the scheme."""
    return codes[key.item], key.rule, key.record, key.record_id, key.deputy


def _counted_elsewhere(
    scheme: PointScheme, period: PointPeriod, whose: QuerySet[Deputy]
) -> set[tuple[str, str, str, int, int]]:
    """What a closed account of another region holds for somebody who moved here: one record counts once."""
    rows = PointEntry.objects.filter(
        period__year=scheme.year,
        period__closed_at__isnull=False,
        deputy__in=whose.order_by().values("pk"),
        reverses__isnull=True,
        reversed_by__isnull=True,
    ).exclude(period=period)
    return set(rows.values_list("item__code", "rule", "record", "record_id", "deputy"))


def _why(key: Key, now: Due | None, current: frozenset[int]) -> str:
    if now is not None:
        return "记录的日期或分值已经更正"
    if key.item not in current:
        return "改用新一版积分办法"
    label = RULES[key.rule].label if key.rule in RULES else "申报"
    return f"不再符合“{label}”：记录已更正、撤销，或者档案已转出"


def _entry(
    period: PointPeriod, key: Key, sequence: int, row: Due, reverses: int | None = None, why: str = ""
) -> PointEntry:
    return PointEntry(
        period=period,
        deputy_id=key.deputy,
        item_id=key.item,
        rule=key.rule,
        record=key.record,
        record_id=key.record_id,
        sequence=sequence,
        points=row.points,
        happened_on=row.day,
        says=row.says,
        reverses_id=reverses,
        why=why,
    )


def open_schemes(year: int | None = None) -> list[PointScheme]:
    """Where there is something to settle: the adopted schemes, one a region, of years that are not closed."""
    rows = PointScheme.objects.adopted().select_related("region").order_by("region__path", "year", "version")
    if year is not None:
        rows = rows.filter(year=year)
    closed = set(PointPeriod.objects.filter(closed_at__isnull=False).values_list("region", "year"))
    latest = {(scheme.region_id, scheme.year): scheme for scheme in rows}
    return [scheme for key, scheme in latest.items() if key not in closed]


def settle_daily() -> int:
    """All that was not settled since yesterday; run by `tick`. One region that fails does not hold up the others."""
    recent = PointPeriod.objects.filter(settled_at__gte=timezone.now() - LATELY)
    fresh, rows = set(recent.values_list("region", "year")), 0
    for scheme in open_schemes():
        if (scheme.region_id, scheme.year) in fresh or scheme.year > today().year:
            continue
        try:
            rows += settle(scheme.region, scheme.year).rows
        except Refused:
            logger.info("%s %s was closed in between", scheme.region_id, scheme.year)
        except Exception:
            logger.exception("%s %s was not settled", scheme.region_id, scheme.year)
    return rows


@transaction.atomic
def close_period(region: Region, year: int, *, by: User) -> PointPeriod:
    """封账: settled once more, then never again. What waits to be decided is decided before."""
    if not keeps_points(by, region.pk):
        raise Refused(f"积分由{region}人大机构封账，您的账号不在这个机构。")
    if today() < date(year, 12, 1):
        raise Refused(f"{year}年12月1日以后才能封账。")
    settle(region, year)
    waiting = Declaration.objects.filter(
        Q(item__major__scheme__region=region, item__major__scheme__year=year), status__in=Declaration.OPEN
    ).count()
    asked = Objection.objects.filter(period__region=region, period__year=year, outcome="open").count()
    if waiting or asked:
        raise Refused(f"还有{waiting}件申报、{asked}件异议没有办完，请先办完再封账。")
    period = PointPeriod.objects.get(region=region, year=year)
    period.closed_at, period.closed_by = timezone.now(), by
    period.save(update_fields=["closed_at", "closed_by"])
    return period
