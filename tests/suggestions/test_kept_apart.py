"""Who is out stays out, and what one submitter wrote is nobody else's, also where cases go on together."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Holiday, User
from deputies.models import Mandate
from stations.models import StationPost
from suggestions import services
from suggestions.models import Assignment, Event, Feedback, Publication, Suggestion
from suggestions.services import keeping, raising
from suggestions.services.moves import must_be_called
from tests.cast import World, a_suggestion
from tests.suggestions.colleagues import a_deputy

NAME, PHONE = "张大山", "13712345678"


def mine(world: World, stage: str = "submitted", **extra: Any) -> Suggestion:
    return a_suggestion(world, stage, name=NAME, phone=PHONE, consent=True, **extra)


def merged(world: World, parent: Suggestion, **extra: Any) -> Suggestion:
    child = a_suggestion(world, **extra)
    services.merge(child, to=parent, by=world.county_staff)
    return child


def test_who_is_out_of_the_common_case_is_out_of_all_that_goes_on_in_it(world: World) -> None:
    parent = a_suggestion(world)
    child = merged(world, parent)
    services.accept(
        parent,
        category=world.category,
        problem_kind=world.problem_kind,
        enterprise=world.enterprise,
        about_unit=world.power,
        by=world.county_staff,
    )
    child.refresh_from_db()
    assert (child.enterprise, child.about_unit) == (world.enterprise, world.power)
    services.unmerge(child, reason="另有情况", by=world.county_staff)
    with pytest.raises(Refused, match="不能交它自己"):
        services.transfer(child, to=world.power, by=world.county_staff)


def test_what_passed_the_station_by_gathers_nothing_that_did_not(world: World) -> None:
    parent = a_suggestion(world, direct=True)
    child = a_suggestion(world)
    with pytest.raises(Refused, match="回避"):
        services.merge(child, to=parent, by=world.county_staff)


def test_an_answer_that_others_read_too_names_nobody(world: World) -> None:
    parent = mine(world, "accepted")
    merged(world, parent)
    with pytest.raises(Refused, match="其他反映人也会看到"):
        services.answer(parent, text=f"{NAME}同志，已修好。", by=world.county_staff)
    services.answer(parent, text="已修好。", by=world.county_staff)


def test_a_scan_alone_is_no_answer_to_those_who_cannot_open_it(world: World) -> None:
    from tests.cast import a_paper

    parent = a_suggestion(world, "handling")
    services.recall(parent, reason="先并案", by=world.county_staff)
    merged(world, parent)
    services.transfer(parent, to=world.power, by=world.county_staff)
    services.sign_for(parent, by=world.unit_clerk)
    with pytest.raises(Refused, match="请写出答复内容"):
        services.reply(parent, result_class="A", letter=a_paper(), by=world.unit_head)


def test_nobody_merged_into_it_is_named_in_public(world: World) -> None:
    parent = a_suggestion(world, "accepted")
    merged(world, parent, name=NAME, consent=True)
    with pytest.raises(Refused, match="姓名"):
        services.publish(parent, title="路灯", text=f"{NAME}等反映路灯不亮", checked=True, by=world.county_staff)


def test_what_the_deputy_finds_unsuitable_is_public_no_longer(world: World) -> None:
    case = a_suggestion(world, "closed")
    services.publish(case, title="路灯", text="路灯不亮", checked=True, by=world.county_staff)
    assert Publication.objects.visible_to(world.county_staff).count() == 1
    Suggestion.objects.filter(pk=case.pk).update(keep_private=True)
    assert not Publication.objects.visible_to(world.county_staff).exists()


def test_who_rates_may_sign_with_a_phone_and_it_is_not_kept(world: World) -> None:
    case = mine(world, "replied")
    services.feedback(case, process="satisfied", result="dissatisfied", text=f"没修好，打我电话{PHONE}，{NAME}")
    kept = [*Event.objects.values_list("public_text", flat=True), *Feedback.objects.values_list("text", flat=True)]
    assert not [text for text in kept if PHONE in text or NAME in text]
    assert any("没修好" in text for text in kept)


def test_a_landline_is_called(world: World, settings: Any) -> None:
    settings.SMS_GATEWAY_URL = "https://sms.example.invalid/send"
    assert must_be_called(Suggestion(phone="03946223344"))
    assert not must_be_called(Suggestion(phone=PHONE))
    assert not must_be_called(Suggestion(phone=""))


def test_what_the_organ_declined_is_looked_at_one_level_up(world: World) -> None:
    by_staff, by_station = a_suggestion(world), a_suggestion(world)
    officer = User.objects.get(username="county_officer")
    for case, by in ((by_staff, world.county_staff), (by_station, officer)):
        services.decline(case, reason="个人纠纷", destination="向法院起诉", by=by)
        services.request_reopen(case, reason="不是纠纷")
    assert by_staff.holder == world.city_organ
    assert by_station.holder == world.county_organ


def test_rehandled_by_another_unit_has_a_month_and_no_more(world: World) -> None:
    Holiday.objects.all().delete()
    case = a_suggestion(world, "reviewing")
    services.rehandle(case, reason="换个单位再办", to=world.roads, by=world.county_staff)
    services.transfer(case, to=world.roads, by=world.county_staff)
    given = case.assignments.get(unit=world.roads)
    assert given.basis == Assignment.Basis.REHANDLE
    assert given.due_on == services.latest_due(a_fresh(case), given.assigned_on) or given.due_on > today()
    assert (given.due_on - given.assigned_on).days in range(28, 35)


def a_fresh(case: Suggestion) -> Suggestion:
    return Suggestion.objects.get(pk=case.pk)


def test_a_meeting_so_long_ago_that_the_reply_is_due_already_is_refused(world: World) -> None:
    with time_machine.travel(f"{today() - timedelta(days=60)}T10:00:00+08:00", tick=False):
        case = a_suggestion(world, "accepted")
        t0 = today()
    with pytest.raises(Refused, match="就该答复了"):
        services.transfer(case, to=world.power, handed_over_on=t0, by=world.county_staff)


def test_nobody_takes_up_what_is_about_the_own_house_or_cannot_sign_in(world: World) -> None:
    opinion = a_suggestion(world, "accepted")
    Suggestion.objects.filter(pk=opinion.pk).update(enterprise=world.enterprise)
    opinion.refresh_from_db()
    StationPost.objects.create(
        station=world.station,
        post="deputy_head",
        side="enterprise",
        enterprise=world.enterprise,
        user=world.deputy.user,
        name="李代表",
        since=date(2025, 1, 10),
    )
    with pytest.raises(Refused, match="回避"):
        services.raise_(opinion, to=world.deputy, title="关于用电的建议", by=world.county_staff)
    colleague = a_deputy(world, "张三")
    colleague.user = None
    colleague.save()
    with pytest.raises(Refused, match="没有账号"):
        services.raise_(opinion, to=colleague, title="关于用电的建议", by=world.county_staff)
    assert colleague not in raising.deputies_over(opinion)


def test_what_a_deputy_let_lie_is_told_to_its_submitter(world: World) -> None:
    opinion = a_suggestion(world, "accepted")
    services.raise_(opinion, to=world.deputy, title="关于用电的建议", by=world.county_staff)
    with time_machine.travel(f"{today() + timedelta(days=61)}T10:00:00+08:00", tick=False):
        assert services.end_stale_drafts() == 1
        assert services.end_stale_drafts() == 0
    assert "没有作为代表建议提出" in opinion.events.order_by("-version")[0].public_text


def test_after_the_mandate_one_right_is_left(world: World) -> None:
    from tests.cast import a_proposal

    case = a_proposal(world, "closed")
    Mandate.objects.filter(deputy=world.deputy).update(status="ended", ended_on=today(), reason="resigned")
    with pytest.raises(Refused, match="任职"):
        services.request_reopen(case, reason="没有办好", by=world.deputy.user)


def test_retention_forgets_what_was_said_with_the_rating(world: World) -> None:
    case = mine(world, "closed")
    with time_machine.travel(f"{today() + timedelta(days=900)}T10:00:00+08:00", tick=False):
        assert keeping.anonymise_submitters() == 1
    case.refresh_from_db()
    assert (case.name, case.phone) == ("", "")
