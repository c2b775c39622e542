"""交办: from the congress organ to the units, and back: transfer, distribute, recall, hand_down."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet

from accounts.calendar import in_words, today
from accounts.errors import Refused
from accounts.models import Level, Organization, User
from accounts.paths import ancestors
from suggestions import deadlines
from suggestions.models import Assignment, Event, ReturnRequest, Suggestion
from suggestions.permissions import DISTRIBUTING_KINDS, Acting, Hat, require
from suggestions.services.moves import calendar, end_open, keep_paper, move, paper_needed, profile_of
from suggestions.workflow import Status, Verb

Basis = Assignment.Basis


@transaction.atomic
def transfer(
    suggestion: Suggestion,
    *,
    by: User,
    to: Organization | None = None,
    assisting: Iterable[Organization] = (),
    separate: Iterable[Organization] = (),
    due: date | None = None,
    handed_over_on: date | None = None,
    note: str = "",
) -> Event:
    """转办 to a lead unit with assisting ones, or to several units that each answer (分办).

    The clock of 代表法 art. 51 starts on the hand-over day, not on signing; that may be the day of a meeting (交办会).
    `due` is a 限期 earlier than the profile's date. A new transfer starts a new clock; the first T0 stays.
    """
    acting = require(Verb.TRANSFER, suggestion, by)
    separate = list(dict.fromkeys(separate))
    if (to is None) == (not separate) or len(separate) == 1:
        raise Refused("请选择一个主办单位；没有主办、各自答复的，请选择至少两个分办单位。", field="to")
    principals = separate if to is None else [to]
    assisting = [unit for unit in dict.fromkeys(assisting) if unit not in principals]
    for field, units in (("separate" if to is None else "to", principals), ("assisting", assisting)):
        for unit in units:
            _may_receive(suggestion, unit, acting, field)
    t0, profile, days = handed_over_on or today(), profile_of(suggestion), calendar()
    try:
        deadlines.check_t0(t0, suggestion.submitted_on or t0, today())
    except deadlines.BadLimit as error:
        raise Refused(str(error), field="handed_over_on") from error
    rehandled = _is_rehandled(suggestion)
    try:
        due_on = deadlines.limited(latest_due(suggestion, t0), t0, due, today())
    except deadlines.BadLimit as error:
        raise Refused(str(error), field="due") from error
    if due_on < today():
        raise Refused(f"从这个交办日期算，{in_words(due_on)}就该答复了，请改填较近的日期。", field="handed_over_on")
    names = "、".join(map(str, principals)) + ("分别" if separate else "")
    others = f"（协办：{'、'.join(map(str, assisting))}）" if assisting else ""
    event = move(
        suggestion,
        Verb.TRANSFER,
        Status.TRANSFERRED,
        acting,
        public_text=f"已交{names}办理{others}，应于{in_words(due_on)}前答复。",
        inner_note=note,
        data={
            "to": to.pk if to else None,
            "assisting": [unit.pk for unit in assisting],
            "separate": [unit.pk for unit in separate],
            "t0": t0.isoformat(),
        },
        due_on=due_on,
        handed_over_on=suggestion.handed_over_on or t0,
    )
    number = 1 + max(suggestion.assignments.values_list("round", flat=True), default=0)
    principal = Assignment.Role.SEPARATE if to is None else Assignment.Role.LEAD
    for unit in (*principals, *assisting):
        role = principal if unit in principals else Assignment.Role.ASSIST
        due_here = due_on if role == principal else min(due_on, deadlines.assist_due(t0, profile, days))
        Assignment.objects.create(
            suggestion=suggestion,
            unit=unit,
            role=role,
            round=number,
            assigned_on=t0,
            due_on=due_here,
            original_due_on=due_here,
            basis=Basis.LIMIT if due else Basis.REHANDLE if rehandled else Basis.PROFILE,
            terms=deadlines.terms(profile),
            # The day of an earlier meeting starts the clock of the reply; nobody could have returned it before today.
            return_until=deadlines.return_until(today(), profile, days),
        )
    return event


def latest_due(suggestion: Suggestion, t0: date) -> date:
    """Until when the reply is due if the case is handed over on `t0`: by the profile, or within the month of 重新办理."""
    formula = deadlines.rehandle_due if _is_rehandled(suggestion) else deadlines.reply_due
    return formula(t0, profile_of(suggestion), calendar())


def _is_rehandled(suggestion: Suggestion) -> bool:
    """重新办理 by another unit, or of what was answered on the spot: the month runs from this hand-over."""
    last = suggestion.events.filter(verb__in=(Verb.REHANDLE, Verb.TRANSFER, Verb.REOPEN)).order_by("-version").first()
    return last is not None and last.verb == Verb.REHANDLE


def units_for(suggestion: Suggestion) -> QuerySet[Organization]:
    """Units that may be given the case: those of the holder's level, never one that it complains about."""
    units = Organization.objects.handling_units().filter(region=suggestion.holder.region_id)
    if suggestion.about_unit_id is not None:
        units = units.exclude(pk=suggestion.about_unit_id)
    return units.order_by("kind", "name")


def _may_receive(suggestion: Suggestion, unit: Organization, acting: Acting, field: str) -> None:
    if unit.pk == suggestion.about_unit_id:
        raise Refused(f"这件事反映的正是{unit}，不能交它自己办理，请另选单位。", field=field)
    if unit.is_congress_organ or not unit.is_active:
        raise Refused(f"{unit}不是承办单位，请从名单中选择。", field=field)
    if unit.region_id != suggestion.holder.region_id:
        level = "本级" if acting.hat is Hat.STAFF else "本站同级"
        raise Refused(f"{unit}不在{level}，请选择{suggestion.holder.region}的单位；权限不足的请上报。", field=field)


