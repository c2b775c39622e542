"""一人一档 as page, PDF and Word draft. A frozen file shows its stored content, whatever happened since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache

from accounts.calendar import SHANGHAI, in_words, today
from accounts.errors import Refused
from accounts.pages import PAGE_SIZE, OfficeRequest, a_key, only
from activities.models import Activity, Visit
from deputies.models import Deputy, DeputyGroup
from duties import papers
from duties.file import file_of, frozen, term_period, year_period, years_of
from duties.file_points import POINTS
from duties.file_rights import Reader, own_reader, readable, reader_of
from duties.forms.targets import NameForm
from duties.group_file import group_file as the_group_file
from stations.models import Station
from suggestions.models import Suggestion
from suggestions.paper_views import handed_out

MOST_DIGITS = 9


@dataclass(frozen=True)
class Shown:
    """What the address asks for: the content, its query, and since when it is frozen, if it is."""

    content: dict[str, Any]
    query: str
    frozen_on: date | None = None

    @property
    def as_of(self) -> str:
        if self.frozen_on is not None:
            return f"{in_words(self.frozen_on)}归档，此后不再改变。"
        return f"截至{in_words(today())}，由系统记录生成。"


def _number(typed: str) -> int:
    only(typed.isascii() and typed.isdecimal() and len(typed) <= MOST_DIGITS)
    return int(typed)


def _shown(request: OfficeRequest, reader: Reader) -> Shown:
    if "congress" in request.GET:
        terms = {term.pk: term for term in reader.terms()}
        asked = _number(request.GET["congress"])
        only(asked in terms)
        query = urlencode({"congress": asked})
        kept = frozen(reader.deputy, terms[asked])
        if kept is not None:
            return Shown(kept.content, query, localdate(kept.frozen_at, SHANGHAI))
        period = term_period(terms[asked])
    else:
        year = _number(request.GET.get("year", str(today().year)))
        only(year in years_of(reader.deputy))
        period, query = year_period(year), urlencode({"year": year})
    found = file_of(reader.deputy, period)
    return Shown((found if reader.sees_points else found.without(POINTS)).as_dict(), query)


def opened(request: OfficeRequest, content: dict[str, Any]) -> list[dict[str, Any]]:
    """The blocks with the address of each record that this reader may open."""
    lines = [line for block in content["blocks"] for line in block["lines"]]
    keys = {kind: [line["key"] for line in lines if line["record"] == kind] for kind in ("activity", "visit")}
    user, found = request.user, dict[tuple[str, str], str]()
    for kind, rows in (("activity", Activity.objects.visible_to(user)), ("visit", Visit.objects.visible_to(user))):
        if keys[kind]:
            for pk in rows.filter(pk__in=keys[kind]).order_by().values_list("pk", flat=True):
                found[kind, str(pk)] = reverse(kind, args=[pk])
    numbers = [line["key"] for line in lines if line["record"] == "suggestion"]
    if numbers:
        seen = Suggestion.objects.visible_to(user).filter(number__in=numbers).order_by()
        for number in seen.values_list("number", flat=True):
            found["suggestion", number] = reverse("suggestion", args=[number])
    return [
        {
            **block,
            "rows": [{**line, "url": found.get((line["record"], line["key"]), "")} for line in block["lines"]],
            "words": [fact for fact in block["facts"] if isinstance(fact["value"], str)],
            "figures": [fact for fact in block["facts"] if isinstance(fact["value"], int) and fact["value"]],
            "is_empty": not block["lines"] and not any(fact["value"] for fact in block["facts"]),
        }
        for block in content["blocks"]
    ]


def _page(request: OfficeRequest, reader: Reader) -> HttpResponse:
    shown = _shown(request, reader)
    here = reverse("duty_file", args=[reader.deputy.slug])
    periods = [(f"{year}年", f"year={year}") for year in years_of(reader.deputy)]
    periods += [(str(term), f"congress={term.pk}") for term in reader.terms()]
    context = {
        "content": shown.content,
        "blocks": opened(request, shown.content),
        "as_of": shown.as_of,
        "is_frozen": shown.frozen_on is not None,
        "periods": [(label, f"{here}?{query}", query == shown.query) for label, query in periods],
        "query": shown.query,
        "reader": reader,
        "deputy": reader.deputy,
        "breadcrumbs": [] if reader.is_own else [("履职档案", reverse("files")), (reader.deputy.name, "")],
    }
    return render(request, "duties/file/file.html", context)


@login_required
@never_cache
def own_file(request: OfficeRequest) -> HttpResponse:
    return _page(request, own_reader(request.user))


@login_required
@never_cache
def duty_file(request: OfficeRequest, slug: str) -> HttpResponse:
    return _page(request, reader_of(request.user, a_key(slug)))


@login_required
@never_cache
def file_paper(request: OfficeRequest, slug: str, form: str) -> HttpResponse:
    """`pdf`: the file. `docx`: a draft of the 述职报告, to be finished in Word; not for who only leads the group."""
    reader = reader_of(request.user, a_key(slug))
    only(form in papers.TYPES and (form == "pdf" or reader.sees_points))
    shown = _shown(request, reader)
    try:
        if form == "pdf":
            made, name = papers.file_pdf(shown.content, shown.as_of), "履职档案"
        else:
            made, name = papers.report_draft(shown.content, _seats(shown.content)), "述职报告草稿"
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect(f"{reverse('duty_file', args=[slug])}?{shown.query}")
    return handed_out(made, f"{name}-{reader.deputy.name}-{shown.content['period']}.{form}", papers.TYPES[form])


def _seats(content: dict[str, Any]) -> str:
    """The first of the seats, as the report's author signs."""
    lines = [line["text"] for block in content["blocks"] if block["key"] == "basics" for line in block["lines"]]
    return next((text for text in lines if "人民代表大会代表" in text), "人大代表")


