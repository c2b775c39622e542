"""What people do with their hands, said once."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page

from tests.portal import Portal


def station_of(portal: Portal, part: str) -> dict[str, str]:
    return next(s for s in portal.demo["stations"] if part in s["name"])


def stays_within_the_window(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def fill(page: Page, **fields: Any) -> None:
    """A dict chooses an option of a select; a value beside a radio button ticks it; anything else is typed."""
    for name, value in fields.items():
        field = page.locator(f"main [name={name}]").first
        if isinstance(value, dict):
            field.select_option(**value)
        elif field.get_attribute("type") in ("radio", "checkbox"):
            page.locator(f"main [name={name}][value='{value}']").check(force=True)
        else:
            field.fill(value)


def send(page: Page, form: str = "main form[method=post]") -> None:
    page.locator(f"{form} [type=submit]").last.click()
    page.wait_for_load_state()


def say(page: Page, number: str, verb: str, **fields: Any) -> None:
    """As a clerk does: open the case, press the verb, fill in the form, send it."""
    page.goto(f"/office/suggestions/{number}/")
    stays_within_the_window(page)
    page.click(f'a[href$="/{number}/{verb}/"]')
    fill(page, **fields)
    send(page)
    assert re.search(rf"/office/suggestions/{number}/$", page.url), page.locator("main").inner_text()


def reads(page: Page, number: str) -> str:
    page.goto(f"/office/suggestions/{number}/")
    return page.locator("main").inner_text()


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
