"""年度任务: what is owed and how far it is done. Facts and open ends, no ranking (整治形式主义)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.calendar import today
from accounts.models import Region
from accounts.pages import PAGE_SIZE, OfficeRequest, a_key, only
from deputies.models import Deputy
from duties.forms.targets import TargetsForm, YearForm, regions_of, years
from duties.models import Target
from duties.progress import Progress, Row, of_region, own_progress, progress_of
from duties.rules import DEPUTY, GROUP
from duties.spans import OVERDUE
from duties.target_seeds import ship_targets
from stations.models import Station

UNITS = {"station": "个联络站", "group": "个代表小组", "deputy": "名代表"}


def _year(request: OfficeRequest) -> int:
    typed = request.GET.get("year") or request.POST.get("year") or str(today().year)
    only(typed in {str(year) for year, _ in years()})
    return int(typed)


def _region(request: OfficeRequest) -> Region:
    """The one asked for, within scope, else the user's own."""
    code = request.GET.get("region") or request.POST.get("region")
    if code:
        return get_object_or_404(regions_of(request.user), code=a_key(code))
    region = regions_of(request.user).first()
    only(region is not None)
    assert region is not None
    return region


def has_targets(request: OfficeRequest) -> bool:
    """Whether the page is this user's at all: congress staff, people of a station, deputies in office."""
    user = request.user
    if user.is_congress_staff or Station.objects.served_by(user).exists():
        return True
    return Deputy.objects.in_office().filter(user=user).exists()


@login_required
@never_cache
def targets(request: OfficeRequest) -> HttpResponse:
    only(has_targets(request))
    year, user = _year(request), request.user
    context: dict[str, Any] = {"year": year, "own": own_progress(user, year)}
    if user.is_congress_staff:
        region = _region(request)
        found = progress_of(region, year)
        asked = urlencode({"region": region.code})
        context |= {
            "region": region,
            "form": TargetsForm(initial={"region": region.code, "year": year}, user=user),
            "lines": [_line(one, asked) for one in found],
            "may_ship": not Target.objects.holding_for(region.path, year).exists(),
        }
    else:
        context["form"] = YearForm(initial={"year": year})
    return render(request, "duties/targets/targets.html", context)


def _line(one: Progress, asked: str) -> dict[str, Any]:
    return {
        "progress": one,
        "unit": UNITS[one.target.of],
        "measure": UNITS[one.target.of][0],
        "missed": len(one.overdue),
        "past_owed": one.past[1],
        "url": f"{reverse('target_gaps', args=[one.target.pk])}?{asked}",
    }


@login_required
@never_cache
def target_gaps(request: OfficeRequest, pk: int) -> HttpResponse:
    """未完成名单 of one target, in the order of regions and names."""
    only(request.user.is_congress_staff)
    region = _region(request)
    target = get_object_or_404(Target.objects.visible_to(request.user).select_related("region"), pk=pk)
    found = of_region([target], region.path, target.year)
    rows = found[0].unmet if found else ()
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    back = f"{reverse('targets')}?{urlencode({'region': region.code, 'year': target.year})}"
    context = {
        "one": found[0] if found else None,
        "target": target,
        "region": region,
        "page": page,
        "lines": [(row, _address(row, target.year), row.of(OVERDUE)) for row in page.object_list],
        "total": len(rows),
        "unit": UNITS[target.of],
        "breadcrumbs": [("年度任务", back), ("未完成名单", "")],
    }
    return render(request, "duties/targets/gaps.html", context)


def _address(row: Row, year: int) -> str:
    """Where the work of this subject is read."""
    if row.subject.kind == GROUP:
        return f"{reverse('group_file', args=[row.subject.pk])}?{urlencode({'year': year})}"
    if row.subject.kind == DEPUTY:
        return f"{reverse('duty_file', args=[row.subject.slug])}?{urlencode({'year': year})}"
    return ""


@login_required
@require_POST
def ship(request: OfficeRequest) -> HttpResponse:
    """常用任务 for a region and year that has none yet; each is then changed in the back office."""
    only(request.user.is_congress_staff)
    region, year = _region(request), _year(request)
    only(not Target.objects.holding_for(region.path, year).exists())
    made = ship_targets(region, year)
    messages.success(request, f"已为{region}{year}年设置{made}项常用任务，可以在后台逐项修改。")
    return redirect(f"{reverse('targets')}?{urlencode({'region': region.code, 'year': year})}")
