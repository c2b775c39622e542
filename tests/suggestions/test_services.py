"""The rules behind the verbs, one by one, on opinions. The whole table is in test_verbs, several units in their own file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Holiday
from suggestions import services
from suggestions.checks import faults
from suggestions.codes import new_form_key
from suggestions.dossiers import dossiers
from suggestions.models import Assignment, Feedback, ReturnRequest, Review, Suggestion
from suggestions.permissions import verbs_for
from suggestions.services import Conflict, closing
from suggestions.workflow import Verb
from tests.cast import World, a_paper, a_suggestion


def test_the_same_form_twice_is_one_case_with_the_same_number(world: World) -> None:
    key = new_form_key()
    first, second = (
        services.submit(services.Statement(text="路灯不亮"), form_key=key, station=world.station) for _ in range(2)
    )
    assert first == second
    assert Suggestion.objects.count() == 1


def test_personal_data_needs_consent(world: World) -> None:
    with pytest.raises(Refused, match="告知书"):
        services.submit(
            services.Statement(text="x", phone="13800000000"), form_key=new_form_key(), station=world.station
        )
    assert not Suggestion.objects.exists()


def test_an_opinion_to_a_deputy_goes_to_the_home_station(world: World) -> None:
    suggestion = services.submit(services.Statement(text="x"), form_key=new_form_key(), deputy=world.deputy)
    assert (suggestion.station, suggestion.holder, suggestion.at_station) == (
        world.county_station,
        world.county_organ,
        True,
    )


def test_a_matter_about_the_station_goes_straight_to_the_congress_organ(world: World) -> None:
    suggestion = services.submit(
        services.Statement(text="x", direct=True), form_key=new_form_key(), station=world.station
    )
    assert (suggestion.holder, suggestion.at_station) == (world.county_organ, False)
    assert suggestion not in Suggestion.objects.visible_to(world.station_officer)
    assert suggestion not in Suggestion.objects.visible_to(world.township_staff)
    assert suggestion in Suggestion.objects.visible_to(world.county_staff)


def test_declining_without_a_destination_is_refused(world: World) -> None:
    suggestion = a_suggestion(world)
    with pytest.raises(Refused, match="可以去哪里"):
        services.decline(suggestion, reason="个人纠纷", destination=" ", by=world.county_staff)


def test_the_clock_starts_at_the_hand_over(world: World) -> None:
    Holiday.objects.all().delete()
    suggestion = a_suggestion(world, "transferred")
    lead = suggestion.assignments.get()
    days = Holiday.objects.calendar()
    assert lead.due_on == days.add_working_days(today(), 15) == suggestion.due_on
    assert (suggestion.handed_over_on, lead.assigned_on) == (today(), today())


def test_a_limit_may_be_earlier_than_the_profile_but_not_later(world: World) -> None:
    suggestion = a_suggestion(world, "accepted")
    with pytest.raises(Refused, match="不能晚于规定"):
        services.transfer(suggestion, to=world.power, due=today() + timedelta(days=200), by=world.county_staff)
    assert not Assignment.objects.exists()
    services.transfer(suggestion, to=world.power, due=today() + timedelta(days=5), by=world.county_staff)
    assert (suggestion.due_on, suggestion.assignments.get().basis) == (today() + timedelta(days=5), "limit")


def test_a_unit_never_handles_a_complaint_about_itself(world: World) -> None:
    suggestion = a_suggestion(world, "accepted")
    Suggestion.objects.filter(pk=suggestion.pk).update(about_unit=world.power)
    suggestion.refresh_from_db()
    assert world.power not in services.units_for(suggestion)
    with pytest.raises(Refused, match="不能交它自己"):
        services.transfer(suggestion, to=world.power, by=world.county_staff)


def test_a_station_officer_transfers_within_the_own_level_only(world: World) -> None:
    suggestion = a_suggestion(world, "accepted", at="station")
    with pytest.raises(Refused, match="同级"):
        services.transfer(suggestion, to=world.power, by=world.station_officer)
    services.transfer(suggestion, to=world.village, by=world.station_officer)


def test_a_return_names_the_right_unit_and_each_is_counted(world: World) -> None:
    suggestion = a_suggestion(world, "transferred")
    with pytest.raises(Refused, match="应由哪个单位"):
        services.request_return(suggestion, reason="不归我们", by=world.unit_clerk)
    services.request_return(suggestion, reason="不归我们", to=world.roads, by=world.unit_clerk)
    with pytest.raises(Refused, match="等待决定"):
        services.request_return(suggestion, reason="再说一次", to=world.roads, by=world.unit_clerk)
    first = suggestion.handed_over_on
    services.approve_return(suggestion, by=world.county_staff)
    assert ReturnRequest.objects.get().decision == "approved"
    assert suggestion not in Suggestion.objects.visible_to(world.unit_clerk)
    services.transfer(suggestion, to=world.roads, by=world.county_staff)
    assert (suggestion.handed_over_on, suggestion.assignments.count()) == (first, 2)


def test_a_late_return_is_refused_with_the_day(world: World) -> None:
    suggestion = a_suggestion(world, "transferred")
    Assignment.objects.update(return_until=today() - timedelta(days=1))
    with pytest.raises(Refused, match="届满"):
        services.request_return(suggestion, reason="x", to=world.roads, by=world.unit_clerk)


def test_only_the_head_signs_a_reply(world: World) -> None:
    suggestion = a_suggestion(world, "handling")
    with pytest.raises(Refused, match="职责"):
        services.reply(suggestion, result_class="A", text="好了", by=world.unit_clerk)


def test_staff_answer_for_a_unit_without_login_only_with_its_paper(world: World) -> None:
    suggestion = a_suggestion(world, "accepted")
    services.transfer(suggestion, to=world.roads, by=world.county_staff)
    with pytest.raises(Refused, match="代录要写明依据"):
        services.sign_for(suggestion, by=world.county_staff)
    event = services.sign_for(suggestion, by=world.county_staff, source="交通局收文第12号", paper=a_paper())
    assert (event.on_behalf_of, event.actor, event.attachments.count()) == (world.roads, world.county_staff, 1)


def test_class_b_names_its_day_and_is_tracked_until_fulfilled(world: World) -> None:
    suggestion = a_suggestion(world, "handling")
    with pytest.raises(Refused, match="承诺"):
        services.reply(suggestion, result_class="B", text="明年修", by=world.unit_head)
    services.reply(suggestion, result_class="B", text="明年修", due=date(2099, 1, 1), by=world.unit_head)
    services.feedback(suggestion, process="satisfied", result="basically")
    assert (suggestion.status, suggestion.due_on) == ("tracking", date(2099, 1, 1))
    services.fulfil(suggestion, text="修好了", by=world.unit_head)
    services.feedback(suggestion, process="satisfied", result="satisfied")
    assert (suggestion.status, suggestion.result_class, suggestion.rating) == ("closed", "A", "satisfied")


def test_dissatisfied_needs_a_reason_and_opens_one_review(world: World) -> None:
    suggestion = a_suggestion(world, "replied")
    with pytest.raises(Refused, match="写明原因"):
        services.feedback(suggestion, process="dissatisfied", result="satisfied")
    services.feedback(suggestion, process="satisfied", result="dissatisfied", text="没修")
    assert (suggestion.status, Review.objects.count()) == ("reviewing", 1)


def test_rehandling_goes_to_the_same_unit_for_a_month_and_happens_once(world: World) -> None:
    suggestion = a_suggestion(world, "reviewing")
    services.rehandle(suggestion, reason="请再去看", by=world.county_staff)
    again = suggestion.assignments.order_by("-round")[0]
    assert (suggestion.status, again.round, again.unit, again.basis) == ("handling", 2, world.power, "rehandle")
    services.reply(suggestion, result_class="A", text="这次修好了", by=world.unit_head)
    assert suggestion.rating == ""
    services.feedback(suggestion, process="satisfied", result="dissatisfied", text="还是没修")
    with pytest.raises(Refused, match="只安排一次"):
        services.rehandle(suggestion, reason="再来", by=world.county_staff)
    services.uphold(suggestion, reason="已按图纸修复", by=world.county_staff)
    assert (suggestion.status, suggestion.rating) == ("closed", "dissatisfied")


def test_nobody_rates_twice(world: World) -> None:
    suggestion = a_suggestion(world, "closed")
    assert Feedback.objects.count() == 1
    with pytest.raises(Refused):
        services.feedback(suggestion, process="satisfied", result="satisfied")


def test_silence_is_closed_as_unrated_after_the_days_are_over_and_never_counts_as_satisfied(world: World) -> None:
    suggestion = a_suggestion(world, "replied")
    assert services.close_unrated() == 0
    Suggestion.objects.update(due_on=today() - timedelta(days=1))
    assert (services.close_unrated(), services.close_unrated()) == (1, 0)
    suggestion.refresh_from_db()
    assert (suggestion.status, suggestion.rating, suggestion.rating_label) == ("closed", "", "未评价")


def test_reopening_may_be_asked_once_within_ninety_days(world: World) -> None:
    suggestion = a_suggestion(world, "closed")
    Suggestion.objects.update(closed_on=today() - timedelta(days=91))
    suggestion.refresh_from_db()
    with pytest.raises(Refused, match="届满"):
        services.request_reopen(suggestion, reason="又坏了")
    Suggestion.objects.update(closed_on=today() - timedelta(days=90))
    suggestion.refresh_from_db()
    services.request_reopen(suggestion, reason="又坏了")
    with pytest.raises(Refused, match="只能申请一次"):
        services.request_reopen(suggestion, reason="又坏了")


def test_what_a_station_declined_can_be_taken_to_the_county(world: World) -> None:
    suggestion = a_suggestion(world, "declined", at="station")
    services.request_reopen(suggestion, reason="不是纠纷，是停电")
    assert suggestion.holder == world.county_organ
    services.reopen(suggestion, reason="属于受理范围", by=world.county_staff)
    assert suggestion.status == "accepted"


def test_escalation_goes_up_and_the_station_still_reads_the_answer(world: World) -> None:
    suggestion = a_suggestion(world, "accepted", at="station")
    services.escalate(suggestion, reason="权限不足", by=world.station_officer)
    assert (suggestion.holder, suggestion.at_station) == (world.county_organ, False)
    assert suggestion in Suggestion.objects.visible_to(world.station_officer)
    services.transfer(suggestion, to=world.power, by=world.county_staff)


def test_two_officers_at_once_one_wins_and_the_other_reads_who_did_what_when(world: World) -> None:
    suggestion = a_suggestion(world)
    late = Suggestion.objects.get(pk=suggestion.pk)
    services.accept(suggestion, category=world.category, problem_kind=world.problem_kind, by=world.county_staff)
    with pytest.raises(Conflict, match="郸城县人大常委会代工委孙代工委已于.*作了“受理”"):
        services.decline(late, reason="个人纠纷", destination="法院", by=world.county_staff)
    assert Suggestion.objects.get().status == "accepted"


def test_without_the_version_check_the_second_would_win(world: World) -> None:
    """The canary of the test above: the same race through a plain save loses the first one's word."""
    suggestion = a_suggestion(world)
    late = Suggestion.objects.get(pk=suggestion.pk)
    services.accept(suggestion, category=world.category, problem_kind=world.problem_kind, by=world.county_staff)
    late.save()
    assert Suggestion.objects.get().status == "submitted"


