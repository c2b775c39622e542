"""Who may say which verb (architecture.md, "Who" and "The case: verbs"): one table, asked by services and templates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet

from accounts.errors import Refused
from accounts.models import Organization, User
from activities.permissions import reads_work
from deputies.models import Deputy, GroupMembership
from stations.models import Station, StationPost
from suggestions.models import Assignment, HandlingProfile, Merge, Publication, Review, Suggestion
from suggestions.workflow import WITH_UNIT, Kind, Status, Verb, possible, targets

DISTRIBUTING_KINDS = (Organization.Kind.GOVERNMENT_OFFICE, Organization.Kind.SUPERVISION_OFFICE)


class Hat(StrEnum):
    """In which capacity somebody acts on one case. A person may wear several; the first that may speak is recorded."""

    SUBMITTER = "submitter"  # by number and code, or at the desk: nobody is logged in
    SYSTEM = "system"
    LEAD_DEPUTY = "lead_deputy"
    CO_SIGNER = "co_signer"  # invited to sign, or signing
    OFFICER = "officer"  # officer or head of the station that holds the case
    STATION = "station"  # officer or head of the station where it was heard, which follows it to the end
    STAFF = "staff"  # congress staff of the region that holds the case
    UNIT_CLERK = "unit_clerk"
    UNIT_HEAD = "unit_head"
    SUPERVISION = "supervision"  # 督查 of the region whose unit has the case
    GROUP = "group"  # member of the group that supervises the case
    PROXY = "proxy"  # congress staff for the unit, with its paper (代录)


H = Hat
INTAKE = frozenset({H.OFFICER, H.STAFF})
AT_HAND = frozenset({H.OFFICER, H.STATION, H.STAFF})
STAFF = frozenset({H.STAFF})
UNIT = frozenset({H.UNIT_CLERK, H.UNIT_HEAD, H.PROXY})
SIGNED = frozenset({H.UNIT_HEAD, H.PROXY})
SIGNERS = frozenset({H.LEAD_DEPUTY, H.CO_SIGNER})
OWN_UNIT = frozenset({H.UNIT_CLERK, H.UNIT_HEAD})

_R = Assignment.Role
_S = Assignment.State


def _may_be_distributed(a: Assignment) -> bool:
    """A lead of a distributing office, or a department's that asks to return it: a return passes through the office."""
    return (
        a.role == _R.LEAD and a.is_open and (a.unit.kind in DISTRIBUTING_KINDS or (a.via is not None and a.asks_return))
    )


# What a unit says, and what is decided about it, concerns one assignment: which ones the verb may be said of.
CONCERNS: dict[Verb, Callable[[Assignment], bool]] = {
    Verb.SIGN_FOR: lambda a: a.state == _S.PENDING,
    Verb.REQUEST_RETURN: lambda a: a.is_open and not a.asks_return,
    Verb.APPROVE_RETURN: lambda a: a.is_open and a.asks_return,
    Verb.REFUSE_RETURN: lambda a: a.is_open and a.asks_return,
    Verb.REQUEST_EXTENSION: lambda a: a.is_open and a.role != _R.ASSIST and not a.asks_extension,
    Verb.APPROVE_EXTENSION: lambda a: a.is_open and a.asks_extension,
    Verb.REFUSE_EXTENSION: lambda a: a.is_open and a.asks_extension,
    Verb.CONTRIBUTE: lambda a: a.is_open and a.role == _R.ASSIST,
    Verb.REPLY: lambda a: a.state == _S.HANDLING and a.role != _R.ASSIST,
    Verb.FULFIL: lambda a: a.has_open_promise,
    Verb.DISTRIBUTE: _may_be_distributed,
}


def _second_dissatisfied(suggestion: Suggestion) -> bool:
    return Review.objects.filter(suggestion=suggestion).count() > 1


def _not_yet_rehandled(suggestion: Suggestion) -> bool:
    return not Review.objects.filter(suggestion=suggestion, decision=Review.Decision.REHANDLE).exists()


