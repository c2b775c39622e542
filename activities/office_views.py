from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.errors import Refused
from accounts.models import User
from accounts.pages import OfficeRequest, hand_out, newest_first
from activities import services
from activities.forms import ActivityForm, VisitForm
from activities.models import Activity, ActivityPhoto, Attendance, Visit
from deputies.models import Deputy
from stations.models import Station

Status = Activity.Status
# How a move is said on a button, where the name of the state would not do.
MOVE_LABELS = {Status.PUBLISHED: "审核并公开", Status.HELD: "取消公开", Status.CANCELLED: "作废这条记录"}


def logs_work(user: User) -> bool:
    """Whether this user writes down activities and visits at all: deputies, who serves a station, congress staff."""
    return (
        user.is_congress_staff
        or Deputy.objects.in_office().filter(user=user).exists()
        or Station.objects.served_by(user).exists()
    )


def reads_work(user: User) -> bool:
    """An ended deputy still reads the own records; a handling unit has none."""
    return logs_work(user) or Deputy.objects.filter(user=user).exists()


def only(allowed: bool) -> None:
    """A page of a function that is not the user's looks like a page that is not there."""
    if not allowed:
        raise Http404


def chosen_station(request: OfficeRequest) -> tuple[Station | None, list[Station]]:
    """The station that is logged for: the one in the address, else the own one; and those to choose from.

    Congress staff have no own station and many to choose from: a wrong guess would end in the wrong figures.
    """
    stations = services.stations_of(request.user)
    slug = request.GET.get("station")
    if slug:
        chosen = next((station for station in stations if station.slug == slug), None)
        only(chosen is not None)
        return chosen, stations
    own = Deputy.objects.filter(user=request.user).exists() or Station.objects.served_by(request.user).exists()
    return stations[0] if stations and (own or len(stations) == 1) else None, stations


@login_required
def activities(request: OfficeRequest) -> HttpResponse:
    only(reads_work(request.user))
    visible = Activity.objects.visible_to(request.user).select_related("type", "station", "group")
    if request.GET.get("waiting"):
        visible = visible.filter(pk__in=Activity.objects.waiting_for(request.user).values("pk"))
    page = newest_first(visible, request.GET, "held_on")
    present = Attendance.objects.filter(activity__in=page.rows, presence=Attendance.Presence.PRESENT)
    counts = dict(present.order_by().values_list("activity").annotate(Count("pk")))
    rows = [(activity, counts.get(activity.pk, 0)) for activity in page.rows]
    context = {"page": page, "rows": rows, "may_log": logs_work(request.user)}
    return render(request, "activities/activities.html", context)


@login_required
def log_activity(request: OfficeRequest) -> HttpResponse:
    only(logs_work(request.user))
    station, stations = chosen_station(request)
    form = ActivityForm(request.POST or None, request.FILES or None, station=station, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            activity = services.log_activity(
                form.save(commit=False),
                by=request.user,
                deputies=form.cleaned_data["deputies"],
                departments=form.cleaned_data.get("departments", ()),
                photos=form.cleaned_data["photos"],
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"已记下“{activity.title}”，审核后对外公开。")
            return redirect("activity", activity.pk)
    context = {"form": form, "station": station, "stations": stations}
    return render(request, "activities/log_activity.html", context)


@login_required
def activity(request: OfficeRequest, pk: int) -> HttpResponse:
    visible = Activity.objects.visible_to(request.user).select_related("type", "station", "group", "chain", "logged_by")
    found = get_object_or_404(visible, pk=pk)
    context = {
        "activity": found,
        "attendances": found.attendances.select_related("deputy").order_by("presence", "deputy__name"),
        "departments": found.departments.all(),
        "photos": found.photos.all(),
        "moves": [(to, MOVE_LABELS[to]) for to in services.moves_for(found, request.user) if to in MOVE_LABELS],
    }
    return render(request, "activities/activity.html", context)


@login_required
@require_POST
def change_activity(request: OfficeRequest, pk: int, status: str) -> HttpResponse:
    found = get_object_or_404(Activity.objects.visible_to(request.user), pk=pk)
    only(status in MOVE_LABELS)
    try:
        services.change_activity(found, to=status, by=request.user)
        messages.success(request, f"这项活动现在是“{found.get_status_display()}”。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("activity", found.pk)


@login_required
def photo(request: OfficeRequest, pk: int, photo: int) -> FileResponse:
    visible = ActivityPhoto.objects.filter(activity__in=Activity.objects.visible_to(request.user))
    found = get_object_or_404(visible, activity=pk, pk=photo)
    return hand_out(found.image, "image/png" if str(found.image).endswith(".png") else "image/jpeg")


@login_required
def visits(request: OfficeRequest) -> HttpResponse:
    only(reads_work(request.user))
    visible = Visit.objects.visible_to(request.user).select_related("deputy", "group", "station")
    page = newest_first(visible, request.GET, "visited_on")
    return render(request, "activities/visits.html", {"page": page, "may_log": logs_work(request.user)})


@login_required
def log_visit(request: OfficeRequest) -> HttpResponse:
    only(logs_work(request.user))
    station, stations = chosen_station(request)
    form = VisitForm(request.POST or None, station=station, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            visit = services.log_visit(form.save(commit=False), by=request.user)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, visit_logged(visit))
            return redirect("visit", visit.pk)
    return render(request, "activities/log_visit.html", {"form": form, "station": station, "stations": stations})


def visit_logged(visit: Visit) -> str:
    return "走访已记下。" if visit.confirmed_at else f"走访已记下，等{visit.deputy}确认。"


@login_required
def visit(request: OfficeRequest, pk: int) -> HttpResponse:
    visible = Visit.objects.visible_to(request.user).select_related("deputy", "group", "station", "logged_by")
    found = get_object_or_404(visible, pk=pk)
    waits = Visit.objects.waiting_for(request.user).filter(pk=pk).exists()
    return render(request, "activities/visit.html", {"visit": found, "waits": waits})


@login_required
@require_POST
def confirm_visit(request: OfficeRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Visit.objects.visible_to(request.user).select_related("deputy"), pk=pk)
    try:
        services.confirm_visit(found, by=request.user)
        messages.success(request, "走访已确认。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back) if safe and back else redirect("visit", found.pk)