def test_what_was_answered_is_no_longer_asked_to_be_returned(world: World) -> None:
    suggestion = a_suggestion(world, "handling")
    services.request_return(suggestion, reason="不归我们", to=world.roads, by=world.unit_clerk)
    services.reply(suggestion, result_class="A", text="还是办了。", by=world.unit_head)
    services.feedback(suggestion, process="satisfied", result="dissatisfied", text="没办好。")
    services.rehandle(suggestion, reason="请再办。", by=world.county_staff)
    assert Verb.APPROVE_RETURN not in verbs_for(world.county_staff, suggestion)
    services.request_return(suggestion, reason="真的不归我们", to=world.roads, by=world.unit_clerk)


def test_a_promise_that_a_later_reply_replaced_binds_nobody(world: World) -> None:
    suggestion = a_suggestion(world, "handling")
    services.reply(suggestion, result_class="B", text="明年修", due=date(2099, 1, 1), by=world.unit_head)
    services.feedback(suggestion, process="satisfied", result="dissatisfied", text="太久。")
    services.rehandle(suggestion, reason="请提前。", by=world.county_staff)
    services.reply(suggestion, result_class="A", text="已修好。", by=world.unit_head)
    services.feedback(suggestion, process="satisfied", result="satisfied")
    assert suggestion.status == "closed"
    assert list(faults(dossiers())) == []


