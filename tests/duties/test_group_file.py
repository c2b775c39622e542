"""The group's file: members, activities, reports, proposals, the three conditions, and the mean for those who keep it."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import pytest
import time_machine

from activities.models import ResearchReport
from deputies.models import GroupMembership
from duties.group_file import group_file
from duties.models import Target
from tests.cast import FullWorld
from tests.duties.doing import client_of, held, proposal, visited

NOON = "2026-09-20 04:00:00+00:00"


@pytest.fixture
def as_(full_world: FullWorld) -> Any:
    return partial(client_of, full_world)


@pytest.fixture
def busy(full_world: FullWorld) -> Any:
    world = full_world
    with time_machine.travel(NOON, tick=False):
        for month in range(1, 5):
            held(world, "group_meeting", date(2026, month, 3), world.group_deputy, group=world.group)
        ResearchReport.objects.create(
            title="种植报告", group=world.group, region=world.county, finished_on=date(2026, 4, 20)
        )
        proposal(world, world.group_deputy, date(2026, 3, 3), "21")
        visited(world, world.group_deputy, date(2026, 3, 3), group=world.group)
        yield world


def conditions(world: FullWorld) -> list[tuple[str, str]]:
    lines = group_file(world.group, 2026).block("conditions").lines
    return [(line.text, line.detail) for line in lines]


def test_the_three_conditions(busy: FullWorld) -> None:
    assert [detail for _, detail in conditions(busy)] == ["已有4，已完成", "已有1，已完成", "已有1，即将到期"]
    proposal(busy, busy.group_deputy, date(2026, 3, 4), "22")
    assert conditions(busy)[2] == ("小组建议不少于2件", "已有2，已完成")


def test_what_the_county_set_is_asked_instead(busy: FullWorld) -> None:
    Target.objects.create(region=busy.county, year=2026, of="group", rule="activities", span="year", least=6)
    assert conditions(busy) == [("每个代表小组每年开展活动不少于6次", "已有4，即将到期")]


def test_a_proposal_of_who_had_left_is_not_the_group_s(busy: FullWorld) -> None:
    GroupMembership.objects.filter(deputy=busy.group_deputy).update(ended_on=date(2026, 3, 2))
    file = group_file(busy.group, 2026)
    assert file.fact("proposals") == 0 and file.fact("members") == 1


def test_members_and_work(busy: FullWorld) -> None:
    GroupMembership.objects.create(group=busy.group, deputy=busy.deputy, since=date(2026, 2, 1), is_leader=True)
    file = group_file(busy.group, 2026)
    assert [(line.text, line.detail) for line in file.block("basics").lines] == [
        (busy.deputy.name, "组长"),
        (busy.group_deputy.name, "成员"),
    ]
    assert (file.fact("activities"), file.fact("visits"), file.fact("research"), file.fact("proposals")) == (4, 1, 1, 1)


def test_members_read_it_without_the_mean(busy: FullWorld, as_: Any, monkeypatch: Any) -> None:
    from duties import file_points

    scored = {busy.group_deputy.pk: {"total": "66.5", "grade": "称职", "is_best": False}}
    monkeypatch.setattr(file_points, "points_of", lambda deputies, year: scored)
    path = f"/office/duties/groups/{busy.group.pk}/"
    assert "66.5" in as_("county_staff").get(path).content.decode()
    member = as_(busy.accounts["group_user"]).get(path)
    assert member.status_code == 200 and "66.5" not in member.content.decode()


def test_out_of_scope_is_a_missing_page(busy: FullWorld, as_: Any) -> None:
    path = f"/office/duties/groups/{busy.group.pk}/"
    for who in (busy.other_staff, "deputy", "unit_clerk", "auditor"):
        assert as_(who).get(path).status_code == 404
        assert as_(who).get(f"{path}file.pdf").status_code == 404
    assert as_("county_staff").get(f"{path}?year=2024").status_code == 404
    assert as_("county_staff").get(f"{path}?year=2025").status_code == 200
