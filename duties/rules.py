"""Which records satisfy what: one registry that targets, points and files all ask (architecture.md, duties).

A rule counts rows of one model. `who` tells by which path a row belongs to a deputy, a group or a station, `day` when
it happened. A person with three seats and two stations has one row at one activity, so counts and scores once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce, TruncDate

from accounts.calendar import SHANGHAI
from activities.models import Activity, Attendance, DutyReport, ResearchReport, Visit
from suggestions.models import CoSignature, Event, Feedback, Reply, Suggestion
from suggestions.workflow import Kind, Status, Verb

DEPUTY, GROUP, STATION = "deputy", "group", "station"

Source = Callable[[], "QuerySet[Any]"]


@dataclass(frozen=True)
class Rule:
    """`types` says where a row's activity type stands, for rules that are asked for certain types only; `tells` the
    words by which a row is named in a ledger that is never erased: a title or a number, nothing about a citizen.
    """

    code: str
    label: str
    unit: str
    source: Source
    who: Mapping[str, str]
    day: str
    types: str = ""
    tells: str = "pk"

    @property
    def record(self) -> str:
        """The model of its rows, as the ledger names it."""
        return str(self.source().model._meta.model_name)

    def records(
        self, kind: str, whose: Iterable[int] | QuerySet[Any], start: date, end: date, types: Iterable[str] = ()
    ) -> QuerySet[Any]:
        """The rows of these subjects between both days, each with `subject` (a key) and `day`."""
        rows: QuerySet[Any] = self.source().annotate(subject=F(self.who[kind]), day=F(self.day))
        wanted = list(types)
        if wanted and self.types:
            rows = rows.filter(**{f"{self.types}__in": wanted})
        rows = rows.filter(subject__in=whose, day__gte=start, day__lte=end)
        return rows.order_by("day", "pk")


def _held() -> QuerySet[Any]:
    held: QuerySet[Any] = Activity.objects.held()
    return held


def _with_departments() -> QuerySet[Any]:
    """By `Exists`: three departments at one activity are one activity, however the rows are counted."""
    there = Activity.departments.through.objects.filter(activity=OuterRef("pk"))
    return _held().filter(Exists(there))


def _present() -> QuerySet[Any]:
    """Present at an activity that somebody else has seen: reviewed, or not written down by the same person."""
    reviewed = Q(activity__status=Activity.Status.PUBLISHED)
    by_others = Q(activity__status=Activity.Status.HELD) & ~Q(activity__logged_by=F("deputy__user"))
    present: QuerySet[Any] = Attendance.objects.filter(reviewed | by_others, presence=Attendance.Presence.PRESENT)
    return present


def _numbered() -> QuerySet[Any]:
    """代表建议 that were accepted and stand: numbered, and neither withdrawn nor declined since."""
    gone = (Status.DRAFT, Status.SUBMITTED, Status.WITHDRAWN, Status.DECLINED)
    return Suggestion.objects.filter(kind=Kind.PROPOSAL).exclude(status__in=gone).exclude(proposal_number="")


def _supervised() -> QuerySet[Any]:
    return _numbered().filter(supervised_on__isnull=False)


def _cosigned() -> QuerySet[Any]:
    return CoSignature.objects.confirmed().filter(suggestion__in=_numbered().values("pk"))


def _collected() -> QuerySet[Any]:
    """Opinions that were accepted and that the deputy brought home: heard on a visit, or addressed to the deputy."""
    gone = (Status.DRAFT, Status.SUBMITTED, Status.WITHDRAWN, Status.DECLINED)
    return _brought(Suggestion.objects.exclude(status__in=gone))


def _solved() -> QuerySet[Any]:
    solved = Suggestion.objects.solved().filter(status=Status.CLOSED)
    return _brought(solved.exclude(rating=Suggestion.Rating.DISSATISFIED))


def _brought(cases: QuerySet[Any]) -> QuerySet[Any]:
    """Nobody collects a complaint about the own person."""
    opinions: QuerySet[Any] = cases.filter(kind=Kind.OPINION).annotate(collector=Coalesce("visit__deputy", "deputy"))
    other = Q(about_person__isnull=True) | Q(collector__isnull=True) | ~Q(about_person=F("collector"))
    return opinions.filter(other)


def _reported() -> QuerySet[Any]:
    reported: QuerySet[Any] = DutyReport.objects.filter(activity__in=_held().values("pk"))
    return reported


def _praised() -> QuerySet[Any]:
    """述职 with 满意 and 基本满意 on at least nine of ten ballots."""
    # Ten times a column leaves PostgreSQL's integer sooner than anybody's ballots.
    content = Cast("satisfied", BigIntegerField()) + F("basically")
    ballots = content + F("dissatisfied")
    praised: QuerySet[Any] = _reported().alias(content=content * 10, ballots=ballots * 9)
    praised = praised.filter(ballots__gt=0, content__gte=F("ballots"))
    return praised


def _rated() -> QuerySet[Any]:
    """A signer's rating, dated when it was given. In time it always is: the clock closes what is late."""
    given: QuerySet[Any] = Feedback.objects.filter(suggestion__kind=Kind.PROPOSAL, signer__isnull=False)
    given = given.annotate(rated_on=TruncDate("at", tzinfo=SHANGHAI))
    return given


