from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.calendar import in_words
from accounts.errors import Refused
from accounts.models import Region
from deputies.models import Congress
from duties.services.term import Turnover, close_term, next_ordinal, preview_term


class Command(BaseCommand):
    help = "办理换届：下一届首次会议召开之日，本届届满。不能撤销，先用 --dry-run 看结果。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--region", required=True, metavar="CODE", help="12位区划代码")
        parser.add_argument("--on", required=True, type=_day, metavar="DATE", help="下一届首次会议日期，如2027-01-08")
        parser.add_argument("--ordinal", type=int, metavar="N", help="下一届是第几届；不填即本届加一")
        parser.add_argument("--dry-run", action="store_true", help="只看结果，不写入")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        region = Region.objects.filter(code=options["region"]).first()
        if region is None:
            raise CommandError(f"没有区划代码为{options['region']}的区域。")
        congress = _the_congress(region)
        if congress is None:
            raise CommandError(f"{region}没有登记过人民代表大会的届次，请先在后台“届次”中登记。")
        ordinal = options["ordinal"] or next_ordinal(congress)
        act = preview_term if options["dry_run"] else close_term
        try:
            told = act(congress, next_first_met_on=options["on"], new_ordinal=ordinal, by=None)
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        if options["json"]:
            head = {"region": region.code, "ordinal": congress.ordinal, "next_ordinal": ordinal}
            written = {"on": options["on"].isoformat(), "written": not options["dry_run"]}
            self.stdout.write(json.dumps({**head, **written, **told.as_dict()}, ensure_ascii=False))
            return
        self._say(congress, ordinal, options["on"], told, is_done=not options["dry_run"])

    def _say(self, congress: Congress, ordinal: int, day: date, told: Turnover, *, is_done: bool) -> None:
        self.stdout.write(f"{congress}{'已于' if is_done else '将于'}{in_words(day)}届满，下一届是第{ordinal}届。")
        for label, value, unit in told.in_words():
            self.stdout.write(f"{label}：{value}{unit}")
        self.stdout.write("换届已办理，不能撤销。" if is_done else "只是预览，没有写入。")


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise CommandError(f"“{typed}”不是一个有效的日期，请按“2027-01-08”的样子填写。") from error


def _the_congress(region: Region) -> Congress | None:
    """The one that sits, else the last one: a second run is then refused in words."""
    own = Congress.objects.filter(region=region).select_related("region")
    return own.sitting().first() or own.order_by("-ordinal").first()
