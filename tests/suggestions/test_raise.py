"""Opinions → 代表建议, with lineage both ways (mission S10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.errors import Refused
from deputies.models import Mandate
from suggestions import services
from suggestions.models import Merge, Suggestion
from suggestions.services import proposals, raising
from tests.cast import World, a_suggestion, some_words
from tests.suggestions.colleagues import a_deputy

TITLE = "关于降低养殖用电成本的建议"


def now(case: Suggestion) -> Suggestion:
    return Suggestion.objects.select_related("holder", "region").get(pk=case.pk)


def raised(world: World, *opinions: Suggestion) -> Suggestion:
    services.raise_(opinions[0], to=world.deputy, title=TITLE, others=opinions[1:], by=world.county_staff)
    return Merge.objects.standing().get(child=opinions[0]).parent


def five(world: World) -> list[Suggestion]:
    return [a_suggestion(world, "accepted", text=f"第{n}户：变压器空载损耗高，王某某反映。") for n in range(5)]


def test_a_draft_is_begun_for_the_deputy_with_nothing_personal_in_it(as_: Any, world: World) -> None:
    opinions = five(world)
    draft = raised(world, *opinions)
    assert (draft.status, draft.lead, draft.congress, draft.holder, draft.title) == (
        "draft",
        world.deputy,
        world.congress,
        world.county_organ,
        TITLE,
    )
    assert "王某某" not in draft.text and draft.text.count("关于用电的意见") == 5
    links = Merge.objects.filter(parent=draft)
    assert {link.child_id for link in links} == {opinion.pk for opinion in opinions}
    assert all(link.merged_at is None and link.ended_at is None for link in links)
    assert [event.verb for event in draft.events.all()] == ["raise"]
    for opinion in opinions:
        assert now(opinion).status == "accepted"
        assert "李代表代表" in opinion.events.order_by("-version")[0].public_text
    page = as_("deputy").get("/office/").content.decode()
    assert draft.number in page and page.index(draft.number) < page.index("常用")


def test_five_opinions_three_co_signers_one_proposal_and_the_answer_comes_back(as_: Any, world: World) -> None:
    opinions, lead = five(world), world.users["deputy"]
    draft = raised(world, *opinions)
    signers = [a_deputy(world, name) for name in ("张三", "李四", "王五")]
    proposals.edit(now(draft), some_words(world), by=lead, cosigners=signers)
    for signer in signers:
        services.cosign(now(draft), by=signer.user)  # type: ignore[arg-type]
    services.submit_proposal(now(draft), by=lead)
    services.accept(now(draft), category=world.category, problem_kind=world.problem_kind, by=world.county_staff)
    assert now(draft).proposal_number == "闭第1号"
    assert {now(opinion).status for opinion in opinions} == {"merged"}
    assert Merge.objects.in_force().filter(parent=draft).count() == 5
    services.transfer(now(draft), to=world.power, by=world.county_staff)
    services.sign_for(now(draft), by=world.unit_clerk)
    services.reply(now(draft), result_class="A", text="已全部更换。", by=world.unit_head)
    for opinion in opinions:
        client = Client()
        page = client.post("/track/", {"number": opinion.number, "query_code": opinion.query_code}).content.decode()  # type: ignore[attr-defined]
        assert "已全部更换" in page and draft.number not in page
        client.post("/track/feedback/", {"process": "satisfied", "result": "satisfied"})
        assert now(opinion).rating == "satisfied"
    page = as_("county_staff").get(f"/office/suggestions/{draft.number}/").content.decode()
    assert "来自群众意见（5条）" in page and all(opinion.number in page for opinion in opinions)
    assert all(signer.name in page for signer in signers)
    page = as_("county_staff").get(f"/office/suggestions/{opinions[0].number}/").content.decode()
    assert draft.number in page and "李代表代表领衔" in page


def test_what_went_its_own_way_meanwhile_is_not_merged(world: World) -> None:
    gone, stays = a_suggestion(world, "accepted"), a_suggestion(world, "accepted")
    draft = raised(world, gone, stays)
    services.transfer(now(gone), to=world.power, by=world.county_staff)
    proposals.edit(now(draft), some_words(world), by=world.users["deputy"])
    services.submit_proposal(now(draft), by=world.users["deputy"])
    services.accept(now(draft), category=world.category, problem_kind=world.problem_kind, by=world.county_staff)
    assert (now(gone).status, now(stays).status) == ("transferred", "merged")
    assert Merge.objects.get(child=gone).ended_at is not None


def test_declined_or_withdrawn_the_opinions_are_free(world: World) -> None:
    for end in ("decline", "withdraw"):
        opinion = a_suggestion(world, "accepted")
        draft = raised(world, opinion)
        proposals.edit(now(draft), some_words(world), by=world.users["deputy"])
        services.submit_proposal(now(draft), by=world.users["deputy"])
        if end == "decline":
            services.decline(now(draft), reason="不属职权", destination="市人大", by=world.county_staff)
        else:
            services.withdraw(now(draft), by=world.users["deputy"])
        assert now(opinion).status == "accepted"
        assert not Merge.objects.standing().filter(child=opinion).exists()
        services.transfer(now(opinion), to=world.power, by=world.county_staff)


def test_sixty_days_in_draft_end_the_link_and_a_draft_sent_back_has_them_again(world: World) -> None:
    first, second = a_suggestion(world, "accepted"), a_suggestion(world, "accepted")
    idle, busy = raised(world, first), raised(world, second)
    proposals.edit(now(busy), some_words(world), by=world.users["deputy"])
    services.submit_proposal(now(busy), by=world.users["deputy"])
    with time_machine.travel(timezone.now() + timedelta(days=59)):
        assert services.end_stale_drafts() == 0
        services.send_back(now(busy), reason="写具体些", by=world.county_staff)
    with time_machine.travel(timezone.now() + timedelta(days=61)):
        assert services.end_stale_drafts() == 1
        assert services.end_stale_drafts() == 0
    assert [link.parent for link in Merge.objects.standing()] == [busy]
    assert now(idle).status == "draft"
    assert now(first).status == "accepted"


def test_another_opinion_joins_the_same_draft_and_none_twice(world: World) -> None:
    first, second = a_suggestion(world, "accepted"), a_suggestion(world, "accepted")
    draft = raised(world, first)
    services.raise_(second, draft=draft, by=world.county_staff)
    assert Merge.objects.standing().filter(parent=draft).count() == 2
    with pytest.raises(Refused, match="已经关联"):
        services.raise_(now(second), draft=now(draft), by=world.county_staff)


def test_raised_to_another_deputy_the_earlier_draft_lets_go(world: World) -> None:
    opinion = a_suggestion(world, "accepted")
    first = raised(world, opinion)
    services.raise_(now(opinion), to=a_deputy(world, "张三"), title=TITLE, by=world.county_staff)
    assert not Merge.objects.standing().filter(parent=first).exists()
    assert Merge.objects.standing().get(child=opinion).parent.lead.name == "张三"  # type: ignore[union-attr]


def test_who_may_lead_it(world: World) -> None:
    opinion = a_suggestion(world, "accepted")
    with pytest.raises(Refused, match="请选择由哪位代表"):
        services.raise_(opinion, title=TITLE, by=world.county_staff)
    Mandate.objects.filter(deputy=world.deputy).update(status="suspended", reason="detained")
    with pytest.raises(Refused, match="不是郸城县及其上级的在任代表"):
        services.raise_(opinion, to=world.deputy, title=TITLE, by=world.county_staff)
    assert now(opinion).version == opinion.version
    assert not Suggestion.objects.filter(kind="proposal").exists()


def test_a_deputys_own_draft_is_nobody_elses_to_fill(world: World) -> None:
    own = proposals.draft(some_words(world), by=world.users["deputy"])
    assert not raising.raised_drafts(world.county_staff).exists()
    with pytest.raises(Refused, match="草稿"):
        services.raise_(a_suggestion(world, "accepted"), draft=own, by=world.county_staff)


@pytest.mark.parametrize("kept_out", [{"direct": True, "at_station": False}, {"about_unit_id": 1}])
def test_where_somebody_is_kept_out_no_deputy_is_asked(world: World, kept_out: dict[str, Any]) -> None:
    opinion = a_suggestion(world, "accepted")
    if "about_unit_id" in kept_out:
        kept_out = {"about_unit_id": world.roads.pk}
    Suggestion.objects.filter(pk=opinion.pk).update(**kept_out)
    with pytest.raises(Refused, match="回避"):
        services.raise_(now(opinion), to=world.deputy, title=TITLE, by=world.county_staff)


def test_the_officers_page_names_the_stations_deputies_and_takes_others_by_name(as_: Any, world: World) -> None:
    first, second = a_suggestion(world, "accepted", at="station"), a_suggestion(world, "accepted", at="station")
    township_deputy = a_deputy(world, "镇外代表")
    township_deputy.memberships.all().delete()
    officer = as_("station_officer")
    address = f"/office/suggestions/{first.number}/raise/"
    page = officer.get(address).content.decode()
    assert "李代表" in page and "镇外代表" not in page and second.number in page
    said = officer.post(address, {"version": first.version, "title": TITLE, "name": "没有这人"})
    assert "没有找到“没有这人”" in said.content.decode()
    said = officer.post(address, {"version": first.version, "title": TITLE, "name": "镇外代表", "others": [second.pk]})
    assert said.status_code == 302
    draft = Suggestion.objects.get(kind="proposal")
    assert (draft.lead, draft.station) == (township_deputy, world.station)
    assert Merge.objects.filter(parent=draft).count() == 2
    page = officer.get(f"/office/suggestions/{first.number}/").content.decode()
    assert "已请代表起草建议" in page and draft.number not in page
