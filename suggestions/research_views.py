"""调研报告: the list, one with its lineage, and what was taken up (mission U5)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.errors import Refused
from accounts.forms import refuse
from accounts.pages import OfficeRequest, hand_out, newest_first, only
from activities.models import ResearchReport
from activities.permissions import logs_work, reads_work
from activities.result_views import chosen_owner
from suggestions.forms.research import ManyTakenForm, ReportForm, SearchForm, SourcesForm, TakenForm
from suggestions.models import Suggestion
from suggestions.office_pages import for_lines, lines
from suggestions.services import research as services

FOUND = 30
LISTED = 100


@login_required
def research(request: OfficeRequest) -> HttpResponse:
    only(reads_work(request.user))
    visible = ResearchReport.objects.visible_to(request.user).select_related("station", "group")
    counted = visible.annotate(voices=Count("sources", distinct=True), taken=Count("adoptions", distinct=True))
    context = {
        "page": newest_first(counted, request.GET, "finished_on"),
        "may_log": logs_work(request.user),
        "staff": request.user.is_congress_staff,
    }
    return render(request, "suggestions/research/research.html", context)


@login_required
def new_report(request: OfficeRequest) -> HttpResponse:
    only(logs_work(request.user))
    owner = chosen_owner(request)
    form = ReportForm(request.POST or None, request.FILES or None, station=owner.station, group=owner.group)
    if request.method == "POST" and form.is_valid():
        try:
            authors = form.cleaned_data["authors"]
            report = services.write_report(form.save(commit=False), by=request.user, authors=authors)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"“{report}”已登记。接着可以选出它来自哪些群众意见。")
            return redirect("research_report", report.pk)
    return render(request, "suggestions/research/new_report.html", {"form": form, "owner": owner})


def the_report(request: OfficeRequest, pk: int) -> ResearchReport:
    visible = ResearchReport.objects.visible_to(request.user)
    found: ResearchReport = get_object_or_404(visible.select_related("station", "group", "theme", "activity"), pk=pk)
    return found


@login_required
@never_cache
def research_report(request: OfficeRequest, pk: int) -> HttpResponse:
    return report_page(request, the_report(request, pk))


def report_page(request: OfficeRequest, report: ResearchReport, form: SourcesForm | None = None) -> HttpResponse:
    user = request.user
    sources = Suggestion.objects.filter(research__report=report)
    seen = lines(for_lines(Suggestion.objects.visible_to(user).filter(pk__in=sources.values("pk")))[:LISTED])
    writes = services.writes(user, report)
    search = SearchForm(request.GET)
    asked = search.cleaned_data["q"].strip() if search.is_valid() else ""
    if writes and asked and form is None:
        may = services.sources_for(report, user)
        found = list(may.matching(asked).defer("grams")[:FOUND])
        form = SourcesForm(may=may, shown=found) if found else None
    context: dict[str, Any] = {
        "report": report,
        "authors": report.authors.in_order("strokes"),
        "lines": seen,
        "total": (total := sources.count()),
        "hidden": total - len(seen),
        "adoptions": report.adoptions.all(),
        "writes": writes,
        "adopts": services.keeps_adoptions(user, report),
        "search": search,
        "asked": asked,
        "form": form,
    }
    return render(request, "suggestions/research/report.html", context)


@login_required
@require_POST
def add_report_sources(request: OfficeRequest, pk: int) -> HttpResponse:
    report = the_report(request, pk)
    only(services.writes(request.user, report))
    may = services.sources_for(report, request.user)
    form = SourcesForm(request.POST, may=may, shown=())
    if form.is_valid():
        try:
            added = services.add_sources(report, form.cleaned_data["opinions"], by=request.user)
            messages.success(request, f"已列入{added}条意见。")
        except Refused as refused:
            messages.error(request, refused.sentence)
    else:
        messages.error(request, " ".join(str(error) for error in form.errors["opinions"]))
    return redirect("research_report", report.pk)


@login_required
def report_document(request: OfficeRequest, pk: int) -> FileResponse:
    report = the_report(request, pk)
    only(bool(report.document))
    return hand_out(report.document)


@login_required
def adopt_report(request: OfficeRequest, pk: int) -> HttpResponse:
    report = the_report(request, pk)
    only(services.keeps_adoptions(request.user, report))
    form = TakenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.adopt(report, form.taken(), by=request.user)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, "采纳情况已登记。")
            return redirect("research_report", report.pk)
    return render(request, "suggestions/research/adopt_report.html", {"report": report, "form": form})


@login_required
@never_cache
def adoptions(request: OfficeRequest) -> HttpResponse:
    """What was taken up in the region, of reports and of opinions; and many opinions at once, by one paper."""
    only(request.user.is_congress_staff)
    form = ManyTakenForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            cases = services.adopt_opinions(
                values["numbers"], form.taken(), text=values["text"], paper=values["paper"], by=request.user
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已登记{len(cases)}条意见建议被采纳。")
            return redirect("adoptions")
    of_reports, of_opinions = services.adoptions_of(request.user)
    page = newest_first(of_opinions, request.GET, "adopted_on")
    context = {"form": form, "reports": of_reports[:LISTED], "page": page, "staff": True}
    return render(request, "suggestions/research/adoptions.html", context)
