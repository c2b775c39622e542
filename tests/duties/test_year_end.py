"""年终: opinions from each side once, and a notice that is the deputy's own."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Notice, User
from activities.models import Activity, ActivityType, Attendance
from deputies.models import GroupMembership, StationMembership
from duties.models import PointPeriod, SpotCheckResult, YearNotice, YearOpinion
from duties.services.year_end import (
    contents_of,
    draw_spot_check,
    give_all_notices,
    open_notice,
    sides_of,
    waiting_for_notice,
    write_opinion,
)
from tests.cast import FullWorld

YEAR = today().year - 1


@pytest.fixture
def led(full_world: FullWorld) -> FullWorld:
    """李代表 leads the group in which 吕组员 sits; 何代表 sits in none."""
    GroupMembership.objects.create(
        group=full_world.group, deputy=full_world.deputy, since=date(2025, 1, 10), is_leader=True
    )
    return full_world


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def attended(world: FullWorld, code: str = "reception", times: int = 1) -> None:
    for number in range(times):
        activity = Activity.objects.create(
            type=ActivityType.objects.get(code=code),
            title=f"活动{number}",
            group=world.group,
            region=world.county,
            held_on=date(YEAR, 3, 1) + timedelta(number),
        )
        Attendance.objects.create(activity=activity, deputy=world.group_deputy)


def opinion(world: FullWorld, **changed: Any) -> YearOpinion:
    asked: dict[str, Any] = {"year": YEAR, "side": "leader", "text": "常到站里来。", "by": world.users["deputy"]}
    return write_opinion(world.group_deputy, **{**asked, **changed})


# Opinions


def test_each_side_speaks_once_and_may_change_its_words(led: FullWorld) -> None:
    opinion(led)
    opinion(led, text="常到站里来，会说群众的话。")
    opinion(led, side="electors", text="选民满意。", by=led.county_staff)
    assert list(YearOpinion.objects.order_by("-side").values_list("side", "text")) == [
        ("leader", "常到站里来，会说群众的话。"),
        ("electors", "选民满意。"),
    ]


def test_who_is_no_side_is_refused(led: FullWorld) -> None:
    strangers = (
        led.accounts["second_user"],
        led.accounts["group_user"],
        led.station_officer,
        led.other_staff,
        led.unit_clerk,
    )
    for by in strangers:
        for side in ("leader", "electors"):
            with pytest.raises(Refused, match="组长、选举单位"):
                opinion(led, by=by, side=side)
    with pytest.raises(Refused, match="组长、选举单位"):
        opinion(led, by=led.county_staff)
    assert sides_of(led.users["deputy"], led.deputy) == [], "nobody speaks about the own person"


def test_a_township_speaks_for_those_whose_home_station_is_there(led: FullWorld) -> None:
    assert sides_of(led.township_staff, led.group_deputy) == []
    StationMembership.objects.create(deputy=led.group_deputy, station=led.station, kind="home", since=date(2025, 2, 1))
    assert sides_of(led.township_staff, led.group_deputy) == ["electors"]
    written = opinion(led, side="electors", by=led.township_staff)
    assert written in YearOpinion.objects.visible_to(led.county_staff)


def test_a_suspended_leader_does_not_speak(led: FullWorld) -> None:
    led.deputy.mandates.update(status="suspended", reason="detained")
    with pytest.raises(Refused, match="组长"):
        opinion(led)


def test_another_leader_does_not_write_over_the_first(led: FullWorld) -> None:
    opinion(led)
    group = led.group
    other = type(group).objects.create(
        region=led.county, name="第二小组", kind="regional", level="county", since=date(2025, 1, 1)
    )
    GroupMembership.objects.create(group=other, deputy=led.group_deputy, since=date(2025, 1, 1))
    GroupMembership.objects.create(group=other, deputy=led.second_deputy, since=date(2025, 1, 1), is_leader=True)
    second = led.accounts["second_user"]
    with pytest.raises(Refused, match="李代表已作为组长填写了意见"):
        opinion(led, by=second, text="不同意")
    GroupMembership.objects.filter(deputy=led.deputy).update(ended_on=today())
    assert opinion(led, by=second, text="接任后补充。").by == second


@pytest.mark.parametrize("above", [False, True])
def test_a_closed_year_is_not_changed(led: FullWorld, above: bool) -> None:
    opinion(led)
    region = led.city if above else led.county
    PointPeriod.objects.create(region=region, year=YEAR, closed_at=timezone.now())
    with pytest.raises(Refused, match="已经封账"):
        opinion(led, text="改")
    assert YearOpinion.objects.get().text == "常到站里来。"
    assert opinion(led, year=YEAR - 1).year == YEAR - 1


def test_an_own_period_that_is_open_is_not_closed_by_the_one_above(led: FullWorld) -> None:
    PointPeriod.objects.create(region=led.city, year=YEAR, closed_at=timezone.now())
    PointPeriod.objects.create(region=led.county, year=YEAR)
    assert opinion(led).pk


def test_nothing_and_a_year_to_come_are_refused(led: FullWorld) -> None:
    with pytest.raises(Refused, match="请写明意见"):
        opinion(led, text="  ")
    with pytest.raises(Refused, match="没有.*年度"):
        opinion(led, year=today().year + 1)


# The notice


def test_the_notice_says_the_own_facts_and_is_told_without_them(led: FullWorld, settings: Any) -> None:
    settings.SMS_GATEWAY_URL = "https://sms.example/send"
    User.objects.filter(pk=led.accounts["group_user"].pk).update(phone="13800000009")
    attended(led, times=3)
    opinion(led)
    check = draw_spot_check(led.county, year=YEAR, size=4, by=led.county_staff)
    SpotCheckResult.objects.filter(check_of=check).update(outcome="agrees", note="查了签到表")
    given = give_all_notices(year=YEAR, by=led.county_staff)
    assert (given.people, given.on_paper) == (4, 0)
    content = YearNotice.objects.get(deputy=led.group_deputy).content
    assert ["参加活动", 3, "次"] in content["facts"] and content["points"] is None
    assert content["opinions"] == [["代表小组组长", "常到站里来。"]]
    assert content["checks"] == [["与记录一致", "查了签到表"]]
    everything = json.dumps(content, ensure_ascii=False)
    assert not any(name in everything for name in ("李代表", "何代表", "许代表", "名次", "平均"))
    message = Notice.objects.get(key__startswith=f"year-notice:{YEAR}:{led.group_deputy.pk}:")
    assert "履职情况通报" in message.text and "吕组员" not in message.text and "常到站里来" not in message.text


def test_each_is_told_once_and_what_is_told_stays(led: FullWorld) -> None:
    give_all_notices(year=YEAR, by=led.county_staff)
    attended(led)
    assert give_all_notices(year=YEAR, by=led.county_staff).people == 0
    kept = YearNotice.objects.get(deputy=led.group_deputy)
    assert ["参加活动", 0, "次"] in kept.content["facts"]
    assert not waiting_for_notice(led.county_staff, YEAR).exists()


def test_a_year_is_told_when_it_is_nearly_over(led: FullWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, refused in ((date(2026, 11, 30), True), (date(2026, 12, 1), False)):
        monkeypatch.setattr("duties.services.year_end.today", lambda day=day: day)
        if refused:
            with pytest.raises(Refused, match="还没有过完，从12月起"):
                give_all_notices(year=2026, by=led.county_staff)
        else:
            assert give_all_notices(year=2026, by=led.county_staff).people == 4


def test_only_who_keeps_the_file_tells(led: FullWorld) -> None:
    assert give_all_notices(year=YEAR, by=led.township_staff).people == 0
    assert give_all_notices(year=YEAR, by=led.other_staff).people == 0
    assert not YearNotice.objects.exists()


def test_many_are_told_in_a_fixed_number_of_questions(led: FullWorld, django_assert_max_num_queries: Any) -> None:
    people = list(waiting_for_notice(led.county_staff, YEAR).select_related("region"))
    with django_assert_max_num_queries(14):
        contents_of(people, YEAR)


def test_read_is_when_the_deputy_opens_it(led: FullWorld) -> None:
    give_all_notices(year=YEAR, by=led.county_staff)
    notice = YearNotice.objects.get(deputy=led.group_deputy)
    url = f"/office/duties/year_end/notices/{notice.pk}/"
    assert signed_in(led.county_staff).get(url).status_code == 200
    notice.refresh_from_db()
    assert notice.read_at is None
    for by in (led.users["deputy"], led.accounts["second_user"], led.other_staff, led.township_staff, led.unit_head):
        assert signed_in(by).get(url).status_code == 404, by
    own = signed_in(led.accounts["group_user"])
    assert "履职情况通报" in own.get(url).content.decode()
    notice.refresh_from_db()
    first = notice.read_at
    assert first is not None
    open_notice(notice, led.accounts["group_user"])
    notice.refresh_from_db()
    assert notice.read_at == first


# Pages


def test_the_leaders_pages_show_members_and_facts_and_no_points(led: FullWorld) -> None:
    attended(led, times=2)
    leader = signed_in(led.users["deputy"])
    hub = leader.get(f"/office/duties/year_end/?year={YEAR}").content.decode()
    assert "评价小组成员" in hub
    listed = leader.get(f"/office/duties/year_end/opinions/?year={YEAR}&side=leader").content.decode()
    assert "吕组员" in listed and "参加活动2次" in listed and "待填写" in listed
    main = listed.split("<main", 1)[1]
    assert "何代表" not in main and "积分" not in main
    url = f"/office/duties/year_end/opinions/{YEAR}/{led.group_deputy.slug}/leader/"
    assert "请填写评价意见" in leader.post(url, {"text": ""}).content.decode()
    leader.post(url, {"text": "常到站里来。"})
    assert YearOpinion.objects.get().by == led.users["deputy"]
    assert leader.get(url.replace("leader", "electors")).status_code == 404
    assert leader.get("/office/duties/year_end/opinions/?side=electors").status_code == 404
    assert leader.get(f"/office/duties/year_end/opinions/{YEAR}/{led.second_deputy.slug}/leader/").status_code == 404
    mine = signed_in(led.accounts["group_user"]).get(f"/office/duties/year_end/?year={YEAR}").content.decode()
    assert "常到站里来。" in mine


def test_the_staffs_pages(led: FullWorld) -> None:
    staff = signed_in(led.county_staff)
    hub = staff.get(f"/office/duties/year_end/?year={YEAR}").content.decode()
    assert "4人：组长意见已填0人" in hub and "待通报4人" in hub
    todo = staff.get(f"/office/duties/year_end/opinions/?year={YEAR}&todo=1").content.decode()
    assert "李代表" in todo
    url = f"/office/duties/year_end/opinions/{YEAR}/{led.deputy.slug}/electors/"
    assert "已保存对李代表的意见" in staff.post(url, {"text": "选民满意。"}, follow=True).content.decode()
    assert "李代表" not in staff.get(f"/office/duties/year_end/opinions/?year={YEAR}&todo=1").content.decode()
    notices = f"/office/duties/year_end/notices/?year={YEAR}"
    page = staff.get(notices).content.decode()
    assert "还有4人没有通报" in page and "其中3人两方意见都还没有填" in page
    assert "已通报4人" in staff.post(notices, follow=True).content.decode()
    for who in ("station_officer", "unit_clerk", "system_admin"):
        assert signed_in(led.users[who]).get("/office/duties/year_end/").status_code == 404, who
    odd = staff.get("/office/duties/year_end/?year=31999")
    assert odd.status_code == 200
