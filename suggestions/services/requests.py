"""What a unit asks of the congress organ, and the decision: to return the case (申请退回), to have more time (申请延期)."""

from __future__ import annotations

from datetime import date

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.calendar import in_words, today
from accounts.errors import Refused
from accounts.models import Organization, User
from suggestions import deadlines
from suggestions.models import Assignment, Event, ExtensionRequest, ReturnRequest, Suggestion
from suggestions.permissions import Hat, require
from suggestions.services.moves import (
    Conflict,
    end_open,
    keep_paper,
    move,
    others_to_answer,
    own_assignment,
    paper_needed,
    who_was_first,
)
from suggestions.workflow import Status, Verb


@transaction.atomic
def request_return(
    suggestion: Suggestion,
    *,
    reason: str,
    by: User,
    to: Organization | None = None,
    unit: Organization | None = None,
    source: str = "",
    paper: ContentFile[bytes] | None = None,
) -> Event:
    """申请退回 within the profile's working days, with the reason and the right unit named (河南办法 2017: 10 working days).

    "Not ours" without saying whose is refused (peers.md, lesson 5). The unit stays responsible until staff decide.
    Later than that it is refused, unless congress staff enter it themselves on the unit's paper; it is then marked late.
    """
    acting = require(Verb.REQUEST_RETURN, suggestion, by, unit=unit)
    paper_needed(acting, source, paper)
    own = own_assignment(acting)
    if not reason.strip():
        raise Refused("请写明申请退回的理由。", field="reason")
    if to is None:
        raise Refused("请指明应由哪个单位办理；确实不清楚的，请先与人大机构联系。", field="to")
    if to == own.unit:
        raise Refused("应由谁办不能选本单位。", field="to")
    late = own.return_until is not None and today() > own.return_until
    if late and own.return_until and acting.hat is not Hat.PROXY:
        raise Refused(f"申请退回的期限已于{in_words(own.return_until)}届满，请继续办理；有困难请与交办机构联系。")
    event = move(
        suggestion,
        Verb.REQUEST_RETURN,
        Status(suggestion.status),
        acting,
        inner_note=f"{reason.strip()}\n应由{to}办理。",
        source=source,
        data={"to": to.pk, "late": late},
    )
    ReturnRequest.objects.create(assignment=own, reason=reason.strip(), right_unit=to, requested_at=event.at, late=late)
    keep_paper(event, paper)
    return event


@transaction.atomic
def approve_return(suggestion: Suggestion, *, by: User, reason: str = "", unit: Organization | None = None) -> Event:
    """同意退回: the case is accepted again and waits for another unit; the first T0 stays for the statistics.

    An assisting unit, or one of several that have not all answered, only leaves the others.
    """
    acting = require(Verb.APPROVE_RETURN, suggestion, by, unit=unit)
    own = own_assignment(acting)
    others = others_to_answer(suggestion, own)
    goes_on = own.role == Assignment.Role.ASSIST or bool(others)
    due = suggestion.due_on if own.role == Assignment.Role.ASSIST else min((o.due_on for o in others), default=None)
    event = move(
        suggestion,
        Verb.APPROVE_RETURN,
        Status(suggestion.status) if goes_on else Status.ACCEPTED,
        acting,
        public_text=f"经核实不属于{own.unit}职责，{'由其他单位继续办理' if goes_on else '将重新确定承办单位'}。",
        inner_note=reason,
        due_on=due,
    )
    _decide(ReturnRequest.objects.filter(assignment=own, decision="").get(), "approved", reason, event)
    end_open(suggestion.assignments.filter(pk=own.pk), Assignment.State.RETURNED, at=event.at)
    if not goes_on:
        end_open(suggestion.assignments.all(), Assignment.State.RECALLED, at=event.at)
    return event


