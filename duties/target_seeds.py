"""The targets that ship, from the practice of several places; every one of them is edited in the back office (mission U2).

Stations: an activity a month (武穴), a meeting a quarter and a survey every half year (长垣), departments invited
(新乡). Groups: 4 activities, 1 research report, 2 proposals a year (漯河). Deputies: 2 receptions a year (广州, 北京
实施办法 art. 22, 上海实施办法 art. 30).
"""

from __future__ import annotations

from django.db import transaction

from accounts.models import Region
from activities.models import ActivityType
from duties.models import Target

S = Target.Span
# of, rule, activity types, span, at least
SHIPPED: tuple[tuple[str, str, tuple[str, ...], str, int], ...] = (
    ("station", "activities", (), S.MONTH, 1),
    ("station", "activities", ("station_meeting",), S.QUARTER, 1),
    ("station", "activities", ("survey", "inspection", "research"), S.HALF, 1),
    ("station", "with_departments", (), S.QUARTER, 1),
    ("group", "activities", (), S.YEAR, 4),
    ("group", "research", (), S.YEAR, 1),
    ("group", "group_proposals", (), S.YEAR, 2),
    ("deputy", "attended", ("reception",), S.YEAR, 2),
)


@transaction.atomic
def ship_targets(region: Region, year: int) -> int:
    """Enter what is not there yet for this region and year, and say how many were entered."""
    # Two clicks come one after the other, and the second finds everything there.
    Region.objects.select_for_update(no_key=True).get(pk=region.pk)
    types = {kind.code: kind for kind in ActivityType.objects.all()}
    there = {_of(target) for target in Target.objects.filter(region=region, year=year).prefetch_related("types")}
    made = 0
    for of, rule, codes, span, least in SHIPPED:
        known = tuple(code for code in codes if code in types)
        if (of, rule, frozenset(known), span) in there:
            continue
        target = Target.objects.create(region=region, year=year, of=of, rule=rule, span=span, least=least)
        target.types.set([types[code] for code in known])
        made += 1
    return made


def _of(target: Target) -> tuple[str, str, frozenset[str], str]:
    return target.of, target.rule, frozenset(kind.code for kind in target.types.all()), target.span
