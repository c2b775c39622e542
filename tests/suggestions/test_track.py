"""查询办理进度: the look-up by number and code, and the case as its submitter sees it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from suggestions import services
from suggestions.codes import new_form_key, query_code
from suggestions.models import Attachment, Event, Suggestion
from tests.cast import STAGES, World, a_paper, a_suggestion

NOT_FOUND = "编号或查询码不对"


def look_up(client: Client, number: str, code: str, **extra: Any) -> Any:
    return client.post("/track/", {"number": number, "query_code": code}, **extra)


def text_of(response: Any) -> str:
    """The page without its form tokens, which differ each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", str(response.content.decode()))


def wrong(code: str) -> str:
    return str((int(code) + 1) % 10**10).zfill(10)


def test_number_and_code_open_the_case(client: Client, world: World) -> None:
    case = a_suggestion(world, "handling", place="宁平镇东门")
    response = look_up(client, case.number, case.query_code)
    page = text_of(response)
    for words in (
        case.number,
        "郸城县供电公司正在办理",
        case.text,
        "宁平镇东门",
        "您反映的事项已经受理。",
        world.power.name,
    ):
        assert words in page, words
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    "write",
    [
        lambda digits: " ".join(digits),
        lambda digits: f"{digits[:5]}-{digits[5:]}",
        lambda digits: digits.translate({ord("0") + n: ord("０") + n for n in range(10)}),
        lambda digits: f"　{digits}\t",
    ],
)
def test_digits_are_read_as_people_copy_them(client: Client, world: World, write: Any) -> None:
    case = a_suggestion(world)
    assert "等待受理" in text_of(look_up(client, write(case.number), write(case.query_code)))


def test_wrong_and_missing_get_the_same_answer(client: Client, world: World) -> None:
    case = a_suggestion(world)
    answers = {
        (response.status_code, text_of(response))
        for response in (
            look_up(client, case.number, wrong(case.query_code)),
            look_up(client, "2600000000", case.query_code),
            look_up(client, "x'--", "∞"),
        )
    }
    assert len(answers) == 1
    ((status, page),) = answers
    assert status == 200 and NOT_FOUND in page and case.text not in page


def test_an_empty_field_is_a_sentence_beside_it_and_the_other_stays(client: Client, world: World) -> None:
    page = text_of(look_up(client, "2611000001", ""))
    assert "请输入查询码" in page and 'value="2611000001"' in page


def test_the_case_is_shown_to_this_browser_alone_and_for_half_an_hour(client: Client, world: World) -> None:
    case = a_suggestion(world)
    other = a_suggestion(world, text="别人的事")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        look_up(client, case.number, case.query_code)
        assert case.text in text_of(client.get(f"/track/?case={case.number}"))
        assert other.text not in text_of(client.get(f"/track/?case={other.number}"))
        assert case.text not in text_of(Client().get(f"/track/?case={case.number}"))
        assert case.text not in text_of(client.get("/track/"))
        clock.shift(timedelta(minutes=31))
        assert case.text not in text_of(client.get(f"/track/?case={case.number}"))


def test_half_an_hour_is_half_an_hour_however_busy(client: Client, world: World) -> None:
    case = a_suggestion(world)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        look_up(client, case.number, case.query_code)
        for _ in range(2):
            clock.shift(timedelta(minutes=14))
            assert case.text in text_of(client.get(f"/track/?case={case.number}"))
        clock.shift(timedelta(minutes=3))
        assert case.text not in text_of(client.get(f"/track/?case={case.number}"))


def test_a_right_look_up_begins_a_new_session(client: Client, world: World) -> None:
    case = a_suggestion(world)
    client.session.save()
    before = client.session.session_key
    look_up(client, case.number, case.query_code)
    assert client.cookies["sessionid"].value != before


# Brakes


def test_five_tries_for_a_number_then_429_even_with_the_right_code(client: Client, world: World) -> None:
    case = a_suggestion(world)
    for _ in range(5):
        assert look_up(client, case.number, wrong(case.query_code)).status_code == 200
    response = look_up(client, case.number, case.query_code)
    assert response.status_code == 429
    assert "15分钟" in text_of(response) and case.text not in text_of(response)
    elsewhere = look_up(Client(), case.number, case.query_code, REMOTE_ADDR="198.51.100.7")
    assert case.text in text_of(elsewhere)


def test_twenty_tries_from_an_address_over_all_numbers(client: Client, world: World) -> None:
    for number in range(20):
        assert look_up(client, f"26110000{number:02}", "0000000000").status_code == 200
    assert look_up(client, "2611000099", "0000000000").status_code == 429


def test_a_hundred_tries_a_day_for_a_number_from_anywhere(world: World) -> None:
    case = a_suggestion(world)
    for number in range(100):
        look_up(Client(), case.number, wrong(case.query_code), REMOTE_ADDR=f"198.51.100.{number}")
    assert look_up(Client(), case.number, case.query_code, REMOTE_ADDR="203.0.113.1").status_code == 429


def test_looking_again_at_the_open_case_is_no_try(client: Client, world: World) -> None:
    case = a_suggestion(world)
    for _ in range(8):
        assert look_up(client, case.number, case.query_code).status_code == 200


