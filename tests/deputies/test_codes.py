from __future__ import annotations

import io
import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from deputies.codes import QUIET_ZONE, new_print_code, new_slug, qr_png, qr_svg

ADDRESS = "https://example.org/s/ningping/?c=mfrggzdfmztwq2lknnwg23tpoa"
ADDRESSES = [ADDRESS, "http://127.0.0.1:8000/s/a/", "https://example.org/d/" + "x" * 200 + "/"]
SVG = "{http://www.w3.org/2000/svg}"


def drawn(svg: str, scale: int = 4) -> Image.Image:
    """The SVG as a picture, by its own path: absolute or relative moves, each followed by a horizontal stroke."""
    root = ElementTree.fromstring(svg)
    size = int(root.attrib["viewBox"].split()[2])
    ground, strokes = root.findall(f"{SVG}path")
    assert ground.attrib == {"fill": "#fff", "d": f"M0 0h{size}v{size}H0z"}
    picture = Image.new("L", (size * scale, size * scale), 255)
    pen = ImageDraw.Draw(picture)
    x = y = 0
    steps = re.findall(r"(?:M(\d+) (\d+)\.5|m(\d+) 0)h(\d+)", strokes.attrib["d"])
    for left, top, gap, length in steps:
        x, y = (int(left), int(top)) if left else (x + int(gap), y)
        pen.rectangle((x * scale, y * scale, (x + int(length)) * scale - 1, (y + 1) * scale - 1), fill=0)
        x += int(length)
    assert "".join(f"M{a} {b}.5h{n}" if a else f"m{g} 0h{n}" for a, b, g, n in steps) == strokes.attrib["d"]
    return picture


def read_png(url: str) -> Image.Image:
    return Image.open(io.BytesIO(qr_png(url)))


def read_svg(url: str) -> Image.Image:
    return drawn(qr_svg(url))


@pytest.mark.parametrize("url", ADDRESSES)
@pytest.mark.parametrize("draw", [read_png, read_svg])
def test_a_scanner_reads_the_address(draw: Callable[[str], Image.Image], url: str) -> None:
    (code,) = zxingcpp.read_barcodes(draw(url).convert("L"))
    assert code.text == url
    assert code.format == zxingcpp.BarcodeFormat.QRCode
    assert code.ec_level == "M"


def test_both_pictures_show_the_same_modules() -> None:
    png = Image.open(io.BytesIO(qr_png(ADDRESS, scale=4))).convert("L")
    assert png.tobytes() == drawn(qr_svg(ADDRESS), scale=4).tobytes()


def test_the_quiet_zone_is_white() -> None:
    picture = Image.open(io.BytesIO(qr_png(ADDRESS, scale=1)))
    assert picture.mode == "1"
    for side in (0, QUIET_ZONE - 1):
        assert picture.crop((0, side, picture.width, side + 1)).getextrema() == (255, 255)
        assert picture.crop((side, 0, side + 1, picture.height)).getextrema() == (255, 255)
    assert picture.getpixel((QUIET_ZONE, QUIET_ZONE)) == 0


def test_the_svg_is_small_and_asks_nothing_of_the_content_security_policy() -> None:
    svg = qr_svg(ADDRESS)
    assert len(svg) < 3000
    assert "style" not in svg
    assert "script" not in svg


def test_a_poster_with_a_worn_spot_is_still_read() -> None:
    picture = read_png(ADDRESS).convert("L")
    spot = picture.width // 8
    ImageDraw.Draw(picture).ellipse(
        (picture.width // 2, picture.height // 2, picture.width // 2 + spot, picture.height // 2 + spot), fill=128
    )
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == ADDRESS


def test_print_codes_are_26_plain_letters_and_digits_and_differ() -> None:
    codes = {new_print_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert all(re.fullmatch(r"[a-z2-7]{26}", code) for code in codes)


def test_a_slug_is_short_and_fit_for_an_address() -> None:
    slugs = {new_slug() for _ in range(1000)}
    assert len(slugs) == 1000
    assert all(re.fullmatch("[a-z2-7]{8}", slug) for slug in slugs)
