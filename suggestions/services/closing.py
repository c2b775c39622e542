"""After the reply: feedback, review, closing, and the way back in."""

from __future__ import annotations

from contextlib import suppress

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.calendar import in_words, today
from accounts.errors import Refused
from accounts.models import Level, Organization, User
from accounts.redaction import masked
from deputies.models import Deputy
from suggestions import deadlines
from suggestions.models import Assignment, Event, Feedback, Promise, Reply, Review, Suggestion
from suggestions.models.joining import root_of
from suggestions.permissions import (
    AT_HAND,
    SIGNERS,
    Acting,
    Hat,
    acting_merged,
    concerned_by,
    each_signer_rates,
    require,
    standing_assignments,
)
from suggestions.services import merging
from suggestions.services.moves import calendar, keep_paper, move, must_be_called, profile_of
from suggestions.workflow import Status, Verb

BAD = Suggestion.Rating.DISSATISFIED
BY_PHONE = "电话"
ANSWERED = frozenset({Status.REPLIED, Status.REVIEWING, Status.TRACKING, Status.CLOSED})


def standing_reply(suggestion: Suggestion) -> Reply:
    """The last reply: the one that is rated and counted."""
    reply = suggestion.replies.order_by("-pk").first()
    if reply is None:
        raise Refused("这件事还没有答复。")
    return reply


def _open_promise(suggestion: Suggestion) -> Promise | None:
    """Of the promises of the round that was answered last, the first that falls due; earlier rounds bind nobody.

    What was answered on the spot since promises nothing.
    """
    last = suggestion.replies.order_by("-pk").first()
    if last is None or last.assignment_id is None:
        return None
    open_ones = concerned_by(Verb.FULFIL, standing_assignments(suggestion))
    promises = Promise.objects.filter(reply__assignment__in=open_ones, fulfilled_on__isnull=True)
    return promises.order_by("promised_on").first()


@transaction.atomic
def feedback(suggestion: Suggestion, *, process: str, result: str, text: str = "", by: User | None = None) -> Event:
    """The submitter rates process and result apart. 不满意 needs a reason and opens exactly one review.

    Otherwise a class B reply goes on being tracked until the promise is kept, and any other case is closed. A rating
    said on the phone is entered by the officer and marked as such. Where each signer rates (profile), the case waits
    for the last one. A merged submitter rates the common reply on the own row.
    """
    acting = require(Verb.FEEDBACK, suggestion, by)
    # Units read it, and an event is never changed: who rates may sign with name and phone, we do not keep it so.
    text = masked(text, name=suggestion.name, phone=suggestion.phone)
    _in_full(process, result, text)
    if suggestion.status == Status.MERGED:
        return _rate_as_merged(suggestion, process, result, text.strip(), acting)
    reply = standing_reply(suggestion)
    signer = Deputy.objects.get(user=by) if acting.hat in SIGNERS else None
    _once(suggestion, reply, signer)
    dissatisfied = BAD in (process, result)
    promise = _open_promise(suggestion)
    waits = not dissatisfied and _others_to_rate(suggestion, reply, signer)
    to = Status.TRACKING if promise else Status.CLOSED
    to = Status.REVIEWING if dissatisfied else Status.REPLIED if waits else to
    tracked = promise.promised_on if promise and to == Status.TRACKING else None
    event = move(
        suggestion,
        Verb.FEEDBACK,
        to,
        acting,
        public_text=_said(process, result, text),
        source=BY_PHONE if acting.hat in AT_HAND else "",
        data={"process": process, "result": result},
        rating=_worst(suggestion, reply, process, result),
        to_inform=False,
        due_on=suggestion.due_on if waits else tracked,
        closed_on=today() if to == Status.CLOSED else None,
    )
    given = _given(suggestion, reply, process, result, text.strip(), acting, signer, event)
    if dissatisfied:
        Review.objects.create(suggestion=suggestion, feedback=given)
    return event


def _in_full(process: str, result: str, text: str) -> None:
    values = Suggestion.Rating.values
    if process not in values or result not in values:
        raise Refused("请对办理过程和办理结果分别作出评价。")
    if BAD in (process, result) and not text.strip():
        raise Refused("不满意请写明原因，便于重新办理。", field="text")


