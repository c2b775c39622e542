"""代表小组: members, the leader, the station that a group enters as a unit (mission C3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from accounts.calendar import in_words
from accounts.errors import Refused
from accounts.models import User
from deputies.models import Deputy, DeputyGroup, GroupEntry, GroupMembership
from deputies.permissions import keeps_group, keeps_station
from deputies.services.days import all_or_none, checked, in_office, the_day, the_end
from stations.models import Station


def _the_group(group: DeputyGroup, by: User) -> DeputyGroup:
    """Locked: two leaders appointed side by side would each end the same one before."""
    group = DeputyGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
    if not keeps_group(by, group):
        raise Refused(f"{group}不在您的辖区，请由小组所在区域的人大机构办理。")
    if group.ended_on is not None:
        raise Refused(f"{group}已于{in_words(group.ended_on)}撤销。")
    return group


@transaction.atomic
def join_group(deputy: Deputy, group: DeputyGroup, *, by: User, since: date | None = None) -> GroupMembership:
    """A deputy may be in several groups, of a lower level too (代表法 art. 26), and in each once at a time."""
    day = the_day(since, "since")
    group = _the_group(group, by)
    deputy = in_office(deputy)
    if not Deputy.objects.visible_to(by).filter(pk=deputy.pk).exists():
        raise Refused("该代表不在您的辖区，请由档案所在区域办理。")
    if day < group.since:
        raise Refused(f"入组日期不能早于小组成立日期{in_words(group.since)}。", field="since")
    for former in GroupMembership.objects.filter(group=group, deputy=deputy, ended_on__gt=day):
        end = in_words(former.ended_on or day)
        raise Refused(f"{deputy}到{end}为止已在本组，与这次入组时间重叠，请核对日期。", field="since")
    row = GroupMembership(group=group, deputy=deputy, since=day)
    checked(row)
    row.save()
    return row


@transaction.atomic
def join_all(group: DeputyGroup, deputies: Iterable[Deputy], *, by: User, since: date | None = None) -> int:
    return all_or_none(deputies, lambda deputy: join_group(deputy, group, by=by, since=since))


@transaction.atomic
def leave_group(membership: GroupMembership, *, by: User, on: date | None = None) -> None:
    _the_group(membership.group, by)
    row = _standing(membership)
    row.ended_on = the_end(on, row.since)
    row.save(update_fields=["ended_on"])


@transaction.atomic
def appoint_leader(membership: GroupMembership, *, by: User, on: date | None = None) -> GroupMembership:
    """One leader at a time. Who led goes on as a member; both changes bear the day, as rows that end and begin."""
    day = the_day(on, "on")
    group = _the_group(membership.group, by)
    row = _standing(membership)
    if row.is_leader:
        raise Refused(f"{row.deputy}已经是组长。")
    in_office(row.deputy)
    former = GroupMembership.objects.filter(group=group, ended_on__isnull=True, is_leader=True).first()
    for each, leads in ((former, False), (row, True)):
        if each is not None:
            if day < each.since:
                raise Refused(f"任命日期不能早于{each.deputy}入组（任职）的日期{in_words(each.since)}。", field="on")
            row = _follow(each, leads, day)
    return row


def _follow(row: GroupMembership, leads: bool, day: date) -> GroupMembership:
    """A membership in another capacity from this day on. What began today is put right in place."""
    if row.since == day:
        row.is_leader = leads
        row.save(update_fields=["is_leader"])
        return row
    row.ended_on = day
    row.save(update_fields=["ended_on"])
    return GroupMembership.objects.create(group=row.group, deputy=row.deputy, is_leader=leads, since=day)


def _standing(membership: GroupMembership) -> GroupMembership:
    row = GroupMembership.objects.select_related("deputy", "group").get(pk=membership.pk)
    if row.ended_on is not None:
        raise Refused(f"{row.deputy}已于{in_words(row.ended_on)}退出本组。")
    return row


@transaction.atomic
def enter_group(group: DeputyGroup, station: Station, *, by: User, since: date | None = None) -> GroupEntry:
    """The group enters as a unit. Nobody becomes a member of the station by it: people enter by themselves."""
    day = the_day(since, "since")
    group = _the_group(group, by)
    if not keeps_station(by, station):
        raise Refused(f"{station}不在您的辖区，请由该站所在区域的人大机构办理。", field="station")
    if not station.is_public:
        raise Refused(f"{station}现在是“{station.get_life_display()}”，不能进站。", field="station")
    row = GroupEntry(group=group, station=station, since=day)
    checked(row)
    row.save()
    return row


@transaction.atomic
def end_entry(entry: GroupEntry, *, by: User, on: date | None = None) -> None:
    group = _the_group(entry.group, by)
    row = GroupEntry.objects.get(pk=entry.pk)
    if row.ended_on is not None:
        raise Refused(f"{group}已于{in_words(row.ended_on)}离站。")
    row.ended_on = the_end(on, row.since)
    row.save(update_fields=["ended_on"])
