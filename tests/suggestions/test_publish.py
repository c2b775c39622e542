"""公开与取消公开, and the pages that anybody reads: never a word of the case itself, never a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.errors import Refused
from accounts.redaction import masked, personal
from suggestions import services
from suggestions.models import Publication, Suggestion
from tests.cast import World, a_suggestion
from tests.suggestions.pages import address, county_officer, errors_of, loses, say, stale_page

OWN = "宁平镇王庄的变压器太小，我叫张三，电话13900011111。"
RED = {"title": "王庄变压器增容", "text": "有群众反映变压器容量不足。", "reply": "已更换为400千伏安变压器。"}


@pytest.fixture
def case(world: World) -> Suggestion:
    return a_suggestion(world, "closed", text=OWN, name="张三", phone="139-0001-1111", consent=True)


def published(world: World, case: Suggestion, **extra: Any) -> Any:
    return services.publish(case, **{**RED, "checked": True, **extra}, by=world.county_staff)


# Redaction


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("请联系13812345678", "手机号“13812345678”"),
        ("请联系１３８ １２３４ ５６７８", "手机号“138 1234 5678”"),
        ("请联系+86 138-1234-5678。", "手机号"),
        ("证号411625199001011234", "像证件号或卡号的号码"),
        ("证号41162519900101123x", "像证件号或卡号的号码"),
        ("证号411625900101123", "像证件号或卡号的号码"),
        ("卡号6222021714000000123", "像证件号或卡号的号码"),
        ("张 三反映", "反映人的姓名“张 三”"),
        ("电话0394 321 0000", "反映人的电话"),
    ],
)
def test_what_tells_who_somebody_is_gets_found(text: str, what: str) -> None:
    found = personal(text, name="张三", phone="0394-3210000")
    assert found.startswith(what)
    assert personal(masked(text, name="张三", phone="0394-3210000"), name="张三", phone="0394-3210000") == ""


@pytest.mark.parametrize(
    "text",
    ["2026-01-01至2026-12-31", "郸供电〔2026〕12号", "2604123456", "投资138万元，1390户", "12345热线", "三张桌子"],
)
def test_dates_numbers_and_other_words_are_no_person(text: str) -> None:
    assert personal(text, name="张三", phone="0394-3210000") == ""
    assert masked(text, name="张三", phone="0394-3210000") == text


def test_群众_as_a_name_is_nobody() -> None:
    assert personal("群众反映", name="群众") == ""


# The acts


def test_the_redacted_text_is_public_and_the_event_keeps_it(world: World, case: Suggestion, client: Client) -> None:
    event = published(world, case)
    assert event.data == RED
    row = Publication.objects.get(suggestion=case)
    assert (row.title, row.text, row.reply, row.published_by) == (*RED.values(), world.county_staff)
    case.refresh_from_db()
    assert case.status == "closed"
    page = client.get(f"/cases/{case.number}/").content.decode()
    for words in (*RED.values(), "已办结", "郸城县供电公司", "已经解决或基本解决", "满意"):
        assert words in page, words
    for words in ("王庄的", "张三", "13900011111", "139-0001", "已更换变压器。", "孙代工委", "没有换"):
        assert words not in page, words


@pytest.mark.parametrize("field", ["title", "text", "reply"])
@pytest.mark.parametrize("words", ["张三反映", "电话13900011111", "13712345678", "411625199001011234"])
def test_what_still_tells_who_it_was_is_refused(world: World, case: Suggestion, field: str, words: str) -> None:
    with pytest.raises(Refused, match="请删去或改写") as refused:
        published(world, case, **{field: f"事由{words}"})
    assert refused.value.field == field
    assert not Publication.objects.exists()


def test_the_box_and_the_words_are_asked_for(world: World, case: Suggestion) -> None:
    for extra, field in (({"checked": False}, "checked"), ({"title": ""}, "title"), ({"text": " "}, "text")):
        with pytest.raises(Refused) as refused:
            published(world, case, **extra)
        assert refused.value.field == field


def test_what_is_about_persons_or_unsuitable_is_never_public(world: World) -> None:
    for change in ({"keep_private": True}, {"about_person": world.deputy}, {"direct": True, "at_station": False}):
        case = a_suggestion(world, "closed")
        Suggestion.objects.filter(pk=case.pk).update(**change)
        case.refresh_from_db()
        with pytest.raises(Refused, match="公开"):
            published(world, case)
    assert not Publication.objects.exists()


def test_again_replaces_and_unpublish_takes_it_away(world: World, case: Suggestion, client: Client) -> None:
    with pytest.raises(Refused, match="没有公开"):
        services.unpublish(case, reason="误公开", by=world.county_staff)
    published(world, case)
    published(world, case, text="改写过的事由。")
    assert Publication.objects.get().text == "改写过的事由。"
    with pytest.raises(Refused, match="理由"):
        services.unpublish(case, reason="", by=world.county_staff)
    event = services.unpublish(case, reason="反映人要求", by=world.county_staff)
    assert (event.public_text, event.inner_note) == ("已取消公开。", "反映人要求")
    assert client.get(f"/cases/{case.number}/").status_code == 404
    assert RED["title"] not in client.get("/cases/").content.decode()
    published(world, case)
    assert client.get(f"/cases/{case.number}/").status_code == 200


def test_only_staff_who_see_it_and_not_the_loser_of_a_race(world: World, case: Suggestion) -> None:
    for by in (county_officer(world), world.unit_head, world.supervision_office, world.other_staff):
        with pytest.raises(Refused, match="职责"):
            services.publish(case, **RED, checked=True, by=by)
    loses(world, case, lambda stale: published(world, stale))
    case.refresh_from_db()
    published(world, case)
    loses(world, case, lambda stale: services.unpublish(stale, reason="误", by=world.county_staff))
    assert Publication.objects.get().withdrawn_at is None


def test_on_their_pages(world: World, case: Suggestion, as_: Any) -> None:
    client = as_("county_staff")
    form = client.get(address(case, "publish")).context["form"]
    assert (form["text"].value(), form["reply"].value()) == (OWN, "已更换变压器。")
    assert "姓名" in errors_of(say(client, case, "publish", **{**RED, "text": "张三反映"}, checked="on"))
    assert "请核对以后勾选" in errors_of(say(client, case, "publish", **RED))
    assert say(client, case, "publish", **RED, checked="on").status_code == 302
    assert client.get(address(case, "publish")).context["form"]["text"].value() == RED["text"]
    stale_page(client, world, case, "publish", **RED, checked="on")
    assert say(client, case, "unpublish", reason="误").status_code == 302
    assert as_(world.other_staff).get(address(case, "publish")).status_code == 404


# What anybody reads


def test_nothing_else_is_found_there(world: World, case: Suggestion, client: Client) -> None:
    for number in (case.number, "2600000000", "x" * 40):
        assert client.get(f"/cases/{number}/").status_code == 404
    assert client.post("/cases/").status_code == 405
    published(world, case)
    Suggestion.objects.filter(pk=case.pk).update(status="withdrawn")
    assert client.get(f"/cases/{case.number}/").status_code == 404
    assert RED["title"] not in client.get("/cases/").content.decode()


@pytest.mark.parametrize(
    ("stage", "status", "rating"),
    [
        ("submitted", "等待受理", ""),
        ("handling", "正在办理", ""),
        ("replied", "已答复，等待评价", "未评价"),
        ("reviewing", "正在复核", "不满意"),
        ("closed", "已办结", "满意"),
        ("declined", "没有受理", ""),
    ],
)
def test_state_and_rating_in_words(world: World, client: Client, stage: str, status: str, rating: str) -> None:
    case = a_suggestion(world, stage)
    published(world, case, reply="")
    response = client.get(f"/cases/{case.number}/")
    assert status in response.content.decode()
    assert response.context["rating"] == rating


def test_closed_unrated_is_未评价_and_no_satisfaction(world: World, client: Client) -> None:
    case = a_suggestion(world, "replied")
    with time_machine.travel(timezone.now() + timedelta(days=60), tick=False):
        services.close(case)
    published(world, case)
    assert client.get(f"/cases/{case.number}/").context["rating"] == "未评价"


def test_the_list_is_found_through_by_region_and_category(world: World, case: Suggestion, client: Client) -> None:
    published(world, case)
    other = a_suggestion(world, "accepted", at="station")
    Suggestion.objects.filter(pk=other.pk).update(category=None)
    other.refresh_from_db()
    services.escalate(other, reason="权限不足", by=world.station_officer)
    services.publish(other, title="镇上的路灯", text="路灯不亮。", checked=True, by=world.county_staff)

    def titles(query: str = "") -> list[str]:
        return [row["published"].title for row in client.get(f"/cases/{query}").context["told"]]

    both = ["镇上的路灯", RED["title"]]
    assert titles() == both
    assert titles("?region=411625000000") == titles("?region=410000000000") == both
    assert titles("?region=411625107000") == both[:1]
    assert titles("?region=411624000000") == []
    assert titles("?category=agriculture") == both[1:]
    assert titles("?region=0&category=none&after=x~y") == both
    assert client.get("/cases/?region=%00").status_code == 200


def test_the_list_costs_the_same_for_one_and_for_many_and_is_light(world: World, client: Client) -> None:
    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    def sow(n: int) -> Suggestion:
        for i in range(n):
            case = a_suggestion(world, "closed")
            published(world, case, title="很长的公开标题" * 8 + str(i % 4), text="公开的事由" * 200)
        return case

    case = sow(1)
    client.get("/cases/")
    one = asked("/cases/")
    sow(35)
    assert asked("/cases/") == one
    first = client.get("/cases/")
    assert len(first.content) <= 30_000 and b"<script" not in first.content
    assert len(first.context["told"]) == 30 and first.context["page"].has_next
    rest = client.get("/cases/?" + first.context["page"].next_query)
    assert len(rest.context["told"]) == 6
    assert asked(f"/cases/{case.number}/") <= 5
