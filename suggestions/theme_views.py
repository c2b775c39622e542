"""主题活动: what one theme and those under it have gathered, year by year, each number with its rows (mission U8)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.pages import FIRST_YEAR, LAST_YEAR, OfficeRequest, newest_first, only
from activities.models import Theme
from activities.permissions import reads_work
from suggestions.office_pages import for_lines, lines
from suggestions.themes import FIGURES, below, counted, rows_seen, scope_in_words


@login_required
def themes(request: OfficeRequest) -> HttpResponse:
    only(reads_work(request.user))
    visible = list(Theme.objects.visible_to(request.user).select_related("region"))
    context = {"themes": in_families(visible), "staff": request.user.is_congress_staff}
    return render(request, "suggestions/themes/themes.html", context)


def in_families(themes: Iterable[Theme]) -> list[tuple[Theme, list[Theme]]]:
    """Each theme that stands alone or on top of what the user sees, with those right below it."""
    themes = list(themes)
    seen = {theme.pk for theme in themes}
    tops = [theme for theme in themes if theme.parent_id not in seen]
    return [(top, [theme for theme in themes if theme.parent_id == top.pk]) for top in tops]


def the_theme(request: OfficeRequest, pk: int) -> Theme:
    only(reads_work(request.user))
    return get_object_or_404(Theme.objects.visible_to(request.user).select_related("region", "parent"), pk=pk)


@login_required
def theme(request: OfficeRequest, pk: int) -> HttpResponse:
    found = the_theme(request, pk)
    family = below(found)
    context = {
        "theme": found,
        "children": Theme.objects.visible_to(request.user).filter(parent=found),
        "figures": FIGURES.values(),
        "counts": counted(family, request.user),
        "scope": scope_in_words(request.user),
        "staff": request.user.is_congress_staff,
    }
    return render(request, "suggestions/themes/theme.html", context)


@login_required
def theme_rows(request: OfficeRequest, pk: int, what: str) -> HttpResponse:
    """The rows behind one number: those that the user may see; of the others, how many there are."""
    only(what in FIGURES)
    found, figure = the_theme(request, pk), FIGURES[what]
    typed = request.GET.get("year", "")
    year = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) == 4 else None
    only(not typed or (year is not None and FIRST_YEAR <= year <= LAST_YEAR))
    rows, hidden = rows_seen(figure, below(found), request.user, year)
    rows = for_lines(rows) if what == "opinions" else rows.select_related(*figure.joined)
    page = newest_first(rows, request.GET, figure.day)
    context: dict[str, Any] = {"theme": found, "figure": figure, "year": year, "page": page, "hidden": hidden}
    context["lines"] = lines(page.rows) if what == "opinions" else []
    return render(request, "suggestions/themes/rows.html", context)
