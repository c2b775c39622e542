from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache

from accounts.pages import OfficeRequest, a_key, only
from reports import xlsx
from reports.chapters import REGISTRY
from reports.counting import Frame, Subject
from reports.figures import Report, Table, collect, year_of
from reports.forms import PeriodForm, RegionForm, StationForm, is_year
from reports.listing import show
from reports.permissions import regions_for, stations_for
from stations.models import Station

# The columns of a table that open the rows of a figure, narrowed to the line's code by this name in the address.
LINES_OPEN = {
    "solved_by_kind": ("problem_kind", {"solved": "solved"}),
    "activities_by_type": ("type", {"activities": "activities"}),
    "by_unit": (
        "unit",
        {"assigned": "assigned", "returns": "returns", "returned": "returned", "unit_overdue": "overdue"},
    ),
}
# More than the database's keys have.
MOST_DIGITS = 19
# Figure and name -> the field of the figure's rows.
NARROWED = {
    ("solved", "problem_kind"): "problem_kind__code",
    ("activities", "type"): "type__code",
    ("assigned", "unit"): "unit__pk",
    ("overdue", "unit"): "unit__pk",
    ("returns", "unit"): "assignment__unit__pk",
    ("returned", "unit"): "assignment__unit__pk",
}


@login_required
@never_cache
def reports(request: OfficeRequest) -> HttpResponse:
    """Where a report is chosen. Both forms ask by GET and lead to the report's own address."""
    by_region = RegionForm(request.GET if "region" in request.GET else None, user=request.user, auto_id="r-%s")
    by_station = StationForm(request.GET if "station" in request.GET else None, user=request.user, auto_id="s-%s")
    may_choose_region = regions_for(request.user).exists()
    if not (may_choose_region or by_station.has_choice):
        raise Http404
    if by_region.is_bound and by_region.is_valid():
        return redirect("annual", by_region.cleaned_data["region"], by_region.cleaned_data["year"])
    if by_station.is_bound and by_station.is_valid():
        return redirect("annual_station", by_station.cleaned_data["station"].slug, by_station.cleaned_data["year"])
    context = {
        "by_region": by_region if may_choose_region else None,
        "by_station": by_station if by_station.has_choice else None,
    }
    return render(request, "reports/reports.html", context)


@login_required
@never_cache
def annual(request: OfficeRequest, code: str, year: int) -> HttpResponse:
    return _annual(request, get_object_or_404(regions_for(request.user), code=code), year)


@login_required
@never_cache
def annual_station(request: OfficeRequest, slug: str, year: int) -> HttpResponse:
    return _annual(request, get_object_or_404(stations_for(request.user), slug=slug), year)


def _annual(request: OfficeRequest, subject: Subject, year: int) -> HttpResponse:
    if not is_year(year):
        raise Http404
    years = [(f"{other}年", annual_address(subject, other)) for other in (year - 1, year + 1) if is_year(other)]
    return _shown(request, collect(subject, *year_of(year)), years)


@login_required
@never_cache
def table(request: OfficeRequest) -> HttpResponse:
    """统计表: the same figures for any period (mission G8), such as 试点期间 or 今年以来."""
    subject, period = _subject(request), PeriodForm(request.GET)
    if not period.is_valid():
        raise Http404
    start, end = period.period
    return _shown(request, collect(subject, start, end), [(f"{end.year}年", annual_address(subject, end.year))])


def _shown(request: OfficeRequest, report: Report, years: list[tuple[str, str]]) -> HttpResponse:
    export = request.GET.get("export", "")
    if export not in ("", "xlsx", "json"):
        raise Http404
    if export:
        return _file(report, export)
    asked = [_asked(report.subject), ("from", report.start.isoformat()), ("to", report.end.isoformat())]
    context = {
        "report": report,
        "sections": [_section(report, section) for section in report.sections],
        "tables": [_grid(report, table) for table in report.tables],
        "years": years,
        "xlsx": f"{reverse('table')}?{urlencode([*asked, ('export', 'xlsx')])}",
        "period": PeriodForm.asking(_asked(report.subject), report.start, report.end),
        "breadcrumbs": [("报表", reverse("reports")), (report.title, "")],
    }
    return render(request, "reports/annual.html", context)


