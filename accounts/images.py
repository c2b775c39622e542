"""Pictures from outside. What is kept is drawn anew from the pixels: nothing else of the file survives."""

from __future__ import annotations

import secrets
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile, File

from accounts.errors import Refused

if TYPE_CHECKING:
    from PIL import Image

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 25_000_000
LONGEST_SIDE = 1600
JPEG_QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP")

TOO_BIG = "这张图片超过10MB，请压缩后再上传。"
NOT_AN_IMAGE = "这个文件不是JPEG、PNG或WebP图片，请换一张照片再上传。"
TOO_MANY_PIXELS = "这张图片超过2500万像素，请缩小尺寸后再上传。"
DAMAGED = "这张图片已损坏，打不开。请重新拍照或另存一份再上传。"


def cleaned(file: File[Any]) -> ContentFile[bytes]:
    """The picture as it may be kept and shown: upright, at most 1600 pixels long, under a random name.

    JPEG, PNG and WebP are told by their content, of several frames the first is kept. Place, camera, comments, colour
    profile and anything hidden behind the picture are gone. With transparent parts it becomes a PNG, else a JPEG.
    Raises Refused for more than 10 MiB or 25 million pixels, for any other kind of file and for a damaged one.
    """
    file.seek(0)  # a form may have looked at it before
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Refused(TOO_BIG)
    picture = _drawn_anew(_opened(content))
    kind, options = ("png", {}) if picture.mode == "RGBA" else ("jpeg", {"quality": JPEG_QUALITY, "progressive": True})
    kept = BytesIO()
    picture.save(kept, kind, optimize=True, **options)
    return ContentFile(kept.getvalue(), name=f"{secrets.token_hex(16)}.{'png' if kind == 'png' else 'jpg'}")


def _opened(content: bytes) -> Image.Image:
    """The header only: how many pixels there are is known before any is unpacked."""
    from PIL import Image, UnidentifiedImageError

    try:
        picture = Image.open(BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise Refused(NOT_AN_IMAGE) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(TOO_MANY_PIXELS) from error
    except Exception as error:  # a forged header makes the decoders raise whatever they stumble over
        raise Refused(DAMAGED) from error
    if picture.width * picture.height > MAX_PIXELS:
        raise Refused(TOO_MANY_PIXELS)
    return picture


def _drawn_anew(picture: Image.Image) -> Image.Image:
    """RGB, or RGBA where something really is transparent: a screenshot's full alpha channel is not worth a PNG."""
    from PIL import ImageOps

    try:
        picture.draft(None, (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is unpacked at a half or a quarter at once
        upright = ImageOps.exif_transpose(picture)
        if upright.mode.startswith("I"):  # 16 bits of grey, which convert() cuts off instead of scaling
            upright = upright.point(lambda value: value * (1 / 256))
        drawn = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        if drawn.mode == "RGBA" and drawn.getchannel("A").getextrema()[0] == 255:
            drawn = drawn.convert("RGB")
    except Exception as error:
        raise Refused(DAMAGED) from error
    drawn.info.clear()  # else comment and colour profile are written again
    return drawn
