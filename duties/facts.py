"""What people and groups did in a year, counted by the registry of `duties.rules` for many of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.calendar import today
from duties.rules import DEPUTY, GROUP, RULES

SLICE = 500

# Which facts are told of whom, in the order in which they are told.
TOLD = {
    DEPUTY: (
        "attended",
        "visits",
        "collected",
        "solved",
        "proposals",
        "cosigned",
        "supervised",
        "research",
        "duty_reports",
    ),
    GROUP: ("activities", "visits", "research", "group_proposals"),
}


@dataclass(frozen=True)
class Fact:
    rule: str
    label: str
    count: int
    unit: str

    def __str__(self) -> str:
        return f"{self.label}{self.count}{self.unit}"


def bounds(year: int) -> tuple[date, date]:
    """The year as far as it has gone: nothing is counted ahead."""
    return date(year, 1, 1), min(date(year, 12, 31), today())


def days_of(rule: str, kind: str, keys: Sequence[int], year: int, types: Iterable[str] = ()) -> dict[int, list[date]]:
    """The days on which each subject has a record under the rule; a record counts once for a subject."""
    found: dict[int, list[date]] = defaultdict(list)
    wanted = list(types)
    for start in range(0, len(keys), SLICE):
        rows = RULES[rule].records(kind, keys[start : start + SLICE], *bounds(year), types=wanted)
        once = {(subject, pk): day for subject, pk, day in rows.values_list("subject", "pk", "day")}
        for (subject, _), day in once.items():
            found[subject].append(day)
    return found


def facts_of(kind: str, keys: Sequence[int], year: int) -> dict[int, list[Fact]]:
    """Every fact of every subject, zeros too: what is missing is also told."""
    told: dict[int, list[Fact]] = {key: [] for key in keys}
    for code in TOLD[kind]:
        rule, days = RULES[code], days_of(code, kind, keys, year)
        for key in keys:
            told[key].append(Fact(code, rule.label, len(days.get(key, ())), rule.unit))
    return told
