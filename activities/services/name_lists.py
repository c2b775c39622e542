"""A pasted name list against real people: the invited first, then the county's deputies; whoever is doubtful is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.db.models import Exists, OuterRef

from accounts.paths import LENGTHS
from activities import name_list
from activities.models import Activity, Attendance
from activities.name_list import Named
from activities.services.attendance import invited_to
from activities.services.logged import suspended_among
from deputies.models import Deputy, Mandate


@dataclass(frozen=True)
class Line:
    """One name of the list. `deputy` is who it is; without one, `choices` are the people of that name, or there is nobody."""

    index: int
    named: Named
    deputy: Deputy | None = None
    choices: tuple[Deputy, ...] = ()
    is_suspended: bool = False
    # The same person stands further down once more; that line counts.
    is_repeated: bool = False

    @property
    def asks_who(self) -> bool:
        return self.deputy is None

    @property
    def asks_how(self) -> bool:
        return self.named.doubtful and not self.is_suspended and not self.is_repeated

    @property
    def counts(self) -> bool:
        return self.deputy is not None and not self.is_suspended and not self.is_repeated


@dataclass(frozen=True)
class Resolved:
    lines: list[Line]
    headings: list[str]
    # Invited, and not in the list: whom a misspelt name may mean.
    others: list[Deputy]

    def of(self, presence: str) -> list[Line]:
        return [line for line in self.lines if line.counts and not line.asks_how and line.named.presence == presence]

    @property
    def asked(self) -> list[Line]:
        return [line for line in self.lines if line.asks_who or line.asks_how]

    @property
    def suspended(self) -> list[Line]:
        return [line for line in self.lines if line.is_suspended]


def resolve(text: str, activity: Activity) -> Resolved:
    """Who the names of a pasted text are. Nothing is written."""
    read = name_list.read(text)
    names = {reading for named in read.named for reading in named.readings}
    rings = list(_rings(activity, names))
    suspended = {
        deputy.pk for deputy in suspended_among({d for ring in rings for found in ring.values() for d in found})
    }
    lines: list[Line] = []
    headings = list(read.headings)
    for named in read.named:
        found = _people(named, rings)
        if not found and named.loose:
            headings.append(named.said)
            continue
        deputy = found[0] if len(found) == 1 else None
        out = deputy is not None and deputy.pk in suspended
        able = tuple(one for one in found if one.pk not in suspended)
        lines.append(Line(len(lines), named, deputy, () if deputy else able, out))
    lines = _once(lines)
    told = {line.deputy.pk for line in lines if line.deputy is not None}
    others = Deputy.objects.in_office().filter(pk__in=invited_to(activity).values("pk")).exclude(pk__in=told)
    return Resolved(lines, headings, list(others.with_seats().in_order()))


def _rings(activity: Activity, names: set[str]) -> Iterator[dict[str, list[Deputy]]]:
    """People of these names by name: on the list of the activity; of the station or group; of the whole county."""
    held = Exists(Mandate.objects.held().filter(deputy=OuterRef("pk")))
    county = activity.region_path[: LENGTHS["county"]]
    listed = Attendance.objects.filter(activity=activity)
    named = Deputy.objects.filter(name__in=names).with_seats().order_by("pk")
    rings = [
        named.filter(pk__in=listed.values("deputy")),
        named.filter(held, pk__in=invited_to(activity).values("pk")),
        named.filter(held, pk__in=Deputy.objects.of_region(county).values("pk")),
    ]
    for ring in rings:
        by_name: dict[str, list[Deputy]] = {}
        for deputy in ring:
            by_name.setdefault(deputy.name, []).append(deputy)
        yield by_name


def _people(named: Named, rings: list[dict[str, list[Deputy]]]) -> list[Deputy]:
    for ring in rings:
        for reading in named.readings:
            if reading in ring:
                return ring[reading]
    return []


def _once(lines: list[Line]) -> list[Line]:
    """A person counts once. Written twice, the later line counts; where the two disagree, it is asked."""
    last: dict[int, Line] = {line.deputy.pk: line for line in lines if line.deputy is not None}
    kept = []
    for line in lines:
        of = last.get(line.deputy.pk) if line.deputy is not None else None
        if of is None or of.index == line.index:
            kept.append(line)
            continue
        kept.append(replace(line, is_repeated=True))
        if line.named.presence != of.named.presence:
            assert of.deputy is not None
            last[of.deputy.pk] = replace(of, named=replace(of.named, doubtful=True))
    return [last[line.deputy.pk] if line.deputy is not None and not line.is_repeated else line for line in kept]
