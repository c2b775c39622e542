from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Organization, User
from activities.models import Activity, ActivityPhoto, Attendance, Visit
from deputies.models import Deputy, Mandate, StationMembership
from stations.models import Station

if TYPE_CHECKING:
    from django.core.files.base import ContentFile

LATE_AFTER = timedelta(days=7)

S = Activity.Status
MOVES = {
    S.PLANNED: {S.HELD, S.CANCELLED},
    S.HELD: {S.PUBLISHED, S.CANCELLED},
    S.PUBLISHED: {S.HELD},
    S.CANCELLED: set(),
}


def stations_of(user: User) -> list[Station]:
    """Where this user may log work: the stations served, and the own stations of a deputy, home station first."""
    own = StationMembership.objects.sitting().filter(deputy__user=user).select_related("station").order_by("kind")
    found = {membership.station: None for membership in own}
    found.update(dict.fromkeys(Station.objects.served_by(user)))
    if user.is_congress_staff:
        found.update(dict.fromkeys(Station.objects.visible_to(user).public()))
    return list(found)


@transaction.atomic
def log_activity(
    activity: Activity,
    *,
    by: User,
    deputies: Iterable[Deputy] = (),
    departments: Iterable[Organization] = (),
    photos: Iterable[ContentFile[bytes]] = (),
) -> Activity:
    """An activity that took place. More than seven days later it is marked 补录; the region is the station's, for good."""
    if activity.held_on > today():
        raise Refused("活动日期不能晚于今天；还没有开展的活动请先列入计划。")
    owner = activity.station or activity.group
    if owner is None:
        raise Refused("请选择开展活动的联络站或代表小组。")
    if activity.station is not None and activity.station not in stations_of(by):
        raise Refused("您不在这个联络站，请选择本人所在的联络站。")
    activity.region = owner.region
    activity.logged_by = by
    activity.is_late = today() - activity.held_on > LATE_AFTER
    activity.full_clean(exclude=["region_path"])
    activity.save()
    activity.departments.set(departments)
    deputies = set(deputies)
    suspended = set(
        Mandate.objects.filter(status=Mandate.Status.SUSPENDED, deputy__in=deputies).values_list("deputy", flat=True)
    )
    if suspended:
        names = "、".join(d.name for d in deputies if d.pk in suspended)
        raise Refused(f"{names}已暂停执行代表职务，不能记入参加名单。")
    Attendance.objects.bulk_create(
        [Attendance(activity=activity, deputy=deputy) for deputy in sorted(deputies, key=lambda d: d.pk)]
    )
    for photo in photos:
        ActivityPhoto.objects.create(activity=activity, image=photo)
    return activity


def moves_for(activity: Activity, by: User) -> list[Activity.Status]:
    """Where `by` may bring the activity: reviewers publish and take back, whoever logged it may void it before."""
    reviews = activity.station in Station.objects.served_by(by) or (
        by.is_congress_staff and by.organization is not None and by.organization.region_id == activity.region_id
    )
    own = activity.logged_by_id == by.pk and activity.status == S.HELD
    known = MOVES[S(activity.status)]
    return [to for to in S if to in known and (reviews or (own and to is S.CANCELLED))]


@transaction.atomic
def change_activity(activity: Activity, *, to: str, by: User) -> None:
    """计划、已开展、取消、已公开. Publishing is a review: what is public has been read by officer or staff (mission U1)."""
    target = S(to)
    if target not in moves_for(activity, by):
        raise Refused(
            f"这项活动现在是“{activity.get_status_display()}”，您不能改为“{target.label}”；需要时请联系联络站或人大机构。"
        )
    changed = Activity.objects.filter(pk=activity.pk, status=activity.status).update(status=target)
    if not changed:
        raise Refused("这项活动刚被别人更新，请刷新后再办。")
    activity.refresh_from_db()


@transaction.atomic
def log_visit(visit: Visit, *, by: User) -> Visit:
    """A visit, by the deputy or for the deputy by an officer; the latter waits for the deputy's one tap (mission U7)."""
    if visit.visited_on > today():
        raise Refused("走访日期不能晚于今天。")
    if visit.deputy is None and visit.group is None:
        raise Refused("请选择走访的代表或代表小组。")
    if visit.station is not None and visit.station not in stations_of(by):
        raise Refused("您不在这个联络站，请选择本人所在的联络站。")
    subject = visit.station or visit.group or visit.deputy
    assert subject is not None
    visit.region = subject.region
    visit.logged_by = by
    visit.is_late = today() - visit.visited_on > LATE_AFTER
    own = visit.deputy is not None and visit.deputy.user_id == by.pk
    visit.confirmed_at = timezone.now() if own or visit.deputy is None else None
    visit.full_clean(exclude=["region_path"])
    visit.save()
    return visit


def confirm_visit(visit: Visit, *, by: User) -> None:
    if visit.deputy is None or visit.deputy.user_id != by.pk:
        raise Refused("走访记录由代表本人确认。")
    Visit.objects.filter(pk=visit.pk, confirmed_at__isnull=True).update(confirmed_at=timezone.now())
