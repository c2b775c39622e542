"""A point is declared, let pass three times, objected to and taken back; both rows stay and are shown. All on phones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.journeys.steps import YEAR, a_scan, fill, look, send, stays_within_the_window
from tests.portal import Portal

pytestmark = pytest.mark.browser

WHAT = "县人代会第三代表团全体会议审议发言"


def decide(page: Page, text: str) -> None:
    """From the workbench, as it waits there."""
    page.goto("/office/")
    stays_within_the_window(page)
    with page.expect_navigation():
        page.get_by_role("link", name=WHAT).first.click()
    look(page, "declaration-decide")
    fill(page, text=text)
    with page.expect_navigation():
        page.get_by_role("button", name="通过", exact=True).click()
    assert "已办" in page.locator("main").inner_text() or "已办" in page.locator("body").inner_text()


def row_of(page: Page, text: str) -> str:
    return page.locator("main tr", has_text=text).first.inner_text()


def test_a_declaration_is_approved_objected_to_and_taken_back(
    portal: Portal, visit: Callable[..., Page], tmp_path: Path
) -> None:
    checker = portal.prepare("home_checker")
    deputy = visit("deputy", phone=True)
    deputy.goto("/office/duties/points/declare/")
    fill(deputy, item={"label": "A2 审议发言（每次最多2分）"}, happened_on=f"{YEAR}-01-01", text=WHAT)
    fill(deputy, evidence=a_scan(tmp_path))
    look(deputy, "declare")
    send(deputy)
    assert "待站初审" in deputy.locator("main").inner_text()

    for who, said in ((checker, "签到表属实。"), ("township_staff", "同意。"), ("county_staff", "予以确认。")):
        decide(visit(who, phone=True), said)

    deputy.goto("/office/duties/points/")
    look(deputy, "point-sheet")
    assert "申报取得" in deputy.locator("main").inner_text()
    row = row_of(deputy, WHAT)
    assert "+2" in row and "有效" in row
    with deputy.expect_navigation():
        deputy.locator("main tr", has_text=WHAT).first.get_by_role("link", name="提出异议").click()
    fill(deputy, text="那次会议我请假了，是别的代表发言。")
    look(deputy, "object")
    send(deputy)
    assert "核实中" in deputy.locator("main").inner_text()

    county = visit("county_staff", phone=True)
    county.goto("/office/")
    with county.expect_navigation():
        county.get_by_role("link", name="那次会议我请假了").first.click()
    fill(county, outcome="corrected", answer="会议记录确有误，已更正。")
    look(county, "objection")
    send(county)
    assert "已更正" in county.locator("main").inner_text()

    deputy.goto("/office/duties/points/")
    look(deputy, "point-sheet-reversed")
    rows = deputy.locator("main table").filter(has_text=WHAT).first.inner_text()
    assert "+2" in rows and "-2" in rows and "已冲销" in rows
    assert "冲销：异议核实后更正：会议记录确有误，已更正。" in rows
    # Settled again, it stays taken back, and the books agree.
    assert "记入0条" in portal.manage("settle", "--region", "411625000000", "--year", str(YEAR))
    portal.manage("check_ledger")
