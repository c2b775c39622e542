"""Opinions → 代表建议, with lineage both ways (mission S10): raise_, and the end of what nobody took up."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import User
from accounts.paths import ancestors
from deputies.models import Congress, Deputy, Mandate
from stations.models import StationPost
from suggestions.models import Event, Merge, Suggestion
from suggestions.permissions import require
from suggestions.services import merging
from suggestions.services.moves import move
from suggestions.services.proposals import Words, begun
from suggestions.workflow import Kind, Status, Verb

# A draft that nobody submits must not hold the opinions for ever (architecture.md, "raise").
DRAFT_DAYS = 60


def raisable_with(suggestion: Suggestion, user: User) -> QuerySet[Suggestion]:
    """Other opinions that the same hands may raise together with this one."""
    bound = Merge.objects.standing().filter(child=OuterRef("pk"))
    return (
        Suggestion.objects.visible_to(user)
        .filter(~Exists(bound), kind=Kind.OPINION, status=Status.ACCEPTED, holder=suggestion.holder_id)
        .filter(direct=False, about_unit=None, about_person=None, at_station=suggestion.at_station)
        .exclude(pk=suggestion.pk)
        .order_by("-submitted_at")
    )


def raised_drafts(user: User) -> QuerySet[Suggestion]:
    """Drafts that hold opinions this user works on: to these another one may be added; a deputy's own are not seen."""
    own = Suggestion.objects.visible_to(user).values("pk")
    links = Merge.objects.standing().filter(parent=OuterRef("pk"), merged_at__isnull=True, child__in=own)
    return Suggestion.objects.filter(Exists(links), status=Status.DRAFT).select_related("lead", "congress__region")


def congress_for(opinion: Suggestion, deputy: Deputy) -> Congress:
    """The deputy's congress that answers for the region, the lowest that does."""
    paths = ancestors(opinion.region.path)
    seats = Mandate.objects.in_office().filter(
        deputy=deputy, congress__ended_on__isnull=True, congress__region__path__in=paths
    )
    seat = seats.select_related("congress__region").order_by("-congress__region__path").first()
    if seat is None:
        raise Refused(f"{deputy}不是{opinion.region}及其上级的在任代表，请另选一位。", field="to")
    return seat.congress


def deputies_over(opinion: Suggestion) -> QuerySet[Deputy]:
    """The sitting deputies of every congress that answers for its region."""
    seats = Mandate.objects.in_office().filter(
        deputy=OuterRef("pk"),
        congress__ended_on__isnull=True,
        congress__region__path__in=ancestors(opinion.region.path),
    )
    return Deputy.objects.filter(Exists(seats), user__isnull=False)


