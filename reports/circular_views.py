from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.calendar import today
from accounts.models import Region, User
from accounts.pages import OfficeRequest, only
from reports import circular as circulars
from reports.forms import MOST_TO_CHOOSE_FROM, above, is_year
from suggestions.paper_views import handed_out
from suggestions.papers import word

MONTHS_SHOWN = 24


class CircularForm(forms.Form):
    region = forms.ChoiceField(label="区域")
    month = forms.ChoiceField(label="月份")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope = circulars.regions_of_circular(user).order_by("path")
        regions = list(scope[: MOST_TO_CHOOSE_FROM + 1])
        if len(regions) > MOST_TO_CHOOSE_FROM:
            regions = [regions[0], *Region.objects.filter(parent=regions[0]).order_by("path")]
        self._choose("region", [(region.code, region.name) for region in regions])
        self._choose("month", [(f"{month:%Y-%m}", f"{month.year}年{month.month}月") for month in _months()])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


def _months() -> list[date]:
    """The last ones, the running month first."""
    months = [today().replace(day=1)]
    while len(months) < MONTHS_SHOWN:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months


@login_required
@never_cache
def circular(request: OfficeRequest) -> HttpResponse:
    """The month's 通报 by unit; without a question, last month of the own region."""
    scope = circulars.regions_of_circular(request.user)
    region = (
        scope.filter(code=request.GET["region"]).first() if "region" in request.GET else scope.order_by("path").first()
    )
    if region is None:
        only(False)
        raise AssertionError
    month = _month(request.GET["month"]) if "month" in request.GET else _months()[1]
    export = request.GET.get("export", "")
    only(export in ("", "docx"))
    found = circulars.collect(region, month, str(request.user.organization))
    if export:
        content = word.write("circular", found)
        return handed_out(content, f"{found.title}.docx", word.CONTENT_TYPE)
    asked = {"region": region.code, "month": f"{month:%Y-%m}"}
    context = {
        "circular": found,
        "form": CircularForm(initial=asked, user=request.user),
        "docx": f"{reverse('circular')}?{urlencode({**asked, 'export': 'docx'})}",
        "breadcrumbs": [above(request.user), (found.title, "")],
    }
    return render(request, "reports/circular.html", context)


def _month(typed: str) -> date:
    try:
        month = date.fromisoformat(f"{typed}-01")
    except ValueError:
        month = date.max
    only(is_year(month.year) and month <= today())
    return month
