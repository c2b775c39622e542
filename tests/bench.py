"""The bars of speed and weight, each a ratio taken in one run: `make bench`, or one alone with `make bench BAR=n`.

Never part of the suite: machines are shared and noisy. Pages are asked in process (`process_time`), in batches that
alternate with a view that does nothing, and the median of the rounds is the figure.
"""

from __future__ import annotations

import gzip
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROUNDS, BATCH = 11, 20
ROOT = Path(__file__).resolve().parent.parent


def say(bar: int, what: str, figure: str, bronze: str, gold: str) -> None:
    print(f"bar {bar}: {what} {figure} (bronze {bronze}, gold {gold})", flush=True)


def cpu(act: Callable[[], object], times: int = BATCH) -> float:
    start = time.process_time()
    for _ in range(times):
        act()
    return (time.process_time() - start) / times


def ratio(act: Callable[[], object], constant: Callable[[], object]) -> float:
    act(), constant()
    return statistics.median(cpu(act) / cpu(constant) for _ in range(ROUNDS))


@contextmanager
def demo_portal() -> Iterator[dict[str, Any]]:
    """The demo data in a database of its own, read with production settings."""
    import django
    from django.core.management import call_command

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    import io
    import json
    from contextlib import redirect_stderr

    out = io.StringIO()
    with redirect_stderr(io.StringIO()):
        call_command("demo", "--json", stdout=out)
    yield json.loads(out.getvalue())


def constant_view() -> Callable[[], object]:
    from django.test import Client

    client = Client()
    return lambda: client.get("/healthz/")


def bars_1_to_3_and_16(demo: dict[str, Any], only: set[int]) -> None:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User

    constant = constant_view()
    client = Client()
    station = f"/s/{next(s['slug'] for s in demo['stations'] if '宁平镇特色养殖' in s['name'])}/"
    deputy = f"/d/{demo['deputies'][0]['slug']}/"
    public = {
        "/": "home",
        "/stations/": "directory",
        station: "station page",
        deputy: "deputy page",
        "/track/": "track",
    }
    if 1 in only:
        for path in (station, deputy):
            say(
                1,
                f"{public[path]} : constant view",
                f"{ratio(lambda p=path: client.get(p), constant):.1f}×",
                "≤ 12×",
                "≤ 6×",
            )
    if 2 in only:
        staff = Client()
        staff.force_login(User.objects.get(username="county_staff"))
        inbox = staff.get("/office/suggestions/")
        number = re.search(r"/office/suggestions/(\d+)/", inbox.content.decode())
        assert number
        for path, what in (
            ("/office/suggestions/", "inbox"),
            (number.group(0), "case page"),
            ("/office/", "workbench"),
        ):
            say(2, f"{what} : constant view", f"{ratio(lambda p=path: staff.get(p), constant):.1f}×", "≤ 80×", "≤ 40×")
    if 3 in only:
        for path, what in public.items():
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(path)
            say(3, f"SQL statements of {what}:", str(len(queries)), "≤ 3", "1")
    if 16 in only:
        css = sum(
            len(gzip.compress(p.read_bytes())) for p in (ROOT / "static/css/site.css", ROOT / "static/img/mark.svg")
        )
        for path, what in {**public, f"{station}suggest/": "form"}.items():
            kb = (len(gzip.compress(client.get(path).content)) + css) / 1000
            say(16, f"first load of {what}:", f"{kb:.1f} kB", "≤ 30 kB", "≤ 14 kB")


def bar_13() -> None:
    """Cold start: our check against the same with the document and image libraries stubbed out."""
    heavy = ("PIL", "docx", "openpyxl", "python_calamine", "qrcode", "typst", "xlsxwriter")
    run = (
        "import os,sys; os.environ['DJANGO_SETTINGS_MODULE']='tests.settings'; import django; django.setup();"
        "from django.core.management import call_command; call_command('check', verbosity=0);"
        f"print(*[name for name in {heavy!r} if name in sys.modules])"
    )

    def seconds(code: str) -> tuple[float, str]:
        start = os.times()
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
        end = os.times()
        return end.children_user + end.children_system - start.children_user - start.children_system, done.stdout

    loaded = seconds(run)[1].splitlines()[-1].split()
    stubs = "import sys; from unittest.mock import MagicMock;" + "".join(
        f"sys.modules[{name!r}] = MagicMock();" for name in loaded
    )
    figure = statistics.median(seconds(run)[0] / seconds(stubs + run)[0] for _ in range(5))
    say(13, f"cold start : with libraries stubbed (loaded: {loaded or 'none'})", f"{figure:.2f}×", "≤ 1.3×", "≤ 1.1×")


def bar_14() -> None:
    import qrcode
    from qrcode.image.svg import SvgPathImage

    from deputies.codes import qr_svg

    url = "https://llz.example.gov.cn/s/ningping-yangzhi/"
    ours = lambda: qr_svg(url)  # noqa: E731
    theirs = lambda: qrcode.make(url, image_factory=SvgPathImage, error_correction=qrcode.ERROR_CORRECT_M).to_string()  # noqa: E731
    say(14, "one QR as SVG : qrcode's own", f"{ratio(ours, theirs):.2f}", "≤ 1", "≤ 0.65")


def bar_10() -> None:
    """Roster preview of 5,000 rows against parsing the same sheet and a bare executemany."""
    import sqlite3

    import xlsxwriter
    from python_calamine import CalamineWorkbook

    from accounts.models import Region, User
    from deputies import imports

    path = Path(tempfile.mkdtemp()) / "roster.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("名册")
    head = ["姓名", "性别", "民族", "出生年月", "工作单位及职务", "代表层级", "联系电话"]
    surnames, given = "赵钱孙李周吴郑王冯陈", "伟芳娜敏静强磊军洋勇艳杰涛明超"
    rows = [
        [
            surnames[i % 10] + given[i // 10 % 15] + given[i // 150 % 15] + given[i // 2250 % 15],
            "男",
            "汉族",
            f"{1950 + i % 50}.{1 + i % 12:02d}",
            f"单位{i}",
            "县",
            f"138{i:08d}",
        ]
        for i in range(5000)
    ]
    for n, row in enumerate([head, *rows]):
        sheet.write_row(n, 0, row)
    book.close()
    data = path.read_bytes()

    def floor() -> None:
        read = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        bare = sqlite3.connect(":memory:")
        bare.execute("create table t (a,b,c,d,e,f,g)")
        bare.executemany("insert into t values (?,?,?,?,?,?,?)", read)

    county = Region.objects.get(code="411625000000")
    staff = User.objects.get(username="county_staff")
    ours = lambda: imports.preview(data, "roster.xlsx", county, staff)  # noqa: E731

    def both(act: Callable[[], object]) -> float:
        start = os.times()
        act()
        end = os.times()
        return sum(end[:4]) - sum(start[:4])

    figure = statistics.median(both(ours) / both(floor) for _ in range(3))
    say(10, "roster preview of 5,000 rows : parse + executemany (CPU)", f"{figure:.1f}×", "≤ 15×", "≤ 4×")


def main() -> None:
    asked = os.environ.get("BAR")
    only = {int(asked)} if asked else {1, 2, 3, 10, 13, 14, 16}
    if 13 in only:
        bar_13()
    if 14 in only:
        bar_14()
    if only & {1, 2, 3, 10, 16}:
        with demo_portal() as demo:
            bars_1_to_3_and_16(demo, only)
            if 10 in only:
                bar_10()


if __name__ == "__main__":
    main()
