"""An officer on a phone: today's meeting, a list of 24 lines out of the chat group, and one mistake put right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page

from tests.journeys.steps import fill, look, send, station_of
from tests.portal import Portal

pytestmark = pytest.mark.browser

UNKNOWN = "路过的人"


def chain(names: list[str]) -> str:
    """23 deputies as they write themselves down, three of them on leave, and somebody nobody knows."""
    wrote = ["{}", "{}（老乡）", "{}🌹", "{} 收到", "{}代表", "（{}）"]
    lines = [wrote[n % len(wrote)].format(name) for n, name in enumerate(names)]
    lines[3], lines[9], lines[20] = f"{names[3]} 请假", f"{names[9]} 请假（出差）", f"{names[20]}因开会请假"
    lines.insert(12, UNKNOWN)
    numbers = [f"{n}. " if n % 2 else f"{n}、" for n in range(1, 25)]
    return "#接龙\n今天例会，请大家报到\n\n" + "\n".join(a + b for a, b in zip(numbers, lines, strict=True))


def test_a_pasted_list_of_24_lines_and_a_mistake_put_right(portal: Portal, visit: Callable[..., Page]) -> None:
    names = portal.prepare("names")
    assert len(names) == 23
    slug = station_of(portal, "宁平镇特色养殖")["slug"]
    officer = visit("station_officer", phone=True)
    officer.goto(f"/office/activities/plan/?station={slug}")
    fill(officer, type={"label": "联络站例会"}, title="养殖用电例会", held_on=date.today().isoformat(), place="站里")
    look(officer, "l1-planned")
    send(officer)
    look(officer, "l2-today")

    officer.get_by_role("link", name="登记到场").click()
    officer.get_by_role("link", name="粘贴接龙名单").click()
    text = chain(names)
    officer.fill("[name=text]", text)
    send(officer)
    main = officer.locator("main")
    assert "读出24个名字，还没有保存" in main.inner_text()
    assert "实到（20人）" in main.inner_text() and "请假（3人）" in main.inner_text()
    assert officer.input_value("[name=text]") == text
    look(officer, "l3-read")

    # Who nobody knows is asked, and without an answer nothing is written.
    confirm = "main button[name=confirm]"
    with officer.expect_navigation():
        officer.click(confirm)
    assert officer.locator("main .field--bad select").count() == 1
    assert officer.input_value("[name=text]") == text
    look(officer, "l4-asked")
    officer.locator("main .field--bad select").select_option(label="不是代表，不登记")
    with officer.expect_navigation():
        officer.click(confirm)
    assert "实到20人，请假3人" in main.inner_text()
    look(officer, "l5-written")

    # One of the three came after all.
    with officer.expect_navigation():
        officer.locator("main tr", has_text=names[9]).get_by_role("link").click()
    fill(officer, presence="present", correction="会议开始后赶到")
    send(officer)
    row = officer.locator("main tr", has_text=names[9]).inner_text()
    assert "实到" in row and "更正：会议开始后赶到" in row
    look(officer, "l6-corrected")

    officer.goto(officer.url.replace("attendance/", "record/"))
    fill(officer, outsiders="9", summary="通报了变压器改造进展。")
    look(officer, "l7-record")
    send(officer)
    told = officer.locator("main").inner_text()
    assert "实到代表（21人）" in told and "30人次" in told
    look(officer, "l8-held")
