"""A case as its submitter sees it: public words and offices, and where others' matter is the same, what is done for all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.calendar import in_words, today
from suggestions import deadlines, services
from suggestions.models import Assignment, Attachment, Event, Merge, Promise, Reply, Suggestion
from suggestions.models.joining import root_of
from suggestions.services import merging
from suggestions.workflow import WITHDRAWABLE, Status, Verb


def tracked() -> QuerySet[Suggestion]:
    leads = Assignment.objects.exclude(role=Assignment.Role.ASSIST).filter(suggestion=OuterRef("pk"))
    unit = Subquery(leads.order_by("-round", "-pk").values("unit__name")[:1])
    return Suggestion.objects.select_related("station", "holder", "region").defer("grams").annotate(unit=unit)


SAID = {
    Verb.SUBMIT: "提交",
    Verb.TRANSFER: "交承办单位办理",
    Verb.APPROVE_RETURN: "更换承办单位",
    Verb.FEEDBACK: "您的评价",
    Verb.FULFIL: "承诺事项的答复",
    Verb.REQUEST_REOPEN: "您申请重新受理",
    Verb.MERGE: "合并办理",
    Verb.UNMERGE: "恢复单独办理",
    Verb.RAISE: "请人大代表研究",
    Verb.WITHDRAW: "您撤回",
}
# What is done to a case that others go on in, and is no word of its own submitter nor about that person: theirs too.
SHARED = (
    Verb.ACCEPT,
    Verb.ANSWER,
    Verb.TRANSFER,
    Verb.DISTRIBUTE,
    Verb.RECALL,
    Verb.ESCALATE,
    Verb.HAND_DOWN,
    Verb.SIGN_FOR,
    Verb.APPROVE_RETURN,
    Verb.APPROVE_EXTENSION,
    Verb.REPLY,
    Verb.REHANDLE,
    Verb.UPHOLD,
    Verb.ASSESS,
    Verb.FULFIL,
    Verb.REOPEN,
    Verb.MERGE,
    Verb.REMIND,
    Verb.SUPERVISE,
    Verb.CONSULT,
    Verb.MOVE_DUE,
)


# The own photos and the signed answer to this very submitter; what staff keep is not among them.
SHOWN = (Attachment.Kind.PHOTO, Attachment.Kind.LETTER)


@dataclass(frozen=True)
class Step:
    title: str
    time: str
    iso: str
    actor: str
    text: str
    current: bool


@dataclass(frozen=True)
class CasePage:
    """What the submitter may read: public words and offices, never an inner note or a clerk's name.

    `root` is the case that goes on for this one: itself, unless it was merged (mission S7). Of another one's root only
    the progress and the answer are told, never its text, its submitter or how many go on in it.
    """

    case: Suggestion
    root: Suggestion
    steps: list[Step]
    photos: list[int]
    letters: list[int]
    replies: list[Answered]
    may_rate: bool
    destination: str
    reopen_asked: bool
    reopen_until: date | None

    @property
    def promise(self) -> Promise | None:
        promises = [
            answered.promise for answered in self.replies if answered.promise and not answered.promise.fulfilled_on
        ]
        return min(promises, key=lambda promise: promise.promised_on, default=None)

    @property
    def may_reopen(self) -> bool:
        return not self.reopen_asked and self.reopen_until is not None and today() <= self.reopen_until

    @property
    def may_withdraw(self) -> bool:
        return self.case.status in WITHDRAWABLE


@dataclass(frozen=True)
class Answered:
    """One reply in words; of separate units each has its own."""

    reply: Reply
    result: str

    @property
    def promise(self) -> Promise | None:
        return getattr(self.reply, "promise", None)


def read_case(case: Suggestion) -> CasePage:
    events = followed(case)
    root = case if case.status != Status.MERGED else tracked().get(pk=root_of(case).pk)
    files = list(case.attachments.filter(kind__in=SHOWN).exclude(file="").values_list("kind", "pk"))
    replies = merging.standing_replies(case) if case.replied_on else []
    ended_ = case.status in (Status.CLOSED, Status.DECLINED)
    profile = services.profile_of(root) if replies or ended_ else None
    classes = profile.result_classes if profile else {}
    declined = next((event for event in reversed(events) if event.verb == Verb.DECLINE), None)
    return CasePage(
        case=case,
        root=root,
        steps=steps(events),
        photos=[pk for kind, pk in files if kind == Attachment.Kind.PHOTO],
        letters=[pk for kind, pk in files if kind == Attachment.Kind.LETTER],
        replies=[Answered(reply, classes.get(reply.result_class, "")) for reply in replies],
        may_rate=case.status == Status.REPLIED or (case.status == Status.MERGED and _unrated(case, replies)),
        destination=declined.data.get("destination", "") if declined and case.status == Status.DECLINED else "",
        reopen_asked=any(event.verb == Verb.REQUEST_REOPEN and not _of_a_merged(event) for event in events),
        reopen_until=deadlines.reopen_until(case.closed_on, profile) if ended_ and profile and case.closed_on else None,
    )


def followed(case: Suggestion) -> list[Event]:
    """The own events, and from each case that it went on in what was done there since."""
    events = list(case.events.select_related("on_behalf_of"))
    child = case
    while merge := Merge.objects.in_force().filter(child=child).select_related("parent").first():
        child = merge.parent
        since = child.events.filter(at__gt=merge.merged_at, verb__in=SHARED)
        events += since.select_related("on_behalf_of")
    return sorted(events, key=lambda event: event.at)


def _unrated(case: Suggestion, replies: list[Reply]) -> bool:
    return bool(replies) and not case.feedbacks.filter(reply=max(replies, key=lambda reply: reply.pk)).exists()


def _of_a_merged(event: Event) -> bool:
    """Said by somebody whose case goes on in this one."""
    return "feedback" in event.data


def steps(events: list[Event]) -> list[Step]:
    told = [event for event in events if event.public_text or event.from_status != event.to_status]
    return [
        Step(
            title="同类意见的评价" if _of_a_merged(event) else SAID.get(Verb(event.verb), Verb(event.verb).label),
            time=f"{in_words(at := timezone.localtime(event.at))} {at:%H:%M}",
            iso=at.isoformat(timespec="minutes"),
            actor=event.public_actor,
            text=event.public_text,
            current=event is told[-1],
        )
        for event in told
    ]
