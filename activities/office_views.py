from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.calendar import today
from accounts.errors import Refused
from accounts.pages import OfficeRequest, hand_out, newest_first, only
from activities import services
from activities.models import Activity, ActivityPhoto, Attendance
from activities.notifications import group_text
from activities.permissions import keeps, logs_work, reads_work, reviews, writes_plans
from activities.services.attendance import invited_to

Status, Presence = Activity.Status, Attendance.Presence
# How a move is said on a button, where the name of the state would not do.
MOVE_LABELS = {Status.PUBLISHED: "审核并公开", Status.HELD: "取消公开", Status.CANCELLED: "作废这条记录"}


@login_required
def activities(request: OfficeRequest) -> HttpResponse:
    only(reads_work(request.user))
    visible = Activity.objects.visible_to(request.user).select_related("type", "station", "group")
    if request.GET.get("waiting"):
        visible = visible.filter(pk__in=Activity.objects.waiting_for(request.user).values("pk"))
    if request.GET.get("planned"):
        visible = visible.filter(status=Status.PLANNED)
    page = newest_first(visible, request.GET, "held_on")
    present = Attendance.objects.filter(activity__in=page.rows, presence=Attendance.Presence.PRESENT)
    counts = dict(present.order_by().values_list("activity").annotate(Count("pk")))
    rows = [(activity, counts.get(activity.pk, 0)) for activity in page.rows]
    context = {
        "page": page,
        "rows": rows,
        "only": next((name for name in ("waiting", "planned") if request.GET.get(name)), ""),
        "may_log": logs_work(request.user),
        "may_write_plans": writes_plans(request.user),
    }
    return render(request, "activities/activities.html", context)


@login_required
def activity(request: OfficeRequest, pk: int) -> HttpResponse:
    linked = ("type", "station", "group", "chain", "theme", "plan_item__plan", "logged_by")
    found = get_object_or_404(Activity.objects.visible_to(request.user).select_related(*linked), pk=pk)
    rows = list(found.attendances.select_related("deputy").order_by("presence", "deputy__name_strokes", "pk"))
    may_keep, is_planned = keeps(request.user, found), found.status == Status.PLANNED
    own = next((row for row in rows if row.deputy.user_id == request.user.pk), None)
    context = {
        "activity": found,
        "presences": by_presence(rows),
        "counted": counted(found, rows),
        "own": own,
        "departments": found.departments.all(),
        "photos": found.photos.all(),
        "moves": moves_of(found, request),
        "may_keep": may_keep and found.status != Status.CANCELLED,
        "may_record": may_keep and found.status in (Status.PLANNED, Status.HELD),
        "is_over": found.held_on <= today(),
        "is_today": found.held_on == today(),
        "is_planned": is_planned,
        "may_sign_in": bool(found.sign_in_code) and found.held_on == today(),
        "may_leave": is_planned and found.held_on >= today() and is_invited(found, request) and not is_there(own),
        "group_text": group_text(found, rows) if may_keep or reviews(request.user, found) else "",
    }
    return render(request, "activities/activity.html", context)


def moves_of(activity: Activity, request: OfficeRequest) -> list[tuple[Activity.Status, str]]:
    """The buttons below. That a planned activity was held is said on its own page, together with what happened."""
    moves = [to for to in services.moves_for(activity, request.user) if to in MOVE_LABELS]
    if activity.status == Status.PLANNED:
        return [(to, "取消这项活动") for to in moves if to is Status.CANCELLED]
    return [(to, MOVE_LABELS[to]) for to in moves]


def by_presence(rows: list[Attendance]) -> list[tuple[str, list[Attendance]]]:
    order = (Presence.PRESENT, Presence.LEAVE, Presence.ABSENT, Presence.ROTA)
    kinds = [(kind.label, [row for row in rows if row.presence == kind]) for kind in order]
    return [(label, found) for label, found in kinds if found]


def counted(activity: Activity, rows: list[Attendance]) -> int:
    """人次: deputies who came and everybody else."""
    return activity.outsiders + sum(row.presence == Presence.PRESENT for row in rows)


def is_invited(activity: Activity, request: OfficeRequest) -> bool:
    return invited_to(activity).filter(user=request.user).exists()


def is_there(own: Attendance | None) -> bool:
    return own is not None and own.presence == Presence.PRESENT


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
