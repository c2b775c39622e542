"""Activities: logged once, reviewed, then public."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Organization, User
from activities.models import Activity, ActivityPhoto, Attendance
from activities.permissions import logged, reviews
from activities.services.logged import LATE_AFTER, check_owners, first_of, saved
from activities.services.planned import check_is_past, check_plan_item, not_suspended
from deputies.models import Deputy

if TYPE_CHECKING:
    from django.core.files.base import ContentFile

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
    first = first_of(Activity, form_key)
    if first is not None:
        return first
    if activity.held_on > today():
        raise Refused("活动日期不能晚于今天；还没有开展的活动请先列入计划。")
    owner = activity.station or activity.group
    if owner is None:
        raise Refused("请选择开展活动的联络站或代表小组。")
    check_owners(by, activity.station, activity.group)
    present = {deputy.pk: deputy for deputy in deputies}
    not_suspended(present.values())
    check_plan_item(activity)
    activity.region = owner.region
    activity.logged_by = by
    activity.is_late = today() - activity.held_on > LATE_AFTER
    kept = saved(activity, form_key)
    if kept is not activity:
        return kept
    activity.departments.set(departments)
    Attendance.objects.bulk_create([Attendance(activity=activity, deputy=present[pk]) for pk in sorted(present)])
    for photo in photos:
        ActivityPhoto.objects.create(activity=activity, image=photo)
    return activity


def moves_for(activity: Activity, by: User) -> list[Activity.Status]:
    """Where `by` may bring the activity: reviewers publish and take back, whoever logged it may void it before.

    Whoever planned it says whether it was held.
    """
    may_review = reviews(by, activity)
    own = logged(by, activity)
    known = MOVES[S(activity.status)]
    mine = {S.PLANNED: {S.HELD, S.CANCELLED}, S.HELD: {S.CANCELLED}}.get(S(activity.status), set()) if own else set()
    return [to for to in S if to in known and (may_review or to in mine)]


@transaction.atomic
def change_activity(activity: Activity, *, to: str, by: User) -> None:
    """计划、已开展、取消、已公开. Publishing is a review: what is public has been read by officer or staff (mission U1)."""
    target = S(to)
    seen = activity.status
    Activity.objects.select_for_update().get(pk=activity.pk)
    activity.refresh_from_db(fields=["status", "held_on"])
    if activity.status != seen:
        raise Refused("这项活动刚被别人更新，请刷新后再办。")
    if target not in moves_for(activity, by):
        raise Refused(
            f"这项活动现在是“{activity.get_status_display()}”，您不能改为“{target.label}”；需要时请联系联络站或人大机构。"
        )
    if seen == S.PLANNED and target == S.HELD:
        check_is_past(activity)
        activity.is_late = today() - activity.held_on > LATE_AFTER
    activity.status = target
    activity.save(update_fields=["status", "is_late"])
