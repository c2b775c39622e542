"""The submitter rates the reply and asks once to take the matter up again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from suggestions import services
from suggestions.models import Feedback, Suggestion
from tests.cast import World, a_suggestion

GOOD = {"process": "satisfied", "result": "basically", "text": "谢谢。"}


def opened(client: Client, case: Any) -> Client:
    response = client.post("/track/", {"number": case.number, "query_code": case.query_code})
    assert case.number in response.content.decode()
    return client


def now(case: Suggestion) -> Suggestion:
    return Suggestion.objects.get(pk=case.pk)


def test_a_rating_closes_the_case_and_leads_back_to_it(client: Client, world: World) -> None:
    case = a_suggestion(world, "replied")
    opened(client, case)
    response = client.post("/track/feedback/", GOOD, follow=True)
    page = response.content.decode()
    assert (now(case).status, now(case).rating) == ("closed", "basically")
    assert "评价已收到" in page and "您的评价：基本满意。" in page


def test_dissatisfaction_needs_a_reason_and_what_was_chosen_stays(client: Client, world: World) -> None:
    case = a_suggestion(world, "replied")
    opened(client, case)
    page = client.post("/track/feedback/", {"process": "satisfied", "result": "dissatisfied"}).content.decode()
    assert "不满意请写明原因" in page
    assert page.count(" checked") == 2
    assert now(case).status == "replied"
    client.post("/track/feedback/", {"process": "satisfied", "result": "dissatisfied", "text": "没有换。"})
    assert (now(case).status, now(case).rating) == ("reviewing", "dissatisfied")


@pytest.mark.parametrize("given", [{}, {"process": "satisfied"}, {"process": "x", "result": "satisfied"}])
def test_both_sides_are_rated(client: Client, world: World, given: dict[str, str]) -> None:
    case = a_suggestion(world, "replied")
    opened(client, case)
    assert client.post("/track/feedback/", given).status_code == 200
    assert now(case).status == "replied"


def test_without_a_right_look_up_nothing_is_rated(client: Client, world: World) -> None:
    case = a_suggestion(world, "replied")
    for address in ("/track/feedback/", "/track/request_reopen/"):
        response = client.post(address, {**GOOD, "case": case.number, "reason": "没办好"}, follow=True)
        assert "30分钟" in response.content.decode()
        assert client.get(address).status_code == 405
    assert now(case).status == "replied"


def test_after_half_an_hour_nothing_is_rated(client: Client, world: World) -> None:
    case = a_suggestion(world, "replied")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        opened(client, case)
        clock.shift(timedelta(minutes=29))
        client.get("/track/")
        clock.shift(timedelta(minutes=2))
        assert "30分钟" in client.post("/track/feedback/", GOOD, follow=True).content.decode()
    assert now(case).status == "replied"


def test_of_two_tabs_the_older_does_not_rate_the_newers_case(client: Client, world: World) -> None:
    first, second = a_suggestion(world, "replied"), a_suggestion(world, "replied")
    opened(client, first)
    opened(client, second)
    client.post("/track/feedback/", {**GOOD, "case": first.number})
    assert now(first).status == now(second).status == "replied"


def test_a_second_rating_is_refused_with_a_sentence(client: Client, world: World) -> None:
    case = a_suggestion(world, "replied")
    opened(client, case)
    client.post("/track/feedback/", GOOD)
    page = client.post("/track/feedback/", GOOD).content.decode()
    assert "不能评价" in page
    assert Feedback.objects.count() == 1


def test_who_was_too_late_reads_no_clerks_name(client: Client, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = a_suggestion(world, "replied")
    opened(client, case)

    def first(*words: Any, **more: Any) -> None:
        raise services.Conflict("王联络已于10:00办结。")

    monkeypatch.setattr(services, "feedback", first)
    page = client.post("/track/feedback/", GOOD, follow=True).content.decode()
    assert "有了新的进展" in page and "王联络" not in page


def test_a_declined_case_is_taken_one_level_up_once(client: Client, world: World) -> None:
    case = a_suggestion(world, "declined", at="station")
    opened(client, case)
    page = client.post("/track/request_reopen/", {"reason": "不是个人纠纷。"}, follow=True).content.decode()
    assert "申请已收到，由郸城县人大常委会代工委决定" in page
    assert now(case).holder == world.county_organ and now(case).reopen_requested_on is not None
    assert 'action="/track/request_reopen/"' not in page
    again = client.post("/track/request_reopen/", {"reason": "再来一次。"}).content.decode()
    assert "只能申请一次" in again


def test_a_request_without_a_reason_is_a_sentence(client: Client, world: World) -> None:
    case = a_suggestion(world, "closed")
    opened(client, case)
    assert "请写明为什么要重新受理" in client.post("/track/request_reopen/", {"reason": " "}).content.decode()
    assert now(case).reopen_requested_on is None


def test_after_ninety_days_the_request_is_neither_offered_nor_taken(client: Client, world: World) -> None:
    case = a_suggestion(world, "closed")
    opened(client, case)
    assert 'action="/track/request_reopen/"' in client.get(f"/track/?case={case.number}").content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        later = Client()
        opened(later, case)
        assert 'action="/track/request_reopen/"' not in later.get(f"/track/?case={case.number}").content.decode()
        page = later.post("/track/request_reopen/", {"reason": "还是没办好。"}).content.decode()
        assert "届满" in page
    assert now(case).reopen_requested_on is None


@pytest.mark.parametrize("stage", ["submitted", "handling", "replied"])
def test_an_open_case_is_not_reopened(client: Client, world: World, stage: str) -> None:
    case = a_suggestion(world, stage)
    opened(client, case)
    assert (
        "不能重新受理" in client.post("/track/request_reopen/", {"reason": "x"}).content.decode()
        or now(case).reopen_requested_on is None
    )
