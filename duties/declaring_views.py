"""自行申报, 审核, 减分 and 异议, as pages (mission G2)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import own_phone
from accounts.errors import Refused
from accounts.forms import refuse
from accounts.pages import OfficeRequest, a_key, hand_out, newest_first, only
from activities.permissions import reads_work
from deputies.models import Deputy
from duties.forms.points import AnswerForm, DecideForm, DeclareForm, DeductForm, ObjectForm
from duties.ledger import links, scheme_for
from duties.models import Declaration, Evidence, Objection, PointEntry
from duties.permissions import deciding, deducts_from, keeps_points, to_decide
from duties.point_views import asked_year
from duties.services import declaring, objecting

MOST = 100


def own_or_404(request: OfficeRequest) -> Deputy:
    return get_object_or_404(Deputy.objects.select_related("region"), user=request.user)


@login_required
def declare(request: OfficeRequest) -> HttpResponse:
    deputy, year = own_or_404(request), asked_year(request)
    scheme = scheme_for(deputy, year)
    if scheme is None:
        return redirect(f"{reverse('point_sheet')}?year={year}")
    form = DeclareForm(request.POST or None, request.FILES or None, scheme=scheme)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            made = declaring.declare(deputy, values.pop("item"), by=request.user, form_key=values.pop("key"), **values)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已申报，{made.get_status_display()}。")
            return redirect("point_sheet") if own_phone.is_own_only(request) else redirect("declaration", made.pk)
    return render(request, "duties/points/declare.html", {"form": form, "scheme": scheme, "year": year})


@login_required
def deduct(request: OfficeRequest, slug: str) -> HttpResponse:
    seen = Deputy.objects.visible_to(request.user).select_related("region")
    deputy, year = get_object_or_404(seen, slug=a_key(slug)), asked_year(request)
    scheme = scheme_for(deputy, year)
    only(scheme is not None and deducts_from(request.user, deputy, scheme.region_id))
    assert scheme is not None
    form = DeductForm(request.POST or None, request.FILES or None, scheme=scheme)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            made = declaring.deduct(deputy, values.pop("item"), by=request.user, form_key=values.pop("key"), **values)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已登记，{made.get_status_display()}。")
            return redirect("declaration", made.pk)
    context = {"form": form, "scheme": scheme, "year": year, "deputy": deputy}
    return render(request, "duties/points/declare.html", context)


@login_required
def declarations(request: OfficeRequest) -> HttpResponse:
    only(reads_work(request.user))
    seen = Declaration.objects.visible_to(request.user).select_related("deputy", "item")
    page = newest_first(seen, request.GET, "declared_at")
    context = {"page": page, "waiting": to_decide(request.user, MOST)}
    return render(request, "duties/points/declarations.html", context)


def _seen(request: OfficeRequest, pk: int) -> Declaration:
    rows = Declaration.objects.visible_to(request.user).select_related(
        "deputy__region", "item__major__scheme__region", "declared_by"
    )
    found: Declaration = get_object_or_404(rows, pk=pk)
    return found


def _declaration(request: OfficeRequest, found: Declaration, form: DecideForm | None = None) -> HttpResponse:
    step = deciding(found)
    context: dict[str, Any] = {
        "declaration": found,
        "steps": found.steps.select_related("by"),
        "evidence": found.evidence.all(),
        "decides": step is not None and request.user in step[1],
        "step": Declaration.Status(step[0]).label if step is not None else "",
        "withdraws": found.declared_by_id == request.user.pk and found.status in Declaration.OPEN,
        "own": found.deputy.user_id == request.user.pk,
        "form": form or DecideForm(),
        "entries": PointEntry.objects.filter(record="declaration", record_id=found.pk).select_related("by"),
    }
    return render(request, "duties/points/declaration.html", context)


@login_required
def declaration(request: OfficeRequest, pk: int) -> HttpResponse:
    return _declaration(request, _seen(request, pk))


@login_required
@require_POST
def decide_declaration(request: OfficeRequest, pk: int) -> HttpResponse:
    found = _seen(request, pk)
    form = DecideForm(request.POST)
    if form.is_valid():
        passes = request.POST.get("passes") == "yes"
        try:
            declaring.decide(found, passes=passes, text=form.cleaned_data["text"], by=request.user)
        except Refused as refused:
            found.refresh_from_db(fields=["status"])
            refuse(form, refused)
        else:
            messages.success(request, f"已办，这件申报现在是“{found.get_status_display()}”。")
            return redirect("declaration", found.pk)
    return _declaration(request, found, form)


@login_required
@require_POST
def withdraw_declaration(request: OfficeRequest, pk: int) -> HttpResponse:
    found = _seen(request, pk)
    try:
        declaring.withdraw(found, by=request.user)
        messages.success(request, "已撤回。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("declaration", found.pk)


@login_required
def evidence(request: OfficeRequest, pk: int, file: int) -> FileResponse:
    found = get_object_or_404(Evidence, declaration=_seen(request, pk), pk=file)
    return hand_out(found.file)


@login_required
def object_to_points(request: OfficeRequest) -> HttpResponse:
    """Against an entry, or that one is missing (`missing`)."""
    deputy, year = own_or_404(request), asked_year(request)
    entry = None
    if "entry" in request.GET:
        typed = request.GET["entry"]
        only(typed.isascii() and typed.isdecimal() and len(typed) <= 18)
        rows = PointEntry.objects.filter(deputy=deputy).select_related("item", "period__region")
        entry = get_object_or_404(rows, pk=int(typed))
    form = ObjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = objecting.object_to(deputy, year, text=form.cleaned_data["text"], entry=entry, by=request.user)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, "异议已提出，核实以后会在这里答复您。")
            return redirect("objection", made.pk)
    return render(request, "duties/points/object.html", {"form": form, "entry": entry, "year": year})


@login_required
def objections(request: OfficeRequest) -> HttpResponse:
    only(reads_work(request.user))
    seen = Objection.objects.visible_to(request.user).select_related("deputy", "entry", "period__region")
    page = newest_first(seen, request.GET, "raised_at")
    return render(request, "duties/points/objections.html", {"page": page})


@login_required
def objection(request: OfficeRequest, pk: int) -> HttpResponse:
    rows = Objection.objects.visible_to(request.user).select_related(
        "deputy", "entry__item", "period__region", "answered_by"
    )
    found = get_object_or_404(rows, pk=pk)
    answers = keeps_points(request.user, found.period.region_id) and found.deputy.user_id != request.user.pk
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        only(answers)
        values = form.cleaned_data
        try:
            objecting.answer(found, outcome=values["outcome"], text=values["answer"], by=request.user)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已答复：{found.get_outcome_display()}。")
            return redirect("objection", found.pk)
    entry = found.entry
    chain = PointEntry.objects.none()
    if entry is not None:
        chain = PointEntry.objects.filter(
            deputy=entry.deputy_id, item=entry.item_id, rule=entry.rule, record=entry.record, record_id=entry.record_id
        ).select_related("by")
    context = {
        "objection": found,
        "chain": chain.order_by("sequence"),
        "url": links([entry], request.user).get((entry.record, entry.record_id), "") if entry is not None else "",
        "answers": answers and found.outcome == Objection.Outcome.OPEN,
        "own": found.deputy.user_id == request.user.pk,
        "form": form,
    }
    return render(request, "duties/points/objection.html", context)
