"""The registry of rules: a record counts once for its subject, whatever hangs on it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from deputies.models import DeputyGroup, GroupMembership
from duties.rules import DEPUTY, GROUP, RULES, STATION
from tests.cast import FullWorld
from tests.duties.doing import held, proposal

START, MAY, END = date(2025, 3, 1), date(2025, 5, 1), date(2025, 12, 31)


def keys(code: str, kind: str, subject: int, **extra: Any) -> list[int]:
    return list(RULES[code].records(kind, [subject], START, END, **extra).values_list("pk", flat=True))


def test_an_activity_with_three_departments_is_one(full_world: FullWorld) -> None:
    world = full_world
    activity = held(world, "station_meeting", MAY)
    activity.departments.add(world.power, world.roads, world.agriculture)
    assert keys("with_departments", STATION, world.station.pk) == [activity.pk]


def test_a_group_s_proposal_counts_once_though_its_lead_left_and_came_back(full_world: FullWorld) -> None:
    world = full_world
    lead = world.second_deputy
    for since, ended in ((date(2025, 1, 1), date(2025, 6, 1)), (date(2025, 2, 1), None)):
        GroupMembership.objects.create(group=world.group, deputy=lead, since=since, ended_on=ended)
    case = proposal(world, lead, MAY, "1")
    assert keys("group_proposals", GROUP, world.group.pk) == [case.pk]


def test_it_is_of_the_groups_the_lead_sat_in_that_day(full_world: FullWorld) -> None:
    world = full_world
    lead = world.second_deputy
    before = DeputyGroup.objects.create(region=world.county, name="一组", kind="regional", level="county", since=START)
    after = DeputyGroup.objects.create(region=world.county, name="二组", kind="regional", level="county", since=START)
    GroupMembership.objects.create(group=before, deputy=lead, since=date(2025, 1, 1), ended_on=MAY)
    GroupMembership.objects.create(group=after, deputy=lead, since=MAY)
    case = proposal(world, lead, MAY, "1")
    assert keys("group_proposals", GROUP, before.pk) == []
    assert keys("group_proposals", GROUP, after.pk) == [case.pk]


def test_only_present_at_what_was_held_counts(full_world: FullWorld) -> None:
    world = full_world
    activity = held(world, "training", MAY, world.deputy)
    assert len(keys("attended", DEPUTY, world.deputy.pk)) == 1
    assert keys("attended", DEPUTY, world.deputy.pk, types=["reception"]) == []
    activity.attendances.update(presence="leave")
    assert keys("attended", DEPUTY, world.deputy.pk) == []
    activity.attendances.update(presence="present")
    type(activity).objects.update(status="planned")
    assert keys("attended", DEPUTY, world.deputy.pk) == []


@pytest.mark.parametrize(
    ("satisfied", "basically", "dissatisfied", "praised"),
    [(90, 0, 10, 1), (80, 10, 10, 1), (89, 0, 11, 0), (0, 0, 0, 0)],
)
def test_nine_of_ten_ballots_praise(
    satisfied: int, basically: int, dissatisfied: int, praised: int, full_world: FullWorld
) -> None:
    from activities.models import DutyReport

    world = full_world
    DutyReport.objects.create(
        activity=held(world, "duty_report", MAY),
        deputy=world.deputy,
        voters=100,
        satisfied=satisfied,
        basically=basically,
        dissatisfied=dissatisfied,
    )
    assert len(keys("praised_reports", DEPUTY, world.deputy.pk)) == praised
    assert len(keys("duty_reports", DEPUTY, world.deputy.pk)) == 1
