"""民生实事 in the office, from the call to the result, and the public page of a year."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.errors import Refused
from accounts.forms import refuse
from accounts.models import User
from accounts.pages import FIRST_YEAR, LAST_YEAR, OfficeRequest, newest_first, only
from accounts.paths import in_keyed
from stations.models import Station
from suggestions.forms.livelihood import STEPS, CallForm, CluesForm, CombForm, OpinionsForm, TickedForm
from suggestions.livelihood import PUBLIC, Stage, Step
from suggestions.models import CollectedOpinion, LivelihoodCall, LivelihoodClue, Suggestion
from suggestions.services import livelihood as services

Numbers = list[tuple[str, int, str]]

# With more calls than this in a list, one is chosen first.
MANY = 12
# The step that a clue's page offers first, and how many sources it lists.
NEXT = {
    Stage.COMBED: Step.SCREEN,
    Stage.KEPT: Step.NOMINATE,
    Stage.CANDIDATE: Step.VOTE,
    Stage.CHOSEN: Step.PROGRESS,
    Stage.BUILT: Step.EVALUATE,
}
SOURCES = 100
INNER = {Stage.COMBED.label, Stage.DROPPED.label}


# What anybody reads


def projects(request: HttpRequest, year: int) -> HttpResponse:
    """Projects of a year, of the region that is asked for; with one region there is nothing to ask."""
    only(FIRST_YEAR <= year <= LAST_YEAR)
    calls = list(LivelihoodCall.objects.filter(year=year).select_related("region").order_by("region__path"))
    code = request.GET.get("region", "")
    call = next((c for c in calls if c.region.code == code), calls[0] if len(calls) == 1 and not code else None)
    context: dict[str, Any] = {"year": year, "call": call, "unknown": bool(code) and call is None}
    context["choices"] = nearest_below(calls, call)
    if call is not None:
        clues = call.clues.public().select_related("unit").annotate(opinions=Count("sources")).order_by("pk")
        context["groups"] = [(stage.label, found) for stage in PUBLIC if (found := _at(stage, clues))]
        # What is being looked at, and what fell, is nobody's promise yet.
        told = numbers(call.collected.all(), call.clues.all())
        context["numbers"] = [line for line in told if line[0] not in INNER and line[1]] or told[:1]
        others = LivelihoodCall.objects.filter(region=call.region).exclude(pk=call.pk).order_by("-year")
        context["years"] = list(others.values_list("year", flat=True))
    return render(request, "suggestions/livelihood/projects.html", context)


def _at(stage: Stage, clues: Iterable[LivelihoodClue]) -> list[LivelihoodClue]:
    return [clue for clue in clues if clue.stage == stage]


def nearest_below(calls: Iterable[LivelihoodCall], chosen: LivelihoodCall | None) -> list[LivelihoodCall]:
    """Step by step down the map, so that a province's page does not list its townships. `calls` by path."""
    found: list[LivelihoodCall] = []
    for call in calls:
        path = call.region.path
        if chosen is not None and (call.pk == chosen.pk or not path.startswith(chosen.region.path)):
            continue
        if not found or not path.startswith(found[-1].region.path):
            found.append(call)
    return found


def numbers(
    collected: QuerySet[CollectedOpinion], clues: QuerySet[LivelihoodClue], office: str = "", opinions: str = ""
) -> Numbers:
    """How many there are of each step: label, count, and in the office the address of the rows. Counted, never kept."""
    told: Numbers = [("征集意见", collected.count(), opinions)]
    reached = clues.numbers()  # type: ignore[attr-defined]
    for name, label in CluesForm.STAGES:
        told.append((label, reached[name], f"{office}&stage={name}" if office else ""))
    return told


# The office's lists


