"""What ends with the last seat of a person, for one or for thousands of people at the end of a term."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import DateField, F, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.audit import log_updates
from accounts.models import User
from deputies.models import GroupMembership, Pairing, PrintCode, StationMembership

# Keys in one statement: SQLite takes no more than some thousands.
SLICE = 500


def memberships_of(deputies: Sequence[int]) -> list[QuerySet[Any]]:
    """Stations, groups and pairings that these people are in now."""
    return [
        StationMembership.objects.sitting().filter(deputy__in=deputies).select_related("deputy", "station"),
        GroupMembership.objects.filter(deputy__in=deputies, ended_on__isnull=True).select_related("deputy", "group"),
        Pairing.objects.standing()
        .filter(deputy__in=deputies)
        .select_related("deputy", "station", "enterprise", "village"),
    ]


def leave_everything(deputies: Iterable[int], day: date, by: User | None) -> None:
    """Stations, groups, pairings and printed codes end, each in the audit. What began after the day ends as it began."""
    keys = list(deputies)
    for start in range(0, len(keys), SLICE):
        part = keys[start : start + SLICE]
        for rows in memberships_of(part):
            found = list(rows)
            rows.model._default_manager.filter(pk__in=[row.pk for row in found]).update(
                ended_on=Greatest(F("since"), Value(day, output_field=DateField()))
            )
            log_updates(((row, {"ended_on": (None, max(row.since, day))}) for row in found), by)
        codes, now = list(PrintCode.objects.valid().filter(deputy__in=part).select_related("deputy")), timezone.now()
        PrintCode.objects.filter(pk__in=[code.pk for code in codes]).update(revoked_at=now)
        log_updates(((code, {"revoked_at": (None, now)}) for code in codes), by)