@transaction.atomic
def raise_(
    suggestion: Suggestion,
    *,
    by: User,
    to: Deputy | None = None,
    draft: Suggestion | None = None,
    title: str = "",
    others: Sequence[Suggestion] = (),
) -> Event:
    """Opinions → 代表建议: linked to a deputy's draft, new or begun in this way. The deputy writes, signs and submits.

    They go on being open to every other verb, and merge when the proposal is accepted (`merging.merge_raised`).
    """
    opinions = [suggestion, *(other for other in others if other.pk != suggestion.pk)]
    speaking = [require(Verb.RAISE, opinion, by) for opinion in opinions]
    visible = Suggestion.objects.visible_to(by).filter(pk__in=[opinion.pk for opinion in opinions]).count()
    if visible != len(opinions):
        raise Refused("选中的意见里有不归您办的，请重新选择。", field="others")
    for opinion in opinions:
        if opinion.direct or opinion.about_unit_id or opinion.about_person_id:
            raise Refused(f"{opinion.number}要求有关单位或人员回避，不能交代表提建议，请直接办理。")
    if draft is None:
        draft = _begun(opinions, to, title)
    elif not raised_drafts(by).filter(pk=draft.pk).exists():
        raise Refused("这份草稿已经提交或不在了，请另选一份，或新起草一份。", field="draft")
    assert draft.congress is not None
    reach = draft.congress.region
    if outside := [opinion.number for opinion in opinions if not opinion.region.path.startswith(reach.path)]:
        raise Refused(f"{outside[0]}不是{reach}的事，不能放进这一级人大的建议，请去掉或另选代表。", field="others")
    houses = {opinion.enterprise_id for opinion in opinions} - {None}
    if draft.lead and _serves_in(draft.lead, houses):
        raise Refused(f"{draft.lead}代表在涉及的企业任职，应当回避，请另选代表。", field="to")
    held = Merge.objects.standing().filter(child__in=opinions, parent=draft).select_related("child").first()
    if held is not None:
        raise Refused(f"{held.child.number}已经关联到这份草稿，不用再转。")
    lead = draft.lead
    merging.take(draft.pk, *(opinion.pk for opinion in opinions))
    event = move(
        draft,
        Verb.RAISE,
        Status.DRAFT,
        speaking[0],
        public_text=f"关联群众意见{len(opinions)}条，请{lead}代表起草。",
        data={"children": [opinion.pk for opinion in opinions]},
    )
    for opinion, acting in sorted(zip(opinions, speaking, strict=True), key=lambda pair: pair[0].pk):
        said = f"您反映的问题已请{lead}代表研究，拟作为代表建议提出。"
        move(opinion, Verb.RAISE, Status.ACCEPTED, acting, public_text=said, data={"to": draft.pk})
        # Raised to somebody else: the earlier draft has had its time.
        Merge.objects.standing().filter(child=opinion).update(ended_at=event.at)
        Merge.objects.create(child=opinion, parent=draft, linked_at=event.at, by=by)
    return event


def _serves_in(deputy: Deputy, enterprises: set[int | None]) -> bool:
    posts = StationPost.objects.sitting().filter(Q(user=deputy.user_id, user__isnull=False) | Q(holder__deputy=deputy))
    return posts.filter(enterprise__in=enterprises).exists()


def _begun(opinions: Sequence[Suggestion], to: Deputy | None, title: str) -> Suggestion:
    """A draft for the deputy, with nothing personal in it: what staff called the opinions, never their own words."""
    if to is None:
        raise Refused("请选择由哪位代表提建议。", field="to")
    if to.user_id is None:
        raise Refused(f"{to}代表还没有账号，不能在这里起草，请先开通账号或另选代表。", field="to")
    if not title.strip():
        raise Refused("请给这件建议写一句话的标题。", field="title")
    said = [opinion.title or f"一件关于{opinion.problem_kind or '民生'}的意见" for opinion in opinions]
    matter = "\n".join(f"{n}. {words}" for n, words in enumerate(said, 1))
    words = Words(title.strip(), f"近期群众反映：\n{matter}", "", congress_for(opinions[0], to))
    return begun(to, words, station=opinions[0].station)


def end_stale_drafts() -> int:
    """A draft that was not submitted within 60 days lets go of its opinions: they are accepted still, and with whoever
    holds them. A draft sent back has its days again. Run by `tick`.
    """
    since = timezone.now() - timedelta(days=DRAFT_DAYS)
    back = Event.objects.filter(suggestion=OuterRef("parent"), verb=Verb.SEND_BACK, at__gte=since)
    stale = Merge.objects.standing().filter(
        ~Exists(back), merged_at__isnull=True, parent__status=Status.DRAFT, linked_at__lt=since
    )
    count = 0
    for link in stale.select_related("child__station", "child__holder", "parent"):
        # Whoever acts on the opinion in this moment goes first; the next tick finds the link again.
        with suppress(Refused), transaction.atomic():
            if link.child.status == Status.ACCEPTED:
                merging.tell_not_raised(link.child, link.parent)
            count += Merge.objects.standing().filter(pk=link.pk).update(ended_at=timezone.now())
    return count
