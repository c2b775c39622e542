"""Cases that go on as one (mission S7, S10): merge and unmerge, opinions raised to a proposal, likely duplicates.

A merge is a link. Every submitter keeps number, progress and answer, and rates the own row.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import log

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import User
from accounts.redaction import personal
from suggestions.models import Event, Merge, Reply, Suggestion
from suggestions.models.joining import merged_into, root_of
from suggestions.permissions import Acting, acting_system, require
from suggestions.services.moves import Conflict, move, must_be_called, who_was_first
from suggestions.workflow import OPEN, Kind, Status, Verb

# A matter that was closed longer ago is a new one.
RECENT_DAYS = 90
# Two texts on one matter share this part of the shorter one, by the weight of its bigrams. Measured on 400 of the
# demo's opinions: 95 in 100 offered are on the same matter, and each of the 369 that have a like is offered one.
ALIKE = 0.4
FEWEST_SHARED = 5
MOST_ALIKE = 5
MOST_COMPARED = 500
HOLD_TRIES = 5


@transaction.atomic
def merge(suggestion: Suggestion, *, to: Suggestion, by: User) -> Event:
    """并案: the case goes on in another opinion, which is open and itself unmerged, so that no circle can arise.

    Whatever was merged into this one moves along. Its category is the parent's where it had none: each submitter is
    counted by what the matter is about.
    """
    acting = require(Verb.MERGE, suggestion, by)
    hold(suggestion, to)
    to = Suggestion.objects.select_related("region", "holder__region").get(pk=to.pk)
    _may_join(suggestion, to, by)
    event = move(
        suggestion,
        Verb.MERGE,
        Status.MERGED,
        acting,
        public_text="与另一件反映同一问题的事项合并办理。您的编号和查询码不变，进展和答复仍在这里告诉您。",
        data={"to": to.pk},
        category=suggestion.category or to.category,
        problem_kind=suggestion.problem_kind or to.problem_kind,
        due_on=None,
        replied_on=to.replied_on,
        result_class=to.result_class,
        rating="",
        to_inform=to.replied_on is not None and must_be_called(suggestion),
    )
    _end_link(suggestion, event)
    Merge.objects.create(child=suggestion, parent=to, linked_at=event.at, merged_at=event.at, by=by)
    keep_out_alike(to)
    carry_answer(suggestion)
    return event


def take(*keys: int) -> None:
    """Hold these cases until the commit, in one order for everybody: two acts that meet wait, and never for each other."""
    list(Suggestion.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))


def hold(suggestion: Suggestion, *more: Suggestion) -> None:
    """Before an act that also writes to what goes on in this case: the whole family, as it is once it is held.

    A family that changed in this moment is let go again and read anew. Whoever comes second then fails by the version.
    """
    for _ in range(HOLD_TRIES):
        family, savepoint = _family(suggestion), transaction.savepoint()
        take(suggestion.pk, *(case.pk for case in more), *family)
        if _family(suggestion) == family:
            transaction.savepoint_commit(savepoint)
            return
        transaction.savepoint_rollback(savepoint)
    raise Conflict(who_was_first(suggestion))


def _family(suggestion: Suggestion) -> set[int]:
    found: set[int] = set()
    level = {suggestion.pk}
    while level:
        level = set(Merge.objects.standing().filter(parent__in=level).values_list("child", flat=True)) - found
        found |= level
    return found


def _may_join(child: Suggestion, parent: Suggestion, by: User) -> None:
    if parent.pk == child.pk:
        raise Refused("不能并入它自己，请另选一件。", field="to")
    if not Suggestion.objects.visible_to(by).filter(pk=parent.pk).exists():
        raise Refused("没有查到这个编号，请核对；不归您看的事项不能作为主件。", field="to")
    if parent.kind != Kind.OPINION:
        raise Refused(f"{parent.number}是代表建议，请用“转为代表建议”，或另选一件群众意见。", field="to")
    if parent.status == Status.MERGED:
        raise Refused(f"{parent.number}已经并入另一件，请直接选那一件主件。", field="to")
    if parent.status not in OPEN:
        label = Status(parent.status).label
        raise Refused(f"{parent.number}现在是“{label}”，不能再并入，请选一件还在办理的，或单独办理。", field="to")
    if not child.region.path.startswith(parent.holder.region.path):
        raise Refused(
            f"{parent.number}由{parent.holder}承接，管不到{child.region}的事，请先上报或另选一件。", field="to"
        )
    if not _keeps_out_alike(child, parent):
        raise Refused(
            f"这件事要求有关单位或人员回避，{parent.number}没有同样的回避，不能并入，请单独办理。", field="to"
        )


def _keeps_out_alike(child: Suggestion, parent: Suggestion) -> bool:
    """Whoever is kept out of the child is kept out of the parent: else the concerned would handle it after all. The
    other way round the child takes over who is out (`keep_out_alike`); only a station passed by cannot be made to be.
    """
    return (
        child.direct == parent.direct
        and child.about_unit_id in (None, parent.about_unit_id)
        and child.about_person_id in (None, parent.about_person_id)
        and child.enterprise_id in (None, parent.enterprise_id)
    )


@transaction.atomic
def unmerge(suggestion: Suggestion, *, reason: str, by: User) -> Event:
    """撤销并案: handled by itself again, with a new clock from the next hand-over; the first T0 stays."""
    acting = require(Verb.UNMERGE, suggestion, by)
    if not reason.strip():
        raise Refused("请写明为什么单独办理，反映人会看到。", field="reason")
    hold(suggestion)
    return _let_go(suggestion, acting, f"不再合并办理，单独办理：{reason.strip()}")


def _let_go(child: Suggestion, acting: Acting, public_text: str) -> Event:
    event = move(
        child,
        Verb.UNMERGE,
        Status.ACCEPTED,
        acting,
        public_text=public_text,
        due_on=None,
        replied_on=None,
        result_class="",
        rating="",
        to_inform=False,
    )
    _end_link(child, event)
    carry_answer(child)
    return event


def _end_link(child: Suggestion, event: Event) -> None:
    Merge.objects.standing().filter(child=child).update(ended_at=event.at)


def release(parent: Suggestion) -> None:
    """What declined or withdrew lets go of its children: in force they are accepted again, by the system; raised
    ones stay where they are. What was merged into a child stays with the child.
    """
    for child in _children(parent, Status.MERGED, Q(merged_at__isnull=False)):
        _let_go(child, acting_system(), "合并办理的那一件已经结束，您反映的事继续单独办理。")
    for child in _children(parent, Status.ACCEPTED, Q(merged_at__isnull=True)):
        tell_not_raised(child, parent)
    Merge.objects.standing().filter(parent=parent).update(ended_at=timezone.now())


def tell_not_raised(child: Suggestion, parent: Suggestion) -> None:
    """Who read that a deputy takes the matter up reads as well that it came to nothing, and with whom it is."""
    where = child.station if child.at_station else child.holder
    said = f"这次没有作为代表建议提出，由{where}继续办理。"
    move(child, Verb.RAISE, Status.ACCEPTED, acting_system(), public_text=said, data={"ended": parent.pk})


def merge_raised(proposal: Suggestion, acting: Acting) -> None:
    """The opinions linked to a proposal are merged when it is accepted; what went its own way meanwhile is let go."""
    waiting = Q(merged_at__isnull=True)
    for child in _children(proposal, Status.ACCEPTED, waiting):
        event = move(
            child,
            Verb.MERGE,
            Status.MERGED,
            acting,
            public_text="您反映的问题已由人大代表作为建议正式提出并受理。您的编号不变，进展和答复仍在这里告诉您。",
            data={"to": proposal.pk},
            due_on=None,
            replied_on=None,
            result_class="",
            rating="",
        )
        Merge.objects.standing().filter(child=child).update(merged_at=event.at)
    Merge.objects.standing().filter(waiting, parent=proposal).update(ended_at=timezone.now())


def _children(parent: Suggestion, status: Status, links: Q) -> list[Suggestion]:
    """The direct ones in that state; the caller holds them (`hold`)."""
    keys = Merge.objects.standing().filter(links, parent=parent).values("child")
    held = Suggestion.objects.select_related("region", "holder__region")
    return list(held.filter(pk__in=keys, status=status).order_by("pk"))


def keep_out_alike(parent: Suggestion) -> None:
    """Whoever is out of the common case is out of all that goes on in it, and stays out of what is let go again."""
    children = Suggestion.objects.filter(pk__in=merged_into(parent))
    for name in ("enterprise", "about_unit", "about_person"):
        if getattr(parent, f"{name}_id") is not None:
            children.filter(**{f"{name}__isnull": True}).update(**{name: getattr(parent, name)})


def must_be_for_all(suggestion: Suggestion, text: str) -> None:
    """An answer that others read too names nobody (mission S7): each of them gets it under the own number."""
    if not merged_into(suggestion):
        return
    if found := personal(text, name=suggestion.name, phone=suggestion.phone):
        raise Refused(f"并案的其他反映人也会看到这个答复，请删去{found}。", field="text")


def carry_answer(parent: Suggestion) -> None:
    """Every case that goes on in this one shows its answer as the own, unrated: a new answer is rated anew.

    No verb is said of them, so no version changes; one that is let go in this moment is not written over.
    """
    children = Suggestion.objects.filter(pk__in=merged_into(parent), status=Status.MERGED)
    children.update(replied_on=parent.replied_on, result_class=parent.result_class, rating="", to_inform=False)
    if parent.replied_on is not None:
        to_call = [child.pk for child in children.exclude(phone="") if must_be_called(child)]
        children.filter(pk__in=to_call).update(to_inform=True)


def standing_replies(suggestion: Suggestion) -> list[Reply]:
    """What the case was answered, by itself or by the one it goes on in: of separate units each one's last word."""
    root = root_of(suggestion)
    if root.replied_on is None:
        return []
    replies = list(root.replies.select_related("assignment__unit", "promise"))
    rounds = [reply.assignment.round if reply.assignment else 0 for reply in replies]
    of_last_round = [reply for reply, number in zip(replies, rounds, strict=True) if number == rounds[-1]]
    return list({reply.assignment_id: reply for reply in of_last_round}.values())


