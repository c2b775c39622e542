"""签到码: off by default, of one activity and one day, for the invited, and off again by one tap."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from accounts.calendar import today
from accounts.errors import Refused
from activities.models import Activity, ActivityType, Attendance
from activities.services import sign_in as signing
from tests.activities.test_attendance import a_deputy
from tests.cast import World

P = Attendance.Presence


@pytest.fixture
def activity(world: World) -> Activity:
    return Activity.objects.create(
        type=ActivityType.objects.get(code="station_meeting"),
        title="八月例会",
        station=world.station,
        region=world.township,
        held_on=today(),
        status="planned",
        logged_by=world.station_officer,
    )


def test_the_code_is_opened_typed_and_closed(as_: Any, world: World, activity: Activity) -> None:
    officer, deputy = as_("station_officer"), as_("deputy")
    page = f"/office/activities/{activity.pk}/code/"
    assert "打开签到" in officer.get(page).content.decode()
    officer.post(page, {"open": "1"})
    activity.refresh_from_db()
    code = activity.sign_in_code
    assert len(code) == 6 and code.isdecimal()
    assert f">{code[:3]} {code[3:]}</text>" in officer.get(page).content.decode()
    # The deputy is led there, and a second tap changes nothing.
    for address in ("/office/", f"/office/activities/{activity.pk}/"):
        assert "/office/sign_in/" in deputy.get(address).content.decode()
    assert "/office/sign_in/" not in officer.get("/office/").content.decode()
    for _ in range(2):
        assert deputy.post("/office/sign_in/", {"code": f" {code} "}).status_code == 302
    row = activity.attendances.get()
    assert (row.deputy, row.presence, row.channel) == (world.deputy, P.PRESENT, "code")
    officer.post(page, {"close": "1"})
    activity.refresh_from_db()
    assert activity.sign_in_code == ""
    assert "签到码不对" in deputy.post("/office/sign_in/", {"code": code}).content.decode()


def test_wrong_codes_are_counted_and_right_ones_are_not(as_: Any, world: World, activity: Activity) -> None:
    code = signing.open_sign_in(activity, by=world.station_officer)
    wrong = str((int(code) + 1) % 10**6).zfill(6)
    client = as_("deputy")
    for _ in range(7):
        assert client.post("/office/sign_in/", {"code": code}).status_code == 302
    for _ in range(5):
        assert client.post("/office/sign_in/", {"code": wrong}).status_code == 200
    assert client.post("/office/sign_in/", {"code": code}).status_code == 429


def test_only_on_the_day(world: World, activity: Activity) -> None:
    code = signing.open_sign_in(activity, by=world.station_officer)
    Activity.objects.filter(pk=activity.pk).update(held_on=today() - timedelta(days=1))
    with pytest.raises(signing.WrongCode):
        signing.sign_in(code, by=world.users["deputy"])
    activity.refresh_from_db()
    with pytest.raises(Refused, match="活动当天"):
        signing.open_sign_in(activity, by=world.station_officer)


def test_only_the_invited_and_nobody_suspended(world: World, activity: Activity) -> None:
    code = signing.open_sign_in(activity, by=world.station_officer)
    stranger = a_deputy(world, "外站人", world.other_station)
    suspended = a_deputy(world, "停职人", world.station, status="suspended", reason="detained")
    for deputy, user, said in ((stranger, world.unit_clerk, "应到名单"), (suspended, world.unit_head, "暂停执行")):
        deputy.user = user
        deputy.save()
        with pytest.raises(Refused, match=said):
            signing.sign_in(code, by=user)
    assert not activity.attendances.exists()


def test_an_empty_code_signs_nobody_in(as_: Any, world: World, activity: Activity) -> None:
    with pytest.raises(signing.WrongCode):
        signing.sign_in("", by=world.users["deputy"])
    assert as_("deputy").post("/office/sign_in/", {"code": ""}).context["form"].errors["code"]
    assert as_("station_officer").get("/office/sign_in/").status_code == 404


def test_who_does_not_keep_the_activity_opens_nothing(as_: Any, world: World, activity: Activity) -> None:
    for who in ("deputy", world.other_officer, "unit_clerk"):
        assert as_(who).post(f"/office/activities/{activity.pk}/code/", {"open": "1"}).status_code == 404
    with pytest.raises(Refused):
        signing.open_sign_in(activity, by=world.users["deputy"])


def test_two_activities_of_a_day_never_share_a_code(world: World, activity: Activity) -> None:
    other = Activity.objects.create(
        type=activity.type, title="接待日", station=world.station, region=world.township, held_on=today()
    )
    with patch.object(signing, "randbelow", side_effect=[7, 7, 8]):
        first = signing.open_sign_in(activity, by=world.station_officer)
        second = signing.open_sign_in(other, by=world.station_officer)
    assert (first, second) == ("000007", "000008")
