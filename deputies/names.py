"""The two orders of a list of names. Tables of thousands of characters: loaded at the first name, not at the start."""

from __future__ import annotations

from functools import lru_cache

# Read otherwise as a surname than in other words.
SURNAMES = {
    "曾": "zeng1", "单": "shan4", "仇": "qiu2", "解": "xie4", "查": "zha1", "盖": "ge3", "区": "ou1", "任": "ren2",
    "华": "hua4", "翟": "zhai2", "乐": "yue4", "朴": "piao2", "缪": "miao4", "尉": "wei4", "宁": "ning4", "纪": "ji3",
    "覃": "qin2", "郇": "xun2", "员": "yun4", "种": "chong2", "冼": "xian3", "黑": "he4", "秘": "bi4", "折": "she2",
    "葛": "ge3", "卜": "bu3", "召": "shao4", "么": "yao1", "那": "na1", "谌": "chen2", "燕": "yan1", "应": "ying1",
    "过": "guo1", "哈": "ha3", "柏": "bai3", "盛": "sheng4", "干": "gan1", "褚": "chu3", "繁": "po2",
    "沈": "shen3", "车": "che1", "阚": "kan4", "句": "gou1", "郗": "xi1", "翁": "weng1", "石": "shi2", "强": "qiang2",
}  # fmt: skip
COMPOUND = {
    "尉迟": ("yu4", "chi2"), "单于": ("chan2", "yu2"), "万俟": ("mo4", "qi2"), "澹台": ("tan2", "tai2"),
    "长孙": ("zhang3", "sun1"), "令狐": ("ling2", "hu2"), "夏侯": ("xia4", "hou2"), "皇甫": ("huang2", "fu3"),
}  # fmt: skip


@lru_cache(maxsize=4096)
def _strokes(character: str) -> int:
    from strokes import strokes

    return int(strokes(character) or 0)


def by_strokes(name: str) -> str:
    """Sort key of 姓名笔划: character by character the strokes, then the character itself, which keeps a surname together.

    A shorter name comes before a longer one that begins with it.
    """
    return " ".join(f"{_strokes(character):02d}{character}" for character in name[:14])


def by_pinyin(name: str) -> str:
    """Sort key of 拼音, surnames read as surnames (单 shàn, 曾 zēng)."""
    from pypinyin import Style, lazy_pinyin

    syllables = lazy_pinyin(name[:20], style=Style.TONE3, neutral_tone_with_five=True)
    if name[:2] in COMPOUND:
        syllables[:2] = COMPOUND[name[:2]]
    elif name[:1] in SURNAMES:
        syllables[0] = SURNAMES[name[0]]
    return " ".join(syllables)[:120]
