"""Feedback beyond the one submitter: each signer, the merged, by phone; and what a 不满意 leads to the second time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.calendar import today
from accounts.errors import Refused
from suggestions import services
from suggestions.checks import faults
from suggestions.dossiers import dossiers
from suggestions.models import Feedback, HandlingProfile, Review, Suggestion
from suggestions.permissions import verbs_for
from suggestions.workflow import Verb
from tests.cast import FullWorld, a_proposal, a_suggestion

GOOD = {"process": "satisfied", "result": "satisfied"}
BAD = {"process": "satisfied", "result": "dissatisfied", "text": "没有解决。"}


def clean() -> None:
    assert [str(fault) for fault in faults(dossiers())] == []


@pytest.fixture
def joint(full_world: FullWorld) -> Suggestion:
    """Signed by three, answered."""
    return a_proposal(full_world, "replied", cosigners=(full_world.second_deputy, full_world.third_deputy))


@pytest.fixture
def each_rates(full_world: FullWorld) -> None:
    HandlingProfile.objects.filter(kind="proposal").update(each_signer_rates=True)


def test_the_lead_rates_for_all_unless_the_profile_says_each(full_world: FullWorld, joint: Suggestion) -> None:
    with pytest.raises(Refused):
        services.feedback(joint, **GOOD, by=full_world.second_user)
    services.feedback(joint, **GOOD, by=full_world.users["deputy"])
    assert (joint.status, Feedback.objects.get().signer) == ("closed", full_world.deputy)
    clean()


def test_each_signer_rates_and_the_last_one_closes(full_world: FullWorld, each_rates: None, joint: Suggestion) -> None:
    services.feedback(joint, **GOOD, by=full_world.second_user)
    with pytest.raises(Refused, match="已经评价过"):
        services.feedback(joint, **GOOD, by=full_world.second_user)
    services.feedback(joint, process="satisfied", result="basically", by=full_world.users["deputy"])
    assert joint.status == "replied"
    services.feedback(joint, **GOOD, by=full_world.third_user)
    assert (joint.status, joint.rating) == ("closed", "basically"), "the worst word stands for the case"
    clean()


def test_one_dissatisfied_signer_is_enough_for_a_review(
    full_world: FullWorld, each_rates: None, joint: Suggestion
) -> None:
    services.feedback(joint, **GOOD, by=full_world.users["deputy"])
    services.feedback(joint, **BAD, by=full_world.third_user)
    assert (joint.status, joint.rating, Review.objects.count()) == ("reviewing", "dissatisfied", 1)
    clean()


def test_whoever_is_silent_stays_unrated(full_world: FullWorld, each_rates: None, joint: Suggestion) -> None:
    services.feedback(joint, **GOOD, by=full_world.second_user)
    Suggestion.objects.filter(pk=joint.pk).update(due_on=today() - timedelta(days=1))
    assert services.close_unrated() == 1
    joint.refresh_from_db()
    assert (joint.status, Feedback.objects.count()) == ("closed", 1)


def test_by_phone_it_is_entered_as_such_and_never_for_a_deputy(full_world: FullWorld) -> None:
    case = a_suggestion(full_world, "replied")
    event = services.feedback(case, **GOOD, by=full_world.town_officer)
    assert (event.source, Feedback.objects.get().entered_by) == ("电话", full_world.town_officer)
    with pytest.raises(Refused):
        services.feedback(a_proposal(full_world, "replied"), **GOOD, by=full_world.county_staff)
    clean()


def test_each_merged_submitter_rates_the_own_row_and_one_review_is_enough(full_world: FullWorld) -> None:
    parent = a_suggestion(full_world, "accepted")
    children = [a_suggestion(full_world) for _ in range(3)]
    for child in children:
        services.merge(child, to=parent, by=full_world.county_staff)
    with pytest.raises(Refused, match="还没有答复"):
        services.feedback(children[0], **GOOD)
    parent.refresh_from_db()
    services.transfer(parent, to=full_world.power, by=full_world.county_staff)
    services.sign_for(parent, by=full_world.unit_clerk)
    services.reply(parent, result_class="A", text="已更换。", by=full_world.unit_head)
    for child in children:
        child.refresh_from_db()
    services.feedback(children[0], **GOOD)
    for child in children[1:]:
        services.feedback(child, **BAD)
    parent.refresh_from_db()
    assert (parent.status, parent.rating, Review.objects.count()) == ("reviewing", "", 1)
    assert [child.rating for child in children] == ["satisfied", "dissatisfied", "dissatisfied"]
    with pytest.raises(Refused, match="已经评价过"):
        services.feedback(children[0], **GOOD)
    clean()


def test_the_second_dissatisfied_is_assessed_and_not_handled_again(full_world: FullWorld) -> None:
    case = a_suggestion(full_world, "reviewing")
    with pytest.raises(Refused, match="再次不满意才评估"):
        services.assess(case, text="已评估。", by=full_world.county_staff)
    services.rehandle(case, reason="请再去看。", by=full_world.county_staff)
    services.reply(case, result_class="C", text="不能解决。", by=full_world.unit_head)
    services.feedback(case, **BAD)
    assert Verb.REHANDLE not in verbs_for(full_world.county_staff, case)
    with pytest.raises(Refused, match="只安排一次"):
        services.rehandle(case, reason="再一次。", by=full_world.county_staff)
    with pytest.raises(Refused, match="评估意见"):
        services.assess(case, text=" ", by=full_world.county_staff)
    services.assess(case, text="三方评估：确不能解决。", by=full_world.county_staff)
    assert (case.status, case.rating) == ("closed", "dissatisfied")
    clean()


def test_a_promise_is_not_assessed_away(full_world: FullWorld) -> None:
    case = a_suggestion(full_world, "reviewing")
    services.rehandle(case, reason="请再去看。", by=full_world.county_staff)
    services.reply(case, result_class="B", text="年内换。", due=today() + timedelta(days=30), by=full_world.unit_head)
    services.feedback(case, **BAD)
    with pytest.raises(Refused, match="没有兑现的承诺"):
        services.assess(case, text="评估。", by=full_world.county_staff)
    services.uphold(case, reason="已列入计划。", by=full_world.county_staff)
    assert case.status == "tracking"
    clean()


def test_what_is_answered_on_the_spot_owes_no_earlier_promise(full_world: FullWorld) -> None:
    case = a_suggestion(full_world, "handling")
    services.reply(case, result_class="B", text="年内换。", due=today() + timedelta(days=30), by=full_world.unit_head)
    services.feedback(case, **BAD)
    services.rehandle(case, reason="另行安排。", to=full_world.roads, by=full_world.county_staff)
    services.answer(case, text="已当场换好。", by=full_world.county_staff)
    services.feedback(case, **GOOD)
    assert case.status == "closed"
    clean()


def test_what_was_answered_on_the_spot_is_handled_again_by_a_transfer(full_world: FullWorld) -> None:
    case = a_suggestion(full_world, "closed")
    services.reopen(case, reason="又坏了。", by=full_world.county_staff)
    services.answer(case, text="已解释。", by=full_world.county_staff)
    services.feedback(case, **BAD)
    services.rehandle(case, reason="请办理。", by=full_world.county_staff)
    assert (case.status, case.assignments.open().count()) == ("accepted", 0)
    clean()


def test_a_merged_submitter_brings_a_closed_case_before_staff_and_takes_nobodys_own_request(
    full_world: FullWorld,
) -> None:
    parent = a_suggestion(full_world, "accepted", at="station")
    child = a_suggestion(full_world, at="station")
    services.merge(child, to=parent, by=full_world.station_officer)
    services.answer(parent, text="已换好。", by=full_world.station_officer)
    services.feedback(parent, **GOOD)
    child.refresh_from_db()
    services.feedback(child, **BAD)
    parent.refresh_from_db()
    assert (parent.status, parent.reopen_requested_on, parent.at_station) == ("closed", today(), False)
    services.request_reopen(parent, reason="又坏了。")
    clean()
