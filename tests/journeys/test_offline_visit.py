"""A deputy in a field without a signal: what is written waits on the phone for the own tap, and arrives once (mission U7)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from tests.journeys.steps import a_scan, fill, look, unfold
from tests.portal import Portal

pytestmark = pytest.mark.browser

NEW = "/office/visits/new/"
PLACE = "宁平镇刘庄村三组"


def kept(portal: Portal) -> list[list[int]]:
    """households and photos of each visit to the place."""
    asked = (
        "import json; from activities.models import Visit; "
        f"print(json.dumps([[v.households, v.photos.count()] for v in Visit.objects.filter(place='{PLACE}')"
        ".order_by('pk')]))"
    )
    rows: list[list[int]] = json.loads(portal.manage("shell", "-v0", "-c", asked).strip().splitlines()[-1])
    return rows


def tap(page: Page) -> None:
    page.locator("form[data-draft] [type=submit]").click()


def says(page: Page, sentence: str) -> None:
    page.locator("[role=status], main", has_text=sentence).first.wait_for()


def choose(page: Page, photo: Path) -> None:
    field = page.locator("[name=photos]")
    unfold(field)
    field.set_input_files(photo)
    page.locator("[data-chosen]").wait_for()


def test_a_visit_written_without_network_arrives_once_by_the_own_tap(
    portal: Portal, visit: Callable[..., Page], tmp_path: Path
) -> None:
    page = visit("deputy", phone=True)
    phone = page.context
    page.goto(NEW)
    look(page, "o1-empty-form")
    phone.set_offline(True)
    fill(page, households="4", place=PLACE, people="9")
    choose(page, a_scan(tmp_path, "pigs.jpg"))
    choose(page, a_scan(tmp_path, "well.jpg"))
    says(page, "已选2张：pigs.jpg、well.jpg")
    tap(page)
    says(page, "没有网络，已保存在这部手机上，未提交。有网络后请点“提交”。")
    look(page, "o2-no-network")

    # The next household of the same walk, still without network; this one is given up.
    page.click("text=再写一条")
    says(page, "未提交：")
    fill(page, households="7", place="写了又不要的")
    page.close()
    phone.set_offline(False)
    assert kept(portal) == []

    page = phone.new_page()
    page.set_default_timeout(15_000)
    page.goto("/office/")
    says(page, "未提交的草稿 2 条")
    look(page, "o3-workbench")
    page.click("[data-drafts] a >> nth=1")
    says(page, "这份草稿未提交")
    assert page.input_value("[name=households]") == "7"
    page.goto(NEW)
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator(".notice", has_text="写了又不要的").get_by_text("删除草稿").click()
    page.locator(".notice", has_text="写了又不要的").wait_for(state="detached")
    look(page, "o4-banner")
    page.click("text=继续填写")
    says(page, "已选2张：pigs.jpg、well.jpg")
    assert page.input_value("[name=place]") == PLACE

    # What the server does not take is said beside the field, and neither words nor photos are lost.
    fill(page, households="-4")
    tap(page)
    page.wait_for_selector("#form-errors")
    look(page, "o5-refused")
    says(page, "已选2张：pigs.jpg、well.jpg")
    fill(page, households="4")

    # The visit arrives, its answer is lost on the way: the second tap finds the first one's row.
    def lost(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort()

    page.route(f"**{NEW}", lost)
    tap(page)
    says(page, "没有网络")
    page.unroute(f"**{NEW}")
    assert kept(portal) == [[4, 2]]
    tap(page)
    page.wait_for_url(re.compile(r"/office/visits/\d+/$"))
    assert "走访已记下" in page.locator("main").inner_text()
    look(page, "o6-arrived")
    assert kept(portal) == [[4, 2]]

    page.goto("/office/")
    assert "未提交" not in page.locator("main").inner_text()
    page.goto(NEW)
    assert "未提交" not in page.locator("main").inner_text()


def test_on_a_borrowed_phone_and_a_full_one(portal: Portal, visit: Callable[..., Page], tmp_path: Path) -> None:
    page = visit("deputy", phone=True)
    page.goto(NEW)
    fill(page, place="不给别人看的草稿")
    page.evaluate(
        "() => { IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError'); }; }"
    )
    field = page.locator("[name=photos]")
    unfold(field)
    field.set_input_files(a_scan(tmp_path))
    says(page, "照片太大，这部手机存不下")

    # The login has ended meanwhile: the words stay.
    page.context.clear_cookies(name="sessionid")
    tap(page)
    says(page, "登录已到期，已保存在这部手机上，未提交。请登录后再点“提交”。")
    page.context.clear_cookies(name="csrftoken")
    tap(page)
    says(page, "这个页面放得太久，已保存在这部手机上，未提交")
    page.locator("a", has_text="打开新页面").click()
    page.wait_for_url(re.compile(r"/office/login/"))

    def sign_in(who: str) -> None:
        page.fill("[name=username]", who)
        page.fill("[name=password]", portal.account(who)["password"])
        page.click("main form button")

    sign_in("station_officer")
    page.wait_for_url(f"**{NEW}")
    assert "不给别人看的草稿" not in page.content() and "未提交" not in page.locator("main").inner_text()
    page.goto("/office/")
    assert "未提交" not in page.locator("main").inner_text()
    page.click("text=退出")
    sign_in("deputy")
    page.wait_for_url("**/office/")
    says(page, "未提交的草稿 1 条")


def test_without_javascript_the_form_is_a_form(portal: Portal, visit: Callable[..., Page], tmp_path: Path) -> None:
    page = visit("deputy", phone=True, javascript=False)
    page.goto(NEW)
    fill(page, households="2", photos=a_scan(tmp_path))
    page.locator("form[data-draft] [type=submit]").click()
    page.wait_for_url(re.compile(r"/office/visits/\d+/$"))
    assert "2户" in page.locator("main").inner_text()
    assert page.locator("main img").count() == 1
