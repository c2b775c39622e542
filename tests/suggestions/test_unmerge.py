"""撤销并案: out again with a new clock, the first hand-over day kept."""

from __future__ import annotations

import pytest

from accounts.errors import Refused
from suggestions import services
from suggestions.models import Merge, Suggestion
from suggestions.models.joining import root_of
from suggestions.permissions import verbs_for
from suggestions.services import Conflict
from suggestions.workflow import Verb
from tests.cast import World, a_suggestion


def now(case: Suggestion) -> Suggestion:
    return Suggestion.objects.select_related("holder", "region").get(pk=case.pk)


def test_out_again_without_the_answer_it_had_in_common(world: World) -> None:
    parent, child, grandchild = (a_suggestion(world, "accepted") for _ in range(3))
    services.merge(grandchild, to=child, by=world.county_staff)
    services.merge(child, to=parent, by=world.county_staff)
    services.answer(parent, text="已当场解释。", by=world.county_staff)
    services.feedback(now(child), process="satisfied", result="satisfied")
    services.unmerge(now(child), reason="地点不同。", by=world.county_staff)
    for case in (child, grandchild):
        assert (now(case).replied_on, now(case).result_class, now(case).rating) == (None, "", "")
    assert (now(child).status, now(child).due_on, root_of(child)) == ("accepted", None, child)
    assert root_of(grandchild) == child
    assert "地点不同" in child.events.order_by("-version")[0].public_text
    assert now(parent).replied_on is not None
    services.transfer(now(child), to=world.power, by=world.county_staff)
    assert now(child).due_on is not None


def test_the_reason_is_read_by_the_submitter_and_needed(world: World) -> None:
    parent, child = a_suggestion(world, "accepted"), a_suggestion(world)
    services.merge(child, to=parent, by=world.county_staff)
    with pytest.raises(Refused, match="为什么单独办理") as refused:
        services.unmerge(child, reason=" ", by=world.county_staff)
    assert refused.value.field == "reason"
    with pytest.raises(Refused, match="不能撤销并案"):
        services.unmerge(now(parent), reason="x", by=world.county_staff)
    assert Merge.objects.in_force().count() == 1


def test_of_two_at_once_one_unmerges(world: World) -> None:
    parent, child = a_suggestion(world, "accepted"), a_suggestion(world)
    services.merge(child, to=parent, by=world.county_staff)
    stale = now(child)
    services.unmerge(child, reason="地点不同", by=world.county_staff)
    with pytest.raises(Conflict, match="撤销并案"):
        services.unmerge(stale, reason="又一次", by=world.county_staff)


def test_a_case_merged_once_may_be_merged_again(world: World) -> None:
    parent, child = a_suggestion(world, "accepted"), a_suggestion(world)
    for _ in range(2):
        services.merge(child, to=now(parent), by=world.county_staff)
        services.unmerge(child, reason="地点不同", by=world.county_staff)
    assert Merge.objects.filter(child=child, ended_at__isnull=False).count() == 2


def test_a_raised_opinion_is_taken_out_by_who_takes_proposals_in(world: World) -> None:
    opinion = a_suggestion(world, "accepted", at="station")
    services.raise_(opinion, to=world.deputy, title="关于用电的建议", by=world.station_officer)
    draft = Merge.objects.get().parent
    Suggestion.objects.filter(pk=draft.pk).update(request="请更换。")
    services.submit_proposal(now(draft), by=world.users["deputy"])
    services.accept(now(draft), category=world.category, problem_kind=world.problem_kind, by=world.county_staff)
    assert Verb.UNMERGE not in verbs_for(world.station_officer, now(opinion))
    with pytest.raises(Refused):
        services.unmerge(now(opinion), reason="另办", by=world.station_officer)


def test_who_does_not_receive_cases_may_not(world: World) -> None:
    parent, child = a_suggestion(world, "accepted"), a_suggestion(world)
    services.merge(child, to=parent, by=world.county_staff)
    for stranger in (world.users["deputy"], world.unit_head, world.other_staff):
        with pytest.raises(Refused, match="职责"):
            services.unmerge(now(child), reason="x", by=stranger)