def _said(process: str, result: str, text: str) -> str:
    words = dict(Suggestion.Rating.choices)
    return f"对过程{words[process]}，对结果{words[result]}。{text.strip()}"


def _once(suggestion: Suggestion, reply: Reply, signer: Deputy | None) -> None:
    if Feedback.objects.filter(suggestion=suggestion, reply=reply, signer=signer).exists():
        raise Refused("这次答复您已经评价过了。")


def _given(
    suggestion: Suggestion,
    reply: Reply,
    process: str,
    result: str,
    text: str,
    acting: Acting,
    signer: Deputy | None,
    event: Event,
) -> Feedback:
    return Feedback.objects.create(
        suggestion=suggestion,
        reply=reply,
        process=process,
        result=result,
        text=text,
        signer=signer,
        entered_by=acting.by if acting.hat in AT_HAND else None,
        at=event.at,
    )


def _others_to_rate(suggestion: Suggestion, reply: Reply, signer: Deputy | None) -> bool:
    """Whether a signer of the proposal, where each rates, has not rated this reply yet."""
    if signer is None or not each_signer_rates(suggestion):
        return False
    signers = {suggestion.lead_id, *suggestion.cosignatures.confirmed().values_list("deputy", flat=True)}
    rated = set(reply.feedbacks.values_list("signer", flat=True))
    return bool(signers - rated - {signer.pk})


def _worst(suggestion: Suggestion, reply: Reply, process: str, result: str) -> str:
    """One word stands for the case in every figure: dissatisfied with either side, or one of the signers, is 不满意."""
    earlier = reply.feedbacks.filter(suggestion=suggestion).values_list("process", "result")
    words = [BAD if BAD in pair else pair[1] for pair in (*earlier, (process, result))]
    return max(words, key=Suggestion.Rating.values.index)


def _rate_as_merged(suggestion: Suggestion, process: str, result: str, text: str, acting: Acting) -> Event:
    root = root_of(suggestion)
    merging.hold(root)
    root.refresh_from_db()
    if root.status not in ANSWERED or root.replied_on is None:
        raise Refused("这件事已并入同类事项办理，还没有答复；答复后您可以评价。")
    if root.closed_on and today() > deadlines.reopen_until(root.closed_on, profile_of(root)):
        raise Refused("评价的期限已过。您可以作为新的事项再次反映。")
    reply = standing_reply(root)
    _once(suggestion, reply, None)
    event = move(
        suggestion,
        Verb.FEEDBACK,
        Status.MERGED,
        acting,
        public_text=_said(process, result, text),
        source=BY_PHONE if acting.hat in AT_HAND else "",
        data={"process": process, "result": result},
        rating=BAD if BAD in (process, result) else result,
    )
    given = _given(suggestion, reply, process, result, text, acting, None, event)
    if BAD in (process, result):
        _bring_before_staff(root, given)
    return event


def _bring_before_staff(root: Suggestion, given: Feedback) -> None:
    """One dissatisfied among the merged is enough: one review of the common case per round; once it is closed, a
    request to take it up again. A promise is tracked anyway and answered once more.
    """
    acting = acting_merged()
    if root.status == Status.REPLIED:
        words = "并案的反映人对答复不满意，由交办机构复核。"
        move(root, Verb.FEEDBACK, Status.REVIEWING, acting, public_text=words, data={"feedback": given.pk}, due_on=None)
        Review.objects.create(suggestion=root, feedback=given)
    elif root.status == Status.CLOSED and root.reopen_requested_on is None:
        words = "并案的反映人对答复不满意，请求重新受理。"
        move(
            root,
            Verb.REQUEST_REOPEN,
            Status.CLOSED,
            acting,
            public_text=words,
            data={"to": root.holder_id, "feedback": given.pk},
            reopen_requested_on=today(),
            at_station=False,
        )


def _decide(suggestion: Suggestion, decision: str, words: str, by: User, event: Event) -> None:
    open_review = Review.objects.filter(suggestion=suggestion, decision="")
    open_review.update(decision=decision, words=words.strip(), decided_by=by, decided_at=event.at)


