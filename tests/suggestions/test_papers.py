"""The papers of a case, read back as the office would read them: every field there, nothing there that the unit may not see."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.calendar import in_words, today
from accounts.models import Organization
from deputies.models import Deputy, Session
from suggestions import paper_pages, services
from suggestions.models import Assignment, CoSignature, Promise, Reply, Suggestion
from suggestions.papers import pdf, word
from suggestions.papers.letters import HandOver, Matter, paragraphs
from suggestions.workflow import Kind, Status
from tests.cast import World, a_paper, a_suggestion
from tests.conftest import needs

NAME, PHONE = "王二小", "13912345678"
NOTE = "内部情况勿外传"
# Markup of HTML, of Word's XML, of both template languages and of typst.
ODD = "甲<b>乙</b> & {{ 7*7 }} {% if %} {_{丙 #strong[丁] *戊* $x$ @己 <庚> `辛` \\ //壬 ]"


def words_of(content: bytes) -> str:
    """The paragraphs and cells of a Word file, in their order."""
    from docx import Document

    body = Document(BytesIO(content)).element.body
    blocks = body.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p")
    tag = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"
    return "\n".join("".join(part.text or "" for part in block.iter(tag)) for block in blocks)


def words_of_pdf(content: bytes, tmp_path: Path) -> str:
    needs("pdftotext", "poppler-utils")
    file = tmp_path / "paper.pdf"
    file.write_bytes(content)
    done = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True)
    return "".join(done.stdout.decode().split())


def get(client: Any, case: Suggestion, kind: str, form: str = "docx", **asked: Any) -> Any:
    return client.get(f"/office/suggestions/{case.number}/papers/{kind}.{form}", asked)


@pytest.fixture
def opinion(world: World) -> Suggestion:
    case = a_suggestion(
        world, "accepted", text=f"变压器功率过大。\n{ODD}", name=NAME, phone=PHONE, consent=True, place="宁平镇东街"
    )
    services.transfer(case, to=world.power, assisting=[world.roads], note=NOTE, by=world.county_staff)
    services.sign_for(case, by=world.unit_clerk)
    return case


def replied(case: Suggestion, world: World, text: str = "好了。", **fields: Any) -> None:
    services.reply(case, result_class="A", text=text, reason="协办单位迟未提出。", by=world.unit_head, **fields)


@pytest.fixture
def proposal(world: World) -> Suggestion:
    """A proposal of three signers, one of whom has not confirmed, as it lies with the unit."""
    session = Session.objects.create(congress=world.congress, ordinal=2, opened_on=date(2023, 2, 1))
    day = today()
    case = Suggestion.objects.create(
        number="900000000001",
        kind=Kind.PROPOSAL,
        status=Status.HANDLING,
        title="关于修好东街道路的建议",
        text="东街道路坑洼。",
        request="请在年内修好。",
        region=world.county,
        holder=world.county_organ,
        lead=world.deputy,
        congress=world.congress,
        session=session,
        proposal_number="12",
        category=world.category,
        submitted_on=day,
        submitted_at=timezone.now(),
    )
    for name, confirmed in (("张三", True), ("李四", False)):
        deputy = Deputy.objects.create(region=world.county, name=name, phone="13700000000")
        CoSignature.objects.create(
            suggestion=case,
            deputy=deputy,
            invited_at=timezone.now(),
            confirmed_at=timezone.now() if confirmed else None,
        )
    Assignment.objects.create(
        suggestion=case,
        unit=world.power,
        state=Assignment.State.HANDLING,
        assigned_on=day,
        due_on=day + timedelta(90),
        original_due_on=day + timedelta(90),
    )
    return case


def a_reply(case: Suggestion, world: World, **fields: Any) -> Reply:
    values = {
        "suggestion": case,
        "assignment": case.assignments.get(role="lead"),
        "result_class": "B",
        "text": "一、已经立项。\n二、年内修好。",
        "document_number": "郸电函〔2026〕12号",
        "signer": "冯经理",
        "replied_on": today(),
        "by": world.unit_clerk,
    }
    return Reply.objects.create(**{**values, **fields})


# 转办单, 交办函


@pytest.mark.parametrize("form", ["docx", "pdf"])
def test_an_opinion_is_handed_over_with_every_field(
    form: str, opinion: Suggestion, world: World, as_: Any, tmp_path: Path
) -> None:
    given = opinion.assignments.get(unit=world.power)
    answer = get(as_("county_staff"), opinion, "transfer", form, assignment=given.pk)
    assert answer.status_code == 200
    assert f"-{opinion.number}.{form}" in answer["Content-Disposition"]
    text = words_of(answer.content) if form == "docx" else words_of_pdf(answer.content, tmp_path)
    said = [
        *("群众意见转办单", opinion.number, "郸城县供电公司：", "变压器功率过大。", "宁平镇东街", "农业农村"),
        *("郸城县供电公司（主办）、郸城县交通运输局（协办）", in_words(given.assigned_on), in_words(given.due_on)),
        *("郸城县人大常委会代工委", "按规程", "申请退回", in_words(given.return_until or today()), "反映的下列事项"),
    ]
    missing = [words for words in said if words not in text]
    assert missing == []
    assert (ODD if form == "docx" else "".join(ODD.split())) in text
    for secret in (NAME, PHONE, NOTE):
        assert secret not in text


def test_the_whole_file_holds_nobody(opinion: Suggestion, as_: Any) -> None:
    """Not in the parts that Word does not show either."""
    from zipfile import ZipFile

    with ZipFile(BytesIO(get(as_("county_staff"), opinion, "transfer").content)) as parts:
        for name in parts.namelist():
            content = parts.read(name).decode("utf-8", "replace")
            assert [secret for secret in (NAME, PHONE, NOTE, "孙代工委") if secret in content] == [], name


def test_who_assists_is_told_whom_to_write_to(opinion: Suggestion, world: World, as_: Any) -> None:
    given = opinion.assignments.get(unit=world.roads)
    text = words_of(get(as_("county_staff"), opinion, "transfer", assignment=given.pk).content)
    assert f"请于{in_words(given.due_on)}前将协办意见送主办单位郸城县供电公司。" in text
    assert "郸城县交通运输局：" in text


@pytest.mark.parametrize("form", ["docx", "pdf"])
def test_a_proposal_is_handed_over_by_a_letter(form: str, proposal: Suggestion, as_: Any, tmp_path: Path) -> None:
    content = get(as_("unit_clerk"), proposal, "transfer", form).content
    text = words_of(content) if form == "docx" else words_of_pdf(content, tmp_path)
    said = "现将李代表代表、张三代表提出的郸城县第十六届人民代表大会第二次会议第12号建议交你单位主办。"
    for words in ("关于交办代表建议的函", said, "关于修好东街道路的建议", "东街道路坑洼。", "请在年内修好。"):
        assert words in text
    assert "逐人答复" in text and "李四" not in text
    assert "13700000000" not in text and "13800000001" not in text


def test_between_sessions_a_proposal_says_so(proposal: Suggestion, as_: Any) -> None:
    Suggestion.objects.filter(pk=proposal.pk).update(session=None)
    text = words_of(get(as_("county_staff"), proposal, "transfer").content)
    assert "郸城县第十六届人民代表大会闭会期间第12号建议" in text


@pytest.mark.parametrize(
    ("number", "words"), [(1, "一"), (10, "十"), (16, "十六"), (20, "二十"), (31, "三十一"), (100, "100")]
)
def test_ordinals_are_written_in_chinese(number: int, words: str) -> None:
    assert paper_pages.in_chinese(number) == words


# 问题清单


@pytest.mark.parametrize("form", ["docx", "pdf"])
def test_several_cases_of_a_unit_go_out_in_one_list(form: str, world: World, as_: Any, tmp_path: Path) -> None:
    cases = [
        a_suggestion(world, "transferred", text=f"第{n}件事。", name=NAME, phone=PHONE, consent=True) for n in "甲乙丙"
    ]
    asked = {"unit": world.power.pk, "on": today().isoformat()}
    client = as_("county_staff")
    page = client.get("/office/suggestions/papers/").content.decode()
    assert f"unit={world.power.pk}&amp;on={today():%Y-%m-%d}" in page
    page = client.get("/office/suggestions/papers/", asked).content.decode()
    assert [case.number for case in cases if case.number not in page] == []
    chosen = [case.number for case in cases[:2]]
    content = client.get(f"/office/suggestions/papers/list.{form}", {**asked, "case": chosen}).content
    text = words_of(content) if form == "docx" else words_of_pdf(content, tmp_path)
    assert "现将下列2件意见建议交你单位办理" in text
    assert [("第甲件事。" in text), ("第乙件事。" in text), ("第丙件事。" in text)] == [True, True, False]
    assert text.count("第甲件事。") == 1  # nobody gave it a title of its own
    assert chosen[0] in text and NAME not in text and PHONE not in text
    assert ("第丙件事。" in words_of(client.get("/office/suggestions/papers/list.docx", asked).content)) is True


def test_a_list_of_nothing_is_refused_in_a_sentence(opinion: Suggestion, world: World, as_: Any) -> None:
    asked = {"unit": world.power.pk, "on": today().isoformat(), "case": "0"}
    answer = as_("county_staff").get("/office/suggestions/papers/list.docx", asked, follow=True)
    assert "没有选中要打印的事项" in answer.content.decode()


@pytest.mark.parametrize("asked", ["unit=x&on=2026-01-01", "unit=1&on=昨天", "unit=1", "unit=²&on=2026-01-01", ""])
def test_a_list_of_no_unit_or_day_is_missing(asked: str, world: World, as_: Any) -> None:
    assert as_("county_staff").get(f"/office/suggestions/papers/list.docx?{asked}").status_code == 404


def test_a_long_list_costs_no_more_statements(world: World, as_: Any) -> None:
    client, asked = as_("county_staff"), {"unit": world.power.pk, "on": today().isoformat()}
    counts = []
    for _ in range(2):
        for _ in range(2):
            a_suggestion(world, "transferred")
        with CaptureQueriesContext(connection) as captured:
            client.get("/office/suggestions/papers/list.docx", asked)
        counts.append(len(captured))
    assert counts[0] == counts[1]


# 答复函


def test_a_letter_of_reply_has_every_field(proposal: Suggestion, world: World, as_: Any) -> None:
    Organization.objects.create(region=world.county, name="郸城县人民政府办公室", kind="government_office")
    Organization.objects.filter(pk=world.power.pk).update(phone="0394-3210001")
    reply = a_reply(proposal, world)
    Promise.objects.create(reply=reply, text="年内修好。", promised_on=date(2027, 1, 31))
    text = words_of(get(as_("unit_head"), proposal, "reply").content)
    lines = text.split("\n")
    assert lines[0] == "B类"
    assert lines[1] == "郸电函〔2026〕12号"
    assert "签发人：冯经理" in lines
    assert "关于郸城县第十六届人民代表大会第二次会议第12号建议的答复" in lines
    assert lines.index("一、已经立项。") + 1 == lines.index("二、年内修好。")
    assert "李代表代表：" in lines
    assert "您提出的“关于修好东街道路的建议”收悉。经研究办理，现答复如下：" in lines
    assert any("2027年1月31日前办到" in line for line in lines)
    assert lines.count("郸城县供电公司") == 2  # under the letter, and in the form that goes with it
    assert in_words(today()) in lines
    assert "联系人：郑经办　　联系电话：0394-3210001" in lines
    assert "抄送：郸城县人大常委会代工委、郸城县人民政府办公室" in lines
    form = lines[lines.index("办理情况征询意见表") :]
    choice = "□满意　　□基本满意　　□不满意"
    assert form.count(choice) == 2
    assert form.index("过程评价") < form.index(choice) < form.index("结果评价")
    assert "B类　正在解决或列入计划解决" in form


def test_the_result_class_stands_at_the_upper_right(proposal: Suggestion, world: World, as_: Any) -> None:
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    a_reply(proposal, world)
    first = Document(BytesIO(get(as_("unit_head"), proposal, "reply").content)).paragraphs[0]
    assert (first.text, first.alignment) == ("B类", WD_ALIGN_PARAGRAPH.RIGHT)


def test_each_signer_gets_a_letter(proposal: Suggestion, world: World, as_: Any) -> None:
    a_reply(proposal, world)
    papers = [(label, url) for label, url in paper_pages.papers_for(world.unit_head, proposal) if "答复函" in label]
    assert [label for label, _ in papers] == ["答复函，致李代表代表（Word）", "答复函，致张三代表（Word）"]
    texts = [words_of(as_("unit_head").get(url).content) for _, url in papers]
    assert "李代表代表：" in texts[0] and "张三代表：" in texts[1]
    stranger = Deputy.objects.get(name="李四")
    assert get(as_("unit_head"), proposal, "reply", to=stranger.pk).status_code == 404


def test_a_citizen_is_answered_by_the_number(opinion: Suggestion, world: World, as_: Any) -> None:
    replied(opinion, world, ODD, signer="冯<b>经理", document_number="{{ 1 }}")
    for who in ("unit_clerk", "county_staff"):
        text = words_of(get(as_(who), opinion, "reply").content)
        assert f"关于受理编号{opinion.number}意见的答复" in text and "反映人：" in text
        assert ODD in text and "签发人：冯<b>经理" in text and "{{ 1 }}" in text
        assert NAME not in text and PHONE not in text and NOTE not in text


def test_what_was_answered_at_the_station_goes_out_in_its_name(world: World, as_: Any) -> None:
    case = a_suggestion(world, at="station", name=NAME, phone=PHONE, consent=True)
    services.answer(case, text="已当面说明。", by=world.station_officer)
    text = words_of(get(as_("station_officer"), case, "reply").content)
    assert "宁平镇特色养殖产业代表联络站" in text and "已当面说明。" in text
    assert "抄送" not in text and NAME not in text


def test_a_signed_scan_is_the_letter_itself(opinion: Suggestion, world: World, as_: Any) -> None:
    replied(opinion, world, "", letter=a_paper())
    assert get(as_("unit_head"), opinion, "reply").status_code == 404
    assert not any("答复函" in label for label, _ in paper_pages.papers_for(world.unit_head, opinion))


# 督办通知单


def late(case: Suggestion, days: int) -> Assignment:
    given = case.assignments.get(role="lead")
    due = today() - timedelta(days)
    Assignment.objects.filter(pk=given.pk).update(assigned_on=due - timedelta(15), due_on=due)
    given.refresh_from_db()
    return given


def test_a_reminder_says_how_late_and_how_often(opinion: Suggestion, world: World, as_: Any) -> None:
    given = late(opinion, 9)
    for asked in ("请本周内答复。", "请说明原因。"):
        reminded(opinion, world, asked)
    text = words_of(get(as_("supervision_office"), opinion, "remind", assignment=given.pk).content)
    for words in (
        *("督办通知单", "郸城县供电公司：", opinion.number, in_words(given.assigned_on), in_words(given.due_on)),
        *("9天", "2次", "督办要求：请说明原因。", "郸城县政府督查室"),
    ):
        assert words in text
    assert NAME not in text and PHONE not in text and NOTE not in text


def reminded(case: Suggestion, world: World, text: str) -> None:
    services.remind(case, text=text, by=world.county_staff)


def test_before_the_day_nobody_is_called_late(opinion: Suggestion, as_: Any) -> None:
    text = words_of(get(as_("county_staff"), opinion, "remind").content)
    assert "0天" in text and "0次" in text and "已超过" not in text and "按期答复" in text


def test_who_has_answered_is_not_reminded(opinion: Suggestion, world: World, as_: Any) -> None:
    replied(opinion, world)
    given = opinion.assignments.get(unit=world.power)
    assert get(as_("county_staff"), opinion, "remind", assignment=given.pk).status_code == 404


# Who prints

MAY: dict[str, set[str]] = {
    "transfer.docx": {"county_staff", "city_staff", "unit_clerk", "unit_head"},
    "transfer.pdf": {"county_staff", "city_staff", "unit_clerk", "unit_head"},
    "reply.docx": {"county_staff", "city_staff", "unit_clerk", "unit_head"},
}


@pytest.mark.parametrize("paper", MAY)
def test_who_may_print(paper: str, opinion: Suggestion, world: World, as_: Any) -> None:
    replied(opinion, world)
    address = f"/office/suggestions/{opinion.number}/papers/{paper}"
    got = {
        who for who in world.users if who != "county_officer" and as_(world.users[who]).get(address).status_code == 200
    }
    assert got == MAY[paper]
    for stranger in (world.other_staff, world.other_officer):
        assert as_(stranger).get(address).status_code == 404


def test_the_officer_prints_what_the_station_handed_over(world: World, as_: Any) -> None:
    case = a_suggestion(world, "transferred", at="station")
    text = words_of(get(as_("station_officer"), case, "transfer").content)
    assert "宁平镇供电所：" in text and "宁平镇特色养殖产业代表联络站" in text
    assert as_("station_officer").get("/office/suggestions/papers/").status_code == 200


def test_a_unit_prints_its_own_only(opinion: Suggestion, world: World, as_: Any) -> None:
    other = opinion.assignments.get(unit=world.roads)
    assert get(as_("unit_head"), opinion, "transfer", assignment=other.pk).status_code == 404
    Assignment.objects.filter(unit=world.power).update(state=Assignment.State.RETURNED)
    assert get(as_("unit_head"), opinion, "transfer").status_code == 404


def test_whom_the_case_concerns_prints_nothing(opinion: Suggestion, world: World, as_: Any) -> None:
    Suggestion.objects.filter(pk=opinion.pk).update(about_unit=world.power)
    assert get(as_("unit_head"), opinion, "transfer").status_code == 404
    asked = {"unit": world.power.pk, "on": today().isoformat()}
    assert as_("unit_head").get("/office/suggestions/papers/list.docx", asked).status_code == 404
    assert opinion.number not in as_("unit_head").get("/office/suggestions/papers/").content.decode()


@pytest.mark.parametrize("paper", ["transfer.xlsx", "reply.pdf", "nothing.docx", "transfer.docx?assignment=x"])
def test_no_other_paper_is_there(paper: str, opinion: Suggestion, as_: Any) -> None:
    assert as_("county_staff").get(f"/office/suggestions/{opinion.number}/papers/{paper}").status_code == 404


def test_the_page_of_a_case_is_offered_what_can_be_opened(opinion: Suggestion, world: World, as_: Any) -> None:
    replied(opinion, world)
    for who, count in (("county_staff", 5), ("unit_head", 3), ("supervision_office", 0)):
        papers = paper_pages.papers_for(world.users[who], opinion)
        assert (who, len(papers)) == (who, count)
        assert {as_(who).get(url).status_code for _, url in papers} <= {200}


# Fonts and templates


def test_without_a_chinese_font_a_sentence_is_said(
    opinion: Suggestion, as_: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "families", lambda: frozenset({"DejaVu Sans"}))
    address = f"/office/suggestions/{opinion.number}/papers/transfer.pdf"
    answer = as_("county_staff").get(address, follow=True)
    assert answer.redirect_chain == [(f"/office/suggestions/{opinion.number}/", 302)]
    assert "服务器没有安装中文字体" in answer.content.decode()


def a_letter(text: str) -> HandOver:
    matter = Matter("1", text, paragraphs(text), text, "群众", "", "", "", "主办", text, "")
    return HandOver("opinion", text, text, "", "", "", "", False, "", text, (matter,))


@pytest.mark.parametrize("text", ["\x00\x07\x0b\x1b甲", "\ud800甲", "\ufffe甲", "甲\t乙"])
def test_no_character_breaks_a_paper(text: str) -> None:
    made = words_of(word.write("transfer_opinion", a_letter(text)))
    assert "甲" in made
    assert pdf.write("transfer", a_letter(text)).startswith(b"%PDF")


def test_a_template_that_names_what_is_not_there_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A paper with a hole in it would go out unnoticed."""
    from docx import Document
    from jinja2 import UndefinedError

    paper = Document()
    paper.add_paragraph("{{ unti }}")
    paper.save(str(tmp_path / "wrong.docx"))
    monkeypatch.setattr(word, "TEMPLATES", tmp_path)
    with pytest.raises(UndefinedError):
        word.write("wrong", {"unit": "甲"})


@pytest.mark.parametrize("template", sorted(path.name for path in word.TEMPLATES.glob("*.docx")))
def test_the_templates_name_the_fonts_of_official_papers(template: str) -> None:
    from zipfile import ZipFile

    with ZipFile(word.TEMPLATES / template) as parts:
        body = parts.read("word/document.xml").decode()
        table = parts.read("word/fontTable.xml").decode()
    for font, substitute in (("方正小标宋简体", "宋体"), ("仿宋_GB2312", "仿宋")):
        assert f'w:eastAsia="{font}"' in body
        assert f'w:name="{font}"><w:altName w:val="{substitute}"' in table


def test_the_list_of_fonts_is_read_from_the_machine() -> None:
    if shutil.which("fc-list") is None:
        pytest.skip("没有fc-list")
    assert any("CJK" in family or "WenQuanYi" in family for family in pdf.families())
