"""What one cell of a roster means: pure functions from what people type to one normal form."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache

Cell = str | float | bool | date | None

LEVELS = ("nation", "province", "city", "county", "township")
LEVEL_NAMES = {"nation": "全国", "province": "省级", "city": "市级", "county": "县级", "township": "乡镇级"}
EARLIEST_BIRTH = 1900
VOTING_AGE = 18
IDENTITY_NUMBER_LENGTH = 15

_INVISIBLE: dict[int, str | None] = dict.fromkeys(
    (*range(0x20), 0x7F, 0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF)
)
_SPACES: dict[int, str | None] = dict.fromkeys(
    (*range(0x9, 0xE), 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000), " "
)
_NARROW = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_CLEAN = _INVISIBLE | _SPACES
_BRACKETS = str.maketrans("()", "（）")
_DOTS = str.maketrans(dict.fromkeys("•‧∙⋅・･．●", "·"))
_HAN = r"㐀-䶿一-鿿豈-﫿\U00020000-\U000323AF〇"
_HAN_CHARACTER = re.compile(f"[{_HAN}]")
_SPACE_BY_HAN = re.compile(rf"(?<=[{_HAN}·]) +(?=[{_HAN}·])")
_NAME = re.compile(rf"[{_HAN}\ue000-\uf8ffA-Za-zÀ-ɏ· '\ufe00-\ufe0f\U000e0100-\U000e01ef\U000f0000-\U0010fffd]+")
_PLAIN_NAME = re.compile(r"[一-鿿]{2,4}")
_LATIN_DOT = re.compile(rf"(?<=[{_HAN}A-Za-z])[.．](?=[{_HAN}A-Za-z])")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_IDENTITY_NUMBER = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15,17})(?!\d)")
_IN_BRACKETS = re.compile(r"[（(\[【]([^（()）\[\]【】]*)[)）\]】]")


def text(value: Cell) -> str:
    """The cell as one clean line: no control, zero-width or direction marks, half-width digits and letters.

    Chinese punctuation stays; brackets become full-width beside Chinese, so that one unit has one spelling.
    """
    if isinstance(value, str):
        return _line(value) if value else ""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return value.isoformat()


@lru_cache(8192)
def _line(value: str) -> str:
    line = " ".join(value.translate(_CLEAN).translate(_NARROW).split())
    return line.translate(_BRACKETS) if _HAN_CHARACTER.search(line) else line


@lru_cache(8192)
def without_identity_numbers(line: str) -> tuple[str, bool]:
    """Identity numbers typed into another column are dropped (个人信息保护法 art. 6); says whether there was one."""
    kept, found = _IDENTITY_NUMBER.subn("", line)
    return kept.strip(), bool(found)


def compact(line: str) -> str:
    """For comparison only: compatibility forms folded, no spaces."""
    return unicodedata.normalize("NFKC", line).replace(" ", "")


@lru_cache(8192)
def name(line: str) -> tuple[str, str, str]:
    """(name, sex, ethnicity): published lists write both in brackets, 张三（女，回族）."""
    if _PLAIN_NAME.fullmatch(line):
        return line, "", ""
    sex_found = ethnicity_found = ""
    for inside in _IN_BRACKETS.findall(line):
        for word in re.split(r"[，,、;； ]+", inside.strip()):
            if word in ("男", "女"):
                sex_found = "male" if word == "男" else "female"
            elif ethnicity(word) in _ETHNIC_GROUPS:
                ethnicity_found = ethnicity(word)
            elif word:
                return line, "", ""
    bare = _IN_BRACKETS.sub("", line).translate(_DOTS)
    bare = _LATIN_DOT.sub("·", unicodedata.normalize("NFKC", bare))
    return _SPACE_BY_HAN.sub("", " ".join(bare.split())), sex_found, ethnicity_found


def is_name(line: str) -> bool:
    return bool(_NAME.fullmatch(line))


def has_private_characters(line: str) -> bool:
    """造字区: such a character shows on the machine that drew it and nowhere else."""
    return bool(_PRIVATE_USE.search(line))


_SEXES = {"": "", "男": "male", "男性": "male", "1": "male", "女": "female", "女性": "female", "2": "female"}


@lru_cache(64)
def sex(line: str) -> str | None:
    """None where the word is no sex."""
    return _SEXES.get(compact(line))


@lru_cache(64)
def yes(line: str) -> bool | None:
    word = compact(line).lower()
    if word in {"是", "√", "✓", "✔", "☑", "1", "y", "yes", "同意", "愿意", "公开", "有"}:
        return True
    return False if word in {"否", "×", "✗", "☐", "0", "n", "no", "不同意", "不公开", "无"} else None


_PEOPLES = """
汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西
景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安
裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺
"""
_ETHNIC_GROUPS = frozenset(f"{people}族" for people in _PEOPLES.split())


@lru_cache(256)
def ethnicity(line: str) -> str:
    word = compact(line)
    return f"{word}族" if f"{word}族" in _ETHNIC_GROUPS else word


_PARTIES = {
    "中共党员": "中共 党员 中国共产党 中国共产党员 中国共产党党员 共产党员 中共正式党员",
    "中共预备党员": "预备党员",
    "共青团员": "团员 共青团 中国共产主义青年团团员",
    "民革党员": "民革 民革会员 中国国民党革命委员会",
    "民盟盟员": "民盟 中国民主同盟 民盟会员",
    "民建会员": "民建 中国民主建国会",
    "民进会员": "民进 中国民主促进会",
    "农工党党员": "农工党 农工民主党 中国农工民主党 农工党员 农工党会员",
    "致公党党员": "致公党 中国致公党 致公党员",
    "九三学社社员": "九三 九三学社 九三社员",
    "台盟盟员": "台盟 台湾民主自治同盟",
    "无党派人士": "无党派 无党派民主人士 无党派代表人士",
    "群众": "普通群众 非党 非中共党员",
}
_PARTY = {word: normal for normal, words in _PARTIES.items() for word in (normal, *words.split())}
_EDUCATIONS = {
    "研究生": "硕士 博士 硕士研究生 博士研究生 研究生学历 在职研究生 研究生班 党校研究生",
    "大学": "本科 大学本科 大本 本科学历 在职大学 全日制本科 大学学历 中央党校大学 党校大学",
    "大专": "专科 大学专科 专科学历 在职大专 高职 大专学历",
    "中专": "中技 技校 职高 中等专科 中专学历",
    "高中": "高中学历",
    "初中": "初中学历",
    "小学": "小学学历",
}
_EDUCATION = {word: normal for normal, words in _EDUCATIONS.items() for word in (normal, *words.split())}


@lru_cache(256)
def party(line: str) -> str:
    return _PARTY.get(compact(line), line)


@lru_cache(256)
def education(line: str) -> str:
    return _EDUCATION.get(compact(line), line)


_LEVEL_WORDS = {
    "nation": "全国 全国级 国家 国家级",
    "province": "省 省级 自治区 自治区级 直辖市 直辖市级",
    "city": "市 市级 设区的市 设区市 地级市 州 州级 自治州",
    "county": "县 县级 区 区级 县区 县区级 县市区 县级市 旗 市辖区 自治县",
    "township": "乡 乡级 镇 镇级 乡镇 乡镇级 民族乡",
}
_LEVEL = {word: level for level, words in _LEVEL_WORDS.items() for word in words.split()}
_RUN_TOGETHER = re.compile(r"(?:全国|省|市|县|区|乡镇|乡|镇){2,5}")


@lru_cache(256)
def levels(line: str) -> tuple[str, ...] | None:
    """县乡, 市、县 and the like are several seats, highest first; () if nothing is said; None if a word is no level."""
    line = compact(line)
    if not line:
        return ()
    if "县（市" in line or "县(市" in line:
        line = re.sub(r"县[(（]市[、,，]?区?[)）]", "县", line)
    found: set[str] = set()
    for part in re.split(r"[、,，;；/+＋和及与]", line):
        word = re.sub(r"(?:人民代表大会|人大)?(?:代表)?$", "", part)
        if word in _LEVEL:
            found.add(_LEVEL[word])
            continue
        run = re.sub(r"(?:[两二三四五双])?级$", "", word)
        if not _RUN_TOGETHER.fullmatch(run):
            return None
        found.update(_LEVEL[piece] for piece in re.findall("全国|乡镇|.", run))
    return tuple(level for level in LEVELS if level in found)


_DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}


@lru_cache(512)
def number(line: str) -> int | None:
    """第十六届, 16, 一百零三."""
    word = re.sub(r"[第届届次 ]", "", compact(line))
    if word.isascii() and word.isdigit():
        return int(word)
    if not word or any(character not in _DIGITS and character not in "十百" for character in word):
        return None
    total = last = 0
    for character in word:
        if character in "十百":
            total += (last or 1) * (10 if character == "十" else 100)
            last = 0
        else:
            last = _DIGITS[character]
    return total + last


_YEAR_MONTH = re.compile(r"(\d{2}|\d{4})(?:[.\-/·、,，年 ]+(\d{1,2})?月?(?:[.\-/ ,，]*\d{1,2}日?)?)?(?:出?生)?")
_RUN_OF_DIGITS = re.compile(r"(\d{4})(\d{2})(?:\d{2})?")
_CHINESE_DATE = re.compile(
    r"([零〇○一二三四五六七八九]{4}|[零〇○一二三四五六七八九]{2})年(?:([一二三四五六七八九十]{1,3})月)?"
    r"(?:[一二三四五六七八九十]{1,3}日)?(?:出?生)?"
)
_SERIAL_DAYS = range(3654, 47848)
_EPOCH = date(1899, 12, 30)


class NoSuchMonth(ValueError):
    """What stands in the cell is no year and month."""


def birth(value: Cell, today: date) -> tuple[int | None, int | None, str]:
    """(year, month, doubt): month None where only the year is sure; raises NoSuchMonth.

    1975.10 typed as a number is kept by the sheet as 1975.1, so month "1" from a number may be January or October.
    """
    if isinstance(value, date):
        return _plausible(value.year, value.month, today)
    if isinstance(value, float):
        if value.is_integer() and int(value) in _SERIAL_DAYS:
            day = _EPOCH + timedelta(days=int(value))
            return _plausible(day.year, day.month, today)
        if re.fullmatch(r"\d{2,4}\.1", repr(value)):
            year, _, _ = _plausible(_century(int(value), today), None, today)
            shown = f"“{value!r}”是数字，1月和10月分不清"
            return year, None, f"出生年月{shown}，只记年份；请改成文字“{year}.01”或“{year}.10”。"
    line = text(value)
    return _birth_line(line, today) if line else (None, None, "")


@lru_cache(8192)
def _birth_line(line: str, today: date) -> tuple[int | None, int | None, str]:
    word = unicodedata.normalize("NFKC", line)
    if match := _RUN_OF_DIGITS.fullmatch(word):
        return _plausible(int(match[1]), int(match[2]), today)
    if match := _YEAR_MONTH.fullmatch(word):
        return _plausible(_century(int(match[1]), today), int(match[2]) if match[2] else None, today)
    if match := _CHINESE_DATE.fullmatch(word):
        year = int("".join(str(_DIGITS[character]) for character in match[1]))
        return _plausible(_century(year, today), number(match[2]) if match[2] else None, today)
    raise NoSuchMonth(line)


def _century(year: int, today: date) -> int:
    """75 is 1975, 05 is 2005: the latest century in which the person may sit."""
    if year >= 100:
        return year
    return 2000 + year if 2000 + year <= today.year - VOTING_AGE else 1900 + year


def _plausible(year: int, month: int | None, today: date) -> tuple[int, int | None, str]:
    if not EARLIEST_BIRTH <= year <= today.year or (month is not None and not 1 <= month <= 12):
        raise NoSuchMonth(f"{year}.{month}")
    young = (year + VOTING_AGE, month or 1) > (today.year, today.month)
    return year, month, f"按出生年月{year}年，本人未满{VOTING_AGE}周岁，请核对。" if young else ""


_WELL_FORMED = re.compile(r"1[0-9]{10}")
_MOBILE = re.compile(r"(?:\+?86|0086)?(1\d{10})")
_LANDLINE = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))(\d{7,8})")
_SHORT = re.compile(r"\d{3,8}")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_LOST_DIGITS = 100_000


def phone(value: Cell) -> tuple[str, str]:
    """(number, doubt): the first mobile number, else the first landline, else a short number.

    A *number* that ends in five zeros is what 1.38E+10 leaves once a sheet has rounded it: the digits are gone.
    """
    if isinstance(value, float):
        if value.is_integer() and value > 1e10 and int(value) % _LOST_DIGITS == 0:
            return "", "联系电话被表格按科学记数法截断，末几位已丢失，未记电话；请改成文字格式重新填写。"
        return _phone_line(text(value))
    if not isinstance(value, str):
        return "", ""
    return (value, "") if _WELL_FORMED.fullmatch(value) else _phone_line(value)


@lru_cache(8192)
def _phone_line(line: str) -> tuple[str, str]:
    whole = unicodedata.normalize("NFKC", line.translate(_CLEAN)).strip().lstrip("'`’‘")
    if not whole:
        return "", ""
    if _SCIENTIFIC.fullmatch(whole):
        return "", "联系电话被表格按科学记数法截断，末几位已丢失，未记电话；请改成文字格式重新填写。"
    found: dict[str, str] = {}
    pieces = re.split(r"[/、;,，;|或]+", whole)
    if len(pieces) == 1 and len(re.sub(r"\D", "", whole)) > 15:
        pieces = whole.split()
    for piece in pieces:
        digits = re.sub(r"[\s()（）.·‐-―−_-]", "", re.sub(r"(?:转|分机|ext).*$", "", piece))
        if match := _MOBILE.fullmatch(digits):
            found.setdefault("mobile", match[1])
        elif match := _LANDLINE.fullmatch(digits):
            found.setdefault("landline", f"{match[1]}-{match[2]}")
        elif _SHORT.fullmatch(digits):
            found.setdefault("short", digits)
    best = found.get("mobile") or found.get("landline") or found.get("short") or ""
    return best, "" if best else "联系电话不是有效的手机号或固定电话，未记电话；请核对。"
