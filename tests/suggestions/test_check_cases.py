"""What the services write passes the checker; the planted faults are in tests/demo."""

import pytest

from suggestions import services
from suggestions.checks import dossiers, faults
from suggestions.models import Suggestion
from tests.cast import STAGES, World, a_suggestion


def test_every_stage_the_services_bring_a_case_to_passes(world: World) -> None:
    for stage in STAGES:
        a_suggestion(world, stage)
    assert set(Suggestion.objects.values_list("status", flat=True)) == set(STAGES)
    assert [str(fault) for fault in faults(dossiers())] == []


def test_the_ways_back_in_pass(world: World) -> None:
    reviewed = a_suggestion(world, "reviewing")
    services.rehandle(reviewed, reason="请再到现场看。", by=world.county_staff)
    asked = a_suggestion(world, "closed")
    services.request_reopen(asked, reason="又坏了。")
    services.reopen(asked, reason="已核实，重新受理。", by=world.county_staff)
    again = a_suggestion(world, "declined")
    services.request_reopen(again, reason="不是个人纠纷。")
    kept = a_suggestion(world, "tracking")
    services.fulfil(kept, text="已经办成。", by=world.unit_head)
    returned = a_suggestion(world, "handling")
    services.request_return(returned, reason="不属于本单位。", to=world.roads, by=world.unit_clerk)
    services.approve_return(returned, by=world.county_staff)
    services.transfer(returned, to=world.roads, by=world.county_staff)
    assert [str(fault) for fault in faults(dossiers())] == []


@pytest.mark.parametrize("number", [1, 2])
def test_the_cost_is_the_same_for_one_case_and_for_two(
    world: World, number: int, django_assert_num_queries: object
) -> None:
    for _ in range(number):
        a_suggestion(world, "closed")
    with django_assert_num_queries(9):  # type: ignore[operator]
        assert list(faults(dossiers())) == []
