"""代表小组: members, one leader, a station entered as a unit; the list by level and kind, the page of one (mission C3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.calendar import today
from accounts.errors import Refused
from activities.models import Activity, ActivityType, Attendance
from deputies.models import Deputy, DeputyGroup, GroupMembership, Mandate, StationMembership
from deputies.services import appoint_leader, end_entry, enter_group, join_all, join_group, leave_group
from tests.cast import World

SINCE = date(2026, 1, 1)


@pytest.fixture
def group(world: World) -> DeputyGroup:
    return DeputyGroup.objects.create(
        region=world.county, name="养殖小组", kind="industry", level="county", since=date(2025, 6, 1)
    )


@pytest.fixture
def second(world: World) -> Deputy:
    deputy = Deputy.objects.create(region=world.county, name="何代表")
    Mandate.objects.create(deputy=deputy, congress=world.congress, since=date(2022, 3, 1))
    return deputy


def test_joining_and_leaving_have_their_days(world: World, group: DeputyGroup, second: Deputy) -> None:
    staff = world.county_staff
    row = join_group(second, group, by=staff, since=SINCE)
    with pytest.raises(Refused, match="该代表已在本小组"):
        join_group(second, group, by=staff, since=SINCE)
    with pytest.raises(Refused, match="不能早于开始日期"):
        leave_group(row, by=staff, on=date(2025, 12, 31))
    leave_group(row, by=staff, on=date(2026, 3, 1))
    with pytest.raises(Refused, match="已于2026年3月1日退出"):
        leave_group(row, by=staff)
    with pytest.raises(Refused, match="到2026年3月1日为止已在本组"):
        join_group(second, group, by=staff, since=date(2026, 2, 1))
    assert join_group(second, group, by=staff, since=date(2026, 3, 1)).ended_on is None
    with pytest.raises(Refused, match="不能早于小组成立日期2025年6月1日"):
        join_group(world.deputy, group, by=staff, since=date(2025, 5, 31))
    with pytest.raises(Refused, match="不能晚于今天"):
        join_group(world.deputy, group, by=staff, since=today() + timedelta(1))


def test_one_leader_at_a_time_and_the_change_keeps_both_histories(
    world: World, group: DeputyGroup, second: Deputy
) -> None:
    staff = world.county_staff
    one, other = (join_group(who, group, by=staff, since=SINCE) for who in (world.deputy, second))
    first = appoint_leader(one, by=staff, on=date(2026, 2, 1))
    with pytest.raises(Refused, match="李代表已经是组长"):
        appoint_leader(first, by=staff)
    with pytest.raises(Refused, match="不能早于"):
        appoint_leader(other, by=staff, on=date(2026, 1, 15))
    appoint_leader(other, by=staff, on=date(2026, 3, 1))
    spans = [
        (row.deputy.name, row.is_leader, row.since.month, row.ended_on and row.ended_on.month)
        for row in GroupMembership.objects.select_related("deputy").order_by("deputy__pk", "pk")
    ]
    assert spans == [
        *(("李代表", False, 1, 2), ("李代表", True, 2, 3), ("李代表", False, 3, None)),
        *(("何代表", False, 1, 3), ("何代表", True, 3, None)),
    ]
    assert GroupMembership.objects.filter(is_leader=True, ended_on__isnull=True).count() == 1


def test_a_leader_appointed_on_the_day_of_joining_needs_no_second_row(world: World, group: DeputyGroup) -> None:
    row = join_group(world.deputy, group, by=world.county_staff)
    assert appoint_leader(row, by=world.county_staff).pk == row.pk
    assert group.memberships.get().is_leader


def test_a_group_enters_as_a_unit_and_gives_nobody_a_membership(
    world: World, group: DeputyGroup, second: Deputy
) -> None:
    staff = world.county_staff
    join_group(second, group, by=staff, since=SINCE)
    entry = enter_group(group, world.station, by=staff, since=SINCE)
    assert not StationMembership.objects.filter(deputy=second).exists()
    with pytest.raises(Refused, match="该小组已进驻本站"):
        enter_group(group, world.station, by=staff)
    with pytest.raises(Refused, match="不在您的辖区"):
        enter_group(group, world.other_station, by=staff)
    end_entry(entry, by=staff, on=date(2026, 5, 1))
    with pytest.raises(Refused, match="已于2026年5月1日离站"):
        end_entry(entry, by=staff)
    assert enter_group(group, world.station, by=staff).pk


def test_the_groups_region_decides(world: World, group: DeputyGroup, second: Deputy) -> None:
    for by in (world.other_staff, world.township_staff, world.station_officer, world.users["deputy"]):
        with pytest.raises(Refused, match="不在您的辖区"):
            join_group(second, group, by=by)
    DeputyGroup.objects.filter(pk=group.pk).update(ended_on=today())
    with pytest.raises(Refused, match="已于.*撤销"):
        join_group(second, group, by=world.county_staff)


def test_several_join_or_none(world: World, group: DeputyGroup, second: Deputy) -> None:
    join_group(second, group, by=world.county_staff)
    with pytest.raises(Refused, match="一位也没有登记"):
        join_all(group, [world.deputy, second], by=world.county_staff)
    assert group.memberships.count() == 1


# Pages


def test_the_list_counts_by_level_and_kind_and_each_count_opens_its_rows(world: World, as_: Any) -> None:
    def made(name: str, level: str, kind: str, **more: str) -> None:
        DeputyGroup.objects.create(region=world.county, name=name, level=level, kind=kind, since=SINCE, **more)

    made("甲组", "city", "regional")
    made("乙组", "county", "regional")
    made("丙组", "township", "regional")
    made("丁组", "county", "professional", category="agriculture")
    client, address = as_("county_staff"), reverse("groups")
    page = client.get(address)
    told = {label: [cell.count for cell in cells] for label, cells in page.context["table"]}
    assert told == {"市级": [1, 0, 0, 1], "县级": [1, 1, 0, 2], "乡级": [1, 0, 0, 1], "县乡合计": [2, 1, 0, 3]}
    assert "共4个小组" in page.content.decode() and "农业农村 1个" in page.content.decode()
    for label, cells in page.context["table"]:
        for cell in cells:
            if cell.count:
                rows = client.get(f"{address}?{cell.url}").context["page"].object_list
                assert len(rows) == cell.count, (label, cell)
    [(url, _, count)] = page.context["categories"]
    assert [one.name for one in client.get(f"{address}?{url}").context["page"]] == ["丁组"] and count == 1
    assert client.get(f"{address}?level=x&kind=y").context["page"].paginator.count == 4
    assert as_(world.other_staff).get(address).context["total"] == 0
    assert as_("unit_clerk").get(address).status_code == 404


def test_the_page_of_a_group_tells_members_entries_and_the_year(
    world: World, group: DeputyGroup, second: Deputy, as_: Any
) -> None:
    staff = world.county_staff
    lead = appoint_leader(join_group(world.deputy, group, by=staff), by=staff)
    join_group(second, group, by=staff)
    enter_group(group, world.county_station, by=staff)
    for title, day in (("今年调研", today()), ("早年调研", date(2020, 5, 1))):
        activity = Activity.objects.create(
            type=ActivityType.objects.all()[0], title=title, group=group, region=world.county, held_on=day
        )
        for deputy in (world.deputy, second):
            Attendance.objects.create(activity=activity, deputy=deputy)
    client, address = as_("county_staff"), reverse("group", args=[group.pk])
    page = client.get(address)
    body = page.content.decode()
    assert "2人，组长李代表" in body and "今年调研" in body and "早年调研" not in body and "郸城县代表联络站" in body
    assert page.context["counts"] == [("活动", 1, "次"), ("参加代表", 2, "人"), ("走访", 0, "次")]
    assert "早年调研" in client.get(address, {"year": "2020"}).content.decode()
    for address_ in (address, reverse("group_act", args=[group.pk, "leave"])):
        assert as_(world.other_staff).get(address_).status_code == 404
    own = as_("deputy").get(address)
    assert own.status_code == 200 and not own.context["offers"]
    assert as_("deputy").get(reverse("group_act", args=[group.pk, "leave"])).status_code == 404
    answer = client.post(
        reverse("group_act", args=[group.pk, "leave"]), {"membership": lead.pk, "on": "2999-01-01"}
    ).content.decode()
    assert "不能晚于今天" in answer and "selected" in answer
    client.post(reverse("group_act", args=[group.pk, "leave"]), {"membership": lead.pk, "on": today().isoformat()})
    assert "1人" in client.get(address).content.decode()


def test_members_and_a_leader_are_chosen_on_the_groups_pages(
    world: World, group: DeputyGroup, second: Deputy, as_: Any
) -> None:
    client = as_("county_staff")
    members = reverse("group_members", args=[group.pk])
    client.post(members, {"deputies": [second.pk, world.deputy.pk], "since": SINCE.isoformat()})
    row = group.memberships.get(deputy=second)
    client.post(reverse("group_act", args=[group.pk, "lead"]), {"membership": row.pk, "on": SINCE.isoformat()})
    client.post(
        reverse("group_act", args=[group.pk, "enter"]),
        {"station": world.station.pk, "since": SINCE.isoformat()},
    )
    row.refresh_from_db()
    assert row.is_leader and group.entries.get().station == world.station
    client.post(
        reverse("group_act", args=[group.pk, "end_entry"]),
        {"entry": group.entries.get().pk, "on": SINCE.isoformat()},
    )
    assert group.entries.get().ended_on == SINCE
    assert "可以选的0人" in client.get(members).content.decode()
