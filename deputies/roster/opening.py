"""Opening a stranger's workbook safely (security.md T17): the too big, encrypted or active is refused unread.

The cells themselves are read by a child process with bounded memory and time: the reader allocates a sheet as one
rectangle, so a file of a few kilobytes with a cell in the last corner would otherwise end the whole server process.
"""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

from accounts.errors import Refused
from deputies.roster.values import Cell

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED = 50 * 1024 * 1024
MAX_ENTRIES = 200
MAX_RATIO = 100
MAX_ROWS = 20_000
MAX_COLUMNS = 60
CHILD_SECONDS = 20
CHILD_BYTES = 512 * 1024 * 1024
_CHUNK = 256 * 1024

Corner = tuple[int, int]


@dataclass(frozen=True)
class Sheet:
    """Cells by zero-based row and column; `formulas` are the cells whose value the sheet computes."""

    name: str
    rows: list[list[Cell]]
    hidden: bool = False
    merged: list[tuple[Corner, Corner]] = field(default_factory=list)
    formulas: frozenset[Corner] = frozenset()


def sheets(content: bytes, name: str) -> list[Sheet]:
    """Raises Refused with a sentence that says what to do."""
    if len(content) > MAX_BYTES:
        raise Refused(f"文件“{name}”超过 5 MB，请删去图片和多余的工作表，另存后再导入。")
    if not content.strip():
        raise Refused(f"文件“{name}”是空的，请重新选择。")
    if content.startswith(b"PK"):
        return _xlsx(content, name)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(f"文件“{name}”加了密码，或是旧版格式（.xls、.et）；请去掉密码，另存为 .xlsx 后再导入。")
    return [_csv(content, name)]


_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, KeyError, NotImplementedError, ExpatError)


# --- xlsx ------------------------------------------------------------------------------------------------------------


def _xlsx(content: bytes, name: str) -> list[Sheet]:
    broken = Refused(f"文件“{name}”已损坏或不是 Excel 工作簿，请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_entries(package, name)
            with_formulas = _check_parts(package, name)
            formulas = _formulas(package, with_formulas) if with_formulas else {}
    except _BROKEN as error:
        raise broken from error
    except RuntimeError as error:
        raise Refused(f"文件“{name}”加了密码，请去掉密码后再导入。") from error
    answer = _ask_child(content, name)
    if "error" in answer:
        raise broken
    found = []
    for sheet in answer["sheets"]:
        if sheet["height"] > MAX_ROWS:
            raise Refused(
                f"工作表“{sheet['name']}”有 {sheet['height']} 行，超过 {MAX_ROWS} 行；请删去表尾空行，或拆成几个文件。"
            )
        if sheet["width"] > MAX_COLUMNS:
            raise Refused(
                f"工作表“{sheet['name']}”第 {MAX_COLUMNS} 列以后还有内容；名册不会这样宽，请删去右侧多余的内容。"
            )
        found.append(
            Sheet(
                sheet["name"],
                [[_cell(value) if type(value) not in _PLAIN else value for value in row] for row in sheet["rows"]],
                sheet["hidden"],
                [((top, left), (bottom, right)) for (top, left), (bottom, right) in sheet["merged"]],
                formulas.get(sheet["name"], frozenset()),
            )
        )
    return found


_NESTED = (".zip", ".xlsx", ".xlsm", ".xls", ".docx", ".doc", ".rar", ".7z", ".gz", ".bin", ".exe")


def _check_entries(package: zipfile.ZipFile, name: str) -> None:
    entries = package.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 1):
        raise Refused(f"文件“{name}”解压后过大，不像一份名册；请只保留名册工作表，另存后再导入。")
    for entry in entries:
        path = entry.filename.replace("\\", "/")
        if entry.flag_bits & 1:
            raise Refused(f"文件“{name}”加了密码，请去掉密码后再导入。")
        if path.startswith("/") or ":" in path or ".." in path.split("/"):
            raise Refused(f"文件“{name}”内部结构异常，不能导入；请用 Excel 或 WPS 打开，另存为 .xlsx。")
        lower = path.lower()
        if "vbaproject" in lower or "macrosheets" in lower:
            raise Refused(f"文件“{name}”带有宏，不能导入；请另存为不含宏的 .xlsx。")
        if "externallink" in lower:
            raise Refused(f"文件“{name}”链接到别的文件，不能导入；请在“数据—编辑链接”中断开链接，另存后再导入。")
        if lower.endswith(_NESTED) and not lower.startswith("xl/printersettings/"):
            raise Refused(f"文件“{name}”里嵌有别的文件，不能导入；请删去嵌入的对象，另存后再导入。")
    if "xl/workbook.xml" not in package.namelist():
        raise Refused(f"文件“{name}”不是 Excel 工作簿（.xlsx），请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。")


def _check_parts(package: zipfile.ZipFile, name: str) -> set[str]:
    """Refuses a document type declaration in any part; returns the worksheets that hold a formula."""
    declared = re.compile(rb"<!(?:DOCTYPE|ENTITY)|<\x00!\x00(?:D|E)\x00|\x00<\x00!\x00(?:D|E)", re.IGNORECASE)
    formula = re.compile(rb"<(?:\w+:)?f[\s>/]")
    with_formulas = set()
    for entry in package.infolist():
        path = entry.filename
        if not path.lower().endswith((".xml", ".rels", ".vml")):
            continue
        tail = b""
        with package.open(entry) as part:
            while chunk := part.read(_CHUNK):
                window = tail + chunk
                if declared.search(window):
                    raise Refused(f"文件“{name}”含有文档类型声明，不能导入；请用 Excel 或 WPS 打开，另存为 .xlsx。")
                if path.startswith("xl/worksheets/") and path not in with_formulas and formula.search(window):
                    with_formulas.add(path)
                tail = window[-32:]
    return with_formulas


