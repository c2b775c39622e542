"""The people: the list, one person, what is done next with them, the members of a station chosen several at a time."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F, Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.errors import Refused
from accounts.forms import refuse
from accounts.models import Level
from accounts.pages import OfficeRequest, a_key, only
from deputies import services
from deputies.forms import ACTS, FindForm, TickForm, offers
from deputies.forms.finding import seats_of
from deputies.models import Deputy, DeputyGroup, Mandate, StationMembership
from deputies.permissions import keeps_group, keeps_station, knows_people, reads_people
from deputies.services.memberships import kind_of
from stations.models import Station

PEOPLE_A_PAGE = 50
# Boxes on one page; who is looked for beyond them is found by another condition.
MOST_BOXES = 60


def with_held_seats(people: QuerySet[Deputy]) -> QuerySet[Deputy]:
    """实有 seats and stations of each, in two more queries whatever the number."""
    held = seats_of().select_related("congress__region", "constituency").order_by("congress__region__path")
    sitting = StationMembership.objects.sitting().select_related("station").order_by("kind")
    return people.select_related("region").prefetch_related(
        Prefetch("mandates", held, to_attr="held_seats"),
        Prefetch("memberships", sitting, to_attr="sitting_memberships"),
    )


@login_required
def deputies(request: OfficeRequest) -> HttpResponse:
    only(reads_people(request.user))
    visible = Deputy.objects.visible_to(request.user)
    form = FindForm(request.GET, by=request.user)
    found = form.find(visible)
    former, station = form.asked("state") != FindForm.HELD, form.asked("station")
    context = {
        "form": form,
        "words": FindForm.words(visible),
        "page": Paginator(with_held_seats(found), PEOPLE_A_PAGE).get_page(request.GET.get("page")),
        "seats": 0
        if former
        else seats_of(form.asked("level")).filter(deputy__in=found.order_by().values("pk")).count(),
        "former": former,
        "station": station if station and keeps_station(request.user, station) else None,
        "level": dict(Level.choices).get(form.asked("level")),
        "asked": any(value for name, value in form.cleaned_data.items() if name != "order"),
    }
    return render(request, "deputies/people/list.html", context)


def the_deputy(request: OfficeRequest, slug: str) -> Deputy:
    only(knows_people(request.user))
    visible = Deputy.objects.visible_to(request.user).select_related("region")
    return get_object_or_404(visible, slug=a_key(slug))


@login_required
def deputy(request: OfficeRequest, slug: str) -> HttpResponse:
    return the_page(request, the_deputy(request, slug))


@login_required
def own_deputy(request: OfficeRequest) -> HttpResponse:
    """A deputy's own page, at an address that the navigation knows without asking."""
    return the_page(request, get_object_or_404(Deputy.objects.select_related("region"), user=request.user))


def the_page(request: OfficeRequest, deputy: Deputy) -> HttpResponse:
    seats = deputy.mandates.select_related("congress__region", "constituency")
    states = {seat.status for seat in seats}
    context = {
        "deputy": deputy,
        "seats": sorted(seats, key=lambda seat: (seat.ended_on is not None, -seat.since.toordinal(), seat.pk)),
        "held": sum(seat.status in (Mandate.Status.SITTING, Mandate.Status.SUSPENDED) for seat in seats),
        "state": next((state for state in STATES if state in states), ""),
        "memberships": deputy.memberships.select_related("station").order_by(
            F("ended_on").desc(nulls_first=True), "-since", "pk"
        ),
        "groups": deputy.group_memberships.select_related("group").order_by(
            F("ended_on").desc(nulls_first=True), "-since", "pk"
        ),
        "readable": set(
            DeputyGroup.objects.visible_to(request.user).filter(memberships__deputy=deputy).values_list("pk", flat=True)
        ),
        "pairings": deputy.pairings.select_related("station", "enterprise", "village").order_by(
            F("ended_on").desc(nulls_first=True), "pk"
        ),
        "posts": deputy.posts_held.select_related("post__station").order_by(
            F("post__ended_on").desc(nulls_first=True), "pk"
        ),
        "offers": offers(deputy, request.user),
        "reads": reads_people(request.user),
        "is_own": deputy.user_id == request.user.pk,
    }
    return render(request, "deputies/people/deputy.html", context)


# What the person is now, in the order of what counts.
STATES = (Mandate.Status.SITTING, Mandate.Status.SUSPENDED, Mandate.Status.ELECTED, Mandate.Status.ENDED)


@login_required
def deputy_act(request: OfficeRequest, slug: str, act: str) -> HttpResponse:
    deputy = the_deputy(request, slug)
    only(act in dict(offers(deputy, request.user)))
    form = ACTS[act](request.POST or None, deputy=deputy, by=request.user)
    if request.method == "POST" and form.is_valid() and form.say():
        messages.success(request, form.done)
        return redirect("office_deputy", deputy.slug)
    context = {"form": form, "deputy": deputy, "seats": seats_of().filter(deputy=deputy).select_related("congress")}
    return render(request, "deputies/people/act.html", context)


# Several at a time


@login_required
def station_members(request: OfficeRequest, slug: str) -> HttpResponse:
    """选站点成员: by 专长, 职业 or level, with ticks. Who is in another station of the kind is not offered: that is a move."""
    station = get_object_or_404(Station.objects.visible_to(request.user), slug=a_key(slug))
    only(keeps_station(request.user, station))
    sitting = StationMembership.objects.sitting()
    taken = sitting.filter(kind=kind_of(station)).values("deputy")
    return chosen(
        request,
        f"选择{station}的代表",
        Deputy.objects.visible_to(request.user).in_office().exclude(pk__in=taken),
        Deputy.objects.filter(pk__in=sitting.filter(station=station).values("deputy")),
        lambda people, since: services.enter_all(station, people, by=request.user, since=since),
        {"station": station, "is_open": station.is_public},
    )


@login_required
def group_members(request: OfficeRequest, pk: int) -> HttpResponse:
    group = get_object_or_404(DeputyGroup.objects.visible_to(request.user), pk=pk)
    only(keeps_group(request.user, group))
    present = group.memberships.filter(ended_on__isnull=True).values("deputy")
    return chosen(
        request,
        f"选择{group}的组员",
        Deputy.objects.visible_to(request.user).in_office().exclude(pk__in=present),
        Deputy.objects.filter(pk__in=present),
        lambda people, since: services.join_all(group, people, by=request.user, since=since),
        {"group": group, "is_open": group.ended_on is None},
    )


def chosen(
    request: OfficeRequest,
    heading: str,
    candidates: QuerySet[Deputy],
    present: QuerySet[Deputy],
    act: Any,
    more: dict[str, Any],
) -> HttpResponse:
    finding = FindForm(request.GET, by=request.user, without=("state", "station", "order"))
    found = with_held_seats(finding.find(candidates))
    form = TickForm(request.POST or None, people=list(found[:MOST_BOXES]))
    if request.method == "POST" and form.is_valid():
        try:
            count = act(form.cleaned_data["deputies"], form.cleaned_data["since"])
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已登记{count}人。")
            return redirect(request.get_full_path())
    context = {
        "heading": heading,
        "finding": finding,
        "words": FindForm.words(candidates),
        "form": form,
        "present": with_held_seats(present).in_order(),  # type: ignore[attr-defined]
        "count": found.count(),
        "most": MOST_BOXES,
        "asked": any(value for name, value in finding.cleaned_data.items() if name != "order"),
    }
    return render(request, "deputies/people/choose.html", context | more)
