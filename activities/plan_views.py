"""Year plans, and the activities that are planned for them: from a line of the plan to what became of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.calendar import today
from accounts.errors import Refused
from accounts.forms import refuse
from accounts.pages import PAGE_SIZE, OfficeRequest, only
from activities.forms.plans import (
    BeginPlanForm,
    ChangePlannedForm,
    PlanForm,
    PlanItems,
    PlannedForm,
    RecordForm,
)
from activities.log_views import chosen_station
from activities.models import Activity, AnnualPlan, PlanItem
from activities.permissions import (
    keeps,
    logs_work,
    may_publish_plan,
    may_write_plan,
    plans_of,
    reads_work,
    writes_plans,
)
from activities.services import planned
from activities.services import plans as service

Status = Activity.Status


def _plans(request: OfficeRequest) -> QuerySet[AnnualPlan]:
    return AnnualPlan.objects.visible_to(request.user).select_related("region", "station", "group")


def _writable(request: OfficeRequest, pk: int) -> AnnualPlan:
    """A plan to be changed. Whoever only reads it is told the page is not there, like everywhere."""
    plan = get_object_or_404(_plans(request), pk=pk)
    only(may_write_plan(request.user, plan))
    return plan


@login_required
def plans(request: OfficeRequest) -> HttpResponse:
    only(reads_work(request.user))
    mine = plans_of(request.user)
    years = list(mine.order_by("-year").values_list("year", flat=True).distinct())
    asked = request.GET.get("year", "")
    usual = today().year if today().year in years else next(iter(years), 0)
    year = int(asked) if asked in map(str, years) else usual
    done = Count("items", Q(items__activities__status__in=(Status.HELD, Status.PUBLISHED)), distinct=True)
    found = mine.filter(year=year).select_related("region", "station", "group")
    found = found.annotate(lines=Count("items", distinct=True), done=done)
    page = Paginator(found.order_by("region__path", "station__name", "group__name", "pk"), PAGE_SIZE)
    context = {
        "page": page.get_page(request.GET.get("page")),
        "years": years,
        "year": year,
        "may_write": writes_plans(request.user),
    }
    return render(request, "activities/plans.html", context)


@login_required
def begin_plan(request: OfficeRequest) -> HttpResponse:
    only(writes_plans(request.user))
    form = BeginPlanForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            plan = service.begin_plan(year=form.cleaned_data["year"], by=request.user, **form.whose)
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect("write_plan", plan.pk)
    return render(request, "activities/plan_begin.html", {"form": form})


@login_required
def annual_plan(request: OfficeRequest, pk: int) -> HttpResponse:
    only(reads_work(request.user))
    plan = get_object_or_404(_plans(request), pk=pk)
    items = list(plan.items.select_related("type"))
    seen = Activity.objects.visible_to(request.user).exclude(status=Status.CANCELLED)
    held: dict[int | None, list[Activity]] = {}
    for activity in seen.filter(plan_item__in=items).order_by("held_on", "pk"):
        held.setdefault(activity.plan_item_id, []).append(activity)
    lines = [(item, held.get(item.pk, [])) for item in items]
    done = sum(any(one.status != Status.PLANNED for one in activities) for _, activities in lines)
    context = {
        "plan": plan,
        "lines": lines,
        "done": done,
        "may_write": may_write_plan(request.user, plan),
        "may_publish": may_publish_plan(request.user, plan),
        "may_plan": logs_work(request.user) and plan.station is not None and may_write_plan(request.user, plan),
    }
    return render(request, "activities/plan.html", context)


@login_required
def write_plan(request: OfficeRequest, pk: int) -> HttpResponse:
    plan = _writable(request, pk)
    form = PlanForm(request.POST or None, instance=plan)
    items: BaseInlineFormSet[PlanItem, AnnualPlan, Any] = PlanItems(request.POST or None, instance=plan)
    if request.method == "POST" and form.is_valid() and items.is_valid():
        changed = items.save(commit=False)
        try:
            service.write_plan(
                plan,
                introduction=form.cleaned_data["introduction"],
                items=changed,
                gone=items.deleted_objects,
                by=request.user,
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, "计划已保存。")
            return redirect("write_plan" if "more" in request.POST else "annual_plan", plan.pk)
    return render(request, "activities/plan_write.html", {"plan": plan, "form": form, "items": items})


@login_required
@require_POST
def publish_plan(request: OfficeRequest, pk: int) -> HttpResponse:
    plan = _writable(request, pk)
    try:
        service.publish_plan(plan, by=request.user)
        messages.success(request, "年度计划已公开。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("annual_plan", plan.pk)


@login_required
@require_POST
def unpublish_plan(request: OfficeRequest, pk: int) -> HttpResponse:
    plan = _writable(request, pk)
    try:
        service.unpublish_plan(plan, by=request.user)
        messages.success(request, "年度计划已取消公开。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("annual_plan", plan.pk)


# An activity to come


def _planned_for(request: OfficeRequest) -> dict[str, Any]:
    """What a line of the plan already says of the activity."""
    key = request.GET.get("item", "")
    if not (key.isdecimal() and len(key) < 19):
        return {}
    item = PlanItem.objects.filter(pk=key, plan__in=AnnualPlan.objects.visible_to(request.user)).first()
    return {"plan_item": item, "title": item.title, "type": item.type} if item is not None else {}


@login_required
def plan_activity(request: OfficeRequest) -> HttpResponse:
    only(logs_work(request.user))
    station, stations = chosen_station(request)
    form = PlannedForm(request.POST or None, station=station, by=request.user, initial=_planned_for(request))
    if request.method == "POST" and form.is_valid():
        try:
            activity = planned.plan_activity(
                form.save(commit=False),
                by=request.user,
                deputies=form.cleaned_data.get("deputies", ()),
                form_key=form.cleaned_data["key"],
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"“{activity.title}”已列入计划，应到代表的工作台上会提醒。")
            return redirect("activity", activity.pk)
    context = {"form": form, "station": station, "stations": stations}
    return render(request, "activities/activity_plan.html", context)


def _kept(request: OfficeRequest, pk: int, *statuses: str) -> Activity:
    """An activity that this user enters; in another state its own page says what is possible."""
    visible = Activity.objects.visible_to(request.user).select_related("type", "station__region", "group__region")
    activity = get_object_or_404(visible, pk=pk)
    only(keeps(request.user, activity) and activity.status in statuses)
    return activity


@login_required
def change_planned(request: OfficeRequest, pk: int) -> HttpResponse:
    activity = _kept(request, pk, Status.PLANNED)
    form = ChangePlannedForm(request.POST or None, instance=activity, station=activity.station, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            deputies = form.cleaned_data.get("deputies", ())
            planned.change_planned(form.save(commit=False), by=request.user, deputies=deputies)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, "计划的活动已修改。")
            return redirect("activity", pk)
    return render(request, "activities/activity_plan.html", {"form": form, "activity": activity})


@login_required
def record_activity(request: OfficeRequest, pk: int) -> HttpResponseBase:
    activity = _kept(request, pk, Status.PLANNED, Status.HELD)
    form = RecordForm(request.POST or None, request.FILES or None, instance=activity)
    if request.method == "POST" and form.is_valid():
        try:
            planned.record_activity(
                form.save(commit=False),
                by=request.user,
                departments=form.cleaned_data.get("departments"),
                photos=form.cleaned_data["photos"],
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, "开展情况已记下，审核后对外公开。")
            return redirect("activity", pk)
    return render(request, "activities/activity_record.html", {"form": form, "activity": activity})
