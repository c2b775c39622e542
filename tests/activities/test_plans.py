"""Year plans and what hangs on them; an activity to come is planned, then held or cancelled, never held in the future."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.calendar import today
from accounts.errors import Refused
from accounts.form_keys import new_form_key
from activities.models import Activity, ActivityType, AnnualPlan, Attendance, PlanItem, Theme
from activities.services import change_activity, planned, plans
from deputies.models import DeputyGroup, GroupEntry, GroupMembership
from tests.activities.test_attendance import a_deputy
from tests.cast import World

YEAR = today().year


@pytest.fixture
def plan(world: World) -> AnnualPlan:
    found = plans.begin_plan(year=YEAR, by=world.station_officer, station=world.station)
    item = PlanItem(month=8, title="养殖户座谈")
    return plans.write_plan(found, introduction="围绕养殖用电。", items=[item], by=world.station_officer)


def lines_of(*items: tuple[str, str], known: tuple[PlanItem, ...] = ()) -> dict[str, str]:
    data = {"items-TOTAL_FORMS": str(len(items)), "items-INITIAL_FORMS": str(len(known)), "introduction": "围绕中心。"}
    for index, (month, title) in enumerate(items):
        data |= {f"items-{index}-month": month, f"items-{index}-title": title, f"items-{index}-type": ""}
        if index < len(known):
            data[f"items-{index}-id"] = str(known[index].pk)
    return data


def test_an_officer_writes_and_publishes_and_the_station_page_shows_it(as_: Any, world: World) -> None:
    officer = as_("station_officer")
    made = officer.post("/office/plans/new/", {"owner": f"station-{world.station.pk}", "year": str(YEAR)})
    plan = AnnualPlan.objects.get()
    assert made["Location"] == f"/office/plans/{plan.pk}/edit/"
    assert officer.post(f"/office/plans/{plan.pk}/publish/").status_code == 302
    plan.refresh_from_db()
    assert plan.published_on is None  # nothing to publish
    officer.post(f"/office/plans/{plan.pk}/edit/", lines_of(("3", "学习代表法"), ("8", "养殖户座谈"), ("", "")))
    assert [str(item) for item in plan.items.all()] == ["3月 学习代表法", "8月 养殖户座谈"]
    public = Client()
    station = f"/s/{world.station.slug}/"
    assert "养殖户座谈" not in public.get(station).content.decode()
    officer.post(f"/office/plans/{plan.pk}/publish/")
    assert "养殖户座谈" in public.get(station).content.decode()
    assert "学习代表法" in public.get(f"/plan/{world.township.code}/{YEAR}/").content.decode()
    officer.post(f"/office/plans/{plan.pk}/unpublish/")
    assert "养殖户座谈" not in public.get(station).content.decode()


def test_the_plan_of_a_region_is_told_to_everybody(as_: Any, world: World) -> None:
    staff = as_("county_staff")
    address = f"/plan/{world.county.code}/{YEAR}/"
    assert "还没有公开" in Client().get(address).content.decode()
    staff.post("/office/plans/new/", {"owner": f"region-{world.county.pk}", "year": str(YEAR)})
    plan = AnnualPlan.objects.get()
    staff.post(
        f"/office/plans/{plan.pk}/edit/",
        lines_of(
            ("6", "执法检查"),
        ),
    )
    staff.post(f"/office/plans/{plan.pk}/publish/")
    assert "执法检查" in Client().get(address).content.decode()
    assert Client().get(f"/plan/000/{YEAR}/").status_code == 404
    assert Client().get(f"/plan/{world.county.code}/99999/").status_code == 404


def test_one_plan_a_year_and_what_was_typed_stays(as_: Any, world: World, plan: AnnualPlan) -> None:
    officer = as_("station_officer")
    again = officer.post("/office/plans/new/", {"owner": f"station-{world.station.pk}", "year": str(YEAR)})
    assert "已有计划" in str(again.context["form"].errors["year"])
    item = plan.items.get()
    bad = officer.post(f"/office/plans/{plan.pk}/edit/", lines_of(("13", "养殖户座谈会"), known=(item,)))
    assert bad.status_code == 200 and "养殖户座谈会" in bad.content.decode()
    half = officer.post(
        f"/office/plans/{plan.pk}/edit/", lines_of(("8", "养殖户座谈"), ("", "没有月份"), known=(item,))
    )
    assert "请选择月份" in half.content.decode() and "没有月份" in half.content.decode()
    item.refresh_from_db()
    assert item.title == "养殖户座谈" and plan.items.count() == 1


def test_a_line_with_activities_is_not_deleted(as_: Any, world: World, plan: AnnualPlan) -> None:
    item = plan.items.get()
    Activity.objects.create(
        type=ActivityType.objects.all()[0],
        title="座谈",
        station=world.station,
        region=world.township,
        held_on=date(YEAR, 1, 1),
        plan_item=item,
    )
    data = lines_of(("8", "养殖户座谈"), known=(item,)) | {"items-0-DELETE": "on"}
    refused = as_("station_officer").post(f"/office/plans/{plan.pk}/edit/", data)
    assert "已有1项活动，不能删去" in refused.content.decode()
    page = as_("station_officer").get(f"/office/plans/{plan.pk}/").content.decode()
    assert "计划1项，已开展1项" in page and "座谈" in page


def test_who_writes_and_who_reads_a_plan(as_: Any, world: World, plan: AnnualPlan) -> None:
    page = f"/office/plans/{plan.pk}/"
    for who in (world.other_officer, world.other_staff, "unit_clerk", "deputy"):
        assert as_(who).get(page).status_code == 404
        assert as_(who).post(f"{page}publish/").status_code == 404
        assert as_(who).get(f"{page}edit/").status_code == 404
    plans.publish_plan(plan, by=world.station_officer)
    assert as_("deputy").get(page).status_code == 200  # what anybody may read
    assert as_("deputy").get(f"{page}edit/").status_code == 404
    assert as_("county_staff").get(f"{page}edit/").status_code == 200
    with pytest.raises(Refused):
        plans.begin_plan(year=YEAR, by=world.station_officer, station=world.other_station)
    with pytest.raises(Refused):
        plans.begin_plan(year=YEAR + 2, by=world.station_officer, station=world.station)


def test_a_leader_writes_the_groups_plan_and_the_station_publishes_it(world: World) -> None:
    group = DeputyGroup.objects.create(
        region=world.county, name="养殖小组", kind="regional", level="county", since=date(2025, 1, 1)
    )
    membership = GroupMembership.objects.create(group=group, deputy=world.deputy, since=date(2025, 1, 1))
    leader = world.users["deputy"]
    with pytest.raises(Refused):
        plans.begin_plan(year=YEAR, by=leader, group=group)
    membership.is_leader = True
    membership.save()
    plan = plans.begin_plan(year=YEAR, by=leader, group=group)
    plans.write_plan(plan, introduction="", items=[PlanItem(month=5, title="调研")], by=leader)
    with pytest.raises(Refused, match="审核后公开"):
        plans.publish_plan(plan, by=leader)
    GroupEntry.objects.create(group=group, station=world.station, since=date(2025, 1, 1))
    plans.publish_plan(plan, by=world.station_officer)
    assert AnnualPlan.objects.public().get() == plan


def planned_fields(world: World, **more: Any) -> dict[str, Any]:
    meeting = ActivityType.objects.get(code="station_meeting")
    day = today() + timedelta(days=3)
    return {"key": new_form_key(), "type": meeting.pk, "title": "例会", "held_on": day.isoformat(), **more}


def test_planned_moved_held_and_counted_only_then(as_: Any, world: World, plan: AnnualPlan) -> None:
    officer, deputy = as_("station_officer"), as_("deputy")
    address = f"/office/activities/plan/?station={world.station.slug}&item={plan.items.get().pk}"
    assert officer.get(address).context["form"]["title"].value() == "养殖户座谈"
    this_year = (today() + timedelta(days=3)).year == YEAR
    item = {"plan_item": plan.items.get().pk} if this_year else {}
    officer.post(address, planned_fields(world, deputies=[world.deputy.pk], **item))
    activity = Activity.objects.get()
    url = f"/office/activities/{activity.pk}/"
    assert (activity.status, activity.attendances.get().presence) == ("planned", "rota")
    assert not Activity.objects.held().exists()
    for client in (officer, deputy):
        assert "近7天计划的活动" in client.get("/office/").content.decode()
    # In the future it is not held, by whichever door.
    with pytest.raises(Refused, match="还没有开展"):
        change_activity(activity, to="held", by=world.station_officer)
    refused = officer.post(f"{url}record/", {"held_on": activity.held_on.isoformat(), "outsiders": "3"})
    assert "还没有开展" in str(refused.context["form"].errors["held_on"])
    activity.refresh_from_db()
    assert (activity.status, activity.outsiders) == ("planned", 0)
    # Moved to today, without the guest; then it was held.
    moved = planned_fields(world, held_on=today().isoformat(), title="例会改期")
    assert officer.post(f"{url}edit/", moved).status_code == 302
    assert not activity.attendances.exists()
    officer.post(f"{url}record/", {"held_on": today().isoformat(), "outsiders": "3"})
    activity.refresh_from_db()
    assert (activity.status, activity.title, activity.outsiders) == ("held", "例会改期", 3)
    officer.post(f"{url}published/")
    assert officer.get(f"{url}record/").status_code == 404


def test_a_plan_in_the_past_is_refused_and_cancelling_is_for_who_keeps_it(as_: Any, world: World) -> None:
    officer = as_("station_officer")
    address = f"/office/activities/plan/?station={world.station.slug}"
    yesterday = (today() - timedelta(days=1)).isoformat()
    refused = officer.post(address, planned_fields(world, held_on=yesterday))
    assert "不能早于今天" in str(refused.context["form"].errors["held_on"])
    officer.post(address, planned_fields(world))
    activity = Activity.objects.get()
    as_("deputy").post(f"/office/activities/{activity.pk}/cancelled/")
    activity.refresh_from_db()
    assert activity.status == "planned"
    officer.post(f"/office/activities/{activity.pk}/cancelled/")
    activity.refresh_from_db()
    assert activity.status == "cancelled"


def test_another_stations_line_and_a_suspended_guest_are_refused(world: World, plan: AnnualPlan) -> None:
    foreign = plans.begin_plan(year=YEAR, by=world.other_officer, station=world.other_station)
    line = PlanItem.objects.create(plan=foreign, month=1, title="别站的事")
    out = a_deputy(world, "停职人", world.station, status="suspended", reason="detained")
    meeting = ActivityType.objects.get(code="station_meeting")

    def new(**more: Any) -> Activity:
        return Activity(type=meeting, title="例会", station=world.station, held_on=today(), **more)

    with pytest.raises(Refused, match="计划事项"):
        planned.plan_activity(new(plan_item=line), by=world.station_officer)
    with pytest.raises(Refused, match="暂停执行"):
        planned.plan_activity(new(), by=world.station_officer, deputies=[out])
    with pytest.raises(Refused, match="不在这个联络站"):
        planned.plan_activity(new(), by=world.other_officer)
    assert not Activity.objects.exists()


def test_one_form_plans_one_activity(world: World) -> None:
    key, meeting = new_form_key(), ActivityType.objects.get(code="station_meeting")
    for _ in range(2):
        new = Activity(type=meeting, title="例会", station=world.station, held_on=today())
        planned.plan_activity(new, by=world.station_officer, deputies=[world.deputy], form_key=key)
    assert Activity.objects.count() == Attendance.objects.count() == 1


def test_themes_run_in_the_region_and_above(world: World) -> None:
    def theme(region: Any, name: str, **more: Any) -> Theme:
        return Theme.objects.create(region=region, name=name, **{"starts_on": date(2025, 1, 1), **more})

    own, above = theme(world.township, "大走访"), theme(world.county, "乡村振兴")
    theme(world.other_county, "外县主题")
    theme(world.county, "已结束", ends_on=date(2025, 2, 1))
    assert set(plans.themes_for(world.township)) == {own, above}


def test_the_lists_cost_the_same_for_twice_the_rows(as_: Any, world: World, plan: AnnualPlan) -> None:
    client, costs = as_("county_staff"), []
    plans.publish_plan(plan, by=world.station_officer)
    pages = ("/office/plans/", f"/office/plans/{plan.pk}/", f"/plan/{world.township.code}/{YEAR}/")
    for year in range(2):
        for month in range(1, 4):
            item = PlanItem.objects.create(plan=plan, month=month, title=f"{year}{month}")
            Activity.objects.create(
                type=ActivityType.objects.all()[0],
                title="座谈",
                station=world.station,
                region=world.township,
                held_on=today(),
                plan_item=item,
            )
            group = DeputyGroup.objects.create(
                region=world.township, name=f"{year}{month}组", kind="regional", level="township", since=today()
            )
            AnnualPlan.objects.create(region=world.township, group=group, year=YEAR, published_on=today())
        with CaptureQueriesContext(connection) as counted:
            bodies = [client.get(page).content.decode() for page in pages]
        costs.append(len(counted))
    assert costs[0] == costs[1]
    assert "计划7项，已开展6项" in bodies[1]
