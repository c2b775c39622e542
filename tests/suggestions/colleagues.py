"""Deputies beside the one of the cast."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts.models import User
from deputies.models import Deputy, Mandate, StationMembership
from tests.cast import PASSWORD, World

TITLE = "关于降低养殖用电成本的建议"


def a_deputy(world: World, name: str, **extra: Any) -> Deputy:
    """Sitting in the county's congress and in the township's station."""
    user = User.objects.create_user(f"deputy{User.objects.count()}", password=PASSWORD, name=name)
    deputy = Deputy.objects.create(region=world.county, user=user, name=name, **extra)
    Mandate.objects.create(deputy=deputy, congress=world.congress, since=date(2022, 3, 1))
    StationMembership.objects.create(deputy=deputy, station=world.station, kind="sector", since=date(2025, 1, 10))
    return deputy
