"""Who was there: the list by tick, from a chat group, by a code on the wall; leave; and what is put right afterwards."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from accounts import own_phone
from accounts.calendar import today
from accounts.errors import Refused
from accounts.forms import refuse
from accounts.pages import OfficeRequest, only
from activities.forms.attendance import AskForm, CorrectForm, LeaveForm, NameListForm, SignInForm, TickForm
from activities.models import Activity, Attendance
from activities.permissions import keeps
from activities.services import attendance as service
from activities.services import sign_in as signing
from activities.services.name_lists import Resolved, resolve
from deputies.models import Deputy

P = Attendance.Presence
TOO_MANY = "输错太多次了，请15分钟后再试，或者请现场的联络员登记。"


def _kept(request: OfficeRequest, pk: int) -> Activity:
    visible = Activity.objects.visible_to(request.user).select_related("type", "station", "group")
    activity = get_object_or_404(visible, pk=pk)
    only(keeps(request.user, activity) and activity.status != Activity.Status.CANCELLED)
    return activity


@login_required
def attendance(request: OfficeRequest, pk: int) -> HttpResponse:
    activity = _kept(request, pk)
    form = TickForm(request.POST or None, activity=activity)
    if request.method == "POST" and form.is_valid():
        present, rest = form.cleaned_data["deputies"], form.cleaned_data["rest_absent"]
        try:
            count = service.take_attendance(activity, by=request.user, present=present, rest_absent=rest)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已登记{count}人到场{'，其余应到的记缺席' if rest else ''}。")
            return redirect("attendance", pk)
    rows = list(activity.attendances.select_related("deputy").order_by("presence", "deputy__name_strokes", "pk"))
    context = {
        "activity": activity,
        "form": form,
        "rows": [row for row in rows if row.presence != P.ROTA],
        "awaited": [row for row in rows if row.presence == P.ROTA],
        "is_over": activity.held_on <= today(),
    }
    return render(request, "activities/attendance.html", context)


@login_required
def name_list(request: OfficeRequest, pk: int) -> HttpResponse:
    """Pasted, then shown as it was understood; written by the second tap alone. What was typed stays throughout."""
    activity = _kept(request, pk)
    form = NameListForm(request.POST or None)
    context: dict[str, Any] = {"activity": activity, "form": form}
    if request.method == "POST" and form.is_valid():
        resolved = resolve(form.cleaned_data["text"], activity)
        confirms = "confirm" in request.POST
        asked = AskForm(request.POST if confirms else None, resolved=resolved)
        if confirms and asked.is_valid():
            try:
                return _written(request, activity, asked, rest_absent=form.cleaned_data["rest_absent"])
            except Refused as refused:
                refuse(asked, refused)
        context |= {"resolved": resolved, "asked": asked, **_sums(resolved)}
    return render(request, "activities/attendance_list.html", context)


def _sums(resolved: Resolved) -> dict[str, Any]:
    kinds = [(presence.label, resolved.of(presence)) for presence in (P.PRESENT, P.LEAVE, P.ABSENT)]
    return {"kinds": [(label, lines) for label, lines in kinds if lines], "nobody": not resolved.lines}


def _written(request: OfficeRequest, activity: Activity, asked: AskForm, *, rest_absent: bool) -> HttpResponse:
    said: dict[str, dict[Deputy, str]] = {P.PRESENT: {}, P.LEAVE: {}, P.ABSENT: {}}
    for deputy, presence, reason in asked.answered():
        said[presence][deputy] = reason
    service.take_attendance(
        activity,
        by=request.user,
        present=said[P.PRESENT],
        leave=said[P.LEAVE],
        absent=said[P.ABSENT],
        rest_absent=rest_absent,
        channel=Attendance.Channel.LIST,
    )
    words = "，".join(f"{label}{len(said[kind])}人" for kind, label in P.choices if said.get(kind))
    messages.success(request, f"名单已登记：{words or '没有要登记的人'}。")
    return redirect("attendance", activity.pk)


@login_required
def correct_attendance(request: OfficeRequest, pk: int, row: int) -> HttpResponse:
    activity = _kept(request, pk)
    found = get_object_or_404(activity.attendances.select_related("deputy", "activity"), pk=row)
    form = CorrectForm(request.POST or None, initial={"presence": found.presence, "reason": found.reason})
    if request.method == "POST" and form.is_valid():
        try:
            service.correct_attendance(found, by=request.user, **form.cleaned_data)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"{found.deputy}的到场情况已更正，更正前后都有记录。")
            return redirect("attendance", pk)
    context = {"activity": activity, "row": found, "form": form}
    return render(request, "activities/attendance_correct.html", context)


@login_required
@never_cache
def sign_in_code(request: OfficeRequest, pk: int) -> HttpResponse:
    """The code, large enough to be read across the room; opened and closed by one tap."""
    activity = _kept(request, pk)
    if request.method == "POST":
        try:
            if "open" in request.POST:
                signing.open_sign_in(activity, by=request.user)
            else:
                signing.close_sign_in(activity, by=request.user)
                messages.success(request, "签到已关闭。")
                return redirect("attendance", pk)
        except Refused as refused:
            messages.error(request, refused.sentence)
        return redirect("sign_in_code", pk)
    code = activity.sign_in_code if activity.held_on == today() else ""
    present = activity.attendances.filter(presence=P.PRESENT).count()
    context = {"activity": activity, "code": f"{code[:3]} {code[3:]}".strip(), "present": present}
    return render(request, "activities/sign_in_code.html", context)


@login_required
@never_cache
def sign_in(request: OfficeRequest) -> HttpResponse:
    only(Deputy.objects.filter(user=request.user).exists())
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key = str(request.user.pk)
        if signing.SIGN_IN_FAILURES.is_spent(key):
            return render(request, "429.html", {"message": TOO_MANY}, status=429)
        try:
            activity = signing.sign_in(form.cleaned_data["code"], by=request.user)
        except Refused as refused:
            if isinstance(refused, signing.WrongCode):
                signing.SIGN_IN_FAILURES.allows(key)
            refuse(form, refused)
        else:
            messages.success(request, f"签到成功：{activity.title}。")
            return redirect("workbench") if own_phone.is_own_only(request) else redirect("activity", activity.pk)
    return render(request, "activities/sign_in.html", {"form": form})


@login_required
def request_leave(request: OfficeRequest, pk: int) -> HttpResponse:
    activity = get_object_or_404(Activity.objects.visible_to(request.user), pk=pk)
    only(service.invited_to(activity).filter(user=request.user).exists())
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            service.request_leave(activity, reason=form.cleaned_data["reason"], by=request.user)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, "已请假，联络站看得到。能来了，到场签到就行。")
            return redirect("activity", pk)
    return render(request, "activities/attendance_leave.html", {"form": form, "activity": activity})
