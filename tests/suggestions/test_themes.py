"""A theme gathers over stations, years and the themes under it; each number has its rows (mission U8)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activities.models import Activity, ActivityType, Adoption, Mediation, ResearchReport, Theme, Visit
from suggestions.models import OpinionAdoption, ReportSource, Suggestion
from suggestions.themes import FIGURES, below, counted, rows_seen
from tests.cast import World, a_suggestion


@pytest.fixture
def theme(world: World) -> Theme:
    top = Theme.objects.create(region=world.county, name="大调研大走访大联系", starts_on=date(2025, 1, 1))
    under = Theme.objects.create(region=world.township, name="助企纾困", parent=top, starts_on=date(2025, 1, 1))
    there: dict[str, Any] = {"station": world.station, "region": world.township}
    here: dict[str, Any] = {"station": world.county_station, "region": world.county}
    survey = ActivityType.objects.get(code="survey")
    for kept, each, day in ((there, under, date(2025, 6, 1)), (here, top, date(2026, 6, 1))):
        Activity.objects.create(type=survey, title="调研", held_on=day, theme=each, outsiders=5, **kept)
        Visit.objects.create(
            deputy=world.deputy, visited_on=day, people=7, theme=each, confirmed_at=timezone.now(), **kept
        )
        ResearchReport.objects.create(title="报告", finished_on=day, theme=each, **kept)
        Mediation.objects.create(mediated_on=day, kind="land", times=4, theme=each, **kept)
    Activity.objects.create(type=survey, title="计划", held_on=date(2026, 6, 1), theme=top, status="planned", **here)
    Visit.objects.create(deputy=world.deputy, visited_on=date(2026, 6, 1), people=99, theme=top, **here)
    Suggestion.objects.filter(pk=a_suggestion(world).pk).update(theme=under)
    return top


def test_each_number_is_its_rows(theme: Theme, world: World, as_: Any) -> None:
    family = below(theme)
    total, *years = counted(family, world.county_staff)
    assert [year.year for year in years] == sorted({year.year for year in years}, reverse=True)
    assert total.cells == {
        "activities": (2, 10), "visits": (2, 14), "opinions": (1, 1), "research": (2, 2), "mediations": (2, 8)
    }  # fmt: skip
    client = as_("county_staff")
    page = client.get(f"/office/themes/{theme.pk}/").content.decode()
    assert "郸城县全域" in page and "口径" in page and "助企纾困" in page
    for year in (total, *years):
        for figure, number, _ in year.listed():
            asked = {"year": year.year} if year.year else {}
            rows, hidden = rows_seen(figure, family, world.county_staff, year.year)
            assert rows.count() + hidden == number
            answer = client.get(f"/office/themes/{theme.pk}/{figure.code}/", asked)
            assert answer.status_code == 200 and len(answer.context["page"].rows) == number


def test_everybody_else_counts_what_they_see(theme: Theme, world: World) -> None:
    family = below(theme)
    assert counted(family, world.users["station_officer"])[0].cells["visits"] == (1, 7)
    assert counted(family, world.users["township_staff"])[0].cells["mediations"] == (1, 4)
    assert counted(family, world.other_staff)[0].cells == {}


def test_what_is_kept_from_a_reader_is_told_as_a_number(theme: Theme, world: World, as_: Any) -> None:
    Suggestion.objects.filter(theme__isnull=False).update(about_unit=world.county_organ)
    page = as_("county_staff").get(f"/office/themes/{theme.pk}/opinions/").content.decode()
    assert "另有1件不公开" in page and "变压器" not in page


def test_the_neighbour_finds_no_theme(theme: Theme, world: World, as_: Any) -> None:
    for who in (world.other_staff, world.other_officer):
        client = as_(who)
        assert "大调研" not in client.get("/office/themes/").content.decode()
        for path in ("", "visits/"):
            assert client.get(f"/office/themes/{theme.pk}/{path}").status_code == 404
    assert as_("unit_clerk").get("/office/themes/").status_code == 404
    assert "大调研" in as_("station_officer").get("/office/themes/").content.decode()
    for path in ("views/", "visits/?year=2O26", "visits/?year=99999", "visits/?year=0001"):
        assert as_("county_staff").get(f"/office/themes/{theme.pk}/{path}").status_code == 404


def test_twice_the_rows_cost_no_more_statements(theme: Theme, world: World, as_: Any) -> None:
    visit = Activity.objects.create(
        type=ActivityType.objects.get(code="director_visit"),
        title="局长进站",
        held_on=date(2026, 6, 1),
        station=world.county_station,
        region=world.county,
    )
    report = ResearchReport.objects.first()
    assert report is not None
    pages = ["research/", f"research/{report.pk}/", "mediations/", "themes/", f"themes/{theme.pk}/", "adoptions/"]
    pages += [f"themes/{theme.pk}/{what}/" for what in FIGURES] + [f"activities/{visit.pk}/matters/", ""]
    counts: list[dict[str, int]] = []
    client = as_("county_staff")
    for n in range(2):
        for m in range(2):
            more = Theme.objects.create(region=world.county, name=f"{n}{m}", parent=theme, starts_on=date(2025, 1, 1))
            case = a_suggestion(world, "transferred", text=f"第{n}{m}件事情。")
            Suggestion.objects.filter(pk=case.pk).update(theme=more, activity=visit)
            own: dict[str, Any] = {"station": world.county_station, "region": world.county, "theme": more}
            Mediation.objects.create(mediated_on=date(2026, 6, 1), kind="land", deputy=world.deputy, **own)
            ResearchReport.objects.create(title="报告", finished_on=date(2026, 6, 1), **own)
            ReportSource.objects.create(report=report, suggestion=case)
            paper: dict[str, Any] = {"use": "decision", "adopted_on": date(2026, 6, 1), "document": f"{n}{m}号"}
            Adoption.objects.create(report=report, **paper)
            OpinionAdoption.objects.create(suggestion=case, **paper)
        counts.append({})
        for page in pages:
            with CaptureQueriesContext(connection) as asked:
                assert client.get(f"/office/{page}").status_code == 200
            counts[n][page] = len(asked)
    # One more each level down of a theme, whatever their number.
    assert counts[1] == counts[0]


def test_a_ring_of_themes_ends(theme: Theme, world: World) -> None:
    Theme.objects.filter(pk=theme.pk).update(parent=Theme.objects.get(parent=theme))
    assert len(below(theme)) == 2 and set(FIGURES) == set(counted(below(theme), world.county_staff)[0].cells)
