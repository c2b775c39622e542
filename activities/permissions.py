"""Who writes down activities and visits, and where (architecture.md, "Who")."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.models import User
from deputies.models import Deputy, DeputyGroup, StationMembership
from stations.models import Station


def logs_work(user: User) -> bool:
    """Whether this user writes down activities and visits at all: deputies, who serves a station, congress staff."""
    return (
        user.is_congress_staff
        or Deputy.objects.in_office().filter(user=user).exists()
        or Station.objects.served_by(user).exists()
    )


def reads_work(user: User) -> bool:
    """An ended deputy still reads the own records; a handling unit has none."""
    return logs_work(user) or Deputy.objects.filter(user=user).exists()


def stations_of(user: User) -> QuerySet[Station]:
    """Where this user may log work: the stations served, those of a deputy, and for congress staff those of the scope."""
    own = StationMembership.objects.sitting().filter(deputy__user=user)
    served = Station.objects.served_by(user)
    stations = Station.objects.filter(Q(pk__in=own.values("station")) | Q(pk__in=served.values("pk")))
    return stations | Station.objects.visible_to(user).public() if user.is_congress_staff else stations


def may_log_at(user: User, station: Station) -> bool:
    return stations_of(user).filter(pk=station.pk).exists()


def may_log_for(user: User, group: DeputyGroup) -> bool:
    """Members; who serves a station that the group has entered; congress staff of the scope."""
    return DeputyGroup.objects.active().visible_to(user).filter(pk=group.pk).exists()


def own_station(user: User) -> Station | None:
    """The station to begin with: a deputy's home station, else the one served.

    Congress staff have no own station and many to choose from: a wrong guess would end in the wrong figures.
    """
    memberships = StationMembership.objects.sitting().filter(deputy__user=user).select_related("station__region")
    membership = memberships.order_by("kind").first()
    if membership is not None:
        return membership.station
    served = Station.objects.served_by(user).select_related("region").first()
    if served is not None:
        return served
    found = list(stations_of(user).select_related("region")[:2])
    return found[0] if len(found) == 1 else None
