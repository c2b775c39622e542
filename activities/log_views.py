"""What a deputy writes down on a phone: a visit, an activity (mission U7)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import own_phone
from accounts.errors import Refused
from accounts.forms import refuse
from accounts.pages import OfficeRequest, a_key, hand_out, led_back, newest_first, only
from activities import services
from activities.forms import ActivityForm
from activities.models import Visit, VisitPhoto
from activities.models.visits import VisitQuerySet
from activities.permissions import logs_work, own_station, reads_work, stations_of
from deputies.models import Pairing
from stations.models import Station

# Says that a form was sent by static/js/draft.js, which drops its draft when it hears where the row is.
FROM_DRAFT = "X-Draft"


def chosen_station(request: OfficeRequest) -> tuple[Station | None, QuerySet[Station]]:
    """The station that is logged for: the one in the address, else the own one; and those to choose from."""
    own_only = own_phone.is_own_only(request)
    stations = stations_of(request.user, own_only=own_only)
    slug = request.GET.get("station")
    if slug:
        return get_object_or_404(stations.select_related("region"), slug=a_key(slug)), stations
    return own_station(request.user, own_only=own_only), stations


def chosen_pairing(request: OfficeRequest) -> Pairing | None:
    """双联系: the one in the address, so that its list is one tap away from the visit."""
    typed = request.GET.get("pairing", "")
    if not typed.isdecimal():
        return None
    standing = Pairing.objects.standing().visible_to(request.user).select_related("deputy", "enterprise")
    if own_phone.is_own_only(request):
        standing = standing.filter(deputy__user=request.user)
    return get_object_or_404(standing, pk=min(int(typed), 2**63 - 1))


def sent(request: OfficeRequest, address: str) -> HttpResponse:
    """On to what was saved; a draft's script is told the address, and goes there once the draft is gone."""
    if FROM_DRAFT in request.headers:
        return HttpResponse(status=204, headers={"Location": address})
    return redirect(address)


@login_required
def log_activity(request: OfficeRequest) -> HttpResponse:
    only(logs_work(request.user))
    station, stations = chosen_station(request)
    own_only = own_phone.is_own_only(request)
    form = ActivityForm(
        request.POST or None, request.FILES or None, station=station, by=request.user, own_only=own_only
    )
    if request.method == "POST" and form.is_valid():
        try:
            activity = services.log_activity(
                form.save(commit=False),
                by=request.user,
                deputies=form.cleaned_data["deputies"],
                departments=form.cleaned_data.get("departments", ()),
                photos=form.cleaned_data["photos"],
                form_key=form.cleaned_data["key"],
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已记下“{activity.title}”，审核后对外公开。")
            return sent(request, reverse("workbench") if own_only else reverse("activity", args=[activity.pk]))
    context = {"form": form, "station": station, "stations": stations}
    return render(request, "activities/log_activity.html", context)


# Visits


def readable(request: OfficeRequest) -> VisitQuerySet:
    """Visits this user sees; on a phone that stays signed in, the own ones alone."""
    visible = Visit.objects.visible_to(request.user).select_related("deputy", "group", "station")
    return visible.own_of(request.user) if own_phone.is_own_only(request) else visible


@login_required
def visits(request: OfficeRequest) -> HttpResponse:
    only(reads_work(request.user))
    page = newest_first(readable(request), request.GET, "visited_on")
    return render(request, "activities/visits.html", {"page": page, "may_log": logs_work(request.user)})


def visit_logged(visit: Visit) -> str:
    return "走访已记下。" if visit.confirmed_at else f"走访已记下，等{visit.deputy}确认。"


@login_required
def visit(request: OfficeRequest, pk: int) -> HttpResponse:
    rows = readable(request).select_related("logged_by", "enterprise", "theme", "pairing__deputy")
    found = get_object_or_404(rows, pk=pk)
    waits = Visit.objects.waiting_for(request.user).filter(pk=pk).exists()
    context = {"visit": found, "waits": waits, "photos": found.photos.all(), "may_log": logs_work(request.user)}
    return render(request, "activities/visit.html", context)


@login_required
def visit_photo(request: OfficeRequest, pk: int, photo: int) -> FileResponse:
    visible = VisitPhoto.objects.filter(visit__in=readable(request).order_by().values("pk"))
    return hand_out(get_object_or_404(visible, visit=pk, pk=photo).image)


@login_required
@require_POST
def confirm_visit(request: OfficeRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(readable(request), pk=pk)
    try:
        services.confirm_visit(found, by=request.user)
        messages.success(request, "走访已确认。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return led_back(request, reverse("visit", args=[found.pk]))
