"""Invariants of the ledger, recomputed: what its rows say of each other, and what the records say of its rows.

Rows are only ever appended, so a difference is never mended here: it is told, and people look. Records that changed
since the last settlement are differences too; settle first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from deputies.models import Deputy
from duties.models import Declaration, Objection, PointEntry, PointItem, PointPeriod, PointScheme
from duties.points import DECLARED, VIOLATION
from duties.services.settling import Due, Key, due, held_scheme, scored_by, slices, suspended

S = Declaration.Status


@dataclass(frozen=True)
class Fault:
    where: str
    rule: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.where}\t{self.rule}\t{self.sentence}"


@dataclass
class Book:
    """Some people's part of one account: its rows, oldest number first, and what the records give."""

    period: PointPeriod
    scheme: PointScheme | None
    chains: dict[Key, list[PointEntry]]
    due: dict[Key, Due]
    items: dict[int, PointItem]
    whose: frozenset[int]
    barred: frozenset[int]

    @property
    def rows(self) -> Iterator[PointEntry]:
        for chain in self.chains.values():
            yield from chain

    def live(self) -> Iterator[tuple[Key, PointEntry]]:
        taken = {row.reverses_id for row in self.rows}
        for key, chain in self.chains.items():
            for row in chain:
                if row.reverses_id is None and row.pk not in taken:
                    yield key, row

    @property
    def is_open(self) -> bool:
        return self.period.closed_at is None


Found = Iterator[tuple[PointEntry | None, str]]


def books_of(period: PointPeriod) -> Iterator[Book]:
    """A thousand people at a time; without an adopted scheme, whatever there is."""
    scheme = held_scheme(period.region, period.year)
    if scheme is None:
        yield _book(period, None, PointEntry.objects.filter(period=period), Deputy.objects.none())
        return
    for people in slices(scheme, period):
        rows = PointEntry.objects.filter(period=period, deputy__in=people)
        yield _book(period, scheme, rows, scored_by(scheme).filter(pk__in=people))


def _book(
    period: PointPeriod, scheme: PointScheme | None, rows: QuerySet[PointEntry], people: QuerySet[Deputy]
) -> Book:
    chains: dict[Key, list[PointEntry]] = defaultdict(list)
    for row in rows.select_related("item__major__scheme", "deputy", "reverses").order_by("sequence", "pk"):
        chains[Key(row.item_id, row.rule, row.record, row.record_id, row.deputy_id)].append(row)
    return Book(
        period,
        scheme,
        chains,
        due(scheme, people) if scheme is not None and period.closed_at is None else {},
        {row.item_id: row.item for chain in chains.values() for row in chain},
        frozenset(people.values_list("pk", flat=True)),
        suspended(people.order_by().values("pk")),
    )


def unbroken(book: Book) -> Found:
    """1 gives, 2 takes back, 3 gives again; no number is left out."""
    for chain in book.chains.values():
        numbers = [row.sequence for row in chain]
        if numbers != list(range(1, len(chain) + 1)):
            yield chain[0], f"次序{numbers}不连续。"
        for n, row in enumerate(chain):
            if (row.reverses_id is not None) != (n % 2 == 1):
                yield row, "给分和冲销没有交替。"


def nets_to_nothing(book: Book) -> Found:
    for row in book.rows:
        if row.reverses is not None and row.points != -row.reverses.points:
            yield row, f"冲销{row.points}分，原记录{row.reverses.points}分，没有抵平。"


def takes_back_its_own(book: Book) -> Found:
    """A reversal is of the same person, item and record, in the same account."""
    for row in book.rows:
        first = row.reverses
        if first is not None and (
            (first.period_id, first.deputy_id, first.item_id, first.rule, first.record, first.record_id)
            != (row.period_id, row.deputy_id, row.item_id, row.rule, row.record, row.record_id)
        ):
            yield row, "冲销的不是同一人的同一条记录。"


def nothing_after_the_end(book: Book) -> Found:
    closed = book.period.closed_at
    for row in book.rows if closed is not None else ():
        if closed is not None and row.at > closed:
            yield row, "封账以后还有记入。"


def of_the_year(book: Book) -> Found:
    for row in book.rows:
        if not date(book.period.year, 1, 1) <= row.happened_on <= date(book.period.year, 12, 31):
            yield row, f"发生日期{row.happened_on}不在{book.period.year}年。"


def of_an_adopted_scheme(book: Book) -> Found:
    for row in book.rows:
        scheme = row.item.major.scheme
        if scheme.adopted_on is None or (scheme.region_id, scheme.year) != (book.period.region_id, book.period.year):
            yield row, f"小项{row.item}不属于本区域本年度采用的积分办法。"


