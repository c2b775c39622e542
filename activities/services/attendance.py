"""Who was there: entered in one go, by tick or from a list, put right afterwards; leave is asked before (mission U1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.calendar import in_words, today
from accounts.errors import Refused
from accounts.models import User
from activities.models import Activity, Attendance
from activities.permissions import keeps
from activities.services.planned import not_suspended
from deputies.models import Deputy, GroupMembership, StationMembership

S = Activity.Status
P = Attendance.Presence


def invited_to(activity: Activity) -> QuerySet[Deputy]:
    """应到: those on the list of the activity, and who sits in its station or its group."""
    listed = Attendance.objects.filter(activity=activity)
    in_station = StationMembership.objects.sitting().filter(station=activity.station_id or 0)
    in_group = GroupMembership.objects.filter(group=activity.group_id or 0, ended_on__isnull=True)
    return Deputy.objects.filter(
        Q(pk__in=listed.values("deputy")) | Q(pk__in=in_station.values("deputy")) | Q(pk__in=in_group.values("deputy"))
    )


def _kept(activity: Activity, by: User) -> Activity:
    """The row, locked: two people who enter the same activity go one after the other."""
    locked = Activity.objects.select_for_update().get(pk=activity.pk)
    if not keeps(by, locked):
        raise Refused("参加情况由联络站或人大机构登记，您不能改；有出入请联系他们。")
    if locked.status == S.CANCELLED:
        raise Refused("这项活动已经取消，不能登记参加情况。")
    return locked


def _check_day(activity: Activity) -> None:
    if activity.held_on > today():
        raise Refused(f"活动定在{in_words(activity.held_on)}，到那天以后再登记到场；要请假的代表可以现在请假。")


@transaction.atomic
def take_attendance(
    activity: Activity,
    *,
    by: User,
    present: Iterable[Deputy] = (),
    leave: Mapping[Deputy, str] | None = None,
    absent: Iterable[Deputy] = (),
    rest_absent: bool = False,
    channel: str = Attendance.Channel.TICK,
) -> int:
    """Who came, who asked for leave, who did not come; how many rows were written. A person has one row, and counts once.

    `rest_absent`: who was invited and of whom nothing is known did not come.
    """
    locked = _kept(activity, by)
    said: dict[Deputy, tuple[str, str]] = dict.fromkeys(absent, (P.ABSENT, ""))
    said |= {deputy: (P.LEAVE, reason) for deputy, reason in (leave or {}).items()}
    said |= dict.fromkeys(present, (P.PRESENT, ""))
    if rest_absent or any(presence != P.LEAVE for presence, _ in said.values()):
        _check_day(locked)
    not_suspended(said)
    rows = {row.deputy_id: row for row in locked.attendances.select_related("deputy")}
    for deputy, (presence, reason) in said.items():
        row = rows.setdefault(deputy.pk, Attendance(activity=locked, deputy=deputy))
        row.presence, row.reason, row.channel = presence, reason[:60], channel
        row.save()
    if rest_absent:
        for row in rows.values():
            if row.presence == P.ROTA:
                row.presence = P.ABSENT
                row.save()
    return len(said)


@transaction.atomic
def correct_attendance(attendance: Attendance, *, presence: str, reason: str = "", correction: str, by: User) -> None:
    """Put right afterwards, and said why. What it was before stays in the audit; points follow with the next settling."""
    locked = _kept(attendance.activity, by)
    row = Attendance.objects.select_for_update().select_related("deputy").get(pk=attendance.pk)
    if not correction.strip():
        raise Refused("请写明为什么更正，例如“本人说明当天到场”。", field="correction")
    if presence in (P.PRESENT, P.ABSENT):
        _check_day(locked)
    if presence == P.PRESENT:
        not_suspended([row.deputy])
    row.presence, row.correction = presence, correction.strip()
    row.reason = reason.strip() if presence == P.LEAVE else ""
    row.full_clean(exclude=["activity", "deputy"])
    row.save()


@transaction.atomic
def request_leave(activity: Activity, *, reason: str, by: User) -> Attendance:
    """A deputy asks for leave before the activity. Who comes all the same is simply entered as present."""
    locked = Activity.objects.select_for_update().get(pk=activity.pk)
    deputy = invited_to(locked).filter(user=by).first()
    if deputy is None:
        raise Refused("您不在这项活动的应到名单里，不用请假。")
    not_suspended([deputy])
    if locked.status != S.PLANNED or locked.held_on < today():
        raise Refused("请假要在活动以前提出；活动以后请联系联络站更正。")
    if not reason.strip():
        raise Refused("请写明请假事由，几个字就行，例如“出差”。", field="reason")
    row, _ = Attendance.objects.get_or_create(activity=locked, deputy=deputy, defaults={"presence": P.ROTA})
    if row.presence == P.PRESENT:
        raise Refused("您已签到，不用请假。")
    row.presence, row.reason = P.LEAVE, reason.strip()
    row.full_clean(exclude=["activity", "deputy"])
    row.save()
    return row
