"""A county with its scheme adopted, and what is done in it, in one line each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile

from accounts.calendar import today
from deputies.models import Deputy
from duties.models import Declaration, Objection, PointEntry, PointItem, PointPeriod, PointScheme
from duties.seeds import ship_scheme
from duties.services import declaring, schemes, settling
from tests.cast import World

YEAR = today().year
EARLY = date(YEAR, 1, 1)


def adopted(world: World, year: int = YEAR) -> PointScheme:
    scheme = ship_scheme(world.county, year)
    schemes.adopt(scheme, by=world.county_staff, basis="主任会议第12次会议")
    return scheme


def item(code: str, scheme: PointScheme | None = None) -> PointItem:
    rows = PointItem.objects.filter(code=code)
    return (rows.filter(major__scheme=scheme) if scheme else rows).get()


def settled(world: World, year: int = YEAR) -> tuple[int, int]:
    done = settling.settle(world.county, year)
    return done.given, done.reversed


def entries(deputy: Deputy, code: str = "") -> list[PointEntry]:
    rows = PointEntry.objects.filter(deputy=deputy).order_by("pk")
    return list(rows.filter(item__code=code) if code else rows)


def period(world: World, year: int = YEAR) -> PointPeriod:
    return PointPeriod.objects.get(region=world.county, year=year)


def paper() -> ContentFile[bytes]:
    return ContentFile(b"%PDF-1.4 minutes", name="minutes.pdf")


def declared(world: World, code: str = "A2", **extra: Any) -> Declaration:
    given: dict[str, Any] = {
        "happened_on": EARLY,
        "points": Decimal(2),
        "text": "在代表团全体会议上发言",
        "evidence": [paper()],
        "by": world.users["deputy"],
        **extra,
    }
    return declaring.declare(given.pop("deputy", world.deputy), item(code), **given)


def confirmed(world: World, code: str = "A2", **extra: Any) -> Declaration:
    """Let pass by everybody whose turn it is."""
    from duties.permissions import deciding

    declaration = declared(world, code, **extra)
    while (step := deciding(declaration)) is not None:
        declaring.decide(declaration, passes=True, by=step[1][0])
        declaration.refresh_from_db()
    return declaration


def objected(world: World, entry: PointEntry | None = None, text: str = "没有参加这次活动") -> Objection:
    from duties.services import objecting

    return objecting.object_to(world.deputy, YEAR, text=text, entry=entry, by=world.users["deputy"])
