"""One matter, twelve people: merged by the station, and nobody is left without the answer (mission S7)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.steps import (
    figures,
    fill,
    grown,
    look,
    open_form,
    rate,
    reads,
    say,
    send,
    station_of,
    suggest,
    track,
)
from tests.portal import Portal

pytestmark = pytest.mark.browser

PLACE = "宁平镇北地养羊场"
SAID = [
    "北地养羊场的深井水泵带不动，电压太低，羊群喝水都成问题。",
    "养羊场北地的深井水泵一到晚上就带不动，电压太低了。",
    "反映北地养羊场电压太低，深井的水泵带不动，几百只羊没有水喝。",
    "北地养羊场深井水泵带不动，请供电所来看看电压。",
    "我们北地养羊场的电压太低，抽水的深井水泵带不动，饲料机也停了。",
    "深井水泵带不动已经一个多星期，北地养羊场这边电压太低。",
    "北地养羊场的几户都说电压太低，深井水泵带不动，请尽快解决。",
    "您好，北地养羊场用电高峰电压太低，深井水泵带不动。",
    "北地养羊场，深井水泵带不动，白天晚上都是电压太低。",
    "因为电压太低，北地养羊场的深井水泵带不动，只好到村里拉水。",
    "北地养羊场深井的水泵带不动，烧坏一台了，原因是电压太低。",
    "孩子他爸让我来说一声，北地养羊场电压太低，深井水泵带不动。",
]
AT_ONCE = 4
FIRST, SECOND = "已调整变压器分接头，电压恢复正常。", "已给北地单独架设一条线路，水泵全天都能带动。"


def merge_as_suggested(officer: Page, number: str, common: str, picture: str) -> None:
    open_form(officer, number, "merge")
    told = officer.locator("main").inner_text()
    assert officer.locator(f"main [name=alike][value='{common}']").count(), told
    if picture:
        look(officer, picture)
    fill(officer, alike=common)
    send(officer)
    assert "已并案" in officer.locator("main").inner_text()


def test_twelve_people_with_one_matter_each_read_the_answer_and_rate_it(
    portal: Portal, visit: Callable[..., Page]
) -> None:
    before = figures(portal)
    slug = station_of(portal, "宁平镇特色养殖")["slug"]
    people = [visit(phone=True, javascript=n % 2 == 0) for n in range(len(SAID))]
    officer, staff = visit("station_officer"), visit("township_staff")

    # The first is accepted; what comes after it is merged as it comes, by choosing what the page suggests.
    slips = [suggest(people[0], slug, SAID[0], place=PLACE)]
    common = slips[0][0]
    look(people[0], "a1-receipt")
    officer.goto("/office/")
    assert common in officer.locator("main").inner_text()
    look(officer, "a2-workbench")
    say(
        officer,
        common,
        "accept",
        category={"label": "农业农村"},
        problem_kind={"label": "用电"},
        title="北地养羊场电压低",
    )
    for first in range(1, len(SAID), AT_ONCE):
        these = range(first, min(first + AT_ONCE, len(SAID)))
        slips += [suggest(people[n], slug, SAID[n], place=PLACE) for n in these]
        for n in these:
            merge_as_suggested(officer, slips[n][0], common, f"a3-merge-{n}" if n == first else "")
    numbers = [number for number, _ in slips]
    assert len(set(slips)) == len(SAID)
    say(officer, common, "transfer", to={"label": "宁平镇供电所"})
    told = reads(officer, common)
    assert "并入的意见（11条）" in told
    look(officer, "a4-common-case")

    clerk, head = visit("unit_clerk"), visit("unit_head")
    say(clerk, common, "sign_for")
    assert SAID[5] not in reads(clerk, common)
    say(head, common, "reply", result_class="A", text=FIRST, document_number="宁供电〔2026〕31号")

    # Everybody by the own number and code; what the others wrote is nobody's business.
    for n, (person, (number, code)) in enumerate(zip(people, slips, strict=True)):
        told = track(person, number, code)
        assert FIRST in told
        assert SAID[n] in told
        assert not [said for said in SAID if said != SAID[n] and said in told]
        assert not [other for other in numbers if other != number and other in told]
    assert "已并案" in told
    look(people[-1], "a5-merged-answered")
    rate(people[1], "satisfied", "satisfied")
    assert "您的评价：满意" in people[1].locator("main").inner_text()
    rate(people[5], "satisfied", "dissatisfied", "只好了一天，晚上水泵还是带不动。")
    look(people[5], "a6-dissatisfied")

    # One who is dissatisfied is enough for a review of the common case.
    told = reads(staff, common)
    assert "待复核" in told
    look(staff, "a7-review")
    say(staff, common, "rehandle", reason="请晚上用电高峰时到现场测电压，再定办法。")
    # One of them turns out to be another place: it gets its own answer.
    apart = numbers[8]
    say(officer, apart, "unmerge", reason="这一户在村南，另有一台变压器，要单独处理。")
    say(head, common, "reply", result_class="A", text=SECOND)
    say(officer, apart, "answer", text="村南的变压器昨天已经增容。", result_class="A")

    for n, (person, (number, code)) in enumerate(zip(people, slips, strict=True)):
        told = track(person, number, code)
        if number == apart:
            assert "村南的变压器昨天已经增容" in told
            assert SECOND not in told
        else:
            assert SECOND in told
            assert "村南的变压器" not in told
        if n == 1:
            look(person, "a8-second-answer")
        rate(person, "satisfied", "satisfied" if n % 3 else "basically")
        assert f"您的评价：{'满意' if n % 3 else '基本满意'}" in person.locator("main").inner_text()
    look(people[8], "a9-unmerged-closed")
    told = reads(officer, common)
    assert "已办结" in told
    assert "并入的意见（10条）" in told
    look(officer, "a10-common-closed")

    assert grown(
        before,
        figures(portal),
        "opinions",
        "matters",
        "merged",
        "solved",
        "rehandled",
        "opinions_rated",
        "dissatisfied",
    ) == {
        "opinions": 12,
        "matters": 2,
        "merged": 10,
        "solved": 2,
        "rehandled": 1,
        "opinions_rated": 12,
        "dissatisfied": 0,
    }
    portal.manage("check_cases")
