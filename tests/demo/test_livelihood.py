"""漯河's 民生实事 as the bulletin tells it: 2,284 opinions, 565 clues, counted from rows."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Count, F
from django.test import Client

from accounts.paths import within
from suggestions.livelihood import Stage
from suggestions.models import CollectedOpinion, LivelihoodCall, LivelihoodClue

pytestmark = pytest.mark.django_db


def test_the_bulletins_two_figures_are_rows(demo: dict[str, Any]) -> None:
    year = date(demo["year"], 1, 1), date(demo["year"], 12, 31)
    luohe = within("4111", "call__region__path")
    counted = {
        "民生实事征集意见": CollectedOpinion.objects.collected_between(*year).filter(luohe).count(),
        "民生实事备选项目线索": LivelihoodClue.objects.kept_between(*year).filter(luohe).count(),
    }
    with (Path(__file__).parent / "bulletin_figures.csv").open(encoding="utf-8", newline="") as file:
        told = {row["figure_zh"]: int(row["figure"]) for row in csv.DictReader(file) if row["figure_zh"] in counted}
    assert counted == told and len(told) == 2


def test_every_clue_has_its_opinions_and_no_opinion_two(demo: dict[str, Any]) -> None:
    clues = LivelihoodClue.objects.annotate(opinions=Count("sources"))
    assert not clues.filter(opinions=0).exists()
    assert not CollectedOpinion.objects.loose().exists()
    elsewhere = CollectedOpinion.objects.exclude(call=F("clue__call"))
    assert not elsewhere.exists()
    for call in LivelihoodCall.objects.all():
        assert not call.collected.exclude(suggestion__submitted_on__range=(call.since, call.until)).exists()
        assert not call.collected.exclude(within(call.region.path, "suggestion__region_path")).exists()
        assert not call.collected.exclude(year=call.year).exists()
    assert clues.filter(stage=Stage.DROPPED).count() > 100


def test_the_public_page_shows_the_projects_of_the_city(demo: dict[str, Any]) -> None:
    page = Client().get(f"/projects/{demo['year'] + 1}/").content.decode()
    assert ">2284</strong>条" in page and ">565</strong>个" in page and page.count("<article") == 20
