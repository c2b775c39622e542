from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.errors import Refused
from accounts.forms import refuse
from accounts.pages import OfficeRequest, a_key, hand_out, led_back, newest_first, only
from activities import services
from activities.forms import ActivityForm
from activities.models import Activity, ActivityPhoto, Attendance, Visit
from activities.permissions import logs_work, own_station, reads_work, stations_of
from stations.models import Station

Status = Activity.Status
# How a move is said on a button, where the name of the state would not do.
MOVE_LABELS = {Status.PUBLISHED: "审核并公开", Status.HELD: "取消公开", Status.CANCELLED: "作废这条记录"}


def chosen_station(request: OfficeRequest) -> tuple[Station | None, QuerySet[Station]]:
    """The station that is logged for: the one in the address, else the own one; and those to choose from."""
    stations = stations_of(request.user)
    slug = request.GET.get("station")
    if slug:
        return get_object_or_404(stations.select_related("region"), slug=a_key(slug)), stations
    return own_station(request.user), stations


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
                form_key=form.cleaned_data["key"],
            )
        except Refused as refused:
            refuse(form, refused)
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
    return hand_out(found.image)


@login_required
def visits(request: OfficeRequest) -> HttpResponse:
    only(reads_work(request.user))
    visible = Visit.objects.visible_to(request.user).select_related("deputy", "group", "station")
    page = newest_first(visible, request.GET, "visited_on")
    return render(request, "activities/visits.html", {"page": page, "may_log": logs_work(request.user)})


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
    return led_back(request, reverse("visit", args=[found.pk]))
