"""积分: the own sheet; for who keeps it the sheets of others, without ranking; the scheme that holds (mission G2)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import own_phone
from accounts.calendar import today
from accounts.errors import Refused
from accounts.forms import refuse
from accounts.pages import PAGE_SIZE, OfficeRequest, a_key, only
from activities.permissions import reads_work
from deputies.models import Deputy
from duties import points
from duties.forms.points import AdoptForm
from duties.forms.targets import NameForm
from duties.ledger import account_of, as_entry, as_scheme, scheme_for
from duties.models import Declaration, Objection, PointEntry, PointPeriod, PointScheme
from duties.permissions import deducts_from, keeps_points
from duties.seeds import ship_scheme
from duties.services import schemes, settling

FIRST_YEAR, LAST_YEAR = 2000, 2100


def asked_year(request: OfficeRequest) -> int:
    typed = request.GET.get("year") or request.POST.get("year") or str(today().year)
    only(typed.isascii() and typed.isdecimal() and len(typed) == 4 and FIRST_YEAR <= int(typed) <= LAST_YEAR)
    return int(typed)


def years(deputy: Deputy | None = None) -> list[int]:
    """This year, and those with points, newest first."""
    rows = PointEntry.objects.filter(deputy=deputy) if deputy else PointScheme.objects.adopted()
    lookup = "period__year" if deputy else "year"
    return sorted({today().year, *rows.order_by().values_list(lookup, flat=True).distinct()}, reverse=True)


@login_required
def point_sheet(request: OfficeRequest) -> HttpResponse:
    """A deputy's own; who has none goes to those that are kept here."""
    only(reads_work(request.user))
    own = Deputy.objects.filter(user=request.user).select_related("region").first()
    if own is None:
        only(not own_phone.is_own_only(request))
        return _deputies(request)
    return _sheet(request, own)


@login_required
def deputy_points(request: OfficeRequest, slug: str) -> HttpResponse:
    seen = Deputy.objects.visible_to(request.user).select_related("region")
    return _sheet(request, get_object_or_404(seen, slug=a_key(slug)))


def _sheet(request: OfficeRequest, deputy: Deputy) -> HttpResponse:
    year = asked_year(request)
    scheme, user = scheme_for(deputy, year), request.user
    declared = Declaration.objects.filter(deputy=deputy, happened_on__year=year).select_related("item")
    objections = Objection.objects.filter(deputy=deputy, period__year=year).select_related("entry", "answered_by")
    context: dict[str, Any] = {
        "deputy": deputy,
        "own": deputy.user_id == user.pk,
        "year": year,
        "years": years(deputy),
        "scheme": scheme,
        "account": account_of(deputy, scheme, user) if scheme is not None else None,
        "declarations": declared,
        "objections": objections,
        "may_deduct": scheme is not None and deducts_from(user, deputy, scheme.region_id),
        "keeps": scheme is not None and keeps_points(user, scheme.region_id),
    }
    return render(request, "duties/points/sheet.html", context)


@dataclass
class Line:
    deputy: Deputy
    scheme: PointScheme | None
    records: int = 0
    sheet: points.Sheet | None = None


@login_required
def point_deputies(request: OfficeRequest) -> HttpResponse:
    return _deputies(request)


def _deputies(request: OfficeRequest) -> HttpResponse:
    """By strokes, like every published list of names; nothing sorts it by points."""
    user = request.user
    kept = Deputy.objects.visible_to(user).exclude(user=user)
    only(user.is_congress_staff or (reads_work(user) and kept.exists()))
    year = asked_year(request)
    form = NameForm(request.GET)
    if form.is_valid() and form.cleaned_data["name"]:
        kept = kept.filter(name__contains=form.cleaned_data["name"])
    scored = PointEntry.objects.filter(deputy=OuterRef("pk"), period__year=year)
    kept = kept.in_office() | kept.filter(Exists(scored))
    page = Paginator(kept.select_related("region").in_order(), PAGE_SIZE).get_page(request.GET.get("page"))
    here = PointScheme.objects.for_path(user.scope, year) if user.scope is not None else None
    context = {
        "page": page,
        "lines": _lines(list(page.object_list), year),
        "form": form,
        "year": year,
        "years": years(),
        "scheme": here,
        "keeps": here is not None and keeps_points(user, here.region_id),
        "period": PointPeriod.objects.filter(region=here.region, year=year).first() if here else None,
    }
    return render(request, "duties/points/deputies.html", context)


def _lines(deputies: list[Deputy], year: int) -> list[Line]:
    """The sheets of one page: a scheme for each region among them, and all their rows in one query."""
    by_path = {path: PointScheme.objects.for_path(path, year) for path in {d.region.path for d in deputies}}
    pure = {scheme.pk: as_scheme(scheme) for scheme in by_path.values() if scheme is not None}
    rows: dict[int, list[points.Entry]] = defaultdict(list)
    live: dict[int, int] = defaultdict(int)
    for entry in PointEntry.objects.filter(deputy__in=deputies, period__year=year).select_related("item"):
        rows[entry.deputy_id].append(as_entry(entry.item.code, entry))
        live[entry.deputy_id] += -1 if entry.reverses_id is not None else 1
    found = []
    for deputy in deputies:
        scheme = by_path[deputy.region.path]
        line = Line(deputy, scheme)
        if scheme is not None:
            line.records, line.sheet = live[deputy.pk], points.sheet(rows[deputy.pk], pure[scheme.pk])
        found.append(line)
    return found


