"""Whether the stored cases could have come about by the verbs: read only, and told as sentences.

Every rule looks at one case with all its rows, so a rule is a pure function of `Dossier`; `dossiers` reads the cases
in chunks, a fixed number of queries each, whatever the number of cases.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from accounts.calendar import SHANGHAI, Calendar
from accounts.models import Holiday, Organization
from suggestions import deadlines
from suggestions.models import Assignment, Event, Feedback, Promise, Reply, Review, Suggestion
from suggestions.workflow import WITH_UNIT, Kind, Status, Verb, targets

CHUNK = 1000
BAD = Suggestion.Rating.DISSATISFIED
ANSWERING = (Verb.ANSWER, Verb.REPLY, Verb.FULFIL)
OPEN_STATES = Assignment.OPEN
ENDED = (Status.CLOSED, Status.DECLINED)


@dataclass(frozen=True)
class Fault:
    """One thing that no verb can have done. `rule` is the name of the function that found it."""

    number: str
    rule: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.number} {self.rule}：{self.sentence}"


@dataclass
class Dossier:
    """A case with everything that was written of it, oldest first."""

    case: Any
    days: Days
    events: list[Any] = field(default_factory=list)
    assignments: list[Any] = field(default_factory=list)
    replies: list[Any] = field(default_factory=list)
    promises: list[Any] = field(default_factory=list)
    feedbacks: list[Any] = field(default_factory=list)
    reviews: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def said(self, verb: Verb) -> list[Any]:
        return [event for event in self.events if event.verb == verb]


class Days:
    """The deadlines by the figures an assignment keeps; many assignments share a day and the figures."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._of = lru_cache(maxsize=None)(self._compute)

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


# The rules: each yields a sentence for every fault.


def legal_history(file: Dossier) -> Iterator[str]:
    """From the draft to the present state, every step in the table of moves."""
    case, state = file.case, Status.DRAFT
    for event in file.events:
        if event.from_status != state:
            yield f"第{event.version}步从“{_label(event.from_status)}”开始，上一步却停在“{_label(state)}”。"
        source, target = Status(event.from_status), Status(event.to_status)
        if target not in targets(Verb(event.verb), Kind(case.kind), source):
            yield f"第{event.version}步“{Verb(event.verb).label}”不能从“{source.label}”到“{target.label}”。"
        state = target
    if case.status != state:
        yield f"现在是“{_label(case.status)}”，最后一步却是“{_label(state)}”。"


def one_event_per_change(file: Dossier) -> Iterator[str]:
    versions = [event.version for event in file.events]
    if versions != list(range(1, len(versions) + 1)):
        yield f"过程的序号{versions}不连续。"
    if file.case.version != len(versions):
        yield f"版本是{file.case.version}，办理过程却有{len(versions)}步。"


def one_lead(file: Dossier) -> Iterator[str]:
    """One open lead (or separate units) while a unit has the case, and nothing open otherwise."""
    open_ones = [row for row in file.assignments if row.state in OPEN_STATES]
    leads = [row for row in open_ones if row.role == Assignment.Role.LEAD]
    separate = [row for row in open_ones if row.role == Assignment.Role.SEPARATE]
    if file.case.status in WITH_UNIT:
        if len(leads) + bool(separate) != 1:
            yield f"“{_label(file.case.status)}”时应有一个主办单位在办，现有{len(leads)}个。"
        for lead in leads:
            waiting = file.case.status == Status.TRANSFERRED
            if (lead.state == Assignment.State.PENDING) != waiting:
                yield f"状态是“{_label(file.case.status)}”，主办单位却是“{Assignment.State(lead.state).label}”。"
    elif open_ones:
        yield f"“{_label(file.case.status)}”时不应再有在办的承办单位。"


