"""Who writes down activities and visits, and where (architecture.md, "Who")."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.paths import ancestors, within
from activities.models import Activity, AnnualPlan
from deputies.models import Deputy, DeputyGroup, GroupMembership, StationMembership
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


def stations_of(user: User, *, own_only: bool = False) -> QuerySet[Station]:
    """Where this user may log work: the stations served, those of a deputy, and for congress staff those of the scope.

    With `own_only` a deputy's alone: no post is worn on a phone that stays signed in.
    """
    own = StationMembership.objects.sitting().filter(deputy__user=user)
    if own_only:
        return Station.objects.filter(pk__in=own.values("station"))
    served = Station.objects.served_by(user)
    stations = Station.objects.filter(Q(pk__in=own.values("station")) | Q(pk__in=served.values("pk")))
    return stations | Station.objects.visible_to(user).public() if user.is_congress_staff else stations


def may_log_at(user: User, station: Station) -> bool:
    return stations_of(user).filter(pk=station.pk).exists()


def may_log_for(user: User, group: DeputyGroup) -> bool:
    """Members; who serves a station that the group has entered; congress staff of the scope."""
    return DeputyGroup.objects.active().visible_to(user).filter(pk=group.pk).exists()


def own_station(user: User, *, own_only: bool = False) -> Station | None:
    """The station to begin with: a deputy's home station, else the one served.

    Congress staff have no own station and many to choose from: a wrong guess would end in the wrong figures.
    """
    memberships = StationMembership.objects.sitting().filter(deputy__user=user).select_related("station__region")
    membership = memberships.order_by("kind").first()
    if membership is not None:
        return membership.station
    if own_only:
        return None
    served = Station.objects.served_by(user).select_related("region").first()
    if served is not None:
        return served
    found = list(stations_of(user).select_related("region")[:2])
    return found[0] if len(found) == 1 else None


def reviews(user: User, activity: Activity) -> bool:
    """Who serves the station, or staff of the very region: they publish, take back and correct."""
    if activity.station_id is not None and Station.objects.served_by(user).filter(pk=activity.station_id).exists():
        return True
    return (
        user.is_congress_staff and user.organization is not None and user.organization.region_id == activity.region_id
    )


def keeps(user: User, activity: Activity) -> bool:
    """Who enters what happened at an activity: reviewers, and whoever planned or logged it until it is public."""
    return (activity.status != Activity.Status.PUBLISHED and logged(user, activity)) or reviews(user, activity)


def logged(user: User, activity: Activity) -> bool:
    """Whoever wrote it down, as long as that is still this person's work: a seat or a post that ended takes it along."""
    return activity.logged_by_id == user.pk and logs_work(user)


def groups_of(user: User) -> QuerySet[DeputyGroup]:
    """Whose year plan this user writes: groups that the user leads, looks after at a station, or keeps as staff."""
    groups = DeputyGroup.objects.active().visible_to(user)
    leads = GroupMembership.objects.filter(deputy__user=user, is_leader=True, ended_on__isnull=True)
    if user.is_congress_staff:
        return groups
    at_own_station = Q(
        entries__station__in=Station.objects.served_by(user).values("pk"), entries__ended_on__isnull=True
    )
    return groups.filter(at_own_station | Q(pk__in=leads.values("group"))).distinct()


def planned_stations(user: User) -> QuerySet[Station]:
    """Stations whose year plan this user writes."""
    return Station.objects.visible_to(user).public()


def plans_of(user: User) -> QuerySet[AnnualPlan]:
    """The year plans that concern this user: of the own stations, groups and regions; what anybody reads is elsewhere."""
    stations = stations_of(user)
    mine = Q(station__in=stations.values("pk")) | Q(group__in=DeputyGroup.objects.visible_to(user).values("pk"))
    if user.is_congress_staff and user.scope is not None:
        mine |= within(user.scope)
    paths = {path for own in stations.values_list("region__path", flat=True).distinct() for path in ancestors(own)}
    mine |= Q(station__isnull=True, group__isnull=True, region__path__in=paths)
    return AnnualPlan.objects.visible_to(user).filter(mine)


def writes_plans(user: User) -> bool:
    return user.is_congress_staff or Station.objects.served_by(user).exists() or groups_of(user).exists()


def may_write_plan(user: User, plan: AnnualPlan) -> bool:
    if plan.group is not None:
        return groups_of(user).filter(pk=plan.group.pk).exists()
    if plan.station is not None:
        return planned_stations(user).filter(pk=plan.station.pk).exists()
    return user.is_congress_staff and user.scope is not None and plan.region.path.startswith(user.scope)


def may_publish_plan(user: User, plan: AnnualPlan) -> bool:
    """Not by the group alone: what is public has been read by station or staff (mission U1)."""
    own = Station.objects.served_by(user)
    return may_write_plan(user, plan) and (user.is_congress_staff or plan.station is not None or own.exists())


def people_of(station: Station | None, group: DeputyGroup | None) -> QuerySet[Deputy]:
    """Sitting deputies of the station and of the group, a person once."""
    there = StationMembership.objects.sitting().filter(station=station) if station else None
    members = GroupMembership.objects.filter(group=group, ended_on__isnull=True) if group else None
    found = Q(pk__in=[])
    for rows in (there, members):
        if rows is not None:
            found |= Q(pk__in=rows.values("deputy"))
    return Deputy.objects.in_office().filter(found).in_order("strokes")


def keeps_ballots(user: User, activity: Activity) -> bool:
    """Who serves the station, or one that the group has entered; congress staff of the scope. No deputy as such."""
    if reviews(user, activity):
        return True
    if user.is_congress_staff and user.scope is not None:
        return activity.region_path.startswith(user.scope)
    if activity.group is None:
        return False
    served = Station.objects.served_by(user)
    return activity.group.entries.filter(station__in=served.values("pk"), ended_on__isnull=True).exists()
