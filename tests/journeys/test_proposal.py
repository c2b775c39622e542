"""Five opinions become a proposal with three co-signers, and the promise made to it is kept (mission S2, S7-S10)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta

import docx
import openpyxl
import pytest
from playwright.sync_api import Page

from tests.journeys.steps import (
    fill,
    look,
    rate,
    reads,
    say,
    send,
    station_of,
    stays_within_the_window,
    suggest,
    track,
    unfold,
)
from tests.portal import Portal

pytestmark = pytest.mark.browser

SAID = [
    "村西的排灌站停了两年，今年秋涝淹了一百多亩红薯。",
    "排灌站没有人管，水泵锈死了，一下大雨村西的地就淹。",
    "想问村西排灌站什么时候能修好，年年淹地。",
    "村西排灌站的水泵坏了没人修，种植户自己抽水花了不少钱。",
    "请重视村西的排灌站，收秋的时候地里还是水。",
]
TITLE = "关于修复宁平镇排灌站的建议"
PROMISE = "已列入明年高标准农田项目，修复三座排灌站，汛期前完成。"
KEPT = "三座排灌站已经修复，试排水正常。"


def text_of(letter: bytes) -> str:
    document = docx.Document(io.BytesIO(letter))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def waits_for(page: Page, number: str) -> None:
    """The workbench leads to it."""
    page.goto("/office/")
    stays_within_the_window(page)
    page.locator(f"main a[href='/office/suggestions/{number}/']").first.click()
    page.wait_for_load_state()


def test_five_opinions_become_a_proposal_whose_promise_is_kept(portal: Portal, visit: Callable[..., Page]) -> None:
    cast = portal.prepare("colleagues")
    names = [person["name"] for person in cast["people"]]
    slug = station_of(portal, "宁平镇特色养殖")["slug"]
    people = [visit(phone=True, javascript=False) for _ in SAID]
    slips = [suggest(person, slug, text) for person, text in zip(people, SAID, strict=True)]
    numbers = [number for number, _ in slips]

    officer = visit("station_officer")
    for n, number in enumerate(numbers):
        title = f"村西排灌站失修（{n + 1}）"
        say(officer, number, "accept", category={"label": "农业农村"}, problem_kind={"label": "供水排水"}, title=title)
    say(
        officer,
        numbers[0],
        "raise",
        to={"label": cast["lead"]},
        title=TITLE,
        others=numbers[1:],
    )
    look(officer, "b1-raised")
    assert "已请代表起草建议" in reads(officer, numbers[4])
    assert f"请{cast['lead']}代表研究" in track(people[4], *slips[4])

    # The deputy finds the draft on the workbench, completes it on the phone, and asks three colleagues to sign.
    deputy = visit("deputy", phone=True)
    deputy.goto("/office/")
    look(deputy, "b2-workbench")
    deputy.locator("main article", has_text="草稿").filter(has_text=TITLE).locator("h3 a").first.click()
    told = deputy.locator("main").inner_text()
    assert "来自群众意见（5条）" in told
    assert all(number in told for number in numbers)
    look(deputy, "b3-draft")
    proposal = deputy.url.rstrip("/").rsplit("/", 1)[1]
    assert SAID[1] in reads(deputy, numbers[1])
    deputy.goto(f"/office/suggestions/{proposal}/")
    deputy.click("main a[href$='/edit/']")
    fill(
        deputy,
        text="宁平镇三座排灌站年久失修，今年秋涝淹地一百多亩，五户种植户分别反映。",
        request="建议列入高标准农田项目，修复三座排灌站并明确管护单位。",
        congress={"label": cast["congress"]},
        cosigners="、".join(names[:3]),
    )
    look(deputy, "b4-edit")
    send(deputy)
    assert "等本人确认" in deputy.locator("main").inner_text()
    colleagues = [visit(person["username"], phone=True) for person in cast["people"]]
    for colleague in colleagues[:3]:
        waits_for(colleague, proposal)
        assert "建议列入高标准农田项目" in colleague.locator("main").inner_text()
        look(colleague, "b5-asked-to-sign")
        say(colleague, proposal, "cosign")
    say(deputy, proposal, "submit")
    assert "待受理" in reads(deputy, proposal)

    county = visit("county_staff")
    waits_for(county, proposal)
    say(county, proposal, "accept", category={"label": "农业农村"}, problem_kind={"label": "供水排水"})
    told = reads(county, proposal)
    assert "来自群众意见（5条）" in told
    assert f"{names[0]}、{names[1]}、{names[2]}联名" in told
    named = county.locator("aside dt", has_text="建议编号").locator("xpath=following-sibling::dd").inner_text()
    assert "闭第" in named
    look(county, "b6-accepted")
    assert proposal in reads(officer, numbers[2])
    assert "已并案" in reads(officer, numbers[2])
    look(officer, "b7-opinion-raised")

    # To the government office, by it to the wrong bureau, back, and on to the right one: the clock never stops.
    office, bureau = visit("government_office"), visit(cast["bureau"])
    clerk, head = visit("power_clerk"), visit("power_head")
    say(county, proposal, "transfer", to={"label": "郸城县人民政府办公室"})
    say(office, proposal, "distribute", to={"label": "郸城县农业农村局"})
    say(
        bureau,
        proposal,
        "request_return",
        reason="排灌站水泵停用是因为供电线路拆除，应由供电公司先恢复供电。",
        to={"label": "郸城县供电公司"},
    )
    assert "同意退回" in reads(county, proposal)
    waits_for(office, proposal)
    look(office, "b8-office-passes-on")
    say(office, proposal, "distribute", to={"label": "郸城县供电公司"}, reason="同意退回，请供电公司牵头。")
    assert bureau.goto(f"/office/suggestions/{proposal}/").status == 404  # type: ignore[union-attr]
    say(clerk, proposal, "sign_for")
    later = date.today() + timedelta(days=130)
    say(clerk, proposal, "request_extension", due=later.isoformat(), reason="线路要重新设计，十二月下旬才能定方案。")
    waits_for(county, proposal)
    say(county, proposal, "approve_extension", reason="情况属实。")
    assert "原期限" in reads(county, proposal)

    say(
        county,
        proposal,
        "supervise",
        leader="县人大常委会副主任张建国",
        group={"label": cast["group"]},
        text="汛期前必须见效。",
    )
    member = colleagues[3]
    say(member, proposal, "comment", text="建议先修最低洼的一座。")
    look(member, "b9-group-member")
    say(
        county,
        proposal,
        "consult",
        place="宁平镇人民政府三楼",
        committee="代工委主任李明",
        supervision="县政府督查室王芳",
        group=cast["group"],
        unit="县供电公司副经理赵强",
        deputy=cast["lead"],
        minutes="一致同意先恢复供电，再列项目修复三座排灌站。",
        agreed_on=later.isoformat(),
    )
    told = reads(head, proposal)
    assert "建议先修最低洼的一座" in told
    assert "五方协商" in told
    look(head, "b10-unit-head")

    promised = date.today() + timedelta(days=150)
    say(
        head,
        proposal,
        "reply",
        result_class="B",
        text=PROMISE,
        due=promised.isoformat(),
        document_number="郸供电〔2026〕66号",
    )
    told = track(people[3], *slips[3])
    assert PROMISE in told
    assert "郸供电〔2026〕66号" in told
    look(people[3], "b11-opinion-answered")
    waits_for(deputy, proposal)
    say(deputy, proposal, "feedback", process="satisfied", result="basically", text="盼早日开工。")
    assert "跟踪办理" in reads(deputy, proposal)
    look(deputy, "b12-tracking")
    assert PROMISE in reads_promises(county)
    say(head, proposal, "fulfil", result_class="A", text=KEPT)
    say(deputy, proposal, "feedback", process="satisfied", result="satisfied")
    assert "已办结" in reads(deputy, proposal)

    # Whoever spoke first reads the last word, and rates it; the lineage stands both ways.
    for person, slip in zip(people, slips, strict=True):
        assert KEPT in track(person, *slip)
        rate(person, "satisfied", "satisfied")
        assert "您的评价：满意" in person.locator("main").inner_text()
    told = reads(county, proposal)
    assert all(number in told for number in numbers)
    look(county, "b13-closed")
    assert proposal in reads(officer, numbers[0])

    in_the_register(county, proposal, cast["lead"], names[:3])
    for name in [cast["lead"], *names[:3]]:
        its_letter_is_addressed(county, proposal, name)
    portal.manage("check_cases")


def reads_promises(page: Page) -> str:
    page.goto("/office/reports/promises/")
    look(page, "b14-promises")
    return page.locator("main").inner_text()


def in_the_register(page: Page, proposal: str, lead: str, signers: list[str]) -> None:
    page.goto(f"/office/reports/register/?q={proposal}")
    look(page, "b15-register")
    assert TITLE in page.locator("main").inner_text()
    sheet = page.request.get(f"/office/reports/register/?q={proposal}&export=xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet.body())).worksheets[0].iter_rows(values_only=True))
    head = next(row for row in rows if "建议编号" in row or "编号" in row)
    (line,) = [dict(zip(head, row, strict=True)) for row in rows if TITLE in row]
    assert line["领衔代表"] == lead
    assert all(name in str(line["联名人数及名单"]) for name in signers)
    assert line["主办单位"] == "郸城县供电公司"
    assert line["是否重点督办"] == "是"
    assert "郸城县农业农村局申退" in str(line["申退记录"])
    assert line["延期至"] is not None
    assert line["答复文号"] == "郸供电〔2026〕66号"
    assert line["办理结果类别"] == "A类"
    assert "满意" in str(line["代表评价（过程/结果）"])
    assert PROMISE in str(line["承诺事项及期限"])


def its_letter_is_addressed(page: Page, proposal: str, name: str) -> None:
    """答复函, one for each signer."""
    page.goto(f"/office/suggestions/{proposal}/")
    letters = page.locator("main a", has_text=f"致{name}代表")
    unfold(letters.first)
    told = [text_of(page.request.get(str(letter.get_attribute("href"))).body()) for letter in letters.all()]
    assert len(told) == 2
    assert all(f"{name}代表" in text for text in told)
    assert any(PROMISE in text for text in told)
    assert any(KEPT in text for text in told)
