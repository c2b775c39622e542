"""代表建议 from the first draft to the hand-in, and the way out: draft, edit, cosign, submit_proposal, send_back, withdraw
(mission S2, S10; 河南办法 2017 art. 9–12).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Organization, User
from deputies.models import Congress, Deputy, Mandate, Session
from suggestions import deadlines
from suggestions.codes import form_key_hash
from suggestions.models import Assignment, CoSignature, Event, Merge, Suggestion
from suggestions.models.sight import grams_of
from suggestions.permissions import Acting, Hat, require
from suggestions.services import merging
from suggestions.services.moves import (
    Conflict,
    calendar,
    end_open,
    move,
    number_and_save,
    profile_of,
    who_was_first,
)
from suggestions.workflow import WITHDRAWABLE, Kind, Status, Verb

WORDS = ("title", "text", "request")


@dataclass(frozen=True)
class Words:
    """What a proposal says and for which congress it is: the fields of the form."""

    title: str
    text: str
    request: str
    congress: Congress
    session: Session | None = None
    proposed_unit: Organization | None = None
    keep_private: bool = False


# Who may


def own_seats(user: User) -> QuerySet[Mandate]:
    """The seats in which this user may propose and sign, the lowest level first: nearest to home."""
    seats = Mandate.objects.in_office().filter(deputy__user=user, congress__ended_on__isnull=True)
    return seats.select_related("congress__region", "deputy").order_by("-congress__region__path")


def sitting_in(congress: Congress) -> QuerySet[Deputy]:
    """Who may sign a proposal to that congress: its deputies whose seat is neither suspended nor ended."""
    return Deputy.objects.filter(Exists(Mandate.objects.in_office().filter(deputy=OuterRef("pk"), congress=congress)))


def _must_sit(deputy: Deputy, congress: Congress | None) -> None:
    if congress is None or not sitting_in(congress).filter(pk=deputy.pk).exists():
        raise Refused("您现在不在这一届人大任职（暂停或已终止），只能查看自己的建议和评价答复，不能提出、联名和撤回。")


def open_sessions(congress: Congress) -> QuerySet[Session]:
    day = today()
    return Session.objects.filter(
        Q(closed_on__isnull=True) | Q(closed_on__gte=day), congress=congress, opened_on__lte=day
    )


def units_of(congress: Congress) -> QuerySet[Organization]:
    """Who may be named as the one to handle it: units of the congress's own level."""
    return Organization.objects.handling_units().filter(region=congress.region_id).order_by("kind", "name")


def waiting_for(user: User) -> QuerySet[Suggestion]:
    """What a deputy's proposals wait for: a draft to finish, an invitation to confirm, a colleague's wish to withdraw."""
    invited = CoSignature.objects.filter(suggestion=OuterRef("pk"), deputy__user=user)
    asked = Event.objects.filter(suggestion=OuterRef("pk"), verb=Verb.WITHDRAW, from_status=F("to_status"))
    mine = Q(lead__user=user)
    return (
        Suggestion.objects.visible_to(user)
        .filter(
            Q(mine | Q(Exists(invited.filter(confirmed_at__isnull=True))), status=Status.DRAFT)
            | Q(
                mine | Q(Exists(invited.confirmed())),
                Q(Exists(asked)) & ~Q(Exists(asked.filter(actor=user))),
                status__in=WITHDRAWABLE - {Status.DRAFT},
            ),
            kind=Kind.PROPOSAL,
        )
        .select_related("lead")
        .order_by("-pk")
    )


# Drafting


@transaction.atomic
def draft(words: Words, *, by: User, cosigners: Iterable[Deputy] = (), form_key: str = "") -> Suggestion:
    """A draft is its lead's own; it has a number, and no event until somebody signs it or it is submitted.

    A second tap on the same form finds the first one's draft.
    """
    deputy = Deputy.objects.filter(user=by).first()
    if deputy is None:
        raise Refused("只有人大代表可以提出建议；群众意见请从联络站登记。")
    key = form_key_hash(form_key) if form_key else None
    same = Suggestion.objects.filter(form_key_hash=key, lead=deputy) if key else Suggestion.objects.none()
    if (first := same.first()) is not None:
        return first
    try:
        proposal = begun(deputy, words, form_key_hash=key)
    except IntegrityError:
        return same.get()
    _invite(proposal, cosigners)
    return proposal


def begun(lead: Deputy, words: Words, **fields: Any) -> Suggestion:
    _must_sit(lead, words.congress)
    _check(words)
    proposal = Suggestion(
        kind=Kind.PROPOSAL,
        lead=lead,
        submitter_kind=Suggestion.Submitter.DEPUTY,
        channel=Suggestion.Channel.WEB,
        **_columns(words),
        **fields,
    )
    number_and_save(proposal)
    return proposal


