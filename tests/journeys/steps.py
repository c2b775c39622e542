"""What people do with their hands, said once."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page

from tests.portal import ROOT, Portal

PICTURES = ROOT / "var" / "journeys"
YEAR = date.today().year
COUNTY = "411625000000"


def station_of(portal: Portal, part: str) -> dict[str, str]:
    return next(s for s in portal.demo["stations"] if part in s["name"])


def figures(portal: Portal) -> dict[str, int]:
    out = portal.manage("annual_report", "--region", COUNTY, "--year", str(YEAR), "--format", "json", "--output", "-")
    return dict(json.loads(out)["figures"])


def grown(before: dict[str, int], after: dict[str, int], *names: str) -> dict[str, int]:
    return {name: after[name] - before[name] for name in names}


def a_scan(folder: Path, name: str = "letter.jpg") -> Path:
    path = folder / name
    Image.new("RGB", (900, 1200), (235, 230, 215)).save(path)
    return path


def stays_within_the_window(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"


def look(page: Page, name: str) -> None:
    """With PICTURES=1, a picture in var/journeys for people to look at: whether it is beautiful is nobody's assertion."""
    stays_within_the_window(page)
    if os.environ.get("PICTURES"):
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def unfold(field: Locator) -> None:
    """What few need stands behind a line of its own: open it first."""
    folds = field.locator("xpath=ancestor::details[not(@open)]")
    if folds.count():
        folds.first.locator("summary").first.click()


def fill(page: Page, **fields: Any) -> None:
    """A dict chooses an option of a select, a path is a file, a list ticks labels; a value beside a radio button ticks
    it; anything else is typed.
    """
    for name, value in fields.items():
        field = page.locator(f"main [name={name}]").first
        unfold(field)
        if isinstance(value, dict):
            field.select_option(**value)
        elif isinstance(value, Path):
            field.set_input_files(value)
        elif isinstance(value, list):
            for label in value:
                page.locator("main label", has=page.locator(f"[name={name}]")).filter(has_text=label).click()
        elif value is True:
            field.check(force=True)
        elif field.get_attribute("type") in ("radio", "checkbox"):
            page.locator(f"main [name={name}][value='{value}']").check(force=True)
        else:
            field.fill(value)


def send(page: Page, form: str = "main form[method=post]") -> None:
    with page.expect_navigation():
        page.locator(f"{form} [type=submit]").last.click()


def open_form(page: Page, number: str, verb: str, of_unit: str = "") -> None:
    """As a clerk does: open the case and press the verb, of several units the one that is named on the button."""
    page.goto(f"/office/suggestions/{number}/")
    stays_within_the_window(page)
    button = page.locator(f'main a[href*="/{number}/{verb}/"]').filter(has_text=of_unit).first
    unfold(button)
    with page.expect_navigation():
        button.click()


def say(page: Page, number: str, verb: str, of_unit: str = "", **fields: Any) -> None:
    open_form(page, number, verb, of_unit)
    stays_within_the_window(page)
    fill(page, **fields)
    send(page)
    assert re.search(rf"/office/suggestions/{number}/$", page.url), page.locator("main").inner_text()


def reads(page: Page, number: str) -> str:
    page.goto(f"/office/suggestions/{number}/")
    return page.locator("main").inner_text()


def suggest(page: Page, slug: str, text: str, **fields: Any) -> tuple[str, str]:
    page.goto(f"/s/{slug}/suggest/")
    fill(page, text=text, **fields)
    stays_within_the_window(page)
    send(page)
    return receipt(page)


def receipt(page: Page) -> tuple[str, str]:
    number, code = (re.sub(r"\D", "", page.inner_text(at)) for at in ("#number", "#query-code"))
    assert len(code) == 10
    return number, code


def track(page: Page, number: str, code: str) -> str:
    page.goto("/track/")
    fill(page, number=number, query_code=code)
    send(page)
    stays_within_the_window(page)
    return page.locator("main").inner_text()


def rate(page: Page, process: str, result: str, text: str = "") -> None:
    form = "form[action$='/track/feedback/']"
    page.locator(f"{form} [name=process][value={process}]").check(force=True)
    page.locator(f"{form} [name=result][value={result}]").check(force=True)
    page.locator(f"{form} [name=text]").fill(text)
    send(page, form)
