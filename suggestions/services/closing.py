"""After the reply: feedback, review, closing, and the way back in."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction

from accounts.calendar import in_words, today
from accounts.errors import Refused
from accounts.models import Level, Organization, User
from suggestions import deadlines
from suggestions.models import Assignment, Event, Feedback, Promise, Reply, Review, Suggestion
from suggestions.permissions import Acting, require
from suggestions.services.moves import calendar, move, profile_of
from suggestions.workflow import Status, Verb


def standing_reply(suggestion: Suggestion) -> Reply:
    """The last reply: the one that is rated and counted."""
    reply = suggestion.replies.order_by("-pk").first()
    if reply is None:
        raise Refused("这件事还没有答复。")
    return reply


def _open_promise(reply: Reply) -> Promise | None:
    """The promise of a class B reply that stands; one that a later reply took the place of binds nobody."""
    return Promise.objects.filter(reply=reply, fulfilled_on__isnull=True).first()


@transaction.atomic
def feedback(suggestion: Suggestion, *, process: str, result: str, text: str = "", by: User | None = None) -> Event:
    """The submitter rates process and result apart. 不满意 needs a reason and opens exactly one review.

    Otherwise a class B reply goes on being tracked until the promise is kept, and any other case is closed.
    """
    acting = require(Verb.FEEDBACK, suggestion, by)
    reply = standing_reply(suggestion)
    if Feedback.objects.filter(suggestion=suggestion, reply=reply).exists():
        raise Refused("这次答复您已经评价过了。")
    values = Suggestion.Rating.values
    if process not in values or result not in values:
        raise Refused("请对办理过程和办理结果分别作出评价。")
    bad = Suggestion.Rating.DISSATISFIED
    dissatisfied = bad in (process, result)
    if dissatisfied and not text.strip():
        raise Refused("不满意请写明原因，便于重新办理。", field="text")
    promise = _open_promise(reply)
    to = Status.REVIEWING if dissatisfied else Status.TRACKING if promise else Status.CLOSED
    in_words_of = dict(Suggestion.Rating.choices)
    event = move(
        suggestion,
        Verb.FEEDBACK,
        to,
        acting,
        public_text=f"对过程{in_words_of[process]}，对结果{in_words_of[result]}。{text.strip()}",
        data={"process": process, "result": result},
        # One word stands for the case in every figure: whoever is dissatisfied with either side is dissatisfied.
        rating=bad if dissatisfied else result,
        due_on=promise.promised_on if to == Status.TRACKING and promise else None,
        closed_on=today() if to == Status.CLOSED else None,
    )
    given = Feedback.objects.create(
        suggestion=suggestion, reply=reply, process=process, result=result, text=text.strip(), at=event.at
    )
    if dissatisfied:
        Review.objects.create(suggestion=suggestion, feedback=given)
    return event


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
    last = suggestion.assignments.filter(role=Assignment.Role.LEAD).order_by("-round", "-pk").first()
    if last is None or (to is not None and to != last.unit):
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
        round=last.round + 1,
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
    promise = _open_promise(standing_reply(suggestion))
    event = move(
        suggestion,
        Verb.UPHOLD,
        Status.TRACKING if promise else Status.CLOSED,
        acting,
        public_text=reason.strip(),
        due_on=promise.promised_on if promise else None,
        closed_on=None if promise else today(),
    )
    _decide(suggestion, Review.Decision.UPHOLD, reason, by, event)
    return event


@transaction.atomic
def close(suggestion: Suggestion) -> Event:
    """The system closes what nobody rated in time: 未评价, never 满意. A class B reply goes on being tracked."""
    acting = require(Verb.CLOSE, suggestion, None, system=True)
    if suggestion.due_on is None or suggestion.due_on >= today():
        raise Refused("评价期限还没有到。")
    promise = _open_promise(standing_reply(suggestion))
    return move(
        suggestion,
        Verb.CLOSE,
        Status.TRACKING if promise else Status.CLOSED,
        acting,
        public_text="期限内没有收到评价，按“未评价”办结。您仍可申请重新受理。"
        if not promise
        else "期限内没有收到评价，继续跟踪承诺事项。",
        due_on=promise.promised_on if promise else None,
        closed_on=None if promise else today(),
    )


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
    if suggestion.events.filter(verb=Verb.REQUEST_REOPEN).exists():
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
        public_text=reason.strip(),
        data={"to": holder.pk},
        reopen_requested_on=today(),
        holder=holder,
        at_station=False,
    )


def _organ_above(suggestion: Suggestion) -> Organization:
    """A station above the township answers to its own region's organ; everybody else to the next organ upwards."""
    if suggestion.at_station and suggestion.holder.region.level != Level.TOWNSHIP:
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
    return move(
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
