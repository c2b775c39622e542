"""What the handling units do, themselves or on paper through congress staff (代录): sign, contribute, reply, fulfil.

Each verb concerns one assignment; the case moves with its lead, or with the last of several separate units.
"""

from __future__ import annotations

from datetime import date

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Organization, User
from suggestions import deadlines
from suggestions.models import (
    Assignment,
    Attachment,
    Event,
    Promise,
    Reply,
    Suggestion,
)
from suggestions.models.joining import merged_into
from suggestions.permissions import Acting, Hat, require
from suggestions.services import merging
from suggestions.services.moves import (
    calendar,
    end_open,
    keep_paper,
    move,
    must_be_called,
    others_to_answer,
    own_assignment,
    paper_needed,
    profile_of,
)
from suggestions.workflow import Status, Verb

SEE_LETTER = "答复内容见单位签章的答复函（扫描件）。"


@transaction.atomic
def sign_for(
    suggestion: Suggestion,
    *,
    by: User,
    unit: Organization | None = None,
    source: str = "",
    paper: ContentFile[bytes] | None = None,
) -> Event:
    """签收. The clock has been running since the hand-over; signing starts nothing. An assisting unit moves nothing."""
    acting = require(Verb.SIGN_FOR, suggestion, by, unit=unit)
    paper_needed(acting, source, paper)
    own = own_assignment(acting)
    assists = own.role == Assignment.Role.ASSIST
    event = move(
        suggestion,
        Verb.SIGN_FOR,
        Status(suggestion.status) if assists else Status.HANDLING,
        acting,
        public_text=f"{own.unit}已签收，正在{'协助' if assists else ''}办理。",
        source=source,
    )
    Assignment.objects.filter(pk=own.pk).update(state=Assignment.State.HANDLING, signed_for_at=event.at)
    keep_paper(event, paper)
    return event


@transaction.atomic
def contribute(
    suggestion: Suggestion,
    *,
    text: str,
    by: User,
    unit: Organization | None = None,
    source: str = "",
    paper: ContentFile[bytes] | None = None,
) -> Event:
    """协办意见 to the lead unit, before it replies (河南办法 2017: two months). It never moves the case."""
    acting = require(Verb.CONTRIBUTE, suggestion, by, unit=unit)
    paper_needed(acting, source, paper)
    own = own_assignment(acting)
    if not text.strip():
        raise Refused("请写出协办意见，主办单位据此答复。", field="text")
    event = move(
        suggestion,
        Verb.CONTRIBUTE,
        Status(suggestion.status),
        acting,
        public_text=f"{own.unit}已向主办单位提出协办意见。",
        inner_note=text.strip(),
        source=source,
    )
    Assignment.objects.filter(pk=own.pk).update(
        state=Assignment.State.DONE,
        opinion=text.strip(),
        ended_at=event.at,
        signed_for_at=own.signed_for_at or event.at,
    )
    keep_paper(event, paper)
    return event


