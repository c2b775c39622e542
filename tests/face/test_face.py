"""The promises of the face that need no browser: weight, contrast, old WebViews, error pages that stand alone."""

import gzip
import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

ROOT = Path(__file__).resolve().parents[2]
SITE_CSS = (ROOT / "static/css/site.css").read_text(encoding="utf-8")
ADMIN_CSS = (ROOT / "static/css/admin.css").read_text(encoding="utf-8")
COLOURS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", SITE_CSS))
GROUNDS = ("paper", "sheet", "sand")
TEXTS = ("ink", "soft", "red", "red-deep", "teal", "amber")
STATUSES = (
    "draft", "submitted", "accepted", "transferred", "handling", "replied",
    "reviewing", "tracking", "closed", "declined", "merged", "withdrawn",
)  # fmt: skip


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_stylesheet_weighs_at_most_5_kilobytes() -> None:
    assert len(gzip.compress(SITE_CSS.encode(), 9)) <= 5000


@pytest.mark.parametrize("ground", [*GROUNDS, "red-tint", "teal-tint", "amber-tint"])
@pytest.mark.parametrize("text", TEXTS)
def test_every_text_colour_can_be_read_on_every_ground(text: str, ground: str) -> None:
    assert contrast(COLOURS[text], COLOURS[ground]) >= 4.5


@pytest.mark.parametrize("ground", GROUNDS)
def test_the_edge_of_a_field_can_be_seen(ground: str) -> None:
    assert contrast(COLOURS["edge"], COLOURS[ground]) >= 3


def test_white_can_be_read_on_the_buttons() -> None:
    assert min(contrast("#ffffff", COLOURS[name]) for name in ("red", "red-deep", "teal", "amber")) >= 4.5


@pytest.mark.parametrize("css", [SITE_CSS, ADMIN_CSS], ids=["site", "admin"])
def test_no_rule_needs_a_new_browser_to_be_understood(css: str) -> None:
    rules = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    assert not re.findall(
        r":(?:has|is|where)\(|@layer|@container|oklch|\binset:|\b(?:min|max|clamp)\(|(?<!-)\bgap:", rules
    )


def test_the_back_office_has_the_colours_of_the_portal() -> None:
    own = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", ADMIN_CSS))
    shared = own.keys() & COLOURS.keys()
    assert shared and {name: own[name] for name in shared} == {name: COLOURS[name] for name in shared}


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "429", "500", "503"])
def test_an_error_page_needs_no_context(code: str) -> None:
    assert "<h1>" in render_to_string(f"{code}.html")


def test_the_page_for_a_missing_thing_is_the_same_whatever_was_asked_for() -> None:
    pages = {render_to_string("404.html", request=RequestFactory().get(path)) for path in ("/s/x/", "/office/a/")}
    assert len(pages) == 1


@pytest.mark.parametrize("status", STATUSES)
def test_a_badge_is_a_shape_and_a_word(status: str) -> None:
    html = render_to_string("components/badge.html", {"status": status, "label": "办理中"})
    assert re.search(r'class="badge badge--(\w+)">办理中<', html)
    shape = re.search(r"badge--(\w+)", html)
    assert shape and f".badge--{shape[1]}" in SITE_CSS


def test_a_copied_receipt_gives_the_bare_digits() -> None:
    html = render_to_string("components/receipt.html", {"number": "2611038215", "query_code": "4073926158"})
    text = re.sub(r"<[^>]+>", "", html)
    assert "2611038215" in text and "4073926158" in text
