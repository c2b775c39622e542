"""Whose a result is, the list of disputes settled, and deputies' reports at an activity."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.errors import Refused
from accounts.forms import refuse
from accounts.pages import OfficeRequest, a_key, newest_first, only
from activities.forms.results import DutyReportForm, MediationForm
from activities.models import Activity, DutyReport, Mediation
from activities.permissions import keeps_ballots, logs_work, own_station, reads_work, stations_of
from activities.services.results import DUTY_REPORT, log_mediation, report_duty
from deputies.models import DeputyGroup
from stations.models import Station


@dataclass(frozen=True)
class Owner:
    """The station or the group that a report or a record is of, and those to choose from."""

    station: Station | None = None
    group: DeputyGroup | None = None
    choices: list[tuple[str, str]] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"station:{self.station.slug}" if self.station else f"group:{self.group.pk}" if self.group else ""

    @property
    def row(self) -> Station | DeputyGroup | None:
        return self.station or self.group


def chosen_owner(request: OfficeRequest) -> Owner:
    """The one in the address (`of=station:slug` or `of=group:1`), else the own station, else the only choice there is."""
    stations = stations_of(request.user)
    groups = DeputyGroup.objects.active().visible_to(request.user)
    choices = [(f"station:{slug}", name) for slug, name in stations.order_by("name").values_list("slug", "name")]
    choices += [(f"group:{pk}", name) for pk, name in groups.distinct().order_by("name").values_list("pk", "name")]
    kind, _, key = request.GET.get("of", "").partition(":")
    if not kind and (own := own_station(request.user)) is not None:
        return Owner(own, None, choices)
    if not kind:
        kind, _, key = choices[0][0].partition(":") if len(choices) == 1 else ("", "", "")
    if kind == "station":
        return Owner(get_object_or_404(stations.select_related("region"), slug=a_key(key)), None, choices)
    if kind == "group":
        only(key.isdecimal() and len(key) < 10)
        return Owner(None, get_object_or_404(groups.select_related("region").distinct(), pk=int(key)), choices)
    if kind:
        raise Http404
    return Owner(choices=choices)


@login_required
def mediations(request: OfficeRequest) -> HttpResponse:
    only(reads_work(request.user))
    visible = Mediation.objects.visible_to(request.user).select_related("station", "group", "deputy", "theme")
    page = newest_first(visible, request.GET, "mediated_on")
    context = {
        "page": page,
        "times": visible.order_by().aggregate(times=Sum("times"))["times"] or 0,
        "may_log": logs_work(request.user),
        "staff": request.user.is_congress_staff,
    }
    return render(request, "activities/results/mediations.html", context)


@login_required
def new_mediation(request: OfficeRequest) -> HttpResponse:
    only(logs_work(request.user))
    owner = chosen_owner(request)
    form = MediationForm(request.POST or None, station=owner.station, group=owner.group, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            mediation = log_mediation(form.save(commit=False), by=request.user)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已记下：{mediation.get_kind_display()}纠纷{mediation.times}件次。")
            return redirect("mediations")
    return render(request, "activities/results/new_mediation.html", {"form": form, "owner": owner})


def _reporting(request: OfficeRequest, pk: int) -> Activity:
    visible = Activity.objects.visible_to(request.user).select_related("type", "station", "group__region")
    return get_object_or_404(visible, pk=pk, type__code=DUTY_REPORT)


@login_required
def duty_reports(request: OfficeRequest, pk: int) -> HttpResponse:
    """Who reported at this activity, with the result in words; and the next one to add."""
    found = _reporting(request, pk)
    keeps = keeps_ballots(request.user, found)
    only(keeps or request.method != "POST")
    form = DutyReportForm(request.POST or None, activity=found) if keeps else None
    if form is not None and request.method == "POST":
        said = _said(request, form)
        if said is not None:
            messages.success(request, f"已登记{said.deputy}的述职。")
            return redirect("duty_reports", found.pk)
    context = {
        "activity": found,
        "reports": found.duty_reports.select_related("deputy"),
        "form": form,
        "held": found.status in (Activity.Status.HELD, Activity.Status.PUBLISHED),
        "inner": keeps,
    }
    return render(request, "activities/results/duty_reports.html", context)


@login_required
def correct_duty_report(request: OfficeRequest, pk: int, report: int) -> HttpResponse:
    found = _reporting(request, pk)
    only(keeps_ballots(request.user, found))
    kept = get_object_or_404(found.duty_reports.select_related("deputy"), pk=report)
    form = DutyReportForm(request.POST or None, activity=found, instance=kept)
    if request.method == "POST" and (said := _said(request, form)) is not None:
        messages.success(request, f"已更正{said.deputy}的述职。")
        return redirect("duty_reports", found.pk)
    context: dict[str, Any] = {"activity": found, "report": kept, "form": form}
    return render(request, "activities/results/correct_duty_report.html", context)


def _said(request: OfficeRequest, form: DutyReportForm) -> DutyReport | None:
    if form.is_valid():
        try:
            return report_duty(form.save(commit=False), by=request.user)
        except Refused as refused:
            refuse(form, refused)
    return None
