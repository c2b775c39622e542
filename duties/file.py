"""一人一档: the duty file of one deputy, built from records and from nothing else (mission G1, domain.md §6).

Henan's rules let the township presidium keep it and make it public (河南办法 art. 4); 代表法 art. 58 asks for the
publication of how the duty was done. Nothing in it is typed: a wrong line is mended where it was recorded.
"""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.calendar import today
from deputies.models import Congress, Deputy
from duties.file_blocks import BLOCKS, Records
from duties.file_parts import File, Period, heading, term_period, year_period
from duties.file_points import points_block
from duties.file_shelf import Shelf
from duties.models import DutyFile

__all__ = ["File", "Period", "file_of", "frozen", "term_period", "terms_of", "year_period", "years_of"]


def file_of(deputy: Deputy, period: Period, shelf: Shelf | None = None) -> File:
    """The eight blocks. A person with several seats and stations has each record once: it hangs on the person.

    `shelf`: where the files of several people are written at once, theirs.
    """
    records = Records(deputy, period, shelf)
    points = points_block(deputy, records.shelf)
    return File(
        title="代表履职档案",
        name=deputy.name,
        region=str(deputy.region),
        blocks=(*(build(records) for build in BLOCKS), *([points] if points else [])),
        **heading(period),
    )


def terms_of(deputy: Deputy) -> QuerySet[Congress]:
    """The terms this person ever sat in, newest first."""
    mine = Congress.objects.filter(pk__in=deputy.mandates.values("congress"), first_met_on__isnull=False)
    return mine.select_related("region").order_by("-first_met_on", "region__path")


def years_of(deputy: Deputy) -> list[int]:
    """From the first seat on, newest first; without a seat the running year."""
    first = deputy.mandates.order_by("since").values_list("since", flat=True).first()
    this = today().year
    return list(range(this, min(first.year if first else this, this) - 1, -1))


def frozen(deputy: Deputy, congress: Congress) -> DutyFile | None:
    return DutyFile.objects.filter(deputy=deputy, congress=congress).first()