def _columns(words: Words) -> dict[str, Any]:
    region = words.congress.region
    return {
        **{name: getattr(words, name) for name in Words.__dataclass_fields__},
        "region": region,
        "region_path": region.path,
        "holder": Organization.objects.congress_organ_of(region),
        "grams": grams_of(words.title, words.text, words.request),
    }


def _check(words: Words) -> None:
    for name, sentence in (("title", "请写一句话的标题。"), ("text", "请写明事由：什么问题、在哪里、影响谁。")):
        if not getattr(words, name).strip():
            raise Refused(sentence, field=name)
    if words.session is not None and not open_sessions(words.congress).filter(pk=words.session.pk).exists():
        raise Refused("这次会议不在会期内，请选正在举行的会议，或选“闭会期间”。", field="session")
    unit = words.proposed_unit
    if unit is not None and not units_of(words.congress).filter(pk=unit.pk).exists():
        raise Refused(f"{unit}不是本级的承办单位，请从名单中选。", field="proposed_unit")


@transaction.atomic
def edit(proposal: Suggestion, words: Words, *, by: User, cosigners: Iterable[Deputy] = ()) -> bool:
    """The lead changes the draft. New words are nobody's will yet: every confirmation is asked for again. Whether it was.

    Not a verb: a draft is nobody else's case, and what was confirmed is known by its words (`seal_of`).
    """
    if proposal.lead is None or proposal.lead.user_id != by.pk or proposal.kind != Kind.PROPOSAL:
        raise Refused("只有领衔代表可以修改建议草稿。")
    if proposal.status != Status.DRAFT:
        raise Refused(f"这件建议现在是“{Status(proposal.status).label}”，不能再改；需要修改的，请人大机构退回修改。")
    _must_sit(proposal.lead, words.congress)
    _check(words)
    before = seal_of(proposal)
    changes = _columns(words)
    here = Suggestion.objects.filter(pk=proposal.pk, version=proposal.version, status=Status.DRAFT)
    if not here.update(**changes):
        raise Conflict(who_was_first(proposal))
    for name, value in changes.items():
        setattr(proposal, name, value)
    new = seal_of(proposal) != before
    cleared = proposal.cosignatures.confirmed().update(confirmed_at=None) if new else 0
    _invite(proposal, cosigners)
    return bool(cleared)


def seal_of(proposal: Suggestion) -> str:
    """By which words a confirmation stands: a colleague signs what was read, not what it became meanwhile."""
    return sha256("\0".join(getattr(proposal, name) for name in WORDS).encode()).hexdigest()


def _invite(proposal: Suggestion, deputies: Iterable[Deputy]) -> None:
    """Exactly these colleagues; an invitation stays as it is where there is one."""
    invited = {deputy.pk: deputy for deputy in deputies if deputy.pk != proposal.lead_id}
    assert proposal.congress is not None
    able = set(sitting_in(proposal.congress).filter(pk__in=invited).values_list("pk", flat=True))
    if unable := [deputy.name for deputy in invited.values() if deputy.pk not in able]:
        raise Refused(f"{'、'.join(unable)}现在不是这一届的在任代表，不能联名，请去掉后再保存。", field="cosigners")
    proposal.cosignatures.exclude(deputy__in=able).delete()
    there = set(proposal.cosignatures.values_list("deputy", flat=True))
    at = timezone.now()
    CoSignature.objects.bulk_create(
        CoSignature(suggestion=proposal, deputy_id=pk, invited_at=at) for pk in invited if pk not in there
    )


NAMED = re.compile(r"([^（(]+)(?:[（(](.+)[）)])?")


def named(typed: str, among: QuerySet[Deputy], *, field: str = "cosigners") -> list[Deputy]:
    """The deputies behind names typed with 、 between them; of two with one name, by unit or constituency."""
    found: list[Deputy] = []
    for word in filter(None, (re.sub(r"\s", "", part) for part in re.split(r"[、，,；;\n]", typed))):
        match = NAMED.fullmatch(word)
        name, where = (match[1], match[2] or "") if match else (word, "")
        same = among.filter(name=name)
        if where:
            seats = Mandate.objects.in_office().filter(deputy=OuterRef("pk"), constituency__name__contains=where)
            same = same.filter(Q(work_unit__contains=where) | Q(region__name__contains=where) | Exists(seats))
        people = list(same[:2])
        if not people:
            raise Refused(f"在任代表中没有找到“{word}”，请核对姓名；几位之间用顿号隔开。", field=field)
        if len(people) > 1:
            raise Refused(f"有几位代表叫“{name}”，请在姓名后写明单位或选区，例如：{name}（宁平镇）。", field=field)
        found += [person for person in people if person not in found]
    return found


