"""双进站: enter, leave, move; never two at once of a kind, nothing in advance (mission C2)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.calendar import today
from accounts.errors import Refused
from deputies.models import Deputy, Mandate, StationMembership
from deputies.models.people import overlap
from deputies.services import change_mandate, enter_all, enter_station, leave_station, move_station
from stations.models import Station
from tests.cast import World
from tests.deputies.test_admin_deputies import empty, own_fields

DAY = date(2026, 1, 1)
SPANS = st.tuples(st.integers(0, 6), st.one_of(st.none(), st.integers(0, 6))).filter(
    lambda s: s[1] is None or s[0] <= s[1]
)


@given(SPANS, SPANS)
def test_two_spans_overlap_where_they_share_more_than_the_day_of_the_change(one: Any, other: Any) -> None:
    def nights(span: Any) -> set[float]:
        """Between the days, so that the day of the change is in none; a span of one day is that moment."""
        end = 9 if span[1] is None else span[1]
        return {n / 4 for n in range(span[0] * 4 + 1, end * 4)} or {float(span[0])}

    def days(span: Any) -> tuple[date, date | None]:
        return DAY + timedelta(span[0]), None if span[1] is None else DAY + timedelta(span[1])

    on_one_day = one == other and one[0] == one[1]
    assert overlap(*days(one), *days(other)) == (bool(nights(one) & nights(other)) and not on_one_day)
    assert overlap(*days(one), *days(other)) == overlap(*days(other), *days(one))


@pytest.fixture
def free(world: World) -> Deputy:
    """In office, in no station."""
    deputy = Deputy.objects.create(region=world.county, name="何代表", occupation="农民", expertise="畜牧养殖")
    Mandate.objects.create(deputy=deputy, congress=world.congress, since=date(2022, 3, 1))
    return deputy


def another(world: World, kind: str = "regional", **fields: Any) -> Station:
    fields = {"life": "formal", "opened_on": date(2025, 1, 1), "slug": f"another-{kind}", **fields}
    return Station.objects.create(name=f"{fields['slug']}站", region=world.county, kind=kind, **fields)


def test_one_home_and_one_sector_station_and_no_third(world: World, free: Deputy) -> None:
    staff = world.county_staff
    home = enter_station(free, world.county_station, by=staff)
    sector = enter_station(free, world.station, by=staff)
    assert (home.kind, sector.kind, home.since) == ("home", "sector", today())
    with pytest.raises(
        Refused, match="何代表现在郸城县代表联络站（所在选区联络站），请先离站，或办理转站。"
    ) as refused:
        enter_station(free, another(world), by=staff)
    assert refused.value.field == "station"
    with pytest.raises(Refused, match="何代表已在郸城县代表联络站。"):
        enter_station(free, world.county_station, by=staff)


def test_moving_is_leaving_and_entering_on_one_day_and_history_stays(world: World, free: Deputy) -> None:
    staff, day, other = world.county_staff, date(2026, 3, 1), another(world)
    first = enter_station(free, world.county_station, by=staff, since=date(2026, 1, 1))
    with pytest.raises(Refused, match="只能转到同一类"):
        move_station(first, world.station, by=staff)
    moved = move_station(first, other, by=staff, on=day)
    first.refresh_from_db()
    assert (first.ended_on, moved.since, moved.ended_on) == (day, day, None)
    leave_station(moved, by=staff, on=date(2026, 4, 1))
    assert free.memberships.count() == 2
    with pytest.raises(Refused, match="已于2026年4月1日离站"):
        leave_station(moved, by=staff)


def test_a_move_that_cannot_be_done_leaves_everything(world: World, free: Deputy) -> None:
    first = enter_station(free, world.county_station, by=world.county_staff, since=date(2026, 1, 1))
    with pytest.raises(Refused, match="现在是“拟建”"):
        move_station(first, another(world, life="planned"), by=world.county_staff)
    with pytest.raises(Refused, match="不能早于开始日期2026年1月1日"):
        move_station(first, another(world, slug="third", kind="regional"), by=world.county_staff, on=date(2025, 1, 1))
    first.refresh_from_db()
    assert first.ended_on is None


def test_the_past_overlaps_too(world: World, free: Deputy) -> None:
    staff = world.county_staff
    first = enter_station(free, world.county_station, by=staff, since=date(2026, 1, 1))
    leave_station(first, by=staff, on=date(2026, 3, 1))
    with pytest.raises(Refused, match="2026年1月1日至2026年3月1日在郸城县代表联络站，与这次进站时间重叠，请核对日期"):
        enter_station(free, another(world), by=staff, since=date(2026, 2, 1))
    assert enter_station(free, another(world, slug="x"), by=staff, since=date(2026, 3, 1)).pk


def test_nothing_in_advance_and_nobody_out_of_office(world: World, free: Deputy) -> None:
    staff = world.county_staff
    with pytest.raises(Refused, match="不能晚于今天") as refused:
        enter_station(free, world.county_station, by=staff, since=today() + timedelta(1))
    assert refused.value.field == "since"
    seat = free.mandates.get()
    change_mandate(seat, to="suspended", reason="detained", by=staff)
    with pytest.raises(Refused, match="何代表已暂停执行代表职务"):
        enter_station(free, world.county_station, by=staff)
    change_mandate(seat, to="ended", reason="resigned", by=staff)
    with pytest.raises(Refused, match="何代表现在没有代表职务"):
        enter_station(free, world.county_station, by=staff)
    Mandate.objects.filter(pk=seat.pk).update(status="elected", reason="", ended_on=None)
    with pytest.raises(Refused, match="没有通过资格审查"):
        enter_station(free, world.county_station, by=staff)


def test_the_stations_region_decides_and_its_own_people_do_not(world: World, free: Deputy) -> None:
    for by in (world.other_staff, world.station_officer, world.users["deputy"], world.township_staff):
        with pytest.raises(Refused, match="不在您的辖区"):
            enter_station(free, world.county_station, by=by)
    with pytest.raises(Refused, match="该代表不在您的辖区"):
        enter_station(free, world.station, by=world.township_staff)
    assert not free.memberships.exists()


def test_several_enter_or_none(world: World, free: Deputy) -> None:
    staff = world.county_staff
    with pytest.raises(Refused, match="一位也没有登记，请先解决：李代表已在郸城县代表联络站。"):
        enter_all(world.county_station, [free, world.deputy], by=staff)
    assert not free.memberships.exists()
    with pytest.raises(Refused, match="请至少勾选一位代表"):
        enter_all(world.county_station, [], by=staff)
    assert enter_all(world.county_station, [free], by=staff) == 1


# The page on which members are chosen


def test_members_are_chosen_by_expertise_with_ticks(world: World, free: Deputy, as_: Any) -> None:
    lawyer = Deputy.objects.create(region=world.county, name="方律师", expertise="法律")
    Mandate.objects.create(deputy=lawyer, congress=world.congress, since=date(2022, 3, 1))
    client, address = as_("county_staff"), reverse("station_members", args=[world.station.slug])
    everybody = client.get(address).content.decode()
    assert "何代表（县级人大代表；农民；专长：畜牧养殖）" in everybody and "方律师" in everybody
    assert "李代表（" not in everybody  # is in an industry station already
    found = client.get(address, {"expertise": "畜牧"}).content.decode()
    assert "何代表（" in found and "方律师（" not in found and "可以选的1人" in found
    assert "可以选的1人" in client.get(address, {"occupation": "农民"}).content.decode()
    bad = client.post(f"{address}?expertise=畜牧", {"deputies": [free.pk], "since": "2999-01-01"}).content.decode()
    assert "不能晚于今天" in bad and "checked" in bad
    assert "请至少勾选一位代表" in client.post(address, {"since": "2026-01-01"}).content.decode()
    client.post(address, {"deputies": [free.pk, lawyer.pk], "since": "2026-01-01"})
    assert set(world.station.memberships.values_list("deputy__name", flat=True)) == {"李代表", "何代表", "方律师"}


def test_who_cannot_be_found_cannot_be_ticked(world: World, as_: Any) -> None:
    theirs = Deputy.objects.create(region=world.other_county, name="外县人")
    client, address = as_("county_staff"), reverse("station_members", args=[world.county_station.slug])
    answer = client.post(address, {"deputies": [theirs.pk], "since": "2026-01-01"})
    assert answer.status_code == 200 and not theirs.memberships.exists()
    for who in ("station_officer", "deputy", "township_staff", "unit_clerk", world.other_staff):
        assert as_(who).get(address).status_code == 404


# The back office


def test_overlapping_rows_are_refused_beside_the_row(world: World, as_: Any) -> None:
    page = reverse("admin:deputies_deputy_change", args=[world.deputy.pk])
    other = another(world)
    home = StationMembership.objects.get(deputy=world.deputy, kind="home")

    def saved(since: str) -> Any:
        rows: dict[str, Any] = {"memberships-TOTAL_FORMS": 2, "memberships-INITIAL_FORMS": 1}
        rows |= {"memberships-0-id": home.pk, "memberships-0-deputy": world.deputy.pk, "memberships-0-kind": "home"}
        rows |= {"memberships-0-station": world.county_station.pk, "memberships-0-since": "2025-01-10"}
        rows |= {"memberships-0-ended_on": "2026-03-01", "memberships-1-deputy": world.deputy.pk}
        rows |= {"memberships-1-station": other.pk, "memberships-1-kind": "home", "memberships-1-since": since}
        return as_("county_staff").post(page, own_fields(world) | empty() | rows)

    StationMembership.objects.filter(kind="sector").delete()
    assert "与在郸城县代表联络站的时间重叠，请核对起止日期。" in saved("2026-02-01").content.decode()
    assert "不能晚于今天" in saved("2999-01-01").content.decode()
    assert saved("2026-03-01").status_code == 302
    assert StationMembership.objects.sitting().get(deputy=world.deputy).station == other