def _formulas(package: zipfile.ZipFile, paths: set[str]) -> dict[str, frozenset[Corner]]:
    """Formula cells by sheet name: the reader gives only the value a formula had when the file was saved."""
    targets: dict[str, str] = {}
    named: dict[str, str] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet":
            key = next((value for name, value in attributes.items() if name.endswith(":id")), "")
            named[targets.get(key, "")] = attributes.get("name", "")

    _walk(package.read("xl/_rels/workbook.xml.rels"), relation)
    _walk(package.read("xl/workbook.xml"), sheet)
    return {named[path]: _formula_cells(package.read(path)) for path in paths if path in named}


def _formula_cells(part: bytes) -> frozenset[Corner]:
    found: set[Corner] = set()
    at: Corner = (-1, -1)
    seen = 0

    def cell(tag: str, attributes: dict[str, str]) -> None:
        nonlocal at, seen
        short = tag.rpartition(":")[2]
        if short == "row":
            at = (int(attributes["r"]) - 1 if "r" in attributes else at[0] + 1, -1)
        elif short == "c":
            seen += 1
            if seen > MAX_ROWS * MAX_COLUMNS:
                raise ValueError
            at = _corner(attributes["r"]) if "r" in attributes else (at[0], at[1] + 1)
        elif short == "f":
            found.add(at)

    _walk(part, cell)
    return frozenset(found)


def _walk(part: bytes, start: Callable[[str, dict[str, str]], Any]) -> None:
    parser = ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(part, True)


def _corner(reference: str) -> Corner:
    match = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", reference)
    if match is None:
        raise ValueError(reference)
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


_CHILD = f"""
import sys, resource, json, io
resource.setrlimit(resource.RLIMIT_AS, ({CHILD_BYTES}, {CHILD_BYTES}))
resource.setrlimit(resource.RLIMIT_CPU, ({CHILD_SECONDS}, {CHILD_SECONDS}))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
import datetime
from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum
def plain(value):
    if isinstance(value, (datetime.datetime, datetime.date)):
        return [value.year, value.month, value.day]
    return None if isinstance(value, (datetime.time, datetime.timedelta)) else value
try:
    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    out = []
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        height, width = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
        small = 0 < height <= {MAX_ROWS} and width <= {MAX_COLUMNS}
        rows = sheet.to_python(skip_empty_area=False) if small else []
        out.append(dict(name=meta.name, hidden=meta.visible != SheetVisibleEnum.Visible, height=height, width=width,
                        rows=rows, merged=(sheet.merged_cell_ranges or [])[:{MAX_ROWS}]))
    answer = dict(sheets=out)
except Exception as error:
    answer = dict(error=type(error).__name__)
json.dump(answer, sys.stdout, default=plain, ensure_ascii=True)
"""


def _ask_child(content: bytes, name: str) -> dict[str, Any]:
    refusal = Refused(f"文件“{name}”过大或结构异常，没有读完；请只保留名册工作表，删去空行空列，另存为 .xlsx。")
    try:
        child = subprocess.run(
            [sys.executable, "-I", "-c", _CHILD], input=content, capture_output=True, timeout=CHILD_SECONDS, check=False
        )
        answer = json.loads(child.stdout) if child.returncode == 0 else None
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise refusal from error
    if not isinstance(answer, dict):
        raise refusal
    return answer


_PLAIN = frozenset((str, float, bool, type(None)))


def _cell(value: list[int] | int) -> Cell:
    return date(*value) if isinstance(value, list) else float(value)


# --- csv -------------------------------------------------------------------------------------------------------------


def _csv(content: bytes, name: str) -> Sheet:
    """UTF-8 (with or without mark) or the GBK family that Excel and WPS save in China."""
    refusal = Refused(f"文件“{name}”不是能识别的名册格式，请另存为 .xlsx 或 .csv 后再导入。")
    if b"\x00" in content:
        raise refusal
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            decoded = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise refusal
    head = decoded[:4096]
    delimiter = max(",\t;", key=head.count)
    if delimiter not in head or head.lstrip().startswith(("<", "{")):
        raise refusal
    rows = list(_csv_rows(decoded, delimiter, name))
    return Sheet(name, rows)


def _csv_rows(decoded: str, delimiter: str, name: str) -> Iterator[list[Cell]]:
    try:
        for index, row in enumerate(csv.reader(io.StringIO(decoded), delimiter=delimiter)):
            if index >= MAX_ROWS or len(row) > MAX_COLUMNS:
                raise Refused(f"文件“{name}”超过 {MAX_ROWS} 行或 {MAX_COLUMNS} 列，请删去空行空列，或拆成几个文件。")
            # 1975.1 in a csv was a number in the sheet it came from: as doubtful as the number itself.
            yield [float(value) if re.fullmatch(r"(?:19|20)\d\d\.1", value) else value for value in row]
    except csv.Error as error:
        raise Refused(f"文件“{name}”的引号或换行不完整，请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。") from error
