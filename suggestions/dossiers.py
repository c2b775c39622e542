"""The cases with all their rows, read in chunks: a fixed number of queries each, whatever the number of cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from auditlog.models import LogEntry
from django.db.models import Max

from accounts.calendar import Calendar
from accounts.models import Holiday
from suggestions import deadlines
from suggestions.models import Assignment, Event, ExtensionRequest, Feedback, Merge, Promise, Reply, Review, Suggestion
from suggestions.workflow import Status, Verb

CHUNK = 1000
ANSWERING = (Verb.ANSWER, Verb.REPLY, Verb.FULFIL)


@dataclass
class Dossier:
    """A case with everything that was written of it, oldest first."""

    case: Any
    days: Days
    events: list[Any] = field(default_factory=list)
    assignments: list[Any] = field(default_factory=list)
    extended: dict[int, set[date]] = field(default_factory=lambda: defaultdict(set))  # by round, as approved
    replies: list[Any] = field(default_factory=list)
    promises: dict[int, Any] = field(default_factory=dict)  # by reply
    feedbacks: list[Any] = field(default_factory=list)
    reviews: list[Any] = field(default_factory=list)
    links: list[Any] = field(default_factory=list)  # standing, as the child
    root: Root | None = None  # of a merged case

    def said(self, verb: Verb) -> list[Any]:
        return [event for event in self.events if event.verb == verb]

    def beginnings(self) -> list[Any]:
        """The hand-overs, one for each round."""
        return [
            event
            for event in self.events
            if event.verb == Verb.TRANSFER or (event.verb == Verb.REHANDLE and event.to_status == Status.HANDLING)
        ]

    def standing(self) -> Any:
        """The last reply that answered the case: not one of several separate units' while others were to answer."""
        cleared = (Verb.REOPEN, Verb.UNMERGE)
        since = max((event.version for event in self.events if event.verb in cleared), default=0)
        answers = [event for event in self.events if event.verb in ANSWERING]
        found = [
            reply
            for event, reply in zip(answers, self.replies, strict=False)
            if event.to_status == Status.REPLIED and event.version > since
        ]
        return found[-1] if found else None

    def of_the_round(self, standing: Any) -> list[Any]:
        """The last reply of each unit in the round of the one that stands; on the spot there is but that one."""
        if standing is None or standing.assignment is None:
            return [standing] if standing else []
        latest: dict[int, Any] = {}
        for reply in self.replies:
            if reply.assignment is not None and reply.assignment.round == standing.assignment.round:
                latest[reply.assignment_id] = reply
        return list(latest.values())

    def open_promises(self) -> list[date]:
        found = [self.promises.get(reply.pk) for reply in self.of_the_round(self.standing())]
        return [promise.promised_on for promise in found if promise is not None and promise.fulfilled_on is None]


@dataclass(frozen=True)
class Root:
    """What a merged case shows of the one that goes on for it. `circle`: there is none."""

    replied_on: date | None = None
    result_class: str = ""
    last_reply: int | None = None
    circle: bool = False


class Days:
    """The deadlines by the figures an assignment keeps; many assignments share a day and the figures."""

    def __init__(self, calendar: Calendar, changed_at: datetime | None) -> None:
        self.calendar = calendar
        self.changed_at = changed_at
        self._of = lru_cache(maxsize=None)(self._compute)

    def since(self, at: datetime) -> bool:
        """Whether the holidays are still those of that moment: nobody has entered or corrected one later."""
        return self.changed_at is None or at > self.changed_at

    def of(self, assigned_on: date, terms: dict[str, Any]) -> tuple[date, date, date]:
        """Reply, assisting opinion and second handling, all counted from one day."""
        return self._of(assigned_on, tuple(sorted(terms.items())))

    def _compute(self, day: date, terms: tuple[tuple[str, Any], ...]) -> tuple[date, date, date]:
        numbers: Any = SimpleNamespace(**dict(terms))
        return (
            deadlines.reply_due(day, numbers, self.calendar),
            deadlines.assist_due(day, numbers, self.calendar),
            deadlines.rehandle_due(day, numbers, self.calendar),
        )

    def latest(self, day: date, terms: dict[str, Any]) -> date:
        return deadlines.extension_latest(day, SimpleNamespace(**terms))