def _is_opinion(suggestion: Suggestion) -> bool:
    return suggestion.kind == Kind.OPINION


def _may_be_public(suggestion: Suggestion) -> bool:
    """河南办法 2017 art. 29: not what the deputy thinks unsuitable; and nothing that is about a person."""
    return not (suggestion.keep_private or suggestion.direct or suggestion.about_person_id)


def _is_published(suggestion: Suggestion) -> bool:
    return Publication.objects.filter(suggestion=suggestion, withdrawn_at__isnull=True).exists()


@dataclass(frozen=True)
class Right:
    hats: frozenset[Hat]
    when: Callable[[Suggestion], bool] = lambda suggestion: True
    otherwise: str = ""


RIGHTS: dict[Verb, Right] = {
    Verb.SUBMIT: Right(
        frozenset({H.SUBMITTER, H.OFFICER, H.LEAD_DEPUTY}),
        lambda s: bool(s.text.strip() and s.request.strip()),
        "请先写明具体建议：希望怎样解决，再提交。点“修改草稿”补上。",
    ),
    Verb.COSIGN: Right(frozenset({H.CO_SIGNER})),
    Verb.SEND_BACK: Right(STAFF),
    Verb.ACCEPT: Right(INTAKE),
    Verb.DECLINE: Right(INTAKE),
    Verb.ANSWER: Right(INTAKE),
    Verb.TRANSFER: Right(INTAKE),
    Verb.DISTRIBUTE: Right(UNIT, otherwise="只有政府办公室、督查部门主办的事项可以分办。"),
    Verb.RECALL: Right(STAFF),
    Verb.ESCALATE: Right(INTAKE),
    Verb.HAND_DOWN: Right(STAFF),
    Verb.SIGN_FOR: Right(UNIT, otherwise="已经签收，不用再签。"),
    Verb.REQUEST_RETURN: Right(UNIT, otherwise="已有一份退回申请在等待决定。"),
    Verb.APPROVE_RETURN: Right(STAFF, otherwise="现在没有等待决定的退回申请。"),
    Verb.REFUSE_RETURN: Right(STAFF, otherwise="现在没有等待决定的退回申请。"),
    Verb.REQUEST_EXTENSION: Right(UNIT, otherwise="已有一份延期申请在等待决定；协办意见不另行延期。"),
    Verb.APPROVE_EXTENSION: Right(STAFF, otherwise="现在没有等待决定的延期申请。"),
    Verb.REFUSE_EXTENSION: Right(STAFF, otherwise="现在没有等待决定的延期申请。"),
    Verb.CONTRIBUTE: Right(UNIT, otherwise="没有等待填写的协办意见。"),
    Verb.REPLY: Right(SIGNED, otherwise="请先签收，再答复；协办单位请填写协办意见。"),
    Verb.FEEDBACK: Right(frozenset({H.SUBMITTER, *SIGNERS, *AT_HAND})),
    Verb.REHANDLE: Right(STAFF, _not_yet_rehandled, "重新办理只安排一次，再次不满意的请评估或维持答复。"),
    Verb.UPHOLD: Right(STAFF),
    Verb.ASSESS: Right(STAFF, _second_dissatisfied, "第一次不满意请重新办理或维持答复，再次不满意才评估。"),
    Verb.FULFIL: Right(SIGNED, otherwise="没有等待兑现的承诺。"),
    Verb.CLOSE: Right(frozenset({H.SYSTEM})),
    Verb.REQUEST_REOPEN: Right(frozenset({H.SUBMITTER, H.LEAD_DEPUTY})),
    Verb.REOPEN: Right(STAFF),
    Verb.MERGE: Right(INTAKE),
    Verb.UNMERGE: Right(INTAKE),
    Verb.RAISE: Right(INTAKE),
    Verb.WITHDRAW: Right(frozenset({H.SUBMITTER, *SIGNERS})),
    Verb.REMIND: Right(frozenset({*AT_HAND, H.SUPERVISION})),
    Verb.SUPERVISE: Right(STAFF),
    Verb.CONSULT: Right(STAFF),
    Verb.PUBLISH: Right(STAFF, _may_be_public, "代表认为不宜公开、反映人员或直接交人大机构办理的，不能公开。"),
    Verb.UNPUBLISH: Right(STAFF, _is_published, "这件事没有公开。"),
    Verb.REISSUE_CODE: Right(AT_HAND),
    Verb.COMMENT: Right(frozenset({H.GROUP})),
    Verb.INFORM: Right(AT_HAND),
    Verb.RECORD: Right(STAFF),
    Verb.MOVE_DUE: Right(frozenset({H.SYSTEM})),
}


