"""Whether the stored cases could have come about by the verbs: read only, and told as sentences.

Every rule looks at one case with all its rows, so a rule is a pure function of `Dossier`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.calendar import SHANGHAI
from accounts.models import Organization
from suggestions.dossiers import ANSWERING, Dossier
from suggestions.models import Assignment, Suggestion
from suggestions.workflow import WITH_UNIT, Kind, Status, Verb, targets

BAD = Suggestion.Rating.DISSATISFIED
WORDS = Suggestion.Rating.values
OPEN_STATES = Assignment.OPEN
ENDED = (Status.CLOSED, Status.DECLINED)
WITHOUT_DUE = (
    Status.DRAFT,
    Status.ACCEPTED,
    Status.REVIEWING,
    Status.CLOSED,
    Status.DECLINED,
    Status.MERGED,
    Status.WITHDRAWN,
)


@dataclass(frozen=True)
class Fault:
    """One thing that no verb can have done. `rule` is the name of the function that found it."""

    number: str
    rule: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.number} {self.rule}：{self.sentence}"


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
    """One open lead or separate units while a unit has the case, and nothing open otherwise."""
    open_ones = [row for row in file.assignments if row.state in OPEN_STATES]
    leads = [row for row in open_ones if row.role == Assignment.Role.LEAD]
    separate = [row for row in open_ones if row.role == Assignment.Role.SEPARATE]
    status = file.case.status
    if status not in WITH_UNIT:
        if open_ones:
            yield f"“{_label(status)}”时不应再有在办的承办单位。"
        return
    if len(leads) + bool(separate) != 1:
        yield f"“{_label(status)}”时应有一个主办单位（或几个分办单位）在办，现有{len(leads)}个主办、{len(separate)}个分办。"
    if len({row.round for row in open_ones}) > 1:
        yield "在办的承办单位不是同一轮交办的。"
    states = {row.state for row in (*leads, *separate)}
    pending = {Assignment.State.PENDING}
    # Of separate units the first that signs moves the case; the others may sign later or not at all.
    if (status == Status.TRANSFERRED) != (states == pending) and not (separate and status == Status.HANDLING):
        yield f"状态是“{_label(status)}”，承办单位却是“{'、'.join(sorted(_state(state) for state in states))}”。"


def passed_on(file: Dossier) -> Iterator[str]:
    """分办 moves the lead and never the clock: same T0, same first day, same figures as the office's."""
    offices = {row.via_id for row in file.assignments if row.via_id is not None}
    rows = {row.pk: row for row in file.assignments}
    for row in file.assignments:
        office = rows.get(row.via_id)
        if row.via_id is not None and (
            office is None
            or (office.round, office.role, office.state) != (row.round, row.role, Assignment.State.DISTRIBUTED)
            or (office.assigned_on, office.original_due_on, office.terms)
            != (row.assigned_on, row.original_due_on, row.terms)
        ):
            yield "分办后的交办日期或期限与分办前的不一致。"
        if (row.state == Assignment.State.DISTRIBUTED) != (row.pk in offices):
            yield "分办的去向与承办记录不一致。"


def due_by_formula(file: Dossier) -> Iterator[str]:
    """Every date by the figures of its day, or as an event set it; the case shows the first date of its units.

    Where a holiday was entered later, what was set before keeps the day it was told (architecture.md, "Clocks").
    """
    beginnings = file.beginnings()
    moved = [event.data.get("assignments", {}) for event in file.said(Verb.MOVE_DUE)]
    for row in file.assignments:
        if row.round > len(beginnings):
            yield f"第{row.round}轮承办没有交办过程。"
            continue
        began = beginnings[row.round - 1]
        told = {day for days in moved for pk, day in days.items() if int(pk) in (row.pk, row.via_id)}
        first = next((a for a in file.assignments if a.round == row.round and a.role != Assignment.Role.ASSIST), row)
        if not _rightly_due(file, row, began, told, first.original_due_on):
            yield f"{row.assigned_on}交办的应复日期{row.due_on}与“{Assignment.Basis(row.basis).label}”算出的不一致。"
    case = file.case
    principals = [r.due_on for r in file.assignments if r.state in OPEN_STATES and r.role != Assignment.Role.ASSIST]
    if principals and case.due_on != min(principals):
        yield f"应办日期{case.due_on}与承办单位的{min(principals)}不一致。"
    if case.status in WITHOUT_DUE and case.due_on:
        yield f"“{_label(case.status)}”时没有期限，却写着{case.due_on}。"
    set_last = next((event.data["due"] for event in reversed(file.events) if "due" in event.data), None)
    if set_last != (case.due_on and case.due_on.isoformat()):
        yield f"应办日期是{case.due_on}，最后一次定的却是{set_last}。"
    if case.status == Status.TRACKING and [case.due_on] != sorted(file.open_promises())[:1]:
        yield f"跟踪办理的期限{case.due_on}不是承诺的日期。"


