"""代表建议 from the first draft to the hand-in."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import Refused
from deputies.models import Congress, Mandate, Session
from suggestions import services
from suggestions.codes import new_form_key
from suggestions.models import CoSignature, Suggestion
from suggestions.services import Conflict, proposals
from tests.cast import World, a_proposal, some_words
from tests.suggestions.colleagues import TITLE, a_deputy

NEW = "/office/suggestions/new/"


def now(case: Suggestion) -> Suggestion:
    return Suggestion.objects.get(pk=case.pk)


def filled(world: World, **changed: Any) -> dict[str, Any]:
    said = {"title": TITLE, "text": "电费高。", "request": "换变压器。", "congress": world.congress.pk, "cosigners": ""}
    return {**said, **changed}


def test_a_deputy_drafts_reads_and_submits(as_: Any, world: World) -> None:
    zhang, li = a_deputy(world, "张三"), a_deputy(world, "李四")
    deputy = as_("deputy")
    assert NEW in deputy.get("/office/").content.decode()
    assert "一件建议只说一件事" in deputy.get(NEW).content.decode()
    said = deputy.post(NEW, filled(world, cosigners="张三、 李　四", proposed_unit=world.power.pk, keep_private="on"))
    draft = Suggestion.objects.get()
    assert said["Location"] == f"/office/suggestions/{draft.number}/"
    assert (draft.status, draft.version, draft.kind, draft.lead) == ("draft", 0, "proposal", world.deputy)
    assert (draft.region, draft.holder, draft.proposed_unit, draft.keep_private) == (
        world.county,
        world.county_organ,
        world.power,
        True,
    )
    assert {row.deputy for row in draft.cosignatures.all()} == {zhang, li}
    assert not draft.events.exists()
    page = deputy.get(f"/office/suggestions/{draft.number}/").content.decode()
    assert "修改草稿" in page and "闭会期间" in page and "等本人确认" in page and "/submit/" in page
    services.cosign(now(draft), by=zhang.user)  # type: ignore[arg-type]
    address = f"/office/suggestions/{draft.number}/submit/"
    assert "没有确认的联名邀请到此为止" in deputy.get(address).content.decode()
    assert deputy.post(address, {"version": 1}).status_code == 302
    handed_in = now(draft)
    assert (handed_in.status, handed_in.submitted_on) == ("submitted", timezone.localdate())
    assert handed_in.due_on is not None and handed_in.due_on > timezone.localdate()
    assert [row.deputy for row in draft.cosignatures.all()] == [zhang]
    assert "张三联名" in draft.events.get(verb="submit").public_text
    # Who had not confirmed is out of it.
    assert draft not in Suggestion.objects.visible_to(li.user)  # type: ignore[arg-type]


def test_a_draft_is_its_signers_own(as_: Any, world: World) -> None:
    draft = proposals.draft(some_words(world), by=world.users["deputy"])
    for reader in ("county_staff", "station_officer", "unit_head", "city_staff"):
        assert as_(reader).get(f"/office/suggestions/{draft.number}/").status_code == 404
    stranger = a_deputy(world, "张三")
    assert as_(stranger.user).get(f"/office/suggestions/{draft.number}/edit/").status_code == 404


def test_a_second_tap_is_the_same_draft(as_: Any, world: World) -> None:
    deputy, key = as_("deputy"), new_form_key()
    first, second = (deputy.post(NEW, filled(world, key=key)) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Suggestion.objects.count() == 1
    deputy.post(NEW, filled(world, key=new_form_key()))
    assert Suggestion.objects.count() == 2


@pytest.mark.parametrize("seat", ["suspended", "ended"])
def test_without_a_sitting_seat_one_reads_and_rates_only(as_: Any, world: World, seat: str) -> None:
    draft = a_proposal(world, "draft")
    replied = a_proposal(world, "replied")
    ended = timezone.localdate() if seat == "ended" else None
    Mandate.objects.filter(deputy=world.deputy).update(status=seat, ended_on=ended, reason="resigned")
    user, deputy = world.users["deputy"], as_("deputy")
    for address in (NEW, f"/office/suggestions/{draft.number}/edit/"):
        page = deputy.get(address)
        assert (page.status_code, "已暂停或终止" in page.content.decode()) == (403, True)
    for act in (
        lambda: proposals.draft(some_words(world), by=user),
        lambda: proposals.edit(now(draft), some_words(world, title="别的"), by=user),
        lambda: services.submit_proposal(now(draft), by=user),
        lambda: services.withdraw(now(draft), by=user),
    ):
        with pytest.raises(Refused, match="任职"):
            act()
    services.feedback(now(replied), process="satisfied", result="satisfied", by=user)
    assert now(replied).status == "closed"


def test_what_is_missing_is_said_beside_it(as_: Any, world: World) -> None:
    deputy = as_("deputy")
    page = deputy.post(NEW, {"congress": world.congress.pk}).content.decode()
    assert "请填写标题" in page and "请填写这一项" in page
    page = deputy.post(NEW, filled(world, cosigners="没有这人")).content.decode()
    assert "没有找到“没有这人”" in page and "电费高。" in page
    assert not Suggestion.objects.exists()
    deputy.post(NEW, filled(world, request=""))
    draft = Suggestion.objects.get()
    said = deputy.post(f"/office/suggestions/{draft.number}/submit/", {"version": 0})
    assert "请先写明具体建议" in said.content.decode()
    assert now(draft).status == "draft"


def test_of_two_with_one_name_the_unit_or_the_constituency_tells(world: World) -> None:
    teacher = a_deputy(world, "张伟", work_unit="宁平镇中心小学")
    doctor = a_deputy(world, "张伟", work_unit="郸城县人民医院")
    among = proposals.sitting_in(world.congress)
    with pytest.raises(Refused, match="有几位代表叫“张伟”"):
        proposals.named("张伟", among)
    assert proposals.named("张伟（小学）、 张伟(医院)、张伟（小学）", among) == [teacher, doctor]
    told = "、".join(proposals.told_apart([teacher, doctor, world.deputy], world.congress))
    assert proposals.named(told, among) == [teacher, doctor, world.deputy]


def test_hundreds_of_colleagues_are_found_by_name_without_a_list_of_them(as_: Any, world: World) -> None:
    for n in range(40):
        a_deputy(world, f"代表{n}号")
    page = as_("deputy").get(NEW).content.decode()
    assert "代表7号" not in page
    assert [d.name for d in proposals.named("代表7号、代表33号", proposals.sitting_in(world.congress))] == [
        "代表7号",
        "代表33号",
    ]


def test_an_edit_of_what_changed_meanwhile_is_not_saved(as_: Any, world: World) -> None:
    zhang = a_deputy(world, "张三")
    draft = proposals.draft(some_words(world), by=world.users["deputy"], cosigners=[zhang])
    stale = now(draft)
    services.cosign(draft, by=zhang.user)  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="张三"):
        proposals.edit(stale, some_words(world, title="别的"), by=world.users["deputy"], cosigners=[zhang])
    address = f"/office/suggestions/{draft.number}/edit/"
    page = as_("deputy").get(address).content.decode()
    assert "他们要重新确认" in page and "\n张三</textarea>" in page
    said = as_("deputy").post(address, filled(world, cosigners="张三", version=0))
    assert "张三已于" in said.content.decode()
    said = as_("deputy").post(address, filled(world, cosigners="张三", version=1), follow=True)
    assert "联名代表要重新确认" in said.content.decode()
    assert not CoSignature.objects.confirmed().exists()


def test_what_was_handed_in_is_not_edited(as_: Any, world: World) -> None:
    proposal = a_proposal(world, "submitted")
    with pytest.raises(Refused, match="不能再改"):
        proposals.edit(now(proposal), some_words(world, title="别的"), by=world.users["deputy"])
    said = as_("deputy").get(f"/office/suggestions/{proposal.number}/edit/", follow=True)
    assert "请人大机构退回修改" in said.content.decode()


def test_only_an_open_session_of_the_own_congress(world: World) -> None:
    past = Session.objects.create(
        congress=world.congress, ordinal=1, opened_on=date(2024, 3, 1), closed_on=date(2024, 3, 4)
    )
    with pytest.raises(Refused, match="不在会期内"):
        proposals.draft(some_words(world, session=past), by=world.users["deputy"])
    other = Congress.objects.create(region=world.other_county, ordinal=16, first_met_on=date(2022, 3, 1))
    with pytest.raises(Refused, match="任职"):
        proposals.draft(some_words(world, congress=other), by=world.users["deputy"])
    with pytest.raises(Refused, match="不是本级的承办单位"):
        proposals.draft(some_words(world, proposed_unit=world.village), by=world.users["deputy"])
    current = Session.objects.create(congress=world.congress, ordinal=2, opened_on=timezone.localdate())
    draft = proposals.draft(some_words(world, session=current), by=world.users["deputy"])
    Session.objects.filter(pk=current.pk).update(opened_on=date(2026, 1, 1), closed_on=date(2026, 1, 2))
    with pytest.raises(Refused, match="已经闭幕"):
        services.submit_proposal(now(draft), by=world.users["deputy"])


def test_numbers_run_in_the_session_and_between_sessions_apart(world: World) -> None:
    current = Session.objects.create(congress=world.congress, ordinal=5, opened_on=timezone.localdate())
    between = [a_proposal(world, "accepted") for _ in range(2)]
    within = [a_proposal(world, "accepted", session=current) for _ in range(2)]
    assert [proposal.proposal_number for proposal in between] == ["闭第1号", "闭第2号"]
    assert [proposal.proposal_number for proposal in within] == ["第1号", "第2号"]
    Suggestion.objects.filter(pk=between[0].pk).update(proposal_number="闭第40号")
    assert a_proposal(world, "accepted").proposal_number == "闭第41号"


def test_only_deputies_propose(as_: Any, world: World) -> None:
    with pytest.raises(Refused, match="只有人大代表"):
        proposals.draft(some_words(world), by=world.county_staff)
    assert as_("county_staff").get(NEW).status_code == 404
