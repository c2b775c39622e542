from __future__ import annotations

import io
import random
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from accounts import images
from accounts.errors import Refused
from accounts.images import DAMAGED, LONGEST_SIDE, NOT_AN_IMAGE, TOO_BIG, TOO_MANY_PIXELS, cleaned

RED, BLUE = (180, 20, 20), (20, 20, 180)
SECRETS = (b"GPS-SECRET", b"<script", b"<?php", b"xmpmeta", b"ICC_PROFILE", b"iCCP", b"eXIf", b"Exif", b"tEXt", b"acTL")


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def two_halves(mode: str = "RGB", size: tuple[int, int] = (64, 32)) -> Image.Image:
    """Red on the left, blue on the right: tells which way up a picture is."""
    picture = Image.new("RGB", size, RED)
    picture.paste(BLUE, (size[0] // 2, 0, *size))
    return picture.convert(mode)


def kept(content: bytes, name: str = "照片.jpg") -> Image.Image:
    return Image.open(io.BytesIO(stored(content, name)))


def stored(content: bytes, name: str = "照片.jpg") -> bytes:
    return cleaned(SimpleUploadedFile(name, content)).read()


def exif(orientation: int = 1) -> Image.Exif:
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010E] = "GPS-SECRET"
    data.get_ifd(0x8825)[1] = "N"
    data.get_ifd(0x8825)[2] = (33.0, 38.0, 0.0)
    return data


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int) -> bytes:
    """A small file that claims many pixels, all of one colour: 13000 x 13000 bits pack into some 20 kB."""
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + (width + 7) // 8)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def with_text() -> PngImagePlugin.PngInfo:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "GPS-SECRET <script>")
    text.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>GPS-SECRET</x:xmpmeta>")
    return text


def accepted() -> Iterator[tuple[str, bytes]]:
    photo, see_through = two_halves(), two_halves("RGBA")
    see_through.putalpha(100)
    palette = two_halves("P")
    yield "plain JPEG", encoded(photo, "JPEG")
    yield "grey JPEG", encoded(two_halves("L"), "JPEG")
    yield "CMYK JPEG", encoded(two_halves("CMYK"), "JPEG")
    yield "progressive JPEG", encoded(photo, "JPEG", progressive=True)
    yield "JPEG with GPS", encoded(photo, "JPEG", exif=exif())
    yield "JPEG with a comment", encoded(photo, "JPEG", comment=b"GPS-SECRET <script>")
    yield "JPEG with XMP", encoded(photo, "JPEG", xmp=b"<x:xmpmeta>GPS-SECRET</x:xmpmeta>")
    yield "JPEG with ICC", encoded(photo, "JPEG", icc_profile=profile())
    yield "JPEG with an HTML tail", encoded(photo, "JPEG") + b"<html><script>alert(1)</script>"
    yield "JPEG with a PHP tail", encoded(photo, "JPEG") + b"<?php system($_GET[1]);"
    yield "JPEG with a ZIP tail", encoded(photo, "JPEG") + b"PK\x03\x04GPS-SECRET"
    yield "a phone's JPEG of several pictures", encoded(photo, "MPO", save_all=True, append_images=[photo.rotate(180)])
    yield "plain PNG", encoded(photo, "PNG")
    yield "palette PNG", encoded(two_halves("P"), "PNG")
    yield "palette PNG with a transparent colour", encoded(palette, "PNG", transparency=palette.getpixel((0, 0)))
    yield "black and white PNG", encoded(two_halves("1"), "PNG")
    yield "grey PNG with alpha", encoded(see_through.convert("LA"), "PNG")
    yield "16 bit PNG", encoded(Image.new("I;16", (64, 32), 30000), "PNG")
    yield "see-through PNG", encoded(see_through, "PNG")
    yield "PNG with texts", encoded(photo, "PNG", pnginfo=with_text())
    yield (
        "see-through PNG with everything",
        encoded(see_through, "PNG", pnginfo=with_text(), exif=exif(), icc_profile=profile()),
    )
    yield "PNG with an HTML tail", encoded(photo, "PNG") + b"<script>alert(1)</script>"
    yield "APNG", encoded(photo, "PNG", save_all=True, append_images=[two_halves().rotate(180)], duration=100)
    yield "plain WebP", encoded(photo, "WEBP")
    yield "see-through WebP", encoded(see_through, "WEBP", lossless=True)
    yield "animated WebP", encoded(photo, "WEBP", save_all=True, append_images=[two_halves().rotate(180)], duration=100)
    yield "WebP with GPS, XMP and ICC", encoded(photo, "WEBP", exif=exif(), xmp=b"<x:xmpmeta>", icc_profile=profile())


