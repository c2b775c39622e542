"""A unit that nobody logs in for: everything it does comes on paper and is entered by the committee, and it shows (代录)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.journeys.steps import (
    COUNTY,
    YEAR,
    a_scan,
    figures,
    fill,
    grown,
    look,
    open_form,
    reads,
    receipt,
    say,
    send,
    track,
)
from tests.portal import Portal

pytestmark = pytest.mark.browser

ANSWER = "已更换主管道并清洗水池，水压恢复正常。"
OPINION = "排水井位置不影响主管道施工。"


def test_a_unit_without_login_is_served_on_paper(portal: Portal, visit: Callable[..., Page], tmp_path: Path) -> None:
    before = figures(portal)
    water, drainage = portal.prepare("units")
    scan = a_scan(tmp_path)

    # An old man at the desk, who has a phone and no use for a code.
    officer = visit("station_officer")
    officer.goto("/office/desk/")
    fill(
        officer,
        text="养殖小区自来水三天两头停，水压也不够，牲口饮水成问题。",
        place="宁平镇养殖小区",
        name="孙大爷",
        phone="13900007788",
        consent=True,
        callback=True,
    )
    send(officer)
    number, code = receipt(officer)
    look(officer, "c1-slip")
    say(
        officer,
        number,
        "accept",
        category={"label": "农业农村"},
        problem_kind={"label": "供水排水"},
        title="养殖小区停水",
    )
    say(officer, number, "escalate", reason="权限不足，需县级单位办理。")

    county = visit("county_staff")
    say(county, number, "transfer", to={"label": water}, assisting=[drainage])
    told = reads(county, number)
    assert "代录签收" in told
    look(county, "c2-transferred")
    # Without the paper nothing is entered for anybody.
    open_form(county, number, "sign_for", water)
    assert "您正在代郸城县自来水公司登记" in county.locator("main").inner_text()
    look(county, "c3-sign-for-it")
    fill(county, source="自来水公司签收单")
    send(county)
    assert "代录" in county.locator("main").inner_text()
    assert county.url.split("?")[0].endswith("/sign_for/")
    assert county.locator("main .field--bad [name=paper]").count() == 1
    fill(county, paper=scan)
    send(county)
    say(county, number, "sign_for", source="排水公司签收单", paper=scan)
    say(
        county,
        number,
        "contribute",
        text=OPINION,
        source="郸排水〔2026〕3号",
        paper=scan,
    )
    later = date.today() + timedelta(days=45)
    say(
        county,
        number,
        "request_extension",
        due=later.isoformat(),
        reason="主管道要到外地采购，需要一个月。",
        source="郸水司〔2026〕11号",
        paper=scan,
    )
    say(county, number, "approve_extension", reason="情况属实。")
    say(
        county,
        number,
        "reply",
        result_class="A",
        text=ANSWER,
        document_number="郸水司〔2026〕15号",
        signer="周经理",
        source="郸水司〔2026〕15号",
        letter=scan,
        paper=scan,
    )
    told = reads(county, number)
    assert told.count(f"代{water}录入") == 3
    assert told.count(f"代{drainage}录入") == 2
    assert "签发：周经理" in told
    assert "郸水司〔2026〕15号" in told
    assert "答复函扫描件" in told
    look(county, "c4-answered-on-paper")

    # The officer rings him up, and writes down what he says.
    officer.goto("/office/")
    assert number in officer.locator("main").inner_text()
    look(officer, "c5-to-ring-up")
    say(officer, number, "inform", text="本人接听，告知了答复内容。")
    say(officer, number, "feedback", process="basically", result="satisfied", text="水压够了，就是办得慢。")
    told = reads(officer, number)
    assert "电话代录：" in told
    assert "已办结" in told
    look(officer, "c6-rated-by-phone")
    phone = visit(phone=True, javascript=False)
    told = track(phone, number, code)
    assert ANSWER in told
    assert "您的评价：满意" in told
    assert OPINION not in told  # what the assisting unit wrote is for the lead unit
    look(phone, "c7-tracked")

    assert grown(
        before,
        figures(portal),
        "proxied",
        "proxied_signatures",
        "proxied_replies",
        "phone_ratings",
        "extended",
        "informed",
        "solved",
    ) == {
        "proxied": 5,
        "proxied_signatures": 2,
        "proxied_replies": 2,
        "phone_ratings": 1,
        "extended": 1,
        "informed": 1,
        "solved": 1,
    }
    county.goto(f"/office/reports/annual/{COUNTY}/{YEAR}/")
    assert "代录签收" in county.locator("main").inner_text()
    county.locator("a[href*='/office/reports/rows/proxied/']").first.click()
    told = county.locator("main").inner_text()
    assert water in told
    assert drainage in told
    look(county, "c8-proxied-rows")
    county.goto(f"/office/reports/register/?q={number}")
    look(county, "c9-register")
    assert "养殖小区停水" in county.locator("main").inner_text()
    portal.manage("check_cases")
