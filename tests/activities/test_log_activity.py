from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.calendar import today
from accounts.form_keys import new_form_key
from activities.models import Activity, ActivityType, Attendance
from activities.services import log_activity
from tests.cast import World


def a_photo(name: str = "photo.jpg") -> SimpleUploadedFile:
    picture = BytesIO()
    Image.new("RGB", (40, 30), "green").save(picture, "jpeg")
    return SimpleUploadedFile(name, picture.getvalue(), "image/jpeg")


def new(world: World) -> str:
    return f"/office/activities/new/?station={world.station.slug}"


def fields(**more: Any) -> dict[str, Any]:
    survey = ActivityType.objects.get(code="survey")
    return {"key": new_form_key(), "type": survey.pk, "title": "养殖用电调研", "held_on": today().isoformat(), **more}


def an_activity(world: World, **more: Any) -> Activity:
    survey = ActivityType.objects.get(code="survey")
    values = {"type": survey, "title": "养殖用电调研", "station": world.station, "held_on": today(), **more}
    return log_activity(Activity(**values), by=world.deputy.user, deputies=[world.deputy])


def test_the_form_knows_the_day_and_ticks_oneself(as_: Any, world: World) -> None:
    form = as_("deputy").get(new(world)).context["form"]
    assert form["held_on"].value() == today()
    assert form["deputies"].value() == [world.deputy.pk]


def test_three_things_are_enough(as_: Any, world: World) -> None:
    response = as_("deputy").post(new(world), fields())
    activity = Activity.objects.get()
    assert response["Location"] == f"/office/activities/{activity.pk}/"
    assert (activity.station, activity.region, activity.status) == (world.station, world.township, "held")
    assert activity.logged_by == world.deputy.user


def test_without_a_choice_it_is_the_home_station(as_: Any, world: World) -> None:
    as_("deputy").post("/office/activities/new/", fields())
    assert Activity.objects.get().station == world.county_station


def test_congress_staff_choose_the_station_first(as_: Any, world: World) -> None:
    client = as_("county_staff")
    response = client.get("/office/activities/new/")
    assert response.context["station"] is None
    assert 'name="title"' not in response.content.decode()
    client.post("/office/activities/new/", fields())
    assert not Activity.objects.exists()
    client.post(new(world), fields())
    assert Activity.objects.get().station == world.station


def test_photos_and_presence_are_kept(as_: Any, world: World) -> None:
    client = as_("deputy")
    client.post(new(world), fields(deputies=[world.deputy.pk], photos=[a_photo(), a_photo("b.jpg")], outsiders=12))
    activity = Activity.objects.get()
    assert list(activity.attendances.values_list("deputy", flat=True)) == [world.deputy.pk]
    photos = activity.photos.all()
    assert len(photos) == 2
    shown = client.get(f"/office/activities/{activity.pk}/photos/{photos[0].pk}/")
    assert shown["Content-Type"] == "image/jpeg"
    assert as_(world.other_officer).get(f"/office/activities/{activity.pk}/photos/{photos[0].pk}/").status_code == 404


def test_a_disguised_photo_is_a_sentence_and_the_typed_text_stays(as_: Any, world: World) -> None:
    bad = SimpleUploadedFile("p.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/jpeg")
    response = as_("deputy").post(new(world), fields(summary="看了三家养殖场", photos=[bad]))
    assert response.context["form"].errors["photos"]
    assert "看了三家养殖场" in response.content.decode()
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": ""}, "title"),
        ({"type": ""}, "type"),
        ({"held_on": "2026-13-01"}, "held_on"),
        ({"outsiders": "-3"}, "outsiders"),
    ],
)
def test_errors_stand_beside_the_field(as_: Any, world: World, wrong: dict[str, str], sentence: str) -> None:
    response = as_("deputy").post(new(world), fields(**wrong))
    assert response.context["form"].errors[sentence]
    assert not Activity.objects.exists()


def test_tomorrow_has_not_happened(as_: Any, world: World) -> None:
    response = as_("deputy").post(new(world), fields(held_on=(today() + timedelta(days=1)).isoformat()))
    assert "活动日期不能晚于今天" in response.content.decode()


def test_late_entries_are_marked(as_: Any, world: World) -> None:
    as_("station_officer").post(new(world), fields(held_on=(today() - timedelta(days=20)).isoformat()))
    assert Activity.objects.get().is_late


def test_somebody_elses_station_and_a_strangers_name_are_not_offered(as_: Any, world: World) -> None:
    client = as_("deputy")
    assert client.get(f"/office/activities/new/?station={world.other_station.slug}").status_code == 404
    response = as_(world.other_officer).post("/office/activities/new/", fields(deputies=[world.deputy.pk]))
    assert response.context["form"].errors["deputies"]


@pytest.mark.parametrize("role", ["unit_clerk", "supervision_office", "auditor", "system_admin"])
def test_who_has_no_activities_finds_no_page(as_: Any, role: str) -> None:
    assert as_(role).get("/office/activities/").status_code == 404
    assert as_(role).get("/office/activities/new/").status_code == 404


def test_publishing_is_a_review_and_can_be_taken_back(as_: Any, world: World) -> None:
    activity = an_activity(world)
    url = f"/office/activities/{activity.pk}/"
    deputy, officer = as_("deputy"), as_("station_officer")
    deputy.post(f"{url}published/")
    activity.refresh_from_db()
    assert activity.status == "held"
    officer.post(f"{url}published/")
    activity.refresh_from_db()
    assert activity.status == "published"
    deputy.post(f"{url}held/")
    activity.refresh_from_db()
    assert activity.status == "published"
    officer.post(f"{url}held/")
    activity.refresh_from_db()
    assert activity.status == "held"


def test_whoever_wrote_it_down_may_void_it(as_: Any, world: World) -> None:
    activity = an_activity(world)
    as_("deputy").post(f"/office/activities/{activity.pk}/cancelled/")
    activity.refresh_from_db()
    assert activity.status == "cancelled"


def test_changing_takes_a_post_and_a_known_state(as_: Any, world: World) -> None:
    activity = an_activity(world)
    client = as_("station_officer")
    assert client.get(f"/office/activities/{activity.pk}/published/").status_code == 405
    assert client.post(f"/office/activities/{activity.pk}/nonsense/").status_code == 404
    assert as_(world.other_officer).post(f"/office/activities/{activity.pk}/published/").status_code == 404


def test_the_page_shows_who_was_there(as_: Any, world: World) -> None:
    activity = an_activity(world)
    assert "李代表" in as_("township_staff").get(f"/office/activities/{activity.pk}/").content.decode()
    assert as_(world.other_staff).get(f"/office/activities/{activity.pk}/").status_code == 404


def test_the_list_costs_the_same_for_twice_the_rows(as_: Any, world: World) -> None:
    client, costs = as_("county_staff"), []
    for _ in range(2):
        for _ in range(4):
            an_activity(world)
        with CaptureQueriesContext(connection) as counted:
            body = client.get("/office/activities/").content.decode()
        costs.append(len(counted))
    assert costs[0] == costs[1]
    assert body.count("1人") >= Attendance.objects.count()
