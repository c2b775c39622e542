"""From the first word to what is done with it: submit, accept, decline, answer, escalate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Level, Organization, Region, User
from activities.models import Activity, Visit
from deputies.models import Deputy, StationMembership
from stations.models import Enterprise, Station
from suggestions import deadlines
from suggestions.codes import code_hash, form_key_hash, query_code
from suggestions.models import Attachment, Category, Event, ProblemKind, Reply, Suggestion
from suggestions.models.sight import grams_of
from suggestions.permissions import Acting, Hat, acting_submitter, require
from suggestions.services import merging, proposals
from suggestions.services.moves import begin, calendar, move, must_be_called, profile_of
from suggestions.workflow import Kind, Status, Verb

if TYPE_CHECKING:
    from django.core.files.base import ContentFile

CONSENT_VERSION = "2026-1"


@dataclass(frozen=True)
class Statement:
    """What somebody said: the fields of the form, whoever filled it in."""

    text: str
    place: str = ""
    submitter_kind: str = Suggestion.Submitter.RESIDENT
    name: str = ""
    phone: str = ""
    callback: bool = False
    consent: bool = False
    direct: bool = False

    def is_personal(self, photos: Iterable[object]) -> bool:
        return bool(self.name or self.phone or list(photos))


def submit(
    statement: Statement,
    *,
    form_key: str,
    station: Station | None = None,
    deputy: Deputy | None = None,
    channel: str = Suggestion.Channel.WEB,
    photos: Iterable[ContentFile[bytes]] = (),
    by: User | None = None,
    visit: Visit | None = None,
    activity: Activity | None = None,
    enterprise: Enterprise | None = None,
) -> Suggestion:
    """One form, one case: a second tap or a retry with the same key returns the first one (mission S1).

    An opinion to a deputy belongs to the deputy's home station, else to the congress organ of the file's region.
    `direct` passes the station by. Consent is asked only where a name, a phone or a photo is given (个人信息保护法 art. 13).
    """
    photos = list(photos)
    key_hash = form_key_hash(form_key)
    first = Suggestion.objects.filter(form_key_hash=key_hash).first()
    if first is not None:
        return first
    if statement.is_personal(photos) and not statement.consent:
        raise Refused(
            "留下姓名、电话或照片，需要您勾选同意《个人信息告知书》；不想留的话，清空这几项也可以提交。",
            field="consent",
        )
    if statement.callback and not statement.phone:
        raise Refused("要我们回电话，请留下电话号码。", field="phone")
    if deputy is not None and station is None:
        station = _home_station(deputy)
    region = _region_of(station, deputy)
    if by is not None:
        _may_take_down(by, station, deputy)
    if station is not None and not station.is_public:
        raise Refused(f"{station}现在不接收意见，请从首页选择附近的联络站。")
    suggestion = Suggestion(
        kind=Kind.OPINION,
        text=statement.text,
        place=statement.place,
        submitter_kind=statement.submitter_kind,
        channel=channel,
        name=statement.name,
        phone=statement.phone,
        callback=statement.callback,
        consent_version=CONSENT_VERSION if statement.is_personal(photos) else "",
        consented_at=timezone.now() if statement.is_personal(photos) else None,
        direct=statement.direct,
        station=station,
        deputy=deputy,
        about_person=deputy if statement.direct else None,
        visit=visit,
        activity=activity,
        theme=next((source.theme for source in (visit, activity) if source and source.theme), None),
        enterprise=enterprise,
        region=region,
        holder=_organ_for(region, direct=statement.direct),
        at_station=station is not None and not statement.direct,
        form_key_hash=key_hash,
        code_hash=code_hash(query_code(form_key)),
        grams=grams_of(statement.text, statement.place),
    )
    suggestion.due_on = deadlines.review_until(today(), profile_of(suggestion), calendar())
    try:
        with transaction.atomic():
            event = begin(suggestion, _submitting(by, station))
            for photo in photos:
                Attachment.objects.create(suggestion=suggestion, event=event, file=photo, size=photo.size)
    except IntegrityError:
        twin = Suggestion.objects.filter(form_key_hash=key_hash).first()
        if twin is None:
            raise
        return twin
    return suggestion


def _may_take_down(by: User, station: Station | None, deputy: Deputy | None) -> None:
    """At the desk of one's own station or region; a deputy, where the deputy's own stations are."""
    if station is None:
        allowed = deputy is not None and deputy.user_id == by.pk
    else:
        allowed = (
            Station.objects.visible_to(by).filter(pk=station.pk).exists()
            or StationMembership.objects.sitting().filter(station=station, deputy__user=by).exists()
        )
    if not allowed:
        raise Refused("您不在这个联络站，请选择本人所在的联络站。")


def _submitting(by: User | None, station: Station | None) -> Acting:
    if by is None:
        return acting_submitter()
    if Deputy.objects.filter(user=by).exists() and not (
        station and Station.objects.served_by(by).filter(pk=station.pk).exists()
    ):
        return Acting(by, Hat.LEAD_DEPUTY, by.name, "人大代表")
    return Acting(by, Hat.OFFICER, by.name, str(station or by.organization or ""))


def _organ_for(region: Region, *, direct: bool) -> Organization:
    """The congress organ that answers for the region. 直接交县人大 means what it says: a township's presidium, whose
    head often heads the station too, is passed by as well.
    """
    organ = Organization.objects.congress_organ_of(region)
    return (
        Organization.objects.congress_organ_above(organ) if direct and organ.region.level == Level.TOWNSHIP else organ
    )


def _home_station(deputy: Deputy) -> Station | None:
    home = StationMembership.objects.sitting().filter(deputy=deputy, kind=StationMembership.Kind.HOME)
    membership = home.select_related("station__region").filter(station__in=Station.objects.public()).first()
    return membership.station if membership else None


def _region_of(station: Station | None, deputy: Deputy | None) -> Region:
    if station is not None:
        return station.region
    if deputy is None:
        raise Refused("请先选择联络站或代表，再填写意见。")
    return deputy.region


@transaction.atomic
def accept(
    suggestion: Suggestion,
    *,
    category: Category,
    problem_kind: ProblemKind,
    by: User,
    title: str = "",
    enterprise: Enterprise | None = None,
    about_unit: Organization | None = None,
    proposal_number: str = "",
) -> Event:
    """受理 says what the matter is about; without that no figure could tell what was solved.

    A proposal gets its 建议编号, unique per congress and session, and the opinions raised to it are merged into it.

    Whoever is concerned is out from here on: the people of the enterprise and of the unit complained about. A matter
    about the holder itself goes to the organ above it.
    """
    acting = require(Verb.ACCEPT, suggestion, by)
    holder = suggestion.holder
    concerns_holder = (
        about_unit is not None and about_unit.is_congress_organ and about_unit.region_id == holder.region_id
    )
    if concerns_holder:
        holder = Organization.objects.congress_organ_above(holder)
    numbered: dict[str, str] = {}
    if suggestion.kind == Kind.PROPOSAL:
        merging.hold(suggestion)
        numbered["proposal_number"] = _free_number(suggestion, proposal_number.strip())
    try:
        event = move(
            suggestion,
            Verb.ACCEPT,
            Status.ACCEPTED,
            acting,
            public_text="您的建议已经受理。" if suggestion.kind == Kind.PROPOSAL else "您反映的事项已经受理。",
            data={name: row.pk for name, row in (("enterprise", enterprise), ("about_unit", about_unit)) if row},
            category=category,
            problem_kind=problem_kind,
            title=title or suggestion.title,
            grams=suggestion.found_by(title),
            enterprise=enterprise or suggestion.enterprise,
            about_unit=about_unit or suggestion.about_unit,
            holder=holder,
            at_station=suggestion.at_station and not concerns_holder,
            due_on=None,
            **numbered,
        )
    except IntegrityError as error:
        raise Refused("这个建议编号刚被别的建议用了，请换一个编号。", field="proposal_number") from error
    if suggestion.kind == Kind.PROPOSAL:
        merging.merge_raised(suggestion, acting)
    else:
        merging.keep_out_alike(suggestion)
    return event


def _free_number(suggestion: Suggestion, typed: str) -> str:
    taken = Suggestion.objects.filter(congress=suggestion.congress_id, session=suggestion.session_id)
    if typed and taken.filter(proposal_number=typed).exclude(pk=suggestion.pk).exists():
        raise Refused(f"“{typed}”已经用过，请换一个建议编号。", field="proposal_number")
    return typed or suggestion.proposal_number or proposals.next_proposal_number(suggestion)


@transaction.atomic
def decline(suggestion: Suggestion, *, reason: str, destination: str, by: User) -> Event:
    """不予受理 ends with a written destination, never with silence (广州实施细则; peers.md, lesson 19)."""
    acting = require(Verb.DECLINE, suggestion, by)
    if not reason.strip():
        raise Refused("请写明不予受理的理由，反映人会看到。", field="reason")
    if not destination.strip():
        raise Refused("请写明反映人可以去哪里反映，例如信访部门、法院或12345热线。", field="destination")
    merging.hold(suggestion)
    event = move(
        suggestion,
        Verb.DECLINE,
        Status.DECLINED,
        acting,
        public_text=f"{reason.strip()}\n您可以：{destination.strip()}",
        data={"reason": reason.strip(), "destination": destination.strip(), "by": str(acting.hat)},
        due_on=None,
        closed_on=today(),
        to_inform=must_be_called(suggestion),
    )
    merging.release(suggestion)
    return event


@transaction.atomic
def answer(suggestion: Suggestion, *, text: str, by: User, result_class: str = "A") -> Event:
    """当场答复 in words the submitter reads. Deputies raise and do not handle (代表法 art. 31): officers and staff only."""
    acting = require(Verb.ANSWER, suggestion, by)
    if not text.strip():
        raise Refused("请写出答复内容，反映人会看到。", field="text")
    merging.must_be_for_all(suggestion, text)
    profile = profile_of(suggestion)
    if result_class not in profile.result_classes or result_class == "B":
        raise Refused("当场答复请选择已解决、暂不能解决或留作参考；需要时间办的请转办。", field="result_class")
    day = today()
    merging.hold(suggestion)
    event = move(
        suggestion,
        Verb.ANSWER,
        Status.REPLIED,
        acting,
        public_text=text.strip(),
        data={"result_class": result_class},
        result_class=result_class,
        rating="",
        replied_on=day,
        due_on=deadlines.feedback_until(day, profile, calendar()),
        to_inform=must_be_called(suggestion),
    )
    Reply.objects.create(suggestion=suggestion, result_class=result_class, text=text.strip(), replied_on=day, by=by)
    merging.carry_answer(suggestion)
    return event


@transaction.atomic
def escalate(suggestion: Suggestion, *, reason: str, by: User, to: Organization | None = None) -> Event:
    """上报 to a congress organ above, because the own powers do not reach (权限不足). The way back down is the same case.

    From a station of a township the next organ is the county's; from a county's own station, the county's.
    """
    acting = require(Verb.ESCALATE, suggestion, by)
    if not reason.strip():
        raise Refused("请写明上报的理由，例如权限不足。", field="reason")
    to = to or default_escalation(suggestion)
    if to not in escalation_targets(suggestion):
        raise Refused("只能上报给上级人大机构，请重新选择。", field="to")
    return move(
        suggestion,
        Verb.ESCALATE,
        Status.ACCEPTED,
        acting,
        public_text=f"已上报{to}办理：{reason.strip()}",
        data={"to": to.pk, "from": suggestion.holder_id, "reason": reason.strip()},
        holder=to,
        at_station=False,
    )


def escalation_targets(suggestion: Suggestion) -> list[Organization]:
    """The organs above, nearest first; where the station holds the case, its region's own organ too."""
    found: list[Organization] = []
    if suggestion.at_station and suggestion.holder.region.level != Level.TOWNSHIP:
        found.append(suggestion.holder)
    organ = suggestion.holder
    while True:
        try:
            organ = Organization.objects.congress_organ_above(organ)
        except Refused:
            return found
        found.append(organ)


def default_escalation(suggestion: Suggestion) -> Organization:
    found = escalation_targets(suggestion)
    if not found:
        raise Refused("已经是最高一级人大机构，不能再往上报，请直接转办。")
    return found[0]