def _rightly_due(file: Dossier, row: Any, began: Any, told: set[str], first: date) -> bool:
    basis = Assignment.Basis
    if row.basis == basis.EXTENSION:
        return row.due_on in file.extended[row.round] and row.due_on <= file.days.latest(row.assigned_on, row.terms)
    if row.role != Assignment.Role.ASSIST and row.original_due_on.isoformat() != began.data.get("due"):
        return False
    if row.due_on != row.original_due_on:
        return row.due_on.isoformat() in told
    if not file.days.since(began.at):
        return bool(row.due_on <= first)
    reply, assist, again = file.days.of(row.assigned_on, row.terms)
    if row.role == Assignment.Role.ASSIST:
        return bool(row.due_on == min(first, assist))
    if row.basis == basis.LIMIT:
        return bool(row.assigned_on < row.due_on <= max(reply, again))
    return bool(row.due_on == (again if row.basis == basis.REHANDLE else reply))


def first_hand_over(file: Dossier) -> Iterator[str]:
    """首次交办日期 is the T0 of the first transfer, whatever came later."""
    first = next((event.data.get("t0") for event in file.said(Verb.TRANSFER)), None)
    stored = file.case.handed_over_on and file.case.handed_over_on.isoformat()
    if first != stored:
        yield f"首次交办日期是{stored}，第一次转办却在{first}。"


def standing_result(file: Dossier) -> Iterator[str]:
    """办理结果 and 评价 are those of the reply that stands, and none after the case was taken up or let go again.

    Of separate units the weakest class of the round; of several signers the worst word. A merged case shows the
    answer of the one that goes on for it, with a rating of its own.
    """
    case, standing = file.case, file.standing()
    if len([event for event in file.events if event.verb in ANSWERING]) != len(file.replies):
        yield f"答复有{len(file.replies)}份，过程里却有{len([e for e in file.events if e.verb in ANSWERING])}次。"
        return
    if case.status == Status.MERGED:
        yield from _shows_the_common_answer(file)
        return
    result = max((reply.result_class for reply in file.of_the_round(standing)), default="")
    if case.result_class != result:
        yield f"办理结果是“{case.result_class}”，最后一次答复却是“{result or '无'}”。"
    replied = standing.replied_on if standing else None
    if case.replied_on != replied:
        yield f"答复日期{case.replied_on}不是最后一次答复的{replied}。"
    given = [_word(row) for row in file.feedbacks if standing and row.reply_id == standing.pk]
    rating = max(given, key=WORDS.index, default="")
    if case.rating != rating:
        yield f"评价是“{case.rating or '未评价'}”，最后一次评价却是“{rating or '未评价'}”。"


def _word(feedback: Any) -> str:
    """Dissatisfied with either side is 不满意."""
    return BAD if BAD in (feedback.process, feedback.result) else str(feedback.result)


def _shows_the_common_answer(file: Dossier) -> Iterator[str]:
    case, root = file.case, file.root
    if root is None or root.circle:
        return
    if (case.replied_on, case.result_class) != (root.replied_on, root.result_class):
        yield "并入的事项显示的答复与主件的不一致。"
    last = file.feedbacks[-1] if file.feedbacks else None
    rated_this = last is not None and root.replied_on is not None and last.reply_id == root.last_reply
    allowed = {_word(last)} if rated_this else {"", _word(last)} if last else {""}
    if case.rating not in allowed:
        yield f"评价是“{case.rating or '未评价'}”，最后一次评价却是“{_word(last) if last else '未评价'}”。"


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
        event.verb in (Verb.ESCALATE, Verb.HAND_DOWN, Verb.REQUEST_REOPEN, Verb.REOPEN)
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
    """不满意 has a reason and one review, and nothing else has one. Of the merged, the first of a round opens it."""
    reviewed = {review.feedback_id for review in file.reviews}
    own = {reply.pk for reply in file.replies}
    for given in file.feedbacks:
        dissatisfied = _word(given) == BAD
        if dissatisfied and not given.text.strip():
            yield "不满意没有写明原因。"
        if dissatisfied and given.reply_id in own and given.pk not in reviewed:
            yield "不满意没有进入复核。"
    if any(_word(review.feedback) != BAD for review in file.reviews):
        yield "没有不满意，却有复核。"
    entered = [e for e in file.events if e.to_status == Status.REVIEWING and e.from_status != Status.REVIEWING]
    if len(entered) != len(file.reviews):
        yield f"进入复核{len(entered)}次，复核记录却有{len(file.reviews)}份。"
    undecided = sum(not review.decision for review in file.reviews)
    if undecided != (file.case.status == Status.REVIEWING):
        yield f"“{_label(file.case.status)}”时有{undecided}份待定的复核。"
    if sum(event.verb == Verb.REHANDLE for event in file.events) > 1:
        yield "重新办理安排了不止一次。"