def told_apart(deputies: Iterable[Deputy], congress: Congress | None) -> list[str]:
    """Their names as `named` understands them: with the constituency or unit where somebody else has the same."""
    told = []
    for deputy in deputies:
        twins = congress is not None and sitting_in(congress).filter(name=deputy.name).exclude(pk=deputy.pk).exists()
        seat = deputy.mandates.filter(congress=congress).select_related("constituency").first() if twins else None
        where = str(seat.constituency) if seat and seat.constituency else deputy.work_unit
        told.append(f"{deputy.name}（{where}）" if twins and where else deputy.name)
    return told


@transaction.atomic
def cosign(suggestion: Suggestion, *, by: User, seal: str = "") -> Event:
    """The invited colleague confirms that the words are the own will (河南办法 2017 art. 11). Nobody does so for another."""
    acting = require(Verb.COSIGN, suggestion, by)
    own = suggestion.cosignatures.select_related("deputy").filter(deputy__user=by).first()
    if own is None:
        raise Conflict("领衔代表刚刚改过联名名单，您的确认没有保存，请看过新的内容再办。")
    _must_sit(own.deputy, suggestion.congress)
    read = seal or seal_of(suggestion)
    event = move(suggestion, Verb.COSIGN, Status.DRAFT, acting, public_text=f"{own.deputy}确认联名。")
    # An edit changes no version: the words are compared while this row is held.
    if seal_of(Suggestion.objects.get(pk=suggestion.pk)) != read:
        raise Conflict("领衔代表刚刚改过这件建议，您的确认没有保存，请看过新的内容再联名。")
    if not CoSignature.objects.filter(pk=own.pk).update(confirmed_at=event.at):
        raise Conflict("领衔代表刚刚改过联名名单，您的确认没有保存，请看过新的内容再办。")
    return event


@transaction.atomic
def submit_proposal(suggestion: Suggestion, *, by: User) -> Event:
    """The lead hands in. Who has not confirmed by now, or sits no longer, is no co-signer; the invitation ends."""
    acting = require(Verb.SUBMIT, suggestion, by)
    assert suggestion.lead is not None and suggestion.congress is not None
    # An edit changes no version: what is handed in, and who has signed it, is read while the row is held.
    merging.take(suggestion.pk)
    for name in ("text", "request", "session_id"):
        setattr(suggestion, name, getattr(Suggestion.objects.get(pk=suggestion.pk), name))
    _must_sit(suggestion.lead, suggestion.congress)
    for name, sentence in (("text", "请先写明事由，再提交。"), ("request", "请先写明具体建议：希望怎样解决，再提交。")):
        if not getattr(suggestion, name).strip():
            raise Refused(sentence + "点“修改草稿”补上。")
    if suggestion.session is not None and not open_sessions(suggestion.congress).filter(pk=suggestion.session.pk):
        raise Refused("这次会议已经闭幕，请点“修改草稿”，改为“闭会期间”再提交。")
    sitting = sitting_in(suggestion.congress)
    signed = list(suggestion.cosignatures.confirmed().filter(deputy__in=sitting).select_related("deputy"))
    names = "、".join(row.deputy.name for row in signed)
    event = move(
        suggestion,
        Verb.SUBMIT,
        Status.SUBMITTED,
        acting,
        public_text=f"{suggestion.lead}领衔提出{f'，{names}联名' if names else ''}。",
        data={"cosigners": [row.deputy_id for row in signed]},
        submitted_at=suggestion.submitted_at or timezone.now(),
        submitted_on=suggestion.submitted_on or today(),
        due_on=deadlines.review_until(today(), profile_of(suggestion), calendar()),
    )
    suggestion.cosignatures.exclude(pk__in=[row.pk for row in signed]).delete()
    return event


@transaction.atomic
def send_back(suggestion: Suggestion, *, reason: str, by: User) -> Event:
    """退回修改, with what to change. Confirmations stay: they end with the words they were given to (`edit`)."""
    acting = require(Verb.SEND_BACK, suggestion, by)
    if not reason.strip():
        raise Refused("请写明要改什么，领衔代表照着修改。", field="reason")
    event = move(suggestion, Verb.SEND_BACK, Status.DRAFT, acting, public_text=reason.strip(), due_on=None)
    suggestion.cosignatures.update(withdrew_at=None)
    return event