@transaction.atomic
def reply(
    suggestion: Suggestion,
    *,
    result_class: str,
    by: User,
    text: str = "",
    document_number: str = "",
    signer: str = "",
    due: date | None = None,
    reason: str = "",
    letter: ContentFile[bytes] | None = None,
    unit: Organization | None = None,
    source: str = "",
    paper: ContentFile[bytes] | None = None,
) -> Event:
    """答复, signed by the unit's head (河南办法 2017 art. 21), in words or as the signed letter's scan.

    Class B is a promise and names its day in `due`. While an assisting opinion is missing the reply needs a `reason`.
    Of separate units the last one answers the case, whose class is then the weakest of theirs. The submitter has the
    profile's working days to rate it; nobody's silence counts as 满意.
    """
    acting = require(Verb.REPLY, suggestion, by, unit=unit)
    paper_needed(acting, source, paper or letter)
    own, profile, day = own_assignment(acting), profile_of(suggestion), today()
    if not text.strip() and merged_into(suggestion):
        raise Refused("有其他反映人的事并入了这一件，请写出答复内容，各位都看得到；扫描件只给这一位。", field="text")
    merging.must_be_for_all(suggestion, text)
    text = _answer_text(result_class, text, letter, profile.result_classes)
    if (result_class == "B") != (due is not None):
        raise Refused("B类答复要写明承诺在哪一天以前做到，其他类别不填承诺日期。", field="due")
    if due is not None and due <= day:
        raise Refused("承诺日期要晚于今天；已经做到的请选A类。", field="due")
    others = others_to_answer(suggestion, own)
    silent = list(suggestion.assignments.open().filter(role=Assignment.Role.ASSIST).select_related("unit"))
    if silent and not others and not reason.strip():
        names = "、".join(str(assignment.unit) for assignment in silent)
        raise Refused(f"{names}还没有提出协办意见；确需先行答复的，请写明理由。", field="reason")
    signer = _signer(acting, signer)
    answered = {
        "result_class": _weakest(suggestion, own, result_class),
        "rating": "",
        "replied_on": day,
        "due_on": deadlines.feedback_until(day, profile, calendar()),
        "to_inform": must_be_called(suggestion),
    }
    merging.hold(suggestion)
    event = move(
        suggestion,
        Verb.REPLY,
        Status.HANDLING if others else Status.REPLIED,
        acting,
        public_text=text,
        inner_note=f"协办意见未到，先行答复：{reason.strip()}" if silent and not others else "",
        source=source,
        data={"result_class": result_class},
        **({"due_on": min(other.due_on for other in others)} if others else answered),
    )
    standing = _written(own, result_class, text, document_number, signer, by)
    if due is not None:
        Promise.objects.create(reply=standing, text=text, promised_on=due)
    end_open(suggestion.assignments.filter(pk=own.pk), Assignment.State.DONE, at=event.at)
    if not others:
        # Whoever assisted and said nothing has not answered: it shows as it was.
        end_open(suggestion.assignments.all(), Assignment.State.LAPSED, at=event.at)
        merging.carry_answer(suggestion)
    keep_paper(event, letter, Attachment.Kind.LETTER)
    keep_paper(event, paper)
    return event


def _weakest(suggestion: Suggestion, own: Assignment, result_class: str) -> str:
    """Of separate units the weakest class stands for the case: A only where each has solved its part."""
    others = suggestion.replies.filter(assignment__round=own.round).exclude(assignment=own).order_by("pk")
    latest = dict(others.values_list("assignment", "result_class"))
    return max([*latest.values(), result_class])


def _answer_text(result_class: str, text: str, letter: ContentFile[bytes] | None, classes: dict[str, str]) -> str:
    if result_class not in classes:
        raise Refused("请选择办理结果类别。", field="result_class")
    if not text.strip() and letter is None:
        raise Refused("请写出答复内容，或者上传单位签章的答复函；反映人会看到。", field="text")
    return text.strip() or SEE_LETTER


def _written(own: Assignment, result_class: str, text: str, document_number: str, signer: str, by: User) -> Reply:
    return Reply.objects.create(
        suggestion=own.suggestion,
        assignment=own,
        result_class=result_class,
        text=text,
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
    by: User,
    text: str = "",
    result_class: str = "A",
    document_number: str = "",
    signer: str = "",
    letter: ContentFile[bytes] | None = None,
    unit: Organization | None = None,
    source: str = "",
    paper: ContentFile[bytes] | None = None,
) -> Event:
    """兑现承诺: a second answer, done or why not (浙江规定 art. 20), which the submitter rates like the first."""
    acting = require(Verb.FULFIL, suggestion, by, unit=unit)
    paper_needed(acting, source, paper or letter)
    own, profile, day = own_assignment(acting), profile_of(suggestion), today()
    if result_class == "B":
        raise Refused("再次答复请选择已解决，或说明不能解决的类别；不能再次列为计划。", field="result_class")
    merging.must_be_for_all(suggestion, text)
    text = _answer_text(result_class, text, letter, profile.result_classes)
    signer = _signer(acting, signer)
    merging.hold(suggestion)
    event = move(
        suggestion,
        Verb.FULFIL,
        Status.REPLIED,
        acting,
        public_text=text,
        source=source,
        data={"result_class": result_class},
        result_class=_weakest(suggestion, own, result_class),
        rating="",
        replied_on=day,
        due_on=deadlines.feedback_until(day, profile, calendar()),
        to_inform=must_be_called(suggestion),
    )
    promises = Promise.objects.filter(reply__assignment=own, fulfilled_on__isnull=True)
    promises.update(fulfilled_on=day)
    _written(own, result_class, text, document_number, signer, by)
    merging.carry_answer(suggestion)
    keep_paper(event, letter, Attachment.Kind.LETTER)
    keep_paper(event, paper)
    return event
