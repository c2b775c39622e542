from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.calendar import today
from suggestions import services
from suggestions.codes import new_form_key, query_code
from suggestions.forms.pages import PAGES
from suggestions.models import Attachment, Suggestion
from suggestions.workflow import Status, Verb
from tests.cast import STAGES, World, a_suggestion


def a_photo(name: str = "photo.jpg") -> SimpleUploadedFile:
    picture = BytesIO()
    Image.new("RGB", (40, 30), "green").save(picture, "jpeg")
    return SimpleUploadedFile(name, picture.getvalue(), "image/jpeg")


def page(case: Suggestion, verb: str = "") -> str:
    return f"/office/suggestions/{case.number}/" + (f"{verb}/" if verb else "")


def say(client: Any, case: Suggestion, verb: str, **fields: Any) -> Any:
    case.refresh_from_db()
    return client.post(page(case, verb), {"version": case.version, **fields})


# The list


def test_the_list_shows_what_is_in_scope_only(as_: Any, world: World) -> None:
    case = a_suggestion(world)
    assert case.number in as_("county_staff").get("/office/suggestions/").content.decode()
    assert case.number not in as_(world.other_staff).get("/office/suggestions/").content.decode()
    assert as_("system_admin").get("/office/suggestions/").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=变压器", True),
        ("q=变压器 用电", True),
        ("q=灌溉", False),
        ("q=压", True),
        ("state=submitted", True),
        ("state=waiting", True),
        ("state=closed", False),
        ("state=nonsense", True),
        ("kind=proposal", False),
        ("kind=opinion", True),
        ("region=411625107", False),
        ("station=dancheng-zhongxin", True),
        ("station=ningping-yangzhi", False),
        ("overdue=1", False),
        ("after=broken", True),
        ("after=2000-01-01T00:00:00%2B00:00~1", False),
    ],
)
def test_the_list_is_narrowed_by_the_filter_bar(as_: Any, world: World, query: str, found: bool) -> None:
    case = a_suggestion(world)
    response = as_("county_staff").get(f"/office/suggestions/?{query}")
    assert response.status_code == 200
    assert (case.number in response.content.decode()) is found


def test_a_number_is_found_as_people_copy_it(as_: Any, world: World) -> None:
    case, other = a_suggestion(world), a_suggestion(world)
    typed = f"{case.number[:4]} {case.number[4:7]}-{case.number[7:]}"
    body = as_("county_staff").get("/office/suggestions/", {"q": typed}).content.decode()
    assert page(case) in body
    assert page(other) not in body


def test_overdue_cases_are_found(as_: Any, world: World) -> None:
    case = a_suggestion(world, "handling")
    Suggestion.objects.filter(pk=case.pk).update(due_on=today() - timedelta(days=3))
    body = as_("county_staff").get("/office/suggestions/?overdue=1").content.decode()
    assert page(case) in body
    assert "已超期3天" in body


