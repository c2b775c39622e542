"""结对联系: who has not been visited for how long (mission C4). Each contact is a visit."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.calendar import today
from accounts.errors import Refused
from accounts.forms import in_plain_words, refuse
from accounts.pages import OfficeRequest, a_key, only
from activities.forms import DateInput
from activities.permissions import logs_work
from deputies import services
from deputies.models import Deputy, Pairing
from deputies.permissions import knows_people, pairs, reads_people

PAIRINGS_A_PAGE = 50
ASSISTANCE = "assistance"
KINDS = {**dict(Pairing.Kind.choices), ASSISTANCE: "对口帮扶"}
# What a pairing of each kind is counted in.
UNITS = {"station": "站", "household": "户", "enterprise": "家企业", "village": "村"}


def with_last_visit(pairings: QuerySet[Pairing]) -> QuerySet[Pairing]:
    """`last`: the last confirmed visit; `waits_since`: that, or the day of the pairing. The longest wait comes first."""
    confirmed = Q(visits__confirmed_at__isnull=False)
    rows = pairings.annotate(last=Max("visits__visited_on", filter=confirmed))
    return rows.annotate(waits_since=Coalesce("last", "since")).order_by(
        "waits_since", F("last").asc(nulls_first=True), "pk"
    )


def totals(pairings: Any) -> list[tuple[str, str, int, str]]:
    """(address of the rows, name, people, and with how many). A person counts once, and so does a village."""
    found = []
    for kind, label in KINDS.items():
        count = pairings.of(kind).totals()
        if count["people"]:
            things = "、".join(f"{count[key]}{unit}" for key, unit in UNITS.items() if count[key])
            found.append((f"?kind={kind}", label, count["people"], f"人，{things}"))
    return found


@login_required
def pairings(request: OfficeRequest) -> HttpResponse:
    only(knows_people(request.user))
    visible = Pairing.objects.standing().visible_to(request.user)
    slug, kind = request.GET.get("deputy", ""), request.GET.get("kind", "")
    deputy = get_object_or_404(Deputy.objects.visible_to(request.user), slug=a_key(slug)) if slug else None
    rows = visible if deputy is None else visible.filter(deputy=deputy)
    if kind in KINDS:
        rows = rows.of(kind)
    found = with_last_visit(rows).select_related("deputy", "station", "enterprise", "village")
    page = Paginator(found, PAIRINGS_A_PAGE).get_page(request.GET.get("page"))
    for row in page:
        row.days = (today() - row.waits_since).days  # type: ignore[attr-defined]
        row.is_own = row.deputy.user_id == request.user.pk  # type: ignore[attr-defined]
    context = {
        "page": page,
        "totals": totals(visible) if deputy is None else [],
        "deputy": deputy,
        "kind": KINDS.get(kind, ""),
        "reads": reads_people(request.user),
        "logs": logs_work(request.user),
    }
    return render(request, "activities/pairings.html", context)


class EndForm(forms.Form):
    on = forms.DateField(label="结束日期", widget=DateInput(), initial=today, help_text="不能晚于今天。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_plain_words(self)


@login_required
def end_pairing(request: OfficeRequest, pk: int) -> HttpResponse:
    visible = Pairing.objects.standing().visible_to(request.user).select_related("deputy")
    pairing = get_object_or_404(visible, pk=pk)
    only(pairs(request.user, pairing.deputy))
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.unpair(pairing, by=request.user, on=form.cleaned_data["on"])
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"{pairing}：结对已结束，走访记录保留。")
            return redirect("pairings")
    return render(request, "activities/pairing_end.html", {"form": form, "pairing": pairing})
