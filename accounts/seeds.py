"""The data shipped with the software. Each loader adds what is missing and leaves what the office has edited.

data/henan_regions.csv: Henan down to its townships, by the statistics codes of 2023-06-30 (国家统计局, 统计用区划代码),
below a row for the nation. A blank `form` is an ordinary division. Differences from the statistics table:
- 济源市 is a county under the province itself, as it is by law (省直辖县级市); the table's heading 4190 is no place.
- Development zones (41xx7x), and farms and industrial parks listed beside the townships, are zones.
- A township is called by its own name: 克井镇, not 济源市克井镇.

data/holidays.csv: the State Council's notices for 2021 to 2026, both the holidays and the weekend days worked in
exchange. A later year is entered by the office when its notice is out.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path

from django.contrib.auth.models import Group

from accounts.models import ADMIN_GROUPS, Holiday, Region
from accounts.paths import path_of

DATA = Path(__file__).parent / "data"


def load_regions() -> int:
    """Returns how many regions were new. Existing codes stay as they are: a town may have been renamed here since."""
    pks = dict(Region.objects.values_list("code", "pk"))
    before = len(pks)
    # Level by level, so that a parent has its key before its children are written.
    for _, rows in groupby(_rows("henan_regions.csv"), key=lambda row: row["level"]):
        new = [
            Region(
                code=row["code"],
                name=row["name"],
                level=row["level"],
                form=row["form"] or Region.Form.ORDINARY,
                parent_id=pks[row["parent_code"]] if row["parent_code"] else None,
                path=path_of(row["code"], row["level"]),
            )
            for row in rows
            if row["code"] not in pks
        ]
        pks.update((region.code, region.pk) for region in Region.objects.bulk_create(new, batch_size=500))
    return len(pks) - before


def load_holidays() -> int:
    """Returns how many days were new. Days that are there stay as they are."""
    known = set(Holiday.objects.values_list("day", flat=True))
    new = [
        Holiday(day=day, is_workday=row["is_workday"] == "1", name=row["name"])
        for row in _rows("holidays.csv")
        if (day := date.fromisoformat(row["date"])) not in known
    ]
    return len(Holiday.objects.bulk_create(new))


def load_groups() -> None:
    """The three administrators (三员): system, security, audit."""
    Group.objects.bulk_create([Group(name=name) for name in ADMIN_GROUPS], ignore_conflicts=True)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
