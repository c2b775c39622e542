"""局长进站: matters taken up on the spot, handed over with a limit, and followed until each is closed (mission U3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.calendar import in_words, today
from accounts.errors import Refused
from accounts.form_keys import form_key_hash
from accounts.models import Organization, User
from activities.models import Activity
from stations.models import Station, StationPost
from suggestions import deadlines
from suggestions.models import Category, Event, ProblemKind, Suggestion
from suggestions.services.handing_over import latest_due, transfer
from suggestions.services.intake import Statement, accept, escalate, escalation_targets, submit
from suggestions.workflow import OPEN, Status

DIRECTOR_VISIT = "director_visit"


@dataclass(frozen=True)
class Matter:
    """One thing said to a director's face: what it is about, whose it is to settle and until when."""

    statement: Statement
    category: Category
    problem_kind: ProblemKind
    unit: Organization
    due: date | None = None


def takes_up(user: User, activity: Activity) -> bool:
    """Officer or head of the station where it is held; staff of the congress organ that holds its matters."""
    if activity.station is None:
        return False
    if StationPost.objects.sitting().filter(station=activity.station, user=user, post__in=StationPost.ACTING).exists():
        return True
    organ = user.organization
    return user.is_congress_staff and organ is not None and organ.region_id == holder_of(activity).region_id


def holder_of(activity: Activity) -> Organization:
    assert activity.station is not None
    return Organization.objects.congress_organ_of(activity.station.region)


def units_at(activity: Activity) -> QuerySet[Organization]:
    """The departments that are present, whatever their level, and the units of the holder's own level."""
    present = activity.departments.values("pk")
    units = Organization.objects.handling_units().filter(Q(pk__in=present) | Q(region=holder_of(activity).region_id))
    return units.select_related("region").order_by("kind", "name")


@transaction.atomic
def take_up(activity: Activity, matter: Matter, *, form_key: str, by: User) -> Suggestion:
    """Submit, accept and transfer by the same rules as anywhere, all of it or nothing.

    A unit above the own level is not the station's to command: the case goes up to the organ of that unit's level
    with the unit and the limit that were agreed, and is handed over there with one tap.
    """
    first = Suggestion.objects.filter(form_key_hash=form_key_hash(form_key)).first()
    if first is not None:
        return first
    _may_be_taken_up(activity, matter.unit, by)
    case = submit(
        matter.statement,
        form_key=form_key,
        station=activity.station,
        channel=Suggestion.Channel.ACTIVITY,
        by=by,
        activity=activity,
    )
    if case.status != Status.SUBMITTED:
        # The other of two taps was first; what it wrote, it wrote whole.
        return case
    accept(case, category=matter.category, problem_kind=matter.problem_kind, by=by)
    if matter.unit.region_id == case.holder.region_id:
        transfer(case, to=matter.unit, due=matter.due, by=by, note=_note(activity))
    else:
        _send_up(case, activity, matter, by)
    return case


def _may_be_taken_up(activity: Activity, unit: Organization, by: User) -> None:
    if activity.type.code != DIRECTOR_VISIT:
        raise Refused("只有类型是“局长进站”的活动可以现场交办。")
    if activity.station is None:
        raise Refused("现场交办的事由联络站跟到办结，请把这次活动记在联络站名下。")
    if activity.status == Activity.Status.CANCELLED or activity.held_on > today():
        raise Refused("这次局长进站还没有开展或者已经取消，不能登记现场交办的事。")
    if not takes_up(by, activity):
        raise Refused("现场交办由本站联络员、站长或本级人大机构登记。")
    if not units_at(activity).filter(pk=unit.pk).exists():
        raise Refused(f"{unit}不是到场的部门，也不是本级的承办单位，请从名单中选择。", field="unit")


def _note(activity: Activity) -> str:
    return f"局长进站现场交办（{in_words(activity.held_on)}）。"


def _send_up(case: Suggestion, activity: Activity, matter: Matter, by: User) -> None:
    organ = next((o for o in escalation_targets(case) if o.region_id == matter.unit.region_id), None)
    if organ is None:
        raise Refused(f"{matter.unit}不在本级或上级，请选择到场的部门或本级的单位。", field="unit")
    try:
        deadlines.limited(latest_due(case, today()), today(), matter.due, today())
    except deadlines.BadLimit as error:
        raise Refused(str(error), field="due") from error
    case.proposed_unit, case.proposed_due = matter.unit, matter.due
    case.save(update_fields=["proposed_unit", "proposed_due"])
    until = f"，限{in_words(matter.due)}前答复" if matter.due else ""
    escalate(case, reason=f"局长进站现场商定由{matter.unit}办理{until}，不属于本级管理。", to=organ, by=by)


@transaction.atomic
def hand_over(case: Suggestion, *, by: User) -> Event:
    """The one tap of the organ above: to the unit and with the limit that were agreed at the station."""
    if case.proposed_unit is None or case.activity is None:
        raise Refused("这件事没有现场商定的承办单位，请打开这件事再转办。")
    return transfer(case, to=case.proposed_unit, due=case.proposed_due, by=by, note=_note(case.activity))


def with_open_matters(user: User) -> QuerySet[Activity]:
    """Directors' visits that the user follows and that are not yet settled, each with how many are `left`."""
    mine = Q(station__in=Station.objects.served_by(user).values("pk"))
    if user.is_congress_staff and user.organization is not None:
        mine |= Q(region=user.organization.region_id)
    is_open = Suggestion.objects.open().filter(activity=OuterRef("pk"))
    visits = Activity.objects.filter(mine, Exists(is_open), type__code=DIRECTOR_VISIT)
    left = Count("suggestions", filter=Q(suggestions__status__in=sorted(OPEN)))
    return visits.select_related("station").annotate(left=left).order_by("held_on", "pk")
