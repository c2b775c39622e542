"""The bulletin's own figures, counted from the demo's rows by the report that everybody reads."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Region
from duties.models import PointItem, PointScheme, Target
from reports.figures import collect
from stations.models import Station

pytestmark = pytest.mark.django_db

Figures = Callable[[Region | Station, date, date], dict[str, int]]

# What the portal counts by now; a later row waits for its own step.
STEPS = ("1", "2", "3")
CITIES = {"新乡": "410700000000", "漯河": "411100000000", "郸城": "411625000000"}
# A figure of the bulletin -> the key of the report and, where it is told of one station, the station.
KEYS = {
    ("新乡", "产业代表联络站"): ("industry_stations", None),
    ("新乡", "进站五级代表"): ("industry_deputies", None),
    ("新乡", "进站及调研等活动"): ("station_activities", None),
    ("新乡", "帮助企业解决问题"): ("solved", None),
    ("新乡", "长垣起重和防腐站意见建议"): ("opinions", "长垣起重和防腐产业代表联络站"),
    ("新乡", "代表建议"): ("proposals", None),
    ("新乡", "获嘉装备制造站代表小组"): ("entered_groups", "获嘉装备制造产业代表联络站"),
    ("漯河", "区域代表小组"): ("regional_groups", None),
    ("漯河", "专业代表小组类别"): ("professional_categories", None),
    ("漯河", "专业代表小组"): ("professional_groups", None),
    ("漯河", "特色(产业链)代表小组"): ("industry_groups", None),
    ("漯河", "特色小组视察调研"): ("industry_group_surveys", None),
    ("漯河", "五级人大代表"): ("deputies", None),
    ("漯河", "集体视察调研"): ("surveys", None),
    ("漯河", "意见建议"): ("opinions", None),
    ("漯河", "被立法和监督吸收的意见"): ("absorbed_opinions", None),
    ("漯河", "进入决策程序的调研成果"): ("decisive_reports", None),
    ("漯河", "走访联系选民"): ("visited_people", None),
    ("漯河", "化解矛盾纠纷"): ("mediations", None),
    ("漯河", "调研报告"): ("research", None),
    ("漯河", "对口帮扶代表"): ("assisting_deputies", None),
    ("漯河", "对口帮扶村"): ("assisted_villages", None),
    ("漯河", "民生实事征集意见"): ("livelihood_opinions", None),
    ("漯河", "民生实事备选项目线索"): ("livelihood_clues", None),
    ("郸城", "产业代表联络站"): ("industry_stations", None),
    ("郸城", "每站代表"): ("members", "*"),
    ("郸城", "宁平镇特色养殖站代表"): ("members", "宁平镇特色养殖产业代表联络站"),
    ("郸城", "试点期培训"): ("trainings", None),
    ("郸城", "试点期培训人次"): ("trainees", None),
    ("郸城", "试点期座谈和现场办公"): ("talks", None),
    ("郸城", "试点期破解问题"): ("solved", None),
    ("郸城", "各类活动"): ("activities", None),
    ("郸城", "意见建议"): ("opinions", None),
    ("郸城", "助力解决问题"): ("solved", None),
}


def _rows() -> list[dict[str, str]]:
    with (Path(__file__).parent / "bulletin_figures.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["step"] in STEPS and row["source"] == "rows"]


@pytest.fixture(scope="module")
def figures() -> Figures:
    """One report answers all rows of its place and period."""
    return lru_cache(maxsize=None)(lambda subject, start, end: collect(subject, start, end).as_dict()["figures"])


@pytest.mark.parametrize("row", _rows(), ids=lambda row: f"{row['place']}{row['figure_zh']}")
def test_the_report_shows_the_bulletins_figure(row: dict[str, str], demo: dict[str, Any], figures: Figures) -> None:
    year = demo["year"]
    key, station = KEYS[row["place"], row["figure_zh"]]
    end = date(year, 4, 30) if row["period"] == "试点期间" else date(year, 12, 31)
    region = Region.objects.get(code=CITIES[row["place"]])
    stations = Station.objects.filter(region__path__startswith=region.path, kind=Station.Kind.INDUSTRY)
    subjects: list[Region | Station] = (
        [region] if station is None else list(stations if station == "*" else stations.filter(name=station))
    )
    least, _, most = row["figure"].partition("-")
    assert subjects
    for subject in subjects:
        value = figures(subject, date(year, 1, 1), end)[key]
        assert int(least) <= value <= int(most or least), f"{subject} {key}"


def test_every_figure_of_these_steps_is_asked_for() -> None:
    assert {(row["place"], row["figure_zh"]) for row in _rows()} == KEYS.keys()


def test_the_yearly_least_of_a_group_is_a_target_and_the_points_are_five_by_twenty_three(demo: dict[str, Any]) -> None:
    """The bulletin's rows that are not counted: 每组每年 4 次活动、1 篇报告、2 件建议; 五大项 23 小项."""
    city = Region.objects.get(code=CITIES["漯河"])
    owed = Target.objects.filter(region=city, year=demo["year"], of="group", span="year")
    assert dict(owed.values_list("rule", "least")) == {"activities": 4, "research": 1, "group_proposals": 2}
    scheme = PointScheme.objects.for_path(city.path, demo["year"])
    assert scheme is not None
    assert (scheme.majors.count(), PointItem.objects.filter(major__scheme=scheme).count()) == (5, 23)
