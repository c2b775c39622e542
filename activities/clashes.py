"""统筹兼顾: two calls on one person's day (mission C2). Pure; the calendar's pages bring the rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from activities.models import Attendance

P = Attendance.Presence


@dataclass(frozen=True)
class Call:
    """One activity to which one deputy is called. `organizer` is the station or group that holds it."""

    day: date
    activity: int
    organizer: tuple[str, int]
    is_named: bool  # on the rota, not only a member of who holds it
    came: bool = False


def is_called(presence: str | None, *, has_list: bool, is_member: bool) -> bool:
    """Whoever is on the list; where there is no list yet, every member. Who asked for leave or stayed away is not."""
    if presence is not None:
        return presence in (P.ROTA, P.PRESENT)
    return is_member and not has_list


def clashing(calls: Iterable[Call]) -> dict[date, list[int]]:
    """Day → activities of one deputy that stand in each other's way, in the order given.

    A station arranges its own day: two of its activities clash only for who is on the rota of both. Who was at both has
    managed both.
    """
    found: dict[date, list[int]] = {}
    for one, other in combinations(calls, 2):
        if one.day != other.day or one.activity == other.activity or (one.came and other.came):
            continue
        if one.organizer != other.organizer or (one.is_named and other.is_named):
            day = found.setdefault(one.day, [])
            day += [call.activity for call in (one, other) if call.activity not in day]
    return found
