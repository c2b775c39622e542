"""一人一档 (mission G1): eight blocks from records, each record once; frozen files; who reads which."""

from __future__ import annotations

import json
from datetime import date
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refused
from activities.models import Activity, ActivityType, Attendance, Mediation, ResearchReport
from activities.seeds import TYPES
from deputies.models import Congress, Deputy, GroupMembership, Mandate, Pairing
from duties.file import File, file_of, term_period, year_period, years_of
from duties.file_blocks import BLOCKS, MEETINGS, SURVEYS, TRAINING, Records, block_of
from duties.models import Award, DutyFile
from duties.services.filing import freeze
from stations.models import Station
from tests.cast import FullWorld, World, a_suggestion
from tests.duties.doing import client_of, held, proposal, reported, visited

NOON = "2026-09-20 04:00:00+00:00"
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def as_(full_world: FullWorld) -> Any:
    return partial(client_of, full_world)


@pytest.fixture
def busy(full_world: FullWorld) -> FullWorld:
    """A deputy with two seats, two stations and a group, and one record of every kind."""
    world, deputy = full_world, full_world.deputy
    city = Congress.objects.create(region=world.city, ordinal=5, first_met_on=date(2022, 2, 1))
    Mandate.objects.create(deputy=deputy, congress=city, since=date(2022, 2, 1))
    GroupMembership.objects.create(group=world.group, deputy=deputy, since=date(2025, 1, 10))
    held(world, "session", date(2026, 3, 2), deputy, title="县人代会")
    held(world, "research", date(2026, 4, 2), deputy, title="养殖用电调研")
    held(world, "training", date(2026, 4, 9), deputy, title="监督法培训")
    held(world, "group_meeting", date(2026, 5, 3), deputy, group=world.group, title="小组会议")
    held(world, "survey", date(2026, 5, 4), deputy, group=world.group, title="小组视察")
    held(world, "reception", date(2026, 6, 5), deputy, title="接待选民")
    visited(world, deputy, date(2026, 6, 8), 3, 7)
    visited(world, deputy, date(2026, 7, 8), 4, 9)
    reported(world, deputy, date(2026, 8, 1))
    proposal(world, deputy, date(2026, 3, 3), "11", world.second_deputy, title="关于变压器的建议")
    proposal(world, world.second_deputy, date(2026, 3, 4), "12", deputy, title="关于道路的建议")
    report = ResearchReport.objects.create(
        title="用电报告", station=world.station, region=world.township, finished_on=date(2026, 4, 20)
    )
    report.authors.add(deputy)
    Mediation.objects.create(
        deputy=deputy, station=world.station, region=world.township, mediated_on=date(2026, 5, 9), kind="land", times=2
    )
    Pairing.objects.create(deputy=deputy, kind="household", household="刘庄三组养殖户", since=date(2025, 2, 1))
    Award.objects.create(
        region=world.county,
        deputy=deputy,
        year=2026,
        name="优秀代表",
        awarded_on=date(2026, 9, 1),
        issuer="县人大常委会",
        document="郸人常〔2026〕9号",
    )
    return world


def this_year(world: World) -> File:
    return file_of(world.deputy, year_period(2026))


def test_eight_blocks_tell_every_record_once(busy: FullWorld) -> None:
    file = this_year(busy)
    assert [block.title for block in file.blocks] == [
        *("基本情况", "会议履职", "视察调研", "学习培训"),
        *("小组活动", "议案建议", "联系群众、述职与监督", "表彰"),
    ]
    counted = {
        "seats": 2,
        "meetings": 1,
        "surveys": 2,
        "research": 1,
        "training": 1,
        "group_activities": 2,
        "led": 1,
        "cosigned": 1,
        "station_activities": 1,
        "receptions": 1,
        "visits": 2,
        "households": 7,
        "people": 16,
        "duty_reports": 1,
        "mediations": 2,
        "pairings": 1,
        "awards": 1,
    }
    assert {key: file.fact(key) for key in counted} == counted
    opened = [(line.record, line.key) for block in file.blocks for line in block.lines if line.record]
    assert len(opened) == len(set(opened)) == 13


def test_the_ballot_stands_beside_the_report(busy: FullWorld) -> None:
    line = next(line for line in this_year(busy).block("contact").lines if line.text.startswith("述职"))
    assert line.detail.startswith("到会选民60人，收回测评票50张：满意45张、") and "满意率90.0%" in line.detail


def test_proposals_come_with_result_and_rating(busy: FullWorld) -> None:
    from suggestions.models import Suggestion

    Suggestion.objects.filter(proposal_number="11").update(
        replied_on=date(2026, 6, 1), result_class="A", rating="basically", supervised_on=date(2026, 4, 1)
    )
    file = this_year(busy)
    assert file.block("proposals").lines[0].detail == "领衔，第11号，重点督办，A类答复，评价：基本满意"
    assert (file.fact("answered"), file.fact("rated_basically"), file.fact("unrated")) == (1, 1, 0)
    Suggestion.objects.filter(proposal_number="11").update(rating="")
    assert this_year(busy).fact("unrated") == 1 and this_year(busy).fact("rated_satisfied") == 0


