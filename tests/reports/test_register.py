"""建议办理台账 and 承诺事项台账: whose rows, which columns, one object for page and file."""

from __future__ import annotations

import io
import re
from datetime import datetime
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.calendar import today
from reports import register
from reports.sources import APART
from suggestions import services
from suggestions.models import Assignment, Promise, Suggestion
from tests.cast import ROLES, World, a_proposal, a_suggestion
from tests.reports import handled
from tests.reports.handled import DAY
from tests.reports.test_report_pages import PAYLOADS

REGISTER = "/office/reports/register/"
PROMISES = "/office/reports/promises/"
COUNTY = "411625000000"
# domain.md §3.8, in its order.
LABELS = [
    "序号",
    "编号",
    "会次/闭会",
    "标题",
    "类别",
    "领衔代表",
    "联名人数及名单",
    "代表团/小组/联络站",
    "提出日期",
    "受理日期",
    "是否重点督办",
    "督办领导/委室",
    "交办日期",
    "主办单位",
    "协办单位",
    "签收日期",
    "申退记录",
    "沟通方式与次数",
    "应复日期",
    "延期至",
    "协办意见日期",
    "答复日期",
    "答复文号",
    "签发人",
    "办理结果类别",
    "代表评价（过程/结果）",
    "不满意理由",
    "重办应复日期",
    "二次答复",
    "承诺事项及期限",
    "落实情况",
    "是否公开",
    "办结日期",
    "归档号",
]


def text(response: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def sheet(response: Any) -> list[list[Any]]:
    return [list(row) for row in openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0].values]


def row_of(case: Suggestion, user: Any) -> dict[str, Any]:
    """The line of one case, the blank cells left out."""
    (line,) = register.lines(register.with_lines(register.register(user, {}).filter(pk=case.pk)))
    told = {label: of(line) for label, of in register.COLUMNS}
    return {label: value for label, value in told.items() if value not in (None, "")}


# Whose rows


@pytest.mark.parametrize("role", ROLES)
def test_the_register_is_open_to_those_who_work_on_cases(as_: Any, world: World, role: str) -> None:
    allowed = {
        *("deputy", "station_officer", "station_head", "township_staff", "county_staff", "city_staff"),
        *("supervision_office", "unit_clerk", "unit_head"),
    }
    for address in (REGISTER, PROMISES):
        wanted = 302 if role == "anonymous" else 200 if role in allowed else 404
        assert as_(role).get(address).status_code == wanted, address


def test_each_reads_the_own_cases_and_nobody_a_matter_about_oneself(as_: Any, world: World) -> None:
    own = handled.promised(world)
    about = handled.promised(world)
    Suggestion.objects.filter(pk=about.pk).update(about_unit=world.power)
    direct = a_suggestion(world, at="station", direct=True)
    for address, cases in ((REGISTER, {own, about, direct}), (PROMISES, {own, about})):
        seen = {
            role: {case for case in (own, about, direct) if case.number in as_(role).get(address).content.decode()}
            for role in ("county_staff", "unit_clerk", "station_officer")
        }
        assert seen == {"county_staff": cases, "unit_clerk": {own}, "station_officer": set()}
        assert own.number not in as_(world.other_staff).get(address).content.decode()
        exported = sheet(as_("unit_clerk").get(address + "?export=xlsx"))
        assert [row for row in exported if about.number in row] == []
        assert [row for row in exported if own.number in row]


def test_no_draft_and_no_resident_stands_in_the_register(as_: Any, world: World) -> None:
    case = a_suggestion(world, "accepted", name="赵居民", phone="13912345678", consent=True)
    draft = a_proposal(world, "draft")
    told = sheet(as_("county_staff").get(REGISTER + "?export=xlsx"))
    assert [row[1] for row in told[1:]] == [case.number]
    assert not {"赵居民", "13912345678", draft.number} & {str(cell) for row in told for cell in row}
    assert row_of(case, world.county_staff)["领衔代表"] == "群众"


# The columns


def test_the_columns_are_those_of_the_paper_register() -> None:
    assert [label for label, _ in register.COLUMNS] == LABELS
    assert len(LABELS) == 34