def dossiers() -> Iterator[Dossier]:
    """All cases in order. The depth of merged cases costs a query a level, their number none."""
    changed = LogEntry.objects.get_for_model(Holiday).aggregate(at=Max("timestamp"))["at"]
    days = Days(Holiday.objects.calendar(), changed)
    last = 0
    while True:
        cases = list(
            Suggestion.objects.filter(pk__gt=last)
            .select_related("holder__region", "region")
            .defer("text", "request", "grams")
            .order_by("pk")[:CHUNK]
        )
        if not cases:
            return
        files = {case.pk: Dossier(case, days) for case in cases}
        _fill(files, cases[0].pk, cases[-1].pk)
        yield from files.values()
        last = cases[-1].pk


def _fill(files: dict[int, Dossier], first: int, last: int) -> None:
    here = {"suggestion__gte": first, "suggestion__lte": last}
    for event in Event.objects.filter(**here).defer("public_text", "inner_note").order_by("suggestion", "version"):
        files[event.suggestion_id].events.append(event)
    for assignment in Assignment.objects.filter(**here).defer("opinion").order_by("suggestion", "round", "pk"):
        files[assignment.suggestion_id].assignments.append(assignment)
    for reply in Reply.objects.filter(**here).defer("text").select_related("assignment").order_by("suggestion", "pk"):
        files[reply.suggestion_id].replies.append(reply)
    for feedback in Feedback.objects.filter(**here).order_by("suggestion", "pk"):
        files[feedback.suggestion_id].feedbacks.append(feedback)
    for review in Review.objects.filter(**here).select_related("feedback").defer("words").order_by("pk"):
        files[review.suggestion_id].reviews.append(review)
    of_reply = {f"reply__{key}": value for key, value in here.items()}
    for promise in Promise.objects.filter(**of_reply).select_related("reply"):
        files[promise.reply.suggestion_id].promises[promise.reply_id] = promise
    of_assignment = {f"assignment__{key}": value for key, value in here.items()}
    approved = ExtensionRequest.objects.filter(decision=ExtensionRequest.Decision.APPROVED, **of_assignment)
    for case, number, until in approved.values_list("assignment__suggestion", "assignment__round", "until"):
        files[case].extended[number].add(until)
    _link(files, first, last)


def _link(files: dict[int, Dossier], first: int, last: int) -> None:
    links = Merge.objects.standing().filter(child__gte=first, child__lte=last)
    above: dict[int, int] = {}
    for link in links.select_related("parent__holder__region"):
        files[link.child_id].links.append(link)
        if link.merged_at is not None:
            above[link.child_id] = link.parent_id
    merged = list(above)
    while unknown := set(above.values()) - above.keys():
        higher = dict(Merge.objects.in_force().filter(child__in=unknown).values_list("child", "parent"))
        if not higher:
            break
        above |= higher
    tops = {child: _top(child, above) for child in merged}
    keys = {top for top in tops.values() if top is not None}
    stand = {row.pk: row for row in Suggestion.objects.filter(pk__in=keys).only("replied_on", "result_class")}
    last_reply = dict(
        Reply.objects.filter(suggestion__in=keys).order_by().values_list("suggestion").annotate(last=Max("pk"))
    )
    for child, top in tops.items():
        files[child].root = (
            Root(circle=True)
            if top is None
            else Root(stand[top].replied_on, stand[top].result_class, last_reply.get(top))
        )


def _top(child: int, above: dict[int, int]) -> int | None:
    """The case that goes on; None where the links lead round in a circle."""
    seen = {child}
    while child in above:
        child = above[child]
        if child in seen:
            return None
        seen.add(child)
    return child
