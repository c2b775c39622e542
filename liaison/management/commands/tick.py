from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.limits import forget_past_windows
from suggestions.services import close_unrated

# What is due by itself, by the words it is reported in. Each may be run twice.
DUE = [("未评价办结或转入跟踪", close_unrated), ("清理过期频次记录", forget_past_windows)]


class Command(BaseCommand):
    help = "办理到期的事项，每分钟运行一次。可重复运行。"

    def handle(self, *args: Any, **options: Any) -> None:
        for words, run in DUE:
            self.stdout.write(f"{words}：{run()}件")
        call_command("clearsessions")
