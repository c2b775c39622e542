"""代表小组: the list by kind and level, and what is done next with one. The page of a group shows what it did: activities."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode

from accounts.models import Level
from accounts.pages import OfficeRequest, only
from deputies.forms import GROUP_ACTS, group_offers
from deputies.models import DeputyGroup, GroupMembership
from deputies.permissions import knows_people

GROUPS_A_PAGE = 50
GRASSROOTS = "grassroots"
LEVELS: dict[str, tuple[str, tuple[str, ...]]] = {
    **{value: (label, (value,)) for value, label in Level.choices},
    GRASSROOTS: ("县乡合计", (Level.COUNTY, Level.TOWNSHIP)),
}
KINDS = dict(DeputyGroup.Kind.choices)
CATEGORIES = dict(DeputyGroup.Category.choices)


@login_required
def groups(request: OfficeRequest) -> HttpResponse:
    """Each count opens its rows. Only groups that stand; a dissolved one stays on the pages of its members."""
    only(knows_people(request.user))
    visible = DeputyGroup.objects.active().visible_to(request.user).values("pk")
    standing = DeputyGroup.objects.filter(pk__in=visible)
    level, kind, category = (
        value if (value := request.GET.get(name, "")) in known else ""
        for name, known in (("level", LEVELS), ("kind", KINDS), ("category", CATEGORIES))
    )
    found = standing.filter(level__in=LEVELS[level][1]) if level else standing
    found = found.filter(**{name: value for name, value in (("kind", kind), ("category", category)) if value})
    names = (LEVELS[level][0] if level else "", KINDS.get(kind, ""), CATEGORIES.get(category, ""))
    context = {
        "table": table(standing),
        "categories": of_categories(standing),
        "page": Paginator(rows(found), GROUPS_A_PAGE).get_page(request.GET.get("page")),
        "total": standing.count(),
        "asked": "、".join(name for name in names if name),
    }
    return render(request, "deputies/groups/list.html", context)


@dataclass(frozen=True)
class Cell:
    count: int
    url: str


def table(standing: QuerySet[DeputyGroup]) -> list[tuple[str, list[Cell]]]:
    """块、条、链 by level, with what they come to; the two lowest levels together as well, where there are both."""
    counts = Counter(standing.order_by().values_list("level", "kind"))
    found = []
    for key, (label, levels) in LEVELS.items():
        cells = [
            Cell(sum(counts[level, kind] for level in levels), urlencode({"level": key, "kind": kind}))
            for kind in KINDS
        ]
        total = sum(cell.count for cell in cells)
        both = all(any(counts[level, kind] for kind in KINDS) for level in levels)
        if total and both:
            found.append((label, [*cells, Cell(total, urlencode({"level": key}))]))
    return found


def of_categories(standing: QuerySet[DeputyGroup]) -> list[tuple[str, str, int]]:
    """(address of its rows, name, number) of the professional groups."""
    counts = Counter(standing.order_by().values_list("category", flat=True))
    return [(urlencode({"category": key}), label, counts[key]) for key, label in CATEGORIES.items() if counts[key]]


def rows(standing: QuerySet[DeputyGroup]) -> QuerySet[DeputyGroup]:
    leaders = GroupMembership.objects.filter(is_leader=True, ended_on__isnull=True).select_related("deputy")
    present = Q(memberships__ended_on__isnull=True)
    return (
        standing.select_related("region", "chain")
        .prefetch_related(Prefetch("memberships", leaders, to_attr="leaders"))
        .annotate(members=Count("memberships__deputy", filter=present, distinct=True))
        .order_by("region__path", "kind", "name")
    )


@login_required
def group_act(request: OfficeRequest, pk: int, act: str) -> HttpResponse:
    group = get_object_or_404(DeputyGroup.objects.visible_to(request.user), pk=pk)
    only(act in dict(group_offers(group, request.user)))
    form = GROUP_ACTS[act](request.POST or None, group=group, by=request.user)
    if request.method == "POST" and form.is_valid() and form.say():
        messages.success(request, form.done)
        return redirect("group", group.pk)
    return render(request, "deputies/groups/act.html", {"form": form, "group": group})
