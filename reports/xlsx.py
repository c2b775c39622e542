from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from accounts.sheets import A3, CONTENT_TYPE, PLAIN, Sheets, write_list
from reports.figures import Report

__all__ = ["CONTENT_TYPE", "write", "write_register"]


def write(report: Report) -> bytes:
    """The report as a workbook: a sheet of figures, one of rates, one for each table, and one that says what this is."""
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, PLAIN) as book:
        book.set_properties({"title": report.title, "author": "", "comments": report.period})
        sheets = Sheets(book, report.title)
        sheets.add("报表", ("指标", "数值", "单位", "口径", "部分"), _figures(report))
        sheets.add("比率", ("指标", "分子", "分母", "比率", "口径"), _rates(report))
        for table in report.tables:
            heads = (table.of, *(label for _, label in table.columns))
            lines = [(line.name, *line.values) for line in table.lines]
            sheets.add(table.title, heads, [*lines, ("合计", *table.totals)])
        sheets.add("说明", ("项目", "内容"), _about(report))
    return stream.getvalue()


def write_register(title: str, heads: Sequence[str], lines: Iterable[Sequence[Any]], about: str) -> bytes:
    return write_list(title, heads, lines, about, paper=A3)


def _figures(report: Report) -> Iterable[Sequence[Any]]:
    for section in report.sections:
        for figure in section.figures:
            yield figure.label, figure.value, figure.unit, figure.definition, section.title


def _rates(report: Report) -> Iterable[Sequence[Any]]:
    for rate in report.rates.values():
        share = "—" if rate.share is None else rate.share
        yield rate.label, rate.numerator, rate.denominator, share, rate.definition


def _about(report: Report) -> Iterable[Sequence[Any]]:
    yield "名称", report.title
    yield "统计期间", report.period
    yield "数据截止", report.counted_on.isoformat()
    for table in report.tables:
        if table.note:
            yield table.title, table.note
    yield "说明", "数字由系统内的记录逐条统计；口径见“报表”，明细在工作平台的报表页打开。"
