"""并案: several people said the same; each keeps number, progress and answer, and rates the own row (mission S7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.errors import Refused
from suggestions import services
from suggestions.models import Feedback, Merge, Suggestion
from suggestions.models.joining import merged_into, root_of
from suggestions.services import Conflict, merging
from tests.cast import World, a_proposal, a_suggestion

SAME = "宁平镇养殖小区变压器功率过大，空载损耗高，电费负担重。"


def now(case: Suggestion) -> Suggestion:
    return Suggestion.objects.select_related("holder", "region").get(pk=case.pk)


def merged(world: World, parent: Suggestion, **extra: Any) -> Suggestion:
    child = a_suggestion(world, **extra)
    services.merge(child, to=parent, by=world.county_staff)
    return child


def answered(parent: Suggestion, world: World, **said: Any) -> None:
    services.transfer(parent, to=world.power, by=world.county_staff)
    services.sign_for(parent, by=world.unit_clerk)
    services.reply(parent, by=world.unit_head, **{"result_class": "A", "text": "已更换变压器。", **said})


def test_a_merged_case_stops_its_own_clock_and_is_counted_by_what_it_is_about(world: World) -> None:
    parent = a_suggestion(world, "accepted")
    child = merged(world, parent)
    assert (child.status, child.due_on, child.category, child.problem_kind) == (
        "merged",
        None,
        world.category,
        world.problem_kind,
    )
    link = Merge.objects.get()
    assert (link.child, link.parent, link.by) == (child, parent, world.county_staff)
    assert link.merged_at is not None
    last = child.events.order_by("-version")[0]
    assert (last.verb, last.data["to"]) == ("merge", parent.pk)
    assert parent.number not in last.public_text


def test_a_chain_is_one_case_and_children_move_along(world: World) -> None:
    grandchild, child, parent = (a_suggestion(world, "accepted") for _ in range(3))
    services.merge(grandchild, to=child, by=world.county_staff)
    services.merge(child, to=parent, by=world.county_staff)
    assert root_of(grandchild) == parent
    assert set(merged_into(parent)) == {child.pk, grandchild.pk}
    answered(parent, world)
    for case in (child, grandchild):
        assert (now(case).replied_on, now(case).result_class) == (parent.replied_on, "A")


def test_what_cannot_be_a_parent_says_why(world: World) -> None:
    child = a_suggestion(world)
    into = a_suggestion(world, "accepted")
    gone = merged(world, into)
    proposal = a_proposal(world, "accepted")
    cases = {
        "它自己": child,
        "已经并入另一件": gone,
        "“已办结”": a_suggestion(world, "closed"),
        "“不予受理”": a_suggestion(world, "declined"),
        "代表建议": proposal,
    }
    for words, parent in cases.items():
        with pytest.raises(Refused, match=words) as refused:
            services.merge(now(child), to=parent, by=world.county_staff)
        assert refused.value.field == "to"
    assert now(child).status == "submitted"
    assert Merge.objects.count() == 1


def test_the_own_parent_is_no_child_of_its_child(world: World) -> None:
    parent = a_suggestion(world, "accepted")
    child = merged(world, parent)
    with pytest.raises(Refused, match="已经并入另一件"):
        services.merge(now(parent), to=child, by=world.county_staff)


def test_a_case_out_of_sight_is_not_found(world: World) -> None:
    elsewhere = services.submit(services.Statement(text=SAME), form_key="a" * 32, station=world.other_station)
    child = a_suggestion(world)
    with pytest.raises(Refused, match="没有查到"):
        services.merge(child, to=elsewhere, by=world.county_staff)


def test_a_parent_that_does_not_reach_the_childs_region_takes_it_not(world: World) -> None:
    of_the_township = a_suggestion(world, "accepted", at="station")
    of_the_county = a_suggestion(world)
    with pytest.raises(Refused, match="管不到"):
        services.merge(of_the_county, to=of_the_township, by=world.county_staff)
    services.escalate(of_the_township, reason="权限不足", by=world.station_officer)
    services.merge(of_the_township, to=of_the_county, by=world.county_staff)
    assert now(of_the_township).status == "merged"


@pytest.mark.parametrize("kept_out", ["direct", "about_unit", "about_person"])
def test_whoever_is_kept_out_of_the_child_is_kept_out_of_the_parent(world: World, kept_out: str) -> None:
    child, open_parent, parent = a_suggestion(world, "accepted"), a_suggestion(world, "accepted"), a_suggestion(world)
    exclusions: dict[str, dict[str, Any]] = {
        "direct": {"direct": True, "at_station": False},
        "about_unit": {"about_unit": world.roads},
        "about_person": {"about_person": world.deputy},
    }
    exclusion = exclusions[kept_out]
    Suggestion.objects.filter(pk__in=[child.pk, parent.pk]).update(**exclusion)
    with pytest.raises(Refused, match="回避"):
        services.merge(now(child), to=now(open_parent), by=world.county_staff)
    services.merge(now(child), to=now(parent), by=world.county_staff)
    assert now(child).status == "merged"


def test_an_open_case_may_go_on_in_one_that_keeps_people_out(world: World) -> None:
    child, parent = a_suggestion(world), a_suggestion(world, "accepted")
    Suggestion.objects.filter(pk=parent.pk).update(about_unit=world.roads)
    services.merge(child, to=now(parent), by=world.county_staff)
    assert now(child).status == "merged"


def test_who_read_an_older_version_is_told_and_nothing_is_linked(world: World) -> None:
    parent, child = a_suggestion(world, "accepted"), a_suggestion(world)
    stale = now(child)
    services.accept(child, category=world.category, problem_kind=world.problem_kind, by=world.county_staff)
    with pytest.raises(Conflict, match="受理"):
        services.merge(stale, to=parent, by=world.county_staff)
    assert not Merge.objects.exists()


def test_a_parent_that_ended_meanwhile_takes_nobody(world: World) -> None:
    parent, child = a_suggestion(world, "accepted"), a_suggestion(world)
    stale = now(parent)
    services.decline(parent, reason="个人纠纷", destination="法院", by=world.county_staff)
    with pytest.raises(Refused, match="不予受理"):
        services.merge(child, to=stale, by=world.county_staff)


def test_merged_into_an_answered_case_the_answer_is_there_at_once(world: World) -> None:
    parent = a_suggestion(world, "replied")
    child = merged(world, parent)
    assert (now(child).replied_on, now(child).result_class, now(child).rating) == (parent.replied_on, "A", "")


def test_a_new_answer_is_rated_anew_and_another_merge_takes_no_rating_away(world: World) -> None:
    parent = a_suggestion(world, "accepted")
    child = merged(world, parent)
    answered(parent, world)
    services.feedback(now(child), process="satisfied", result="satisfied")
    merged(world, now(parent))
    assert now(child).rating == "satisfied"
    services.feedback(now(parent), process="satisfied", result="dissatisfied", text="没有换。")
    assert now(child).rating == "satisfied"
    parent = now(parent)
    services.rehandle(parent, reason="再换一次", by=world.county_staff)
    services.reply(parent, result_class="A", text="又换了一台。", by=world.unit_head)
    assert now(child).rating == ""


def test_a_declined_parent_lets_its_children_go(world: World) -> None:
    parent = a_suggestion(world, "accepted")
    child, grandchild = merged(world, parent), a_suggestion(world)
    Suggestion.objects.filter(pk=child.pk).update(handed_over_on=timezone.now().date())
    child = now(child)
    services.unmerge(child, reason="地点不同", by=world.county_staff)
    services.merge(grandchild, to=child, by=world.county_staff)
    services.merge(child, to=now(parent), by=world.county_staff)
    t0 = child.handed_over_on
    services.decline(now(parent), reason="个人纠纷", destination="法院", by=world.county_staff)
    assert (now(child).status, now(child).due_on, now(child).handed_over_on) == ("accepted", None, t0)
    last = child.events.order_by("-version")[0]
    assert (last.verb, last.actor, last.actor_label) == ("unmerge", None, "系统")
    # What was merged into the child goes on with the child.
    assert (now(grandchild).status, root_of(grandchild)) == ("merged", child)
    assert not Merge.objects.standing().filter(parent=parent).exists()


# Likely duplicates


def test_alike_cases_of_the_station_are_offered_the_most_alike_first(world: World) -> None:
    case = a_suggestion(world, text=SAME)
    twin = a_suggestion(world, "accepted", text=SAME + "请尽快更换。")
    near = a_suggestion(world, text="养殖小区变压器功率过大，空载损耗太高。")
    a_suggestion(world, text="村口的路灯坏了三天，晚上看不见路。")
    found = services.likely_duplicates(case, world.county_staff)
    assert [alike.case for alike in found] == [twin, near]
    assert found[0].share > found[1].share >= merging.ALIKE
    assert all(alike.may_merge for alike in found)
    assert now(case).status == "submitted"


def test_a_matter_that_many_bring_is_still_recognised(world: World) -> None:
    said = [a_suggestion(world, text=f"第{n}户：{SAME}") for n in range(12)]
    a_suggestion(world, text="村口的路灯坏了三天，晚上看不见路。")
    found = services.likely_duplicates(said[0], world.county_staff)
    assert len(found) == merging.MOST_ALIKE
    assert all(alike.case in said for alike in found)


def test_a_closed_one_is_shown_for_ninety_days_and_cannot_be_a_parent(world: World) -> None:
    closed = a_suggestion(world, "closed", text=SAME)
    case = a_suggestion(world, text=SAME)
    assert [(a.case, a.may_merge) for a in services.likely_duplicates(case, world.county_staff)] == [(closed, False)]
    with time_machine.travel(timezone.now() + timedelta(days=92)):
        assert services.likely_duplicates(case, world.county_staff) == []


def test_nothing_out_of_sight_is_offered(world: World) -> None:
    case = a_suggestion(world, at="station", text=SAME)
    about_the_station = a_suggestion(world, at="station", text=SAME, direct=True)
    assert services.likely_duplicates(case, world.station_officer) == []
    assert [a.case for a in services.likely_duplicates(case, world.county_staff)] == [about_the_station]


# The pages


def test_the_merge_page_offers_likely_ones_and_takes_a_number(as_: Any, world: World) -> None:
    parent, child, other = (a_suggestion(world, "accepted", text=SAME) for _ in range(3))
    staff = as_("county_staff")
    address = f"/office/suggestions/{child.number}/merge/"
    page = staff.get(address).content.decode()
    assert f'value="{parent.number}"' in page and f'value="{child.number}"' not in page
    said = staff.post(address, {"version": child.version})
    assert "请选择并入哪一件" in said.content.decode()
    said = staff.post(address, {"version": child.version, "to": "2600000000"})
    assert "没有查到“2600000000”" in said.content.decode()
    assert staff.post(address, {"version": child.version, "alike": parent.number}).status_code == 302
    assert root_of(child) == parent
    typed = f" {other.number[:4]}-{other.number[4:]}"
    assert (
        staff.post(f"/office/suggestions/{parent.number}/merge/", {"version": parent.version, "to": typed}).status_code
        == 302
    )
    assert root_of(child) == other


def test_both_pages_show_where_it_goes_on_as_far_as_the_reader_may_see(as_: Any, world: World) -> None:
    parent = a_suggestion(world, "accepted", text="主件的原话。")
    near = merged(world, parent, text="并入的原话。")
    township = a_suggestion(world, "accepted", at="station", text="镇上的原话。")
    services.escalate(township, reason="权限不足", by=world.station_officer)
    services.merge(township, to=now(parent), by=world.county_staff)
    answered(now(parent), world)
    staff, unit, officer = as_("county_staff"), as_("unit_head"), as_("station_officer")
    page = staff.get(f"/office/suggestions/{parent.number}/").content.decode()
    assert "并入的意见（2条）" in page and "并入的原话" in page and "镇上的原话" in page
    page = unit.get(f"/office/suggestions/{parent.number}/").content.decode()
    assert "另有2条不归您看" in page and "并入的原话" not in page and near.number not in page
    page = officer.get(f"/office/suggestions/{township.number}/").content.decode()
    assert "主件不归您看" in page and "已更换变压器" in page
    assert "主件的原话" not in page and parent.number not in page
    page = staff.get(f"/office/suggestions/{near.number}/").content.decode()
    assert parent.number in page


# Twelve people, one transformer


def test_twelve_submitters_each_follow_and_rate_the_own_case(world: World) -> None:
    parent = a_suggestion(world, "accepted", text="主件：小区变压器坏了，我叫张某。", name="", place="养殖小区")
    children = [a_suggestion(world, text=f"变压器坏了，第{n}户。") for n in range(11)]
    for child in children:
        services.merge(child, to=parent, by=world.county_staff)
    answered(parent, world)
    services.feedback(now(parent), process="satisfied", result="satisfied")
    ratings = ["satisfied", "basically", "satisfied"] * 3 + ["satisfied", "basically"]
    for child, rating in zip(children, ratings, strict=True):
        client = Client()
        page = client.post("/track/", {"number": child.number, "query_code": child.query_code}).content.decode()  # type: ignore[attr-defined]
        assert child.number in page and child.text in page
        assert "已并案" in page and "已更换变压器" in page and world.power.name in page and "请您评价" in page
        others = [other.number for other in children if other != child]
        for secret in (parent.number, "张某", "养殖小区", "对过程满意", "12条", "12件", "11条", *others):
            assert secret not in page, secret
        said = client.post("/track/feedback/", {"process": "satisfied", "result": rating, "text": ""}, follow=True)
        assert "评价已收到" in said.content.decode()
        assert "请您评价" not in said.content.decode()
    assert [now(child).rating for child in children] == ratings
    assert {now(child).status for child in children} == {"merged"}
    assert Feedback.objects.filter(reply__suggestion=parent).count() == 12
    assert now(parent).rating == "satisfied"


def test_what_was_done_before_the_merge_and_what_others_said_is_not_told(client: Client, world: World) -> None:
    parent = a_suggestion(world, "transferred")
    services.recall(parent, reason="并案以前的理由", by=world.county_staff)
    child = merged(world, parent)
    services.transfer(now(parent), to=world.roads, by=world.county_staff)
    services.inform(now(parent), text="已电话告知主件反映人", by=world.county_staff)
    page = client.post("/track/", {"number": child.number, "query_code": child.query_code}).content.decode()  # type: ignore[attr-defined]
    assert world.roads.name in page
    assert "并案以前的理由" not in page and "告知主件反映人" not in page and world.power.name not in page


def test_a_child_without_an_answer_reads_where_the_matter_stands(client: Client, world: World) -> None:
    parent = a_suggestion(world, "accepted")
    child = merged(world, parent)
    services.transfer(now(parent), to=world.power, by=world.county_staff)
    page = client.post("/track/", {"number": child.number, "query_code": child.query_code}).content.decode()  # type: ignore[attr-defined]
    assert "现在由郸城县供电公司办理，应于" in page
    assert "请您评价" not in page
    refused = client.post("/track/feedback/", {"process": "satisfied", "result": "satisfied"})
    assert "还没有答复" in refused.content.decode()


def test_a_dissatisfied_child_opens_the_review_and_the_parent_does_not_read_it_as_the_own_word(world: World) -> None:
    parent = a_suggestion(world, "accepted")
    child = merged(world, parent)
    answered(now(parent), world)
    services.feedback(now(child), process="satisfied", result="dissatisfied", text="我家没有换。")
    assert (now(parent).status, now(child).rating, now(parent).rating) == ("reviewing", "dissatisfied", "")
    page = Client().post("/track/", {"number": parent.number, "query_code": parent.query_code}).content.decode()  # type: ignore[attr-defined]
    assert "同类意见的评价" in page and "我家没有换" not in page and "您的评价" not in page
