"""退回修改: to the lead, in words, and in again."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.errors import Refused
from suggestions import services
from suggestions.models import Suggestion
from suggestions.services import proposals
from tests.cast import World, a_proposal, a_suggestion, some_words
from tests.suggestions.colleagues import a_deputy


def now(case: Suggestion) -> Suggestion:
    return Suggestion.objects.get(pk=case.pk)


def test_back_to_the_lead_with_what_to_change_and_in_again(as_: Any, world: World) -> None:
    zhang = a_deputy(world, "张三")
    proposal = a_proposal(world, "submitted", cosigners=(zhang,))
    first = proposal.submitted_on
    address = f"/office/suggestions/{proposal.number}/send_back/"
    staff = as_("county_staff")
    said = staff.post(address, {"version": proposal.version, "reason": ""})
    assert "请填写" in said.content.decode()
    # Once it is a draft again it is its signers' own: staff land on the workbench.
    said = staff.post(address, {"version": proposal.version, "reason": "请写明是哪几个养殖小区。"})
    assert (said.status_code, said["Location"]) == (302, "/office/")
    assert (now(proposal).status, now(proposal).due_on) == ("draft", None)
    deputy = as_("deputy")
    workbench = deputy.get("/office/").content.decode()
    assert "草稿，等您提交" in workbench and workbench.count(f"/office/suggestions/{proposal.number}/") == 1
    assert "请写明是哪几个养殖小区" in deputy.get(f"/office/suggestions/{proposal.number}/").content.decode()
    # The words are the same: the signature stands.
    assert proposal.cosignatures.confirmed().count() == 1
    services.submit_proposal(now(proposal), by=world.users["deputy"])
    assert (now(proposal).status, now(proposal).submitted_on) == ("submitted", first)
    assert now(proposal).due_on is not None


def test_words_changed_after_it_are_confirmed_anew(world: World) -> None:
    zhang = a_deputy(world, "张三")
    proposal = a_proposal(world, "submitted", cosigners=(zhang,))
    services.send_back(proposal, reason="写具体些", by=world.county_staff)
    proposals.edit(now(proposal), some_words(world, text="三个小区。"), by=world.users["deputy"], cosigners=[zhang])
    services.submit_proposal(now(proposal), by=world.users["deputy"])
    assert not proposal.cosignatures.exists()


def test_only_a_proposal_that_waits_and_only_by_staff(world: World) -> None:
    with pytest.raises(Refused, match="不能退回修改"):
        services.send_back(a_suggestion(world), reason="x", by=world.county_staff)
    with pytest.raises(Refused, match="不能退回修改"):
        services.send_back(a_proposal(world, "accepted"), reason="x", by=world.county_staff)
    with pytest.raises(Refused, match="职责"):
        services.send_back(a_proposal(world, "submitted"), reason="x", by=world.users["deputy"])
