"""The sheet: what counts and why, each point opens its record; of others by strokes, never by points."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from activities.models import ResearchReport
from deputies.models import Deputy, Mandate
from tests.cast import World, a_proposal
from tests.duties.doing import held, reported, visited
from tests.duties.scoring import YEAR, adopted, confirmed, settled

DAY = date(YEAR, 1, 1)


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_every_point_opens_its_record(world: World, as_: Any) -> None:
    adopted(world)
    activity = held(world, "reception", DAY, world.deputy)
    visit = visited(world, world.deputy, DAY)
    report = ResearchReport.objects.create(region=world.township, station=world.station, title="调研", finished_on=DAY)
    report.authors.add(world.deputy)
    reported(world, world.deputy, DAY)
    declaration = confirmed(world)
    case = a_proposal(world, "closed")
    settled(world)
    deputy = as_("deputy")
    page = text(deputy.get(reverse("point_sheet")))
    links = set(re.findall(r'data-label="事由"><a href="([^"]+)"', page))
    for url in (
        reverse("activity", args=[activity.pk]),
        reverse("visit", args=[visit.pk]),
        reverse("research_report", args=[report.pk]),
        reverse("declaration", args=[declaration.pk]),
        reverse("suggestion", args=[case.number]),
    ):
        assert url in links
    assert page.count('data-label="事由">') == page.count('data-label="事由"><a') != 0
    for url in links:
        assert deputy.get(url).status_code == 200
    assert "申报取得" in page and "一次活动只计一次" in page


def test_the_caps_are_explained(world: World, as_: Any) -> None:
    adopted(world)
    for _ in range(5):
        held(world, "reception", DAY, world.deputy)
    settled(world)
    page = text(as_("deputy").get(reverse("point_sheet")))
    assert "记录共10分，超过小项上限或者次数的2分不计入" in page
    assert "计8分，上限8分" in page


def test_another_s_sheet_is_for_who_keeps_it(world: World, as_: Any) -> None:
    adopted(world)
    held(world, "reception", DAY, world.deputy)
    settled(world)
    other = Deputy.objects.create(region=world.county, name="乙代表", user=world.unit_clerk)
    Mandate.objects.create(deputy=other, congress=world.congress, since=date(2022, 3, 1))
    address = reverse("deputy_points", args=[world.deputy.slug])
    for role in ("county_staff", "city_staff", "station_officer", "township_staff"):
        assert "李代表" in text(as_(role).get(address)), role
    for who in (world.other_staff, world.other_officer, other.user, world.unit_head):
        assert as_(who).get(address).status_code == 404
    assert as_("anonymous").get(address).status_code == 302
    assert as_("system_admin").get(address).status_code == 404


def test_the_list_is_in_the_order_of_strokes_and_cannot_be_sorted(world: World, as_: Any) -> None:
    adopted(world)
    for name in ("魏多", "丁一", "王二"):
        deputy = Deputy.objects.create(region=world.county, name=name)
        Mandate.objects.create(deputy=deputy, congress=world.congress, since=date(2022, 3, 1))
    held(world, "reception", DAY, Deputy.objects.get(name="魏多"))
    settled(world)
    staff = as_("county_staff")
    page = text(staff.get(reverse("point_deputies")))
    names = re.findall(r'data-label="代表"><a[^>]*>([^<]+)', page)
    assert names == ["丁一", "王二", "李代表", "魏多"]
    assert "sort" not in page and "order=" not in page and "名次" not in page
    assert "1条" in page and "2分" in page
    assert re.findall(
        r'data-label="代表"><a[^>]*>([^<]+)', text(staff.get(reverse("point_deputies"), {"name": "丁"}))
    ) == ["丁一"]


def test_the_list_asks_no_more_for_more_people(world: World, as_: Any) -> None:
    adopted(world)
    staff = as_("county_staff")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            text(staff.get(reverse("point_deputies")))
        return len(queries)

    held(world, "reception", DAY, world.deputy)
    settled(world)
    few = asked()
    people = []
    for n in range(10):
        deputy = Deputy.objects.create(region=world.county, name=f"代表{n}")
        Mandate.objects.create(deputy=deputy, congress=world.congress, since=date(2022, 3, 1))
        people.append(deputy)
    held(world, "reception", DAY, *people)
    settled(world)
    assert asked() <= few


def test_a_wrong_year_is_a_missing_page(world: World, as_: Any) -> None:
    for year in ("x", "99", "20260", "1999"):
        assert as_("deputy").get(reverse("point_sheet"), {"year": year}).status_code == 404


def test_a_unit_has_no_points(world: World, as_: Any) -> None:
    for name in ("point_sheet", "point_deputies", "point_scheme", "declarations", "objections"):
        assert as_("unit_head").get(reverse(name)).status_code == 404, name