@transaction.atomic
def rehandle(suggestion: Suggestion, *, reason: str, by: User, to: Organization | None = None) -> Event:
    """重新办理, once, by staff's order, within one month (河南办法 2017). The same unit goes on; another one (or a case
    that was answered on the spot) begins with a transfer.
    """
    acting = require(Verb.REHANDLE, suggestion, by)
    if not reason.strip():
        raise Refused("请写明要重新办理什么，反映人和承办单位都会看到。", field="reason")
    last = standing_reply(suggestion).assignment
    if last is None or last.role != Assignment.Role.LEAD or (to is not None and to != last.unit):
        event = move(
            suggestion,
            Verb.REHANDLE,
            Status.ACCEPTED,
            acting,
            public_text=f"将重新确定承办单位办理：{reason.strip()}",
            due_on=None,
            at_station=False,
        )
    else:
        event = _again(suggestion, last, reason.strip(), acting)
    _decide(suggestion, Review.Decision.REHANDLE, reason, by, event)
    return event


def _again(suggestion: Suggestion, last: Assignment, reason: str, acting: Acting) -> Event:
    """The same unit, in a new round with a clock of its own."""
    profile, day = profile_of(suggestion), today()
    due_on = deadlines.rehandle_due(day, profile, calendar())
    event = move(
        suggestion,
        Verb.REHANDLE,
        Status.HANDLING,
        acting,
        public_text=f"请{last.unit}重新办理，应于{in_words(due_on)}前再次答复：{reason}",
        due_on=due_on,
    )
    Assignment.objects.create(
        suggestion=suggestion,
        unit=last.unit,
        role=Assignment.Role.LEAD,
        round=1 + max(suggestion.assignments.values_list("round", flat=True)),
        state=Assignment.State.HANDLING,
        assigned_on=day,
        due_on=due_on,
        original_due_on=due_on,
        basis=Assignment.Basis.REHANDLE,
        terms=deadlines.terms(profile),
        signed_for_at=event.at,
    )
    return event


@transaction.atomic
def uphold(suggestion: Suggestion, *, reason: str, by: User) -> Event:
    """维持答复 in words the submitter reads. The rating stays 不满意; a promise goes on being tracked."""
    acting = require(Verb.UPHOLD, suggestion, by)
    if not reason.strip():
        raise Refused("请写明维持答复的理由，反映人会看到。", field="reason")
    promise = _open_promise(suggestion)
    event = move(
        suggestion,
        Verb.UPHOLD,
        Status.TRACKING if promise else Status.CLOSED,
        acting,
        public_text=reason.strip(),
        due_on=promise.promised_on if promise else None,
        closed_on=None if promise else today(),
        to_inform=must_be_called(suggestion),
    )
    _decide(suggestion, Review.Decision.UPHOLD, reason, by, event)
    return event


@transaction.atomic
def assess(suggestion: Suggestion, *, text: str, by: User, paper: ContentFile[bytes] | None = None) -> Event:
    """评估 by unit and experts, from the second 不满意 (河南办法 2017): the record ends the matter in words for the submitter.

    A promise is not assessed away: uphold, and it goes on being tracked until it is kept or explained.
    """
    acting = require(Verb.ASSESS, suggestion, by)
    if not text.strip():
        raise Refused("请写明评估意见：谁参加、怎样认定，反映人会看到。", field="text")
    if _open_promise(suggestion):
        raise Refused("还有没有兑现的承诺，不能用评估办结；请维持答复，转入跟踪办理。")
    event = move(
        suggestion,
        Verb.ASSESS,
        Status.CLOSED,
        acting,
        public_text=text.strip(),
        due_on=None,
        closed_on=today(),
        to_inform=must_be_called(suggestion),
    )
    _decide(suggestion, Review.Decision.ASSESS, text, by, event)
    keep_paper(event, paper)
    return event


