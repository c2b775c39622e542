"""What tells who somebody is, found in a text (个人信息保护法 art. 25, 28; security.md, T28). Pure."""

from __future__ import annotations

import re

GAP = r"[\s\-–—.·]*"
MOBILE = re.compile(r"(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)")
LONG = re.compile(r"(?<!\d)(?:\d{6}[\s-]?\d{8}[\s-]?\d{3}[\dXx]|\d{15,19})(?!\d)")
# Letter by letter, so that what is found in the narrow text stands at the same place in the one that was typed.
NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
# What a desk writes where nobody gave a name.
NO_NAMES = frozenset({"群众", "居民", "村民", "职工", "企业", "匿名", "不详", "代表", "网友"})
LEAST_DIGITS = 7


def personal(text: str, *, name: str = "", phone: str = "") -> str:
    """What stands in the text that must not, in words for the one who wrote it; empty if nothing does."""
    narrow = text.translate(NARROW)
    for label, pattern in _patterns(name, phone):
        found = pattern.search(narrow)
        if found:
            return f"{label}“{found.group(0)}”"
    return ""


def masked(text: str, *, name: str = "", phone: str = "") -> str:
    """The text with the same places blotted out."""
    for _, pattern in _patterns(name, phone):
        narrow = text.translate(NARROW)
        for found in reversed(list(pattern.finditer(narrow))):
            text = text[: found.start()] + "＊＊" + text[found.end() :]
    return text


def _patterns(name: str, phone: str) -> list[tuple[str, re.Pattern[str]]]:
    patterns = [("像证件号或卡号的号码", LONG), ("手机号", MOBILE)]
    digits = [ch for ch in phone.translate(NARROW) if ch.isdigit()]
    if len(digits) >= LEAST_DIGITS:
        patterns.append(("反映人的电话", re.compile(GAP.join(digits))))
    letters = "".join(name.translate(NARROW).split())
    if len(letters) > 1 and letters not in NO_NAMES:
        patterns.append(("反映人的姓名", re.compile(r"\s*".join(map(re.escape, letters)), re.IGNORECASE)))
    return patterns
