"""The sheet of one deputy, out of the rows of the ledger. Pure: it asks no database (mission G2, domain.md §5.2).

What the caps do: of a record that is limited to so many times a year the best are counted; an item counts up to its
`most`; what a major's items bring counts up to its cap. What is taken away (减分) is taken off after the cap, so that
nobody pays for it with points that would not have counted anyway.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)
# The `rule` of entries that no record, but a declaration gives.
DECLARED, VIOLATION = "declared", "violation"


class Grade(StrEnum):
    GOOD = "优秀"
    FAIR = "称职"
    POOR = "待改进"
    REFUSED = "否决"


@dataclass(frozen=True)
class Item:
    code: str
    most: Decimal | None = None
    # How many a year count, by rule; a rule that is missing here has no limit.
    times: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Major:
    code: str
    cap: Decimal
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Scheme:
    majors: tuple[Major, ...]
    is_capped: bool = True
    good_from: Decimal = Decimal(80)
    fair_from: Decimal = Decimal(60)


@dataclass(frozen=True)
class Entry:
    """One row of the ledger. A reversal is a row of its own with the points negated."""

    item: str
    rule: str
    record: str
    record_id: int
    points: Decimal


@dataclass(frozen=True)
class ItemSum:
    code: str
    earned: Decimal
    counted: Decimal


@dataclass(frozen=True)
class MajorSum:
    code: str
    earned: Decimal
    counted: Decimal
    items: tuple[ItemSum, ...]


@dataclass(frozen=True)
class Sheet:
    majors: tuple[MajorSum, ...]
    total: Decimal
    grade: Grade
    vetoed: bool


def sheet(entries: Iterable[Entry], scheme: Scheme) -> Sheet:
    standing = _standing(entries)
    majors = tuple(_major(major, standing, scheme.is_capped) for major in scheme.majors)
    total = sum((major.counted for major in majors), ZERO)
    vetoed = any(rule == VIOLATION for rules in standing.values() for rule in rules)
    return Sheet(majors, total, _grade(total, vetoed, scheme), vetoed)


def _standing(entries: Iterable[Entry]) -> dict[str, dict[str, list[Decimal]]]:
    """What is left of each record after its reversals, by item and rule. Nothing is left of what was taken back."""
    net: dict[tuple[str, str, str, int], Decimal] = defaultdict(lambda: ZERO)
    for entry in entries:
        net[entry.item, entry.rule, entry.record, entry.record_id] += entry.points
    found: dict[str, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for (item, rule, _, _), points in net.items():
        if points:
            found[item][rule].append(points)
    return found


def _major(major: Major, standing: dict[str, dict[str, list[Decimal]]], is_capped: bool) -> MajorSum:
    items = tuple(_item(item, standing.get(item.code, {})) for item in major.items)
    given = sum((item.counted for item in items if item.counted > 0), ZERO)
    taken = sum((item.counted for item in items if item.counted < 0), ZERO)
    counted = (min(given, major.cap) if is_capped else given) + taken
    return MajorSum(major.code, sum((item.earned for item in items), ZERO), counted, items)


def _item(item: Item, rules: dict[str, list[Decimal]]) -> ItemSum:
    times = dict(item.times)
    earned = sum((sum(points, ZERO) for points in rules.values()), ZERO)
    within = sum((sum(_best(points, times.get(rule)), ZERO) for rule, points in rules.items()), ZERO)
    return ItemSum(item.code, earned, within if item.most is None else min(within, item.most))


def _best(points: Sequence[Decimal], times: int | None) -> Sequence[Decimal]:
    return points if times is None else sorted(points, reverse=True)[:times]


def _grade(total: Decimal, vetoed: bool, scheme: Scheme) -> Grade:
    if vetoed:
        return Grade.REFUSED
    if total >= scheme.good_from:
        return Grade.GOOD
    return Grade.FAIR if total >= scheme.fair_from else Grade.POOR