def standing_assignments(suggestion: Suggestion) -> list[Assignment]:
    """All assignments of the case with what is asked and promised on them, oldest first; the present round last."""
    rows = suggestion.assignments.select_related("unit", "via__unit").order_by("round", "pk")
    rows = rows.prefetch_related("return_requests__right_unit", "extension_requests")
    # A promise is asked for only where it is tracked, or to close what may hold one.
    promised = suggestion.status not in (*WITH_UNIT, Status.SUBMITTED, Status.ACCEPTED)
    return list(rows.prefetch_related("replies__promise") if promised else rows)


def concerned_by(verb: Verb, assignments: list[Assignment]) -> list[Assignment]:
    """The assignments that the verb may be said of now; a promise only of the round that was answered last."""
    if verb is Verb.FULFIL:
        answered = max((a.round for a in assignments if a.replies.all()), default=0)
        assignments = [a for a in assignments if a.round == answered]
    return [assignment for assignment in assignments if CONCERNS[verb](assignment)]


def _belongs_to(verb: Verb, assignment: Assignment, organization: int | None) -> bool:
    """A unit speaks of its own assignment; what was 分办 is passed on by the office that gave it, not by the unit."""
    if verb is Verb.DISTRIBUTE and assignment.via is not None:
        return assignment.via.unit_id == organization
    return assignment.unit_id == organization


def hats(user: User, suggestion: Suggestion) -> frozenset[Hat]:
    """The capacities of a user on a case that `visible_to` has let through."""
    worn: set[Hat] = set()
    posts = StationPost.objects.sitting().filter(station=suggestion.station_id, user=user)
    if suggestion.station_id and not suggestion.direct and posts.filter(post__in=StationPost.ACTING).exists():
        worn.add(H.OFFICER if suggestion.at_station and _is_opinion(suggestion) else H.STATION)
    worn |= _of_the_deputy(user, suggestion)
    organization = user.organization
    if organization is None:
        return frozenset(worn)
    if user.is_congress_staff and suggestion.holder.region_id == organization.region_id:
        worn.add(H.STAFF)
        if suggestion.status in WITH_UNIT or suggestion.status == Status.TRACKING:
            worn.add(H.PROXY)
    elif user.is_unit_user:
        if suggestion.assignments.filter(unit=organization).exclude(state__in=Assignment.GIVEN_BACK).exists():
            worn.add(H.UNIT_HEAD if user.is_signatory else H.UNIT_CLERK)
        if user.is_supervisor:
            worn.add(H.SUPERVISION)
    return frozenset(worn)


def _of_the_deputy(user: User, suggestion: Suggestion) -> set[Hat]:
    worn: set[Hat] = set()
    if suggestion.lead is not None:
        if suggestion.lead.user_id == user.pk:
            worn.add(H.LEAD_DEPUTY)
        elif suggestion.cosignatures.filter(deputy__user=user).exists():
            worn.add(H.CO_SIGNER)
    if suggestion.supervised_on and suggestion.supervising_group_id:
        members = GroupMembership.objects.filter(group=suggestion.supervising_group_id, ended_on__isnull=True)
        if members.filter(deputy__user=user, deputy__in=Deputy.objects.in_office()).exists():
            worn.add(H.GROUP)
    return worn


def verbs_for(user: User, suggestion: Suggestion, worn: frozenset[Hat] | None = None) -> list[Verb]:
    """What this user can do now: what a refusal offers instead."""
    worn = hats(user, suggestion) if worn is None else worn
    return list(sayable(user, suggestion, worn, standing_assignments(suggestion))) if worn else []


