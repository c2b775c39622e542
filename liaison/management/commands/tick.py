from typing import Any

from django.core.management.base import BaseCommand

from suggestions.services import close_unrated

# What is due by itself, by the words it is reported in. Each may be run twice.
DUE = [("未评价办结或转入跟踪", close_unrated)]


class Command(BaseCommand):
    help = "办理到期的事项，每分钟运行一次。可重复运行。"

    def handle(self, *args: Any, **options: Any) -> None:
        for words, run in DUE:
            self.stdout.write(f"{words}：{run()}件")
