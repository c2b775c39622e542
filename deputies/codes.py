"""Printed codes: what stands in them, and their picture."""

from __future__ import annotations

import base64
import secrets
from itertools import groupby

QUIET_ZONE = 4
RANDOM_BYTES = 16


def new_print_code() -> str:
    """128 random bits in 26 lower-case letters and digits (base32, so no 0, 1, 8 or 9 to misread)."""
    return base64.b32encode(secrets.token_bytes(RANDOM_BYTES)).decode().rstrip("=").lower()


def new_slug() -> str:
    """40 random bits: the address of a deputy tells neither how many there are nor who came when."""
    return base64.b32encode(secrets.token_bytes(5)).decode().lower()


def qr_svg(url: str) -> str:
    """The address as an SVG of one module per unit, without width and height: the style sheet or the printer sets them.

    One stroke for each run of dark modules: 2 kB where the library's own picture has 9 (performance.md, M6). White is
    drawn too, so that the code can be read on any ground.
    """
    matrix = _matrix(url)
    size = len(matrix)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path stroke="#000" d="{_runs(matrix)}"/></svg>'
    )


def qr_png(url: str, scale: int = 8) -> bytes:
    """The address as a black and white PNG of `scale` pixels a module."""
    from io import BytesIO

    from PIL import Image

    matrix = _matrix(url)
    size = len(matrix)
    picture = Image.new("1", (size, size), 1)
    picture.putdata([not dark for row in matrix for dark in row])
    file = BytesIO()
    picture.resize((size * scale, size * scale), Image.Resampling.NEAREST).save(file, "PNG", optimize=True)
    return file.getvalue()


def _matrix(url: str) -> list[list[bool]]:
    """Level M: a wall poster keeps readable with 15 % of it worn off."""
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(url)
    matrix: list[list[bool]] = code.get_matrix()
    return matrix


def _runs(matrix: list[list[bool]]) -> str:
    """Every dark run as a line through the middle of its row; steps inside a row are relative, hence short."""
    path: list[str] = []
    for y, row in enumerate(matrix):
        x, pen = 0, None
        for dark, run in groupby(row):
            length = sum(1 for _ in run)
            if dark:
                path.append(f"M{x} {y}.5h{length}" if pen is None else f"m{x - pen} 0h{length}")
                pen = x + length
            x += length
    return "".join(path)
