"""What the services write passes the checker, and what they cannot have written does not; ten more faults are planted
in tests/demo.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.calendar import today
from accounts.models import Holiday
from suggestions import services
from suggestions.checks import faults
from suggestions.dossiers import dossiers
from suggestions.models import Assignment, Feedback, Merge, Promise, Review, Suggestion
from tests.cast import PROPOSAL_STAGES, STAGES, FullWorld, World, a_proposal, a_suggestion


def test_every_stage_the_services_bring_a_case_to_passes(world: World) -> None:
    for stage in STAGES:
        a_suggestion(world, stage)
    assert set(Suggestion.objects.values_list("status", flat=True)) == set(STAGES)
    assert [str(fault) for fault in faults(dossiers())] == []


def test_every_stage_of_a_proposal_passes(full_world: FullWorld) -> None:
    for stage in PROPOSAL_STAGES:
        a_proposal(full_world, stage, cosigners=(full_world.second_deputy,) if stage != "withdrawn" else ())
    assert set(Suggestion.objects.values_list("status", flat=True)) == set(PROPOSAL_STAGES)
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
    with django_assert_num_queries(12):  # type: ignore[operator]
        assert list(faults(dossiers())) == []


def distributed(world: FullWorld) -> Suggestion:
    case = a_suggestion(world, "accepted")
    services.transfer(case, to=world.office, by=world.county_staff)
    services.distribute(case, to=world.roads, by=world.office_clerk)
    return case


def merged(world: FullWorld) -> Suggestion:
    child = a_suggestion(world, "accepted")
    services.merge(child, to=a_suggestion(world, "replied"), by=world.county_staff)
    return child


def another_clock(world: FullWorld) -> None:
    case = distributed(world)
    last = case.assignments.latest("pk")
    Assignment.objects.filter(pk=last.pk).update(assigned_on=last.assigned_on - timedelta(days=1))


def nobody_passed_it_on(world: FullWorld) -> None:
    Assignment.objects.filter(pk=distributed(world).assignments.latest("pk").pk).update(via=None)


def another_answer_than_the_parents(world: FullWorld) -> None:
    Suggestion.objects.filter(pk=merged(world).pk).update(result_class="C")


def a_rating_nobody_gave(world: FullWorld) -> None:
    Suggestion.objects.filter(pk=merged(world).pk).update(rating="satisfied")


def merged_into_nothing(world: FullWorld) -> None:
    Merge.objects.filter(child=merged(world)).update(ended_at=timezone.now())


def merged_in_a_circle(world: FullWorld) -> None:
    child = merged(world)
    parent = Merge.objects.get(child=child).parent
    now = timezone.now()
    Merge.objects.create(child=parent, parent=child, linked_at=now, merged_at=now)
    Suggestion.objects.filter(pk=parent.pk).update(status="merged")


def a_parent_that_is_gone(world: FullWorld) -> None:
    Suggestion.objects.filter(merged__child=merged(world)).update(status="withdrawn")


def rated_by_nobody_known(world: FullWorld) -> None:
    a_proposal(world, "closed")
    Feedback.objects.update(signer=None)


def reviewed_without_reason(world: FullWorld) -> None:
    given = a_suggestion(world, "closed").feedbacks.get()
    Review.objects.create(suggestion=given.suggestion, feedback=given, decision="uphold")


def an_opinion_with_a_lead(world: FullWorld) -> None:
    case = a_suggestion(world)
    Suggestion.objects.filter(pk=case.pk).update(lead=world.deputy, congress=world.congress)


def a_promise_forgotten(world: FullWorld) -> None:
    case = a_suggestion(world, "tracking")
    Promise.objects.update(promised_on=today() + timedelta(days=1))
    assert case.due_on is not None


PLANTED: list[tuple[Callable[[FullWorld], None], set[str]]] = [
    (another_clock, {"passed_on", "due_by_formula"}),
    (nobody_passed_it_on, {"passed_on"}),
    (another_answer_than_the_parents, {"standing_result"}),
    (a_rating_nobody_gave, {"standing_result"}),
    (merged_into_nothing, {"merged_as_a_forest"}),
    (merged_in_a_circle, {"merged_as_a_forest", "legal_history", "due_by_formula"}),
    (a_parent_that_is_gone, {"merged_as_a_forest", "legal_history", "due_by_formula"}),
    (rated_by_nobody_known, {"rated_once"}),
    (reviewed_without_reason, {"dissatisfied_is_reviewed"}),
    (an_opinion_with_a_lead, {"drafted_by_a_deputy"}),
    (a_promise_forgotten, {"due_by_formula"}),
]


@pytest.mark.parametrize(("plant", "rules"), PLANTED, ids=lambda value: getattr(value, "__name__", ""))
def test_what_no_verb_can_have_written_is_found(
    full_world: FullWorld, plant: Callable[[FullWorld], None], rules: set[str]
) -> None:
    plant(full_world)
    assert {fault.rule for fault in faults(dossiers())} == rules


def test_a_holiday_entered_later_makes_nothing_wrong_that_was_right(full_world: FullWorld) -> None:
    """What was due before keeps the day it was told, moved or over (architecture.md, "Clocks")."""
    over, here = a_suggestion(full_world, "closed"), a_suggestion(full_world, "handling")
    services.transfer(
        waiting := a_suggestion(full_world, "accepted"),
        to=full_world.power,
        assisting=[full_world.agriculture],
        by=full_world.county_staff,
    )
    assert here.due_on is not None
    Holiday.objects.create(day=here.due_on, name="调休")
    assert [str(fault) for fault in faults(dossiers())] == []
    assert services.move_dues() == 2
    assert [str(fault) for fault in faults(dossiers())] == []
    lead = waiting.assignments.get(role="lead")
    Assignment.objects.filter(pk=lead.pk).update(due_on=lead.due_on + timedelta(days=1))
    assert {fault.number for fault in faults(dossiers())} == {waiting.number}
    assert over.number not in {fault.number for fault in faults(dossiers())}
