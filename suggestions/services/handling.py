"""What the handling unit does, itself or on paper through congress staff (代录): sign, return, reply, fulfil."""

from __future__ import annotations

from datetime import date

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.calendar import in_words, today
from accounts.errors import Refused
from accounts.models import Organization, User
from suggestions import deadlines
from suggestions.models import Assignment, Attachment, Event, Promise, Reply, ReturnRequest, Suggestion
from suggestions.permissions import Acting, Hat, lead_of, require
from suggestions.services.moves import calendar, move, profile_of
from suggestions.workflow import Status, Verb


def _lead(suggestion: Suggestion) -> Assignment:
    lead = lead_of(suggestion)
    if lead is None:
        raise Refused("这件事现在没有主办单位，请先转办。")
    return lead


def _paper_needed(acting: Acting, source: str, paper: ContentFile[bytes] | None) -> None:
    if acting.hat is Hat.PROXY and not (source.strip() and paper):
        raise Refused(
            "代录要写明依据（如文号、来件日期），并附上单位的纸质件照片或扫描件。",
            field="paper" if source.strip() else "source",
        )


def _keep_paper(event: Event, paper: ContentFile[bytes] | None) -> None:
    if paper is not None:
        Attachment.objects.create(
            suggestion=event.suggestion, event=event, kind=Attachment.Kind.PAPER, file=paper, size=paper.size
        )


@transaction.atomic
def sign_for(suggestion: Suggestion, *, by: User, source: str = "", paper: ContentFile[bytes] | None = None) -> Event:
    """签收. The clock has been running since the hand-over; signing starts nothing."""
    acting = require(Verb.SIGN_FOR, suggestion, by)
    _paper_needed(acting, source, paper)
    lead = _lead(suggestion)
    event = move(
        suggestion,
        Verb.SIGN_FOR,
        Status.HANDLING,
        acting,
        public_text=f"{lead.unit}已签收，正在办理。",
        source=source,
    )
    Assignment.objects.filter(pk=lead.pk).update(state=Assignment.State.HANDLING, signed_for_at=timezone.now())
    _keep_paper(event, paper)
    return event


@transaction.atomic
def request_return(
    suggestion: Suggestion,
    *,
    reason: str,
    by: User,
    to: Organization | None = None,
    source: str = "",
    paper: ContentFile[bytes] | None = None,
) -> Event:
    """申请退回 within the profile's working days, with the reason and the right unit named (河南办法 2017: 10 working days).

    "Not ours" without saying whose is refused (peers.md, lesson 5). The unit stays responsible until staff decide.
    """
    acting = require(Verb.REQUEST_RETURN, suggestion, by)
    _paper_needed(acting, source, paper)
    lead = _lead(suggestion)
    if not reason.strip():
        raise Refused("请写明申请退回的理由。", field="reason")
    if to is None:
        raise Refused("请指明应由哪个单位办理；确实不清楚的，请先与人大机构联系。", field="to")
    if to == lead.unit:
        raise Refused("应由谁办不能选本单位。", field="to")
    if lead.return_until and today() > lead.return_until:
        raise Refused(f"申请退回的期限已于{in_words(lead.return_until)}届满，请继续办理；有困难请与交办机构联系。")
    event = move(
        suggestion,
        Verb.REQUEST_RETURN,
        Status(suggestion.status),
        acting,
        inner_note=f"{reason.strip()}\n应由{to}办理。",
        source=source,
        data={"to": to.pk},
    )
    ReturnRequest.objects.create(assignment=lead, reason=reason.strip(), right_unit=to, requested_at=event.at)
    _keep_paper(event, paper)
    return event


@transaction.atomic
def approve_return(suggestion: Suggestion, *, by: User, reason: str = "") -> Event:
    """同意退回: the case is accepted again and waits for another unit; the first T0 stays for the statistics."""
    acting = require(Verb.APPROVE_RETURN, suggestion, by)
    event = move(
        suggestion,
        Verb.APPROVE_RETURN,
        Status.ACCEPTED,
        acting,
        public_text=f"经核实不属于{_lead(suggestion).unit}职责，将重新确定承办单位。",
        inner_note=reason,
        due_on=None,
    )
    _decide(suggestion, ReturnRequest.Decision.APPROVED, reason, event)
    _end_open(suggestion.assignments.all(), Assignment.State.RETURNED)
    return event


@transaction.atomic
def refuse_return(suggestion: Suggestion, *, reason: str, by: User) -> Event:
    acting = require(Verb.REFUSE_RETURN, suggestion, by)
    if not reason.strip():
        raise Refused("请写明不同意退回的理由，承办单位会看到。", field="reason")
    event = move(suggestion, Verb.REFUSE_RETURN, Status(suggestion.status), acting, inner_note=reason.strip())
    _decide(suggestion, ReturnRequest.Decision.REFUSED, reason, event)
    return event


