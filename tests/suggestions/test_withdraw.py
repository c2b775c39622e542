"""撤回: an opinion by its submitter, a draft by its lead, a proposal by all who signed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.errors import Refused
from deputies.models import Deputy, Mandate
from suggestions import services
from suggestions.models import Assignment, ReturnRequest, Suggestion
from suggestions.services import Conflict, proposals
from tests.cast import World, a_proposal, a_suggestion
from tests.suggestions.colleagues import a_deputy

OF_AN_OPINION = ("submitted", "accepted", "transferred", "handling")


def now(case: Suggestion) -> Suggestion:
    return Suggestion.objects.get(pk=case.pk)


def opened(case: Suggestion) -> Client:
    client = Client()
    client.post("/track/", {"number": case.number, "query_code": case.query_code})  # type: ignore[attr-defined]
    return client


@pytest.mark.parametrize("stage", OF_AN_OPINION)
def test_the_submitter_withdraws_after_being_asked_once_more(world: World, stage: str) -> None:
    case = a_suggestion(world, stage)
    client = opened(case)
    asked = client.post("/track/withdraw/", {"case": case.number})
    assert "撤回后不再办理，也不能恢复" in asked.content.decode()
    assert now(case).status == stage
    page = client.post("/track/withdraw/", {"case": case.number, "confirm": "1"}, follow=True).content.decode()
    assert "已撤回，不再办理" in page and "您已撤回" in page
    assert (now(case).status, now(case).due_on) == ("withdrawn", None)
    assert not case.assignments.open().exists()
    for assignment in case.assignments.all():
        assert (assignment.state, bool(assignment.ended_at)) == (Assignment.State.RECALLED, True)


def test_what_is_answered_is_rated_and_not_withdrawn(world: World) -> None:
    case = a_suggestion(world, "replied")
    client = opened(case)
    assert "撤回这件事" not in client.get(f"/track/?case={case.number}").content.decode()
    page = client.post("/track/withdraw/", {"case": case.number, "confirm": "1"}).content.decode()
    assert "“已答复”" in page and "不能撤回" in page
    assert now(case).status == "replied"


def test_without_a_right_look_up_and_after_half_an_hour_nothing_is_withdrawn(world: World) -> None:
    case = a_suggestion(world)
    said = Client().post("/track/withdraw/", {"case": case.number, "confirm": "1"}, follow=True)
    assert "30分钟" in said.content.decode()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = opened(case)
        clock.shift(timedelta(minutes=31))
        assert "30分钟" in client.post("/track/withdraw/", {"confirm": "1"}, follow=True).content.decode()
    assert client.get("/track/withdraw/").status_code == 405
    assert now(case).status == "submitted"


def test_an_open_request_of_the_unit_is_moot_and_children_are_let_go(world: World) -> None:
    parent, child = a_suggestion(world, "accepted"), a_suggestion(world)
    services.merge(child, to=parent, by=world.county_staff)
    services.transfer(parent, to=world.power, by=world.county_staff)
    services.request_return(parent, reason="不属本单位", to=world.roads, by=world.unit_clerk)
    services.withdraw(parent)
    assert not ReturnRequest.objects.open().exists()
    assert now(child).status == "accepted"
    with pytest.raises(Refused):
        services.approve_return(now(parent), by=world.county_staff)


def test_of_withdrawing_and_receiving_at_once_the_second_is_told(world: World) -> None:
    case = a_suggestion(world)
    stale = now(case)
    services.accept(case, category=world.category, problem_kind=world.problem_kind, by=world.county_staff)
    with pytest.raises(Conflict):
        services.withdraw(stale)
    services.withdraw(now(case))
    with pytest.raises(Conflict, match="撤回"):
        services.transfer(case, to=world.power, by=world.county_staff)


def test_staff_and_officers_withdraw_for_nobody(world: World) -> None:
    for by in (world.county_staff, world.users["deputy"]):
        with pytest.raises(Refused, match="职责"):
            services.withdraw(a_suggestion(world), by=by)


# Proposals


def signed(world: World, stage: str) -> tuple[Suggestion, list[Deputy]]:
    signers = [a_deputy(world, name) for name in ("张三", "李四")]
    return a_proposal(world, stage, cosigners=tuple(signers)), signers


def test_a_draft_is_its_leads_alone(world: World) -> None:
    draft, (zhang, _) = signed(world, "draft")
    with pytest.raises(Refused):
        services.withdraw(draft, by=zhang.user)
    services.withdraw(draft, by=world.users["deputy"])
    assert now(draft).status == "withdrawn"


@pytest.mark.parametrize("stage", ["submitted", "accepted", "transferred", "handling"])
def test_a_joint_proposal_ends_when_the_last_signer_agrees(as_: Any, world: World, stage: str) -> None:
    proposal, (zhang, li) = signed(world, stage)
    lead = world.users["deputy"]
    services.withdraw(now(proposal), by=zhang.user)
    assert now(proposal).status == stage
    last = proposal.events.order_by("-version")[0]
    assert (last.verb, last.from_status, last.to_status) == ("withdraw", stage, stage)
    assert "还要等李代表、李四同意" in last.public_text
    assert proposal in proposals.waiting_for(lead) and proposal not in proposals.waiting_for(zhang.user)  # type: ignore[arg-type]
    assert "请您决定是否同意撤回" in as_("deputy").get("/office/").content.decode()
    with pytest.raises(Refused, match="已经同意撤回，还要等李代表、李四"):
        services.withdraw(now(proposal), by=zhang.user)
    services.withdraw(now(proposal), by=lead)
    assert now(proposal).status == stage
    assert proposal not in proposals.waiting_for(lead)
    with pytest.raises(Refused, match="还要等李四同意"):
        services.withdraw(now(proposal), by=lead)
    services.withdraw(now(proposal), by=li.user)
    assert (now(proposal).status, now(proposal).due_on) == ("withdrawn", None)
    assert not proposal.assignments.open().exists()
    assert proposal.cosignatures.filter(withdrew_at__isnull=False).count() == 2
    assert proposal.events.filter(verb="withdraw").count() == 3


def test_of_two_who_agree_at_once_the_second_reads_and_ends_it(world: World) -> None:
    proposal, (zhang, li) = signed(world, "submitted")
    services.withdraw(now(proposal), by=world.users["deputy"])
    stale = now(proposal)
    services.withdraw(now(proposal), by=zhang.user)
    with pytest.raises(Conflict, match="张三"):
        services.withdraw(stale, by=li.user)
    services.withdraw(now(proposal), by=li.user)
    assert now(proposal).status == "withdrawn"


def test_whose_seat_has_ended_need_not_agree_and_may_not(world: World) -> None:
    proposal, (zhang, li) = signed(world, "accepted")
    Mandate.objects.filter(deputy=li).update(status="ended", ended_on=timezone.localdate(), reason="resigned")
    with pytest.raises(Refused, match="任职"):
        services.withdraw(now(proposal), by=li.user)
    services.withdraw(now(proposal), by=zhang.user)
    services.withdraw(now(proposal), by=world.users["deputy"])
    assert now(proposal).status == "withdrawn"


def test_sent_back_and_handed_in_again_it_is_agreed_to_anew(world: World) -> None:
    proposal, (zhang, li) = signed(world, "submitted")
    lead = world.users["deputy"]
    services.withdraw(now(proposal), by=lead)
    services.withdraw(now(proposal), by=zhang.user)
    services.send_back(now(proposal), reason="写具体些", by=world.county_staff)
    services.submit_proposal(now(proposal), by=lead)
    services.withdraw(now(proposal), by=li.user)
    assert now(proposal).status == "submitted"
    assert "还要等李代表、张三同意" in proposal.events.order_by("-version")[0].public_text


def test_alone_the_lead_withdraws_at_once(world: World) -> None:
    proposal = a_proposal(world, "transferred")
    services.withdraw(now(proposal), by=world.users["deputy"])
    assert now(proposal).status == "withdrawn"
