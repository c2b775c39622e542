from typing import Any

from django.core.management.base import BaseCommand, CommandError

from duties.checks import faults
from duties.models import PointEntry


class Command(BaseCommand):
    help = "核对积分账与履职记录、积分办法和申报是否一致。只读，不改动；请先结算（settle）。"

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for fault in faults():
            count += 1
            self.stdout.write(str(fault))
        if count:
            raise CommandError(f"发现{count}处不一致，请逐条核实。")
        self.stdout.write(f"已核对{PointEntry.objects.count()}条积分，没有发现问题。")
