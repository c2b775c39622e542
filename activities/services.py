from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.calendar import today
from accounts.errors import Refused
from accounts.form_keys import form_key_hash
from accounts.models import Organization, User
from activities.models import Activity, ActivityPhoto, Attendance, Visit
from activities.permissions import may_log_at, may_log_for
from deputies.models import Deputy, DeputyGroup, Mandate
from stations.models import Station

if TYPE_CHECKING:
    from django.core.files.base import ContentFile

Logged = TypeVar("Logged", Activity, Visit)

LATE_AFTER = timedelta(days=7)

S = Activity.Status
MOVES = {
    S.PLANNED: {S.HELD, S.CANCELLED},
    S.HELD: {S.PUBLISHED, S.CANCELLED},
    S.PUBLISHED: {S.HELD},
    S.CANCELLED: set(),
}


@transaction.atomic
def log_activity(
    activity: Activity,
    *,
    by: User,
    deputies: Iterable[Deputy] = (),
    departments: Iterable[Organization] = (),
    photos: Iterable[ContentFile[bytes]] = (),
    form_key: str = "",
) -> Activity:
    """An activity that took place. More than seven days later it is marked 补录; the region is the station's, for good.

    One form, one activity: a second tap or a retry with the same key returns the first one.
    """
    first = _first(Activity, form_key)
    if first is not None:
        return first
    if activity.held_on > today():
        raise Refused("活动日期不能晚于今天；还没有开展的活动请先列入计划。")
    owner = activity.station or activity.group
    if owner is None:
        raise Refused("请选择开展活动的联络站或代表小组。")
    _check_owners(by, activity.station, activity.group)
    present = {deputy.pk: deputy for deputy in deputies}
    suspended = _suspended(present.values())
    if suspended:
        names = "、".join(deputy.name for deputy in suspended)
        raise Refused(f"{names}已暂停执行代表职务，不能记入参加名单。")
    activity.region = owner.region
    activity.logged_by = by
    activity.is_late = today() - activity.held_on > LATE_AFTER
    kept = _saved(activity, form_key)
    if kept is not activity:
        return kept
    activity.departments.set(departments)
    Attendance.objects.bulk_create([Attendance(activity=activity, deputy=present[pk]) for pk in sorted(present)])
    for photo in photos:
        ActivityPhoto.objects.create(activity=activity, image=photo)
    return activity


def _first(model: type[Logged], form_key: str) -> Logged | None:
    return model._default_manager.filter(form_key_hash=form_key_hash(form_key)).first() if form_key else None


def _saved(row: Logged, form_key: str) -> Logged:
    """The row, saved; or the one that another tap on the same form saved at the same moment."""
    row.form_key_hash = form_key_hash(form_key) if form_key else None
    row.full_clean(exclude=["region_path", "form_key_hash"])
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        twin = _first(type(row), form_key)
        if twin is None:
            raise
        return twin
    return row


def _check_owners(by: User, station: Station | None, group: DeputyGroup | None) -> None:
    if station is not None and not may_log_at(by, station):
        raise Refused("您不在这个联络站，请选择本人所在的联络站。")
    if group is not None and not may_log_for(by, group):
        raise Refused("您不在这个代表小组，请选择本人所在的小组。")


def _suspended(deputies: Iterable[Deputy]) -> list[Deputy]:
    """Those who do not execute their office at present (代表法 art. 61)."""
    suspended = Mandate.objects.filter(status=Mandate.Status.SUSPENDED)
    return list(Deputy.objects.filter(pk__in=[d.pk for d in deputies], mandates__in=suspended).distinct())


def moves_for(activity: Activity, by: User) -> list[Activity.Status]:
    """Where `by` may bring the activity: reviewers publish and take back, whoever logged it may void it before."""
    served = Station.objects.served_by(by).filter(pk=activity.station_id or 0).exists()
    reviews = served or (
        by.is_congress_staff and by.organization is not None and by.organization.region_id == activity.region_id
    )
    own = activity.logged_by_id == by.pk and activity.status == S.HELD
    known = MOVES[S(activity.status)]
    return [to for to in S if to in known and (reviews or (own and to is S.CANCELLED))]


@transaction.atomic
def change_activity(activity: Activity, *, to: str, by: User) -> None:
    """计划、已开展、取消、已公开. Publishing is a review: what is public has been read by officer or staff (mission U1)."""
    target = S(to)
    seen = activity.status
    Activity.objects.select_for_update().get(pk=activity.pk)
    activity.refresh_from_db(fields=["status"])
    if activity.status != seen:
        raise Refused("这项活动刚被别人更新，请刷新后再办。")
    if target not in moves_for(activity, by):
        raise Refused(
            f"这项活动现在是“{activity.get_status_display()}”，您不能改为“{target.label}”；需要时请联系联络站或人大机构。"
        )
    activity.status = target
    activity.save(update_fields=["status"])


@transaction.atomic
def log_visit(visit: Visit, *, by: User, form_key: str = "") -> Visit:
    """A visit, by the deputy or for the deputy by an officer; the latter waits for the deputy's one tap (mission U7).

    One form, one visit: a second tap or a retry with the same key returns the first one.
    """
    first = _first(Visit, form_key)
    if first is not None:
        return first
    if visit.visited_on > today():
        raise Refused("走访日期不能晚于今天。")
    if visit.deputy is None and visit.group is None:
        raise Refused("请选择走访的代表或代表小组。")
    _check_owners(by, visit.station, visit.group)
    for deputy in _suspended([visit.deputy] if visit.deputy is not None else Deputy.objects.filter(user=by)):
        raise Refused(f"{deputy}已暂停执行代表职务，不能记走访。")
    subject = visit.station or visit.group or visit.deputy
    assert subject is not None
    visit.region = subject.region
    visit.logged_by = by
    visit.is_late = today() - visit.visited_on > LATE_AFTER
    own = visit.deputy is not None and visit.deputy.user_id == by.pk
    visit.confirmed_at = timezone.now() if own or visit.deputy is None else None
    return _saved(visit, form_key)


@transaction.atomic
def confirm_visit(visit: Visit, *, by: User) -> None:
    if visit.deputy is None or visit.deputy.user_id != by.pk:
        raise Refused("走访记录由代表本人确认。")
    locked = Visit.objects.select_for_update().get(pk=visit.pk)
    if locked.confirmed_at is None:
        locked.confirmed_at = timezone.now()
        locked.save(update_fields=["confirmed_at"])