@login_required
@never_cache
def office_projects(request: OfficeRequest) -> HttpResponse:
    user = request.user
    only(user.is_congress_staff or Station.objects.served_by(user).exists())
    calls = list(LivelihoodCall.objects.visible_to(user).select_related("region"))
    form = clues_form(request, calls)
    asked = form.cleaned_data
    those = [call for call in calls if _fits(call, asked)]
    clues = LivelihoodClue.objects.visible_to(user).filter(call__in=those)
    collected = CollectedOpinion.objects.visible_to(user).filter(call__in=those)
    where = urlencode({name: asked[name] for name in ("year", "region") if asked.get(name)})
    here, opinions = f"{reverse('office_projects')}?{where}", f"{reverse('collected_opinions')}?{where}"
    rows = clues.reached(asked["stage"]) if asked["stage"] else clues
    rows = rows.select_related("call__region", "unit").annotate(opinions=Count("sources"))
    context = {
        "form": form,
        "calls": [(call, services.keeps(user, call.region)) for call in those] if len(those) < MANY else [],
        "numbers": numbers(collected, clues, here, opinions),
        "loose": collected.loose().count(),
        "page": newest_first(rows, request.GET, "combed_on"),
        "may_call": user.is_congress_staff,
        "several": len(those) > 1,
        "stage": dict(CluesForm.STAGES).get(asked["stage"], ""),
    }
    return render(request, "suggestions/livelihood/office_projects.html", context)


def clues_form(request: OfficeRequest, calls: list[LivelihoodCall]) -> CluesForm:
    """The latest year, unless another is asked for; what is typed wrong asks nothing."""
    latest = str(max((call.year for call in calls), default=""))
    year = request.GET.get("year", "")
    known = {str(call.year) for call in calls}
    form = CluesForm({**request.GET.dict(), "year": year if year in known else latest}, calls=calls)
    form.is_valid()
    for name in ("year", "region", "stage"):
        form.cleaned_data.setdefault(name, "")
    return form


def _fits(call: LivelihoodCall, asked: dict[str, Any]) -> bool:
    return str(call.year) == asked["year"] and asked["region"] in ("", call.region.code)


@login_required
@never_cache
def collected_opinions(request: OfficeRequest) -> HttpResponse:
    """征集意见 with the clue that each became part of: the lineage seen from the opinion."""
    user = request.user
    only(user.is_congress_staff or Station.objects.served_by(user).exists())
    calls = list(LivelihoodCall.objects.visible_to(user).select_related("region"))
    form = clues_form(request, calls)
    those = [call.pk for call in calls if _fits(call, form.cleaned_data)]
    rows = CollectedOpinion.objects.visible_to(user).filter(call__in=those)
    loose = request.GET.get("state") == "loose"
    rows = (rows.loose() if loose else rows).select_related("suggestion__station", "clue")
    context = {
        "page": newest_first(rows, request.GET, "collected_on"),
        "year": form.cleaned_data["year"],
        "loose": loose,
        "clues": set(LivelihoodClue.objects.visible_to(user).filter(call__in=those).values_list("pk", flat=True)),
    }
    return render(request, "suggestions/livelihood/collected_opinions.html", context)


# The call, and combing


@login_required
@never_cache
def open_call(request: OfficeRequest) -> HttpResponse:
    only(request.user.is_congress_staff)
    form = CallForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            call = services.open_call(by=request.user, **form.cleaned_data)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已开始征集：{call}。请收集、梳理群众意见。")
            return redirect("comb", call.pk)
    return render(request, "suggestions/livelihood/open_call.html", {"form": form})


def the_call(user: User, pk: int) -> LivelihoodCall:
    call = get_object_or_404(LivelihoodCall.objects.visible_to(user).select_related("region"), pk=pk)
    only(services.keeps(user, call.region))
    return call


