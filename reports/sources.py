"""The rows that figures are counted from: a subject and a period each. What is 件 leaves out what was merged, 条 does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.calendar import today
from accounts.paths import within
from activities.models import Activity, Adoption, Attendance, DutyReport, Mediation, ResearchReport, Visit
from deputies.models import DeputyGroup, GroupEntry, Mandate, Pairing, StationMembership
from reports.counting import Frame, midnight
from reports.promises import open_promises
from stations.models import Station
from suggestions.models import (
    Assignment,
    CollectedOpinion,
    Consultation,
    Event,
    ExtensionRequest,
    Feedback,
    LivelihoodClue,
    Merge,
    OpinionAdoption,
    Promise,
    Reply,
    ReturnRequest,
    Suggestion,
)
from suggestions.workflow import Kind, Status


def stations(frame: Frame) -> QuerySet[Any]:
    at_work = Q(life__in=Station.AT_WORK) | Q(closed_on__gt=frame.end)
    return Station.objects.filter(frame.of_place(station="pk"), at_work, opened_on__lte=frame.end)


def memberships(frame: Frame) -> QuerySet[Any]:
    return StationMembership.objects.filter(frame.of_place("station__region"), frame.standing())


def double_memberships(frame: Frame) -> QuerySet[Any]:
    other = StationMembership.objects.filter(frame.standing(), deputy=OuterRef("deputy")).exclude(kind=OuterRef("kind"))
    return memberships(frame).filter(Exists(other))


def seats(frame: Frame) -> QuerySet[Any]:
    """Held seats of everybody tied to the subject. A seat that ended later was held on the last day."""
    ended_later = Q(status=Mandate.Status.ENDED, ended_on__gt=frame.end)
    held = Mandate.objects.filter(
        Q(status__in=(Mandate.Status.SITTING, Mandate.Status.SUSPENDED)) | ended_later, since__lte=frame.end
    )
    in_stations = Q(deputy__in=memberships(frame).values("deputy"))
    if isinstance(frame.subject, Station):
        return held.filter(in_stations)
    path = frame.subject.path
    if not path:
        return held
    in_congresses = Q(deputy__in=held.filter(within(path, "congress__region__path")).values("deputy"))
    return held.filter(within(path, "deputy__region__path") | in_congresses | in_stations)


def entries(frame: Frame) -> QuerySet[Any]:
    return GroupEntry.objects.filter(frame.of_place("station__region"), frame.standing())


def groups(frame: Frame) -> QuerySet[Any]:
    standing = DeputyGroup.objects.filter(frame.standing())
    if isinstance(frame.subject, Station):
        return standing.filter(pk__in=entries(frame).values("group"))
    return standing.filter(frame.of_place())


def pairings(frame: Frame) -> QuerySet[Any]:
    """Told where the deputy's file is kept; a station's are those of its members."""
    standing = Pairing.objects.filter(frame.standing())
    if isinstance(frame.subject, Station):
        return standing.filter(deputy__in=memberships(frame).values("deputy"))
    return standing.filter(within(frame.subject.path, "deputy__region__path"))


def activities(frame: Frame) -> QuerySet[Any]:
    return Activity.objects.held().between(frame.start, frame.end).filter(frame.of_keys())


def attendances(frame: Frame) -> QuerySet[Any]:
    return Attendance.objects.filter(activity__in=activities(frame).values("pk"), presence=Attendance.Presence.PRESENT)


def visits(frame: Frame) -> QuerySet[Any]:
    return Visit.objects.confirmed().between(frame.start, frame.end).filter(frame.of_keys())


def research(frame: Frame) -> QuerySet[Any]:
    return ResearchReport.objects.between(frame.start, frame.end).filter(frame.of_keys())


def duty_reports(frame: Frame) -> QuerySet[Any]:
    return DutyReport.objects.filter(activity__in=activities(frame).values("pk"))


def mediations(frame: Frame) -> QuerySet[Any]:
    return Mediation.objects.between(frame.start, frame.end).filter(frame.of_keys())


def adopted_reports(frame: Frame) -> QuerySet[Any]:
    return Adoption.objects.filter(frame.days("adopted_on"), frame.of_keys("report__"))


def adopted_opinions(frame: Frame) -> QuerySet[Any]:
    return OpinionAdoption.objects.filter(frame.days("adopted_on"), frame.of_cases("suggestion__"))


def submitted(frame: Frame) -> QuerySet[Any]:
    cases = Suggestion.objects.submitted_between(frame.start, frame.end).filter(frame.of_cases())
    return cases.exclude(status__in=(Status.DRAFT, Status.WITHDRAWN))


def acts(frame: Frame) -> QuerySet[Any]:
    return Event.objects.filter(frame.of_cases("suggestion__"), frame.moments("at"))


# 件: what was merged goes on in another case and is counted with it.
APART = ~Q(status=Status.MERGED)
ACTS_APART = ~Q(suggestion__status=Status.MERGED)

# Of what was merged, that which goes straight on in a 代表建议.
RAISED = Exists(Merge.objects.in_force().filter(child=OuterRef("pk"), parent__kind=Kind.PROPOSAL))


def handed_over(frame: Frame) -> QuerySet[Any]:
    return Suggestion.objects.filter(APART, frame.of_cases(), frame.days("handed_over_on"))


def supervised(frame: Frame) -> QuerySet[Any]:
    return Suggestion.objects.filter(APART, frame.of_cases(), frame.days("supervised_on"))


def published(frame: Frame) -> QuerySet[Any]:
    standing = Suggestion.objects.filter(publication__withdrawn_at__isnull=True)
    return standing.filter(frame.of_cases(), frame.moments("publication__published_at"))


# A reply stands in these states; a case that is handled again has none.
REPLY_STANDS = (Status.REPLIED, Status.REVIEWING, Status.TRACKING, Status.CLOSED)


def replied(frame: Frame) -> QuerySet[Any]:
    standing = Suggestion.objects.filter(status__in=REPLY_STANDS).exclude(result_class="")
    return standing.filter(frame.of_cases(), frame.days("replied_on"))


def answers(frame: Frame) -> QuerySet[Any]:
    """An answer for each submitter: what was merged shows its parent's as the own and is rated on the own row (S7)."""
    through = Merge.objects.in_force().filter(child=OuterRef("pk"), parent__status__in=(*REPLY_STANDS, Status.MERGED))
    told = Q(status__in=REPLY_STANDS) | Q(Exists(through), status=Status.MERGED)
    return Suggestion.objects.filter(told, frame.of_cases(), frame.days("replied_on")).exclude(result_class="")