@transaction.atomic
def distribute(
    suggestion: Suggestion,
    *,
    to: Organization,
    by: User,
    reason: str = "",
    unit: Organization | None = None,
    source: str = "",
    paper: ContentFile[bytes] | None = None,
) -> Event:
    """分办: the government or supervision office that holds the lead gives it to a department of its region.

    T0 and the due day stay (河南办法 2017: the unit's three months run from 交办). A department's return passes through
    the office: giving the case to another department grants it. The days for asking to return run anew for each.
    """
    acting = require(Verb.DISTRIBUTE, suggestion, by, unit=unit)
    paper_needed(acting, source, paper)
    now = acting.assignment
    assert now is not None
    office = now.via or now
    if to not in departments_for(suggestion, office.unit) or to == now.unit:
        raise Refused(f"请选择{office.unit.region}的其他承办部门。", field="to")
    event = move(
        suggestion,
        Verb.DISTRIBUTE,
        Status.TRANSFERRED,
        acting,
        public_text=f"已由{office.unit}分办给{to}，应于{in_words(now.due_on)}前答复。",
        inner_note=reason.strip(),
        source=source,
        data={"to": to.pk, "from": now.unit_id},
    )
    state = Assignment.State.DISTRIBUTED if now.via is None else Assignment.State.RETURNED
    if now.via is not None:
        ReturnRequest.objects.filter(assignment=now, decision="").update(
            decision=ReturnRequest.Decision.APPROVED, words=reason.strip(), decided_at=event.at
        )
    Assignment.objects.filter(pk=now.pk).update(state=state, ended_at=event.at)
    # Who assisted so far leads from now on: one part for each unit.
    end_open(suggestion.assignments.filter(unit=to), Assignment.State.RECALLED, at=event.at)
    Assignment.objects.create(
        suggestion=suggestion,
        unit=to,
        role=Assignment.Role.LEAD,
        round=now.round,
        assigned_on=now.assigned_on,
        due_on=now.due_on,
        original_due_on=now.original_due_on,
        basis=now.basis,
        terms=now.terms,
        via=office,
        return_until=deadlines.return_until(today(), deadlines.kept(now.terms), calendar()),
    )
    keep_paper(event, paper)
    return event


def departments_for(suggestion: Suggestion, office: Organization) -> QuerySet[Organization]:
    """To whom an office may distribute: the units of its own region, other than such offices."""
    units = Organization.objects.handling_units().filter(region=office.region_id).exclude(kind__in=DISTRIBUTING_KINDS)
    return units.exclude(pk=suggestion.about_unit_id) if suggestion.about_unit_id else units


@transaction.atomic
def recall(suggestion: Suggestion, *, reason: str, by: User) -> Event:
    """收回 what was given to the wrong unit or must be handled otherwise. The units' clocks end; the first T0 stays."""
    acting = require(Verb.RECALL, suggestion, by)
    if not reason.strip():
        raise Refused("请写明收回的理由，承办单位和反映人都会看到。", field="reason")
    event = move(
        suggestion,
        Verb.RECALL,
        Status.ACCEPTED,
        acting,
        public_text=f"已收回，将重新安排办理：{reason.strip()}",
        data={"reason": reason.strip()},
        due_on=None,
    )
    end_open(suggestion.assignments.all(), Assignment.State.RECALLED, at=event.at)
    return event


@transaction.atomic
def hand_down(suggestion: Suggestion, *, reason: str, by: User, to: Organization | None = None) -> Event:
    """交下级: to a congress organ below, on the way to the region where the matter was heard."""
    acting = require(Verb.HAND_DOWN, suggestion, by)
    if not reason.strip():
        raise Refused("请写明交下级办理的理由。", field="reason")
    below = hand_down_targets(suggestion)
    if not below:
        raise Refused("这件事没有可以交给的下级人大机构，请直接转办。")
    to = to or below[0]
    if to not in below:
        raise Refused("只能交给这件事所在地的下级人大机构，请重新选择。", field="to")
    return move(
        suggestion,
        Verb.HAND_DOWN,
        Status.ACCEPTED,
        acting,
        public_text=f"已交{to}办理：{reason.strip()}",
        data={"to": to.pk, "from": suggestion.holder_id, "reason": reason.strip()},
        holder=to,
        at_station=False,
    )


def hand_down_targets(suggestion: Suggestion) -> list[Organization]:
    """The organs below the holder, nearest first. What passes the township by is not handed down to it, nor is a
    matter to the organ that it is about.
    """
    above = len(suggestion.holder.region.path)
    paths = [path for path in ancestors(suggestion.region.path) if len(path) > above]
    organs = Organization.objects.congress_organs().select_related("region").filter(region__path__in=paths)
    found: dict[str, Organization] = {}
    order = [str(kind) for kind in Organization.CONGRESS_KINDS]
    for organ in sorted(organs, key=lambda o: (len(o.region.path), order.index(o.kind), o.pk)):
        passed_by = suggestion.direct and organ.region.level == Level.TOWNSHIP
        if not passed_by and organ.pk != suggestion.about_unit_id:
            found.setdefault(organ.region.path, organ)
    return list(found.values())
