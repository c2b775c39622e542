"""Activities are corrected in the back office; their status moves by its verbs alone (mission U1)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from activities.models import Activity, ActivityType
from tests.cast import World

LIST = "admin:activities_activity_changelist"
CHANGE = "admin:activities_activity_change"


@pytest.fixture
def activity(world: World) -> Activity:
    return Activity.objects.create(
        region=world.county,
        station=world.county_station,
        type=ActivityType.objects.all()[0],
        title="座谈",
        held_on=date(2026, 1, 5),
        logged_by=world.county_staff,
    )


def fields(activity: Activity, **changed: Any) -> dict[str, Any]:
    plain = {"title": "座谈", "type": activity.type_id, "held_on": "2026-01-05", "outsiders": 3}
    return {**plain, **changed, "attendances-TOTAL_FORMS": 0, "attendances-INITIAL_FORMS": 0}


def test_what_was_mistyped_is_corrected_and_nothing_else(activity: Activity, world: World, as_: Any) -> None:
    extra = {
        "status": "published",
        "station": world.other_station.pk,
        "region": world.other_county.pk,
        "logged_by": "",
        "is_late": "on",
    }
    answer = as_("county_staff").post(reverse(CHANGE, args=[activity.pk]), fields(activity, title="座谈会", **extra))
    assert answer.status_code == 302
    activity.refresh_from_db()
    assert (activity.title, activity.outsiders, activity.status) == ("座谈会", 3, Activity.Status.HELD)
    assert activity.station == world.county_station and activity.region == world.county
    assert activity.logged_by == world.county_staff and not activity.is_late


def test_an_activity_is_not_moved_into_the_future(activity: Activity, as_: Any) -> None:
    answer = as_("county_staff").post(reverse(CHANGE, args=[activity.pk]), fields(activity, held_on="2999-01-01"))
    assert "不能晚于今天" in answer.content.decode()


def test_publishing_goes_through_its_service(activity: Activity, as_: Any) -> None:
    client = as_("county_staff")
    data = {"action": "publish", "_selected_action": [activity.pk]}
    assert "公开1项" in client.post(reverse(LIST), data, follow=True).content.decode()
    activity.refresh_from_db()
    assert activity.status == Activity.Status.PUBLISHED
    again = client.post(reverse(LIST), data, follow=True).content.decode()
    assert "不能改为" in again


def test_another_county_publishes_nothing_here(activity: Activity, world: World, as_: Any) -> None:
    as_(world.other_staff).post(reverse(LIST), {"action": "publish", "_selected_action": [activity.pk]})
    activity.refresh_from_db()
    assert activity.status == Activity.Status.HELD


def test_activities_are_logged_elsewhere(as_: Any) -> None:
    assert as_("county_staff").get(reverse("admin:activities_activity_add")).status_code == 403
