"""The one place where a case changes: the right, the conditional UPDATE, the event."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.calendar import Calendar, today
from accounts.errors import Refused
from accounts.models import Holiday
from suggestions.codes import new_number
from suggestions.models import Event, HandlingProfile, Suggestion
from suggestions.permissions import Acting
from suggestions.workflow import Kind, Status, Verb, check

NUMBER_TRIES = 5


class Conflict(Refused):
    """Two at once: the other one was first (mission S2). The sentence says who did what when."""


def profile_of(suggestion: Suggestion) -> HandlingProfile:
    return HandlingProfile.objects.nearest(suggestion.region, suggestion.kind)


def calendar() -> Calendar:
    return Holiday.objects.calendar()


def _event(suggestion: Suggestion, verb: Verb, before: Status, acting: Acting, **words: Any) -> Event:
    return Event.objects.create(
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


def begin(suggestion: Suggestion, acting: Acting) -> Event:
    """A new case, submitted. The number is drawn until it is free: five tries make a clash a one-in-10^20 matter."""
    check(Verb.SUBMIT, Kind(suggestion.kind), Status.DRAFT, Status.SUBMITTED)
    suggestion.submitted_at = timezone.now()
    suggestion.submitted_on = today()
    suggestion.version = 1
    _set_status(suggestion, Status.SUBMITTED)
    for left in reversed(range(NUMBER_TRIES)):
        suggestion.number = new_number(suggestion.submitted_on)
        try:
            with transaction.atomic():
                suggestion.save(force_insert=True)
            break
        except IntegrityError:
            # The form key is unique too: a second tap in the same moment is the caller's business, not a clash.
            taken = Suggestion.objects.filter(number=suggestion.number).exists()
            if not taken or not left:
                raise
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


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def who_was_first(suggestion: Suggestion) -> str:
    """What the loser of a race reads: who did what when, and what to do now."""
    last = Event.objects.filter(suggestion=suggestion.pk).order_by("-version").first()
    if last is None:
        return "这件事刚被别人更新，您的操作没有保存，请刷新后再办。"
    at = timezone.localtime(last.at)
    who = f"{last.office}{last.actor_label}" if last.office else last.actor_label
    return (
        f"{who}已于{at:%-m月%-d日%H:%M}对这件事作了“{last.get_verb_display()}”，您的操作没有保存，请看过最新情况再办。"
    )
