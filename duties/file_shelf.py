"""The records behind the files of many people, each kind read once for all of them and laid out by person.

The file of one person is built from a shelf of one. When a term ends some hundreds of files are written in one act:
person by person that is thirty queries each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet

from deputies.models import Deputy
from duties.file_parts import Period
from duties.rules import DEPUTY, RULES
from duties.year_points import points_of

# What the lines of a file say of a row beyond the row itself.
RELATED: dict[str, tuple[str, ...]] = {
    "attended": ("activity__type", "activity__station", "activity__group"),
    "cosigned": ("suggestion",),
    "duty_reports": ("activity__type",),
    "visits": ("station",),
}
GATHERED: dict[str, tuple[str, ...]] = {"research": ("adoptions",)}


class Shelf:
    def __init__(self, deputies: Sequence[Deputy], period: Period) -> None:
        self.deputies, self.period = deputies, period
        self.keys = [deputy.pk for deputy in deputies]
        self._rows: dict[str, dict[int, list[Any]]] = {}
        self._points: dict[int, dict[int, dict[str, Any]]] = {}

    def by_rule(self, code: str, deputy: Deputy) -> list[Any]:
        def found() -> QuerySet[Any]:
            rows = RULES[code].records(DEPUTY, self.keys, self.period.start, self.period.until)
            rows = rows.select_related(*RELATED[code]) if code in RELATED else rows
            return rows.prefetch_related(*GATHERED.get(code, ()))

        return self._laid_out(code, found, "subject").get(deputy.pk, [])

    def of(self, name: str, rows: Callable[[], QuerySet[Any]], deputy: Deputy) -> list[Any]:
        """Of rows that hang on a deputy; `rows` are those of anybody, in their order."""
        return self._laid_out(name, lambda: rows().filter(deputy__in=self.keys), "deputy_id").get(deputy.pk, [])

    def points(self, year: int, deputy: Deputy) -> dict[str, Any] | None:
        if year not in self._points:
            self._points[year] = points_of(self.deputies, year)
        return self._points[year].get(deputy.pk)

    def _laid_out(self, name: str, rows: Callable[[], QuerySet[Any]], whose: str) -> dict[int, list[Any]]:
        if name not in self._rows:
            laid: dict[int, list[Any]] = defaultdict(list)
            for row in rows():
                laid[getattr(row, whose)].append(row)
            self._rows[name] = laid
        return self._rows[name]
