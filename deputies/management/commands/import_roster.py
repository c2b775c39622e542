from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.errors import Refused
from accounts.models import ImportRow, Region
from deputies import imports
from deputies.roster import opening, read


class Told(NamedTuple):
    sheet: str
    row: int
    verdict: str
    why: str


class Command(BaseCommand):
    help = "导入代表名册（.xlsx、.csv）。有不能导入的行时一行也不写，除非用 --skip-refused。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="名册文件")
        parser.add_argument("--region", required=True, metavar="CODE", help="12位区划代码")
        parser.add_argument("--dry-run", action="store_true", help="只看结果，不写入")
        parser.add_argument("--skip-refused", action="store_true", help="跳过不能导入的行，其余写入")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        region = Region.objects.filter(code=options["region"]).first()
        if region is None:
            raise CommandError(f"没有区划代码为{options['region']}的区域。")
        try:
            with path.open("rb") as file:
                content = file.read(opening.MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"打不开文件“{path}”：{error.strerror}。") from error
        try:
            if options["dry_run"]:
                planned = imports.plan(read(content, path.name), region)
                rows = [Told(line.row.sheet, line.row.row, line.verdict, line.why) for line in planned.lines]
                self._report(planned.counts, rows, planned.notes, planned.missing, as_json=options["json"])
            else:
                self._write(content, path.name, region, skip_refused=options["skip_refused"], as_json=options["json"])
        except Refused as error:
            raise CommandError(error.sentence) from error

    def _write(self, content: bytes, name: str, region: Region, *, skip_refused: bool, as_json: bool) -> None:
        """One transaction; where rows are refused, the report is printed all the same."""
        shown = None
        try:
            with transaction.atomic():
                shown = imports.preview(content, name, region, None)
                imports.confirm(shown.batch, None, skip_refused=skip_refused)
        finally:
            if shown is not None:
                rows = [Told(row.sheet, row.row, row.verdict, row.why) for row in shown.rows]
                self._report(shown.counts, rows, shown.notes, shown.missing, as_json=as_json)

    def _report(
        self, counts: dict[str, int], rows: list[Told], notes: list[str], missing: list[str], *, as_json: bool
    ) -> None:
        doubtful, refused = (
            [{"sheet": row.sheet, "row": row.row, "why": row.why} for row in rows if row.verdict == verdict]
            for verdict in (ImportRow.Verdict.DOUBTFUL, ImportRow.Verdict.REFUSED)
        )
        if as_json:
            answer = {key: counts[key] for key in ("people", "mandates", "new", "changed")}
            self.stdout.write(json.dumps({**answer, "doubtful": doubtful, "refused": refused}, ensure_ascii=False))
            return
        self.stdout.write(
            f"{counts['people']}人，{counts['mandates']}席：新增{counts['new']}人，变更{counts['changed']}人，"
            f"无变化{counts['same']}人；存疑{counts['doubtful']}行，不能导入{counts['refused']}行。"
        )
        for title, told in (("不能导入", refused), ("存疑", doubtful)):
            for row in told:
                self.stdout.write(f"{title}：“{row['sheet']}”第{row['row']}行：{row['why']}")
        for note in notes:
            self.stdout.write(f"说明：{note}")
        if missing:
            names = "、".join(missing[: imports.MISSING_SHOWN])
            self.stdout.write(f"名册中没有、库中在任的{counts['missing']}人（没有改动）：{names}")