def _unrated() -> QuerySet[Any]:
    """Replies that the clock closed because the lead deputy did not rate them; co-signers owe no rating."""
    stood = Reply.objects.filter(suggestion=OuterRef("suggestion"), replied_on__lte=OuterRef("ended_on"))
    closings = Event.objects.filter(verb=Verb.CLOSE, actor__isnull=True, suggestion__kind=Kind.PROPOSAL)
    ended: QuerySet[Any] = closings.annotate(ended_on=TruncDate("at", tzinfo=SHANGHAI))
    ended = ended.annotate(stood=Subquery(stood.order_by("-pk").values("pk")[:1]))
    rated = Feedback.objects.filter(reply=OuterRef("stood"), signer=OuterRef("suggestion__lead"))
    return ended.filter(~Exists(rated))


_ACTIVITY = {GROUP: "group", STATION: "station"}
_MEMBERS_LEAD = "lead__group_memberships__group"


def _led_by_members() -> QuerySet[Any]:
    """Proposals whose lead sat in a group when they were submitted: the group's own."""
    sat = Q(lead__group_memberships__since__lte=F("submitted_on")) & (
        Q(lead__group_memberships__ended_on__isnull=True) | Q(lead__group_memberships__ended_on__gt=F("submitted_on"))
    )
    # Who left a group and came back has two rows in it: distinct, so that one proposal is one.
    return _numbered().filter(sat).distinct()


_NUMBER, _TITLE, _ACTIVITY_TITLE = "number", "title", "activity__title"

RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        Rule("activities", "开展活动", "次", _held, _ACTIVITY, "held_on", "type__code", _TITLE),
        Rule("with_departments", "邀请部门进站", "次", _with_departments, _ACTIVITY, "held_on", "type__code", _TITLE),
        Rule(
            "attended",
            "参加活动",
            "次",
            _present,
            {DEPUTY: "deputy"},
            "activity__held_on",
            "activity__type__code",
            _ACTIVITY_TITLE,
        ),
        Rule(
            "visits",
            "走访",
            "次",
            lambda: Visit.objects.confirmed(),
            {DEPUTY: "deputy", GROUP: "group", STATION: "station"},
            "visited_on",
            tells="target",
        ),
        Rule(
            "research",
            "调研报告",
            "篇",
            lambda: ResearchReport.objects.all(),
            {DEPUTY: "authors", GROUP: "group", STATION: "station"},
            "finished_on",
            tells=_TITLE,
        ),
        Rule("proposals", "领衔建议", "件", _numbered, {DEPUTY: "lead"}, "submitted_on", tells=_TITLE),
        Rule(
            "group_proposals", "小组建议", "件", _led_by_members, {GROUP: _MEMBERS_LEAD}, "submitted_on", tells=_TITLE
        ),
        Rule(
            "cosigned",
            "联名建议",
            "件",
            _cosigned,
            {DEPUTY: "deputy"},
            "suggestion__submitted_on",
            tells="suggestion__title",
        ),
        Rule("supervised", "重点督办建议", "件", _supervised, {DEPUTY: "lead"}, "supervised_on", tells=_TITLE),
        Rule("rated", "按时评价", "次", _rated, {DEPUTY: "signer"}, "rated_on", tells="suggestion__title"),
        Rule(
            "unrated", "逾期未评价", "次", _unrated, {DEPUTY: "suggestion__lead"}, "ended_on", tells="suggestion__title"
        ),
        Rule(
            "collected",
            "收集意见",
            "条",
            _collected,
            {DEPUTY: "collector", STATION: "station"},
            "submitted_on",
            tells=_NUMBER,
        ),
        Rule(
            "solved",
            "推动解决问题",
            "个",
            _solved,
            {DEPUTY: "collector", STATION: "station"},
            "closed_on",
            tells=_NUMBER,
        ),
        Rule("duty_reports", "述职", "次", _reported, {DEPUTY: "deputy"}, "activity__held_on", tells=_ACTIVITY_TITLE),
        Rule(
            "praised_reports",
            "述职满意率90%以上",
            "次",
            _praised,
            {DEPUTY: "deputy"},
            "activity__held_on",
            tells=_ACTIVITY_TITLE,
        ),
    )
}
