"""建议办理台账 (domain.md §3.8): one queryset, one list of columns; the page shows some of them, the file all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeAlias

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from accounts.calendar import today
from accounts.models import User
from accounts.paths import in_keyed
from deputies.models import StationMembership
from reports.promises import what_became
from reports.sources import APART, REPLY_STANDS
from suggestions.models import Assignment, CoSignature, Event, Feedback, Merge, Reply, Review, Suggestion
from suggestions.office_pages import BY_STATE
from suggestions.workflow import Kind, Status, Verb

Value: TypeAlias = str | int | date | None

_A = Assignment.State
_GONE = (*Assignment.GIVEN_BACK, _A.DISTRIBUTED)
# What is asked of the submitter face to face, by phone, around a table (沟通方式).
TALKS = {Verb.CONSULT: "五方协商", Verb.INFORM: "电话告知"}
RATED = (*REPLY_STANDS, Status.MERGED)


def register(user: User, asked: dict[str, Any]) -> QuerySet[Suggestion]:
    """The cases of the register as the user may see them, by the questions of `RegisterForm`."""
    cases: Any = Suggestion.objects.visible_to(user).exclude(status=Status.DRAFT).filter(submitted_at__isnull=False)
    if asked.get("kind"):
        cases = cases.filter(kind=asked["kind"])
    if asked.get("region"):
        cases = cases.filter(in_keyed(asked["region"].path))
    if asked.get("from"):
        cases = cases.filter(submitted_on__gte=asked["from"])
    if asked.get("to"):
        cases = cases.filter(submitted_on__lte=asked["to"])
    if asked.get("state") == "overdue":
        cases = cases.overdue(today())
    elif asked.get("state"):
        cases = cases.filter(BY_STATE[asked["state"]])
    if asked.get("unit"):
        own = Assignment.objects.filter(suggestion=OuterRef("pk"), unit=asked["unit"])
        cases = cases.filter(Exists(own.exclude(state__in=Assignment.GIVEN_BACK)))
    if asked.get("supervised"):
        cases = cases.filter(supervised_on__isnull=False)
    found: QuerySet[Suggestion] = cases.matching(asked["q"]) if asked.get("q") else cases
    return found


def size_of(cases: QuerySet[Suggestion]) -> dict[str, int]:
    """条 and 件: whatever was merged goes on in another case."""
    return cases.order_by().aggregate(all=Count("pk"), apart=Count("pk", filter=APART))


def with_lines(cases: QuerySet[Suggestion]) -> QuerySet[Suggestion]:
    """Everything the columns need, in as many queries for one case as for a thousand."""
    sitting = StationMembership.objects.sitting().select_related("station")
    signed = CoSignature.objects.confirmed().select_related("deputy")
    units = Assignment.objects.select_related("unit", "via__unit").order_by("round", "pk")
    events = Event.objects.filter(verb__in=(Verb.ACCEPT, *TALKS)).only("suggestion", "verb", "at", "version")
    return (
        cases.select_related("station", "category", "session__congress__region", "congress__region", "lead")
        .select_related("supervising_group", "publication")
        .defer("grams")
        .prefetch_related(
            Prefetch("lead__memberships", sitting, to_attr="sits_in"),
            Prefetch("cosignatures", signed, to_attr="signed"),
            Prefetch("events", events.order_by("version"), to_attr="register_events"),
            Prefetch("merges", Merge.objects.in_force().select_related("parent"), to_attr="merged_in"),
            Prefetch("assignments", units),
            "assignments__return_requests",
            Prefetch("replies", Reply.objects.select_related("assignment", "promise").order_by("pk")),
            Prefetch("feedbacks", Feedback.objects.select_related("signer").order_by("pk")),
            Prefetch("reviews", Review.objects.select_related("feedback__reply__assignment").order_by("pk")),
        )
    )


def _day(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None


def _last(days: Iterable[date | None]) -> date | None:
    return max((day for day in days if day), default=None)


def _names(assignments: Iterable[Assignment]) -> str:
    return "、".join(dict.fromkeys(str(assignment.unit) for assignment in assignments))


@dataclass(frozen=True)
class Line:
    """One case of the register, read with `with_lines`. Whatever is unknown is left blank."""

    ordinal: int
    case: Any

    @cached_property
    def assignments(self) -> list[Assignment]:
        return list(self.case.assignments.all())

    @cached_property
    def replies(self) -> list[Reply]:
        return list(self.case.replies.all())

    @cached_property
    def answered_before(self) -> int | None:
        """The round whose answer was handled again (0: one on the spot); None where none was."""
        again = [r for r in self.case.reviews.all() if r.decision == Review.Decision.REHANDLE]
        return round_of(again[-1].feedback.reply) if again else None

    @property
    def _answering(self) -> list[Assignment]:
        return [a for a in self.assignments if a.role != Assignment.Role.ASSIST and a.state not in _GONE]

    @cached_property
    def second_round(self) -> list[Assignment]:
        if self.answered_before is None:
            return []
        return [a for a in self._answering if a.round > self.answered_before]

    @cached_property
    def owing(self) -> list[Assignment]:
        """Who answers, or answered, before the case was handled again: of the last round that was not given back."""
        own = self._answering
        if self.answered_before is not None:
            own = [a for a in own if a.round <= self.answered_before]
        return [a for a in own if a.round == own[-1].round]

    @property
    def assisting(self) -> list[Assignment]:
        of = {a.round for a in self.owing}
        return [
            a
            for a in self.assignments
            if a.role == Assignment.Role.ASSIST and a.round in of and a.state not in Assignment.GIVEN_BACK
        ]

    @cached_property
    def first_answer(self) -> Reply | None:
        """The first answer of the last of the separate units of that round."""
        if not self.replies:
            return None
        if not self.owing:
            return next((reply for reply in self.replies if reply.assignment is None), None)
        of_round = [reply for reply in self.replies if round_of(reply) == self.owing[-1].round]
        first: dict[int | None, Reply] = {}
        for reply in of_round:
            first.setdefault(reply.assignment_id, reply)
        return list(first.values())[-1] if first else None

    @cached_property
    def second_answer(self) -> Reply | None:
        """After a rehandling, or when a promise fell due."""
        first = self.first_answer
        later = [r for r in self.replies if first is not None and r.pk > first.pk]
        return later[-1] if later else None

    @property
    def rated(self) -> list[Feedback]:
        """What was said of the reply that stands; a merged submitter said it on the own row."""
        given = list(self.case.feedbacks.all())
        if self.case.status == Status.MERGED:
            return given[-1:] if self.case.rating else []
        return [f for f in given if self.replies and f.reply_id == self.replies[-1].pk]

    def day_of(self, verb: Verb) -> date | None:
        return next((_day(event.at) for event in self.case.register_events if event.verb == verb), None)

    @property
    def is_answered(self) -> bool:
        return self.case.status in RATED and bool(self.case.result_class)


def round_of(reply: Reply) -> int:
    return reply.assignment.round if reply.assignment else 0


def _number(line: Line) -> Value:
    return str(line.case.proposal_number or line.case.number)


def _submitted(line: Line) -> Value:
    day: date | None = line.case.submitted_on
    return day


def _units(line: Line) -> Value:
    """Who answers now; of a merged case, which one it goes on in."""
    if line.case.status == Status.MERGED and line.case.merged_in:
        parent = line.case.merged_in[0].parent
        return f"并入{parent.proposal_number or parent.number}"
    return _names(line.second_round or line.owing)


def _session(line: Line) -> Value:
    case = line.case
    if case.kind != Kind.PROPOSAL:
        return ""
    return f"{case.congress or ''}{case.session or '闭会期间'}"


def _signers(line: Line) -> Value:
    names = [str(signature.deputy) for signature in line.case.signed]
    return f"{len(names)}人：{'、'.join(names)}" if names else ""


def _place(line: Line) -> Value:
    case = line.case
    if case.station or case.lead is None:
        return str(case.station or "")
    return "、".join(str(membership.station) for membership in case.lead.sits_in)


def _supervisor(line: Line) -> Value:
    return "、".join(str(who) for who in (line.case.supervising_leader, line.case.supervising_group) if who)


def _returns(line: Line) -> Value:
    asked = [(r.requested_at, a.unit, r) for a in line.assignments for r in a.return_requests.all()]
    return "；".join(f"{_day(at)} {unit}申退，{request}" for at, unit, request in sorted(asked, key=lambda row: row[0]))


def _talks(line: Line) -> Value:
    counts = {label: sum(e.verb == verb for e in line.case.register_events) for verb, label in TALKS.items()}
    return "、".join(f"{label}{count}次" for label, count in counts.items() if count)


def _due(line: Line) -> Value:
    extended = Assignment.Basis.EXTENSION
    return _last(a.original_due_on if a.basis == extended else a.due_on for a in line.owing)


def _extended(line: Line) -> Value:
    return _last(a.due_on for a in line.owing if a.basis == Assignment.Basis.EXTENSION)


def _class(line: Line) -> Value:
    return f"{line.case.result_class}类" if line.is_answered else ""


def _rating(line: Line) -> Value:
    """未评价 is written out. Where the signers rate each for themselves, so is whoever was silent."""
    if not line.is_answered:
        return ""
    case, given = line.case, line.rated
    said = [f"{f.signer}：{f}" if f.signer and case.signed else str(f) for f in given]
    if any(f.signer_id not in (None, case.lead_id) for f in given):
        silent = {signature.deputy_id: signature.deputy for signature in case.signed} | {case.lead_id: case.lead}
        said += [f"{who}：未评价" for pk, who in silent.items() if pk not in {f.signer_id for f in given}]
    return "；".join(said) or "未评价"


def _why(line: Line) -> Value:
    bad = Suggestion.Rating.DISSATISFIED
    return "；".join(f.text for f in line.case.feedbacks.all() if bad in (f.process, f.result))


def _second(line: Line) -> Value:
    reply = line.second_answer
    return f"{reply.replied_on} {reply.result_class}类 {reply.document_number}".strip() if reply else ""


def _promised(line: Line) -> Value:
    found = [reply.promise for reply in line.replies if hasattr(reply, "promise")]
    return "；".join(f"{promise.promised_on}前：{promise.text}" for promise in found)


def _kept(line: Line) -> Value:
    """In the words of the register of promises, one for each."""
    told = []
    for at, reply in enumerate(line.replies):
        if not hasattr(reply, "promise"):
            continue
        later = line.replies[at + 1 :]
        second = next((r.result_class for r in later if r.assignment_id == reply.assignment_id), "")
        replaced = any(r.assignment is None or round_of(r) > round_of(reply) for r in later)
        told.append(what_became(reply.promise, second, replaced=replaced, status=line.case.status))
    return "；".join(told)


def _public(line: Line) -> Value:
    publication = getattr(line.case, "publication", None)
    if publication is not None and publication.withdrawn_at is None:
        return "是"
    return "否（代表认为不宜公开）" if line.case.keep_private else "否"


def _proposer(line: Line) -> Value:
    """Of an opinion, what kind of person said it: nobody's name stands in the register."""
    return str(line.case.lead or "") if line.case.kind == Kind.PROPOSAL else line.case.get_submitter_kind_display()


