"""The year's points of many people at once, where their region has adopted a scheme; elsewhere nobody has any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from deputies.models import Deputy
from duties import points
from duties.models import PointEntry, PointScheme

SLICE = 500


def points_of(deputies: Sequence[Deputy], year: int) -> dict[int, dict[str, Any]]:
    """total, grade and whether it is the best grade, by person."""
    schemes = {path: _scheme_of(path, year) for path in {deputy.region.path for deputy in deputies}}
    scored = [deputy for deputy in deputies if schemes[deputy.region.path] is not None]
    entries = _entries([deputy.pk for deputy in scored], year)
    found: dict[int, dict[str, Any]] = {}
    for deputy in scored:
        scheme = schemes[deputy.region.path]
        assert scheme is not None
        sheet = points.sheet(entries.get(deputy.pk, ()), scheme)
        found[deputy.pk] = {
            "total": f"{sheet.total.normalize():f}",
            "grade": sheet.grade.value,
            "is_best": sheet.grade is points.Grade.GOOD,
        }
    return found


def _entries(keys: list[int], year: int) -> dict[int, list[points.Entry]]:
    found: dict[int, list[points.Entry]] = defaultdict(list)
    for start in range(0, len(keys), SLICE):
        rows = PointEntry.objects.filter(deputy__in=keys[start : start + SLICE], period__year=year)
        columns = ("deputy_id", "item__code", "rule", "record", "record_id", "points")
        for deputy, item, rule, record, key, given in rows.values_list(*columns):
            found[deputy].append(points.Entry(item, rule, record, key, given))
    return found


def _scheme_of(path: str, year: int) -> points.Scheme | None:
    scheme = PointScheme.objects.for_path(path, year)
    if scheme is None:
        return None
    majors = tuple(
        points.Major(
            major.code,
            major.cap,
            tuple(
                points.Item(
                    item.code,
                    item.most,
                    tuple((source.rule, source.times) for source in item.sources.all() if source.times is not None),
                )
                for item in major.items.all()
            ),
        )
        for major in scheme.majors.prefetch_related("items__sources")
    )
    return points.Scheme(majors, scheme.is_capped, scheme.good_from, scheme.fair_from)
