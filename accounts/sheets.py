"""Workbooks that people download: whatever was typed stays text, dates are dates, and each prints on A4 as it is."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from accounts.calendar import today

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The library tries to read strings as formulas, addresses and numbers; whatever people typed must stay text (T16).
PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WIDEST = 60
A4, A3 = 9, 8


def write_list(title: str, heads: Sequence[str], lines: Iterable[Sequence[Any]], about: str, paper: int = A4) -> bytes:
    """A workbook of one sheet and one that says what this is. Dates are dates, unknown cells are blank."""
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, PLAIN) as book:
        book.set_properties({"title": title, "author": ""})
        sheets = Sheets(book, title)
        sheets.add(title[:31], heads, lines, paper=paper)
        sheets.add("说明", ("项目", "内容"), [("名称", title), ("数据截止", today()), ("说明", about)])
    return stream.getvalue()


class Sheets:
    def __init__(self, book: Any, title: str) -> None:
        self.book = book
        self.footer = f"&L{title.replace('&', '&&')[:120]}&R第 &P 页，共 &N 页"
        self.head = book.add_format({"bold": True, "bottom": 2, "text_wrap": True, "valign": "vcenter"})
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        self.number = book.add_format({"num_format": "0", "valign": "top"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"})
        self.share = book.add_format({"num_format": "0.0%", "align": "right", "valign": "top"})

    def add(self, name: str, heads: Sequence[str], lines: Iterable[Sequence[Any]], paper: int = A4) -> None:
        sheet = self.book.add_worksheet(name)
        widths = [0] * len(heads)
        for row, line in enumerate([heads, *lines]):
            for column, value in enumerate(line):
                self._put(sheet, row, column, value)
                widths[column] = max(widths[column], 2 * len(value) if isinstance(value, str) else 10)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width + 2, WIDEST))
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.set_paper(paper)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(self.footer)

    def _put(self, sheet: Any, row: int, column: int, value: Any) -> None:
        if value is None or value == "":
            return
        if isinstance(value, date):
            sheet.write_datetime(row, column, value, self.day)
        elif isinstance(value, str):
            sheet.write_string(row, column, value, self.head if row == 0 else self.text)
        else:
            sheet.write_number(row, column, value, self.share if isinstance(value, float) else self.number)
