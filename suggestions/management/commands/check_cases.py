from typing import Any

from django.core.management.base import BaseCommand, CommandError

from suggestions.checks import faults
from suggestions.dossiers import dossiers
from suggestions.models import Suggestion


class Command(BaseCommand):
    help = "核对每件意见建议的办理过程、承办、期限和结果是否合乎规则。只读，不改动。"

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for fault in faults(dossiers()):
            count += 1
            self.stdout.write(str(fault))
        if count:
            raise CommandError(f"发现{count}处不合规则的记录，请逐件核实。")
        self.stdout.write(f"已核对{Suggestion.objects.count()}件，没有发现问题。")
