"""Pictures of the pages a county's leaders would be shown, at 375 and 1280 px: `python -m tests.screenshots.shoot [name …]`.

They go to var/screenshots/ and are looked at by a person; no test compares them.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, sync_playwright

from tests.portal import CHROMIUM, CHROMIUM_FLAGS, DESK, PHONE, ROOT, Portal, running

FOLDER = ROOT / "var" / "screenshots"
COUNTY = "411625000000"


def login(portal: Portal, page: Page, role: str) -> None:
    account = portal.account(role)
    page.goto("/office/login/")
    page.fill("[name=username]", account["username"])
    page.fill("[name=password]", account["password"])
    page.click("main form button")
    page.wait_for_url("**/office/")


def submitted(page: Page, slug: str) -> tuple[str, str]:
    page.goto(f"/s/{slug}/suggest/")
    page.fill("[name=text]", "村口的路灯坏了半个月，晚上孩子放学看不清路，希望尽快修好。")
    page.fill("[name=place]", "宁平镇王庄村村口")
    page.locator("main form[method=post] [type=submit]").last.click()
    page.wait_for_selector("#number")
    return tuple(re.sub(r"\D", "", page.inner_text(i)) for i in ("#number", "#query-code"))  # type: ignore[return-value]


def pages(portal: Portal) -> dict[str, tuple[str | None, Callable[[Page], object]]]:
    """name → (role, how to get there)."""
    slug = next(s["slug"] for s in portal.demo["stations"] if "宁平镇特色养殖" in s["name"])
    deputy = portal.demo["deputies"][0]["slug"]
    year = portal.demo["year"]

    def at(path: str) -> Callable[[Page], object]:
        return lambda page: page.goto(path)

    def refused_form(page: Page) -> None:
        page.goto(f"/s/{slug}/suggest/")
        page.locator("main form[method=post] [type=submit]").last.click()

    def tracking(page: Page) -> None:
        number, code = submitted(page, slug)
        page.goto("/track/")
        page.fill("[name=number]", number)
        page.fill("[name=query_code]", code)
        page.locator("main form [type=submit]").first.click()
        page.wait_for_load_state()

    def first_case(page: Page) -> None:
        page.goto("/office/suggestions/")
        page.locator("main a[href*='/office/suggestions/']").first.click()
        page.wait_for_load_state()

    def found(words: str, **more: str) -> Callable[[Page], object]:
        """The newest case that these words find."""

        def go(page: Page) -> None:
            page.goto(f"/office/suggestions/?{urlencode({'q': words, **more})}")
            page.locator("main a[href^='/office/suggestions/2']").first.click()
            page.wait_for_load_state()

        return go

    def tracked(key: int) -> Callable[[Page], object]:
        """By its place among the cases the demo tells the codes of."""

        def go(page: Page) -> None:
            case = portal.demo["cases"][key]
            page.goto("/track/")
            page.fill("[name=number]", case["number"])
            page.fill("[name=query_code]", case["query_code"])
            page.locator("main form [type=submit]").first.click()
            page.wait_for_load_state()

        return go

    def draft(page: Page) -> None:
        page.goto("/office/")
        page.get_by_role("link", name="病死畜禽").first.click()
        page.wait_for_load_state()

    def first_published(page: Page) -> None:
        page.goto("/cases/")
        page.locator("main a[href^='/cases/']").first.click()
        page.wait_for_load_state()

    def transfer(page: Page) -> None:
        page.goto("/office/suggestions/?state=waiting")
        cases = page.locator("main a[href*='/office/suggestions/']")
        for address in [case.get_attribute("href") or "" for case in cases.all()]:
            page.goto(address)
            if page.locator("a[href$='/transfer/']").count():
                break
        page.locator("a[href$='/transfer/']").first.click()
        page.wait_for_load_state()

    def admin_form(page: Page) -> None:
        page.goto("/admin/stations/station/?q=宁平")
        page.goto(page.locator("#result_list tbody th a").first.get_attribute("href") or "")

    return {
        "home": (None, at("/")),
        "directory": (None, at("/stations/?q=郸城")),
        "station": (None, at(f"/s/{slug}/")),
        "deputy": (None, at(f"/d/{deputy}/")),
        "form": (None, at(f"/s/{slug}/suggest/")),
        "form-refused": (None, refused_form),
        "receipt": (None, lambda page: submitted(page, slug)),
        "tracking": (None, tracking),
        "tracking-replied": (None, tracked(0)),
        "tracking-merged": (None, tracked(10)),
        "published": (None, at("/cases/")),
        "published-case": (None, first_published),
        "projects": (None, at(f"/projects/{year + 1}/")),
        "missing": (None, at("/s/no-such-station/")),
        "privacy": (None, at("/privacy/")),
        "login": (None, at("/office/login/")),
        "workbench-deputy": ("deputy", at("/office/")),
        "workbench-officer": ("station_officer", at("/office/")),
        "workbench-luohe-deputy": ("luohe_deputy", at("/office/")),
        "workbench-office": ("government_office", at("/office/")),
        "workbench-supervision": ("supervision_office", at("/office/")),
        "workbench-township": ("township_staff", at("/office/")),
        "workbench-power": ("power_head", at("/office/")),
        "workbench-city": ("luohe_staff", at("/office/")),
        "workbench-county": ("county_staff", at("/office/")),
        "workbench-unit": ("unit_clerk", at("/office/")),
        "inbox": ("county_staff", at("/office/suggestions/")),
        "case": ("county_staff", first_case),
        "merged": ("county_staff", found("越冬水")),
        "proposal": ("county_staff", found("产地冷链")),
        "proposal-deputy": ("deputy", found("产地冷链")),
        "draft": ("deputy", draft),
        "separate": ("county_staff", found("淀粉加工的废水")),
        "supervised": ("luohe_staff", found("排涝大沟")),
        "extension": ("county_staff", found("孵化车间要换专用变压器")),
        "transfer": ("county_staff", transfer),
        "desk": ("station_officer", at("/office/desk/")),
        "log-activity": ("deputy", at("/office/activities/new/")),
        "log-visit": ("deputy", at("/office/visits/new/")),
        "activities": ("county_staff", at("/office/activities/")),
        "import": ("county_staff", at("/office/import/")),
        "admin": ("county_staff", at("/admin/")),
        "admin-list": ("county_staff", at("/admin/stations/station/")),
        "admin-form": ("county_staff", admin_form),
        "admin-deputies": ("county_staff", at("/admin/deputies/deputy/")),
        "report": ("county_staff", at(f"/office/reports/annual/{COUNTY}/{year}/")),
        "register": ("county_staff", at("/office/reports/register/")),
        "promises": ("county_staff", at("/office/reports/promises/")),
        "circular": ("county_staff", at("/office/reports/circular/")),
        "office-projects": ("luohe_staff", at("/office/projects/")),
        "report-rows": (
            "county_staff",
            at(f"/office/reports/rows/opinions/?region={COUNTY}&from={year}-01-01&to={year}-12-31"),
        ),
    }


def shoot(portal: Portal, browser: Browser, only: set[str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (role, go) in pages(portal).items():
        if only and name not in only:
            continue
        for width, viewport in ((375, PHONE), (1280, DESK)):
            context = browser.new_context(viewport=viewport, base_url=portal.url, locale="zh-CN")
            page = context.new_page()
            if role:
                login(portal, page, role)
            go(page)
            wide = page.evaluate("document.documentElement.scrollWidth")
            page.screenshot(path=str(FOLDER / f"{name}-{width}.png"), full_page=True)
            print(f"{name}-{width}.png{f'  wider than the window: {wide}' if wide > width else ''}", flush=True)
            context.close()


def main() -> None:
    with running(Path(tempfile.mkdtemp())) as portal, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        shoot(portal, browser, set(sys.argv[1:]))


if __name__ == "__main__":
    main()
