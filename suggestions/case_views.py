"""公开的事项: what anybody reads of published cases. The case's own words are never loaded here (mission S13)."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import Level, Organization, Region
from accounts.pages import newest_first
from accounts.paths import in_keyed
from suggestions import services
from suggestions.forms.oversight import PublishedForm
from suggestions.models import Assignment, Publication, Suggestion
from suggestions.workflow import LIVING, Status

MOST_PLACES = 200
OWN_WORDS = ("title", "text", "request", "place", "name", "phone", "grams")
IN_WORDS = {
    Status.SUBMITTED: "等待受理",
    Status.ACCEPTED: "已受理，正在确定怎么办",
    Status.TRANSFERRED: "已交承办单位，等待签收",
    Status.HANDLING: "承办单位正在办理",
    Status.REPLIED: "已答复，等待评价",
    Status.REVIEWING: "反映人不满意，正在复核",
    Status.TRACKING: "有承诺，正在跟踪落实",
    Status.CLOSED: "已办结",
    Status.DECLINED: "没有受理",
    Status.MERGED: "与同类意见一并办理",
}


def published(request: HttpRequest) -> QuerySet[Publication]:
    """A case that was withdrawn, or sent back as a draft, is nobody's reading, whatever was published of it."""
    units = Assignment.objects.exclude(role=Assignment.Role.ASSIST).exclude(state__in=Assignment.GIVEN_BACK)
    standing = Publication.objects.visible_to(request.user).filter(suggestion__status__in=sorted(LIVING))
    return (
        standing.select_related("suggestion__region", "suggestion__category", "suggestion__station")
        .defer(*(f"suggestion__{name}" for name in OWN_WORDS))
        .prefetch_related(
            Prefetch("suggestion__assignments", units.select_related("unit").order_by("round", "pk"), to_attr="given")
        )
    )


def told(publication: Publication, classes: dict[str, str] | None = None) -> dict[str, Any]:
    """What stands beside the redacted text: state, units, result and rating, all in words of ours."""
    case: Suggestion = publication.suggestion
    given: list[Assignment] = case.given  # type: ignore[attr-defined]
    present = [row.unit for row in given if row.round == given[-1].round and row.state != Assignment.State.DISTRIBUTED]
    return {
        "published": publication,
        "case": case,
        "status": IN_WORDS[Status(case.status)],
        "units": list(dict.fromkeys(present)),
        "result": (classes or {}).get(case.result_class, "") if case.replied_on else "",
        "rating": case.rating_label if case.replied_on else "",
    }


@require_safe
def published_cases(request: HttpRequest) -> HttpResponse:
    region = Region.objects.filter(code=request.GET.get("region", "")[:12].replace("\0", "")).first()
    form = PublishedForm(request.GET, regions=_regions(region))
    form.is_valid()
    asked, rows = form.cleaned_data, published(request)
    if region is not None and asked.get("region"):
        rows = rows.filter(in_keyed(region.path, "suggestion__"))
    if asked.get("category"):
        rows = rows.filter(suggestion__category__code=asked["category"])
    page = newest_first(rows, request.GET, "published_at")
    context = {"form": form, "page": page, "told": [told(row) for row in page.rows], "asked": any(asked.values())}
    return render(request, "suggestions/cases/cases.html", context)


def _regions(chosen: Region | None) -> list[tuple[str, str]]:
    """The chosen region, and those one step below that have a congress organ; at first the cities, or the counties."""
    organs = Organization.objects.congress_organs().values("region")
    taking_part = Region.objects.filter(pk__in=organs).order_by("path")
    if chosen is None:
        found = list(taking_part.filter(level=Level.CITY)[:MOST_PLACES])
        found = found or list(taking_part.filter(level=Level.COUNTY)[:MOST_PLACES])
        return [(place.code, place.name) for place in found]
    below = taking_part.filter(parent=chosen)[:MOST_PLACES]
    return [(chosen.code, chosen.name), *((place.code, f"　{place.name}") for place in below)]


@require_safe
def published_case(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(published(request), suggestion__number=number)
    classes = services.profile_of(found.suggestion).result_classes
    crumbs = [("公开的事项", reverse("published_cases")), (found.title, "")]
    context = {**told(found, classes), "breadcrumbs": crumbs}
    return render(request, "suggestions/cases/case.html", context)
