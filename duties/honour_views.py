"""候选名单 and 表彰: pages of congress staff alone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache

from accounts.calendar import today
from accounts.errors import Refused
from accounts.forms import refuse
from accounts.models import User
from accounts.pages import OfficeRequest, a_key, only
from accounts.paths import within
from accounts.sheets import CONTENT_TYPE, write_list
from deputies.models import Deputy, DeputyGroup
from duties.candidates import NAMES, Candidates, candidates_of
from duties.forms.year_end import AwardForm, CandidatesForm, own_regions
from duties.models import Award
from duties.rules import DEPUTY, GROUP
from duties.services.awards import record_award, strike_award
from duties.year_end_views import asked_year, crumbs

PAGE_SIZE = 50
ABOUT = "按姓氏（名称）笔划排列，不分先后。数字由系统内的记录统计，供研究时参考，不对外公布。"


@login_required
@never_cache
def candidates(request: OfficeRequest) -> HttpResponse:
    user, year = request.user, asked_year(request)
    region = own_regions(user).first() if user.is_congress_staff else None
    only(region is not None)
    asked = {"of": DEPUTY, "region": region.code if region else "", "year": str(year), **request.GET.dict()}
    form = CandidatesForm(asked, by=user)
    if not form.is_valid():
        return render(request, "duties/year_end/candidates.html", {"form": form, "year": year})
    found = candidates_of(form.cleaned_data["of"], form.cleaned_data["region"], form.cleaned_data["year"])
    if request.GET.get("export") == "xlsx":
        return _file(found)
    query = urlencode({"of": found.of, "region": found.region.code, "year": found.year, "export": "xlsx"})
    context = {
        "form": form,
        "year": found.year,
        "found": found,
        "is_deputies": found.of == DEPUTY,
        "xlsx": f"?{query}",
        "breadcrumbs": crumbs("候选名单", found.year),
    }
    return render(request, "duties/year_end/candidates.html", context)


def _file(found: Candidates) -> HttpResponse:
    of_deputies = found.of == DEPUTY
    heads = ("姓名" if of_deputies else "小组", "档案所在区域" if of_deputies else "组长", "事实", "评价意见")
    lines = [(row.name, row.about, row.why, "\n".join(row.opinions)) for row in found.rows]
    content = write_list(found.title, heads, lines, f"{ABOUT}条件：{'；'.join(found.conditions)}。")
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, f"{found.title}.xlsx") or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_required
@never_cache
def awards(request: OfficeRequest) -> HttpResponse:
    user, year = request.user, asked_year(request)
    only(user.is_congress_staff)
    rows = Award.objects.visible_to(user).filter(year=year).select_related("deputy", "group", "region")
    page = Paginator(rows.order_by("region__path", "-awarded_on", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"year": year, "page": page, "breadcrumbs": crumbs("表彰", year)}
    return render(request, "duties/year_end/awards.html", context)


def _honoured(request: OfficeRequest) -> dict[str, Any]:
    """Whom the new award is for, out of the address: a deputy or a group that these staff keep."""
    user = request.user
    slug, group = request.GET.get("deputy", ""), request.GET.get("group", "")
    if slug:
        return {"deputy": get_object_or_404(Deputy.objects.editable_by(user), slug=a_key(slug))}
    only(group.isascii() and group.isdecimal() and len(group) < 19)
    kept = DeputyGroup.objects.filter(within(user.scope or ""))
    return {"group": get_object_or_404(kept, pk=int(group))}


@login_required
@never_cache
def new_award(request: OfficeRequest) -> HttpResponse:
    user, year = request.user, asked_year(request)
    only(user.is_congress_staff and user.scope is not None)
    honoured = _honoured(request)
    kind = DEPUTY if "deputy" in honoured else GROUP
    issuer = str(user.organization or "")
    usual = {"year": year, "name": NAMES[kind], "awarded_on": today(), "issuer": issuer}
    return _award(request, Award(**honoured), usual)


@login_required
@never_cache
def award(request: OfficeRequest, pk: int) -> HttpResponse:
    only(request.user.is_congress_staff)
    return _award(request, get_object_or_404(_kept(request.user), pk=pk), {})


def _kept(user: User) -> Any:
    """Seen are also those of people who sit here and whose file lies elsewhere; changed only the own."""
    return Award.objects.filter(within(user.scope or "")).select_related("deputy", "group", "region")


def _award(request: OfficeRequest, row: Award, usual: dict[str, Any]) -> HttpResponse:
    back = f"{reverse('awards')}?year={row.year or usual.get('year', '')}"
    strikes = row.pk is not None and request.POST.get("act") == "strike"
    form = AwardForm(None if strikes else request.POST or None, instance=row, initial=usual)
    if request.method == "POST":
        try:
            if strikes:
                strike_award(row, by=request.user)
                messages.success(request, "已删去登记错误的这一项表彰。")
                return redirect(back)
            if form.is_valid():
                kept = record_award(form.instance, by=request.user)
                messages.success(request, f"已登记：{kept}。")
                return redirect(f"{reverse('awards')}?year={kept.year}")
        except Refused as refused:
            if strikes:
                messages.error(request, refused.sentence)
            else:
                refuse(form, refused)
    context = {
        "form": form,
        "award": row,
        "back": back,
        "breadcrumbs": crumbs(str(row.deputy or row.group), row.year or usual["year"], above=("表彰", back)),
    }
    return render(request, "duties/year_end/award.html", context)
