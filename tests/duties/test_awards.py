"""候选名单: who meets every condition, with the facts, in the order of strokes; 表彰 with its paper."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from auditlog.models import LogEntry
from django.test import Client

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import User
from activities.models import Activity, ActivityType, Attendance, ResearchReport
from deputies.models import Deputy, GroupMembership
from duties.candidates import candidates_of
from duties.models import Award, PointEntry, PointMajor, PointPeriod, PointScheme, SpotCheckResult, Target
from duties.rules import DEPUTY, GROUP
from duties.services.awards import record_award, strike_award
from duties.services.year_end import draw_spot_check
from suggestions.models import Suggestion
from tests.cast import FullWorld, a_proposal, a_suggestion

YEAR = today().year - 1


def active(world: FullWorld, deputy: Deputy, *, receptions: int = 2, opinions: int = 1) -> None:
    for number in range(receptions):
        activity = Activity.objects.create(
            type=ActivityType.objects.get(code="reception"),
            title="接待日",
            station=world.county_station,
            region=world.county,
            held_on=date(YEAR, 5, 1) + timedelta(number),
        )
        Attendance.objects.create(activity=activity, deputy=deputy)
    for _ in range(opinions):
        heard = a_suggestion(world, "accepted")
        Suggestion.objects.filter(pk=heard.pk).update(deputy=deputy, submitted_on=date(YEAR, 6, 1))


def names(world: FullWorld, kind: str = DEPUTY) -> list[str]:
    return [row.name for row in candidates_of(kind, world.county, YEAR).rows]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_who_meets_every_condition_stands_in_the_list_by_strokes(full_world: FullWorld) -> None:
    world = full_world
    active(world, world.deputy, receptions=2)
    active(world, world.second_deputy, receptions=5, opinions=3)
    active(world, world.third_deputy, receptions=1)
    active(world, world.group_deputy, receptions=4, opinions=0)
    found = candidates_of(DEPUTY, world.county, YEAR)
    assert [row.name for row in found.rows] == ["何代表", "李代表"], "何 has seven strokes, as 李: then by the name"
    assert found.asked == 4 and "进站接待不少于2次" in found.conditions
    assert found.rows[1].reasons == ("参加活动2次", "收集意见1条")


def test_a_target_of_the_year_is_the_condition(full_world: FullWorld) -> None:
    world = full_world
    active(world, world.deputy)
    active(world, world.second_deputy, receptions=3)
    Target.objects.create(region=world.city, year=YEAR, of=DEPUTY, rule="attended", span="year", least=3)
    assert names(world) == ["何代表"]


def test_a_difference_at_the_spot_check_and_a_suspended_seat_keep_out(full_world: FullWorld) -> None:
    world = full_world
    for deputy in (world.deputy, world.second_deputy, world.third_deputy):
        active(world, deputy)
    check = draw_spot_check(world.county, year=YEAR, size=4, by=world.county_staff)
    SpotCheckResult.objects.filter(check_of=check, deputy=world.deputy).update(outcome="differs", note="没有去")
    world.third_deputy.mandates.update(status="suspended", reason="detained")
    assert names(world) == ["何代表"]


def test_where_points_are_adopted_only_the_best_grade_stands(full_world: FullWorld) -> None:
    world = full_world
    active(world, world.deputy)
    active(world, world.second_deputy)
    scheme = PointScheme.objects.create(
        region=world.county, year=YEAR, name="积分办法", good_from=Decimal(10), fair_from=Decimal(5)
    )
    major = PointMajor.objects.create(scheme=scheme, code="D", name="联系群众", cap=Decimal(20))
    item = major.items.create(code="D1", name="进站接待")
    period = PointPeriod.objects.create(region=world.county, year=YEAR)
    for record, (deputy, given) in enumerate(((world.deputy, 12), (world.second_deputy, 6)), 1):
        PointEntry.objects.create(
            period=period,
            deputy=deputy,
            item=item,
            rule="attended",
            record="attendance",
            record_id=record,
            points=Decimal(given),
            happened_on=date(YEAR, 5, 1),
            says="接待日",
        )
    assert names(world) == ["何代表", "李代表"], "a scheme that is not adopted says nothing"
    PointScheme.objects.update(adopted_on=date(YEAR, 1, 1), adopted_by=world.county_staff, basis="主任会议")
    found = candidates_of(DEPUTY, world.county, YEAR)
    assert [row.name for row in found.rows] == ["李代表"]
    assert found.rows[0].reasons[0] == "履职积分12分，优秀"


def test_groups_owe_four_activities_a_report_and_two_proposals(full_world: FullWorld) -> None:
    world = full_world
    GroupMembership.objects.create(group=world.group, deputy=world.deputy, since=date(2025, 1, 10), is_leader=True)
    for number in range(4):
        Activity.objects.create(
            type=ActivityType.objects.get(code="group_meeting"),
            title="小组会",
            group=world.group,
            region=world.county,
            held_on=date(YEAR, 3 + number, 1),
        )
    ResearchReport.objects.create(
        region=world.county, group=world.group, title="调研报告", finished_on=date(YEAR, 9, 1), logged_by=None
    )
    for title in ("关于甲的建议", "关于乙的建议"):
        assert names(world, GROUP) == []
        proposal = a_proposal(world, "accepted", title=title)
        Suggestion.objects.filter(pk=proposal.pk).update(submitted_on=date(YEAR, 8, 1))
    row = candidates_of(GROUP, world.county, YEAR).rows[0]
    assert row.why == "开展活动4次；调研报告1篇；小组建议2件" and row.about == "组长李代表"


def test_the_page_and_the_sheet_are_congress_staffs_alone(full_world: FullWorld) -> None:
    world = full_world
    Deputy.objects.filter(pk=world.deputy.pk).update(name="=1+1")
    active(world, world.deputy)
    url = f"/office/duties/year_end/candidates/?year={YEAR}"
    staff = signed_in(world.county_staff)
    page = staff.get(url).content.decode()
    assert "共4人，符合以下全部条件的1人" in page and "不分先后" in page
    book = openpyxl.load_workbook(io.BytesIO(staff.get(f"{url}&export=xlsx").content))
    cell = book.worksheets[0]["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s"), "typed text never becomes a formula"
    groups = staff.get(f"{url}&of=group").content.decode()
    assert "没有符合全部条件的" in groups
    assert signed_in(world.township_staff).get(url).status_code == 200
    assert "=1+1" not in signed_in(world.township_staff).get(url).content.decode()
    beyond = staff.get(f"{url}&region=411624000000")
    assert "请从列出的选项中选" in beyond.content.decode() or "有效的" in beyond.content.decode()
    for who in ("deputy", "station_officer", "station_head", "unit_clerk", "supervision_office", "system_admin"):
        assert signed_in(world.users[who]).get(url).status_code == 404, who
        assert signed_in(world.users[who]).get(f"{url}&export=xlsx").status_code == 404, who


# Awards


def an_award(world: FullWorld, **changed: Any) -> Award:
    usual: dict[str, Any] = {
        "deputy": world.deputy,
        "year": YEAR,
        "name": "优秀代表",
        "awarded_on": date(YEAR, 12, 30),
        "issuer": "郸城县人大常委会",
        "document": "郸人常〔2026〕1号",
    }
    return Award(**{**usual, **changed})


def test_an_award_takes_the_region_of_whom_it_honours(full_world: FullWorld) -> None:
    award = record_award(an_award(full_world), by=full_world.county_staff)
    assert award.region == full_world.county
    of_group = record_award(
        an_award(full_world, deputy=None, group=full_world.group, name="先进代表小组"), by=full_world.city_staff
    )
    assert of_group.region == full_world.county


@pytest.mark.parametrize(
    ("changed", "sentence", "field"),
    [
        ({"document": " "}, "不能为空|这个字段", "document"),
        ({"awarded_on": today() + timedelta(1)}, "不能晚于今天", "awarded_on"),
        ({"deputy": None}, "请选择一位代表或一个代表小组", None),
    ],
)
def test_an_award_needs_its_paper_and_its_day(
    full_world: FullWorld, changed: dict[str, Any], sentence: str, field: str | None
) -> None:
    with pytest.raises(Refused, match=sentence) as refused:
        record_award(an_award(full_world, **changed), by=full_world.county_staff)
    assert refused.value.field == field


def test_the_same_honour_is_entered_once_and_by_whom_keeps_the_file(full_world: FullWorld) -> None:
    record_award(an_award(full_world), by=full_world.county_staff)
    with pytest.raises(Refused, match="已经登记"):
        record_award(an_award(full_world), by=full_world.county_staff)
    for by in (full_world.township_staff, full_world.other_staff, full_world.station_officer):
        with pytest.raises(Refused, match="档案不在本区域"):
            record_award(an_award(full_world, name="先进"), by=by)
        with pytest.raises(Refused, match="小组不在您的辖区"):
            record_award(an_award(full_world, deputy=None, group=full_world.group), by=by)


def test_what_was_entered_by_mistake_goes_and_the_audit_keeps_it(full_world: FullWorld) -> None:
    award = record_award(an_award(full_world), by=full_world.county_staff)
    pk = award.pk
    with pytest.raises(Refused):
        strike_award(award, by=full_world.other_staff)
    strike_award(award, by=full_world.county_staff)
    assert not Award.objects.exists()
    gone = LogEntry.objects.filter(object_id=pk)
    assert gone.filter(content_type__model="award", action=LogEntry.Action.DELETE).exists()


def test_the_pages_of_awards(full_world: FullWorld) -> None:
    world = full_world
    staff = signed_in(world.county_staff)
    new = f"/office/duties/year_end/awards/new/?year={YEAR}&deputy={world.deputy.slug}"
    assert "优秀代表" in staff.get(new).content.decode()
    data = {
        "year": YEAR,
        "name": "优秀代表",
        "grade": "county",
        "awarded_on": date(YEAR, 12, 30).isoformat(),
        "issuer": "郸城县人大常委会",
        "document": "",
    }
    assert "请填写文号" in staff.post(new, data).content.decode()
    listed = staff.post(new, {**data, "document": "郸人常〔2026〕1号"}, follow=True).content.decode()
    assert "郸人常〔2026〕1号" in listed
    award = Award.objects.get()
    page = f"/office/duties/year_end/awards/{award.pk}/"
    staff.post(page, {**data, "document": "郸人常〔2026〕2号"})
    award.refresh_from_db()
    assert award.document == "郸人常〔2026〕2号"
    assert signed_in(world.other_staff).get(page).status_code == 404
    assert signed_in(world.users["deputy"]).get(page).status_code == 404
    assert signed_in(world.other_staff).get(new).status_code == 404
    assert staff.get("/office/duties/year_end/awards/new/?group=abc").status_code == 404
    staff.post(page, {"act": "strike"})
    assert not Award.objects.exists()