def sayable(
    user: User, suggestion: Suggestion, worn: frozenset[Hat], assignments: list[Assignment]
) -> dict[Verb, tuple[Hat, list[Assignment]]]:
    """The verbs that can be said now, each with the capacity it is said in and the assignments it can be said of."""
    found: dict[Verb, tuple[Hat, list[Assignment]]] = {}
    for verb in possible(Kind(suggestion.kind), Status(suggestion.status)):
        speaking = _speaking(verb, user, suggestion, worn, assignments)
        if speaking and RIGHTS[verb].when(suggestion):
            found[verb] = speaking[0]
    return found


def _speaking(
    verb: Verb, user: User | None, suggestion: Suggestion, worn: frozenset[Hat], assignments: list[Assignment]
) -> list[tuple[Hat, list[Assignment]]]:
    """The capacities in which the verb can be said now, each with the assignments it can be said of."""
    found: list[tuple[Hat, list[Assignment]]] = []
    for hat in Hat:
        if hat not in RIGHTS[verb].hats & worn or not _fits(verb, hat, user, suggestion):
            continue
        if verb not in CONCERNS:
            found.append((hat, []))
            continue
        about = concerned_by(verb, assignments)
        if hat in OWN_UNIT and user is not None:
            about = [a for a in about if _belongs_to(verb, a, user.organization_id)]
        if about:
            found.append((hat, about))
    return found


def _fits(verb: Verb, hat: Hat, user: User | None, suggestion: Suggestion) -> bool:
    """What the table says of some capacities only."""
    if verb is Verb.FEEDBACK:
        if hat is H.CO_SIGNER:
            return each_signer_rates(suggestion) and _has_signed(user, suggestion)
        # By phone, entered as such (mission S12); a deputy rates the own proposal.
        return hat not in AT_HAND or _is_opinion(suggestion)
    if verb is Verb.COSIGN:
        return not _has_signed(user, suggestion)
    if verb is Verb.WITHDRAW and hat is H.CO_SIGNER:
        return suggestion.status != Status.DRAFT and _has_signed(user, suggestion)
    if hat is H.SUBMITTER:
        return _is_opinion(suggestion)
    if hat in SIGNERS and user is not None:
        # After a mandate ends one right is left, to read and rate; a suspended deputy has no other either.
        return _sits(user)
    # A raised opinion is taken out again by who may take the proposal in: congress staff.
    return not (verb is Verb.UNMERGE and hat is H.OFFICER and _is_in_a_proposal(suggestion))


def _sits(user: User) -> bool:
    return Deputy.objects.in_office().filter(user=user).exists()


def each_signer_rates(suggestion: Suggestion) -> bool:
    """联名代表各自评价, where the profile says so; else the lead deputy rates for all (domain.md §11, 4)."""
    if _is_opinion(suggestion):
        return False
    return HandlingProfile.objects.nearest(suggestion.region, suggestion.kind).each_signer_rates


def _is_in_a_proposal(suggestion: Suggestion) -> bool:
    return Merge.objects.in_force().filter(child=suggestion, parent__kind=Kind.PROPOSAL).exists()


def _has_signed(user: User | None, suggestion: Suggestion) -> bool:
    return suggestion.cosignatures.confirmed().filter(deputy__user=user).exists()


@dataclass(frozen=True)
class Acting:
    """Somebody in a capacity, as the event will record it, and the assignment that is acted on."""

    by: User | None
    hat: Hat
    label: str
    office: str
    on_behalf_of: Organization | None = None
    assignment: Assignment | None = None


def acting_submitter() -> Acting:
    return Acting(None, H.SUBMITTER, "反映人", "")


def acting_system() -> Acting:
    return Acting(None, H.SYSTEM, "系统", "")


def acting_merged() -> Acting:
    """One of the submitters whose cases were merged: to the others without number or name."""
    return Acting(None, H.SUBMITTER, "并案反映人", "")


