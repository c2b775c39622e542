"""重点督办: by a leader, with a group that reads from then on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Region
from deputies.models import DeputyGroup, GroupMembership
from suggestions import services
from suggestions.models import Suggestion
from suggestions.services.oversight import groups_for
from tests.cast import World, a_suggestion
from tests.suggestions.pages import errors_of, loses, say, stale_page


def a_group(region: Region, name: str = "农业农村小组", **extra: Any) -> DeputyGroup:
    return DeputyGroup.objects.create(
        region=region,
        name=name,
        kind="professional",
        level="county",
        category="agriculture",
        since=date(2025, 1, 1),
        **extra,
    )


def test_leader_and_group_are_kept_and_the_group_reads_the_case(world: World) -> None:
    case = a_suggestion(world, "handling")
    group = a_group(world.county)
    member = world.users["deputy"]
    GroupMembership.objects.create(group=group, deputy=world.deputy, since=today())
    assert not Suggestion.objects.visible_to(member).exists()
    event = services.supervise(case, leader="副主任周某", group=group, text="一月一报", by=world.county_staff)
    assert (event.public_text, event.data) == ("已列为重点督办。", {"leader": "副主任周某", "group": group.pk})
    assert event.inner_note == "督办领导：副主任周某\n督办小组：农业农村小组\n一月一报"
    case.refresh_from_db()
    assert (case.supervised_on, case.supervising_leader, case.supervising_group) == (today(), "副主任周某", group)
    assert list(Suggestion.objects.visible_to(member)) == [case]


def test_again_changes_who_does_and_the_events_keep_both(world: World) -> None:
    case = a_suggestion(world, "handling")
    first, second = a_group(world.county), a_group(world.city, "市农业小组")
    services.supervise(case, leader="周主任", group=first, by=world.county_staff)
    Suggestion.objects.update(supervised_on=date(2026, 1, 5))
    case.refresh_from_db()
    event = services.supervise(case, leader="吴主任", group=second, by=world.county_staff)
    case.refresh_from_db()
    assert (case.supervised_on, case.supervising_leader) == (date(2026, 1, 5), "吴主任")
    assert event.public_text == ""
    assert [e.data["leader"] for e in case.events.filter(verb="supervise")] == ["周主任", "吴主任"]


def test_a_group_is_of_the_region_or_above_and_active(world: World) -> None:
    case = a_suggestion(world, "handling")
    groups = {region: a_group(region) for region in (world.county, world.city, world.township, world.other_county)}
    ended = a_group(world.county, "旧组", ended_on=today())
    assert set(groups_for(case)) == {groups[world.county], groups[world.city], groups[world.township]}
    for group in (groups[world.other_county], ended):
        with pytest.raises(Refused, match="现有的代表小组") as refused:
            services.supervise(case, leader="周主任", group=group, by=world.county_staff)
        assert refused.value.field == "group"


def test_only_staff_of_an_open_case_and_never_without_a_leader(world: World) -> None:
    case = a_suggestion(world, "handling")
    for by in (world.supervision_office, world.unit_head, world.city_staff):
        with pytest.raises(Refused, match="职责"):
            services.supervise(case, leader="周主任", by=by)
    with pytest.raises(Refused, match="哪位领导"):
        services.supervise(case, leader="", by=world.county_staff)
    with pytest.raises(Refused, match="不能重点督办"):
        services.supervise(a_suggestion(world, "closed"), leader="周主任", by=world.county_staff)
    loses(world, case, lambda stale: services.supervise(stale, leader="周主任", by=world.county_staff))


def test_on_its_page(world: World, as_: Any) -> None:
    case, client = a_suggestion(world, "handling"), as_("county_staff")
    group, foreign = a_group(world.county), a_group(world.other_county)
    assert "选项中选" in errors_of(say(client, case, "supervise", leader="周主任", group=foreign.pk))
    assert say(client, case, "supervise", leader="周主任", group=group.pk).status_code == 302
    case.refresh_from_db()
    assert case.supervising_group == group
    stale_page(client, world, case, "supervise", leader="周主任")