def _file(report: Report, form: str) -> HttpResponse:
    if form == "json":
        return JsonResponse(report.as_dict(), json_dumps_params={"ensure_ascii": False})
    response = HttpResponse(xlsx.write(report), content_type=xlsx.CONTENT_TYPE)
    name = re.sub(r'[\\/:*?"<>|\x00-\x1f\x7f]', "", report.title)
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx") or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def annual_address(subject: Subject, year: int) -> str:
    if isinstance(subject, Station):
        return reverse("annual_station", args=[subject.slug, year])
    return reverse("annual", args=[subject.code, year])


def rows_address(figure: str, subject: tuple[str, str], start: date, end: date, **narrowed: str) -> str:
    query = urlencode([subject, ("from", start.isoformat()), ("to", end.isoformat()), *narrowed.items()])
    return f"{reverse('rows', args=[figure])}?{query}"


def _asked(subject: Subject) -> tuple[str, str]:
    return ("station", subject.slug) if isinstance(subject, Station) else ("region", subject.code)


@dataclass(frozen=True)
class Tile:
    """A figure or a rate as the page shows it."""

    label: str
    value: str
    unit: str
    definition: str
    url: str


def _section(report: Report, section: Any) -> dict[str, Any]:
    def opens(figure: str) -> str:
        return rows_address(figure, _asked(report.subject), report.start, report.end)

    tiles = [Tile(f.label, str(f.value), f.unit, f.definition, opens(f.key)) for f in section.figures]
    rates = [
        Tile(r.label, r.in_words, f"{r.numerator}∶{r.denominator}", r.definition, opens(r.part)) for r in section.rates
    ]
    return {"key": section.key, "title": section.title, "tiles": [*rates, *tiles]}


@dataclass(frozen=True)
class GridLine:
    name: str
    url: str
    cells: list[tuple[str, int, str]]


def _grid(report: Report, table: Table) -> dict[str, Any]:
    """A table with its addresses: a region leads to its own report, any number to its rows where they are one figure."""
    lines = []
    for line in table.lines:
        urls = dict.fromkeys((key for key, _ in table.columns), "")
        if line.code and table.key == "by_region":
            urls = {key: rows_address(key, ("region", line.code), report.start, report.end) for key in urls}
        elif line.code and table.key in LINES_OPEN:
            name, opened = LINES_OPEN[table.key]
            for column, figure in opened.items():
                of = {name: line.code}
                urls[column] = rows_address(figure, _asked(report.subject), report.start, report.end, **of)
        leads = line.code and table.key == "by_region"
        cells = [(label, value, urls[key]) for (key, label), value in zip(table.columns, line.values, strict=True)]
        lines.append(
            GridLine(line.name, reverse("annual", args=[line.code, report.start.year]) if leads else "", cells)
        )
    totals = [(label, value) for (_, label), value in zip(table.columns, table.totals, strict=True)]
    return {"table": table, "lines": lines, "totals": totals}


@login_required
@never_cache
def rows(request: OfficeRequest, figure: str) -> HttpResponse:
    """The rows behind one figure, as far as they are the user's to see, and how many more were counted."""
    counted, period = REGISTRY.get(figure), PeriodForm(request.GET)
    if counted is None or not period.is_valid():
        raise Http404
    frame = Frame(_subject(request), *period.period)
    narrowed: dict[str, Any] = {
        field: _a_number(value) if field.endswith("__pk") else a_key(value)
        for (of, name), field in NARROWED.items()
        if of == figure and (value := request.GET.get(name))
    }
    context = {
        "counted": counted,
        "frame": frame,
        "shown": show(counted, frame, request.user, request.GET, narrowed),
        "breadcrumbs": [
            ("报表", reverse("reports")),
            (f"{frame.subject}{frame.end.year}年", annual_address(frame.subject, frame.end.year)),
            (counted.label, ""),
        ],
    }
    return render(request, "reports/rows.html", context)


def _a_number(typed: str) -> int:
    only(typed.isascii() and typed.isdecimal() and len(typed) < MOST_DIGITS)
    return int(typed)


def _subject(request: OfficeRequest) -> Subject:
    slug, code = request.GET.get("station"), request.GET.get("region")
    if bool(slug) == bool(code):
        raise Http404
    if slug:
        return get_object_or_404(stations_for(request.user), slug=a_key(slug))
    return get_object_or_404(regions_for(request.user), code=a_key(code or ""))