def due_by_formula(file: Dossier) -> Iterator[str]:
    """Every date by the figures of its day; the case shows the date of its lead."""
    basis = Assignment.Basis
    moved = {date.fromisoformat(event.data["due"]) for event in file.said(Verb.MOVE_DUE) if "due" in event.data}
    limits = {event.data.get("due") for event in file.events}
    for row in file.assignments:
        reply, assist, again = file.days.of(row.assigned_on, row.terms)
        lead = next((a for a in file.assignments if a.round == row.round and a.role == Assignment.Role.LEAD), row)
        if row.basis == basis.EXTENSION:
            right = row.original_due_on < row.due_on <= file.days.latest(row.assigned_on, row.terms)
        elif row.due_on in moved:
            right = True
        elif row.basis == basis.REHANDLE:
            right = row.due_on == again
        elif row.role == Assignment.Role.ASSIST:
            right = row.due_on == min(lead.original_due_on, assist)
        elif row.basis == basis.LIMIT:
            right = row.assigned_on < row.due_on <= reply and row.due_on.isoformat() in limits
        else:
            right = row.due_on == reply
        if not right:
            yield f"{row.assigned_on}交办的应复日期{row.due_on}与“{basis(row.basis).label}”算出的不一致。"
        if row.state in OPEN_STATES and row.role == Assignment.Role.LEAD and file.case.due_on != row.due_on:
            yield f"应办日期{file.case.due_on}与主办单位的{row.due_on}不一致。"
    if file.case.status in (Status.ACCEPTED, Status.REVIEWING, Status.CLOSED, Status.DECLINED) and file.case.due_on:
        yield f"“{_label(file.case.status)}”时没有期限，却写着{file.case.due_on}。"
    set_last = next((event.data["due"] for event in reversed(file.events) if "due" in event.data), None)
    if set_last != (file.case.due_on and file.case.due_on.isoformat()):
        yield f"应办日期是{file.case.due_on}，最后一次定的却是{set_last}。"
    open_promises = [promise.promised_on for promise in file.promises if promise.fulfilled_on is None]
    if file.case.status == Status.TRACKING and [file.case.due_on] != open_promises[-1:]:
        yield f"跟踪办理的期限{file.case.due_on}不是承诺的日期。"


def first_hand_over(file: Dossier) -> Iterator[str]:
    """首次交办日期 is the T0 of the first transfer, whatever came later."""
    first = next((event.data.get("t0") for event in file.said(Verb.TRANSFER)), None)
    stored = file.case.handed_over_on and file.case.handed_over_on.isoformat()
    if first != stored:
        yield f"首次交办日期是{stored}，第一次转办却在{first}。"


def standing_result(file: Dossier) -> Iterator[str]:
    """办理结果 and 评价 are those of the last reply, and none after the case was taken up again."""
    answers = [event for event in file.events if event.verb in ANSWERING]
    if len(answers) != len(file.replies):
        yield f"答复有{len(file.replies)}份，过程里却有{len(answers)}次。"
        return
    reopened = max((event.version for event in file.said(Verb.REOPEN)), default=0)
    last = file.replies[-1] if answers and answers[-1].version > reopened else None
    if file.case.result_class != (last.result_class if last else ""):
        yield f"办理结果是“{file.case.result_class}”，最后一次答复却是“{last.result_class if last else '无'}”。"
    if last and file.case.replied_on != last.replied_on:
        yield f"答复日期{file.case.replied_on}不是最后一次答复的{last.replied_on}。"
    given = next((f for f in file.feedbacks if last and f.reply_id == last.pk), None)
    rating = "" if given is None else BAD if BAD in (given.process, given.result) else given.result
    if file.case.rating != rating:
        yield f"评价是“{file.case.rating or '未评价'}”，最后一次评价却是“{rating or '未评价'}”。"


def dated_as_it_happened(file: Dossier) -> Iterator[str]:
    """Submitted and ended on the days of those events: every figure of a period counts by them."""
    ended = file.case.status in ENDED
    if ended != (file.case.closed_on is not None):
        yield "已办结或不予受理的要有办结日期，其他状态不应有。"
    began = next((event for event in file.events if event.to_status == Status.SUBMITTED), None)
    endings = [event for event in file.events if event.to_status in ENDED and event.from_status not in ENDED]
    for stored, event in ((file.case.submitted_on, began), (file.case.closed_on, endings[-1] if endings else None)):
        happened = event and timezone.localdate(event.at, SHANGHAI)
        if stored is not None and stored != happened:
            yield f"日期{stored}与办理过程中的{happened}不一致。"


def at_the_station_until_it_left(file: Dossier) -> Iterator[str]:
    """With the station from birth, unless it was passed by, until the matter went up or was taken up again."""
    case = file.case
    left = any(
        event.verb in (Verb.ESCALATE, Verb.REQUEST_REOPEN, Verb.REOPEN)
        or (event.verb == Verb.REHANDLE and event.to_status == Status.ACCEPTED)
        for event in file.events
    )
    began = case.kind == Kind.OPINION and case.station_id is not None and not case.direct
    concerned = any(event.data.get("about_unit") for event in file.events)
    if case.at_station != (began and not left) and not (concerned and not case.at_station):
        yield "是否由联络站承接，与办理过程不一致。"


