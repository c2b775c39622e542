from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.calendar import in_words
from accounts.errors import Refused
from accounts.forms import refuse
from accounts.models import User
from accounts.pages import OfficeRequest, only
from deputies.models import Congress, Mandate
from duties.forms.term import CloseForm, WhenForm
from duties.services.term import Turnover, close_term, next_ordinal, preview_term

PAGE_SIZE = 30
# What is counted in people and seats comes first, as tiles; the rest stands below as facts.
TILES = 6


def congresses_for(user: User) -> QuerySet[Congress]:
    """Congress staff: those of the own region and below."""
    only(user.is_congress_staff)
    return Congress.objects.visible_to(user).select_related("region")


@login_required
@never_cache
def terms(request: OfficeRequest) -> HttpResponse:
    """Each congress in scope: the one that sits first, then the one elected and not yet met, then the past ones."""
    held = Count("mandates", filter=Q(mandates__ended_on__isnull=True) & ~Q(mandates__status=Mandate.Status.ELECTED))
    elected = Count("mandates", filter=Q(mandates__status=Mandate.Status.ELECTED))
    found = congresses_for(request.user).annotate(held=held, elected=elected)
    rows = found.order_by("region__path", F("ended_on").desc(nulls_first=True), "-ordinal")
    context = {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "breadcrumbs": [("年终", reverse("year_end")), ("换届", "")],
    }
    return render(request, "duties/term/terms.html", context)


@login_required
@never_cache
def term(request: OfficeRequest, pk: int) -> HttpResponse:
    """Preview by GET, the act by POST. A term that has ended shows when, and what was filed."""
    congress = get_object_or_404(congresses_for(request.user), pk=pk)
    crumbs = [("年终", reverse("year_end")), ("换届", reverse("terms")), (str(congress), "")]
    context: dict[str, Any] = {"congress": congress, "breadcrumbs": crumbs}
    if congress.ended_on is not None or congress.first_met_on is None:
        return render(request, "duties/term/past.html", context | {"files": congress.duty_files.count()})
    if request.method == "POST":
        confirm = CloseForm(request.POST, congress=congress)
        if confirm.is_valid() and _closed(request, congress, confirm):
            return redirect("term", congress.pk)
        asked = {name: confirm.data.get(name, "") for name in ("on", "ordinal")}
    else:
        asked, confirm = request.GET, None
    when = WhenForm(asked if "on" in asked else None, ordinal=next_ordinal(congress))
    told = _preview(request.user, congress, when)
    if told is not None:
        words = told.in_words()
        context |= {"tiles": words[:TILES], "facts": words[TILES:], "told": told, "on": when.cleaned_data["on"]}
        context["confirm"] = confirm or CloseForm.asking(
            congress, when.cleaned_data["on"], when.cleaned_data["ordinal"]
        )
    return render(request, "duties/term/close.html", context | {"when": when})


def _preview(user: User, congress: Congress, when: WhenForm) -> Turnover | None:
    if not (when.is_bound and when.is_valid()):
        return None
    asked = when.cleaned_data
    try:
        return preview_term(congress, next_first_met_on=asked["on"], new_ordinal=asked["ordinal"], by=user)
    except Refused as refused:
        refuse(when, refused)
        return None


def _closed(request: OfficeRequest, congress: Congress, form: CloseForm) -> bool:
    asked = form.cleaned_data
    try:
        told = close_term(congress, next_first_met_on=asked["on"], new_ordinal=asked["ordinal"], by=request.user)
    except Refused as refused:
        refuse(form, refused)
        return False
    messages.success(
        request,
        f"{congress}已于{in_words(asked['on'])}届满：终止{told.seats}席，{told.leaving}人不再担任代表，{told.re_elected}人连任，归档{told.files}份。",
    )
    return True