def test_one_rating_in_the_last_moment_does_not_stop_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = a_suggestion(world, "replied"), a_suggestion(world, "replied")
    Suggestion.objects.update(due_on=today() - timedelta(days=1))
    close = closing.close

    def rated_meanwhile(suggestion: Suggestion) -> Any:
        if suggestion == first:
            raise Conflict("反映人刚作了评价。")
        return close(suggestion)

    monkeypatch.setattr(closing, "close", rated_meanwhile)
    assert services.close_unrated() == 1
    second.refresh_from_db()
    assert second.status == "closed"


def test_nobody_takes_down_a_matter_at_a_foreign_desk(world: World) -> None:
    with pytest.raises(Refused, match="不在这个联络站"):
        services.submit(
            services.Statement(text="x"), form_key=new_form_key(), station=world.other_station, by=world.station_officer
        )


def test_an_assisting_unit_is_asked_for_its_opinion_until_it_is_there(world: World) -> None:
    suggestion = a_suggestion(world, "accepted")
    services.transfer(suggestion, to=world.roads, assisting=[world.power], by=world.county_staff)
    assert suggestion in Suggestion.objects.waiting_for(world.unit_clerk)
    services.contribute(suggestion, text="线路可以改。", by=world.unit_clerk)
    assert suggestion in Suggestion.objects.visible_to(world.unit_clerk)
    assert suggestion not in Suggestion.objects.waiting_for(world.unit_clerk)