def refused() -> Iterator[tuple[str, bytes, str]]:
    photo = two_halves()
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    yield "nothing", b"", NOT_AN_IMAGE
    yield "SVG", svg, NOT_AN_IMAGE
    yield "SVG with a prolog", b'<?xml version="1.0"?>' + svg, NOT_AN_IMAGE
    yield "HTML", b"<!DOCTYPE html><script>alert(1)</script>", NOT_AN_IMAGE
    yield "PHP", b"<?php system($_GET[1]);", NOT_AN_IMAGE
    yield "GIF", encoded(photo, "GIF"), NOT_AN_IMAGE
    yield "GIF that is a script", b"GIF89a/*" + encoded(photo, "GIF")[8:] + b"*/=1;alert(1)", NOT_AN_IMAGE
    yield "animated GIF", encoded(photo, "GIF", save_all=True, append_images=[photo.rotate(90)]), NOT_AN_IMAGE
    yield "BMP", encoded(photo, "BMP"), NOT_AN_IMAGE
    yield "TIFF", encoded(photo, "TIFF"), NOT_AN_IMAGE
    yield "PostScript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", NOT_AN_IMAGE
    yield "PDF", b"%PDF-1.7\n", NOT_AN_IMAGE
    yield "truncated JPEG", encoded(two_halves(size=(640, 480)), "JPEG")[:2000], DAMAGED
    yield "truncated PNG", encoded(Image.effect_noise((200, 200), 50), "PNG")[:8000], DAMAGED
    yield "truncated WebP", encoded(Image.effect_noise((200, 200), 50).convert("RGB"), "WEBP")[:4000], DAMAGED
    yield "bomb of 13000 x 13000", png_of(13000, 13000), TOO_MANY_PIXELS
    yield "bomb that the library itself refuses", png_of(20000, 20000), TOO_MANY_PIXELS
    yield "one pixel too many", png_of(5000, 5001), TOO_MANY_PIXELS
    yield "11 MB", encoded(photo, "JPEG") + b"\0" * 11 * 1024 * 1024, TOO_BIG


ACCEPTED = dict(accepted())


@pytest.mark.parametrize("content", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_picture_is_kept_as_pixels_and_nothing_else(content: bytes) -> None:
    data = stored(content)
    picture = Image.open(io.BytesIO(data))
    picture.load()
    assert picture.format in {"JPEG", "PNG"}
    assert picture.size == (64, 32)
    assert getattr(picture, "n_frames", 1) == 1
    assert not picture.getexif()
    assert not {"exif", "xmp", "icc_profile", "comment", "Comment"} & picture.info.keys()
    for secret in SECRETS:
        assert secret not in data, secret
    assert data.endswith(b"\xff\xd9" if picture.format == "JPEG" else b"IEND\xaeB`\x82")


@pytest.mark.parametrize(("content", "sentence"), [case[1:] for case in refused()], ids=[case[0] for case in refused()])
@pytest.mark.filterwarnings("default")
def test_what_is_no_good_picture_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Refused) as error:
        stored(content)
    assert error.value.args[0] == sentence


def test_the_content_decides_and_not_the_name() -> None:
    with pytest.raises(Refused):
        stored(b"<svg xmlns='http://www.w3.org/2000/svg'/>", name="photo.png")
    assert kept(ACCEPTED["plain PNG"], name="photo.svg").format == "JPEG"


