"""Who keeps the points of a region, and who decides a declaration at which step (mission G2)."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q, QuerySet

from accounts.errors import Refused
from accounts.models import Organization, Region, User
from accounts.paths import ancestors, within
from deputies.models import Deputy, StationMembership
from duties.models import Declaration, Objection
from stations.models import Station, StationPost

S = Declaration.Status


def keeps_points(user: User, region: int) -> bool:
    """代工委: congress staff of that very region adopt, settle, close, confirm and answer objections."""
    return user.is_congress_staff and user.organization is not None and user.organization.region_id == region


def station_of(deputy: Deputy) -> Station | None:
    """Where declarations are checked first: the home station, else the sector station."""
    rows = StationMembership.objects.sitting().filter(deputy=deputy).select_related("station__region")
    membership = rows.order_by("kind").first()
    return membership.station if membership is not None else None


def deducts_from(user: User, deputy: Deputy, region: int) -> bool:
    """Who registers a 纪律减分: staff of the scheme's region, and who serves a station of the deputy."""
    if deputy.user_id == user.pk:
        return False
    stations = Station.objects.served_by(user).values("pk")
    served = StationMembership.objects.sitting().filter(deputy=deputy, station__in=stations).exists()
    return served or keeps_points(user, region)


def _people(declaration: Declaration, status: str, station: Station | None) -> Q | None:
    """Who decides at this step; None where the step does not exist for this deputy."""
    region = declaration.item.major.scheme.region
    if status == S.REVIEWED:
        return Q(organization__region=region, organization__kind__in=Organization.CONGRESS_KINDS)
    if station is None:
        return None
    if status == S.DECLARED:
        posts = StationPost.objects.sitting().filter(station=station, post__in=StationPost.SERVING)
        return Q(pk__in=posts.values("user"))
    return _between(station.region, region)


def _between(near: Region, top: Region) -> Q | None:
    try:
        organ = Organization.objects.congress_organ_of(near)
    except Refused:
        return None
    below = organ.region.path.startswith(top.path) and organ.region_id != top.pk
    return Q(organization=organ) if below else None


def steps(declaration: Declaration, *, after: str = "") -> Iterator[tuple[str, list[User]]]:
    """The steps still to be taken, each with those who may take it. One without anybody is passed over; nobody decides
    about the own declaration, whether it is about oneself or was written down by oneself.
    """
    station = station_of(declaration.deputy)
    own = [pk for pk in (declaration.deputy.user_id, declaration.declared_by_id) if pk is not None]
    order = [str(status) for status in Declaration.OPEN]
    for status in order[order.index(after) + 1 if after else 0 :]:
        who = _people(declaration, status, station)
        if who is None:
            continue
        people = list(User.objects.filter(who, is_active=True).exclude(pk__in=own).order_by("pk"))
        if people:
            yield status, people


def deciding(declaration: Declaration) -> tuple[str, list[User]] | None:
    """The step at which it stands, and who decides. Where those have left since, the next ones do."""
    if declaration.status not in Declaration.OPEN:
        return None
    order = [str(status) for status in Declaration.OPEN]
    at = order.index(declaration.status)
    return next((step for step in steps(declaration) if order.index(step[0]) >= at), None)


def decides(user: User, declaration: Declaration) -> bool:
    step = deciding(declaration)
    return step is not None and user in step[1]


def to_decide(user: User, most: int) -> list[Declaration]:
    """Those that wait for this user, oldest first."""
    rows = Declaration.objects.filter(status__in=Declaration.OPEN).exclude(declared_by=user).exclude(deputy__user=user)
    rows = rows.filter(_reach(user)).order_by("declared_at", "pk").distinct()
    rows = rows.select_related("deputy__region", "item__major__scheme__region", "declared_by")
    found: list[Declaration] = []
    for declaration in rows.iterator(chunk_size=100):
        if decides(user, declaration):
            found.append(declaration)
            if len(found) == most:
                break
    return found


def _reach(user: User) -> Q:
    """Where a step may be the user's at all, so that the people of each declaration are asked for few of them."""
    stations = StationMembership.objects.sitting().filter(station__in=Station.objects.served_by(user).values("pk"))
    reach = Q(status=S.DECLARED, deputy__in=stations.values("deputy"))
    if user.is_congress_staff and user.scope is not None and user.organization is not None:
        reach |= Q(item__major__scheme__region=user.organization.region_id)
        near = StationMembership.objects.sitting().filter(within(user.scope, "station__region__path"))
        above = Q(item__major__scheme__region__path__in=ancestors(user.scope)[1:])
        reach |= above & Q(status__in=(S.DECLARED, S.CHECKED), deputy__in=near.values("deputy"))
    return reach


def to_answer(user: User) -> QuerySet[Objection]:
    """Open objections of the region whose points the user keeps; one's own is answered by somebody else."""
    if not user.is_congress_staff or user.organization is None:
        return Objection.objects.none()
    mine = Objection.objects.filter(period__region=user.organization.region_id, outcome=Objection.Outcome.OPEN)
    return mine.exclude(deputy__user=user).select_related("deputy", "entry__item", "period").order_by("raised_at", "pk")
