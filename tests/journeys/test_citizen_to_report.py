"""The main job, end to end: from the code on the wall to the year's report, by the people who do it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page

from tests.journeys.steps import (
    COUNTY,
    YEAR,
    figures,
    fill,
    rate,
    reads,
    receipt,
    say,
    send,
    station_of,
    stays_within_the_window,
    track,
)
from tests.portal import Portal

pytestmark = pytest.mark.browser


def a_photo(folder: Path) -> Path:
    path = folder / "handwritten.jpg"
    exif = Image.Exif()
    exif[0x9286] = "taken at home"
    Image.new("RGB", (900, 1200), (235, 230, 215)).save(path, exif=exif)
    return path


def test_a_resident_scans_the_code_and_the_report_counts_the_case_once(
    portal: Portal, visit: Callable[..., Page], tmp_path: Path
) -> None:
    before = figures(portal)
    # The wall: a real decoder reads the picture, and its address is what the phone opens.
    officer = visit("station_officer")
    slug = station_of(portal, "宁平镇特色养殖")["slug"]
    picture = officer.request.get(f"/s/{slug}/qr.png")
    address = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.body())))[0].text
    assert address.startswith(f"{portal.url}/s/{slug}/?c=")

    phone = visit(phone=True, javascript=False)
    phone.goto(address)
    stays_within_the_window(phone)
    assert "宁平镇特色养殖" in phone.locator("h1").inner_text()
    phone.locator(f"a[href*='/s/{slug}/suggest/']").first.click()
    fill(phone, text="大棚基地的变压器一开机就跳闸，已经三天没法给棚里加温。", place="宁平镇日光温室基地东门")
    phone.set_input_files("[name=photos]", str(a_photo(tmp_path)))
    stays_within_the_window(phone)
    send(phone)
    # Without consent the photo is not taken; what was typed is still there.
    assert "告知书" in phone.locator("main").inner_text()
    assert phone.locator("[name=place]").input_value() == "宁平镇日光温室基地东门"
    phone.set_input_files("[name=photos]", str(a_photo(tmp_path)))
    phone.locator("[name=consent]").check(force=True)
    send(phone)
    number, code = receipt(phone)

    officer.goto("/office/")
    assert "大棚基地的变压器" in officer.locator("main").inner_text()
    say(officer, number, "accept", category={"label": "农业农村"}, problem_kind={"label": "用电"})
    say(officer, number, "transfer", to={"label": "宁平镇供电所"})

    clerk, head, staff = visit("unit_clerk"), visit("unit_head"), visit("township_staff")
    say(clerk, number, "sign_for")
    say(head, number, "reply", result_class="A", text="已更换保险，恢复供电。", document_number="宁供电〔2026〕8号")

    assert "已更换保险" in track(phone, number, code)
    rate(phone, "satisfied", "dissatisfied", "换了保险还是跳闸。")
    assert "待复核" in reads(staff, number)
    say(staff, number, "rehandle", reason="请到现场测负荷，查清跳闸原因。")
    say(head, number, "reply", result_class="A", text="已查清并换成容量合适的变压器，试运行正常。")
    assert "容量合适" in track(phone, number, code)
    rate(phone, "satisfied", "satisfied")
    assert "已办结" in reads(staff, number)

    after = figures(portal)
    for figure in ("opinions", "solved", "handed_over", "rehandled"):
        assert (figure, after[figure]) == (figure, before[figure] + 1)
    county = visit("county_staff")
    county.goto(f"/office/reports/annual/{COUNTY}/{YEAR}/")
    opened = county.locator("a[href*='/office/reports/rows/opinions/']").first
    assert str(after["opinions"]) in opened.inner_text()
    opened.click()
    assert county.locator("main").inner_text().count(number) == 1
    sheet = county.request.get(f"/office/reports/annual/{COUNTY}/{YEAR}/?export=xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet.body())).worksheets[0].iter_rows(values_only=True))
    assert [row for row in rows if row[0] == "意见建议" and row[1] == after["opinions"]]
    portal.manage("check_cases")


def test_a_second_tap_shows_the_same_receipt_and_a_wrong_code_tells_nothing(
    portal: Portal, visit: Callable[..., Page]
) -> None:
    before = figures(portal)["opinions"]
    phone = visit(phone=True, javascript=False)
    slug = station_of(portal, "宁平镇特色养殖")["slug"]
    phone.goto(f"/s/{slug}/suggest/")
    fill(phone, text="村口路灯不亮。")
    form = {
        name: phone.locator(f"main [name={name}]").first.input_value()
        for name in ("csrfmiddlewaretoken", "key", "text")
    }
    phone.locator("main form[method=post] [type=submit]").last.dblclick()
    phone.wait_for_selector("#number")
    first = receipt(phone)
    # The answer was lost on the way, and the phone sends the form once more.
    phone.request.post(f"/s/{slug}/suggest/", form=form)
    phone.goto("/receipt/")
    assert receipt(phone) == first
    assert figures(portal)["opinions"] == before + 1
    wrong, missing = (track(phone, number, "0000000000") for number in (first[0], "2601999999"))
    assert wrong == missing
    assert "编号或查询码不对" in wrong
