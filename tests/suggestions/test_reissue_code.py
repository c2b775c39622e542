"""补发查询码: the lost slip. Identity is checked and never written down; the old code opens nothing from then on."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.errors import Refused
from suggestions import services
from suggestions.codes import code_hash, new_form_key, query_code
from suggestions.models import Suggestion
from tests.cast import World, a_suggestion
from tests.suggestions.pages import address, county_officer, errors_of, loses, say, stale_page

HOW = "本人到站，说得出反映的事和提交日期"


def opens(case: Suggestion, code: str) -> bool:
    response = Client().post("/track/", {"number": case.number, "query_code": code})
    return "编号或查询码不对" not in response.content.decode()


def test_the_new_code_opens_the_case_and_the_old_one_is_dead_at_once(world: World) -> None:
    case = a_suggestion(world, "handling")
    old, key = case.query_code, new_form_key()  # type: ignore[attr-defined]
    assert opens(case, old)
    event = services.reissue_code(case, text=HOW, form_key=key, by=county_officer(world))
    assert (event.public_text, event.inner_note) == ("", HOW)
    assert query_code(key) not in str(event.data)
    assert opens(case, query_code(key))
    assert not opens(case, old)
    case.refresh_from_db()
    assert case.code_hash == code_hash(query_code(key))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "身份证411625199001011234",
        "身份证 ４１１６２５ 19900101 123X",
        "旧证411625900101123",
        "看了张三的身份证",
        "手机尾号与13900001111一致",
    ],
)
def test_how_is_written_and_no_number_or_name_with_it(world: World, text: str) -> None:
    case = a_suggestion(world, name="张三", consent=True)
    old = case.code_hash
    with pytest.raises(Refused, match="怎样核对|个人信息") as refused:
        services.reissue_code(case, text=text, form_key=new_form_key(), by=world.county_staff)
    assert refused.value.field == "text"
    case.refresh_from_db()
    assert (case.code_hash, case.events.count()) == (old, 1)


def test_only_at_the_desk_and_not_by_the_loser_of_a_race(world: World) -> None:
    case = a_suggestion(world, "handling")
    for by in (world.unit_head, world.supervision_office, world.users["deputy"], world.city_staff, world.other_officer):
        with pytest.raises(Refused, match="职责"):
            services.reissue_code(case, text=HOW, form_key=new_form_key(), by=by)
    loses(
        world,
        case,
        lambda stale: services.reissue_code(stale, text=HOW, form_key=new_form_key(), by=world.county_staff),
    )


def test_the_slip_is_shown_and_a_second_tap_shows_the_same(world: World, as_: Any) -> None:
    case, client = a_suggestion(world, "handling"), as_("county_staff")
    key = client.get(address(case, "reissue_code")).context["form"]["key"].value()
    filled = {"version": case.version, "key": key, "text": HOW}
    for _ in range(2):
        response = client.post(address(case, "reissue_code"), filled)
        assert (response.status_code, response["Location"]) == (302, "/office/desk/slip/")
        assert client.get("/office/desk/slip/").context["query_code"] == query_code(key)
    assert case.events.filter(verb="reissue_code").count() == 1
    assert opens(case, query_code(key))
    assert client.get(address(case, "reissue_code")).context["form"]["key"].value() != key


def test_on_its_page_what_is_wrong_changes_no_code(world: World, as_: Any) -> None:
    case, client = a_suggestion(world, "handling"), as_("county_staff")
    old = case.code_hash
    assert "页面不完整" in errors_of(say(client, case, "reissue_code", text=HOW, key="1"))
    assert "请填写" in errors_of(say(client, case, "reissue_code", text=" ", key=new_form_key()))
    stale_page(client, world, case, "reissue_code", text=HOW, key=new_form_key())
    case.refresh_from_db()
    assert case.code_hash == old
    assert as_("unit_head").post(address(case, "reissue_code"), {"text": HOW}).status_code == 403
    assert as_(world.other_staff).get(address(case, "reissue_code")).status_code == 404
