from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Region
from reports import xlsx
from reports.counting import Subject
from reports.figures import collect, year_of
from reports.forms import FIRST_YEAR, is_year
from stations.models import Station

STANDARD_OUTPUT = "-"


class Command(BaseCommand):
    help = "生成一个区域或一个联络站的年度报告。"

    def add_arguments(self, parser: CommandParser) -> None:
        of = parser.add_mutually_exclusive_group(required=True)
        of.add_argument("--region", metavar="CODE", help="12位区划代码")
        of.add_argument("--station", metavar="SLUG", help="联络站的网址标识")
        parser.add_argument("--year", type=int, required=True, metavar="Y", help="年度，如2025")
        parser.add_argument("--format", choices=("xlsx", "docx", "json"), required=True, help="文件格式")
        parser.add_argument("--output", required=True, metavar="FILE", help="写到哪个文件；json 可用 - 直接打印")

    def handle(self, *args: Any, **options: Any) -> None:
        form, output = options["format"], options["output"]
        if form == "docx":
            raise CommandError("现在还不能生成 docx，请用 --format xlsx 或 --format json。")
        if form == "xlsx" and output == STANDARD_OUTPUT:
            raise CommandError("xlsx 不能打印到屏幕，请用 --output 写明文件名。")
        if not is_year(options["year"]):
            raise CommandError(f"没有{options['year']}年的报告，请填写{FIRST_YEAR}年到今年之间的年度。")
        report = collect(_subject(options["region"], options["station"]), *year_of(options["year"]))
        content = (
            xlsx.write(report)
            if form == "xlsx"
            else (json.dumps(report.as_dict(), ensure_ascii=False, indent=1) + "\n").encode()
        )
        if output == STANDARD_OUTPUT:
            self.stdout.write(content.decode(), ending="")
            return
        try:
            Path(output).write_bytes(content)
        except OSError as error:
            raise CommandError(f"写不了文件“{output}”：{error.strerror}。") from error
        self.stdout.write(f"{report.title}已写入{output}。")


def _subject(code: str | None, slug: str | None) -> Subject:
    if slug:
        station = Station.objects.select_related("region").filter(slug=slug).first()
        if station is None:
            raise CommandError(f"没有网址标识为“{slug}”的联络站。")
        return station
    region = Region.objects.filter(code=code).first()
    if region is None:
        raise CommandError(f"没有区划代码为{code}的区域。")
    return region
