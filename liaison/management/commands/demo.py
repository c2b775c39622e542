import json
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.errors import Refused
from liaison.demo.accounts import ACCOUNTS, PASSWORD
from liaison.demo.build import build, summary


class Command(BaseCommand):
    help = "建表并装入演示数据（新乡、漯河、郸城）。可重复运行，已装入的不再改动；数据库里有其他数据时不装入。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="只输出账号、区域、联络站、代表、查询码的 JSON。")

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = options["json"]
        call_command("migrate", verbosity=0, interactive=False)
        try:
            # To the side, so that what is printed is the same each time.
            build(lambda line: None if quiet else self.stderr.write(line, str))
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        told = summary()
        if quiet:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
            return
        self.stdout.write(f"演示数据已就绪：{told['year']}年，{len(told['stations'])}个联络站。口令都是 {PASSWORD}")
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.username:<20}{account.label}")
