"""Activities before they happen: planned with a date and whom they invite, then entered as held, or cancelled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction

from accounts.calendar import in_words, today
from accounts.errors import Refused
from accounts.models import Organization, User
from activities.models import Activity, ActivityPhoto, Attendance
from activities.permissions import keeps
from activities.services.logged import LATE_AFTER, check_owners, check_theme, first_of, saved, suspended_among
from activities.services.plans import items_for
from deputies.models import Deputy

if TYPE_CHECKING:
    from django.core.files.base import ContentFile

S = Activity.Status
P = Attendance.Presence


def not_suspended(deputies: Iterable[Deputy]) -> None:
    """Nobody whose office is suspended is invited or counted (代表法 art. 61)."""
    suspended = suspended_among(deputies)
    if suspended:
        names = "、".join(sorted(deputy.name for deputy in suspended))
        raise Refused(f"{names}已暂停执行代表职务，不能记入参加名单。", field="deputies")


def check_plan_item(activity: Activity) -> None:
    check_theme(activity.theme, activity.held_on, (activity.station or activity.group or activity).region)
    if activity.plan_item is None:
        return
    fitting = items_for(station=activity.station, group=activity.group, years=[activity.held_on.year])
    if not fitting.filter(pk=activity.plan_item.pk).exists():
        raise Refused("所选计划事项不是本站、本小组或上级这一年的，请重新选择。", field="plan_item")


@transaction.atomic
def plan_activity(activity: Activity, *, by: User, deputies: Iterable[Deputy] = (), form_key: str = "") -> Activity:
    """An activity to come, with those it invites (应到). One form, one activity."""
    first = first_of(Activity, form_key)
    if first is not None:
        return first
    _check_day_to_come(activity)
    owner = activity.station or activity.group
    if owner is None:
        raise Refused("请选择开展活动的联络站或代表小组。")
    check_owners(by, activity.station, activity.group)
    check_plan_item(activity)
    invited = {deputy.pk: deputy for deputy in deputies}
    not_suspended(invited.values())
    activity.region, activity.logged_by, activity.status = owner.region, by, S.PLANNED
    kept = saved(activity, form_key)
    if kept is activity:
        Attendance.objects.bulk_create(
            [Attendance(activity=activity, deputy=invited[pk], presence=P.ROTA) for pk in sorted(invited)]
        )
    return kept


@transaction.atomic
def change_planned(activity: Activity, *, by: User, deputies: Iterable[Deputy]) -> Activity:
    """Another day, another place, other guests. A leave that was asked stays; a sign-in code is of the old day, and goes."""
    locked = Activity.objects.select_for_update().get(pk=activity.pk)
    if not keeps(by, locked) or locked.status != S.PLANNED:
        raise Refused("这项活动已经不在计划中，请刷新后再办。")
    _check_day_to_come(activity)
    check_plan_item(activity)
    invited = {deputy.pk: deputy for deputy in deputies}
    not_suspended(invited.values())
    activity.sign_in_code = "" if activity.held_on != locked.held_on else locked.sign_in_code
    activity.full_clean(exclude=["region_path", "form_key_hash"])
    activity.save()
    known = dict(activity.attendances.values_list("deputy", "presence"))
    activity.attendances.filter(presence=P.ROTA).exclude(deputy__in=invited).delete()
    Attendance.objects.bulk_create(
        [
            Attendance(activity=activity, deputy=invited[pk], presence=P.ROTA)
            for pk in sorted(invited)
            if pk not in known
        ]
    )
    return activity


def _check_day_to_come(activity: Activity) -> None:
    if activity.held_on < today():
        raise Refused("计划的日期不能早于今天；已经开展的活动请用“记活动”。", field="held_on")


def check_is_past(activity: Activity) -> None:
    """An activity in the future is not marked held."""
    if activity.held_on > today():
        raise Refused(
            f"这项活动定在{in_words(activity.held_on)}，还没有开展，到那天以后再登记；提前开展的请先改日期。",
            field="held_on",
        )


@transaction.atomic
def record_activity(
    activity: Activity,
    *,
    by: User,
    departments: Iterable[Organization] | None = None,
    photos: Iterable[ContentFile[bytes]] = (),
) -> Activity:
    """What became of it: entered once it was held, and put right until it is public."""
    locked = Activity.objects.select_for_update().get(pk=activity.pk)
    if not keeps(by, locked) or locked.status not in (S.PLANNED, S.HELD):
        raise Refused(f"这项活动现在是“{locked.get_status_display()}”，不能再改；要改已公开的，请先取消公开。")
    check_is_past(activity)
    check_plan_item(activity)
    if locked.status == S.PLANNED:
        activity.is_late = today() - activity.held_on > LATE_AFTER
    activity.status = S.HELD
    activity.sign_in_code = locked.sign_in_code if activity.held_on == locked.held_on else ""
    activity.full_clean(exclude=["region_path", "form_key_hash"])
    activity.save()
    if departments is not None:
        activity.departments.set(departments)
    for photo in photos:
        ActivityPhoto.objects.create(activity=activity, image=photo)
    return activity
