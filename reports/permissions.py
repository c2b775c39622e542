"""Who may open a report. The figures count the whole subject whoever asks; the rows behind them are another question."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Region, User
from accounts.paths import within
from stations.models import Station


def regions_for(user: User) -> QuerySet[Region]:
    """Congress staff: their region and those below. An administrator sees regions in the back office, but no report."""
    if user.is_congress_staff and user.scope is not None:
        return Region.objects.filter(within(user.scope, "path"))
    return Region.objects.none()


def stations_for(user: User) -> QuerySet[Station]:
    """Congress staff those of their scope; who serves a station (站长、副站长、联络员), that one."""
    return Station.objects.visible_to(user).select_related("region")
