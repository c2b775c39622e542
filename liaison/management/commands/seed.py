from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.seeds import load_groups, load_holidays, load_regions
from activities.seeds import load_activity_types
from suggestions.seeds import load_case_data


class Command(BaseCommand):
    help = "装入随软件提供的数据：行政区划、节假日、活动类型、类别、办理规程。可重复运行，已改动的不覆盖。"

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        load_regions()
        load_holidays()
        load_groups()
        load_activity_types()
        load_case_data()
        self.stdout.write("数据已装入。")
