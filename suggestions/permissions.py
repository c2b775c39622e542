"""Who may say which verb (architecture.md, "Who" and "The case: verbs"): one table, asked by services and templates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet

from accounts.errors import Refused
from accounts.models import Organization, User
from activities.permissions import reads_work
from stations.models import Station, StationPost
from suggestions.models import Assignment, ReturnRequest, Review, Suggestion
from suggestions.workflow import Kind, Status, Verb, possible, targets


class Hat(StrEnum):
    """In which capacity somebody acts on one case. A person may wear several."""

    SUBMITTER = "submitter"  # by number and code, or at the desk: nobody is logged in
    SYSTEM = "system"
    LEAD_DEPUTY = "lead_deputy"
    OFFICER = "officer"  # officer or head of the station that holds the case
    STAFF = "staff"  # congress staff of the region that holds the case
    UNIT_CLERK = "unit_clerk"
    UNIT_HEAD = "unit_head"
    PROXY = "proxy"  # congress staff for the unit, with its paper (代录)


H = Hat
INTAKE = frozenset({H.OFFICER, H.STAFF})
STAFF = frozenset({H.STAFF})
UNIT = frozenset({H.UNIT_CLERK, H.UNIT_HEAD, H.PROXY})
SIGNED = frozenset({H.UNIT_HEAD, H.PROXY})
SUBMITTER = frozenset({H.SUBMITTER, H.LEAD_DEPUTY})
# The table of moves knows the verb; it is said by nobody until its service is there.
NOBODY: frozenset[Hat] = frozenset()


def _open_request(suggestion: Suggestion) -> bool:
    return ReturnRequest.objects.open().filter(assignment__suggestion=suggestion).exists()


def _not_yet_rehandled(suggestion: Suggestion) -> bool:
    return not Review.objects.filter(suggestion=suggestion, decision=Review.Decision.REHANDLE).exists()


def _is_opinion(suggestion: Suggestion) -> bool:
    return suggestion.kind == Kind.OPINION


@dataclass(frozen=True)
class Right:
    hats: frozenset[Hat]
    when: Callable[[Suggestion], bool] = lambda suggestion: True
    otherwise: str = ""


RIGHTS: dict[Verb, Right] = {
    Verb.SUBMIT: Right(frozenset({H.SUBMITTER, H.OFFICER, H.LEAD_DEPUTY})),
    Verb.COSIGN: Right(NOBODY),
    Verb.SEND_BACK: Right(NOBODY),
    Verb.ACCEPT: Right(INTAKE),
    Verb.DECLINE: Right(INTAKE),
    Verb.ANSWER: Right(INTAKE),
    Verb.TRANSFER: Right(INTAKE),
    Verb.DISTRIBUTE: Right(NOBODY),
    Verb.RECALL: Right(NOBODY),
    Verb.ESCALATE: Right(INTAKE),
    Verb.HAND_DOWN: Right(NOBODY),
    Verb.SIGN_FOR: Right(UNIT),
    Verb.REQUEST_RETURN: Right(UNIT, lambda s: not _open_request(s), "已有一份退回申请在等待决定。"),
    Verb.APPROVE_RETURN: Right(STAFF, _open_request, "现在没有等待决定的退回申请。"),
    Verb.REFUSE_RETURN: Right(STAFF, _open_request, "现在没有等待决定的退回申请。"),
    Verb.REQUEST_EXTENSION: Right(NOBODY),
    Verb.APPROVE_EXTENSION: Right(NOBODY),
    Verb.REFUSE_EXTENSION: Right(NOBODY),
    Verb.CONTRIBUTE: Right(NOBODY),
    Verb.REPLY: Right(SIGNED),
    Verb.FEEDBACK: Right(SUBMITTER),
    Verb.REHANDLE: Right(STAFF, _not_yet_rehandled, "重新办理只安排一次，再次不满意的请维持答复或评估。"),
    Verb.UPHOLD: Right(STAFF),
    Verb.ASSESS: Right(NOBODY),
    Verb.FULFIL: Right(SIGNED),
    Verb.CLOSE: Right(frozenset({H.SYSTEM})),
    Verb.REQUEST_REOPEN: Right(SUBMITTER),
    Verb.REOPEN: Right(STAFF),
    Verb.MERGE: Right(NOBODY),
    Verb.UNMERGE: Right(NOBODY),
    Verb.RAISE: Right(NOBODY),
    Verb.WITHDRAW: Right(NOBODY),
    Verb.REMIND: Right(NOBODY),
    Verb.SUPERVISE: Right(NOBODY),
    Verb.CONSULT: Right(NOBODY),
    Verb.PUBLISH: Right(NOBODY),
    Verb.UNPUBLISH: Right(NOBODY),
    Verb.REISSUE_CODE: Right(NOBODY),
    Verb.COMMENT: Right(NOBODY),
    Verb.INFORM: Right(NOBODY),
    Verb.RECORD: Right(NOBODY),
    Verb.MOVE_DUE: Right(NOBODY),
}


def lead_of(suggestion: Suggestion) -> Assignment | None:
    """The open lead; for a promise, the lead that made it."""
    leads = suggestion.assignments.select_related("unit").exclude(role=Assignment.Role.ASSIST).order_by("-round", "-pk")
    if suggestion.status == Status.TRACKING:
        return leads.filter(state=Assignment.State.DONE).first()
    return leads.open().first()


def hats(user: User, suggestion: Suggestion) -> frozenset[Hat]:
    """The capacities of a user on a case that `visible_to` has let through."""
    worn: set[Hat] = set()
    organization = user.organization
    if suggestion.at_station and _is_opinion(suggestion):
        posts = StationPost.objects.sitting().filter(station=suggestion.station_id, user=user)
        if posts.filter(post__in=StationPost.ACTING).exists():
            worn.add(H.OFFICER)
    if suggestion.lead is not None and suggestion.lead.user_id == user.pk:
        worn.add(H.LEAD_DEPUTY)
    lead = lead_of(suggestion)
    if organization is None:
        return frozenset(worn)
    if user.is_congress_staff and suggestion.holder.region_id == organization.region_id:
        worn.add(H.STAFF)
        if lead is not None:
            worn.add(H.PROXY)
    if lead is not None and lead.unit_id == organization.pk:
        worn.add(H.UNIT_HEAD if user.is_signatory else H.UNIT_CLERK)
    return frozenset(worn)


def verbs_for(user: User, suggestion: Suggestion, worn: frozenset[Hat] | None = None) -> list[Verb]:
    """What this user can do now: the buttons of the case page, and what a refusal offers instead."""
    worn = hats(user, suggestion) if worn is None else worn
    return [
        verb
        for verb in possible(Kind(suggestion.kind), Status(suggestion.status))
        if RIGHTS[verb].hats & worn and RIGHTS[verb].when(suggestion)
    ]


@dataclass(frozen=True)
class Acting:
    """Somebody in a capacity, as the event will record it."""

    by: User | None
    hat: Hat
    label: str
    office: str
    on_behalf_of: Organization | None = None


def acting_submitter() -> Acting:
    return Acting(None, H.SUBMITTER, "反映人", "")


def acting_system() -> Acting:
    return Acting(None, H.SYSTEM, "系统", "")


def require(verb: Verb, suggestion: Suggestion, by: User | None, *, system: bool = False) -> Acting:
    """The right to say the verb now, or a sentence that says what is possible instead. `by=None` is the submitter."""
    right = RIGHTS[verb]
    status = Status(suggestion.status)
    if by is None:
        acting = acting_system() if system else acting_submitter()
        worn = frozenset({acting.hat})
    else:
        worn = hats(by, suggestion)
    if not targets(verb, Kind(suggestion.kind), status):
        raise Refused(f"这件事现在是“{status.label}”，不能{verb.label}。" + (offer(by, suggestion) if by else ""))
    allowed = right.hats & worn
    if not allowed:
        raise Refused(f"您的职责不能{verb.label}这件事。" + (offer(by, suggestion) if by else ""))
    if not right.when(suggestion):
        raise Refused(right.otherwise or f"现在不能{verb.label}。")
    if by is None:
        return acting
    hat = next(h for h in Hat if h in allowed)
    if hat is H.PROXY:
        lead = lead_of(suggestion)
        return Acting(by, hat, by.name, str(by.organization), lead.unit if lead else None)
    office = str(suggestion.station) if hat is H.OFFICER else str(by.organization or "")
    return Acting(by, hat, by.name, office)


def offer(user: User, suggestion: Suggestion) -> str:
    verbs = verbs_for(user, suggestion)
    return f"现在可以：{'、'.join(v.label for v in verbs)}。" if verbs else "现在没有需要您办理的事项。"


def sees_contact(user: User, suggestion: Suggestion, worn: frozenset[Hat] | None = None) -> bool:
    """Name and phone: those who call back (officer, staff of the holder), never a deputy or a handling unit."""
    return bool((hats(user, suggestion) if worn is None else worn) & {H.OFFICER, H.STAFF})


def sees_inner_notes(user: User, suggestion: Suggestion, worn: frozenset[Hat] | None = None) -> bool:
    """Those who work on the case, and congress staff above them who supervise it."""
    worn = hats(user, suggestion) if worn is None else worn
    return user.is_congress_staff or bool(worn & {H.OFFICER, H.STAFF, H.UNIT_CLERK, H.UNIT_HEAD})


def handles_cases(user: User) -> bool:
    """Whether the list of cases is this user's page at all: of who reads the work of stations, and of handling units."""
    return user.is_unit_user or reads_work(user)


def desk_stations(user: User) -> QuerySet[Station]:
    """Where this user takes down a visitor's matter: the stations served; congress staff, those of the region."""
    return Station.objects.visible_to(user).public()