def by_the_scheme(book: Book) -> Found:
    """So many points as the version says; of a declaration, what was confirmed."""
    said = {
        (item.pk, source.rule): source.points
        for item in PointItem.objects.filter(pk__in=book.items).prefetch_related("sources")
        for source in item.sources.all()
    }
    declared = dict(
        Declaration.objects.filter(deputy__in={key.deputy for key in book.chains}).values_list("pk", "points")
    )
    for row in book.rows:
        if row.reverses_id is not None:
            continue
        if row.rule in (DECLARED, VIOLATION):
            right = declared.get(row.record_id, row.points)
        else:
            right = said.get((row.item_id, row.rule))
        if row.points != right:
            yield row, f"记{row.points}分，按办法应为{right}分。"


def once_a_record(book: Book) -> Found:
    """One record of one person counts under one item, whatever the seats, the stations and the versions."""
    seen = Counter((key.rule, key.record, key.record_id, key.deputy) for key, _ in book.live())
    for key, row in book.live():
        if seen[key.rule, key.record, key.record_id, key.deputy] > 1:
            yield row, "同一条记录有两条有效积分。"


def with_its_record(book: Book) -> Found:
    """A row that stands has its record, of the same person and the same day."""
    somebody_s = {key[:4] for key in book.due}
    for key, row in book.live() if book.is_open else ():
        record = book.due.get(key)
        if record is None and key[:4] in somebody_s:
            yield row, "这条记录是别人的。"
        elif record is None:
            yield row, "没有符合条件的记录，却有积分。"
        elif record.day != row.happened_on:
            yield row, f"积分写{row.happened_on}，记录是{record.day}。"


def with_its_row(book: Book) -> Found:
    """What the records give stands in the ledger, unless a person took it back or the deputy is suspended."""
    standing = {key for key, _ in book.live()}
    by_hand = {
        (book.items[key.item].code, *key[1:])
        for key, chain in book.chains.items()
        if chain[-1].reverses_id is not None and chain[-1].by_id is not None
    }
    codes = dict(PointItem.objects.filter(pk__in={key.item for key in book.due}).values_list("pk", "code"))
    for key, record in book.due.items():
        if key in standing or (codes[key.item], *key[1:]) in by_hand or key.deputy in book.barred:
            continue
        yield None, f"{record.day}“{record.says}”应记{record.points}分，没有记入。"


def of_its_own_people(book: Book) -> Found:
    for key, row in book.live() if book.is_open else ():
        if key.deputy not in book.whose:
            yield row, "这位代表不适用本区域的积分办法。"


def by_hand_on_an_objection(book: Book) -> Found:
    """Nobody takes points back by hand but in answer to an objection that was found right."""
    right = set(
        Objection.objects.filter(period=book.period, outcome=Objection.Outcome.CORRECTED).values_list(
            "entry", flat=True
        )
    )
    for row in book.rows:
        if row.reverses_id is not None and row.by_id is not None and row.reverses_id not in right:
            yield row, "人工冲销没有对应的已更正异议。"


BOOK_RULES: tuple[Callable[[Book], Found], ...] = (
    unbroken,
    nets_to_nothing,
    takes_back_its_own,
    nothing_after_the_end,
    of_the_year,
    of_an_adopted_scheme,
    by_the_scheme,
    once_a_record,
    with_its_record,
    with_its_row,
    of_its_own_people,
    by_hand_on_an_objection,
)


def book_faults(period: PointPeriod) -> Iterator[Fault]:
    for book in books_of(period):
        for rule in BOOK_RULES:
            for row, sentence in rule(book):
                where = f"{period} {row.deputy} {row.item.code}（{row.pk}）" if row is not None else str(period)
                yield Fault(where, rule.__name__, sentence)


def declaration_faults() -> Iterator[Fault]:
    """Every declaration has its evidence, and its steps lead to where it stands, none of them taken by its own people."""
    rows = (
        Declaration.objects.select_related("deputy", "item").prefetch_related("steps").annotate(files=Count("evidence"))
    )
    for declaration in rows.order_by("pk"):
        where, steps = f"申报{declaration.pk} {declaration.deputy}", sorted(declaration.steps.all(), key=lambda s: s.pk)
        if not declaration.files:
            yield Fault(where, "with_evidence", "没有证明材料。")
        at = steps[0].from_status if steps else declaration.status
        for step in steps:
            if step.from_status != at:
                yield Fault(
                    where, "step_by_step", f"审核由“{S(step.from_status).label}”开始，前一步却到“{S(at).label}”。"
                )
            at = step.to_status
            if step.by_id == declaration.deputy.user_id and step.to_status != S.WITHDRAWN:
                yield Fault(where, "not_by_oneself", "自己的申报由自己审核。")
        if at != declaration.status:
            yield Fault(
                where, "step_by_step", f"现在是“{declaration.get_status_display()}”，最后一步却是“{S(at).label}”。"
            )


def faults(periods: Iterable[PointPeriod] | None = None) -> Iterator[Fault]:
    chosen = PointPeriod.objects.select_related("region").order_by("pk") if periods is None else periods
    for period in chosen:
        yield from book_faults(period)
    yield from declaration_faults()
