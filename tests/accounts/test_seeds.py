from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Group

from accounts.models import Holiday, Level, Region
from accounts.paths import LENGTHS
from accounts.seeds import DATA, load_groups, load_holidays, load_regions

pytestmark = pytest.mark.django_db


@pytest.fixture
def regions() -> None:
    load_regions()


def of(name: str, level: str) -> Region:
    return Region.objects.get(name=name, level=level)


@pytest.mark.usefixtures("regions")
def test_every_region_passes_the_check_of_its_own_form() -> None:
    """`Region.clean` asks the same of a row typed by hand."""
    assert Region.objects.count() == 2786
    for region in Region.objects.select_related("parent"):
        assert region.path == region.code[: LENGTHS[region.level]]
        assert set(region.code[LENGTHS[region.level] :]) <= {"0"}
        if region.parent is None:
            assert region.level == Level.NATION
        else:
            assert region.path.startswith(region.parent.path)
            assert LENGTHS[region.parent.level] < LENGTHS[region.level]
    for name, level in (("宁平镇", "township"), ("济源市", "county"), ("新乡市平原城乡一体化示范区", "county")):
        of(name, level).full_clean()


@pytest.mark.usefixtures("regions")
def test_places_of_the_bulletin_are_where_people_look_for_them() -> None:
    town = of("宁平镇", "township")
    above = []
    while town.parent is not None:
        town = town.parent
        above.append(town.name)
    assert above == ["郸城县", "周口市", "河南省", "中华人民共和国"]
    assert of("长垣市", "county").code == "410783000000"
    assert of("漯河市", "city").code == "411100000000"
    assert of("光山县", "county").children.count() == 19


@pytest.mark.usefixtures("regions")
def test_the_province_has_17_cities_and_the_county_of_jiyuan_under_it() -> None:
    below = of("河南省", "province").children
    assert below.filter(level=Level.CITY).count() == 17
    assert [region.name for region in below.exclude(level=Level.CITY)] == ["济源市"]
    assert of("克井镇", "township").parent == of("济源市", "county")


@pytest.mark.usefixtures("regions")
def test_zones_and_sub_districts_elect_no_congress() -> None:
    zone = of("新乡市平原城乡一体化示范区", "county")
    assert zone.form == Region.Form.ZONE
    assert not zone.has_congress
    assert zone.children.get(name="原武镇").has_congress
    assert not zone.children.get(name="龙源街道").has_congress
    assert not Region.objects.filter(name__endswith="街道").exclude(form=Region.Form.SUBDISTRICT).exists()
    assert not Region.objects.filter(level=Level.COUNTY, code__regex=r"^....7").exclude(form=Region.Form.ZONE).exists()


@pytest.mark.usefixtures("regions")
def test_loading_again_adds_nothing_and_keeps_what_the_office_changed() -> None:
    town = of("宁平镇", "township")
    Region.objects.filter(pk=town.pk).update(name="新宁平镇")
    assert load_regions() == 0
    town.refresh_from_db()
    assert town.name == "新宁平镇"


@pytest.mark.usefixtures("regions")
def test_what_is_missing_is_added_under_its_parent() -> None:
    of("宁平镇", "township").delete()
    assert load_regions() == 1
    assert of("宁平镇", "township").parent == of("郸城县", "county")


def test_regions_take_a_handful_of_queries(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(30):
        assert load_regions() == 2786


def test_holidays_give_the_calendar_of_2026_and_not_of_2027() -> None:
    assert load_holidays() == 220
    calendar = Holiday.objects.all().calendar()
    assert calendar.years == frozenset(range(2021, 2027))
    assert not calendar.is_working_day(date(2026, 10, 1))
    assert calendar.is_working_day(date(2026, 10, 10))
    assert Holiday.objects.get(day=date(2026, 10, 10)).name == "国庆节"


def test_holidays_the_office_entered_stay_as_they_are() -> None:
    Holiday.objects.create(day=date(2026, 10, 10), is_workday=False, name="本县另有安排")
    assert load_holidays() == 219
    assert load_holidays() == 0
    assert Holiday.objects.get(day=date(2026, 10, 10)).name == "本县另有安排"


def test_the_three_administrators_are_there_once() -> None:
    load_groups()
    load_groups()
    assert Group.objects.count() == 3


def test_the_region_file_stays_small() -> None:
    assert (DATA / "henan_regions.csv").stat().st_size < 150_000