def test_an_opinion_of_one_unit_fills_its_line(world: World) -> None:
    case = handled.told(world)
    day = today()
    assert row_of(case, world.county_staff) == {
        "序号": 1,
        "编号": case.number,
        "标题": case.heading,
        "类别": "农业农村",
        "领衔代表": "群众",
        "代表团/小组/联络站": "郸城县代表联络站",
        "提出日期": day,
        "受理日期": day,
        "是否重点督办": "否",
        "交办日期": day,
        "主办单位": "郸城县供电公司",
        "签收日期": day,
        "沟通方式与次数": "电话告知1次",
        "应复日期": case.assignments.get().due_on,
        "答复日期": day,
        "签发人": "冯经理",
        "办理结果类别": "A类",
        "代表评价（过程/结果）": "过程满意，结果满意",
        "是否公开": "是",
        "办结日期": day,
        "归档号": case.number,
    }


def test_a_proposal_of_two_signers_and_two_units(world: World) -> None:
    handled.signer_profile(world)
    case = handled.raised(world, handled.a_colleague(world))
    told = row_of(case, world.county_staff)
    own = Assignment.objects.get(suggestion=case, unit=world.power)
    assert (told["编号"], told["会次/闭会"]) == ("闭第1号", "郸城县第16届人民代表大会闭会期间")
    assert (told["领衔代表"], told["联名人数及名单"]) == ("李代表", "1人：联名代表")
    assert (told["是否重点督办"], told["督办领导/委室"], told["沟通方式与次数"]) == ("是", "刘副主任", "五方协商1次")
    assert told["主办单位"] == "郸城县供电公司、郸城县交通运输局"
    assert (told["应复日期"], told["延期至"]) == (own.original_due_on, own.due_on)
    assert (told["答复文号"], told["签发人"], told["归档号"]) == ("供函〔2026〕7号", "冯经理", case.number)
    assert told["代表评价（过程/结果）"] == "李代表：过程满意，结果满意；联名代表：过程满意，结果基本满意"
    assert "二次答复" not in told
    opinions = [row_of(merge.child, world.county_staff) for merge in case.merged.all()]
    assert {(row["主办单位"], row["代表评价（过程/结果）"]) for row in opinions} == {("并入闭第1号", "未评价")}


def test_the_signer_who_was_silent_is_written_out(world: World) -> None:
    handled.signer_profile(world)
    colleague = handled.a_colleague(world)
    case = handled.raised(world, colleague)
    case.feedbacks.filter(signer=world.deputy).delete()
    assert (
        row_of(case, world.county_staff)["代表评价（过程/结果）"] == "联名代表：过程满意，结果基本满意；李代表：未评价"
    )


def test_unrated_is_written_out_and_unanswered_is_blank(world: World) -> None:
    rating = "代表评价（过程/结果）"
    assert row_of(a_suggestion(world, "replied"), world.county_staff)[rating] == "未评价"
    assert rating not in row_of(a_suggestion(world, "handling"), world.county_staff)


def test_each_return_stands_in_the_line_with_its_decision(world: World) -> None:
    told = row_of(handled.pushed(world), world.county_staff)
    day = today()
    assert told["申退记录"] == f"{day} 郸城县供电公司申退，同意；{day} 郸城县交通运输局申退，待决定"
    assert told["主办单位"] == "郸城县交通运输局"


def test_a_second_handling_has_its_own_columns(world: World) -> None:
    case = a_suggestion(world, "reviewing")
    staff = world.county_staff
    services.rehandle(case, reason="请查清。", by=staff)
    again = case.assignments.get(round=2)
    told = row_of(case, staff)
    assert (told["不满意理由"], told["重办应复日期"]) == ("没有换。", again.due_on)
    assert told["答复日期"] == today() and "二次答复" not in told and "办理结果类别" not in told
    services.reply(case, result_class="C", text="暂时不能换。", document_number="供函9号", by=world.unit_head)
    told = row_of(case, staff)
    assert told["二次答复"] == f"{today()} C类 供函9号"
    assert (told["办理结果类别"], told["代表评价（过程/结果）"]) == ("C类", "未评价")
    assert told["应复日期"] == case.assignments.get(round=1).due_on


