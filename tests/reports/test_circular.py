"""The monthly 通报: each number by hand, page and Word file the same."""

from __future__ import annotations

import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.calendar import today
from reports import circular
from suggestions import services
from suggestions.models import Assignment, Promise, Reply, ReturnRequest, Suggestion
from tests.cast import World, a_suggestion

LABELS = ["收到", "答复", "按时答复", "超期", "申请退回", "解决（A类）", "满意", "基本满意", "不满意", "未评价"]


def of(world: World, month: date | None = None) -> dict[str, dict[str, int]]:
    found = circular.collect(world.county, month or today(), "本单位")
    return {line.name: dict(zip((c.key for c in circular.COLUMNS), line.numbers, strict=True)) for line in found.lines}


def numbers(**given: int) -> dict[str, int]:
    return {column.key: 0 for column in circular.COLUMNS} | given


def rated(world: World, process: str, result: str) -> Suggestion:
    case = a_suggestion(world, "replied")
    services.feedback(case, process=process, result=result, text="说明。")
    return case


def overdue(case: Suggestion, days: int) -> None:
    due = today() - timedelta(days)
    case.assignments.update(assigned_on=due - timedelta(1), due_on=due)


def test_each_reply_has_one_rating(world: World) -> None:
    a_suggestion(world, "replied")
    rated(world, "satisfied", "satisfied")
    rated(world, "satisfied", "basically")
    rated(world, "dissatisfied", "satisfied")
    expected = numbers(received=4, replied=4, on_time=4, solved=4, satisfied=1, basically=1, dissatisfied=1, unrated=1)
    assert of(world) == {"郸城县供电公司": expected}


def test_late_is_late_answered_or_not(world: World) -> None:
    first = today().replace(day=1)
    answered, silent = a_suggestion(world, "replied"), a_suggestion(world, "handling")
    overdue(answered, 1)
    overdue(silent, 40)
    assert of(world)["郸城县供电公司"]["overdue"] == 2
    assert of(world)["郸城县供电公司"]["on_time"] == 0
    # At the end of last month the one was past its day, the other not yet answered and not yet due, or out of the month.
    before = of(world, first - timedelta(1))["郸城县供电公司"]
    assert (before["replied"], before["overdue"] >= 1) == (0, True)


def test_what_is_answered_is_no_longer_owed(world: World) -> None:
    case = a_suggestion(world, "replied")
    overdue(case, 60)
    Reply.objects.filter(suggestion=case).update(replied_on=today() - timedelta(59))
    case.assignments.update(ended_at=timezone.now() - timedelta(59))
    assert "郸城县供电公司" not in of(world)


def test_a_promise_kept_in_time_is_no_delay(world: World) -> None:
    case = a_suggestion(world, "tracking")
    Promise.objects.update(promised_on=today())
    services.fulfil(case, text="办好了。", by=world.unit_head)
    Assignment.objects.update(assigned_on=today() - timedelta(3), due_on=today() - timedelta(2))
    found = of(world)["郸城县供电公司"]
    # The first answer came after its day, the second on the promised one.
    assert (found["replied"], found["on_time"], found["overdue"], found["solved"]) == (2, 1, 1, 1)
    Promise.objects.update(promised_on=today() - timedelta(1))
    assert of(world)["郸城县供电公司"]["on_time"] == 0


def test_a_request_to_return_is_counted_whatever_came_of_it(world: World) -> None:
    case = a_suggestion(world, "handling")
    services.request_return(case, reason="不归我管。", to=world.roads, by=world.unit_clerk)
    services.refuse_return(case, reason="归你管。", by=world.county_staff)
    assert of(world)["郸城县供电公司"]["returned"] == 1
    ReturnRequest.objects.update(requested_at=timezone.now() - timedelta(70))
    assert of(world)["郸城县供电公司"]["returned"] == 0


def test_who_assists_has_no_line(world: World) -> None:
    case = a_suggestion(world, "accepted")
    services.transfer(case, to=world.power, assisting=[world.roads], by=world.county_staff)
    assert set(of(world)) == {"郸城县供电公司"}


def test_a_unit_is_counted_in_the_region_of_the_case(world: World) -> None:
    a_suggestion(world, "transferred", at="station")
    assert of(world) == {"宁平镇供电所": numbers(received=1)}
    found = circular.collect(world.other_county, today(), "本单位")
    assert (found.lines, found.totals) == ((), (0,) * 10)
    assert "没有承办单位" in found.opening


def cells(content: bytes) -> list[list[str]]:
    from docx import Document

    (table,) = Document(BytesIO(content)).tables
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_page_and_word_file_show_the_same_numbers(world: World, as_: Any) -> None:
    rated(world, "satisfied", "satisfied")
    a_suggestion(world, "transferred", at="station")
    address = f"/office/reports/circular/?region={world.county.code}&month={today():%Y-%m}"
    page = as_("county_staff").get(address).content.decode()
    shown = [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>.*?</t[hd]>", row)]
        for row in re.findall(r"<tr>.*?</tr>", page)
    ]
    answer = as_("county_staff").get(f"{address}&export=docx")
    assert f"{today().year}" in answer["Content-Disposition"] and "docx" in answer["Content-Disposition"]
    written = cells(answer.content)
    assert written == shown
    assert written[0] == ["承办单位", *LABELS]
    assert [row[:3] for row in written[1:]] == [
        ["郸城县供电公司", "1", "1"],
        ["宁平镇供电所", "1", "0"],
        ["合计", "2", "1"],
    ]


def test_the_word_file_says_who_tells_what(world: World, as_: Any) -> None:
    from docx import Document

    world.power.name = "甲<b>电</b>{{ 7*7 }} & 公司"
    world.power.save()
    a_suggestion(world, "transferred", name="王二小", phone="13912345678", consent=True)
    address = f"/office/reports/circular/?region={world.county.code}&month={today():%Y-%m}&export=docx"
    content = as_("supervision_office").get(address).content
    text = "\n".join(paragraph.text for paragraph in Document(BytesIO(content)).paragraphs)
    assert f"郸城县{today().year}年{today().month}月意见建议办理情况通报" in text
    assert "郸城县政府督查室" in text and "未评价：" in text
    assert cells(content)[1][0] == "甲<b>电</b>{{ 7*7 }} & 公司"
    assert "王二小" not in text


def test_without_a_question_it_is_last_month(world: World, as_: Any) -> None:
    last = today().replace(day=1) - timedelta(1)
    page = as_("county_staff").get("/office/reports/circular/").content.decode()
    assert f"郸城县{last.year}年{last.month}月意见建议办理情况通报" in page


@pytest.mark.parametrize(
    "asked",
    ["month=2999-01", "month=2026-13", "month=昨天", "month=", "region=x", "region=411624000000", "export=xlsx"],
)
def test_what_is_not_there_is_missing(asked: str, as_: Any) -> None:
    assert as_("county_staff").get(f"/office/reports/circular/?{asked}").status_code == 404


def test_more_units_cost_no_more_statements(world: World, as_: Any) -> None:
    counts = []
    address = f"/office/reports/circular/?region={world.county.code}&month={today():%Y-%m}"
    as_("county_staff").get(address)
    for at in ("county", "station"):
        a_suggestion(world, "transferred", at=at)
        with CaptureQueriesContext(connection) as captured:
            as_("county_staff").get(address)
        counts.append(len([query for query in captured if "suggestions_" in query["sql"]]))
    assert counts[0] == counts[1]
