"""Who was there: by tick, from a chat group, by a code; leave before; put right afterwards, and the audit keeps it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry

from accounts.calendar import today
from accounts.errors import Refused
from activities.models import Activity, ActivityType, Attendance
from activities.seeds import TYPES
from activities.services import attendance, change_activity
from activities.services.name_lists import resolve
from deputies.models import Deputy, Mandate, StationMembership
from tests.cast import World

P = Attendance.Presence


def a_deputy(world: World, name: str, station: Any = None, **seat: Any) -> Deputy:
    deputy = Deputy.objects.create(region=world.county, name=name)
    Mandate.objects.create(deputy=deputy, congress=world.congress, since=date(2022, 3, 1), **seat)
    if station is not None:
        kind = "home" if station.kind == "regional" else "sector"
        StationMembership.objects.create(deputy=deputy, station=station, kind=kind, since=date(2025, 1, 10))
    return deputy


@pytest.fixture
def activity(world: World) -> Activity:
    """Of the township's station, today; 李代表 is invited."""
    found = Activity.objects.create(
        type=ActivityType.objects.get(code="station_meeting"),
        title="八月例会",
        station=world.station,
        region=world.township,
        held_on=today(),
        status="planned",
        logged_by=world.station_officer,
    )
    Attendance.objects.create(activity=found, deputy=world.deputy, presence=P.ROTA)
    return found


def there(activity: Activity) -> dict[str, str]:
    return dict(activity.attendances.order_by("deputy__name").values_list("deputy__name", "presence"))


def pasted(client: Any, activity: Activity, text: str, **more: Any) -> Any:
    return client.post(f"/office/activities/{activity.pk}/attendance/list/", {"text": text, **more})


def test_nothing_is_written_until_the_preview_is_confirmed(as_: Any, world: World, activity: Activity) -> None:
    officer, text = as_("station_officer"), "#接龙\n1. 李代表（小李）\n2. 路人甲"
    response = pasted(officer, activity, text, preview="1")
    assert there(activity) == {"李代表": P.ROTA}
    body = response.content.decode()
    assert "读出2个名字，还没有保存" in body and text in body.replace("\r", "")
    assert "没有找到“路人甲”" in body
    # The unknown name is asked, and what was typed stays.
    unanswered = pasted(officer, activity, text, confirm="1")
    assert unanswered.status_code == 200 and there(activity) == {"李代表": P.ROTA}
    assert text in unanswered.content.decode().replace("\r", "")
    done = pasted(officer, activity, text, confirm="1", who_1="none")
    assert done.status_code == 302
    row = activity.attendances.get()
    assert (row.presence, row.channel) == (P.PRESENT, "list")


def test_two_people_of_one_name_are_asked_with_seat_and_station(as_: Any, world: World, activity: Activity) -> None:
    here, there_ = a_deputy(world, "王强", world.station), a_deputy(world, "王强", world.station)
    officer = as_("station_officer")
    body = pasted(officer, activity, "王强").content.decode()
    assert "“王强”有2位同名" in body and f"王强（{world.county}，{world.station}）" in body
    pasted(officer, activity, "王强", confirm="1", who_0=str(there_.pk))
    assert activity.attendances.get(presence=P.PRESENT).deputy == there_ != here


def test_the_invited_one_is_meant_before_a_stranger_of_the_same_name(world: World, activity: Activity) -> None:
    a_deputy(world, "李代表")
    assert resolve("李代表", activity).lines[0].deputy == world.deputy
    # A guest of the county who sits in no station is found all the same; a neighbour county's deputy is not.
    guest = a_deputy(world, "远客")
    assert resolve("远客", activity).lines[0].deputy == guest
    foreign = Deputy.objects.create(region=world.other_county, name="外县人")
    assert foreign and resolve("外县人", activity).lines[0].asks_who


def test_a_suspended_deputy_is_refused_by_list_by_tick_and_by_service(
    as_: Any, world: World, activity: Activity
) -> None:
    out = a_deputy(world, "停职人", world.station, status="suspended", reason="detained")
    officer = as_("station_officer")
    body = pasted(officer, activity, "停职人、李代表").content.decode()
    assert "停职人已暂停执行代表职务" in body
    pasted(officer, activity, "停职人、李代表", confirm="1")
    assert there(activity) == {"李代表": P.PRESENT}
    ticked = officer.post(f"/office/activities/{activity.pk}/attendance/", {"deputies": [out.pk]})
    assert ticked.context["form"].errors["deputies"]
    with pytest.raises(Refused, match="暂停执行代表职务"):
        attendance.take_attendance(activity, by=world.station_officer, present=[out])


def test_the_same_person_twice_counts_once_and_a_contradiction_is_asked(world: World, activity: Activity) -> None:
    twice = resolve("1. 李代表\n2. 李代表", activity)
    assert [line.counts for line in twice.lines] == [False, True] and not twice.asked
    at_odds = resolve("1. 李代表\n2. 李代表 请假", activity)
    assert [line.asks_how for line in at_odds.lines] == [False, True]


def test_leave_and_absence_come_from_the_list(as_: Any, world: World, activity: Activity) -> None:
    for name in ("甲代表", "乙代表", "丙代表"):
        Attendance.objects.create(activity=activity, deputy=a_deputy(world, name, world.station), presence=P.ROTA)
    pasted(as_("station_officer"), activity, "李代表\n甲代表 请假（出差）", confirm="1", rest_absent="on")
    assert there(activity) == {"李代表": P.PRESENT, "甲代表": P.LEAVE, "乙代表": P.ABSENT, "丙代表": P.ABSENT}
    assert activity.attendances.get(presence=P.LEAVE).reason == "出差"


