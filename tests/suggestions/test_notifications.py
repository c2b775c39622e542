"""Everybody is told, once, in words that give nothing away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from accounts.models import Notice, User
from suggestions import services
from suggestions.codes import new_form_key
from suggestions.models import Assignment, Event, Suggestion
from suggestions.notifications import group_text, remind_overdue, tell_again, tell_of
from suggestions.office_pages import case_page
from tests.cast import World, a_suggestion

CITIZEN = "13900000001"
CLERK = "13900000002"
STAFF = "13900000003"


@pytest.fixture
def gateway(settings: Any) -> None:
    settings.SMS_GATEWAY_URL = "https://sms.example.invalid/send"


@pytest.fixture
def phones(world: World) -> World:
    User.objects.filter(pk=world.unit_clerk.pk).update(phone=CLERK)
    User.objects.filter(pk=world.county_staff.pk).update(phone=STAFF)
    return world


def told() -> list[tuple[str, str]]:
    return list(Notice.objects.order_by("pk").values_list("to", "text"))


def everything_told() -> list[tuple[str, str]]:
    for event in Event.objects.order_by("pk"):
        tell_of(event.pk)
    return told()


def test_an_act_tells_after_its_commit(gateway: None, phones: World, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        case = a_suggestion(phones, "transferred", phone=CITIZEN, consent=True)
        assert not told()
    assert {to for to, _ in told()} == {CITIZEN, CLERK}
    to_unit = next(text for to, text in told() if to == CLERK)
    assert "有新交办的事项" in to_unit and case.number in to_unit
    last = Event.objects.order_by("-pk").first()
    assert last and tell_of(last.pk) and len(told()) == len(set(Notice.objects.values_list("key", flat=True)))


def test_the_same_event_tells_nobody_twice(gateway: None, phones: World) -> None:
    a_suggestion(phones, "replied", phone=CITIZEN, consent=True)
    first = everything_told()
    assert first and everything_told() == first


def test_a_message_holds_the_number_and_nothing_of_the_matter(gateway: None, phones: World) -> None:
    case = a_suggestion(phones, "reviewing", name="张三丰", phone=CITIZEN, consent=True, text="村里的桥断了没人管")
    for _, text in everything_told():
        assert case.number in text
        assert not any(word in text for word in ("桥", "张三丰", CITIZEN, "没有换"))


def test_who_is_dissatisfied_brings_it_before_the_holder(gateway: None, phones: World) -> None:
    a_suggestion(phones, "reviewing")
    assert any(to == STAFF and "不满意，请复核" in text for to, text in everything_told())


def test_a_common_reply_reaches_all_of_them(gateway: None, phones: World) -> None:
    parent = a_suggestion(phones, "accepted")
    child = a_suggestion(phones, phone=CITIZEN, consent=True)
    services.merge(child, to=parent, by=phones.county_staff)
    services.transfer(parent, to=phones.power, by=phones.county_staff)
    services.sign_for(parent, by=phones.unit_clerk)
    services.reply(parent, result_class="A", text="已修好。", by=phones.unit_head)
    answers = [text for to, text in everything_told() if to == CITIZEN and "已有答复" in text]
    assert len(answers) == 1 and child.number in answers[0] and parent.number not in answers[0]


def test_the_concerned_are_not_told(gateway: None, phones: World) -> None:
    case = a_suggestion(phones, "transferred")
    Suggestion.objects.filter(pk=case.pk).update(about_unit=phones.power)
    assert CLERK not in {to for to, _ in everything_told()}


def test_without_a_gateway_the_officer_calls(world: World) -> None:
    case = a_suggestion(world, "replied", phone=CITIZEN, consent=True)
    assert case.to_inform and everything_told() == []
    officer = User.objects.get(username="county_officer")
    assert case in Suggestion.objects.waiting_for(officer)
    services.inform(case, text="本人接听", by=officer)
    assert case not in Suggestion.objects.waiting_for(officer)


def test_with_a_gateway_only_who_asked_for_a_call_is_called(gateway: None, world: World) -> None:
    assert not a_suggestion(world, "replied", phone=CITIZEN, consent=True).to_inform
    assert a_suggestion(world, "replied", phone=CITIZEN, consent=True, callback=True).to_inform
    assert not a_suggestion(world, "replied").to_inform


def test_the_unit_is_reminded_once_in_yellow_and_once_in_red(gateway: None, phones: World) -> None:
    a_suggestion(phones, "transferred")
    lead = Assignment.objects.get()
    assert remind_overdue() == 0
    for days, sentence in ((-2, "期限将到"), (1, "已经超期")):
        with time_machine.travel(f"{lead.due_on + timedelta(days=days)}T10:00:00+08:00", tick=False):
            assert remind_overdue() == 1 and remind_overdue() == 0
        assert sentence in told()[-1][1]


def test_what_is_copied_to_a_group_says_nothing_of_anybody(world: World) -> None:
    case = a_suggestion(world, "transferred", name="张三丰", phone=CITIZEN, consent=True, text="桥断了")
    page = case_page(world.users["county_staff"], case)
    text = group_text(case, page.line.holder)
    assert case.number in text and "郸城县供电公司" in text and "期限" in text
    assert not any(word in text for word in ("张三丰", CITIZEN, "桥"))


def test_the_tick_does_it_all_and_twice_does_no_more(gateway: None, phones: World, capsys: Any) -> None:
    a_suggestion(phones, "replied")
    call_command("tick")
    before = Event.objects.count()
    call_command("tick")
    assert Event.objects.count() == before


def test_a_case_of_another_key_is_told_apart(gateway: None, phones: World) -> None:
    """Two people on one phone: each case speaks for itself."""
    for _ in range(2):
        services.submit(
            services.Statement(text="路灯不亮", phone=CITIZEN, consent=True),
            form_key=new_form_key(),
            station=phones.county_station,
        )
    for case in Suggestion.objects.all():
        services.decline(case, reason="属于物业", destination="向物业反映", by=phones.county_staff)
    assert len([1 for to, _ in everything_told() if to == CITIZEN]) == 2


def test_only_the_unit_that_is_meant_is_told(gateway: None, phones: World) -> None:
    User.objects.create_user("roads", name="交通经办", organization=phones.roads, phone="13900000009")
    case = a_suggestion(phones, "accepted")
    services.transfer(case, to=phones.power, assisting=[phones.roads], by=phones.county_staff)
    everything_told()
    Notice.objects.all().delete()
    services.remind(case, text="请抓紧", unit=phones.power, by=phones.county_staff)
    last = case.events.order_by("-version")[0]
    tell_of(last.pk)
    assert [to for to, _ in told()] == [CLERK]
    Notice.objects.all().delete()
    services.recall(case, reason="另行安排", by=phones.county_staff)
    tell_of(case.events.order_by("-version")[0].pk)
    assert {to for to, text in told() if "不用再办" in text} == {CLERK, "13900000009"}


def test_a_promise_is_reminded_of(gateway: None, phones: World) -> None:
    a_suggestion(phones, "tracking")
    assert remind_overdue() == 0
    with time_machine.travel("2098-12-30T10:00:00+08:00", tick=False):
        assert remind_overdue() == 1 and remind_overdue() == 0
    assert "期限将到" in told()[-1][1]


def test_what_a_crash_left_untold_is_told_by_the_tick(gateway: None, phones: World) -> None:
    a_suggestion(phones, "transferred")
    assert not told()
    assert tell_again() and told()
    count = len(told())
    tell_again()
    assert len(told()) == count
