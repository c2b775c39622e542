from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import randrange
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import needs
from tests.portal import CHROMIUM, CHROMIUM_FLAGS, DESK, PHONE, Portal, running

# What a journey brings about on purpose: a refusal, a dead network.
MEANT = re.compile(r"status of 4|net::ERR_(INTERNET_DISCONNECTED|FAILED)")


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with running(tmp_path_factory.mktemp("portal")) as portal:
        yield portal


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Ends with its module: the driver keeps an event loop in this thread, in which no other test may ask the database."""
    needs(CHROMIUM, "chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, portal: Portal) -> Iterator[Callable[..., Page]]:
    """`visit(role=None, phone=False)`: a fresh browser of its own, logged in; a console complaint fails the journey."""
    contexts: list[Any] = []
    complaints: list[str] = []
    addresses = (f"10.{randrange(256)}.{a}.{b}" for a in range(256) for b in range(1, 255))

    def open_(role: str | None = None, *, phone: bool = False, javascript: bool = True) -> Page:
        context = chromium.new_context(
            viewport=PHONE if phone else DESK,
            base_url=portal.url,
            locale="zh-CN",
            java_script_enabled=javascript,
            extra_http_headers={"X-Forwarded-For": next(addresses)},
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on(
            "console",
            lambda m: complaints.append(m.text) if m.type == "error" and not MEANT.search(m.text) else None,
        )
        page.on("pageerror", lambda e: complaints.append(str(e)))
        if role:
            account = portal.account(role)
            page.goto("/office/login/")
            page.fill("[name=username]", account["username"])
            page.fill("[name=password]", account["password"])
            page.click("main form button")
            page.wait_for_url("**/office/")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
