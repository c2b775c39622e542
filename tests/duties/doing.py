"""What deputies and groups of the cast do, in one line each."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import User
from activities.models import Activity, ActivityType, Attendance, DutyReport, Visit
from deputies.models import Deputy
from suggestions.models import CoSignature, Suggestion
from tests.cast import World


def client_of(world: World, who: str | User) -> Client:
    client = Client()
    if who != "anonymous":
        client.force_login(world.users[who] if isinstance(who, str) else who)
    return client


def held(world: World, code: str, day: date, *present: Deputy, **extra: Any) -> Activity:
    extra.setdefault("station", None if "group" in extra else world.station)
    title = extra.pop("title", f"{day.month}月活动")
    activity = Activity.objects.create(
        type=ActivityType.objects.get(code=code), title=title, region=world.township, held_on=day, **extra
    )
    Attendance.objects.bulk_create(Attendance(activity=activity, deputy=deputy) for deputy in present)
    return activity


def visited(world: World, deputy: Deputy, day: date, households: int = 2, people: int = 5, **extra: Any) -> Visit:
    return Visit.objects.create(
        deputy=deputy,
        station=world.station,
        region=world.township,
        visited_on=day,
        households=households,
        people=people,
        confirmed_at=timezone.now(),
        **extra,
    )


def reported(world: World, deputy: Deputy, day: date, satisfied: int = 45, dissatisfied: int = 5) -> DutyReport:
    activity = held(world, "duty_report", day, deputy, title="向选民述职")
    return DutyReport.objects.create(
        activity=activity, deputy=deputy, voters=60, satisfied=satisfied, dissatisfied=dissatisfied
    )


def proposal(world: World, lead: Deputy, day: date, number: str, *signers: Deputy, **extra: Any) -> Suggestion:
    """A numbered proposal as the table holds it; how it came there is tested elsewhere."""
    case = Suggestion.objects.create(
        number=f"9{number.zfill(11)}",
        kind="proposal",
        status=extra.pop("status", "handling"),
        title=extra.pop("title", f"关于第{number}件事的建议"),
        text="事由",
        region=world.county,
        lead=lead,
        congress=world.congress,
        holder=world.county_organ,
        proposal_number=number,
        submitted_on=day,
        submitted_at=timezone.now(),
        **extra,
    )
    for signer in signers:
        CoSignature.objects.create(
            suggestion=case, deputy=signer, invited_at=timezone.now(), confirmed_at=timezone.now()
        )
    return case