@login_required
@never_cache
def comb(request: OfficeRequest, pk: int) -> HttpResponse:
    """Tick opinions of the region: gather them, make a clue of them, or (`clue=`) add them to one that is there."""
    user, call = request.user, the_call(request.user, pk)
    clue = _clue_to_add_to(request, call)
    act = request.POST.get("act", "")
    form_class = CombForm if clue is None and act != "collect" else TickedForm
    form = form_class(request.POST or None, call=call, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            return _combed(request, form, call, clue)
        except Refused as refused:
            refuse(form, refused)
    search = OpinionsForm(request.GET, call=call)
    search.is_valid()
    page = newest_first(_to_look_through(user, call, search.cleaned_data), request.GET, "submitted_at")
    context = {"call": call, "clue": clue, "form": form, "search": search, "page": page}
    if not isinstance(form, CombForm):
        context["blank"] = None if clue else CombForm(call=call, user=user)
    return render(request, "suggestions/livelihood/comb.html", context)


def _clue_to_add_to(request: OfficeRequest, call: LivelihoodCall) -> LivelihoodClue | None:
    asked = request.GET.get("clue", "")
    if not asked:
        return None
    only(asked.isdecimal() and len(asked) < 18)
    return get_object_or_404(LivelihoodClue.objects.visible_to(request.user), pk=int(asked), call=call)


@transaction.atomic
def _combed(
    request: OfficeRequest, form: TickedForm, call: LivelihoodCall, clue: LivelihoodClue | None
) -> HttpResponse:
    user, said = request.user, form.cleaned_data
    if clue is not None:
        services.add(clue, opinions=said["opinions"], by=user)
        messages.success(request, "已并入这条线索。")
    elif isinstance(form, CombForm):
        clue = services.comb(call, by=user, **said)
        messages.success(request, "已梳理成一条线索，下一步会同部门综合把关。")
    else:
        rows = services.collect(call, opinions=said["opinions"], by=user)
        messages.success(request, f"已收作征集意见{len(rows)}条，可以接着梳理。")
        return redirect(request.get_full_path())
    return redirect("clue", clue.pk)


def _to_look_through(user: User, call: LivelihoodCall, asked: dict[str, Any]) -> QuerySet[Suggestion]:
    year = CollectedOpinion.objects.filter(year=call.year)
    rows = call.open_to(user)
    if asked.get("state") == "loose":
        rows = rows.filter(pk__in=year.loose().filter(call=call).values("suggestion"))
    elif not asked.get("state"):
        rows = rows.exclude(pk__in=year.values("suggestion"))
    if asked.get("region"):
        rows = rows.filter(in_keyed(asked["region"]))
    if asked.get("q"):
        rows = rows.matching(asked["q"])
    gathered = Prefetch("collected", year.select_related("clue", "call__region"), to_attr="gathered")
    return rows.select_related("station").defer("grams").prefetch_related(gathered)


# The clue


@login_required
@never_cache
def clue(request: OfficeRequest, pk: int) -> HttpResponse:
    found = the_clue(request.user, pk)
    seen = Suggestion.objects.visible_to(request.user).order_by().values("pk")
    sources = list(found.sources.filter(suggestion__in=seen).select_related("suggestion__station")[:SOURCES])
    opinions = found.sources.count()
    steps = services.steps_for(request.user, found)
    first = NEXT.get(Stage(found.stage)) if steps else None
    context = {
        "clue": found,
        "sources": sources,
        "opinions": opinions,
        "hidden": opinions - len(sources),
        "first": first and (first, STEPS[first].says),
        "others": [step for step in steps if step != first],
        "may_add": Step.REWORD in steps,
        "departments": found.screened_with.all(),
    }
    return render(request, "suggestions/livelihood/clue.html", context)


def the_clue(user: User, pk: int) -> LivelihoodClue:
    clues = LivelihoodClue.objects.visible_to(user).select_related("call__region", "unit")
    return get_object_or_404(clues, pk=pk)


@login_required
@never_cache
def clue_step(request: OfficeRequest, pk: int, step: str) -> HttpResponse:
    found = the_clue(request.user, pk)
    if step not in STEPS:
        raise Http404
    only(services.keeps(request.user, found.call.region))
    said, page = Step(step), STEPS[Step(step)]
    context: dict[str, Any] = {"clue": found, "step": said, "says": page.says}
    try:
        services.require(said, found, request.user)
    except Refused as refused:
        context["sentence"] = refused.sentence
        return render(request, "suggestions/livelihood/refused.html", context, status=409)
    form = page.form(request.POST or None, clue=found, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            page.call(found, by=request.user, **form.values())
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已办：{said.label}。")
            return redirect("clue", found.pk)
    return render(request, "suggestions/livelihood/clue_step.html", context | {"form": form})