# What the submitter reads


@pytest.mark.parametrize("stage", STAGES)
def test_every_state_is_told_in_words_without_a_clerks_name(client: Client, world: World, stage: str) -> None:
    case = a_suggestion(world, stage)
    page = text_of(look_up(client, case.number, case.query_code))
    said = {
        "submitted": "前告诉您是否受理",
        "accepted": "正在确定怎么办",
        "transferred": "已交郸城县供电公司办理",
        "handling": "郸城县供电公司正在办理",
        "replied": "已答复，请您评价",
        "reviewing": "您不满意，正在复核",
        "tracking": "2099年1月1日前做到",
        "closed": "您的评价：满意。",
        "declined": "请向人民法院起诉。",
    }
    assert said[stage] in page
    for user in world.users.values():
        assert user.name not in page, user.name


def test_inner_notes_never_appear(client: Client, world: World) -> None:
    case = a_suggestion(world, "transferred")
    services.request_return(case, reason="内部理由：不归我们管。", to=world.roads, by=world.unit_clerk)
    page = text_of(look_up(client, case.number, case.query_code))
    assert "内部理由" not in page and "申请退回" not in page


def test_a_name_without_an_office_is_not_told(client: Client, world: World) -> None:
    case = a_suggestion(world)
    Event.objects.create(
        suggestion=case,
        version=2,
        verb="inform",
        actor=world.auditor,
        actor_label="卫审计",
        at=timezone.now(),
        from_status="submitted",
        to_status="submitted",
        public_text="已打电话告知。",
    )
    page = text_of(look_up(client, case.number, case.query_code))
    assert "已打电话告知。" in page and "卫审计" not in page


def test_name_and_phone_of_the_submitter_are_not_repeated(client: Client, world: World) -> None:
    case = a_suggestion(world, name="张三丰", phone="13812345678", consent=True)
    page = text_of(look_up(client, case.number, case.query_code))
    assert "张三丰" not in page and "13812345678" not in page


def test_the_own_photo_opens_and_nobody_elses(client: Client, world: World) -> None:
    photos = []
    for _ in range(2):
        key = new_form_key()
        case = services.submit(
            services.Statement(text="见照片", consent=True),
            form_key=key,
            station=world.station,
            photos=[ContentFile(b"\xff\xd8\xff", name="a.jpg")],
        )
        photos.append((case, query_code(key), Attachment.objects.get(suggestion=case).pk))
    (case, code, own), (_, _, others) = photos
    assert client.get(f"/track/photos/{own}/").status_code == 404
    assert f"/track/photos/{own}/" in text_of(look_up(client, case.number, code))
    response = client.get(f"/track/photos/{own}/")
    assert (response.status_code, response["Content-Type"], response["X-Content-Type-Options"]) == (
        200,
        "image/jpeg",
        "nosniff",
    )
    assert client.get(f"/track/photos/{others}/").status_code == 404


def test_the_paper_of_a_unit_is_no_photo_of_the_submitter(client: Client, world: World) -> None:
    case = a_suggestion(world)
    paper = Attachment.objects.create(suggestion=case, kind="paper", file=ContentFile(b"x", name="a.pdf"), size=1)
    page = text_of(look_up(client, case.number, case.query_code))
    assert f"/photos/{paper.pk}/" not in page
    assert client.get(f"/track/photos/{paper.pk}/").status_code == 404


def test_a_deputys_proposal_has_no_code_and_opens_to_nobody(client: Client, world: World) -> None:
    case = a_suggestion(world)
    Suggestion.objects.filter(pk=case.pk).update(
        code_hash="", kind="proposal", lead=world.deputy, congress=world.congress
    )
    for code in (case.query_code, "none", "0" * 10):
        assert NOT_FOUND in text_of(look_up(client, case.number, code))


def test_a_long_history_costs_no_more_statements(client: Client, world: World) -> None:
    case = a_suggestion(world, "replied")
    look_up(client, case.number, case.query_code)
    address = f"/track/?case={case.number}"
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for version in range(10, 40):
        Event.objects.create(
            suggestion=case,
            version=version,
            verb="inform",
            actor_label="系统",
            office="郸城县人大",
            at=timezone.now(),
            from_status="replied",
            to_status="replied",
            public_text="已电话告知。",
        )
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)


def test_of_units_that_each_answer_every_answer_is_read(client: Client, world: World) -> None:
    case = a_suggestion(world, "accepted")
    services.transfer(case, separate=[world.power, world.roads], by=world.county_staff)
    for unit, by, words in (
        (world.power, world.unit_head, "变压器已更换。"),
        (world.roads, world.county_staff, "路已修好。"),
    ):
        extra: dict[str, Any] = (
            {} if by == world.unit_head else {"unit": unit, "source": "来件", "paper": a_paper(), "signer": "局长"}
        )
        signing = {key: value for key, value in extra.items() if key != "signer"}
        services.sign_for(case, by=world.unit_clerk if by == world.unit_head else by, **signing)
        services.reply(case, result_class="A", text=words, by=by, **extra)
    page = text_of(look_up(client, case.number, case.query_code))
    assert "变压器已更换。" in page and "路已修好。" in page
    assert world.power.name in page and world.roads.name in page
