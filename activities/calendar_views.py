"""履职日历: the month of one deputy at both stations and in the groups, and whose days clash (mission C2)."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.calendar import add_months, today
from accounts.models import User
from accounts.pages import FIRST_YEAR, LAST_YEAR, OfficeRequest, a_key, only
from activities.clashes import Call, clashing, is_called
from activities.models import Activity, Attendance
from activities.models.work import ActivityQuerySet
from deputies.models import Deputy, GroupMembership, StationMembership
from deputies.permissions import knows_people, reads_people

Status, Presence = Activity.Status, Attendance.Presence
# Whose days clash, at most so many lines; the rest shows when these are settled.
MOST_CLASHES = 30
MOST_NAMES = 20


def the_month(typed: str) -> date:
    """The first of the month in the address, else of this month."""
    try:
        month = date.fromisoformat(f"{typed}-01")
    except ValueError:
        return today().replace(day=1)
    return month if FIRST_YEAR < month.year < LAST_YEAR else today().replace(day=1)


def in_month(month: date) -> ActivityQuerySet:
    end = add_months(month, 1) - timedelta(days=1)
    named = Attendance.objects.filter(activity=OuterRef("pk"))
    rows = Activity.objects.between(month, end).exclude(status=Status.CANCELLED).annotate(has_list=Exists(named))
    return rows.select_related("type", "station", "group").order_by("held_on", "pk")


def organizer(activity: Activity) -> tuple[str, int]:
    return ("station", activity.station_id) if activity.station_id else ("group", activity.group_id or 0)


def call_of(activity: Any, presence: str | None, is_member: bool) -> Call | None:
    if not is_called(presence, has_list=activity.has_list, is_member=is_member):
        return None
    return Call(
        day=activity.held_on,
        activity=activity.pk,
        organizer=organizer(activity),
        is_named=presence is not None,
        came=presence == Presence.PRESENT,
    )


@dataclass
class Entry:
    """One activity on the page. `is_open`: the reader may know what it is, not only that it is."""

    activity: Activity
    is_open: bool
    presence: str
    clashes: bool


@dataclass
class Day:
    day: date
    entries: list[Entry] = field(default_factory=list)

    @property
    def clashes(self) -> bool:
        return any(entry.clashes for entry in self.entries)

    @property
    def is_today(self) -> bool:
        return self.day == today()


def days_of(deputy: Deputy, month: date, reader: User) -> list[Day]:
    """Everything both stations and the groups have planned or held, and where the deputy is on a list."""
    end = add_months(month, 1)
    then = (Q(ended_on__isnull=True) | Q(ended_on__gt=month)) & Q(since__lt=end)
    stations = set(StationMembership.objects.filter(then, deputy=deputy).values_list("station", flat=True))
    groups = set(GroupMembership.objects.filter(then, deputy=deputy).values_list("group", flat=True))
    own = Attendance.objects.filter(deputy=deputy)
    of_both = Q(station__in=stations) | Q(group__in=groups) | Exists(own.filter(activity=OuterRef("pk")))
    activities = list(in_month(month).filter(of_both))
    presences = dict(own.filter(activity__in=activities).values_list("activity", "presence"))
    calls = [
        call_of(one, presences.get(one.pk), one.station_id in stations or one.group_id in groups) for one in activities
    ]
    clashes = clashing(call for call in calls if call is not None)
    readable = set(
        Activity.objects.visible_to(reader).filter(pk__in=[one.pk for one in activities]).values_list("pk", flat=True)
    )
    labels = dict(Presence.choices)
    days: dict[date, Day] = {}
    for one in activities:
        day = days.setdefault(one.held_on, Day(one.held_on))
        presence = labels.get(presences.get(one.pk, ""), "")
        day.entries.append(Entry(one, one.pk in readable, presence, one.pk in clashes.get(one.held_on, ())))
    return list(days.values())


@dataclass(frozen=True)
class Clash:
    """The same activities of one day, and everybody whom both call."""

    day: date
    activities: list[Activity]
    deputies: list[Deputy]


def clashes_of(reader: User, month: date) -> list[Clash]:
    """Whose days clash from today on, among the activities and people that the reader sees."""
    activities = {one.pk: one for one in in_month(month).filter(held_on__gte=today()).visible_to(reader)}
    per_day = Counter(one.held_on for one in activities.values())
    asked = [one for one in activities.values() if per_day[one.held_on] > 1]
    calls: dict[int, list[Call]] = defaultdict(list)
    for pk, people in called(asked).items():
        for key, presence in people.items():
            call = call_of(activities[pk], presence, True)
            if call is not None:
                calls[key].append(call)
    found: dict[tuple[date, tuple[int, ...]], list[int]] = defaultdict(list)
    for key, own in calls.items():
        for day, pks in clashing(own).items():
            found[day, tuple(pks)].append(key)
    deputies = Deputy.objects.visible_to(reader).in_bulk({key for keys in found.values() for key in keys})
    lines = []
    for (day, both), keys in sorted(found.items()):
        whom = sorted((deputies[key] for key in keys if key in deputies), key=lambda one: one.name_strokes)
        lines += [Clash(day, [activities[pk] for pk in both], whom)] if whom else []
    return lines


def called(activities: list[Activity]) -> dict[int, dict[int, str | None]]:
    """Activity → deputy → presence: the list, or the members where there is none."""
    found: dict[int, dict[int, str | None]] = {one.pk: {} for one in activities}
    for pk, deputy, presence in Attendance.objects.filter(activity__in=activities).values_list(
        "activity", "deputy", "presence"
    ):
        found[pk][deputy] = presence
    members: dict[tuple[str, int], list[int]] = defaultdict(list)
    for name, rows in (
        ("station", StationMembership.objects.filter(station__in={one.station_id for one in activities})),
        ("group", GroupMembership.objects.filter(group__in={one.group_id for one in activities})),
    ):
        for key, deputy in rows.filter(ended_on__isnull=True).values_list(name, "deputy"):
            members[name, key].append(deputy)
    for one in activities:
        if not found[one.pk]:
            found[one.pk] = dict.fromkeys(members[organizer(one)])
    return found


@login_required
def calendar(request: OfficeRequest) -> HttpResponse:
    """A deputy's own month; for staff that of the deputy in the address, else whose days clash and a way to find one."""
    only(knows_people(request.user))
    slug, reads = request.GET.get("deputy", ""), reads_people(request.user)
    visible = Deputy.objects.visible_to(request.user)
    if slug:
        return of_deputy(request, get_object_or_404(visible, slug=a_key(slug)))
    own = visible.filter(user=request.user).first()
    return of_deputy(request, own) if own is not None and not reads else of_all(request, own)