# Likely duplicates


@dataclass(frozen=True)
class Alike:
    """A case that may be about the same matter: how much of the shorter text both share, and whether it can be the parent."""

    case: Suggestion
    share: float
    may_merge: bool

    @property
    def percent(self) -> int:
        return round(self.share * 100)


def likely_duplicates(suggestion: Suggestion, user: User) -> list[Alike]:
    """疑似重复 for whoever receives the case, never merged by themselves: of the same station or holder, open or closed
    not long ago, the most alike first; among equals what is already taken in, so that the common case gathers them.
    """
    here = Q(holder=suggestion.holder_id)
    if suggestion.station_id is not None:
        here |= Q(station=suggestion.station_id)
    since = today() - timedelta(days=RECENT_DAYS)
    near = Suggestion.objects.visible_to(user).filter(
        here, Q(status__in=OPEN) | Q(status=Status.CLOSED, closed_on__gte=since), kind=Kind.OPINION
    )
    newest = (
        near.exclude(pk=suggestion.pk).order_by("-submitted_at").values_list("pk", "grams", "status")[:MOST_COMPARED]
    )
    rows = list(newest)
    compared = {pk: frozenset(grams.split()) for pk, grams, _ in rows}
    untaken = {pk for pk, _, status in rows if status == Status.SUBMITTED}
    said = Counter(gram for grams in compared.values() for gram in grams)
    # What many say (您好, 反映一个情况, the town's name) tells little.
    weights = defaultdict(lambda: log(len(compared) + 2), {g: log((len(compared) + 2) / (said[g] + 1)) for g in said})
    own = frozenset(suggestion.grams.split())
    shares = {pk: share for pk, grams in compared.items() if (share := alike(own, grams, weights)) >= ALIKE}
    best = sorted(shares, key=lambda pk: (-round(shares[pk], 1), pk in untaken, -shares[pk]))[:MOST_ALIKE]
    cases = Suggestion.objects.select_related("station", "holder__region").in_bulk(best)
    return [Alike(cases[pk], shares[pk], _could_take(suggestion, cases[pk])) for pk in best if pk in cases]