def test_ticks_and_the_sum_of_people(as_: Any, world: World, activity: Activity) -> None:
    officer, url = as_("station_officer"), f"/office/activities/{activity.pk}/"
    officer.post(f"{url}attendance/", {"deputies": [world.deputy.pk]})
    assert there(activity) == {"李代表": P.PRESENT}
    officer.post(f"{url}record/", {"held_on": today().isoformat(), "outsiders": "8", "summary": "议了三件事。"})
    activity.refresh_from_db()
    assert (activity.status, activity.outsiders) == ("held", 8)
    assert "<dd>9人次</dd>" in officer.get(url).content.decode()


def test_who_was_there_is_put_right_with_a_reason_and_the_audit_keeps_it(
    as_: Any, world: World, activity: Activity
) -> None:
    row = activity.attendances.get()
    row.presence = P.ABSENT
    row.save()
    officer, url = as_("station_officer"), f"/office/activities/{activity.pk}/attendance/{row.pk}/"
    assert officer.post(url, {"presence": "present"}).context["form"].errors["correction"]
    officer.post(url, {"presence": "present", "correction": "本人说明当天到场"})
    row.refresh_from_db()
    assert (row.presence, row.correction) == (P.PRESENT, "本人说明当天到场")
    entry = LogEntry.objects.get_for_object(row).order_by("pk").last()
    assert entry is not None and entry.actor == world.station_officer
    assert entry.changes_dict["presence"] == [P.ABSENT.label, P.PRESENT.label] or entry.changes_dict["presence"] == [
        "absent",
        "present",
    ]


def test_only_who_keeps_the_activity_enters_who_came(as_: Any, world: World, activity: Activity) -> None:
    row = activity.attendances.get()
    for who in ("deputy", world.other_officer, world.other_staff, "unit_clerk"):
        for page in ("", "list/", f"{row.pk}/"):
            assert as_(who).get(f"/office/activities/{activity.pk}/attendance/{page}").status_code == 404
    with pytest.raises(Refused):
        attendance.correct_attendance(row, presence=P.PRESENT, correction="我来了", by=world.users["deputy"])


def test_leave_is_asked_before_and_its_reason_stays_with_the_station(
    as_: Any, world: World, activity: Activity
) -> None:
    Activity.objects.filter(pk=activity.pk).update(held_on=today() + timedelta(days=2))
    deputy, url = as_("deputy"), f"/office/activities/{activity.pk}/"
    assert "我要请假" in deputy.get(url).content.decode()
    assert deputy.post(f"{url}leave/", {"reason": ""}).context["form"].errors["reason"]
    deputy.post(f"{url}leave/", {"reason": "出差"})
    assert activity.attendances.get().presence == P.LEAVE
    assert "李代表（出差）" in as_("station_officer").get(url).content.decode()
    fellow = a_deputy(world, "同站人", world.station)
    fellow.user = world.supervision_office
    fellow.save()
    assert "出差" not in as_(world.supervision_office).get(url).content.decode()
    assert as_(world.other_officer).get(f"{url}leave/").status_code == 404
    with pytest.raises(Refused, match="到那天以后"):
        attendance.take_attendance(activity, by=world.station_officer, present=[world.deputy])


def test_leave_after_the_day_or_by_a_stranger_is_refused(world: World, activity: Activity) -> None:
    with pytest.raises(Refused, match="不在这项活动"):
        attendance.request_leave(activity, reason="出差", by=world.unit_clerk)
    Activity.objects.filter(pk=activity.pk).update(held_on=today() - timedelta(days=1))
    with pytest.raises(Refused, match="活动以前"):
        attendance.request_leave(activity, reason="出差", by=world.users["deputy"])


def test_a_cancelled_activity_has_no_attendance(world: World, activity: Activity) -> None:
    change_activity(activity, to="cancelled", by=world.station_officer)
    with pytest.raises(Refused, match="已经取消"):
        attendance.take_attendance(activity, by=world.station_officer, present=[world.deputy])


def test_the_text_for_the_chat_group_holds_names_and_numbers_only(as_: Any, world: World, activity: Activity) -> None:
    leave = a_deputy(world, "假代表", world.station)
    Attendance.objects.create(activity=activity, deputy=leave, presence=P.LEAVE, reason="住院")
    activity.attendances.filter(deputy=world.deputy).update(presence=P.PRESENT)
    Activity.objects.filter(pk=activity.pk).update(status="held", outsiders=5, summary="群众王大爷反映")
    officer, url = as_("station_officer"), f"/office/activities/{activity.pk}/"
    text = officer.get(url).context["group_text"]
    assert "参加6人次（代表1人，群众5人次）" in text and "参加代表：李代表" in text
    assert "住院" not in text and "王大爷" not in text and world.deputy.phone not in text
    officer.post(f"{url}published/")
    assert "王大爷" in officer.get(url).context["group_text"]
    assert as_("deputy").get(url).context["group_text"] == ""


def test_each_item_that_comes_from_attendance_has_a_shipped_type() -> None:
    codes = {code for code, _ in TYPES}
    assert {"preparation", "session", "observing", "inspection", "research", "inquiry", "law_check"} <= codes
    assert {"group_meeting", "invited", "reception", "training", "learning", "survey", "meeting"} <= codes
    assert len(codes) == len(TYPES) == len({name for _, name in TYPES})