@transaction.atomic
def refuse_return(suggestion: Suggestion, *, reason: str, by: User, unit: Organization | None = None) -> Event:
    acting = require(Verb.REFUSE_RETURN, suggestion, by, unit=unit)
    if not reason.strip():
        raise Refused("请写明不同意退回的理由，承办单位会看到。", field="reason")
    said = {"units": [own_assignment(acting).unit_id]}
    event = move(
        suggestion, Verb.REFUSE_RETURN, Status(suggestion.status), acting, inner_note=reason.strip(), data=said
    )
    _decide(
        ReturnRequest.objects.filter(assignment=own_assignment(acting), decision="").get(), "refused", reason, event
    )
    return event


def _decide(request: ReturnRequest | ExtensionRequest, decision: str, words: str, event: Event) -> None:
    request.decision, request.words, request.decided_at = decision, words.strip(), event.at
    request.save(update_fields=["decision", "words", "decided_at"])


@transaction.atomic
def request_extension(
    suggestion: Suggestion,
    *,
    due: date,
    reason: str,
    by: User,
    unit: Organization | None = None,
    source: str = "",
    paper: ContentFile[bytes] | None = None,
) -> Event:
    """申请延期, explained, and never past six months from the hand-over (代表法 art. 51). The clock runs on meanwhile."""
    acting = require(Verb.REQUEST_EXTENSION, suggestion, by, unit=unit)
    paper_needed(acting, source, paper)
    own = own_assignment(acting)
    if not reason.strip():
        raise Refused("请写明为什么要延期，办到了哪一步。", field="reason")
    _may_extend(own, due)
    event = move(
        suggestion,
        Verb.REQUEST_EXTENSION,
        Status(suggestion.status),
        acting,
        inner_note=f"申请延期至{in_words(due)}：{reason.strip()}",
        source=source,
        data={"until": due.isoformat()},
    )
    ExtensionRequest.objects.create(assignment=own, reason=reason.strip(), until=due, requested_at=event.at)
    keep_paper(event, paper)
    return event


def _may_extend(own: Assignment, until: date) -> None:
    try:
        deadlines.check_extension(
            own.assigned_on, deadlines.kept(own.terms), due=own.due_on, until=until, today=today()
        )
    except deadlines.BadLimit as error:
        raise Refused(str(error), field="due") from error


@transaction.atomic
def approve_extension(suggestion: Suggestion, *, by: User, reason: str = "", unit: Organization | None = None) -> Event:
    """同意延期: the original day is kept beside the new one, and who allowed it (mission S3)."""
    acting = require(Verb.APPROVE_EXTENSION, suggestion, by, unit=unit)
    own = own_assignment(acting)
    asked = ExtensionRequest.objects.filter(assignment=own, decision="").first()
    if asked is None:
        raise Conflict(who_was_first(suggestion))
    _may_extend(own, asked.until)
    event = move(
        suggestion,
        Verb.APPROVE_EXTENSION,
        Status(suggestion.status),
        acting,
        public_text=f"经同意，{own.unit}的答复期限由{in_words(own.due_on)}延至{in_words(asked.until)}。",
        inner_note=reason,
        data={"units": [own.unit_id]},
        # The case is due when the first of its units is.
        due_on=min([asked.until, *(other.due_on for other in others_to_answer(suggestion, own))]),
    )
    Assignment.objects.filter(pk=own.pk).update(due_on=asked.until, basis=Assignment.Basis.EXTENSION)
    _decide(asked, "approved", reason, event)
    return event


@transaction.atomic
def refuse_extension(suggestion: Suggestion, *, reason: str, by: User, unit: Organization | None = None) -> Event:
    acting = require(Verb.REFUSE_EXTENSION, suggestion, by, unit=unit)
    if not reason.strip():
        raise Refused("请写明不同意延期的理由，承办单位会看到。", field="reason")
    said = {"units": [own_assignment(acting).unit_id]}
    event = move(
        suggestion, Verb.REFUSE_EXTENSION, Status(suggestion.status), acting, inner_note=reason.strip(), data=said
    )
    _decide(ExtensionRequest.objects.get(assignment=own_assignment(acting), decision=""), "refused", reason, event)
    return event
