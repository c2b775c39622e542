"""反映问题: the form, the receipt, the brakes."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.limits import SUBMISSIONS_PER_ADDRESS, SUBMIT_TRIES_PER_ADDRESS, client_address
from deputies.models import PrintCode
from suggestions.codes import new_form_key, query_code
from suggestions.models import Attachment, Suggestion
from tests.cast import World

FORM = "/s/ningping-yangzhi/suggest/"
MATTER = "变压器功率过大，空转也要交基本电费。"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def a_photo(name: str = "a.jpg", kind: str = "JPEG") -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), (200, 10, 10)).save(file, kind)
    file.seek(0)
    file.name = name
    return file


def send(client: Client, address: str = FORM, **fields: Any) -> Any:
    return client.post(address, {"key": new_form_key(), "text": MATTER, **fields})


def on_receipt(client: Client) -> tuple[str, str]:
    page = text_of(client.get("/receipt/"))

    def digits_of(name: str) -> str:
        found = re.search(rf'id="{name}">(.*?)</dd>', page, re.DOTALL)
        assert found
        return re.sub(r"\D", "", re.sub(r"<[^>]*>", "", found.group(1)))

    return digits_of("number"), digits_of("query-code")


def test_the_matter_alone_is_enough(client: Client, world: World) -> None:
    response = send(client)
    assert (response.status_code, response["Location"]) == (302, "/receipt/")
    case = Suggestion.objects.get()
    assert (case.text, case.station, case.status, case.channel) == (MATTER, world.station, "submitted", "web")
    assert (case.name, case.phone, case.consent_version, case.consented_at) == ("", "", "", None)


def test_the_receipt_shows_number_and_code_and_what_comes_next(client: Client, world: World) -> None:
    key = new_form_key()
    send(client, key=key)
    case = Suggestion.objects.get()
    assert on_receipt(client) == (case.number, query_code(key))
    response = client.get("/receipt/")
    page = text_of(response)
    assert case.due_on is not None
    for words in (
        world.station.name,
        f"{case.due_on.year}年{case.due_on.month}月{case.due_on.day}日前",
        "抄下或截图",
        "请您评价",
    ):
        assert words in page
    assert "no-store" in response["Cache-Control"]


def test_the_code_stands_in_no_address_and_no_row(client: Client, world: World) -> None:
    key = new_form_key()
    response = send(client, key=key)
    code = query_code(key)
    assert code not in response["Location"]
    row = Suggestion.objects.values().get()
    assert not any(code in str(value) or key in str(value) for value in row.values())


def test_without_a_receipt_of_ones_own_there_is_none(client: Client, world: World) -> None:
    send(Client())
    assert client.get("/receipt/")["Location"] == "/track/"
    client.cookies["receipt"] = "made-up"
    assert client.get("/receipt/")["Location"] == "/track/"


def test_a_second_tap_makes_one_case_and_shows_the_same_receipt(client: Client, world: World) -> None:
    key, other = new_form_key(), Client()
    assert send(client, key=key)["Location"] == send(other, key=key)["Location"] == "/receipt/"
    assert Suggestion.objects.count() == 1
    assert on_receipt(client) == on_receipt(other)


def test_going_back_and_writing_another_matter_loses_neither(client: Client, world: World) -> None:
    key = new_form_key()
    send(client, key=key)
    response = send(client, key=key, text="另一件：路灯不亮。")
    page = text_of(response)
    assert response.status_code == 200
    assert Suggestion.objects.get().number in page and "另一件：路灯不亮。" in page
    fresh = re.search(r'name="key" value="([0-9a-f]{32})"', page)
    assert fresh and fresh.group(1) != key
    send(client, key=fresh.group(1), text="另一件：路灯不亮。")
    assert Suggestion.objects.count() == 2


def test_each_form_has_a_key_of_its_own(client: Client, world: World) -> None:
    keys = {re.search(r'name="key" value="([0-9a-f]{32})"', text_of(client.get(FORM))).group(1) for _ in range(3)}  # type: ignore[union-attr]
    assert len(keys) == 3


@pytest.mark.parametrize("key", ["", "1", "x" * 32, "0" * 33])
def test_a_form_without_its_key_is_sent_again_with_a_new_one(client: Client, world: World, key: str) -> None:
    page = text_of(send(client, key=key))
    assert "再点一次" in page and MATTER in page
    assert re.search(r'name="key" value="[0-9a-f]{32}"', page)
    assert not Suggestion.objects.exists()


def test_the_scope_stands_before_the_form_with_where_to_go_instead(client: Client, world: World) -> None:
    page = text_of(client.get(FORM))
    main = page[page.index("<main") :]
    assert main.index("12345") < main.index("<form")
    for words in ("信访", "诉讼", "仲裁", "12345", "直接交县人大", world.station.phone):
        assert words in main


def test_going_back_shows_the_same_form(client: Client, world: World) -> None:
    assert client.get(FORM)["Cache-Control"] == "private"


# What is given, and what must be agreed to


def test_name_phone_and_photo_are_kept_with_the_consent_to_them(client: Client, world: World) -> None:
    send(
        client,
        name="张三",
        phone="１３８ ００１２-３４５６",
        callback="on",
        consent="on",
        photos=[a_photo(), a_photo()],
    )
    case = Suggestion.objects.get()
    assert (case.name, case.phone, case.callback, case.consent_version) == ("张三", "13800123456", True, "2026-1")
    assert case.consented_at is not None
    assert Attachment.objects.filter(suggestion=case, kind="photo").count() == 2


@pytest.mark.parametrize("given", [{"name": "张三"}, {"phone": "13800123456"}, {"photos": [None]}])
def test_without_consent_nothing_personal_is_kept(client: Client, world: World, given: dict[str, Any]) -> None:
    given = {"photos": [a_photo()]} if "photos" in given else given
    page = text_of(send(client, **given))
    assert "勾选同意" in page and MATTER in page
    assert not Suggestion.objects.exists()
    assert ("再选一次照片" in page) is ("photos" in given)


def test_a_photo_of_a_handwritten_note_is_a_statement(client: Client, world: World) -> None:
    send(client, text="", photos=[a_photo()], consent="on")
    assert Suggestion.objects.get().text == "见照片（手写件）。"


def test_nothing_at_all_is_no_statement(client: Client, world: World) -> None:
    page = text_of(send(client, text="  "))
    assert "请写下要反映的事" in page
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize("phone", ["abc", "12", "1380012345678901", "138001234x6"])
def test_a_phone_that_is_none_is_a_sentence_and_stays(client: Client, world: World, phone: str) -> None:
    page = text_of(send(client, phone=phone, consent="on"))
    assert "电话号码好像不对" in page and f'value="{phone}"' in page
    assert not Suggestion.objects.exists()


def test_who_asks_for_a_call_leaves_a_number(client: Client, world: World) -> None:
    assert "请留下电话号码" in text_of(send(client, callback="on"))


def test_more_than_three_photos_and_what_is_no_photo_are_refused_beside_the_field(client: Client, world: World) -> None:
    page = text_of(send(client, consent="on", photos=[a_photo() for _ in range(4)]))
    assert "最多3张" in page and MATTER in page
    drawing = io.BytesIO(b'<svg xmlns="http://www.w3.org/2000/svg"/>')
    drawing.name = "a.jpg"
    assert "不是JPEG、PNG或WebP" in text_of(send(client, consent="on", photos=[drawing]))
    assert not Suggestion.objects.exists()


def test_a_text_beyond_the_limit_is_a_sentence(client: Client, world: World) -> None:
    assert "反映事项最多2000个字，现在有2001个" in text_of(send(client, text="长" * 2001))


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "长" * 50, "姓名最多40个字，现在有50个。"),
        ("place", "长" * 130, "地点最多120个字，现在有130个。"),
        ("phone", "1" * 31, "电话最多30个字，现在有31个。"),
        ("name", "a\x00b", "姓名里有看不见的控制字符，请删去后重新输入。"),
        ("submitter_kind", "deputy", "请从列出的选项中选。"),
    ],
)
def test_a_mistake_says_which_field_it_is_and_what_to_do(
    client: Client, world: World, field: str, typed: str, sentence: str
) -> None:
    response = send(client, **{field: typed})
    assert list(response.context["form"].errors[field]) == [sentence]


def test_twelve_photos_at_once_are_a_sentence_and_no_bare_400(client: Client, world: World) -> None:
    response = send(client, photos=[a_photo() for _ in range(12)], consent="on")
    assert response.status_code == 200
    assert "一次最多3张照片，您选了12张" in text_of(response) and MATTER in text_of(response)


@pytest.mark.parametrize(
    "text", ["\x00", "<script>alert(1)</script>", "𠮷野家\u202e", "{{ 7|add:7 }}", "' OR 1=1 --", "=cmd()"]
)
def test_any_text_is_inert(client: Client, world: World, text: str) -> None:
    response = send(client, text=text, place="x" * 200)
    assert response.status_code == 200
    assert "<script>alert" not in text_of(response)
    response = send(client, text=text)
    assert response.status_code in (200, 302)
    if response.status_code == 302:
        assert "<script>alert" not in text_of(client.get("/receipt/"))
        assert Suggestion.objects.get().text == text


# To whom it goes


def test_a_direct_matter_passes_the_station_by(client: Client, world: World) -> None:
    send(client, direct="on")
    case = Suggestion.objects.get()
    assert (case.direct, case.at_station, case.holder) == (True, False, world.county_organ)
    assert "不经过联络站" in text_of(client.get("/receipt/"))
    assert not Suggestion.objects.visible_to(world.station_officer).exists()


def test_an_opinion_to_a_deputy_belongs_to_the_home_station(client: Client, world: World) -> None:
    address = f"/d/{world.deputy.slug}/suggest/"
    assert "向李代表代表反映" in text_of(client.get(address))
    send(client, address)
    case = Suggestion.objects.get()
    assert (case.deputy, case.station) == (world.deputy, world.county_station)


@pytest.mark.parametrize("whose", ["station", "deputy"])
def test_who_came_by_the_code_on_the_wall_is_told_apart(client: Client, world: World, whose: str) -> None:
    subject = world.station if whose == "station" else world.deputy
    address = FORM if whose == "station" else f"/d/{world.deputy.slug}/suggest/"
    code = PrintCode.objects.create(**{whose: subject})
    assert f'action="{address}"' not in text_of(client.get(f"{address}?c={code.code}"))
    send(client, f"{address}?c={code.code}")
    send(client, f"{address}?c=made-up")
    assert sorted(Suggestion.objects.values_list("channel", flat=True)) == ["code", "web"]


@pytest.mark.parametrize("typed", ["enterprise", "worker", "resident", ""])
def test_who_speaks_is_one_tap(client: Client, world: World, typed: str) -> None:
    send(client, submitter_kind=typed)
    assert Suggestion.objects.get().submitter_kind == (typed or "resident")


def test_a_citizen_is_no_deputy(client: Client, world: World) -> None:
    send(client, submitter_kind="deputy")
    assert not Suggestion.objects.exists()


# Brakes and cost


def test_the_hidden_field_stops_a_machine_and_not_a_person(client: Client, world: World) -> None:
    page = text_of(send(client, homepage="https://spam.example"))
    assert "看不见的格子" in page and MATTER in page and "spam.example" not in page
    assert not Suggestion.objects.exists()


def test_too_many_from_one_address_are_429_and_nothing_typed_is_lost(client: Client, world: World) -> None:
    for _ in range(SUBMISSIONS_PER_ADDRESS.limit):
        assert send(client).status_code == 302
    response = send(client, text="最后一件")
    assert response.status_code == 429
    assert "10分钟后" in text_of(response) and "最后一件" in text_of(response)
    assert Suggestion.objects.count() == SUBMISSIONS_PER_ADDRESS.limit
    elsewhere = client.post(FORM, {"key": new_form_key(), "text": MATTER}, REMOTE_ADDR="198.51.100.7")
    assert elsewhere.status_code == 302


def test_mistakes_do_not_use_up_the_brake_until_they_are_a_flood(client: Client, world: World) -> None:
    for _ in range(SUBMISSIONS_PER_ADDRESS.limit + 1):
        assert send(client, name="没有同意").status_code == 200
    assert send(client).status_code == 302
    address = client_address(RequestFactory().get("/"))
    while SUBMIT_TRIES_PER_ADDRESS.allows(address):
        pass
    response = send(client, text="最后一件")
    assert response.status_code == 429 and "最后一件" in text_of(response)


def test_the_form_says_who_sees_what(client: Client, world: World) -> None:
    said = "姓名、电话只有受理的联络站和人大机构看得到，不公开，不交承办单位；照片随事项交承办单位"
    assert said in text_of(client.get(FORM))
    assert "事项内容和照片：受理的联络站、有关人大机构看得到，随事项交承办单位" in text_of(client.get("/privacy/"))


def test_a_post_from_elsewhere_is_refused(world: World) -> None:
    response = Client(enforce_csrf_checks=True).post(FORM, {"key": new_form_key(), "text": MATTER})
    assert response.status_code == 403
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize("whose", ["station", "deputy"])
def test_a_submission_costs_eight_statements_at_most(client: Client, world: World, whose: str) -> None:
    address = FORM if whose == "station" else f"/d/{world.deputy.slug}/suggest/"
    with CaptureQueriesContext(connection) as captured:
        send(client, address)
    ours = [
        query["sql"]
        for query in captured
        if not re.match(r"BEGIN|COMMIT|SAVEPOINT|RELEASE", query["sql"]) and "accounts_limit" not in query["sql"]
    ]
    assert len(ours) <= 8, "\n".join(ours)