def test_another_unit_that_handles_it_again_stands_as_the_lead(world: World) -> None:
    case = a_suggestion(world, "reviewing")
    services.rehandle(case, reason="换单位。", to=world.roads, by=world.county_staff)
    assert row_of(case, world.county_staff)["主办单位"] == "郸城县供电公司"
    services.transfer(case, to=world.roads, assisting=[world.power], by=world.county_staff)
    told = row_of(case, world.county_staff)
    assert (told["主办单位"], told["答复日期"]) == ("郸城县交通运输局", today())


def test_an_assisting_opinion_has_its_day(world: World) -> None:
    case = a_suggestion(world, "accepted")
    services.transfer(case, to=world.roads, assisting=[world.power], by=world.county_staff)
    assert "协办意见日期" not in row_of(case, world.county_staff)
    services.sign_for(case, by=world.unit_clerk)
    services.contribute(case, text="可以接电。", by=world.unit_clerk)
    told = row_of(case, world.county_staff)
    assert (told["协办单位"], told["协办意见日期"]) == ("郸城县供电公司", today())


def test_answered_on_the_spot_has_an_answer_and_no_unit(world: World) -> None:
    case = a_suggestion(world)
    services.answer(case, text="已说明。", by=world.county_staff)
    told = row_of(case, world.county_staff)
    assert told["答复日期"] == today() and "主办单位" not in told and "应复日期" not in told


# The page and the file


def test_page_and_file_show_the_same_rows(as_: Any, rich: Any) -> None:
    staff = as_("county_staff")
    page, told = text(staff.get(REGISTER)), sheet(staff.get(REGISTER + "?export=xlsx"))
    assert told[0] == LABELS
    cases = register.register(rich.county_staff, {})
    size = register.size_of(cases)
    assert (size["all"], size["apart"]) == (len(told) - 1, cases.filter(APART).count())
    assert size["all"] - size["apart"] == 5
    assert f"共 {size['all']} 条，并案后 {size['apart']} 件。" in page
    first = told[1]
    for label in ("编号", "标题", "主办单位"):
        assert (first[LABELS.index(label)] or "—") in page
    assert all(isinstance(row[LABELS.index("提出日期")], datetime) for row in told[1:])
    assert [row[0] for row in told[1:]] == list(range(1, len(told)))


def test_what_is_typed_stays_text(as_: Any, world: World) -> None:
    for payload in PAYLOADS:
        case = handled.promised(world) if payload == PAYLOADS[0] else a_suggestion(world)
        Suggestion.objects.filter(pk=case.pk).update(title=payload[:60])
    Promise.objects.update(text=PAYLOADS[0])
    for address in (REGISTER, PROMISES):
        response = as_("county_staff").get(address + "?export=xlsx")
        typed = []
        for one in openpyxl.load_workbook(io.BytesIO(response.content)).worksheets:
            for row in one.iter_rows():
                for cell in row:
                    assert cell.data_type != "f" and cell.hyperlink is None, cell.value
                    typed.append(cell.value)
        assert PAYLOADS[0] in typed
        assert response["X-Content-Type-Options"] == "nosniff"


def grow(world: World, colleague: Any) -> None:
    handled.merged(world)
    handled.raised(world, colleague)
    handled.pushed(world)
    handled.promised(world, "replaced")
    handled.promised(world)


def test_both_registers_cost_the_same_for_many_rows(as_: Any, world: World) -> None:
    staff, colleague = as_("county_staff"), handled.a_colleague(world)
    handled.signer_profile(world)
    addresses = [address + query for address in (REGISTER, PROMISES) for query in ("", "?export=xlsx")]

    def queries() -> list[int]:
        counts = []
        for address in addresses:
            with CaptureQueriesContext(connection) as captured:
                assert staff.get(address).status_code == 200
            counts.append(len(captured))
        return counts

    grow(world, colleague)
    few = queries()
    for _ in range(2):
        grow(world, colleague)
    assert queries() == few
    assert max(few) <= 26