@login_required
@never_cache
def files(request: OfficeRequest) -> HttpResponse:
    """Whose files the user reads, by 姓名笔划."""
    user = request.user
    leads = Deputy.objects.filter(user=user, group_memberships__is_leader=True, group_memberships__ended_on=None)
    only(user.is_congress_staff or Station.objects.served_by(user).exists() or leads.exists())
    form = NameForm(request.GET)
    rows = readable(user).in_order()
    if form.is_valid() and form.cleaned_data["name"]:
        rows = rows.filter(name__contains=form.cleaned_data["name"].strip())
    page = Paginator(rows.with_seats(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "groups": DeputyGroup.objects.visible_to(user).active()[:PAGE_SIZE]}
    return render(request, "duties/file/files.html", context)


# Groups


def _group_shown(request: OfficeRequest, pk: int) -> tuple[DeputyGroup, int, Shown]:
    """The members' mean is for those who keep the group."""
    visible = DeputyGroup.objects.visible_to(request.user).select_related("region")
    group = get_object_or_404(visible, pk=pk)
    year = _number(request.GET.get("year", str(today().year)))
    only(year in _years_of(group))
    found = the_group_file(group, year)
    keeps = request.user.is_congress_staff and group.region.path.startswith(request.user.scope or "")
    return group, year, Shown((found if keeps else found.without(POINTS)).as_dict(), urlencode({"year": year}))


def _years_of(group: DeputyGroup) -> list[int]:
    last = min(group.ended_on.year if group.ended_on else today().year, today().year)
    return list(range(last, min(group.since.year, last) - 1, -1))


@login_required
@never_cache
def group_file(request: OfficeRequest, pk: int) -> HttpResponse:
    group, year, shown = _group_shown(request, pk)
    here = reverse("group_file", args=[group.pk])
    context = {
        "content": shown.content,
        "blocks": opened(request, shown.content),
        "as_of": shown.as_of,
        "periods": [(f"{other}年", f"{here}?year={other}", other == year) for other in _years_of(group)],
        "query": shown.query,
        "group": group,
    }
    return render(request, "duties/file/file.html", context)


@login_required
@never_cache
def group_paper(request: OfficeRequest, pk: int) -> HttpResponse:
    group, year, shown = _group_shown(request, pk)
    try:
        made = papers.file_pdf(shown.content, shown.as_of)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect(f"{reverse('group_file', args=[group.pk])}?{shown.query}")
    return handed_out(made, f"履职档案-{group.name}-{year}年.pdf", papers.TYPES["pdf"])
