"""Activities and visits of the demo, kept until all are written at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from accounts.calendar import SHANGHAI, Calendar
from accounts.models import Holiday, Organization, User
from activities.models import Activity, ActivityType, Attendance, Theme, Visit
from deputies.models import Deputy, DeputyGroup, Pairing
from stations.models import Station

Logged = type[Activity] | type[Visit]


def spread(start: date, end: date, count: int, calendar: Calendar) -> list[date]:
    """`count` working days from `start` to `end`, as evenly as they come."""
    span = (end - start).days
    days = [start + timedelta(days=round(span * (n + 0.5) / count)) for n in range(count)]
    return [min(calendar.next_working_day(day), end) for day in days]


class Diary:
    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.types = {kind.code: kind for kind in ActivityType.objects.all()}
        self.calendar: Calendar = Holiday.objects.calendar()
        self.activities: list[Activity] = []
        self.attendances: list[Attendance] = []
        self.departments: list[tuple[Activity, Organization]] = []
        self.visits: list[Visit] = []

    def activity(
        self,
        kind: str,
        title: str,
        on: date,
        *,
        by: User,
        station: Station | None = None,
        group: DeputyGroup | None = None,
        members: Sequence[Deputy] = (),
        present: int = 8,
        outsiders: int = 0,
        lecturers: str = "",
        departments: Iterable[Organization] = (),
        place: str = "",
        summary: str = "",
        theme: Theme | None = None,
        status: str = Activity.Status.PUBLISHED,
    ) -> None:
        owner = station or group
        assert owner is not None
        activity = Activity(
            type=self.types[kind],
            title=title,
            station=station,
            group=group,
            held_on=on,
            place=place or (str(station) if station else owner.region.name),
            status=status,
            outsiders=outsiders,
            lecturers=lecturers,
            summary=summary,
            theme=theme,
            region=owner.region,
            region_path=owner.region.path,
            logged_by=by,
        )
        self.activities.append(activity)
        self.departments.extend((activity, department) for department in departments)
        there = self.chance.sample(members, min(present, len(members)))
        self.attendances.extend(Attendance(activity=activity, deputy=deputy) for deputy in there)

    def visit(
        self,
        deputy: Deputy,
        station: Station,
        on: date,
        *,
        by: User,
        target: str,
        people: int,
        households: int = 0,
        place: str = "",
        summary: str = "",
        theme: Theme | None = None,
        pairing: Pairing | None = None,
        confirmed: bool = True,
    ) -> Visit:
        visit = Visit(
            deputy=deputy,
            station=station,
            target=target,
            visited_on=on,
            place=place,
            households=households,
            people=people,
            summary=summary,
            theme=theme,
            pairing=pairing,
            region=station.region,
            region_path=station.region.path,
            logged_by=by,
            confirmed_at=_evening(on) if confirmed else None,
        )
        self.visits.append(visit)
        return visit

    def save(self) -> None:
        Activity.objects.bulk_create(self.activities)
        Attendance.objects.bulk_create(self.attendances)
        through = Activity.departments.through
        through.objects.bulk_create(
            [through(activity_id=activity.pk, organization_id=unit.pk) for activity, unit in self.departments]
        )
        Visit.objects.bulk_create(self.visits)
        # The time of logging is set by the database row's birth; these were logged on the evening of their day.
        for model, field in ((Activity, "held_on"), (Visit, "visited_on")):
            for on in {getattr(row, field) for row in (*self.activities, *self.visits) if isinstance(row, model)}:
                model.objects.filter(**{field: on}).update(logged_at=_evening(on))


def _evening(on: date) -> datetime:
    return min(datetime.combine(on, time(18, 30), SHANGHAI), timezone.now())
