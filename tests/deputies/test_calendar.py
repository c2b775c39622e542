"""统筹兼顾: whose days clash, and the month of one deputy at both stations (mission C2)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.calendar import today
from activities.clashes import Call, clashing, is_called
from activities.models import Activity, ActivityType, Attendance
from deputies.models import Deputy, Mandate, StationMembership
from stations.models import Station
from tests.cast import World

DAY = date(2026, 12, 1)


def call(pk: int, organizer: int = 0, day: int = 0, named: bool = False, came: bool = False) -> Call:
    return Call(DAY + timedelta(day), pk, ("station", organizer or pk), named, came)


@pytest.mark.parametrize(
    ("calls", "found"),
    [
        ([call(1), call(2)], [1, 2]),  # two stations, one day
        ([call(1), call(2, day=1)], []),
        ([call(1, 7), call(2, 7)], []),  # one station arranges its own day
        ([call(1, 7, named=True), call(2, 7, named=True)], [1, 2]),  # but not the rota of one person
        ([call(1, 7, named=True), call(2, 7)], []),
        ([call(1, came=True), call(2, came=True)], []),  # managed both
        ([call(1, came=True), call(2)], [1, 2]),
        ([call(1), call(2), call(3, 1)], [1, 2, 3]),
        ([call(1)], []),
        ([], []),
    ],
)
def test_what_is_a_clash(calls: list[Call], found: list[int]) -> None:
    assert sorted(pk for pks in clashing(calls).values() for pk in pks) == found


CALLS = st.lists(
    st.builds(call, st.integers(1, 6), st.integers(1, 3), st.integers(0, 1), st.booleans(), st.booleans()),
    unique_by=lambda one: one.activity,
    max_size=6,
)


@settings(max_examples=60)
@given(CALLS)
def test_an_activity_clashes_with_another_or_not_at_all(calls: list[Call]) -> None:
    found = clashing(calls)
    for day, pks in found.items():
        assert len(pks) >= 2 and len(set(pks)) == len(pks)
        assert {one.day for one in calls if one.activity in pks} == {day}
    assert clashing(calls[::-1]).keys() == found.keys()
    # Without one of them, nothing new clashes.
    for day, pks in clashing(calls[1:]).items():
        assert set(pks) <= set(found[day])


@pytest.mark.parametrize(
    ("presence", "has_list", "is_member", "called"),
    [
        *((None, False, True, True), (None, False, False, False), (None, True, True, False)),
        *(("rota", True, False, True), ("present", True, False, True)),
        *(("leave", True, True, False), ("absent", True, True, False)),
    ],
)
def test_who_is_called(presence: str | None, has_list: bool, is_member: bool, called: bool) -> None:
    assert is_called(presence, has_list=has_list, is_member=is_member) is called


# Pages


def planned(station: Station, title: str, day: date, status: str = "planned") -> Activity:
    return Activity.objects.create(
        type=ActivityType.objects.all()[0],
        title=title,
        station=station,
        region=station.region,
        held_on=day,
        status=status,
    )


@pytest.fixture
def soon() -> date:
    return today() + timedelta(3)


def at(day: date) -> dict[str, str]:
    return {"month": day.strftime("%Y-%m")}


def test_a_deputy_sees_both_stations_and_is_warned(world: World, as_: Any, soon: date) -> None:
    first = planned(world.station, "产业例会", soon)
    planned(world.county_station, "选民接待", soon)
    planned(world.county_station, "取消的活动", soon, status="cancelled")
    planned(world.other_station, "外县活动", soon)
    client, address = as_("deputy"), reverse("calendar")
    body = client.get(address, at(soon)).content.decode()
    assert all(word in body for word in ("产业例会", "选民接待", "时间冲突", "同日冲突"))
    assert "取消的活动" not in body and "外县活动" not in body
    Attendance.objects.create(activity=first, deputy=world.deputy, presence="leave")
    body = client.get(address, at(soon)).content.decode()
    assert "时间冲突" not in body and "本人请假" in body


def test_staff_see_whose_days_clash_and_each_deputys_month(world: World, as_: Any, soon: date) -> None:
    other = Deputy.objects.create(region=world.county, name="何代表")
    Mandate.objects.create(deputy=other, congress=world.congress, since=date(2022, 3, 1))
    StationMembership.objects.create(deputy=other, station=world.station, kind="sector", since=date(2025, 1, 1))
    planned(world.station, "产业例会", soon)
    planned(world.county_station, "选民接待", soon)
    client, address = as_("county_staff"), reverse("calendar")
    [clash] = client.get(address, at(soon)).context["clashes"]
    assert clash.deputies == [world.deputy] and [one.title for one in clash.activities] == ["产业例会", "选民接待"]
    body = client.get(address, {"deputy": world.deputy.slug, **at(soon)}).content.decode()
    assert "李代表的履职日历" in body and "时间冲突" in body
    assert "何代表" in client.get(address, {"name": "何"}).content.decode()
    assert "没有找到在任的“某某”" in client.get(address, {"name": "某某"}).content.decode()


def test_what_the_reader_may_not_know_is_only_told_to_be_there(world: World, as_: Any, soon: date) -> None:
    planned(world.station, "产业例会", soon)
    planned(world.county_station, "县站内部安排", soon)
    body = as_("township_staff").get(reverse("calendar"), {"deputy": world.deputy.slug, **at(soon)}).content.decode()
    assert "产业例会" in body and "县站内部安排" not in body
    assert "另有活动" in body and "时间冲突" in body
    for who in (world.other_staff, "unit_clerk"):
        assert as_(who).get(reverse("calendar"), {"deputy": world.deputy.slug}).status_code == 404
    second = Deputy.objects.create(region=world.county, name="何代表")
    assert as_("deputy").get(reverse("calendar"), {"deputy": second.slug}).status_code == 404


@pytest.mark.parametrize("month", ["2026-13", "0000-01", "x", "9999-12", "2026-1-1", "٢٠٢٦-٠١"])
def test_a_month_that_is_none_is_this_month(world: World, as_: Any, month: str) -> None:
    assert as_("deputy").get(reverse("calendar"), {"month": month}).context["month"] == today().replace(day=1)


def test_what_was_held_before_a_move_stays_in_its_month(world: World, as_: Any) -> None:
    day = date(2026, 3, 10)
    planned(world.county_station, "离站前的活动", day, status="held")
    planned(world.county_station, "离站后的活动", date(2026, 5, 10), status="held")
    StationMembership.objects.filter(kind="home").update(ended_on=date(2026, 4, 1))
    days = {
        month: [day.day for day in as_("deputy").get(reverse("calendar"), {"month": month}).context["days"]]
        for month in ("2026-03", "2026-05")
    }
    assert days == {"2026-03": [day], "2026-05": []}


def test_more_rows_cost_no_more_statements(world: World, as_: Any, soon: date) -> None:
    def grow(first: int) -> None:
        for n in range(first, first + 3):
            planned(world.station, f"例会{n}", soon)
            planned(world.county_station, f"接待{n}", soon)
            deputy = Deputy.objects.create(region=world.county, name=f"{n}号")
            for station, kind in ((world.station, "sector"), (world.county_station, "home")):
                StationMembership.objects.create(deputy=deputy, station=station, kind=kind, since=date(2025, 1, 1))

    def asked(who: str, **more: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert clients[who].get(reverse("calendar"), {**at(soon), **more}).status_code == 200
        return len(captured)

    clients = {who: as_(who) for who in ("deputy", "county_staff")}
    told: list[list[int]] = []
    for first in (0, 3):
        grow(first)
        told.append([asked("deputy"), asked("county_staff"), asked("county_staff", deputy=world.deputy.slug)])
    assert told[0] == told[1]
