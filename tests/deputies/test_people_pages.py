"""The list of people and the page of one: who reads, who acts, and that a person counts once (mission C1)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.calendar import today
from deputies.models import Congress, Constituency, Deputy, Mandate, StationMembership
from deputies.services import change_mandate
from tests.cast import World

LIST = "/office/deputies/"


@pytest.fixture
def three(world: World) -> Deputy:
    """Three seats of one person, who is in two stations."""
    for region in (world.city, world.township):
        congress = Congress.objects.create(region=region, ordinal=9, first_met_on=date(2022, 1, 1))
        Mandate.objects.create(deputy=world.deputy, congress=congress, since=date(2022, 1, 1))
    return world.deputy


def somebody(world: World, name: str, **fields: Any) -> Deputy:
    deputy = Deputy.objects.create(region=world.county, name=name, **fields)
    Mandate.objects.create(deputy=deputy, congress=world.congress, since=date(2022, 3, 1))
    return deputy


def names(response: Any) -> list[str]:
    return [deputy.name for deputy in response.context["page"]]


def test_three_seats_and_two_stations_are_one_person(world: World, three: Deputy, as_: Any) -> None:
    page = as_("county_staff").get(LIST)
    assert "1人 3席" in page.content.decode() and names(page) == ["李代表"]
    assert "县级代表：1人 1席" in as_("county_staff").get(LIST, {"level": "county"}).content.decode()
    body = as_("county_staff").get(reverse("office_deputy", args=[three.slug])).content.decode()
    assert "现有代表职务3席" in body


def test_each_condition_narrows(world: World, as_: Any) -> None:
    somebody(world, "丁一", expertise="畜牧养殖、法律", occupation="农民")
    somebody(world, "曾二", expertise="教育", occupation="专业技术人员")
    client = as_("county_staff")

    def found(**asked: str) -> list[str]:
        return names(client.get(LIST, asked))

    assert found() == ["丁一", "李代表", "曾二"]
    assert found(order="pinyin") == ["丁一", "李代表", "曾二"]
    assert found(expertise="法律") == ["丁一"] and found(occupation="专业") == ["曾二"]
    assert found(name="代表") == found(station=world.station.slug) == ["李代表"]
    assert found(level="city") == [] and "没有符合条件的代表" in client.get(LIST, {"level": "city"}).content.decode()
    # What is no choice narrows nothing, and is no error.
    assert len(found(level="x", station="nowhere", order="random", name="\x00")) == 3
    assert '<option value="教育">' in client.get(LIST).content.decode()


def test_suspended_people_count_and_ended_ones_are_found_apart(world: World, as_: Any) -> None:
    other = somebody(world, "丁一")
    change_mandate(other.mandates.get(), to="suspended", reason="detained", by=world.county_staff)
    client = as_("county_staff")
    assert "2人 2席" in client.get(LIST).content.decode()
    assert "县级人大代表（暂停）" in client.get(LIST).content.decode()
    change_mandate(other.mandates.get(), to="ended", reason="resigned", by=world.county_staff)
    assert "1人 1席" in client.get(LIST).content.decode()
    assert names(client.get(LIST, {"state": "former"})) == ["丁一"]
    assert names(client.get(LIST, {"state": "elected"})) == []


def test_who_reads_the_list_and_whom(world: World, as_: Any) -> None:
    somebody(world, "丁一")
    assert names(as_("station_officer").get(LIST)) == ["李代表"]  # of the own station
    assert names(as_(world.other_staff).get(LIST)) == []
    for who in ("deputy", "unit_clerk", "system_admin"):
        assert as_(who).get(LIST).status_code == 404


def test_a_deputy_reads_the_own_page_alone(world: World, as_: Any) -> None:
    other = somebody(world, "丁一")
    client = as_("deputy")
    own = client.get(reverse("own_deputy"))
    assert own.status_code == 200 and own.context["offers"] == []
    assert client.get(reverse("office_deputy", args=[world.deputy.slug])).status_code == 200
    assert client.get(reverse("office_deputy", args=[other.slug])).status_code == 404
    assert as_("county_staff").get(reverse("own_deputy")).status_code == 404
    assert "13800000001" not in own.content.decode()


def test_the_next_steps_are_those_that_can_be_taken(world: World, as_: Any) -> None:
    def offered(who: Any, deputy: Deputy) -> set[str]:
        return {act for act, _ in as_(who).get(reverse("office_deputy", args=[deputy.slug])).context["offers"]}

    assert offered("county_staff", world.deputy) == {"leave", "pair", "mandate"}
    assert offered("township_staff", world.deputy) == {"leave", "pair"}
    assert offered("station_officer", world.deputy) == {"pair"}
    fresh = somebody(world, "丁一")
    Constituency.objects.create(congress=world.congress, name="第二选区", seats=1)
    assert offered("county_staff", fresh) == {"enter", "pair", "mandate"}
    change_mandate(fresh.mandates.get(), to="ended", reason="resigned", by=world.county_staff)
    assert offered("county_staff", fresh) == {"by_elect"}
    page = reverse("deputy_act", args=[world.deputy.slug, "mandate"])
    assert as_("township_staff").get(page).status_code == 404 and as_("county_staff").get(page).status_code == 200
    assert as_("county_staff").get(reverse("deputy_act", args=[world.deputy.slug, "nonsense"])).status_code == 404


def test_a_seat_is_suspended_ended_and_filled_on_the_pages(world: World, as_: Any) -> None:
    client, seat = as_("county_staff"), world.deputy.mandates.get()
    act = reverse("deputy_act", args=[world.deputy.slug, "mandate"])
    form = {"mandate": seat.pk, "to": "suspended", "reason": "died", "on": "2026-01-05"}
    bad = client.post(act, form).content.decode()
    assert "“去世”不是暂停执行职务的原因" in bad and 'value="died" selected' in bad
    client.post(act, form | {"reason": "detained"})
    client.post(act, form | {"to": "ended", "reason": "resigned"})
    body = client.get(reverse("office_deputy", args=[world.deputy.slug])).content.decode()
    assert "现在没有代表职务" in body and "辞职" in body and "2022年3月1日至2026年1月5日" in body
    fresh = Deputy.objects.create(region=world.county, name="补选人")
    act = reverse("deputy_act", args=[fresh.slug, "by_elect"])
    client.post(act, {"constituency": seat.constituency_id, "since": "2026-02-01", "card_number": "补1"})
    page = client.get(reverse("office_deputy", args=[fresh.slug])).content.decode()
    assert "当选，待资格审查" in page and "补选" in page


def test_stations_and_groups_are_entered_moved_and_left_on_the_pages(world: World, as_: Any) -> None:
    client, fresh = as_("county_staff"), somebody(world, "丁一")

    def act(name: str, **form: Any) -> Any:
        return client.post(reverse("deputy_act", args=[fresh.slug, name]), form)

    assert "不能晚于今天" in act("enter", station=world.station.pk, since="2999-01-01").content.decode()
    assert act("enter", station=world.station.pk, since="2026-01-01").status_code == 302
    row = fresh.memberships.get()
    assert act("leave", membership=row.pk, on="2026-02-01").status_code == 302
    body = client.get(reverse("office_deputy", args=[fresh.slug])).content.decode()
    assert "2026年1月1日至2026年2月1日" in body
    others = StationMembership.objects.exclude(pk=row.pk).values_list("pk", flat=True)[0]
    assert act("leave", membership=others, on="2026-02-01").status_code == 404  # nothing to leave any more


def test_twice_the_people_cost_no_more_statements(world: World, as_: Any) -> None:
    client = as_("county_staff")
    pages = [LIST, reverse("station_members", args=[world.county_station.slug]), reverse("pairings"), reverse("groups")]

    def grow(first: int) -> None:
        for n in range(first, first + 3):
            deputy = somebody(world, f"{n}号", expertise=f"{n}")
            StationMembership.objects.create(deputy=deputy, station=world.station, kind="sector", since=today())
            world.deputy.pairings.create(kind="household", household=f"{n}户", since=today())
            group = world.county.deputy_groups.create(name=f"{n}组", kind="regional", level="county", since=today())
            group.memberships.create(deputy=deputy, is_leader=True, since=today())

    def asked() -> list[int]:
        told = []
        for page in (*pages, reverse("office_deputy", args=[world.deputy.slug])):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(page).status_code == 200
            told.append(len(captured))
        return told

    grow(0)
    few = asked()
    grow(3)
    assert asked() == few