def test_names_are_random_and_tell_the_kind() -> None:
    photo, see_through = ACCEPTED["plain JPEG"], ACCEPTED["see-through WebP"]
    names = [cleaned(ContentFile(content, name="../身份证.php")).name for content in (photo, photo, see_through)]
    assert len(set(names)) == 3
    assert [bool(re.fullmatch(r"[0-9a-f]{32}\.(jpg|png)", str(name))) for name in names] == [True] * 3
    assert [str(name)[-4:] for name in names] == [".jpg", ".jpg", ".png"]


@pytest.mark.parametrize(("orientation", "size"), [(1, (64, 32)), (3, (64, 32)), (6, (32, 64)), (8, (32, 64))])
def test_a_photo_taken_sideways_is_stored_upright(orientation: int, size: tuple[int, int]) -> None:
    picture = kept(encoded(two_halves(), "JPEG", exif=exif(orientation), quality=95))
    assert picture.size == size
    first, last = picture.getpixel((2, 2)), picture.getpixel((size[0] - 3, size[1] - 3))
    assert isinstance(first, tuple)
    assert isinstance(last, tuple)
    red_first = orientation in (1, 6)
    assert (first[0] > first[2]) is red_first
    assert (last[0] > last[2]) is not red_first


@pytest.mark.parametrize(
    ("kind", "size", "smaller"),
    [
        ("JPEG", (4000, 3000), (1600, 1200)),
        ("JPEG", (3000, 4000), (1200, 1600)),
        ("JPEG", (1600, 900), (1600, 900)),
        ("JPEG", (1601, 900), (1600, 899)),
        ("PNG", (4000, 3000), (1600, 1200)),
        ("PNG", (1, 100_000), (1, 1600)),
        ("WEBP", (3200, 200), (1600, 100)),
    ],
)
def test_the_longest_side_is_1600_pixels_at_most(kind: str, size: tuple[int, int], smaller: tuple[int, int]) -> None:
    assert kept(encoded(Image.new("RGB", size, RED), kind)).size == smaller
    assert max(smaller) <= LONGEST_SIDE


def test_exactly_25_million_pixels_are_accepted() -> None:
    assert kept(png_of(5000, 5000)).size == (1600, 1600)


def test_transparent_stays_transparent_and_a_full_alpha_channel_does_not_count() -> None:
    assert kept(ACCEPTED["see-through PNG"]).mode == "RGBA"
    assert kept(ACCEPTED["palette PNG with a transparent colour"]).mode == "RGBA"
    assert kept(encoded(two_halves("RGBA"), "PNG")).format == "JPEG"


def test_16_bits_of_grey_are_scaled_and_not_blown_out() -> None:
    shade = kept(ACCEPTED["16 bit PNG"]).convert("L").getpixel((5, 5))
    assert isinstance(shade, int)
    assert abs(shade - 30000 // 256) <= 2


def test_cmyk_keeps_its_colours_roughly() -> None:
    red, _, blue = kept(ACCEPTED["CMYK JPEG"]).convert("RGB").getpixel((5, 5))  # type: ignore[misc]
    assert red > 120 > blue


@given(name=st.sampled_from(sorted(ACCEPTED)), seed=st.integers(0, 2**32))
@settings(deadline=None, max_examples=150)
def test_any_damage_ends_in_a_picture_or_in_a_sentence(name: str, seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(ACCEPTED[name])
    for _ in range(chance.randint(1, 12)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    try:
        stored(bytes(content[: chance.randint(len(content) // 2, len(content))]))
    except Refused as error:
        assert error.args[0] in {NOT_AN_IMAGE, DAMAGED, TOO_MANY_PIXELS}


def test_at_most_ten_mebibytes_and_one_byte_are_read() -> None:
    class Endless(ContentFile[bytes]):
        asked = 0

        def read(self, num_bytes: int | None = None) -> bytes:
            assert num_bytes is not None
            self.asked += num_bytes
            return b"\0" * num_bytes

    file = Endless(b"")
    with pytest.raises(Refused):
        cleaned(file)
    assert file.asked == images.MAX_BYTES + 1


def test_a_file_that_a_form_has_looked_at_is_read_from_its_beginning() -> None:
    file = SimpleUploadedFile("photo.jpg", ACCEPTED["plain JPEG"])
    file.read()
    assert cleaned(file).size > 0
