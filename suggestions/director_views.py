"""局长进站 on one page: what was said, to whom it went, and what is not settled yet (mission U3)."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.errors import Refused
from accounts.forms import refuse
from accounts.models import User
from accounts.pages import OfficeRequest, only
from activities.models import Activity
from suggestions.forms.director import MatterRow
from suggestions.models import Suggestion
from suggestions.office_pages import Line, for_lines, lines
from suggestions.services.director import DIRECTOR_VISIT, hand_over, holder_of, take_up, takes_up, units_at
from suggestions.workflow import OPEN, Status

ROWS = 4


@dataclass(frozen=True)
class Taken:
    """A matter of the visit, and whether it waits for this user's one tap."""

    line: Line
    waits: bool

    @property
    def waits_above(self) -> bool:
        case = self.line.case
        return case.status == Status.ACCEPTED and case.proposed_unit_id is not None


def director_visit_of(request: OfficeRequest, pk: int) -> Activity:
    visible = Activity.objects.visible_to(request.user).select_related("type", "station__region")
    return get_object_or_404(visible, pk=pk, type__code=DIRECTOR_VISIT)


def taken_at(user: User, activity: Activity) -> list[Taken]:
    cases = Suggestion.objects.visible_to(user).filter(activity=activity).select_related("proposed_unit").order_by("pk")
    own = user.organization.region_id if user.is_congress_staff and user.organization else None
    found = [Taken(line, own == line.case.holder.region_id) for line in lines(for_lines(cases))]
    return sorted(found, key=lambda taken: taken.line.case.status not in OPEN)


@login_required
@never_cache
def matters(request: OfficeRequest, pk: int) -> HttpResponse:
    """Each row that is whole becomes a case; the others stay on the page with what was typed."""
    found = director_visit_of(request, pk)
    may = takes_up(request.user, found)
    only(may or request.method != "POST")
    rows = rows_of(request, found) if may else []
    if request.method == "POST":
        done = [row for row in rows if not row.is_blank and taken(row, found, request.user)]
        left = [row for row in rows if row not in done and not row.is_blank]
        if done:
            messages.success(request, f"已登记并交办{len(done)}件。")
        if not left and done:
            return redirect("director_visit", found.pk)
        if not left:
            messages.error(request, "请至少写一件事再登记。")
        rows = left or rows_of(request, found, blank=True)
    context = {
        "activity": found,
        "rows": rows,
        "departments": found.departments.all(),
        "taken": (listed := taken_at(request.user, found)),
        "hidden": found.suggestions.count() - len(listed),
        "left": sum(each.line.case.status in OPEN for each in listed),
    }
    return render(request, "suggestions/director/matters.html", context)


def rows_of(request: OfficeRequest, activity: Activity, *, blank: bool = False) -> list[MatterRow]:
    data = request.POST if request.method == "POST" and not blank else None
    units, present = units_at(activity), list(activity.departments.values_list("pk", flat=True))
    home = holder_of(activity).region_id
    return [MatterRow(data, prefix=f"m{n}", units=units, present=present, home=home) for n in range(ROWS)]


def taken(row: MatterRow, activity: Activity, by: User) -> bool:
    if not row.is_valid():
        return False
    try:
        take_up(activity, row.matter(), form_key=row.cleaned_data["key"], by=by)
    except Refused as refused:
        refuse(row, refused)
        return False
    return True


@login_required
@require_POST
def hand_over_matter(request: OfficeRequest, pk: int, number: str) -> HttpResponse:
    found = director_visit_of(request, pk)
    cases = Suggestion.objects.visible_to(request.user).select_related("proposed_unit", "activity", "holder__region")
    case = get_object_or_404(cases, activity=found, number=number)
    try:
        hand_over(case, by=request.user)
        messages.success(request, f"已交{case.proposed_unit}办理。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("director_visit", found.pk)
