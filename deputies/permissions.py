"""Who reads and changes people, memberships, groups and pairings (architecture.md, "Who")."""

from __future__ import annotations

from accounts.models import Region, User
from deputies.models import Deputy, DeputyGroup
from stations.models import Station


def reads_people(user: User) -> bool:
    """The lists of people: congress staff and who serves a station. A deputy reads the own page alone."""
    return user.is_congress_staff or Station.objects.served_by(user).exists()


def knows_people(user: User) -> bool:
    """Groups, pairings and the calendar: as above, and deputies, of their own; who no longer sits reads on."""
    return reads_people(user) or Deputy.objects.filter(user=user).exists()


def _keeps(user: User, region: Region) -> bool:
    return user.is_congress_staff and user.scope is not None and region.path.startswith(user.scope)


def keeps_station(user: User, station: Station) -> bool:
    """Who chooses the members of a station: congress staff of its region and of those above."""
    return _keeps(user, station.region)


def keeps_group(user: User, group: DeputyGroup) -> bool:
    return _keeps(user, group.region)


def pairs(user: User, deputy: Deputy) -> bool:
    """Congress staff, and who serves the deputy's station: they know the households and the villages."""
    return reads_people(user) and Deputy.objects.visible_to(user).filter(pk=deputy.pk).exists()
