"""Who may write down work, where and for which group; one form, one row; and what the audit sees of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.calendar import today
from accounts.errors import Refused
from accounts.form_keys import new_form_key
from accounts.models import User
from activities.models import Activity, ActivityType, Visit
from activities.permissions import may_log_at
from activities.services import change_activity, confirm_visit, log_activity, log_visit
from deputies.models import Congress, DeputyGroup, GroupMembership, Mandate
from suggestions.models import Suggestion
from tests.cast import World

NEW_VISIT = "/office/visits/new/"
NEW_ACTIVITY = "/office/activities/new/"


def a_visit(world: World, **more: Any) -> Visit:
    return Visit(**{"deputy": world.deputy, "station": world.station, "visited_on": today(), **more})


def an_activity(world: World, **more: Any) -> Activity:
    survey = ActivityType.objects.get(code="survey")
    return Activity(**{"type": survey, "title": "用电调研", "station": world.station, "held_on": today(), **more})


def visit_fields(**more: Any) -> dict[str, Any]:
    return {"key": new_form_key(), "visited_on": today().isoformat(), "target": "growers", "households": "5", **more}


def activity_fields(**more: Any) -> dict[str, Any]:
    survey = ActivityType.objects.get(code="survey")
    return {"key": new_form_key(), "type": survey.pk, "title": "用电调研", "held_on": today().isoformat(), **more}


def a_group(world: World, *, member: bool) -> DeputyGroup:
    since = date(2025, 1, 1)
    group = DeputyGroup.objects.create(
        region=world.county, name="养殖小组", kind="regional", level="county", since=since
    )
    if member:
        GroupMembership.objects.create(group=group, deputy=world.deputy, since=since)
    return group


def suspend(world: World) -> None:
    """One seat suspended, the other kept: the person still has the pages of a deputy."""
    above = Congress.objects.create(region=world.city, ordinal=5, first_met_on=date(2022, 5, 1))
    Mandate.objects.create(deputy=world.deputy, congress=above, since=date(2022, 5, 1))
    seat = Mandate.objects.get(deputy=world.deputy, congress=world.congress)
    seat.status, seat.reason = Mandate.Status.SUSPENDED, Mandate.Reason.DETAINED
    seat.save()


# One form, one row


@pytest.mark.parametrize("found", ["", "机井没有电。"])
def test_a_visit_tapped_twice_is_one_visit(as_: Any, world: World, found: str) -> None:
    client, fields = as_("deputy"), visit_fields(finding=found)
    first, second = client.post(NEW_VISIT, fields), client.post(NEW_VISIT, fields)
    assert first["Location"] == second["Location"]
    assert (Visit.objects.count(), Suggestion.objects.count()) == (1, 1 if found else 0)


def test_an_activity_tapped_twice_is_one_activity(as_: Any, world: World) -> None:
    client, fields = as_("deputy"), activity_fields(deputies=[world.deputy.pk])
    first, second = client.post(NEW_ACTIVITY, fields), client.post(NEW_ACTIVITY, fields)
    assert first["Location"] == second["Location"]
    assert Activity.objects.get().attendances.count() == 1


@pytest.mark.parametrize("what", ["visit", "activity"])
def test_of_two_taps_at_the_same_moment_the_later_finds_the_earlier(
    world: World, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both looked for a first one before either had saved: the database says who was first."""
    key, by = new_form_key(), world.deputy.user
    assert by is not None

    def log() -> Visit | Activity:
        if what == "visit":
            return log_visit(a_visit(world), by=by, form_key=key)
        return log_activity(an_activity(world), by=by, deputies=[world.deputy], form_key=key)

    first = log()
    looked: list[object] = []

    def blind(model: Any, form_key: str) -> None:
        looked.append(model)

    monkeypatch.setattr(f"activities.services.{'visits' if what == 'visit' else 'work'}.first_of", blind)
    assert log() == first
    assert looked
    assert type(first)._default_manager.count() == 1


def test_rows_without_a_form_are_as_many_as_are_written(world: World) -> None:
    for _ in range(2):
        log_visit(a_visit(world), by=world.station_officer)
    assert Visit.objects.count() == 2


def test_another_visit_on_the_same_form_is_asked_about_and_then_kept(as_: Any, world: World) -> None:
    client, fields = as_("deputy"), visit_fields()
    client.post(NEW_VISIT, fields)
    asked = client.post(NEW_VISIT, fields | {"households": "9"})
    body = asked.content.decode()
    key = asked.context["form"]["key"].value()
    assert "写的是另一件" in body and key in body and key != fields["key"]
    assert Visit.objects.count() == 1
    client.post(NEW_VISIT, fields | {"households": "9", "key": key})
    assert sorted(Visit.objects.values_list("households", flat=True)) == [5, 9]


def test_another_finding_on_the_same_form_is_not_swallowed(as_: Any, world: World) -> None:
    client, fields = as_("deputy"), visit_fields(finding="机井没有电。")
    client.post(NEW_VISIT, fields)
    asked = client.post(NEW_VISIT, fields | {"finding": "路坏了。"})
    assert "已经登记" in asked.content.decode() and "路坏了。" in asked.content.decode()


# Who may


def test_a_suspended_deputy_logs_no_visit(world: World) -> None:
    suspend(world)
    for by in (world.deputy.user, world.station_officer):
        with pytest.raises(Refused, match="已暂停执行代表职务"):
            log_visit(a_visit(world), by=by)
    assert not Visit.objects.exists()