def test_the_register_is_read_page_by_page(as_: Any, world: World) -> None:
    numbers = {a_suggestion(world).number for _ in range(35)}
    staff, seen, address = as_("county_staff"), set(), REGISTER + "?kind=opinion"
    for _ in range(2):
        body = staff.get(address).content.decode()
        seen |= set(re.findall(r"/office/suggestions/(\d+)/", body))
        after = re.search(r'rel="next" href="([^"]+)"', body)
        address = REGISTER + unescape(after[1]) if after else ""
    assert seen == numbers and not address


def test_more_than_a_file_takes_is_a_sentence(as_: Any, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.register_views.MOST_ROWS", 1)
    for _ in range(2):
        handled.promised(world)
    for address in (REGISTER, PROMISES):
        response = as_("county_staff").get(address + "?export=xlsx")
        assert response["Content-Type"].startswith("text/html")
        assert "超过一次下载的1行。请按区域、日期或状态缩小范围" in text(response)


# What is asked


def test_every_question_narrows_the_register(as_: Any, world: World) -> None:
    handled.signer_profile(world)
    here = {"opinion": a_suggestion(world, "accepted"), "town": a_suggestion(world, at="station")}
    here["handled"] = a_suggestion(world, "handling")
    here["proposal"] = handled.raised(world, handled.a_colleague(world))
    here["given back"] = a_suggestion(world, "handling")
    services.request_return(here["given back"], reason="不属。", to=world.roads, by=world.unit_clerk)
    services.approve_return(here["given back"], by=world.county_staff)
    Suggestion.objects.filter(pk=here["town"].pk).update(submitted_on=today() - 9 * DAY)
    Assignment.objects.filter(suggestion=here["handled"]).update(assigned_on=today() - 9 * DAY)
    Suggestion.objects.filter(pk=here["handled"].pk).update(due_on=today() - DAY)
    day = today().isoformat()
    merged = {merge.child.number for merge in here["proposal"].merged.all()}

    def found(query: str) -> set[str]:
        body = as_("county_staff").get(f"{REGISTER}?{query}").content.decode()
        numbers = set(re.findall(r"/office/suggestions/(\d+)/", body))
        return {name for name, case in here.items() if case.number in numbers} | (
            {"merged"} if merged & numbers else set()
        )

    everything = {*here, "merged"}
    assert found("") == everything
    assert found("kind=proposal") == {"proposal"}
    assert found(f"region={world.township.code}") == {"town"}
    assert found(f"region={COUNTY}") == everything
    assert found(f"from={day}") == everything - {"town"}
    assert found(f"to={(today() - DAY).isoformat()}") == {"town"}
    assert found("state=merged") == {"merged"}
    assert found("state=overdue") == {"handled"}
    assert found("state=closed") == {"proposal"}
    assert found(f"unit={world.power.pk}") == {"handled", "proposal"}
    assert found(f"unit={world.roads.pk}") == {"proposal"}
    assert found("supervised=1") == {"proposal"}
    assert found(f"q={here['town'].number}") == {"town"}


@pytest.mark.parametrize(
    "query",
    [
        "region=411624000000",
        "from=x",
        "kind=x",
        "state=waiting",
        "unit=9999999",
        "unit=x",
        "from=2026-02-02&to=2026-02-01",
    ],
)
def test_a_wrong_question_is_a_sentence_and_no_file(as_: Any, world: World, query: str) -> None:
    case = a_suggestion(world)
    staff = as_("county_staff")
    shown = staff.get(f"{REGISTER}?{query}")
    assert shown.status_code == 200 and 'id="form-errors"' in shown.content.decode()
    assert case.number not in shown.content.decode()
    assert staff.get(f"{REGISTER}?{query}&export=xlsx").status_code == 404


def test_an_unknown_export_is_not_there(as_: Any, world: World) -> None:
    for address in (REGISTER, PROMISES):
        assert as_("county_staff").get(address + "?export=csv").status_code == 404