@transaction.atomic
def close(suggestion: Suggestion) -> Event:
    """The system closes what nobody rated in time: 未评价, never 满意. A class B reply goes on being tracked."""
    acting = require(Verb.CLOSE, suggestion, None, system=True)
    if suggestion.due_on is None or suggestion.due_on >= today():
        raise Refused("评价期限还没有到。")
    promise = _open_promise(suggestion)
    return move(
        suggestion,
        Verb.CLOSE,
        Status.TRACKING if promise else Status.CLOSED,
        acting,
        public_text=_ended_unrated(suggestion, promise),
        due_on=promise.promised_on if promise else None,
        closed_on=None if promise else today(),
    )


def _ended_unrated(suggestion: Suggestion, promise: Promise | None) -> str:
    said = "其他联名代表期限内没有评价" if suggestion.rating else "期限内没有收到评价"
    if promise:
        return f"{said}，继续跟踪承诺事项。"
    return f"{said}，按已有评价办结。" if suggestion.rating else f"{said}，按“未评价”办结。您仍可申请重新受理。"


def close_unrated() -> int:
    """All that is due for it; run by `tick`, harmless when run twice. The count of cases closed or tracked."""
    due = Suggestion.objects.filter(status=Status.REPLIED, due_on__lt=today()).select_related("region", "holder")
    done = 0
    for suggestion in list(due):
        # A rating that arrives in this very moment is the better end; the others are closed all the same.
        with suppress(Refused):
            close(suggestion)
            done += 1
    return done


@transaction.atomic
def request_reopen(suggestion: Suggestion, *, reason: str, by: User | None = None) -> Event:
    """The submitter asks once, within the profile's days (90) of closing or declining. Staff must answer the request.

    A declined case goes to the congress organ above the one that declined (mission S6).
    """
    acting = require(Verb.REQUEST_REOPEN, suggestion, by)
    if not reason.strip():
        raise Refused("请写明为什么要重新受理。", field="reason")
    # One that a merged submitter's 不满意 brought about is not the submitter's own.
    if suggestion.events.filter(verb=Verb.REQUEST_REOPEN).exclude(data__has_key="feedback").exists():
        raise Refused("重新受理只能申请一次，您已经申请过了。")
    latest = deadlines.reopen_until(suggestion.closed_on or today(), profile_of(suggestion))
    if today() > latest:
        raise Refused(f"申请重新受理的期限已于{in_words(latest)}届满。您可以作为新的事项再次反映。")
    holder = _organ_above(suggestion) if suggestion.status == Status.DECLINED else suggestion.holder
    return move(
        suggestion,
        Verb.REQUEST_REOPEN,
        Status(suggestion.status),
        acting,
        public_text=masked(reason.strip(), name=suggestion.name, phone=suggestion.phone),
        data={"to": holder.pk},
        reopen_requested_on=today(),
        holder=holder,
        at_station=False,
    )


def _organ_above(suggestion: Suggestion) -> Organization:
    """What a station above the township declined, its own region's organ looks at; else the next organ upwards."""
    declined = suggestion.events.filter(verb=Verb.DECLINE).order_by("-version").first()
    by_station = declined is not None and declined.data.get("by", Hat.OFFICER) == Hat.OFFICER
    if by_station and suggestion.at_station and suggestion.holder.region.level != Level.TOWNSHIP:
        return suggestion.holder
    try:
        return Organization.objects.congress_organ_above(suggestion.holder)
    except Refused:
        return suggestion.holder


@transaction.atomic
def reopen(suggestion: Suggestion, *, reason: str, by: User) -> Event:
    """重新受理, on a request or of staff's own motion: a new clock begins with the next transfer, the first T0 stays."""
    acting = require(Verb.REOPEN, suggestion, by)
    if not reason.strip():
        raise Refused("请写明重新受理的理由，反映人会看到。", field="reason")
    merging.hold(suggestion)
    event = move(
        suggestion,
        Verb.REOPEN,
        Status.ACCEPTED,
        acting,
        public_text=f"已重新受理：{reason.strip()}",
        reopen_requested_on=None,
        closed_on=None,
        due_on=None,
        replied_on=None,
        result_class="",
        rating="",
        at_station=False,
    )
    merging.carry_answer(suggestion)
    return event