def require(
    verb: Verb,
    suggestion: Suggestion,
    by: User | None,
    *,
    system: bool = False,
    unit: Organization | None = None,
) -> Acting:
    """The right to say the verb now, or a sentence that says what is possible instead. `by=None` is the submitter.

    Where several units have the case, staff name the one they speak for or decide about.
    """
    right = RIGHTS[verb]
    status = Status(suggestion.status)
    acting = acting_system() if system else acting_submitter()
    worn = frozenset({acting.hat}) if by is None else hats(by, suggestion)
    if not targets(verb, Kind(suggestion.kind), status):
        raise Refused(f"这件事现在是“{status.label}”，不能{verb.label}。" + _now(by, suggestion, worn))
    if not right.hats & worn:
        raise Refused(f"您的职责不能{verb.label}这件事。" + _now(by, suggestion, worn))
    speaking = _speaking(verb, by, suggestion, worn, standing_assignments(suggestion) if verb in CONCERNS else [])
    if not speaking and by is not None and worn & SIGNERS and not _sits(by):
        raise Refused(f"您现在不在任职（暂停或已终止），只能查看和评价自己的建议，不能{verb.label}。")
    if not speaking or not right.when(suggestion):
        raise Refused((right.otherwise or f"您现在不能{verb.label}这件事。") + _now(by, suggestion, worn))
    if by is None:
        return acting
    hat, about = speaking[0]
    return _acting(verb, by, hat, suggestion, _chosen(verb, about, unit))


def _chosen(verb: Verb, about: list[Assignment], unit: Organization | None) -> Assignment | None:
    if unit is not None:
        about = [assignment for assignment in about if assignment.unit == unit]
        if not about:
            raise Refused(f"{unit}现在没有要{verb.label}的，请重新选择单位。", field="unit")
    if len(about) > 1:
        raise Refused("这件事由几个单位办理，请选择是哪个单位。", field="unit")
    return about[0] if about else None


def _acting(verb: Verb, by: User, hat: Hat, suggestion: Suggestion, assignment: Assignment | None) -> Acting:
    if hat is H.PROXY and assignment is not None:
        # A department's lead is passed on by the office that gave it.
        spoken_for = assignment.via if verb is Verb.DISTRIBUTE and assignment.via is not None else assignment
        return Acting(by, hat, by.name, str(by.organization), spoken_for.unit, assignment)
    offices = {H.OFFICER: suggestion.station, H.STATION: suggestion.station}
    office = "人大代表" if hat in (*SIGNERS, H.GROUP) else str(offices.get(hat) or by.organization or "")
    return Acting(by, hat, by.name, office, None, assignment)


def _now(by: User | None, suggestion: Suggestion, worn: frozenset[Hat]) -> str:
    return offer(by, suggestion, worn) if by else ""


def offer(user: User, suggestion: Suggestion, worn: frozenset[Hat] | None = None) -> str:
    verbs = verbs_for(user, suggestion, worn)
    return f"现在可以：{'、'.join(v.label for v in verbs)}。" if verbs else "现在没有需要您办理的事项。"


def sees_contact(user: User, suggestion: Suggestion, worn: frozenset[Hat] | None = None) -> bool:
    """Name and phone: those who call back (officer, staff of the holder), never a deputy or a handling unit."""
    return bool((hats(user, suggestion) if worn is None else worn) & AT_HAND)


def sees_inner_notes(user: User, suggestion: Suggestion, worn: frozenset[Hat] | None = None) -> bool:
    """Those who work on the case, and congress staff above them who supervise it."""
    worn = hats(user, suggestion) if worn is None else worn
    return user.is_congress_staff or bool(worn & {*AT_HAND, *OWN_UNIT, H.GROUP})


def handles_cases(user: User) -> bool:
    """Whether the list of cases is this user's page at all: of who reads the work of stations, and of handling units."""
    return user.is_unit_user or reads_work(user)


def desk_stations(user: User) -> QuerySet[Station]:
    """Where this user takes down a visitor's matter: the stations served; congress staff, those of the region."""
    return Station.objects.visible_to(user).public()