def rated_once(file: Dossier) -> Iterator[str]:
    """Each signer, and each submitter, rates one reply once; only a proposal is rated by deputies."""
    raters = [(given.reply_id, given.signer_id) for given in file.feedbacks]
    if len(raters) != len(set(raters)):
        yield "同一份答复被同一人评价了两次。"
    signed = {signer is not None for _, signer in raters}
    if signed - {file.case.kind == Kind.PROPOSAL}:
        yield "代表建议由代表评价，群众意见由反映人评价。"


def promise_before_the_end(file: Dossier) -> Iterator[str]:
    """Class B is a promise with its day; the case is closed only when each unit kept or explained its last one."""
    for reply in file.replies:
        if (reply.result_class == "B") != (reply.pk in file.promises):
            yield "B类答复要有承诺事项，其他类别没有。"
    for n, reply in enumerate(file.replies):
        promise = file.promises.get(reply.pk)
        again = any(later.assignment_id == reply.assignment_id for later in file.replies[n + 1 :])
        if promise is not None and promise.fulfilled_on is None and again:
            yield "同一单位已再次答复，承诺事项却没有记为兑现。"
    if file.case.status == Status.CLOSED and file.open_promises():
        yield "承诺事项没有兑现，却已办结。"


def merged_as_a_forest(file: Dossier) -> Iterator[str]:
    """A merged case has one link in force to a living one, no other case has any, and no links lead round in a circle."""
    case = file.case
    in_force = [link for link in file.links if link.merged_at is not None]
    if (case.status == Status.MERGED) != (len(in_force) == 1):
        yield f"“{_label(case.status)}”时有{len(in_force)}个并案关联。"
    if file.root is not None and file.root.circle:
        yield "并案的事项互为主件。"
    for link in in_force:
        parent = link.parent
        if parent.status in (Status.DRAFT, Status.SUBMITTED, Status.DECLINED, Status.WITHDRAWN) and not (
            parent.status == Status.SUBMITTED and parent.kind == Kind.OPINION
        ):
            yield f"并入的主件是“{_label(parent.status)}”。"
    for link in file.links:
        parent = link.parent
        if link.merged_at is None and (
            parent.kind != Kind.PROPOSAL or parent.status not in (Status.DRAFT, Status.SUBMITTED)
        ):
            yield f"关联的建议已是“{_label(parent.status)}”，关联却没有了结。"


def drafted_by_a_deputy(file: Dossier) -> Iterator[str]:
    """A draft is a proposal, seen by its signers alone; a proposal has its lead, an opinion none."""
    case = file.case
    if (case.kind == Kind.PROPOSAL) != (case.lead_id is not None and case.congress_id is not None):
        yield "代表建议要有领衔代表和届次，群众意见没有。"
    if case.status == Status.DRAFT and (case.kind != Kind.PROPOSAL or file.assignments or case.proposal_number):
        yield "草稿不应有编号或承办单位。"


def not_by_the_concerned(file: Dossier) -> Iterator[str]:
    """No unit handles a complaint about itself. Who is out by a merge was not yet, when it was handed over before."""
    merged = max((event.version for event in file.said(Verb.MERGE)), default=0)
    began = [event.version for event in file.beginnings()]
    for row in file.assignments:
        earlier = row.round <= len(began) and began[row.round - 1] < merged
        if file.case.about_unit_id is not None and row.unit_id == file.case.about_unit_id and not earlier:
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
    passed_on,
    due_by_formula,
    first_hand_over,
    standing_result,
    dated_as_it_happened,
    at_the_station_until_it_left,
    declined_with_a_way_on,
    dissatisfied_is_reviewed,
    rated_once,
    promise_before_the_end,
    merged_as_a_forest,
    drafted_by_a_deputy,
    not_by_the_concerned,
    held_by_a_congress_organ,
)


def faults(files: Iterable[Dossier]) -> Iterator[Fault]:
    for file in files:
        for rule in RULES:
            for sentence in rule(file):
                yield Fault(file.case.number, rule.__name__, sentence)


def _label(status: str) -> str:
    return str(Status(status).label)


def _state(state: str) -> str:
    return str(Assignment.State(state).label)
