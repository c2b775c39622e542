"""PDF files by typst. The letter is passed as JSON: what people typed is never part of the source."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from accounts.errors import Refused
from suggestions.papers.letters import words

CONTENT_TYPE = "application/pdf"
TEMPLATES = Path(__file__).parent / "templates"
# 公文 fonts first, which an office may have installed on its server; then those that may be shipped.
SONG = ("方正小标宋简体", "FZXiaoBiaoSong-B05S", "Noto Serif CJK SC", "Source Han Serif SC", "SimSun")
FANG_SONG = ("仿宋_GB2312", "FangSong_GB2312", "FangSong", "STFangsong", *SONG[2:])
HEI = ("黑体", "SimHei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei")


@cache
def families() -> frozenset[str]:
    """The fonts of this machine: looked for once in a process, since that reads every font file."""
    import typst

    return frozenset(typst.Fonts(include_embedded_fonts=False).families())


def _fonts() -> dict[str, list[str]]:
    found = {
        name: [family for family in (*wanted, *HEI) if family in families()]
        for name, wanted in {"title": SONG, "body": FANG_SONG, "head": HEI}.items()
    }
    if not found["body"]:
        raise Refused(
            "服务器没有安装中文字体，暂时不能生成PDF。请先下载Word版打印，并请系统管理员安装 fonts-noto-cjk。"
        )
    return {name: chosen or found["body"] for name, chosen in found.items()}


def write(template: str, letter: Any, folder: Path = TEMPLATES) -> bytes:
    """The template set with the words of a letter. Raises Refused without a Chinese font, rather than print boxes."""
    fonts = _fonts()
    import typst

    data = json.dumps({"letter": words(letter), "fonts": fonts}, ensure_ascii=False)
    made = typst.compile(folder / f"{template}.typ", root=folder, sys_inputs={"data": data})
    assert isinstance(made, bytes)
    return made