def _listed(request: OfficeRequest, year: int) -> Any:
    """To choose from: of staff the own region's and those that hold for it. The one that holds comes first."""
    scope = request.user.scope
    rows = PointScheme.objects.visible_to(request.user).filter(year=year).select_related("region")
    return rows.order_by("region__path", "-version") if request.user.is_congress_staff and scope is not None else None


@login_required
def point_scheme(request: OfficeRequest) -> HttpResponse:
    """The one that holds for oneself."""
    user, year = request.user, asked_year(request)
    only(reads_work(user))
    own = Deputy.objects.filter(user=user).select_related("region").first()
    path = user.scope if user.is_congress_staff and user.scope is not None else own.region.path if own else None
    scheme = PointScheme.objects.for_path(path, year) if path is not None else None
    listed = _listed(request, year)
    if scheme is None and listed is not None:
        scheme = listed.first()
    return _scheme(request, scheme, year, listed)


@login_required
def scheme_page(request: OfficeRequest, pk: int) -> HttpResponse:
    only(reads_work(request.user))
    scheme = get_object_or_404(PointScheme.objects.visible_to(request.user).select_related("region"), pk=pk)
    return _scheme(request, scheme, scheme.year, _listed(request, scheme.year))


def _scheme(
    request: OfficeRequest, scheme: PointScheme | None, year: int, listed: Any, form: AdoptForm | None = None
) -> HttpResponse:
    user = request.user
    organ = user.organization if user.is_congress_staff else None
    context = {
        "scheme": scheme,
        "majors": scheme.majors.prefetch_related("items__sources__types") if scheme is not None else (),
        "year": year,
        "years": years(),
        "others": [other for other in listed if other != scheme] if listed is not None else [],
        "keeps": scheme is not None and keeps_points(user, scheme.region_id),
        "region": organ.region if organ is not None else None,
        "form": form or AdoptForm(),
        "may_draft": organ is not None
        and not PointScheme.objects.filter(region=organ.region, year=year).exists()
        and not PointPeriod.objects.filter(region=organ.region, year=year, closed_at__isnull=False).exists(),
    }
    return render(request, "duties/points/scheme.html", context)


@login_required
@require_POST
def draft_scheme(request: OfficeRequest) -> HttpResponse:
    user, year = request.user, asked_year(request)
    only(user.is_congress_staff)
    assert user.organization is not None
    scheme = ship_scheme(user.organization.region, year)
    messages.success(request, "已起草。请逐项核对，需要时在后台修改；采用以后才计分。")
    return redirect("scheme_page", scheme.pk)


def _kept_scheme(request: OfficeRequest, pk: int) -> PointScheme:
    scheme = get_object_or_404(PointScheme.objects.visible_to(request.user).select_related("region"), pk=pk)
    only(keeps_points(request.user, scheme.region_id))
    return scheme


@login_required
@require_POST
def adopt_scheme(request: OfficeRequest, pk: int) -> HttpResponse:
    scheme = _kept_scheme(request, pk)
    form = AdoptForm(request.POST)
    if form.is_valid():
        try:
            schemes.adopt(scheme, by=request.user, basis=form.cleaned_data["basis"])
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已采用。{scheme.region}的代表从现在起按这一版计分。")
            return redirect("scheme_page", scheme.pk)
    return _scheme(request, scheme, scheme.year, _listed(request, scheme.year), form)


@login_required
@require_POST
def new_scheme_version(request: OfficeRequest, pk: int) -> HttpResponse:
    scheme = _kept_scheme(request, pk)
    try:
        draft = schemes.new_version(scheme, by=request.user)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("scheme_page", scheme.pk)
    messages.success(request, f"已起草第{draft.version}版，现行的一版在它采用以前照常计分。")
    return redirect("scheme_page", draft.pk)


@login_required
@require_POST
def settle_now(request: OfficeRequest, pk: int) -> HttpResponse:
    scheme = _kept_scheme(request, pk)
    try:
        done = settling.settle(scheme.region, scheme.year)
        messages.success(request, f"已结算：记入{done.given}条，冲销{done.reversed}条。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect(f"{reverse('point_deputies')}?year={scheme.year}")


@login_required
@require_POST
def close_points(request: OfficeRequest, pk: int) -> HttpResponse:
    scheme = _kept_scheme(request, pk)
    try:
        settling.close_period(scheme.region, scheme.year, by=request.user)
        messages.success(request, f"{scheme.year}年的积分已经封账，不再改变。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect(f"{reverse('point_deputies')}?year={scheme.year}")