def declined_with_a_way_on(file: Dossier) -> Iterator[str]:
    """不予受理 never without the reason and where the person may go instead."""
    for event in file.said(Verb.DECLINE):
        if not (event.data.get("reason") and event.data.get("destination")):
            yield "不予受理没有写明理由或去向。"


def dissatisfied_is_reviewed(file: Dossier) -> Iterator[str]:
    """不满意 has a reason and one review; nothing else has a review."""
    for given in file.feedbacks:
        dissatisfied = BAD in (given.process, given.result)
        if dissatisfied and not given.text.strip():
            yield "不满意没有写明原因。"
        if file.reviews[given.pk] != dissatisfied:
            yield "不满意没有进入复核。" if dissatisfied else "没有不满意，却有复核。"


def promise_before_the_end(file: Dossier) -> Iterator[str]:
    """Class B is a promise with its day, and is closed only when it was kept or explained."""
    promised = {promise.reply_id for promise in file.promises}
    for reply in file.replies:
        if (reply.result_class == "B") != (reply.pk in promised):
            yield "B类答复要有承诺事项，其他类别没有。"
    kept = {promise.reply_id for promise in file.promises if promise.fulfilled_on is not None}
    answers = [event.verb for event in file.events if event.verb in ANSWERING]
    for n, reply in enumerate(file.replies):
        # A reply after a second handling takes the place of the promise; a 兑现 or an end does not.
        later = answers[n + 1] if n + 1 < len(answers) else None
        ended = later == Verb.FULFIL or (later is None and file.case.status == Status.CLOSED)
        if reply.pk in promised - kept and ended:
            yield "承诺事项没有兑现，却已办结。"


def not_by_the_concerned(file: Dossier) -> Iterator[str]:
    """No unit handles a complaint about itself."""
    for row in file.assignments:
        if file.case.about_unit_id is not None and row.unit_id == file.case.about_unit_id:
            yield "交给了被反映的单位自己办理。"


def held_by_a_congress_organ(file: Dossier) -> Iterator[str]:
    """Of the case's region or of one above it."""
    case = file.case
    if case.holder.kind not in Organization.CONGRESS_KINDS:
        yield f"承接机构{case.holder.name}不是人大机构。"
    elif not case.region_path.startswith(case.holder.region.path):
        yield f"承接机构{case.holder.name}不在本区域或上级区域。"
    if case.region_path != case.region.path:
        yield "区域路径与所属区域不一致。"


RULES: tuple[Callable[[Dossier], Iterator[str]], ...] = (
    legal_history,
    one_event_per_change,
    one_lead,
    due_by_formula,
    first_hand_over,
    standing_result,
    dated_as_it_happened,
    at_the_station_until_it_left,
    declined_with_a_way_on,
    dissatisfied_is_reviewed,
    promise_before_the_end,
    not_by_the_concerned,
    held_by_a_congress_organ,
)


def faults(files: Iterable[Dossier]) -> Iterator[Fault]:
    for file in files:
        for rule in RULES:
            for sentence in rule(file):
                yield Fault(file.case.number, rule.__name__, sentence)


def dossiers() -> Iterator[Dossier]:
    """All cases in order, read in chunks: eight queries a chunk."""
    days = Days(Holiday.objects.calendar())
    last = 0
    while True:
        cases = list(
            Suggestion.objects.filter(pk__gt=last)
            .select_related("holder__region", "region")
            .defer("text", "grams")
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
    texts = ("public_text", "inner_note")
    for event in Event.objects.filter(**here).defer(*texts).order_by("suggestion", "version"):
        files[event.suggestion_id].events.append(event)
    for assignment in Assignment.objects.filter(**here).order_by("suggestion", "round", "pk"):
        files[assignment.suggestion_id].assignments.append(assignment)
    for reply in Reply.objects.filter(**here).defer("text").order_by("suggestion", "pk"):
        files[reply.suggestion_id].replies.append(reply)
    for feedback in Feedback.objects.filter(**here).order_by("suggestion", "pk"):
        files[feedback.suggestion_id].feedbacks.append(feedback)
    through = {f"reply__{key}": value for key, value in here.items()}
    for promise in Promise.objects.filter(**through).select_related("reply").order_by("reply"):
        files[promise.reply.suggestion_id].promises.append(promise)
    for case, feedback_id in Review.objects.filter(**here).values_list("suggestion", "feedback"):
        files[case].reviews[feedback_id] += 1


def _label(status: str) -> str:
    return str(Status(status).label)