def solved(frame: Frame) -> QuerySet[Any]:
    return Suggestion.objects.solved().filter(frame.of_cases(), frame.days("replied_on"))


def feedbacks(frame: Frame) -> QuerySet[Any]:
    return Feedback.objects.filter(frame.of_cases("suggestion__"), frame.moments("at"))


def assigned(frame: Frame) -> QuerySet[Any]:
    """Each time that a unit got a case to answer; an office that only passed it on had nothing to answer."""
    given = Assignment.objects.filter(frame.of_cases("suggestion__"), frame.days("assigned_on"))
    return given.exclude(role=Assignment.Role.ASSIST).exclude(state=Assignment.State.DISTRIBUTED)


def overdue(frame: Frame) -> QuerySet[Any]:
    day = min(frame.end, today())
    unanswered = Q(ended_at__isnull=True) | Q(ended_at__gte=midnight(day + timedelta(days=1)))
    owed = Assignment.objects.filter(unanswered, frame.of_cases("suggestion__"), assigned_on__lte=day, due_on__lt=day)
    return owed.filter(ACTS_APART).exclude(role=Assignment.Role.ASSIST)


def returns(frame: Frame) -> QuerySet[Any]:
    return ReturnRequest.objects.filter(frame.of_cases("assignment__suggestion__"), frame.moments("requested_at"))


def extensions(frame: Frame) -> QuerySet[Any]:
    return ExtensionRequest.objects.filter(frame.of_cases("assignment__suggestion__"), frame.moments("requested_at"))


def consultations(frame: Frame) -> QuerySet[Any]:
    return Consultation.objects.filter(frame.of_cases("suggestion__"), frame.days("held_on"))


def promises(frame: Frame) -> QuerySet[Any]:
    return Promise.objects.filter(frame.of_cases("reply__suggestion__"), frame.days("reply__replied_on"))


def promises_ended(frame: Frame) -> QuerySet[Any]:
    return Promise.objects.filter(frame.of_cases("reply__suggestion__"), frame.days("fulfilled_on"))


def promises_open(frame: Frame) -> QuerySet[Any]:
    """Given by the last day and neither kept nor explained by then."""
    return open_promises(min(frame.end, today())).filter(frame.of_cases("reply__suggestion__"))


def promises_overdue(frame: Frame) -> QuerySet[Any]:
    return promises_open(frame).filter(promised_on__lt=min(frame.end, today()))


def collected(frame: Frame) -> QuerySet[Any]:
    return CollectedOpinion.objects.collected_between(frame.start, frame.end).filter(
        frame.of_place("call__region", "suggestion__station")
    )


def clues(frame: Frame) -> QuerySet[Any]:
    kept = LivelihoodClue.objects.kept_between(frame.start, frame.end)
    if isinstance(frame.subject, Station):
        return kept.filter(
            Exists(CollectedOpinion.objects.filter(clue=OuterRef("pk"), suggestion__station=frame.subject))
        )
    return kept.filter(frame.of_place("call__region"))


# The first answer of any round after its day. The second answer to a promise has a day of its own.
LATE = Exists(
    Reply.objects.filter(suggestion=OuterRef("pk"), replied_on__gt=F("assignment__due_on")).exclude(
        Exists(Reply.objects.filter(assignment=OuterRef("assignment"), pk__lt=OuterRef("pk")))
    )
)

# Whoever asks to give back a case that was asked back before: it is being pushed around.
AGAIN = Exists(
    ReturnRequest.objects.filter(assignment__suggestion=OuterRef("assignment__suggestion"), pk__lt=OuterRef("pk"))
)
