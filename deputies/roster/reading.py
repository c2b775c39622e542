"""From the cells of a workbook to rows with verdicts. The database is not asked here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from accounts.errors import Refused
from deputies.roster import values
from deputies.roster.headers import Block, Header, field_of, find_header, level_in_title, word_of
from deputies.roster.opening import Sheet
from deputies.roster.people import people
from deputies.roster.rows import Problem, Roster, RosterRow
from deputies.roster.values import Cell


def roster(sheets: Sequence[Sheet], name: str, today: date) -> Roster:
    rows: list[RosterRow] = []
    notes: list[str] = []
    for sheet in sheets:
        if sheet.hidden:
            notes.append(f"隐藏工作表“{sheet.name}”没有读取；如需导入，请取消隐藏。")
            continue
        header = find_header(sheet)
        if header is None:
            if any(values.text(cell) for row in sheet.rows for cell in row):
                notes.append(f"工作表“{sheet.name}”没有找到带“姓名”的表头，没有读取。")
            continue
        notes.extend(header.notes)
        found = [row for block in header.blocks for row in _rows(sheet, header, block, notes, today)]
        rows.extend(sorted(found, key=lambda row: row.row))
    if not rows:
        raise Refused(
            f"文件“{name}”里没有找到名册：要有一行表头，写明“姓名”和“性别”“出生年月”等列，下面是代表。" + "".join(notes)
        )
    checked, grouped = people(rows)
    return Roster(name, tuple(checked), tuple(grouped), tuple(notes))


_FILLED_BY_MERGE = ("delegation", "constituency", "level", "station", "group")
_SUBTOTAL = re.compile(r"(?:本页|本表|其中)?(?:小计|合计|总计|共计|累计|计)(?:[:：]?\d*[名人位]?)?|共\d+[名人位]")
_FOOTER = re.compile(
    r"备注|注[:：]|说明|填表|制表|审核|审签|单位负责人|负责人|填报|报送|盖章|[（(]盖章|打印|联系人|统计|截止|截至|第\d+页"
)
_COUNT = re.compile(r"[（(]?(?:共)?[\d一二三四五六七八九十百]+[名人位席][)）]?$")
_SECTION = re.compile(r".{0,30}(?:代表团|代表小组|镇|乡|街道|办事处|开发区|示范区|工委)")


@dataclass
class _Context:
    level: tuple[str, ...]
    delegation: str = ""
    constituency: str = ""


def _rows(sheet: Sheet, header: Header, block: Block, notes: list[str], today: date) -> Iterator[RosterRow]:
    context = _Context(header.level)
    merged = _merged_values(sheet, block)
    name_column = block.columns["name"]
    known = {*block.columns.values(), *block.ticked.values()}
    for index in range(header.first_data, len(sheet.rows)):
        cells = sheet.rows[index]
        computed = bool(sheet.formulas) and (index, name_column) in sheet.formulas
        filled = [column for column, cell in enumerate(cells) if cell != "" and cell is not None]
        here = [column for column in filled if block.left <= column < block.right]
        if len(filled) == 1 and not computed and _is_heading(values.text(cells[filled[0]]), context):
            continue
        if not here and not computed:
            continue
        first = values.text(cells[here[0]]) if here else ""
        name_cell = values.text(cells[name_column]) if name_column < len(cells) else ""
        if _SUBTOTAL.fullmatch(first.replace(" ", "")) or _SUBTOTAL.fullmatch(name_cell.replace(" ", "")):
            continue
        is_footer = _FOOTER.match(first) and (not name_cell or "：" in first or ":" in first)
        if is_footer or ("名" in name_cell and field_of(word_of(name_cell)) == "name"):
            continue
        if len(here) == 1 and not computed:
            if _is_heading(first, context):
                continue
            if here[0] not in known or (name_cell and not values.is_name(values.name(name_cell)[0])):
                if not first.isdigit():
                    shown = values.without_identity_numbers(first)[0][:20]
                    notes.append(f"工作表“{sheet.name}”第{index + 1}行“{shown}”不是代表信息，没有读取。")
                continue
        yield _row(sheet, index, block, context, merged, today)


def _is_heading(line: str, context: _Context) -> bool:
    """第一代表团（14名）, 城关镇(12名), 县级代表: a line on its own that speaks for the rows below it."""
    title = _COUNT.sub("", line.rstrip(":：")).strip()
    level = level_in_title(title) if title.endswith("代表") else ()
    if level:
        context.level = level
    elif title.endswith("选区") and len(title) <= 30:
        context.constituency = title
    elif _SECTION.fullmatch(title):
        context.delegation, context.constituency = title, ""
    else:
        return False
    return True


def _merged_values(sheet: Sheet, block: Block) -> dict[tuple[int, int], Cell]:
    """Values of cells merged downwards, for the columns where a merged cell means "the same for all these"."""
    columns = {block.columns[key] for key in _FILLED_BY_MERGE if key in block.columns}
    filled: dict[tuple[int, int], Cell] = {}
    for (top, left), (bottom, right) in sheet.merged:
        if bottom > top and left == right and left in columns and top < len(sheet.rows) and left < len(sheet.rows[top]):
            below = range(top + 1, min(bottom + 1, len(sheet.rows)))
            filled.update({(row, left): sheet.rows[top][left] for row in below})
    return filled


_LIMITS = {
    "ethnicity": ("民族", 20),
    "party": ("政治面貌", 20),
    "education": ("文化程度", 20),
    "work_unit_and_post": ("工作单位及职务", 120),
    "occupation": ("职业", 40),
    "constituency": ("选区", 60),
    "card_number": ("代表证号", 30),
}
_NAME_LIMIT = 40
_COMPUTED = {"birth": "出生年月", "sex": "性别", "level": "代表层级", "unit": "工作单位", "phone": "联系电话"}


def _row(
    sheet: Sheet, index: int, block: Block, context: _Context, merged: dict[tuple[int, int], Cell], today: date
) -> RosterRow:
    cells = sheet.rows[index]
    columns = block.columns
    problems: list[Problem] = []

    def refuse(why: str) -> None:
        problems.append(Problem("refused", why))

    def doubt(why: str) -> None:
        if why:
            problems.append(Problem("doubtful", why))

    def raw(key: str) -> Cell:
        column = columns.get(key)
        if column is None or column >= len(cells):
            return None
        value = cells[column]
        return merged.get((index, column), value) if value in ("", None) else value

    def line(key: str) -> str:
        if key not in columns:
            return ""
        typed = values.text(raw(key))
        if len(typed) < values.IDENTITY_NUMBER_LENGTH:
            return typed
        kept, dropped = values.without_identity_numbers(typed)
        if dropped:
            doubt("单元格里有身份证号，已略去。")
        return kept

    if sheet.formulas:
        for key, label in _COMPUTED.items():
            if key in columns and (index, columns[key]) in sheet.formulas and raw(key) in ("", None):
                doubt(f"“{label}”是公式且没有结果，未取值；请粘贴为数值。")
    name, sex_in_name, ethnicity_in_name = values.name(line("name"))
    _check_name(name, (index, columns["name"]) in sheet.formulas, refuse, doubt)

    sex_line = line("sex")
    sex = values.sex(sex_line)
    if sex is None:
        refuse(f"性别“{sex_line[:10]}”只能是男或女，请改正。")
    elif sex and sex_in_name and sex != sex_in_name:
        doubt("姓名里注明的性别与“性别”列不同，按“性别”列，请核对。")

    year, month = None, None
    try:
        year, month, why = values.birth(raw("birth"), today)
        doubt(why)
    except values.NoSuchMonth:
        shown = values.without_identity_numbers(values.text(raw("birth")))[0][:20]
        refuse(f"出生年月“{shown}”不是有效的年月，请写成“1975.06”这样的形式。")

    level_line = line("level")
    levels = values.levels(level_line)
    if levels is None:
        refuse(f"代表层级“{level_line[:10]}”不存在，请填全国、省级、市级、县级或乡镇级。")
    ticks = {level: values.text(cells[column]) for level, column in block.ticked.items() if column < len(cells)}
    ticked = [level for level, tick in ticks.items() if values.yes(tick)]
    levels = levels or tuple(level for level in values.LEVELS if level in ticked) or context.level

    ordinal_line = line("ordinal")
    ordinal = values.number(ordinal_line) if ordinal_line else None
    if ordinal_line and ordinal is None:
        doubt(f"届次“{ordinal_line[:10]}”没有看懂，席位记入在任的一届。")

    phone, why = values.phone(raw("phone"))
    if not phone:
        other, _ = values.phone(raw("office_phone"))
        phone, why = other, why if not other or why else ""
    doubt(why)
    consent_line = line("consent")
    consent = values.yes(consent_line)
    if consent_line and consent is None:
        doubt(f"同意公开“{consent_line[:10]}”没有看懂，按没有同意处理。")

    unit, post = line("unit"), line("post")
    found = RosterRow(
        sheet.name,
        index + 1,
        name,
        sex or sex_in_name,
        values.ethnicity(line("ethnicity")) or ethnicity_in_name,
        year,
        month,
        values.party(line("party")),
        values.education(line("education")),
        unit if post in unit else f"{unit}{post}",
        line("occupation"),
        levels,
        ordinal,
        line("constituency") or context.constituency,
        line("delegation") or context.delegation,
        phone,
        consent,
        line("station"),
        line("group"),
        line("card"),
        "补选" in line("elected"),
    )
    for attribute, (label, limit) in _LIMITS.items():
        if len(getattr(found, attribute)) > limit:
            refuse(f"“{label}”超过{limit}字，请缩短。")
    return replace(found, problems=tuple(dict.fromkeys(problems))) if problems else found


def _check_name(name: str, is_formula: bool, refuse: Callable[[str], None], doubt: Callable[[str], None]) -> None:
    if is_formula:
        refuse("“姓名”是公式，不是文字；请粘贴为数值后再导入。")
    elif not name:
        refuse("没有填姓名，请补上。")
    elif not values.is_name(name) or len(name) > _NAME_LIMIT:
        refuse("“姓名”里有姓名不会有的字符，或长度超过40字，请改正。")
    elif values.has_private_characters(name):
        doubt("姓名里有自造字，别的电脑显示不出，请改用标准字。")
