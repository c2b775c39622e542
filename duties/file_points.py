"""积分 in the file: one block, only where the region of the file has adopted a scheme (mission G2)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from accounts.calendar import today
from deputies.models import Deputy
from duties.file_parts import Block, Fact
from duties.file_shelf import Shelf
from duties.year_points import points_of

POINTS = "points"


def points_block(deputy: Deputy, shelf: Shelf) -> Block | None:
    """The total of each year that has a scheme, its grade once the year is over. The sheet says where points come from."""
    facts: list[Fact] = []
    for year in shelf.period.years:
        if year > today().year:
            break
        scored = shelf.points(year, deputy)
        if scored is not None:
            grade = f"（{scored['grade']}）" if year < today().year else ""
            facts.append(Fact(f"points_{year}", f"{year}年", f"{scored['total']}分{grade}"))
    return Block(POINTS, "履职积分", tuple(facts)) if facts else None


def mean_block(members: Sequence[Deputy], year: int) -> Block | None:
    """The mean of the members' points: for those who keep the files, since of two members it gives one away."""
    totals = [Decimal(scored["total"]) for scored in points_of(members, year).values()]
    if not totals:
        return None
    mean = sum(totals, Decimal(0)) / len(totals)
    return Block(
        POINTS, "履职积分", (Fact("mean", "成员平均", f"{mean:.1f}", "分"), Fact("scored", "计分", len(totals), "人"))
    )
