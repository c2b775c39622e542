"""The page of a 代表小组: who is in it, where it has entered, what it did in a year."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Count, F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.calendar import today
from accounts.pages import FIRST_YEAR, OfficeRequest
from activities.models import Activity, Attendance, Visit
from deputies.forms import group_offers
from deputies.models import Deputy, DeputyGroup
from deputies.permissions import keeps_group

MOST_ROWS = 30


@login_required
def group(request: OfficeRequest, pk: int) -> HttpResponse:
    visible = DeputyGroup.objects.filter(pk__in=DeputyGroup.objects.visible_to(request.user).values("pk"))
    found = get_object_or_404(visible.select_related("region", "chain"), pk=pk)
    year = the_year(request.GET.get("year", ""))
    activities = Activity.objects.visible_to(request.user).held().filter(group=found, held_on__year=year)
    visits = Visit.objects.visible_to(request.user).confirmed().filter(group=found, visited_on__year=year)
    present = Attendance.objects.filter(
        activity__in=activities.values("pk"), presence=Attendance.Presence.PRESENT
    ).values("deputy")
    came = Count("attendances", filter=Q(attendances__presence=Attendance.Presence.PRESENT), distinct=True)
    memberships = found.memberships.select_related("deputy").order_by("deputy__name_strokes", "deputy__name", "since")
    context = {
        "group": found,
        "members": [row for row in memberships if row.ended_on is None],
        "former": [row for row in memberships if row.ended_on is not None],
        "readable": set(
            Deputy.objects.visible_to(request.user).filter(group_memberships__group=found).values_list("pk", flat=True)
        ),
        "entries": found.entries.select_related("station").order_by(F("ended_on").desc(nulls_first=True), "-since"),
        "year": year,
        "activities": activities.select_related("type", "station").annotate(came=came).order_by("-held_on")[:MOST_ROWS],
        "counts": [
            ("活动", activities.count(), "次"),
            ("参加代表", present.distinct().count(), "人"),
            ("走访", visits.count(), "次"),
        ],
        "offers": group_offers(found, request.user),
        "keeps": keeps_group(request.user, found) and found.ended_on is None,
    }
    return render(request, "activities/group.html", context)


def the_year(typed: str) -> int:
    year = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) == 4 else 0
    return year if FIRST_YEAR < year <= today().year else today().year
