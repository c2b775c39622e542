from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Region
from duties.services.settling import open_schemes, settle


class Command(BaseCommand):
    help = "按履职记录结算积分：补记应得的，冲销不再符合的。可重复运行；没有采用积分办法的区域和已封账的年度不结算。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--region", help="区划代码；不填即所有采用了积分办法的区域")
        parser.add_argument("--year", type=int, default=None, help="年度；不填即今年")

    def handle(self, *args: Any, **options: Any) -> None:
        year = options["year"] or today().year
        if options["region"]:
            region = Region.objects.filter(code=options["region"]).first()
            if region is None:
                raise CommandError("没有这个区划代码，请填写12位数字。")
            regions = [region]
        else:
            regions = [scheme.region for scheme in open_schemes(year)]
        for region in regions:
            try:
                done = settle(region, year)
            except Refused as refused:
                raise CommandError(refused.sentence) from refused
            self.stdout.write(f"{region}{year}年：记入{done.given}条，冲销{done.reversed}条")
        if not regions:
            self.stdout.write(f"{year}年没有要结算的区域。")