def test_a_suspended_deputy_logs_no_visit_of_the_group(world: World) -> None:
    group = a_group(world, member=True)
    suspend(world)
    with pytest.raises(Refused, match="已暂停执行代表职务"):
        log_visit(a_visit(world, deputy=None, group=group), by=world.deputy.user)


def test_a_suspended_name_is_refused_before_anything_is_saved(world: World) -> None:
    suspend(world)
    with CaptureQueriesContext(connection) as asked, pytest.raises(Refused, match="李代表已暂停执行代表职务"):
        log_activity(an_activity(world), by=world.station_officer, deputies=[world.deputy])
    assert not [query["sql"] for query in asked if query["sql"].startswith("INSERT")]


def test_work_of_a_group_is_logged_by_its_members_staff_and_the_stations_it_entered(world: World) -> None:
    group = a_group(world, member=False)
    theirs = {"station": None, "group": group}
    for by in (world.deputy.user, world.station_officer, world.other_staff):
        with pytest.raises(Refused, match="您不在这个代表小组"):
            log_activity(an_activity(world, **theirs), by=by)
        with pytest.raises(Refused, match="您不在这个代表小组"):
            log_visit(a_visit(world, **theirs), by=by)
    GroupMembership.objects.create(group=group, deputy=world.deputy, since=date(2025, 1, 1))
    group.entries.create(station=world.station, since=date(2025, 1, 1))
    for by in (world.deputy.user, world.station_officer, world.county_staff):
        log_activity(an_activity(world, **theirs), by=by)
        log_visit(a_visit(world, **theirs), by=by)


def test_whether_one_may_log_at_a_station_is_one_question(world: World) -> None:
    allowed = {
        "deputy": {"station", "county_station"},
        "station_officer": {"station"},
        "county_staff": {"station", "county_station"},
        "city_staff": {"station", "county_station", "other_station"},
        "unit_clerk": set(),
    }
    for role, stations in allowed.items():
        user = User.objects.select_related("organization__region").get(pk=world.users[role].pk)
        for name in ("station", "county_station", "other_station"):
            with CaptureQueriesContext(connection) as asked:
                assert may_log_at(user, getattr(world, name)) == (name in stations), (role, name)
            assert len(asked) == 1


def test_staff_log_at_no_station_that_is_closed(world: World) -> None:
    world.station.life, world.station.closed_on = "closed", today()
    world.station.save()
    assert not may_log_at(world.county_staff, world.station)


# What the audit sees


def changes(row: Any) -> dict[str, Any]:
    entry = LogEntry.objects.get_for_object(row).filter(action=LogEntry.Action.UPDATE).latest("pk")
    return entry.changes_dict  # type: ignore[no-any-return]


def test_publishing_and_confirming_are_in_the_audit_log(world: World) -> None:
    activity = log_activity(an_activity(world), by=world.deputy.user)
    change_activity(activity, to="published", by=world.station_officer)
    assert changes(activity)["status"] == ["held", "published"]
    visit = log_visit(a_visit(world), by=world.station_officer)
    confirm_visit(visit, by=world.deputy.user)
    assert changes(visit)["confirmed_at"][0] == "None"


def test_whoever_saw_an_older_state_of_an_activity_changes_nothing(world: World) -> None:
    activity = log_activity(an_activity(world), by=world.deputy.user)
    stale = Activity.objects.get(pk=activity.pk)
    change_activity(activity, to="published", by=world.station_officer)
    with pytest.raises(Refused, match="刚被别人更新"):
        change_activity(stale, to="cancelled", by=world.station_officer)
    activity.refresh_from_db()
    assert activity.status == "published"


def test_confirming_again_keeps_the_first_moment(world: World) -> None:
    visit = log_visit(a_visit(world), by=world.station_officer)
    confirm_visit(visit, by=world.deputy.user)
    visit.refresh_from_db()
    first = visit.confirmed_at
    confirm_visit(visit, by=world.deputy.user)
    visit.refresh_from_db()
    assert visit.confirmed_at == first


def test_what_waits_for_a_review_waits_once(world: World) -> None:
    """A second organ of the same region doubles no row; staff above review nothing of a township's."""
    type(world.township_organ).objects.create(region=world.township, name="宁平镇代表联络中心", kind="liaison_center")
    activity = log_activity(an_activity(world), by=world.deputy.user)
    assert list(Activity.objects.waiting_for(world.township_staff)) == [activity]
    assert not Activity.objects.waiting_for(world.county_staff).exists()
    assert "DISTINCT" not in str(Activity.objects.waiting_for(world.township_staff).query)


@pytest.mark.parametrize("back", ["abc", "visits", "//example.com/", "https://example.com/", "/\\example.com", ""])
def test_confirming_leads_back_to_an_address_of_our_own(as_: Any, world: World, back: str) -> None:
    visit = log_visit(a_visit(world), by=world.station_officer)
    client: Client = as_("deputy")
    response = client.post(f"/office/visits/{visit.pk}/confirm/", {"next": back})
    assert (response.status_code, response["Location"]) == (302, f"/office/visits/{visit.pk}/")


def test_a_station_that_is_no_slug_is_a_missing_page(as_: Any, world: World) -> None:
    with CaptureQueriesContext(connection) as asked:
        response = as_("deputy").get(NEW_VISIT, {"station": "ningping\0yangzhi"})
    assert response.status_code == 404
    assert not [query["sql"] for query in asked if "\0" in query["sql"]]
