"""双进站: enter, leave, move between stations, each with its day (mission C2). What has ended stays as history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from accounts.calendar import in_words
from accounts.errors import Refused
from accounts.models import User
from deputies.models import Deputy, StationMembership
from deputies.permissions import keeps_station
from deputies.services.days import all_or_none, checked, in_office, locked, the_day, the_end
from stations.models import Station


def kind_of(station: Station) -> StationMembership.Kind:
    """A regional station is the home station; an industry or professional one the second (mission C2)."""
    kinds = StationMembership.Kind
    return kinds.HOME if station.kind == Station.Kind.REGIONAL else kinds.SECTOR


def may_change(station: Station, deputy: Deputy, by: User) -> None:
    if not keeps_station(by, station):
        raise Refused(f"{station}不在您的辖区，请由该站所在区域的人大机构办理。")
    if not Deputy.objects.visible_to(by).filter(pk=deputy.pk).exists():
        raise Refused("该代表不在您的辖区，请由档案所在区域办理。")


def clash_of(deputy: Deputy, station: Station, since: date) -> str:
    """The sentence for a membership that this one would overlap, or nothing. The day of a change belongs to both."""
    kind = kind_of(station)
    rows = StationMembership.objects.filter(deputy=deputy).select_related("station")
    for row in rows:
        if not row.overlaps(since, None) or (row.kind != kind and row.station_id != station.pk):
            continue
        if row.ended_on is None and row.station_id == station.pk:
            return f"{deputy}已在{station}。"
        if row.ended_on is None:
            return f"{deputy}现在{row.station}（{row.get_kind_display()}），请先离站，或办理转站。"
        return (
            f"{deputy}{in_words(row.since)}至{in_words(row.ended_on)}在{row.station}，与这次进站时间重叠，请核对日期。"
        )
    return ""


@transaction.atomic
def enter_station(deputy: Deputy, station: Station, *, by: User, since: date | None = None) -> StationMembership:
    """进站. One sitting home station and one sitting sector station a person; never two at once of a kind."""
    day = the_day(since, "since")
    deputy = in_office(deputy)
    may_change(station, deputy, by)
    if not station.is_public:
        raise Refused(f"{station}现在是“{station.get_life_display()}”，不能进站。", field="station")
    sentence = clash_of(deputy, station, day)
    if sentence:
        raise Refused(sentence, field="since" if "核对日期" in sentence else "station")
    row = StationMembership(deputy=deputy, station=station, kind=kind_of(station), since=day)
    checked(row)
    row.save()
    return row


@transaction.atomic
def enter_all(station: Station, deputies: Iterable[Deputy], *, by: User, since: date | None = None) -> int:
    return all_or_none(deputies, lambda deputy: enter_station(deputy, station, by=by, since=since))


def _sitting(membership: StationMembership) -> StationMembership:
    locked(membership.deputy)
    row = StationMembership.objects.select_related("station", "deputy").get(pk=membership.pk)
    if row.ended_on is not None:
        raise Refused(f"{row.deputy}已于{in_words(row.ended_on)}离站。")
    return row


@transaction.atomic
def leave_station(membership: StationMembership, *, by: User, on: date | None = None) -> None:
    row = _sitting(membership)
    may_change(row.station, row.deputy, by)
    row.ended_on = the_end(on, row.since)
    row.save(update_fields=["ended_on"])


@transaction.atomic
def move_station(
    membership: StationMembership, station: Station, *, by: User, on: date | None = None
) -> StationMembership:
    """转站: leaves the one and enters another of the same kind on the same day, or neither."""
    row = _sitting(membership)
    if kind_of(station) != row.kind:
        raise Refused("转站只能转到同一类联络站；进另一类联络站请办理进站。", field="station")
    leave_station(row, by=by, on=on)
    return enter_station(row.deputy, station, by=by, since=on)
