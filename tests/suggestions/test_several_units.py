"""Lead, assist and separate units, through a government office or directly: who may do what, and when the case moves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.calendar import add_months, today
from accounts.errors import Refused
from suggestions import services
from suggestions.checks import faults
from suggestions.dossiers import dossiers
from suggestions.models import Assignment, ReturnRequest, Suggestion
from suggestions.permissions import verbs_for
from suggestions.workflow import Verb
from tests.cast import FullWorld, a_paper, a_proposal, a_suggestion

State, Role = Assignment.State, Assignment.Role


def clean() -> None:
    assert [str(fault) for fault in faults(dossiers())] == []


def apart(world: FullWorld) -> Suggestion:
    """Two units that each answer."""
    case = a_suggestion(world, "accepted")
    services.transfer(case, separate=[world.power, world.agriculture], by=world.county_staff)
    return case


def passed_on(world: FullWorld) -> Suggestion:
    case = a_suggestion(world, "accepted")
    services.transfer(case, to=world.office, assisting=[world.agriculture], by=world.county_staff)
    return case


def test_either_one_lead_or_at_least_two_separate_units(full_world: FullWorld) -> None:
    case = a_suggestion(full_world, "accepted")
    for units in ({}, {"to": full_world.power, "separate": [full_world.roads] * 2}, {"separate": [full_world.power]}):
        with pytest.raises(Refused, match="至少两个分办单位"):
            services.transfer(case, by=full_world.county_staff, **units)


def test_separate_units_move_the_case_with_the_first_that_signs_and_the_last_that_answers(
    full_world: FullWorld,
) -> None:
    case = apart(full_world)
    services.sign_for(case, by=full_world.unit_clerk)
    assert case.status == "handling"
    services.sign_for(case, by=full_world.agriculture_clerk)
    services.reply(case, result_class="A", text="已更换。", by=full_world.unit_head)
    assert (case.status, case.result_class, case.replied_on) == ("handling", "", None)
    services.reply(case, result_class="C", text="暂不能办。", by=full_world.agriculture_head)
    assert (case.status, case.result_class) == ("replied", "C"), "A only where each has solved its part"
    clean()


def test_of_separate_units_one_may_leave_and_the_others_go_on(full_world: FullWorld) -> None:
    case = apart(full_world)
    services.request_return(case, reason="不归我们", to=full_world.roads, by=full_world.unit_clerk)
    services.approve_return(case, by=full_world.county_staff)
    assert (case.status, case.assignments.open().get().unit) == ("transferred", full_world.agriculture)
    services.request_return(case, reason="也不归我们", to=full_world.roads, by=full_world.agriculture_clerk)
    services.approve_return(case, by=full_world.county_staff)
    assert (case.status, case.assignments.open().count()) == ("accepted", 0)
    clean()


def test_each_promise_of_separate_units_is_tracked_to_its_end(full_world: FullWorld) -> None:
    case = apart(full_world)
    for clerk in (full_world.unit_clerk, full_world.agriculture_clerk):
        services.sign_for(case, by=clerk)
    far, near = (today() + timedelta(days=days) for days in (60, 30))
    services.reply(case, result_class="B", text="年内换。", due=far, by=full_world.unit_head)
    services.reply(case, result_class="B", text="下月补。", due=near, by=full_world.agriculture_head)
    services.feedback(case, process="satisfied", result="satisfied")
    assert (case.status, case.due_on) == ("tracking", near)
    services.fulfil(case, text="已补。", by=full_world.agriculture_head)
    services.feedback(case, process="satisfied", result="satisfied")
    assert (case.status, case.due_on) == ("tracking", far)
    services.fulfil(case, text="已换。", by=full_world.unit_head)
    services.feedback(case, process="satisfied", result="satisfied")
    assert (case.status, case.result_class) == ("closed", "A")
    clean()


def test_an_office_passes_the_lead_on_and_the_clock_runs_as_it_did(full_world: FullWorld) -> None:
    case = passed_on(full_world)
    due = case.due_on
    services.distribute(case, to=full_world.roads, by=full_world.office_clerk)
    office, new = case.assignments.exclude(role=Role.ASSIST).order_by("pk")
    assert (office.state, new.unit, new.via) == (State.DISTRIBUTED, full_world.roads, office)
    assert (new.assigned_on, new.due_on, case.due_on) == (office.assigned_on, due, due)
    assert Verb.DISTRIBUTE not in verbs_for(full_world.office_clerk, case)
    clean()


def test_a_lead_that_is_no_office_distributes_nothing(full_world: FullWorld) -> None:
    case = a_suggestion(full_world, "transferred")
    with pytest.raises(Refused, match="只有政府办公室、督查部门"):
        services.distribute(case, to=full_world.roads, by=full_world.unit_clerk)


@pytest.mark.parametrize("to", ["village", "supervision", "office", "county_organ"])
def test_an_office_distributes_to_a_department_of_its_region(full_world: FullWorld, to: str) -> None:
    with pytest.raises(Refused, match="其他承办部门"):
        services.distribute(passed_on(full_world), to=getattr(full_world, to), by=full_world.office_clerk)


def test_a_departments_return_passes_through_the_office_and_not_through_itself(full_world: FullWorld) -> None:
    case = passed_on(full_world)
    services.distribute(case, to=full_world.power, by=full_world.office_clerk)
    services.request_return(case, reason="不归我们", to=full_world.roads, by=full_world.unit_clerk)
    with pytest.raises(Refused):
        services.distribute(case, to=full_world.roads, by=full_world.unit_clerk)
    services.distribute(case, to=full_world.roads, reason="属实", by=full_world.office_clerk)
    assert ReturnRequest.objects.get().decision == "approved"
    assert case.assignments.open().exclude(role=Role.ASSIST).get().unit == full_world.roads
    assert case not in Suggestion.objects.visible_to(full_world.unit_clerk)
    clean()


def test_who_takes_the_lead_no_longer_assists(full_world: FullWorld) -> None:
    case = passed_on(full_world)
    services.distribute(case, to=full_world.agriculture, by=full_world.office_clerk)
    assert case.assignments.open().get().role == Role.LEAD
    services.sign_for(case, by=full_world.agriculture_clerk)
    services.reply(case, result_class="A", text="已办。", by=full_world.agriculture_head)
    clean()


def test_assisting_opinions_come_before_the_reply_or_it_says_why_not(full_world: FullWorld) -> None:
    case = a_proposal(full_world, "accepted")
    services.transfer(
        case, to=full_world.power, assisting=[full_world.agriculture, full_world.roads], by=full_world.county_staff
    )
    services.sign_for(case, by=full_world.unit_clerk)
    services.contribute(case, text="同意增设。", by=full_world.agriculture_clerk)
    assert case.status == "handling"
    with pytest.raises(Refused, match="交通运输局还没有提出协办意见") as refused:
        services.reply(case, result_class="A", text="已办。", by=full_world.unit_head)
    assert refused.value.field == "reason"
    services.reply(case, result_class="A", text="已办。", reason="催了两次", by=full_world.unit_head)
    states = dict(case.assignments.values_list("unit__name", "state"))
    assert states["郸城县交通运输局"] == State.LAPSED
    with pytest.raises(Refused):
        services.contribute(case, text="晚了", by=full_world.county_staff, source="1号", paper=a_paper())
    clean()


def test_an_assisting_unit_that_leaves_moves_nothing(full_world: FullWorld) -> None:
    case = passed_on(full_world)
    services.request_return(case, reason="与我们无关", to=full_world.roads, by=full_world.agriculture_clerk)
    services.approve_return(case, by=full_world.county_staff)
    assert (case.status, case.assignments.open().get().unit) == ("transferred", full_world.office)
    clean()


def test_what_is_recalled_begins_anew_and_keeps_its_first_day(full_world: FullWorld) -> None:
    case = a_suggestion(full_world, "handling")
    with pytest.raises(Refused, match="收回的理由"):
        services.recall(case, reason=" ", by=full_world.county_staff)
    first = case.handed_over_on
    services.recall(case, reason="交错了", by=full_world.county_staff)
    assert (case.status, case.due_on, case.assignments.get().state) == ("accepted", None, State.RECALLED)
    assert case not in Suggestion.objects.visible_to(full_world.unit_clerk)
    services.transfer(case, to=full_world.roads, by=full_world.county_staff)
    assert case.handed_over_on == first
    clean()


def test_a_hand_over_may_be_of_the_day_of_a_meeting_and_never_of_tomorrow(full_world: FullWorld) -> None:
    case = a_suggestion(full_world, "accepted")
    for day in (today() + timedelta(days=1), today() - timedelta(days=400)):
        with pytest.raises(Refused) as refused:
            services.transfer(case, to=full_world.power, handed_over_on=day, by=full_world.county_staff)
        assert refused.value.field == "handed_over_on"


def test_an_extension_is_asked_for_decided_and_never_past_six_months(full_world: FullWorld) -> None:
    case = a_proposal(full_world, "handling")
    t0, due = case.handed_over_on, case.due_on
    assert t0 is not None and due is not None
    latest = add_months(t0, 6)
    for until, said in ((due, "晚于现在的应复日期"), (latest + timedelta(days=1), "自交办之日起6个月")):
        with pytest.raises(Refused, match=said):
            services.request_extension(case, due=until, reason="施工中", by=full_world.unit_clerk)
    services.request_extension(case, due=latest, reason="施工中", by=full_world.unit_clerk)
    with pytest.raises(Refused, match="已有一份延期申请"):
        services.request_extension(case, due=latest, reason="施工中", by=full_world.unit_clerk)
    services.approve_extension(case, by=full_world.county_staff)
    lead = case.assignments.get()
    assert (case.due_on, lead.due_on, lead.original_due_on, lead.basis) == (latest, latest, due, "extension")
    with pytest.raises(Refused, match="已不能再延期"):
        services.request_extension(case, due=latest + timedelta(days=1), reason="再延", by=full_world.unit_clerk)
    clean()


def test_a_refused_extension_says_why_and_the_clock_runs_on(full_world: FullWorld) -> None:
    case = a_proposal(full_world, "handling")
    due = case.due_on
    assert due is not None
    services.request_extension(case, due=due + timedelta(days=5), reason="施工中", by=full_world.unit_clerk)
    with pytest.raises(Refused, match="不同意延期的理由"):
        services.refuse_extension(case, reason="", by=full_world.county_staff)
    services.refuse_extension(case, reason="请抓紧", by=full_world.county_staff)
    assert case.due_on == due
    clean()


def test_a_case_goes_down_only_to_where_it_was_heard(full_world: FullWorld) -> None:
    case = a_suggestion(full_world, "accepted", at="station")
    services.escalate(case, reason="权限不足", by=full_world.station_officer)
    with pytest.raises(Refused, match="所在地的下级"):
        services.hand_down(case, reason="归镇里", to=full_world.other_organ, by=full_world.county_staff)
    services.hand_down(case, reason="归镇里", by=full_world.county_staff)
    assert (case.holder, case.at_station) == (full_world.township_organ, False)
    services.transfer(case, to=full_world.village, by=full_world.township_staff)
    clean()