def alike(one: frozenset[str], other: frozenset[str], weights: Mapping[str, float]) -> float:
    """The shared part of the shorter text; too few shared bigrams are chance."""
    shared = one & other
    if len(shared) < FEWEST_SHARED:
        return 0.0
    return _weight(shared, weights) / min(_weight(one, weights), _weight(other, weights))


def _weight(grams: Iterable[str], weights: Mapping[str, float]) -> float:
    return sum(weights[gram] for gram in grams)


def _could_take(child: Suggestion, parent: Suggestion) -> bool:
    within = child.region.path.startswith(parent.holder.region.path)
    return parent.status in OPEN and within and _keeps_out_alike(child, parent)


# Lineage


@dataclass(frozen=True)
class Lineage:
    """Where a case goes on and what goes on in it, as one user may see it: that there is more is said, what is not."""

    up: Merge | None
    parent: Suggestion | None
    answers: list[Reply]
    children: list[Merge]
    hidden: int

    def __bool__(self) -> bool:
        return bool(self.up or self.total)

    @property
    def total(self) -> int:
        return len(self.children) + self.hidden


def lineage(suggestion: Suggestion, user: User) -> Lineage:
    links = Merge.objects.standing()
    up = links.filter(child=suggestion).first()
    below = list(links.filter(parent=suggestion).select_related("child__station"))
    keys = [link.child_id for link in below] + ([up.parent_id] if up else [])
    visible = Suggestion.objects.visible_to(user).select_related("lead").in_bulk(keys) if keys else {}
    seen = [link for link in below if link.child_id in visible]
    return Lineage(
        up=up,
        parent=visible.get(up.parent_id) if up else None,
        answers=standing_replies(suggestion) if suggestion.status == Status.MERGED else [],
        children=seen,
        hidden=len(below) - len(seen),
    )
