"""What anybody may read of plans: the year's work of a region's deputies, told to everybody (代表法 art. 43)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.models import Region
from accounts.pages import FIRST_YEAR, LAST_YEAR, a_key, only
from activities.models import AnnualPlan


def plan(request: HttpRequest, code: str, year: int) -> HttpResponse:
    only(FIRST_YEAR <= year <= LAST_YEAR)
    region = get_object_or_404(Region.objects.select_related("parent"), code=a_key(code))
    published = AnnualPlan.objects.public().filter(region=region)
    plans = list(published.filter(year=year).select_related("station", "group").prefetch_related("items__type"))
    own = next((one for one in plans if one.station_id is None and one.group_id is None), None)
    context = {
        "region": region,
        "year": year,
        "plan": own,
        "others": [one for one in plans if one is not own],
        "years": [other for other in _years(region) if other != year],
    }
    return render(request, "activities/public/plan.html", context)


def _years(region: Region) -> list[int]:
    published = AnnualPlan.objects.public().filter(region=region)
    return sorted(set(published.values_list("year", flat=True)), reverse=True)