COLUMNS: tuple[tuple[str, Callable[[Line], Value]], ...] = (
    ("序号", lambda line: line.ordinal),
    ("编号", _number),
    ("会次/闭会", _session),
    ("标题", lambda line: line.case.heading),
    ("类别", lambda line: str(line.case.category or "")),
    ("领衔代表", _proposer),
    ("联名人数及名单", _signers),
    ("代表团/小组/联络站", _place),
    ("提出日期", _submitted),
    ("受理日期", lambda line: line.day_of(Verb.ACCEPT)),
    ("是否重点督办", lambda line: "是" if line.case.supervised_on else "否"),
    ("督办领导/委室", _supervisor),
    ("交办日期", lambda line: line.case.handed_over_on),
    ("主办单位", _units),
    ("协办单位", lambda line: _names(line.assisting)),
    ("签收日期", lambda line: _last(_day(a.signed_for_at) for a in line.owing)),
    ("申退记录", _returns),
    ("沟通方式与次数", _talks),
    ("应复日期", _due),
    ("延期至", _extended),
    ("协办意见日期", lambda line: _last(_day(a.ended_at) for a in line.assisting if a.state == _A.DONE)),
    ("答复日期", lambda line: line.first_answer.replied_on if line.first_answer else None),
    ("答复文号", lambda line: line.first_answer.document_number if line.first_answer else ""),
    ("签发人", lambda line: line.first_answer.signer if line.first_answer else ""),
    ("办理结果类别", _class),
    ("代表评价（过程/结果）", _rating),
    ("不满意理由", _why),
    ("重办应复日期", lambda line: _last(a.due_on for a in line.second_round)),
    ("二次答复", _second),
    ("承诺事项及期限", _promised),
    ("落实情况", _kept),
    ("是否公开", _public),
    ("办结日期", lambda line: line.case.closed_on),
    # The portal keeps every paper of a case under its own number: that is the file's.
    ("归档号", lambda line: line.case.number if line.case.closed_on else ""),
)
# What a page has room for, by the same functions.
ON_PAGE: tuple[tuple[str, Callable[[Line], Value]], ...] = (
    ("编号", _number),
    ("提出人", _proposer),
    ("提出", _submitted),
    ("主办单位", _units),
    ("应复", lambda line: _extended(line) or _due(line)),
    ("结果", _class),
    ("评价", _rating),
)


def lines(cases: Iterable[Suggestion]) -> list[Line]:
    return [Line(number, case) for number, case in enumerate(cases, 1)]
