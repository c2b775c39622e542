"""联名: the own confirmation of the words as they were read, and of nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import Refused
from deputies.models import Mandate
from suggestions import services
from suggestions.models import CoSignature, Suggestion
from suggestions.services import Conflict, proposals
from tests.cast import World, a_proposal, some_words
from tests.suggestions.colleagues import a_deputy


def now(case: Suggestion) -> Suggestion:
    return Suggestion.objects.get(pk=case.pk)


def test_the_invited_colleague_confirms_and_nobody_else(as_: Any, world: World) -> None:
    zhang = a_deputy(world, "张三")
    draft = proposals.draft(some_words(world), by=world.users["deputy"], cosigners=[zhang])
    assert zhang.user is not None
    for other in (world.users["deputy"], world.county_staff, world.station_officer):
        with pytest.raises(Refused, match="职责"):
            services.cosign(now(draft), by=other)
    page = as_(zhang.user).get("/office/").content.decode()
    assert draft.number in page and "李代表代表请您联名" in page
    page = as_(zhang.user).get(f"/office/suggestions/{draft.number}/").content.decode()
    assert "邀请您联名" in page and "增设变压器" in page and "修改草稿" not in page
    address = f"/office/suggestions/{draft.number}/cosign/"
    form = as_(zhang.user).get(address).content.decode()
    seal = form.partition('name="seal" value="')[2].partition('"')[0]
    assert len(seal) == 64
    assert as_(zhang.user).post(address, {"version": 0, "seal": seal}).status_code == 302
    assert CoSignature.objects.get().confirmed_at is not None
    assert (now(draft).status, now(draft).version) == ("draft", 1)
    with pytest.raises(Refused):
        services.cosign(now(draft), by=zhang.user)


def test_a_draft_changed_while_it_was_read_is_not_signed(as_: Any, world: World) -> None:
    zhang = a_deputy(world, "张三")
    draft = proposals.draft(some_words(world), by=world.users["deputy"], cosigners=[zhang])
    assert zhang.user is not None
    seal = proposals.seal_of(draft)
    proposals.edit(now(draft), some_words(world, request="请免收电费。"), by=world.users["deputy"], cosigners=[zhang])
    answer = as_(zhang.user).post(f"/office/suggestions/{draft.number}/cosign/", {"version": 0, "seal": seal})
    assert answer.status_code == 409 and "刚刚改过" in answer.content.decode()
    assert CoSignature.objects.get().confirmed_at is None
    assert (now(draft).version, draft.events.count()) == (0, 0)


def test_who_read_an_older_version_does_not_sign(world: World) -> None:
    zhang, li = a_deputy(world, "张三"), a_deputy(world, "李四")
    draft = proposals.draft(some_words(world), by=world.users["deputy"], cosigners=[zhang, li])
    stale = now(draft)
    services.cosign(draft, by=zhang.user)  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="张三已于.*作了“联名”"):
        services.cosign(stale, by=li.user)  # type: ignore[arg-type]


def test_new_words_are_confirmed_anew_and_a_new_colleague_is_not_new_words(world: World) -> None:
    zhang, li = a_deputy(world, "张三"), a_deputy(world, "李四")
    draft = a_proposal(world, "draft", cosigners=(zhang,))
    assert not proposals.edit(draft, some_words(world), by=world.users["deputy"], cosigners=[zhang, li])
    assert draft.cosignatures.confirmed().count() == 1
    assert proposals.edit(draft, some_words(world, title="改过的标题"), by=world.users["deputy"], cosigners=[zhang, li])
    assert draft.cosignatures.confirmed().count() == 0
    assert draft.cosignatures.count() == 2


@pytest.mark.parametrize("seat", ["suspended", "ended"])
def test_without_a_sitting_seat_nobody_signs_or_is_invited(world: World, seat: str) -> None:
    zhang = a_deputy(world, "张三")
    draft = proposals.draft(some_words(world), by=world.users["deputy"], cosigners=[zhang])
    ended = timezone.localdate() if seat == "ended" else None
    Mandate.objects.filter(deputy=zhang).update(status=seat, ended_on=ended, reason="resigned")
    with pytest.raises(Refused, match="任职"):
        services.cosign(draft, by=zhang.user)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="张三现在不是这一届的在任代表"):
        proposals.edit(now(draft), some_words(world), by=world.users["deputy"], cosigners=[zhang])
