"""Finding the header of a sheet by the names of its columns: in any row, over two rows, in tables side by side."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from deputies.roster import values
from deputies.roster.opening import Sheet
from deputies.roster.values import Cell

HEADER_WITHIN = 30

_FIELDS = {
    "name": "姓名 代表姓名 人大代表姓名 名字",
    "sex": "性别",
    "ethnicity": "民族 族别",
    "birth": "出生年月 出生日期 出生时间 出生年月日 出生 生日 出生年份",
    "party": "政治面貌 党派 政党 党派团体 所属党派",
    "education": "学历 文化程度 最高学历 学历学位 教育程度 文化水平",
    "unit": "工作单位及职务 单位及职务 工作单位职务 单位职务 工作单位及职务职称 现工作单位及职务 工作单位 单位",
    "post": "职务 现任职务 职务职称 行政职务",
    "occupation": "职业 界别 职业界别 职业构成 代表结构 代表构成 身份 身份类别",
    "level": "代表层级 层级 代表级别 级别 代表层次 任职层级",
    "ordinal": "届次 届别 届数",
    "constituency": "选区 选举单位 选举单位或选区 选区或选举单位 选区选举单位 选举单位选区 "
    "选区名称 所在选区 所属选区 当选选区 原选举单位",
    "delegation": "代表团 所在代表团 所属代表团 代表团名称",
    "phone": "联系电话 电话 手机 手机号 手机号码 联系方式 电话号码 联系手机 移动电话 本人电话 联系号码 手机电话",
    "office_phone": "办公 办公电话 座机 固定电话 办公室电话 单位电话",
    "consent": "同意公开 同意公开电话 公开电话 电话公开 电话同意公开 同意公开手机 同意公开手机号 "
    "同意公开联系电话 同意公开本人电话",
    "station": "联络站 所属联络站 所在联络站 进驻联络站 代表联络站 联络站名称 所属代表联络站 进站",
    "group": "代表小组 所属小组 小组 所在小组 所属代表小组 代表小组名称",
    "card": "代表证号 代表证编号 代表证号码 证号 代表证",
    "elected": "当选方式 当选类型 产生方式",
    "": "序号 编号 籍贯 出生地 学位 职称 参加工作时间 入党时间 是否连任 连任 备注 说明 邮箱 通讯地址 毕业院校 年龄",
}
_FIELD = {word: key for key, words in _FIELDS.items() for word in words.split()}
_PRIVATE = re.compile(r"身份证|证件号|公民身份|住址|住所|家庭地址|银行|账号")
_SERIAL = {"序号", "编号"}


@dataclass(frozen=True)
class Block:
    """One table of columns; a sheet may hold two side by side."""

    left: int
    right: int
    columns: dict[str, int]
    ticked: dict[str, int]


@dataclass(frozen=True)
class Header:
    first_data: int
    blocks: tuple[Block, ...]
    level: tuple[str, ...]
    notes: list[str] = field(default_factory=list)


def word_of(cell: Cell) -> str:
    line = unicodedata.normalize("NFKC", values.text(cell))
    return re.sub(r"[\s*:：、，,/()\[\]和与及]*", "", re.sub(r"\([^)]*\)$", "", line.replace(" ", "")) or line)


_FIELD_FOLDED = {word_of(word): key for word, key in _FIELD.items()}


def field_of(word: str) -> str | None:
    if _PRIVATE.search(word):
        return ""
    return _FIELD_FOLDED.get(word) or _FIELD_FOLDED.get(word.replace("是否", ""))


def find_header(sheet: Sheet) -> Header | None:
    best, at = 0, -1
    for index, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        keys = [field_of(word_of(cell)) for cell in row if values.text(cell)]
        score = sum(key is not None for key in keys)
        if "name" in keys and (score >= 2 or len(keys) == 1) and score > best:
            best, at = score, index
    if at < 0:
        return None
    above = [values.text(cell) for row in sheet.rows[:at] for cell in row if values.text(cell)]
    words = [word_of(cell) for cell in sheet.rows[at]]
    fields, ticked, depth, unknown = _keys(sheet, at, words)
    level = next((found for line in (sheet.name, *above) if (found := level_in_title(line))), ())
    notes = [f"工作表“{sheet.name}”的“{word}”列不导入。" for word in dict.fromkeys(unknown)]
    return Header(at + depth, tuple(_blocks(words, fields, ticked)), level, notes)


def _keys(sheet: Sheet, at: int, words: list[str]) -> tuple[dict[int, str], dict[int, str], int, list[str]]:
    """Field by column, ticked level by column, header rows taken, columns not taken over."""
    below = [word_of(cell) for cell in sheet.rows[at + 1]] if at + 1 < len(sheet.rows) else []
    below += [""] * (len(words) - len(below))
    words += [""] * (len(below) - len(words))
    name_columns = {column for column, word in enumerate(words) if field_of(word) == "name"}
    leaves = {column: leaf for column, leaf in enumerate(below) if leaf}
    merged_tops = {left for (top, left), (bottom, _) in sheet.merged if top == at and bottom > at}
    two = (
        bool(leaves)
        and not name_columns & leaves.keys()
        and all(field_of(leaf) is not None or values.levels(leaf) for leaf in leaves.values())
    )
    two = two or bool(name_columns & merged_tops)
    keys: dict[int, str] = {}
    ticked: dict[int, str] = {}
    unknown: list[str] = []
    top = ""
    for column, word in enumerate(words):
        top = word or top
        leaf = leaves.get(column, "") if two else ""
        if not word and not leaf:
            continue
        if leaf and field_of(top) == "level" and (level := values.levels(leaf)):
            ticked[column] = level[0]
            continue
        options = [leaf, top + leaf, top] if leaf else [word]
        key = next((found for option in options if (found := field_of(option)) is not None), None)
        if key:
            keys[column] = key
        elif key is None or _PRIVATE.search(leaf or word):
            unknown.append(leaf or word)
    return keys, ticked, 2 if two else 1, unknown


def _blocks(words: list[str], keys: dict[int, str], ticked: dict[int, str]) -> Iterator[Block]:
    names = [column for column, key in keys.items() if key == "name"]
    starts = [0]
    for before, column in zip(names, names[1:], strict=False):
        serial = [other for other in range(before + 1, column) if words[other] in _SERIAL]
        starts.append(serial[-1] if serial else column)
    for left, right in zip(starts, [*starts[1:], max([*keys, *ticked]) + 1], strict=True):
        columns: dict[str, int] = {}
        for column, key in keys.items():
            if left <= column < right:
                columns.setdefault(key, column)
        yield Block(left, right, columns, {level: column for column, level in ticked.items() if left <= column < right})


_TITLE_LEVEL = re.compile(
    r"(全国|省级?|自治区级?|[设地]?[区级]?的?市级|县\(?市?区?\)?级|县级|区级|乡镇级?|乡级|镇级|乡\(镇\)级?)(?:人大|人民代表大会)?代表"
)


def level_in_title(line: str) -> tuple[str, ...]:
    """屯子镇联络站市级代表登记表. 某县第十六届人民代表大会代表名册 names no level: the region decides."""
    match = _TITLE_LEVEL.search(unicodedata.normalize("NFKC", line).replace(" ", ""))
    return values.levels(re.sub(r"[()]", "", match[1])) or () if match else ()
