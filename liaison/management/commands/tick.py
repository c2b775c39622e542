from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.limits import forget_past_windows
from accounts.outbox import send_outbox
from duties.services.settling import settle_daily
from suggestions.notifications import remind_overdue, tell_again
from suggestions.services import anonymise_submitters, close_unrated, end_stale_drafts, move_dues

# What is due by itself, by the words it is reported in. Each may be run twice. Last what may wait for a gateway.
DUE = [
    ("节假日变动顺延期限", move_dues),
    ("未评价办结或转入跟踪", close_unrated),
    ("逾期未提交的建议草稿解除意见", end_stale_drafts),
    ("到期去除个人信息", anonymise_submitters),
    ("清理过期频次记录", forget_past_windows),
    ("结算履职积分", settle_daily),
    ("补记通知", tell_again),
    ("期限提醒", remind_overdue),
    ("发出通知", send_outbox),
]


class Command(BaseCommand):
    help = "办理到期的事项，每分钟运行一次。可重复运行。"

    def handle(self, *args: Any, **options: Any) -> None:
        for words, run in DUE:
            self.stdout.write(f"{words}：{run()}件")
        call_command("clearsessions")