@transaction.atomic
def next_proposal_number(suggestion: Suggestion) -> str:
    """第×号 of a session, 闭第×号 between sessions (domain.md §3.7): the one after the highest given in that series."""
    # Two accepted at once are numbered one after the other.
    assert suggestion.congress is not None
    Congress.objects.select_for_update().get(pk=suggestion.congress.pk)
    prefix = "闭第" if suggestion.session_id is None else "第"
    given = Suggestion.objects.filter(congress=suggestion.congress_id, session=suggestion.session_id)
    series = re.compile(rf"{prefix}(\d+)号")
    numbers = (series.fullmatch(number) for number in given.values_list("proposal_number", flat=True))
    return f"{prefix}{1 + max((int(match[1]) for match in numbers if match), default=0)}号"


# The way out


@transaction.atomic
def withdraw(suggestion: Suggestion, *, by: User | None = None, reason: str = "") -> Event:
    """撤回, until it is answered. An opinion by its submitter; a draft by its lead; a proposal when all who signed and
    still sit agree (上海规定 art. 10), each agreement an event of its own.
    """
    acting = require(Verb.WITHDRAW, suggestion, by)
    if suggestion.kind == Kind.PROPOSAL and suggestion.status != Status.DRAFT:
        missing = _agreed_but(suggestion, by)
        if missing:
            return _agree(suggestion, acting, missing, reason)
    elif suggestion.kind == Kind.PROPOSAL and suggestion.lead is not None:
        _must_sit(suggestion.lead, suggestion.congress)
    merging.hold(suggestion)
    event = move(
        suggestion,
        Verb.WITHDRAW,
        Status.WITHDRAWN,
        acting,
        public_text=reason.strip() or ("已撤回。" if by is None else "已撤回，不再办理。"),
        due_on=None,
    )
    _note_agreement(suggestion, acting, event)
    end_open(suggestion.assignments.all(), Assignment.State.RECALLED, at=event.at)
    Merge.objects.standing().filter(child=suggestion).update(ended_at=event.at)
    merging.release(suggestion)
    return event


def signers_who_sit(proposal: Suggestion) -> list[Deputy]:
    """Who signed and may still act: the lead first. Whose seat is suspended or has ended need not, and may not, agree."""
    assert proposal.congress is not None
    signed = proposal.cosignatures.confirmed().values("deputy")
    people = list(sitting_in(proposal.congress).filter(Q(pk=proposal.lead_id) | Q(pk__in=signed)))
    return sorted(people, key=lambda deputy: deputy.pk != proposal.lead_id)


def agreed_to_withdraw(proposal: Suggestion) -> set[int]:
    """The deputies who agreed since it was submitted last: the lead by an event, the others on their signature."""
    last = proposal.events.filter(verb=Verb.SUBMIT).order_by("-version").values_list("version", flat=True).first() or 0
    agreed = set(proposal.cosignatures.filter(withdrew_at__isnull=False).values_list("deputy", flat=True))
    lead = proposal.lead
    said = proposal.events.filter(verb=Verb.WITHDRAW, version__gt=last, actor__isnull=False)
    if lead is not None and lead.user_id and said.filter(actor=lead.user_id).exists():
        agreed.add(lead.pk)
    return agreed


def _agreed_but(proposal: Suggestion, by: User | None) -> list[Deputy]:
    signers, agreed = signers_who_sit(proposal), agreed_to_withdraw(proposal)
    own = next((deputy for deputy in signers if by is not None and deputy.user_id == by.pk), None)
    if own is None:
        raise Refused("您现在不在这一届人大任职（暂停或已终止），不能撤回；其他联名代表同意即可撤回。")
    others = [deputy for deputy in signers if deputy.pk not in agreed and deputy.pk != own.pk]
    if own.pk in agreed:
        raise Refused(f"您已经同意撤回，还要等{'、'.join(deputy.name for deputy in others)}同意。")
    return others


def _agree(proposal: Suggestion, acting: Acting, missing: list[Deputy], reason: str) -> Event:
    waiting = "、".join(deputy.name for deputy in missing)
    said = f"{acting.label}同意撤回，还要等{waiting}同意；在此之前照常办理。{reason.strip()}"
    event = move(proposal, Verb.WITHDRAW, Status(proposal.status), acting, public_text=said)
    _note_agreement(proposal, acting, event)
    return event


def _note_agreement(proposal: Suggestion, acting: Acting, event: Event) -> None:
    if acting.hat is Hat.CO_SIGNER:
        proposal.cosignatures.filter(deputy__user=acting.by).update(withdrew_at=event.at)
