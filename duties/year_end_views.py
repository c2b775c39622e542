"""年终: the steps of the year's end, opinions, the spot check, the private notice."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.calendar import today
from accounts.errors import Refused
from accounts.forms import refuse
from accounts.models import User
from accounts.pages import OfficeRequest, a_key, only
from deputies.models import Deputy
from duties.facts import facts_of
from duties.forms.year_end import DrawForm, OpinionForm, ResultForm, YearForm
from duties.models import Award, SpotCheck, SpotCheckResult, YearNotice, YearOpinion
from duties.rules import DEPUTY
from duties.services import year_end as services

PAGE_SIZE = 50
Side = YearOpinion.Side


def asked_year(request: OfficeRequest) -> int:
    """`year` in the address, as far as there is such a year end; else the usual one."""
    form = YearForm(request.GET)
    return int(form.cleaned_data["year"]) if form.is_valid() else services.usual_year()


def crumbs(label: str, year: int, *, above: tuple[str, str] | None = None) -> list[tuple[str, str]]:
    hub = (f"{year}年度年终", f"{reverse('year_end')}?year={year}")
    return [hub, *([above] if above else []), (label, "")]


def _page(request: OfficeRequest, rows: Any) -> Page[Any]:
    return Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))


@login_required
@never_cache
def year_end(request: OfficeRequest) -> HttpResponse:
    """Staff see the steps; a group leader the members; a deputy the own notices and what was said."""
    user, year = request.user, asked_year(request)
    own = Deputy.objects.filter(user=user).first()
    only(user.is_congress_staff or own is not None)
    context: dict[str, Any] = {"year": year, "form": YearForm(initial={"year": year})}
    if user.is_congress_staff:
        context["steps"] = _steps(user, year)
    if own is not None:
        context["led"] = services.heard_about(user, Side.LEADER, year).count()
        context["notices"] = list(YearNotice.objects.filter(deputy=own))
        context["opinions"] = list(YearOpinion.objects.filter(deputy=own, year=year))
        context["own"] = own
    return render(request, "duties/year_end/year_end.html", context)


def _steps(user: User, year: int) -> list[tuple[str, str, str, str]]:
    """(title, address, how far it is, what it is for)."""
    people = services.heard_about(user, Side.ELECTORS, year)
    said = people.aggregate(
        all=Count("pk"),
        leader=Count("pk", filter=Exists(_said(year, Side.LEADER))),
        electors=Count("pk", filter=Exists(_said(year, Side.ELECTORS))),
    )
    results = SpotCheckResult.objects.filter(check_of__in=SpotCheck.objects.visible_to(user).filter(year=year))
    checked = results.aggregate(all=Count("pk"), open=Count("pk", filter=Q(outcome="pending")))
    given = YearNotice.objects.filter(deputy__in=Deputy.objects.editable_by(user).values("pk"), year=year)
    told = given.aggregate(all=Count("pk"), read=Count("read_at"))
    waiting = services.waiting_for_notice(user, year).count()
    awards = Award.objects.visible_to(user).filter(year=year).count()
    at = f"?year={year}"
    return [
        (
            "评价意见",
            reverse("year_opinions") + at,
            f"{said['all']}人：组长意见已填{said['leader']}人，选举单位意见已填{said['electors']}人",
            "组长评组员，选举单位评自己选出的代表，写话不打分。",
        ),
        (
            "抽查",
            reverse("spot_checks") + at,
            f"抽取{checked['all']}人，待核查{checked['open']}人" if checked["all"] else "还没有抽查",
            "随机抽取代表，核对记录是否属实；种子留底，谁都可以重抽一遍。",
        ),
        (
            "履职情况通报",
            reverse("year_notices") + at,
            f"已通报{told['all']}人，本人已阅{told['read']}人；待通报{waiting}人",
            "只发给代表本人，只说本人的情况。",
        ),
        (
            "候选名单",
            reverse("candidates") + at,
            "优秀代表、先进代表小组",
            "符合条件的按姓氏笔划列出，写明事实，供研究时参考，不排名。",
        ),
        ("表彰", reverse("awards") + at, f"已登记{awards}项" if awards else "还没有登记", "凭文号登记，进履职档案。"),
    ]


def _said(year: int, side: str) -> Any:
    return YearOpinion.objects.filter(deputy=OuterRef("pk"), year=year, side=side)


# Opinions


@login_required
@never_cache
def year_opinions(request: OfficeRequest) -> HttpResponse:
    """Whom one speaks about: staff for the electing unit, a group leader about the members, with their facts."""
    user, year = request.user, asked_year(request)
    asked = request.GET.get("side") or (Side.ELECTORS if user.is_congress_staff else Side.LEADER)
    only(asked in Side.values)
    people = services.heard_about(user, asked, year)
    only(user.is_congress_staff if asked == Side.ELECTORS else services.groups_led_by(user).exists())
    if request.GET.get("todo"):
        people = people.filter(~Exists(_said(year, asked)))
    page = _page(request, people.select_related("region").in_order())
    keys = [deputy.pk for deputy in page]
    told = facts_of(DEPUTY, keys, year) if asked == Side.LEADER else {}
    given = dict(YearOpinion.objects.filter(deputy__in=keys, year=year, side=asked).values_list("deputy_id", "text"))
    context = {
        "year": year,
        "side": Side(asked),
        "page": page,
        "rows": [(one, given.get(one.pk, ""), [f for f in told.get(one.pk, ()) if f.count]) for one in page],
        "todo": bool(request.GET.get("todo")),
        "breadcrumbs": crumbs("评价意见", year),
    }
    return render(request, "duties/year_end/opinions.html", context)


@login_required
@never_cache
def year_opinion(request: OfficeRequest, year: int, slug: str, side: str) -> HttpResponse:
    """One opinion of one side. The leader sees what the member did, and no points."""
    only(side in Side.values and services.FIRST_YEAR <= year <= today().year)
    people = services.heard_about(request.user, side, year)
    deputy = get_object_or_404(people.select_related("region"), slug=a_key(slug))
    opinion = YearOpinion.objects.filter(deputy=deputy, year=year, side=side).first()
    form = OpinionForm(request.POST or None, initial={"text": opinion.text if opinion else ""})
    back = f"{reverse('year_opinions')}?year={year}&side={side}"
    if request.method == "POST" and form.is_valid():
        try:
            services.write_opinion(deputy, year=year, side=side, text=form.cleaned_data["text"], by=request.user)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已保存对{deputy}的意见。")
            return redirect(back)
    context = {
        "deputy": deputy,
        "year": year,
        "side": Side(side),
        "opinion": opinion,
        "form": form,
        "facts": facts_of(DEPUTY, [deputy.pk], year)[deputy.pk],
        "back": back,
        "breadcrumbs": crumbs(deputy.name, year, above=("评价意见", back)),
    }
    return render(request, "duties/year_end/opinion.html", context)


# Spot check


@login_required
@never_cache
def spot_checks(request: OfficeRequest) -> HttpResponse:
    user, year = request.user, asked_year(request)
    only(user.is_congress_staff)
    form = DrawForm(request.POST or None, by=user)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            check = services.draw_spot_check(asked["region"], year=year, size=asked["size"], by=user)
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect("spot_check", check.pk)
    counted = {
        "pending": Count("results", filter=Q(results__outcome="pending")),
        "differs": Count("results", filter=Q(results__outcome="differs")),
    }
    found = SpotCheck.objects.visible_to(user).filter(year=year).select_related("region", "drawn_by")
    context = {
        "year": year,
        "form": form,
        "page": _page(request, found.annotate(**counted).order_by("-drawn_at")),
        "breadcrumbs": crumbs("抽查", year),
    }
    return render(request, "duties/year_end/checks.html", context)


def _the_check(user: User, pk: int) -> SpotCheck:
    checks = SpotCheck.objects.visible_to(user).select_related("region", "drawn_by")
    return get_object_or_404(checks, pk=pk)


@login_required
@never_cache
def spot_check(request: OfficeRequest, pk: int) -> HttpResponse:
    """The draw as it can be made again: seed, list and rule, and whether drawing again gives the same."""
    check = _the_check(request.user, pk)
    results = list(check.results.select_related("deputy__region").order_by("deputy__name_strokes", "pk"))
    again = set(services.redrawn(check))
    context = {
        "check": check,
        "results": results,
        "agrees": again == {result.deputy.slug for result in results},
        "breadcrumbs": crumbs(f"{check.region}抽查", check.year, above=_checks(check.year)),
    }
    return render(request, "duties/year_end/check.html", context)


def _checks(year: int) -> tuple[str, str]:
    return "抽查", f"{reverse('spot_checks')}?year={year}"


@login_required
@never_cache
def spot_check_result(request: OfficeRequest, pk: int, result: int) -> HttpResponse:
    check = _the_check(request.user, pk)
    row = get_object_or_404(check.results.select_related("deputy__region"), pk=result)
    told = {} if row.outcome == SpotCheckResult.Outcome.PENDING else {"outcome": row.outcome, "note": row.note}
    form = ResultForm(request.POST or None, initial=told)
    if request.method == "POST" and form.is_valid():
        try:
            services.record_result(row, **form.cleaned_data, by=request.user)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已记录对{row.deputy}的核查结果。")
            return redirect("spot_check", check.pk)
    above = (f"{check.region}抽查", reverse("spot_check", args=[check.pk]))
    context = {
        "check": check,
        "result": row,
        "form": form,
        "facts": facts_of(DEPUTY, [row.deputy_id], check.year)[row.deputy_id],
        "breadcrumbs": crumbs(row.deputy.name, check.year, above=above),
    }
    return render(request, "duties/year_end/result.html", context)


# The private notice


@login_required
@never_cache
def year_notices(request: OfficeRequest) -> HttpResponse:
    """Whom the staff have told and who has read it; the rest is told by one button."""
    user, year = request.user, asked_year(request)
    only(user.is_congress_staff)
    refused = ""
    if request.method == "POST":
        try:
            given = services.give_all_notices(year=year, by=user)
        except Refused as error:
            refused = error.sentence
        else:
            paper = f"，其中{given.on_paper}人没有账号，请打印送达" if given.on_paper else ""
            messages.success(request, f"已通报{given.people}人{paper}。")
            return redirect(f"{reverse('year_notices')}?year={year}")
    waiting = services.waiting_for_notice(user, year)
    unheard = waiting.filter(~Exists(YearOpinion.objects.filter(deputy=OuterRef("pk"), year=year)))
    given_ = YearNotice.objects.filter(deputy__in=Deputy.objects.editable_by(user).values("pk"), year=year)
    rows = given_.select_related("deputy__region", "deputy__user").order_by("deputy__name_strokes", "deputy")
    context = {
        "year": year,
        "waiting": waiting.count(),
        "unheard": unheard.count(),
        "refused": refused,
        "page": _page(request, rows),
        "breadcrumbs": crumbs("履职情况通报", year),
    }
    return render(request, "duties/year_end/notices.html", context)


@login_required
@never_cache
def year_notice(request: OfficeRequest, pk: int) -> HttpResponse:
    """Of the deputy alone and of the staff who keep the file."""
    found = YearNotice.objects.visible_to(request.user).select_related("deputy__region", "given_by")
    notice = found.filter(pk=pk).first()
    if notice is None:
        raise Http404
    services.open_notice(notice, request.user)
    above = ("履职情况通报", f"{reverse('year_notices')}?year={notice.year}")
    shown = crumbs(notice.deputy.name, notice.year, above=above if request.user.is_congress_staff else None)
    return render(request, "duties/year_end/notice.html", {"notice": notice, "breadcrumbs": shown})