def _decide(suggestion: Suggestion, decision: str, words: str, event: Event) -> None:
    asked = ReturnRequest.objects.open().filter(assignment__suggestion=suggestion)
    asked.update(decision=decision, words=words.strip(), decided_at=event.at)


def _end_open(assignments: QuerySet[Assignment], state: str) -> None:
    assignments.filter(state__in=Assignment.OPEN).update(state=state, ended_at=timezone.now())


@transaction.atomic
def reply(
    suggestion: Suggestion,
    *,
    result_class: str,
    text: str,
    by: User,
    document_number: str = "",
    signer: str = "",
    due: date | None = None,
    source: str = "",
    paper: ContentFile[bytes] | None = None,
) -> Event:
    """答复, signed by the unit's head (河南办法 2017 art. 21). Class B is a promise and names its day in `due`.

    The submitter then has the profile's working days to rate it; nobody's silence counts as 满意.
    """
    acting = require(Verb.REPLY, suggestion, by)
    _paper_needed(acting, source, paper)
    lead, profile, days, day = _lead(suggestion), profile_of(suggestion), calendar(), today()
    if result_class not in profile.result_classes:
        raise Refused("请选择办理结果类别。", field="result_class")
    if not text.strip():
        raise Refused("请写出答复内容，反映人会看到。", field="text")
    if (result_class == "B") != (due is not None):
        raise Refused("B类答复要写明承诺在哪一天以前做到，其他类别不填承诺日期。", field="due")
    if due is not None and due <= day:
        raise Refused("承诺日期要晚于今天；已经做到的请选A类。", field="due")
    signer = _signer(acting, signer)
    event = move(
        suggestion,
        Verb.REPLY,
        Status.REPLIED,
        acting,
        public_text=text.strip(),
        source=source,
        data={"result_class": result_class},
        result_class=result_class,
        rating="",
        replied_on=day,
        due_on=deadlines.feedback_until(day, profile, days),
    )
    written = _answer_of(lead, result_class, text, document_number, signer, by)
    if due is not None:
        Promise.objects.create(reply=written, text=text.strip(), promised_on=due)
    # Whoever assisted and said nothing has not answered: it shows as it was.
    _end_open(suggestion.assignments.filter(role=Assignment.Role.ASSIST), Assignment.State.LAPSED)
    _end_open(suggestion.assignments.all(), Assignment.State.DONE)
    _keep_paper(event, paper)
    return event


def _answer_of(lead: Assignment, result_class: str, text: str, document_number: str, signer: str, by: User) -> Reply:
    return Reply.objects.create(
        suggestion=lead.suggestion,
        assignment=lead,
        result_class=result_class,
        text=text.strip(),
        document_number=document_number.strip(),
        signer=signer,
        replied_on=today(),
        by=by,
    )


def _signer(acting: Acting, typed: str) -> str:
    """Whoever signs the letter: the head who is logged in, or the one named on the unit's paper."""
    if typed.strip() or acting.hat is not Hat.PROXY:
        return typed.strip() or acting.label
    raise Refused("代录答复要写明签发人。", field="signer")


@transaction.atomic
def fulfil(
    suggestion: Suggestion,
    *,
    text: str,
    by: User,
    result_class: str = "A",
    document_number: str = "",
    signer: str = "",
    source: str = "",
    paper: ContentFile[bytes] | None = None,
) -> Event:
    """兑现承诺: a second answer, done or why not (浙江规定 art. 20), which the submitter rates like the first."""
    acting = require(Verb.FULFIL, suggestion, by)
    _paper_needed(acting, source, paper)
    lead, profile, day = _lead(suggestion), profile_of(suggestion), today()
    if result_class not in profile.result_classes or result_class == "B":
        raise Refused("再次答复请选择已解决，或说明不能解决的类别；不能再次列为计划。", field="result_class")
    if not text.strip():
        raise Refused("请写出办成了什么，或者为什么办不成，反映人会看到。", field="text")
    signer = _signer(acting, signer)
    event = move(
        suggestion,
        Verb.FULFIL,
        Status.REPLIED,
        acting,
        public_text=text.strip(),
        source=source,
        data={"result_class": result_class},
        result_class=result_class,
        rating="",
        replied_on=day,
        due_on=deadlines.feedback_until(day, profile, calendar()),
    )
    Promise.objects.filter(reply=suggestion.replies.last(), fulfilled_on__isnull=True).update(fulfilled_on=day)
    _answer_of(lead, result_class, text, document_number, signer, by)
    _keep_paper(event, paper)
    return event
