"""The one place where a case changes: the right, the conditional UPDATE, the event."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import outbox
from accounts.calendar import Calendar, today
from accounts.errors import Refused
from accounts.models import Holiday
from suggestions import notifications
from suggestions.codes import new_number
from suggestions.models import Assignment, Attachment, Event, HandlingProfile, Suggestion
from suggestions.permissions import Acting, Hat
from suggestions.workflow import Kind, Status, Verb, check

NUMBER_TRIES = 5
# What a text message reaches; a landline is called.
MOBILE = re.compile(r"(?:\+?86)?1\d{10}")


class Conflict(Refused):
    """Two at once: the other one was first (mission S2). The sentence says who did what when."""


def profile_of(suggestion: Suggestion) -> HandlingProfile:
    return HandlingProfile.objects.nearest(suggestion.region, suggestion.kind)


def calendar() -> Calendar:
    return Holiday.objects.calendar()


def _event(suggestion: Suggestion, verb: Verb, before: Status, acting: Acting, **words: Any) -> Event:
    event = Event.objects.create(
        suggestion=suggestion,
        version=suggestion.version,
        verb=verb,
        actor=acting.by,
        actor_label=acting.label,
        office=acting.office,
        on_behalf_of=acting.on_behalf_of,
        at=timezone.now(),
        from_status=before,
        to_status=suggestion.status,
        **words,
    )
    if outbox.channels():
        # Whatever becomes of the messages, what was done is done.
        transaction.on_commit(partial(notifications.tell_of, event.pk), robust=True)
    return event


def number_and_save(suggestion: Suggestion) -> None:
    """The number is given at birth and drawn until it is free: five tries make a clash a one-in-10^20 matter."""
    for left in reversed(range(NUMBER_TRIES)):
        suggestion.number = new_number(today())
        try:
            with transaction.atomic():
                suggestion.save(force_insert=True)
            return
        except IntegrityError:
            # The form key is unique too: a second tap in the same moment is the caller's business, not a clash.
            taken = Suggestion.objects.filter(number=suggestion.number).exists()
            if not taken or not left:
                raise


def begin(suggestion: Suggestion, acting: Acting) -> Event:
    """A new case, submitted at once."""
    check(Verb.SUBMIT, Kind(suggestion.kind), Status.DRAFT, Status.SUBMITTED)
    suggestion.submitted_at = timezone.now()
    suggestion.submitted_on = today()
    suggestion.version = 1
    _set_status(suggestion, Status.SUBMITTED)
    number_and_save(suggestion)
    return _event(suggestion, Verb.SUBMIT, Status.DRAFT, acting, data={"due": _iso(suggestion.due_on)})


def _set_status(suggestion: Suggestion, status: Status) -> None:
    suggestion.status = status


def move(
    suggestion: Suggestion,
    verb: Verb,
    to: Status,
    acting: Acting,
    *,
    public_text: str = "",
    inner_note: str = "",
    source: str = "",
    data: dict[str, Any] | None = None,
    **changes: Any,
) -> Event:
    """Say the verb: the table is asked, the row changed where it still has the version that was read, the event kept.

    The caller has asked `require`, and writes its other rows after this: whoever lost the race has written none, and
    the winner holds the row until the commit. Raises Conflict when somebody was first.
    """
    before = Status(suggestion.status)
    check(verb, Kind(suggestion.kind), before, to)
    version = suggestion.version
    changed = Suggestion.objects.filter(pk=suggestion.pk, version=version).update(
        status=to, version=version + 1, **changes
    )
    if not changed:
        raise Conflict(who_was_first(suggestion))
    for field, value in changes.items():
        setattr(suggestion, field, value)
    suggestion.version = version + 1
    _set_status(suggestion, to)
    data = data or {}
    if "due_on" in changes:
        # The day as it was set, so that a date changed by hand is found out (check_cases).
        data["due"] = _iso(changes["due_on"])
    return _event(
        suggestion,
        verb,
        before,
        acting,
        public_text=public_text,
        inner_note=inner_note,
        source=source,
        data=data,
    )


def paper_needed(acting: Acting, source: str, paper: ContentFile[bytes] | None) -> None:
    if acting.hat is Hat.PROXY and not (source.strip() and paper):
        raise Refused(
            "代录要写明依据（如文号、来件日期），并附上单位的纸质件照片或扫描件。",
            field="paper" if source.strip() else "source",
        )


def keep_paper(event: Event, paper: ContentFile[bytes] | None, kind: str = Attachment.Kind.PAPER) -> None:
    if paper is not None:
        Attachment.objects.create(suggestion=event.suggestion, event=event, kind=kind, file=paper, size=paper.size)


def end_open(assignments: QuerySet[Assignment], state: str, *, at: datetime) -> None:
    assignments.filter(state__in=Assignment.OPEN).update(state=state, ended_at=at)


def own_assignment(acting: Acting) -> Assignment:
    assert acting.assignment is not None, "permissions.CONCERNS names the verb"
    return acting.assignment


def others_to_answer(suggestion: Suggestion, own: Assignment) -> list[Assignment]:
    """The other units that answer and have not yet: none where there is a lead."""
    return list(suggestion.assignments.open().exclude(role=Assignment.Role.ASSIST).exclude(pk=own.pk))


def must_be_called(suggestion: Suggestion) -> bool:
    """请电话告知: a phone number is all there is, and no message goes out to it by itself (mission S14)."""
    reached = outbox.Channel.SMS in outbox.channels() and MOBILE.fullmatch(suggestion.phone)
    return bool(suggestion.phone) and (suggestion.callback or not reached)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def has_moved_on(suggestion: Suggestion) -> bool:
    """Whether somebody changed the case since it was read: then that is what its reader must be told first.

    A rule that reads other rows may stumble over the winner's before the version is asked.
    """
    return Suggestion.objects.filter(pk=suggestion.pk).exclude(version=suggestion.version).exists()


def last_step(suggestion: Suggestion) -> str:
    """Who did what when, last."""
    last = Event.objects.filter(suggestion=suggestion.pk).order_by("-version").first()
    if last is None:
        return ""
    at = timezone.localtime(last.at)
    return f"{last.office}{last.actor_label}已于{at:%-m月%-d日%H:%M}对这件事作了“{last.get_verb_display()}”"


def who_was_first(suggestion: Suggestion) -> str:
    """What the loser of a race reads, and what to do now."""
    return f"{last_step(suggestion) or '这件事刚被别人更新'}，您的操作没有保存，请看过最新情况再办。"