def test_opinions_are_told_by_number_only(busy: FullWorld) -> None:
    case = a_suggestion(busy, "accepted", name="王小明", phone="13800001111", text="刘家的猪场太臭。", consent=True)
    type(case).objects.filter(pk=case.pk).update(deputy=busy.deputy, submitted_on=date(2026, 9, 1))
    file = this_year(busy)
    assert file.fact("collected") == 1
    told = json.dumps(file.as_dict(), ensure_ascii=False)
    assert "王小明" not in told and "13800001111" not in told and "猪场" not in told


def test_no_phone_is_in_the_file(busy: FullWorld) -> None:
    busy.deputy.phone = "13900002222"
    busy.deputy.save()
    assert "13900002222" not in json.dumps(this_year(busy).as_dict())


def test_what_is_planned_cancelled_on_leave_or_unconfirmed_is_not_in_it(busy: FullWorld) -> None:
    before = this_year(busy).as_dict()
    held(busy, "training", date(2026, 9, 1), busy.deputy, status=Activity.Status.PLANNED)
    held(busy, "training", date(2026, 9, 1), busy.deputy, status=Activity.Status.CANCELLED)
    away = held(busy, "training", date(2026, 9, 2), busy.deputy)
    Attendance.objects.filter(activity=away).update(presence="leave")
    visit = visited(busy, busy.deputy, date(2026, 9, 3))
    type(visit).objects.filter(pk=visit.pk).update(confirmed_at=None)
    assert this_year(busy).as_dict() == before
    away = held(busy, "observing", date(2026, 9, 4), busy.deputy)
    Attendance.objects.filter(activity=away).update(presence="absent")
    assert (this_year(busy).fact("meetings"), this_year(busy).fact("meetings_absent")) == (1, 1)


def test_the_file_survives_json(busy: FullWorld) -> None:
    content = this_year(busy).as_dict()
    assert json.loads(json.dumps(content, ensure_ascii=False)) == content
    assert this_year(busy).as_dict() == content


@pytest.mark.parametrize("code", [code for code, _ in TYPES])
def test_every_shipped_type_has_its_one_block(world: World, code: str) -> None:
    held(world, code, date(2026, 5, 5), world.deputy)
    records = Records(world.deputy, year_period(2026))
    found = [block.key for build in BLOCKS for block in [build(records)] if any(line.record for line in block.lines)]
    assert found == [block_of(Activity.objects.select_related("type").get())]
    assert len({code} & MEETINGS) + len({code} & SURVEYS) + len({code} & TRAINING) <= 1


def test_a_type_of_the_county_s_own_is_told_by_who_held_it(full_world: FullWorld) -> None:
    ActivityType.objects.create(code="tea", name="茶话会")
    held(full_world, "tea", date(2026, 5, 5), full_world.group_deputy, group=full_world.group)
    held(full_world, "tea", date(2026, 5, 6), full_world.group_deputy)
    file = file_of(full_world.group_deputy, year_period(2026))
    assert len(file.block("groups").lines) == 1 and file.fact("station_activities") == 1


def test_a_term_ends_the_day_before_the_next_begins(busy: FullWorld) -> None:
    busy.congress.ended_on = date(2026, 6, 5)
    busy.congress.save()
    file = file_of(busy.deputy, term_period(busy.congress))
    assert (file.fact("receptions"), file.fact("visits"), file.fact("training")) == (0, 0, 1)
    assert file.end == "2026年6月4日"


def test_years_begin_with_the_first_seat(busy: FullWorld) -> None:
    assert years_of(busy.deputy)[-1] == 2022 and years_of(busy.deputy)[0] == 2026


def test_no_more_queries_for_more_records(busy: FullWorld) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            this_year(busy)
        return len(queries)

    before = asked()
    for n in range(3):
        held(busy, "training", date(2026, 9, 1 + n), busy.deputy)
        visited(busy, busy.deputy, date(2026, 9, 1 + n))
        reported(busy, busy.deputy, date(2026, 9, 1 + n))
        proposal(busy, busy.deputy, date(2026, 9, 1), f"3{n}")
    assert asked() == before <= 25


# Frozen


def test_a_frozen_file_stays_whatever_happens(busy: FullWorld, as_: Any) -> None:
    kept = freeze(busy.deputy, busy.congress, busy.county_staff)
    content = json.dumps(kept.content, ensure_ascii=False, sort_keys=True)
    held(busy, "training", date(2026, 4, 10), busy.deputy, title="后来补录的培训")
    busy.deputy.name = "李改名"
    busy.deputy.save()
    again = DutyFile.objects.get(pk=kept.pk)
    assert json.dumps(again.content, ensure_ascii=False, sort_keys=True) == content
    page = as_("deputy").get(f"/office/duties/file/?congress={busy.congress.pk}").content.decode()
    assert "后来补录的培训" not in page and "李改名代表履职档案" not in page and "已随届满归档" in page
    assert "后来补录的培训" in as_("deputy").get("/office/duties/file/?year=2026").content.decode()