def test_pages_of_the_list_meet_without_gap_or_double(as_: Any, world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("accounts.pages.PAGE_SIZE", 2)
    cases = [a_suggestion(world) for _ in range(5)]
    client, seen = as_("county_staff"), []
    response = client.get("/office/suggestions/?state=open")
    seen.append([line.case.number for line in response.context["lines"]])
    while response.context["page"].has_next:
        response = client.get("/office/suggestions/?" + response.context["page"].next_query)
        seen.append([line.case.number for line in response.context["lines"]])
    assert [number for numbers in seen for number in numbers] == [case.number for case in reversed(cases)]
    back = client.get("/office/suggestions/?" + response.context["page"].previous_query)
    assert [line.case.number for line in back.context["lines"]] == seen[-2]
    assert "state=open" in response.context["page"].previous_query


def test_list_and_case_cost_the_same_for_twice_the_rows(as_: Any, world: World) -> None:
    client, costs = as_("county_staff"), []
    for _ in range(2):
        cases = [a_suggestion(world, "handling") for _ in range(3)]
        with CaptureQueriesContext(connection) as counted:
            client.get("/office/suggestions/")
            client.get(page(cases[0]))
        costs.append(len(counted))
    assert costs[0] == costs[1]


@pytest.mark.parametrize("role", ["county_staff", "unit_clerk", "unit_head", "supervision_office", "city_staff"])
def test_the_page_of_a_case_costs_at_most_thirty_four_statements(as_: Any, world: World, role: str) -> None:
    client = as_(role)
    for stage in STAGES:
        case = a_suggestion(world, stage)
        with CaptureQueriesContext(connection) as counted:
            client.get(page(case))
        assert len(counted) <= 34, stage


# The case


def test_out_of_scope_looks_like_a_missing_page(as_: Any, world: World) -> None:
    case = a_suggestion(world)
    client = as_(world.other_staff)
    for url in (page(case), page(case, "accept")):
        there, nowhere = client.get(url), client.get("/office/suggestions/0000000000/")
        assert there.status_code == nowhere.status_code == 404


def test_contact_is_for_those_who_call_back(as_: Any, world: World) -> None:
    case = a_suggestion(world, "handling", name="刘大山", phone="13812345678", consent=True)
    body = as_("county_staff").get(page(case)).content.decode()
    assert "刘大山" in body and "13812345678" in body
    body = as_("unit_clerk").get(page(case)).content.decode()
    assert "刘大山" not in body and "13812345678" not in body
    assert "姓名电话由承接机构保管" in body


def test_who_reads_a_contact_is_kept_for_the_auditor_by_number_alone(as_: Any, world: World) -> None:
    case, silent = a_suggestion(world), a_suggestion(world)
    Suggestion.objects.filter(pk=case.pk).update(name="张三", phone="13800000000")
    for number, who in ((case.number, "county_staff"), (silent.number, "county_staff"), (case.number, "deputy")):
        as_(who).get(f"/office/suggestions/{number}/")
    read = LogEntry.objects.get(action=LogEntry.Action.ACCESS)
    assert (read.actor, read.object_repr, read.object_pk) == (world.county_staff, case.number, str(case.pk))
    assert read.additional_data == {"查看": "姓名、电话"}


def test_inner_notes_are_for_the_office_and_public_words_are_marked(as_: Any, world: World) -> None:
    case = a_suggestion(world, "handling")
    services.request_return(case, reason="不归我们管", to=world.roads, by=world.unit_clerk)
    staff = as_("county_staff").get(page(case)).content.decode()
    assert "不归我们管" in staff and "（公开）" in staff
    addressed = a_suggestion(world, "accepted", at="station")
    services.escalate(addressed, reason="权限不足", by=world.station_officer)
    body = as_("station_officer").get(page(addressed)).content.decode()
    assert "权限不足" in body


@pytest.mark.parametrize(
    ("stage", "role", "first"),
    [
        ("submitted", "county_staff", Verb.ACCEPT),
        ("accepted", "county_staff", Verb.TRANSFER),
        ("transferred", "county_staff", None),
        ("transferred", "unit_clerk", Verb.SIGN_FOR),
        ("handling", "unit_clerk", None),
        ("handling", "unit_head", Verb.REPLY),
        ("reviewing", "county_staff", Verb.REHANDLE),
        ("tracking", "unit_head", Verb.FULFIL),
        ("closed", "county_staff", None),
        ("submitted", "city_staff", None),
    ],
)
def test_one_next_step_for_each(as_: Any, world: World, stage: str, role: str, first: Verb | None) -> None:
    shown = as_(role).get(page(a_suggestion(world, stage))).context["page"]
    assert (shown.buttons.first.verb if shown.buttons.first else None) == first
    assert first not in [button.verb for button in shown.buttons.others]


def test_a_request_to_reopen_is_the_next_step(as_: Any, world: World) -> None:
    case = a_suggestion(world, "closed")
    services.request_reopen(case, reason="又跳闸了")
    client = as_("county_staff")
    assert case.number in client.get("/office/").content.decode()
    response = client.get(page(case))
    assert response.context["page"].buttons.first.verb == Verb.REOPEN
    assert "又跳闸了" in response.content.decode()
    say(client, case, "reopen", reason="情况属实")
    case.refresh_from_db()
    assert case.status == Status.ACCEPTED


def test_every_drawn_button_opens_its_form(as_: Any, world: World) -> None:
    for stage in ("submitted", "accepted", "transferred", "handling", "reviewing", "tracking", "closed", "declined"):
        case = a_suggestion(world, stage)
        for role in ("county_staff", "unit_clerk", "unit_head"):
            client = as_(role)
            response = client.get(page(case))
            if response.status_code == 404:
                continue
            shown = response.context["page"]
            for button in [*filter(None, [shown.buttons.first]), *shown.buttons.others, *shown.buttons.beside]:
                assert client.get(page(case, button.verb)).status_code == 200, (stage, role, button.verb)


def test_the_submitters_photo_is_shown_and_a_pdf_is_only_saved(as_: Any, world: World) -> None:
    case = a_suggestion(world, "handling")
    photo = Attachment.objects.create(suggestion=case, file=ContentFile(a_photo().read(), "p.jpg"), size=1)
    paper = Attachment.objects.create(suggestion=case, kind="paper", file=ContentFile(b"%PDF-1.4", "scan.pdf"), size=8)
    client = as_("unit_clerk")
    shown = client.get(page(case) + f"files/{photo.pk}/")
    assert shown["Content-Type"] == "image/jpeg"
    assert shown["Content-Disposition"].startswith("inline")
    saved = client.get(page(case) + f"files/{paper.pk}/")
    assert saved["Content-Disposition"].startswith("attachment")
    assert saved["X-Content-Type-Options"] == "nosniff"
    other = a_suggestion(world, "handling")
    assert client.get(page(other) + f"files/{photo.pk}/").status_code == 404
    assert as_(world.other_staff).get(page(case) + f"files/{photo.pk}/").status_code == 404


# The verbs


def test_an_officer_accepts_and_transfers(as_: Any, world: World) -> None:
    case = a_suggestion(world, at="station")
    client = as_("station_officer")
    response = say(
        client, case, "accept", category=world.category.pk, problem_kind=world.problem_kind.pk, title="变压器"
    )
    assert response["Location"] == page(case)
    response = say(client, case, "transfer", to=world.village.pk)
    assert response.status_code == 302
    case.refresh_from_db()
    assert case.status == Status.TRANSFERRED
    assert case.title == "变压器"


def test_the_whole_way_through_the_pages(as_: Any, world: World) -> None:
    case = a_suggestion(world)
    staff, clerk, head = as_("county_staff"), as_("unit_clerk"), as_("unit_head")
    say(staff, case, "accept", category=world.category.pk, problem_kind=world.problem_kind.pk)
    due = today() + timedelta(days=5)
    say(staff, case, "transfer", to=world.power.pk, assisting=[world.roads.pk], due=due.isoformat())
    case.refresh_from_db()
    assert case.due_on == due
    say(clerk, case, "sign_for")
    say(clerk, case, "request_return", reason="不归我们管", to=world.roads.pk)
    say(staff, case, "refuse_return", reason="职责清楚，请办理")
    promised = today() + timedelta(days=60)
    say(
        head,
        case,
        "reply",
        result_class="B",
        text="年内更换。",
        reason="交通局尚未回复",
        due=promised.isoformat(),
        document_number="12号",
    )
    case.refresh_from_db()
    assert case.status == Status.REPLIED
    services.feedback(case, process="satisfied", result="satisfied")
    say(head, case, "fulfil", result_class="A", text="已更换。")
    case.refresh_from_db()
    services.feedback(case, process="satisfied", result="dissatisfied", text="还是跳闸")
    say(staff, case, "rehandle", reason="再查线路")
    case.refresh_from_db()
    assert case.status == Status.HANDLING
    say(head, case, "reply", result_class="C", text="受条件限制。")
    case.refresh_from_db()
    services.feedback(case, process="satisfied", result="dissatisfied", text="不行")
    say(staff, case, "uphold", reason="已尽力")
    say(staff, case, "reopen", reason="新的线路已批")
    case.refresh_from_db()
    assert case.status == Status.ACCEPTED
    assert "年内更换" in staff.get(page(case)).content.decode()


def test_declining_asks_for_reason_and_destination(as_: Any, world: World) -> None:
    case = a_suggestion(world)
    client = as_("county_staff")
    response = say(client, case, "decline", reason="属于个人纠纷")
    body = response.content.decode()
    assert response.status_code == 200
    assert "属于个人纠纷" in body
    assert response.context["form"].errors["destination"]
    say(client, case, "decline", reason="属于个人纠纷", destination="县人民法院")
    case.refresh_from_db()
    assert case.status == Status.DECLINED


def test_an_answer_on_the_spot(as_: Any, world: World) -> None:
    case = a_suggestion(world, at="station")
    say(as_("station_head"), case, "answer", result_class="A", text="已当场说明政策。")
    case.refresh_from_db()
    assert case.status == Status.REPLIED


def test_escalating_offers_the_organ_above(as_: Any, world: World) -> None:
    case = a_suggestion(world, "accepted", at="station")
    client = as_("station_officer")
    assert str(world.county_organ) in client.get(page(case, "escalate")).content.decode()
    say(client, case, "escalate", to=world.county_organ.pk, reason="权限不足")
    case.refresh_from_db()
    assert case.holder == world.county_organ


def test_a_refusal_of_the_rules_is_a_sentence_and_what_was_typed_stays(as_: Any, world: World) -> None:
    case = a_suggestion(world, "handling")
    response = say(as_("unit_head"), case, "reply", result_class="A", text="已更换变压器。", due="2099-01-01")
    body = response.content.decode()
    assert response.status_code == 200
    assert "其他类别不填承诺日期" in body
    assert "已更换变压器。" in body


def test_a_limit_that_is_too_late_is_refused_in_words(as_: Any, world: World) -> None:
    case = a_suggestion(world, "accepted")
    response = say(as_("county_staff"), case, "transfer", to=world.power.pk, due="2099-01-01")
    assert "限期不能晚于" in response.content.decode()


@pytest.mark.parametrize(
    ("stage", "role", "verb", "fields", "field"),
    [
        ("accepted", "county_staff", "transfer", {"due": "2999-01-01"}, "due"),
        ("accepted", "county_staff", "escalate", {"reason": " "}, "reason"),
        ("handling", "unit_head", "reply", {"result_class": "A", "text": "好了。", "due": "2999-01-01"}, "due"),
    ],
)
def test_what_a_rule_refuses_stands_beside_its_field(
    as_: Any, world: World, stage: str, role: str, verb: str, fields: dict[str, str], field: str
) -> None:
    case = a_suggestion(world, stage)
    if verb == "transfer":
        fields = {**fields, "to": str(world.power.pk)}
    response = say(as_(role), case, verb, **fields)
    assert list(response.context["form"].errors) == [field]


def test_the_nearest_organ_stands_first_and_need_not_be_chosen(as_: Any, world: World) -> None:
    case = a_suggestion(world, "accepted")
    to = as_("county_staff").get(page(case, "escalate")).context["form"].fields["to"]
    lengths = [len(organ.region.path) for organ in to.queryset]
    assert len(lengths) > 1 and lengths == sorted(lengths, reverse=True)
    assert say(as_("county_staff"), case, "escalate", reason="权限不足").status_code == 302
    assert Suggestion.objects.get(pk=case.pk).holder == to.queryset[0]


def test_a_broken_form_is_told_in_chinese(as_: Any, world: World) -> None:
    case = a_suggestion(world, "accepted")
    body = as_("county_staff").post(page(case, "transfer"), {"note": "半页"}).content.decode()
    assert "页面不完整" in body and "Version" not in body


def test_of_two_officers_the_second_reads_who_did_what_when(as_: Any, world: World) -> None:
    case = a_suggestion(world, at="station")
    read = case.version
    say(as_("station_head"), case, "accept", category=world.category.pk, problem_kind=world.problem_kind.pk)
    response = as_("station_officer").post(page(case, "decline"), {"version": read, "reason": "x", "destination": "y"})
    body = response.content.decode()
    assert response.status_code == 409
    assert "赵站长" in body and "受理" in body and "没有保存" in body
    case.refresh_from_db()
    assert case.status == Status.ACCEPTED


def test_a_conflict_in_the_same_moment_is_the_same_page(as_: Any, world: World, monkeypatch: Any) -> None:
    case = a_suggestion(world)

    def beaten(*args: Any, **kwargs: Any) -> None:
        raise services.Conflict("王联络已于1月1日对这件事作了“受理”。")

    from dataclasses import replace

    monkeypatch.setitem(PAGES, Verb.ACCEPT, replace(PAGES[Verb.ACCEPT], call=beaten))
    response = say(as_("county_staff"), case, "accept", category=world.category.pk, problem_kind=world.problem_kind.pk)
    assert response.status_code == 409
    assert "王联络" in response.content.decode()


def test_a_verb_that_is_not_ones_own_is_a_sentence(as_: Any, world: World) -> None:
    case = a_suggestion(world, "handling")
    response = as_("unit_clerk").get(page(case, "reply"))
    assert response.status_code == 403
    assert "您的职责不能答复这件事" in response.content.decode()
    late = as_("county_staff").get(page(case, "accept"))
    assert late.status_code == 409
    assert "现在是“办理中”" in late.content.decode()


@pytest.mark.parametrize("verb", ["nonsense", "close", "move_due"])
def test_unknown_and_undelivered_verbs_are_not_there(as_: Any, world: World, verb: str) -> None:
    assert as_("county_staff").get(page(a_suggestion(world), verb)).status_code == 404


def test_staff_act_for_a_unit_without_login_with_its_paper(as_: Any, world: World) -> None:
    case = a_suggestion(world, "accepted")
    client = as_("county_staff")
    say(client, case, "transfer", to=world.roads.pk)
    shown = client.get(page(case)).context["page"]
    assert shown.buttons.first.label.startswith("代录签收（")
    response = say(client, case, "sign_for")
    assert set(response.context["form"].errors) == {"source", "paper"}
    say(client, case, "sign_for", source="县交通局来函", paper=a_photo())
    scan = SimpleUploadedFile("reply.pdf", b"%PDF-1.4 letter", "application/pdf")
    fields = {"result_class": "A", "text": "路已修好。", "source": "交〔2026〕8号", "signer": "杨局长"}
    say(client, case, "reply", paper=scan, **fields)
    case.refresh_from_db()
    assert case.status == Status.REPLIED
    assert case.attachments.filter(kind="paper").count() == 2
    assert "代郸城县交通运输局录入" in client.get(page(case)).content.decode()


@pytest.mark.parametrize("content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"MZ evil", b""])
def test_a_paper_that_is_neither_photo_nor_pdf_is_refused(as_: Any, world: World, content: bytes) -> None:
    case = a_suggestion(world, "accepted")
    services.transfer(case, to=world.roads, by=world.county_staff)
    paper = SimpleUploadedFile("scan.pdf", content, "application/pdf")
    response = say(as_("county_staff"), case, "sign_for", source="来函", paper=paper)
    assert response.context["form"].errors["paper"]
    case.refresh_from_db()
    assert case.status == Status.TRANSFERRED


# The desk


def test_a_visitors_matter_is_taken_down_and_the_slip_printed(as_: Any, world: World) -> None:
    client = as_("station_officer")
    form = client.get("/office/desk/").context["form"]
    key = form["key"].value()
    fields = {
        "key": key,
        "station": world.station.slug,
        "text": "机井没有电，浇不上地。",
        "place": "宁平镇李庄",
        "channel": "desk",
        "submitter_kind": "resident",
        "name": "刘大山",
        "phone": "13812345678",
        "consent": "on",
    }
    response = client.post("/office/desk/", fields)
    assert response["Location"] == "/office/desk/slip/"
    again = client.post("/office/desk/", fields)
    assert again.status_code == 302
    case = Suggestion.objects.get()
    assert (case.channel, case.at_station, case.holder) == ("desk", True, world.township_organ)
    slip = client.get("/office/desk/slip/")
    body = re.sub(r"</span>|<span>", "", slip.content.decode())
    assert "no-store" in slip["Cache-Control"]
    assert f'id="number">{case.number}<' in body
    assert f'id="query-code">{query_code(key)}<' in body


def test_a_second_matter_on_the_old_form_is_not_swallowed_at_the_desk(as_: Any, world: World) -> None:
    client = as_("station_officer")
    fields = {
        "key": new_form_key(),
        "station": world.station.slug,
        "text": "机井没有电。",
        "channel": "desk",
        "submitter_kind": "resident",
    }
    client.post("/office/desk/", fields)
    first = Suggestion.objects.get()
    response = client.post("/office/desk/", {**fields, "text": "桥面塌了。"})
    body = response.content.decode()
    assert response.status_code == 200
    assert f"编号{first.number}" in body and "登记并出回执" in body and "桥面塌了。" in body
    assert Suggestion.objects.count() == 1
    again = client.post(
        "/office/desk/", {**fields, "text": "桥面塌了。", "key": response.context["form"]["key"].value()}
    )
    assert again["Location"] == "/office/desk/slip/"
    second = Suggestion.objects.latest("pk")
    assert (second.text, Suggestion.objects.count()) == ("桥面塌了。", 2)
    assert second.number in re.sub(r"</span>|<span>", "", client.get("/office/desk/slip/").content.decode())


def test_a_desk_form_without_its_key_keeps_what_was_typed_and_draws_a_new_one(as_: Any, world: World) -> None:
    fields = {"key": "", "station": world.station.slug, "text": "机井没有电。"}
    client = as_("station_officer")
    response = client.post("/office/desk/", {**fields, "channel": "desk", "submitter_kind": "resident"})
    assert "机井没有电。" in response.content.decode() and "已经失效" in response.content.decode()
    fields["key"] = response.context["form"]["key"].value()
    client.post("/office/desk/", {**fields, "channel": "desk", "submitter_kind": "resident"})
    assert Suggestion.objects.get().text == "机井没有电。"


def test_the_desk_asks_for_the_station_where_there_are_several(as_: Any, world: World) -> None:
    officer, staff = as_("station_officer").get("/office/desk/"), as_("county_staff").get("/office/desk/")
    assert officer.context["form"]["station"].is_hidden
    assert world.station.name in officer.content.decode()
    assert list(staff.context["form"].fields["station"].queryset) == [world.county_station, world.station]


def test_the_desk_takes_a_visitor_for_a_resident_unless_told(as_: Any, world: World) -> None:
    fields = {"key": new_form_key(), "station": world.station.slug, "text": "路灯不亮。"}
    assert as_("station_officer").post("/office/desk/", fields).status_code == 302
    case = Suggestion.objects.get()
    assert (case.channel, case.submitter_kind) == ("desk", "resident")


def test_personal_data_needs_consent_at_the_desk_too(as_: Any, world: World) -> None:
    fields = {
        "key": new_form_key(),
        "station": world.station.slug,
        "text": "机井没有电。",
        "channel": "desk",
        "submitter_kind": "resident",
        "phone": "13812345678",
    }
    response = as_("station_officer").post("/office/desk/", fields)
    body = response.content.decode()
    assert "勾选同意" in body and "机井没有电。" in body
    assert not Suggestion.objects.exists()


def test_the_desk_is_of_those_who_serve_a_station(as_: Any, world: World) -> None:
    for role in ("unit_clerk", "unit_head", "deputy", "auditor", "supervision_office"):
        assert as_(role).get("/office/desk/").status_code == 404
    fields = {
        "key": new_form_key(),
        "station": world.other_station.slug,
        "text": "别的县的事",
        "channel": "desk",
        "submitter_kind": "resident",
    }
    response = as_("station_officer").post("/office/desk/", fields)
    assert response.status_code == 200
    assert not Suggestion.objects.exists()


def test_a_direct_matter_prints_a_slip_and_is_out_of_the_officers_sight(as_: Any, world: World) -> None:
    client = as_("station_officer")
    fields = {
        "key": new_form_key(),
        "station": world.station.slug,
        "text": "站里的人态度不好",
        "channel": "phone",
        "submitter_kind": "resident",
        "direct": "on",
    }
    client.post("/office/desk/", fields)
    case = Suggestion.objects.get()
    assert client.get("/office/desk/slip/").status_code == 200
    assert client.get(page(case)).status_code == 404


def test_without_a_slip_the_way_leads_to_the_desk(as_: Any) -> None:
    assert as_("station_officer").get("/office/desk/slip/")["Location"] == "/office/desk/"


# What was found on a visit


def finding(world: World, **fields: Any) -> dict[str, Any]:
    return {
        "key": new_form_key(),
        "visited_on": today().isoformat(),
        "target": "growers",
        "households": 12,
        "people": 30,
        "place": "宁平镇",
        "finding": "变压器功率过大，养殖户用电成本高。",
        **fields,
    }


def test_a_deputys_finding_becomes_a_case_of_the_station(as_: Any, world: World) -> None:
    client = as_("deputy")
    fields = finding(world)
    response = client.post(f"/office/visits/new/?station={world.station.slug}", fields)
    case = Suggestion.objects.get()
    assert case.number in client.get(response["Location"]).content.decode()
    assert client.get(page(case)).status_code == 200
    assert (case.channel, case.station, case.at_station) == ("visit", world.station, True)
    assert case.visit is not None and case.visit.deputy == world.deputy
    assert case in Suggestion.objects.waiting_for(world.station_officer)
    client.post(f"/office/visits/new/?station={world.station.slug}", fields)
    assert Suggestion.objects.count() == 1


def test_a_finding_that_cannot_be_taken_keeps_neither(as_: Any, world: World) -> None:
    from activities.models import Visit

    world.station.life = "planned"
    world.station.save()
    response = as_("deputy").post(f"/office/visits/new/?station={world.station.slug}", finding(world))
    assert "变压器功率过大" in response.content.decode()
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("stage", "turn"),
    [
        ("submitted", "郸城县代表联络站"),
        ("transferred", "郸城县供电公司"),
        ("tracking", "郸城县供电公司"),
        ("replied", "反映人评价"),
        ("reviewing", "郸城县人大常委会代工委"),
        ("closed", ""),
    ],
)
def test_list_and_case_say_whose_turn_it_is(as_: Any, world: World, stage: str, turn: str) -> None:
    case = a_suggestion(world, stage)
    client = as_("county_staff")
    assert client.get("/office/suggestions/").context["lines"][0].holder == turn
    assert client.get(page(case)).context["page"].line.holder == turn


def test_the_lead_deputy_rates_the_reply_to_the_own_proposal_and_nobody_else_does(as_: Any, world: World) -> None:
    case = a_suggestion(world, "replied")
    Suggestion.objects.filter(pk=case.pk).update(kind="proposal", lead=world.deputy, congress=world.congress)
    case.refresh_from_db()
    assert as_("county_staff").get(page(case, "feedback")).status_code == 403
    deputy = as_("deputy")
    assert f"/{case.number}/feedback/" in deputy.get(page(case)).content.decode()
    refused = say(deputy, case, "feedback", process="satisfied", result="dissatisfied", text="")
    assert "不满意请写明原因" in refused.content.decode()
    say(deputy, case, "feedback", process="satisfied", result="basically", text="")
    case.refresh_from_db()
    assert (case.status, case.rating) == ("closed", "basically")