def months(request: OfficeRequest) -> dict[str, Any]:
    month = the_month(request.GET.get("month", ""))
    return {
        "month": month,
        "earlier": (month - timedelta(days=1)).strftime("%Y-%m"),
        "later": add_months(month, 1).strftime("%Y-%m"),
        "reads": reads_people(request.user),
    }


def of_deputy(request: OfficeRequest, deputy: Deputy) -> HttpResponse:
    context = months(request)
    context |= {
        "deputy": deputy,
        "is_own": deputy.user_id == request.user.pk,
        "slug": deputy.slug if request.GET.get("deputy") else "",
        "days": days_of(deputy, context["month"], request.user),
        "stations": StationMembership.objects.sitting()
        .filter(deputy=deputy)
        .select_related("station")
        .order_by("kind"),
    }
    return render(request, "activities/calendar.html", context)


def of_all(request: OfficeRequest, own: Deputy | None) -> HttpResponse:
    context = months(request)
    clashes = clashes_of(request.user, context["month"])
    name = request.GET.get("name", "").replace("\x00", "").strip()[:40]
    named = Deputy.objects.visible_to(request.user).in_office().filter(name__contains=name)
    context |= {
        "own": own,
        "clashes": clashes[:MOST_CLASHES],
        "more": len(clashes) - MOST_CLASHES,
        "name": name,
        "found": named.in_order()[:MOST_NAMES] if name else [],
    }
    return render(request, "activities/calendar_clashes.html", context)