def test_a_file_freezes_once_and_only_for_a_term_that_was_served(busy: FullWorld) -> None:
    freeze(busy.deputy, busy.congress, None)
    with pytest.raises(Refused, match="已经归档"):
        freeze(busy.deputy, busy.congress, None)
    other = Congress.objects.create(region=busy.other_county, ordinal=3, first_met_on=date(2022, 1, 1))
    with pytest.raises(Refused, match="没有担任过"):
        freeze(busy.deputy, other, None)


# Who reads it


def statuses(as_: Any, path: str, who: list[Any]) -> list[int]:
    return [as_(one).get(path).status_code for one in who]


def test_own_staff_and_the_people_of_the_station_read_it(busy: FullWorld, as_: Any) -> None:
    path = f"/office/duties/file/{busy.deputy.slug}/"
    assert statuses(as_, path, ["deputy", "county_staff", "station_officer", "city_staff"]) == [200] * 4
    others = [busy.other_staff, busy.other_officer, busy.accounts["second_user"], "unit_clerk", "system_admin"]
    assert statuses(as_, path, others) == [404] * 5
    assert statuses(as_, f"{path}file.pdf", others) == [404] * 5
    assert statuses(as_, f"{path}file.docx", others) == [404] * 5
    assert as_("anonymous").get(path).status_code == 302
    assert as_("deputy").get("/office/duties/file/").status_code == 200
    assert as_("county_staff").get("/office/duties/file/").status_code == 404


def test_the_leader_of_the_group_reads_the_members_without_points(busy: FullWorld, as_: Any, monkeypatch: Any) -> None:
    from duties import file_shelf

    scored = {busy.deputy.pk: {"total": "77.5", "grade": "称职", "is_best": False}}
    monkeypatch.setattr(file_shelf, "points_of", lambda deputies, year: scored if year == 2026 else {})
    path = f"/office/duties/file/{busy.deputy.slug}/"
    assert "77.5分" in as_("deputy").get(path).content.decode()
    leader = busy.accounts["group_user"]
    assert as_(leader).get(path).status_code == 404
    GroupMembership.objects.filter(deputy=busy.group_deputy).update(is_leader=True)
    page = as_(leader).get(path)
    assert page.status_code == 200 and "77.5" not in page.content.decode()
    assert as_(leader).get(f"{path}file.docx").status_code == 404
    assert as_(leader).get(f"/office/duties/file/{busy.second_deputy.slug}/").status_code == 404


def test_a_frozen_file_is_for_the_deputy_and_who_keeps_the_file(busy: FullWorld, as_: Any) -> None:
    freeze(busy.deputy, busy.congress, None)
    path = f"/office/duties/file/{busy.deputy.slug}/?congress={busy.congress.pk}"
    assert statuses(as_, path, ["deputy", "county_staff", "city_staff"]) == [200] * 3
    assert statuses(as_, path, ["station_officer", busy.other_staff]) == [404] * 2


@pytest.mark.parametrize(
    "query", ["year=1999", "year=abc", "year=99999999999", "congress=0", "congress=x", "year=2027"]
)
def test_a_period_that_is_none_is_a_missing_page(busy: FullWorld, as_: Any, query: str) -> None:
    assert as_("deputy").get(f"/office/duties/file/?{query}").status_code == 404


def test_records_open_for_who_may_see_them(busy: FullWorld, as_: Any) -> None:
    page = as_("deputy").get("/office/duties/file/").content.decode()
    activity = Activity.objects.get(title="县人代会")
    assert f'href="/office/activities/{activity.pk}/"' in page
    elsewhere = Station.objects.get(pk=busy.other_station.pk)
    Activity.objects.filter(pk=activity.pk).update(
        station=elsewhere, region=busy.other_county, region_path=busy.other_county.path, county=busy.other_county.path
    )
    page = as_("county_staff").get(f"/office/duties/file/{busy.deputy.slug}/").content.decode()
    assert "县人代会" in page and f"/office/activities/{activity.pk}/" not in page


def test_the_list_of_files_is_within_scope(busy: FullWorld, as_: Any) -> None:
    page = as_("county_staff").get("/office/duties/files/").content.decode()
    assert busy.deputy.slug in page and busy.group.name in page
    assert busy.deputy.slug not in as_(busy.other_staff).get("/office/duties/files/").content.decode()
    found = as_("county_staff").get("/office/duties/files/", {"name": busy.second_deputy.name}).content.decode()
    assert busy.second_deputy.slug in found and busy.deputy.slug not in found
    assert as_("deputy").get("/office/duties/files/").status_code == 404


def test_the_list_of_files_costs_the_same_with_more_people(busy: FullWorld, as_: Any) -> None:
    staff = as_("county_staff")
    costs = []
    for n in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert staff.get("/office/duties/files/").status_code == 200
        costs.append(len(queries))
        for one in range(3):
            deputy = Deputy.objects.create(region=busy.county, name=f"{n}{one}代表")
            Mandate.objects.create(deputy=deputy, congress=busy.congress, since=date(2022, 3, 1))
    assert costs[0] == costs[1]
