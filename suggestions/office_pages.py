"""What the office reads of cases: a line in a list, the questions of the filter bar, the page of one case.

Nothing here changes anything; the views join it with forms and services.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q
from django.http import QueryDict

from accounts.calendar import Calendar, in_words, today
from accounts.models import Region, User
from accounts.paths import in_keyed
from stations.models import Station
from suggestions import services
from suggestions.deadlines import Light, traffic_light
from suggestions.forms.staff import PAGES, FilterForm
from suggestions.models import Assignment, Attachment, Event, Suggestion
from suggestions.permissions import RIGHTS, Hat, hats, sees_contact, sees_inner_notes, verbs_for
from suggestions.services.moves import calendar
from suggestions.workflow import OPEN, WITH_UNIT, Status, Verb

# The verb that a page offers first, where several are possible.
FIRST = (
    Verb.APPROVE_RETURN,
    Verb.ACCEPT,
    Verb.TRANSFER,
    Verb.REPLY,
    Verb.SIGN_FOR,
    Verb.FULFIL,
    Verb.FEEDBACK,
    Verb.REHANDLE,
    Verb.UPHOLD,
)
# Where somebody must act until the day, so that a light makes sense.
CLOCKED = frozenset({Status.SUBMITTED, *WITH_UNIT, Status.TRACKING})
STATIONS_TO_CHOOSE_FROM = 100


# A case in a line: lists and the workbench


@dataclass(frozen=True)
class Line:
    """What a list says of a case: where it is, who has it, until when."""

    case: Suggestion
    light: Light | None
    due: str
    holder: str

    @property
    def status(self) -> str:
        return Status(self.case.status).label


def due_in_words(suggestion: Suggestion, day: date) -> str:
    due = suggestion.due_on
    if due is None:
        return ""
    until = f"{due.month}月{due.day}日" if due.year == day.year else in_words(due)
    if suggestion.status == Status.REPLIED:
        return f"评价截止{until}"
    if suggestion.status not in CLOCKED:
        return ""
    left = (due - day).days
    if left < 0:
        return f"已超期{-left}天（{until}）"
    return f"还有{left}天（{until}）" if left else f"今天到期（{until}）"


def lines(cases: Iterable[Suggestion], days: Calendar | None = None) -> list[Line]:
    """The lines of cases read with `for_lines`."""
    days, day = days or calendar(), today()
    return [_line(case, days, day) for case in cases]


def _line(case: Suggestion, days: Calendar, day: date) -> Line:
    light = traffic_light(case.due_on, day, days) if case.due_on is not None and case.status in CLOCKED else None
    return Line(case, light, due_in_words(case, day), _whose_turn(case))


def _whose_turn(case: Suggestion) -> str:
    """Who must act now, in words; nobody once it is over."""
    leads: list[Assignment] = getattr(case, "leads_newest_first", [])
    if case.status in (Status.SUBMITTED, Status.ACCEPTED):
        return str(case.station if case.at_station else case.holder)
    if case.status == Status.REPLIED:
        return "反映人评价"
    if case.status in CLOCKED and leads:
        return str(leads[0].unit)
    return str(case.holder) if case.status == Status.REVIEWING or case.reopen_requested_on else ""


def for_lines(cases: Any) -> Any:
    """Everything a line needs, in one more query whatever the number of rows."""
    leads = Assignment.objects.exclude(role=Assignment.Role.ASSIST).select_related("unit").order_by("-round", "-pk")
    return (
        cases.select_related("station", "holder")
        .defer("grams")
        .prefetch_related(Prefetch("assignments", leads, to_attr="leads_newest_first"))
    )


# The list

BY_STATE = {
    "open": Q(status__in=sorted(OPEN)),
    "submitted": Q(status=Status.SUBMITTED),
    "accepted": Q(status=Status.ACCEPTED),
    "unit": Q(status__in=sorted(WITH_UNIT)),
    "replied": Q(status=Status.REPLIED),
    "reviewing": Q(status=Status.REVIEWING),
    "tracking": Q(status=Status.TRACKING),
    "closed": Q(status=Status.CLOSED),
    "declined": Q(status=Status.DECLINED),
}


def filter_form(user: User, query: QueryDict) -> FilterForm:
    """Regions one level below the user's, and stations where they are few enough to choose from."""
    regions: list[tuple[str, str]] = []
    organization = user.organization
    if user.is_congress_staff and organization is not None:
        regions = list(Region.objects.filter(parent=organization.region_id).values_list("path", "name"))
    stations = Station.objects.visible_to(user).order_by("name").values_list("slug", "name")
    few = list(stations[: STATIONS_TO_CHOOSE_FROM + 1])
    return FilterForm(query, regions=regions, stations=few if 1 < len(few) <= STATIONS_TO_CHOOSE_FROM else [])


def narrowed(cases: Any, asked: dict[str, Any], user: User) -> Any:
    if asked.get("state") == "waiting":
        cases = cases.filter(pk__in=Suggestion.objects.waiting_for(user).order_by().values("pk"))
    elif asked.get("state"):
        cases = cases.filter(BY_STATE[asked["state"]])
    if asked.get("kind"):
        cases = cases.filter(kind=asked["kind"])
    if asked.get("region"):
        cases = cases.filter(in_keyed(asked["region"]))
    if asked.get("station"):
        cases = cases.filter(station__slug=asked["station"])
    if asked.get("overdue"):
        cases = cases.overdue(today())
    return cases.matching(asked["q"]) if asked.get("q") else cases


# The case


@dataclass(frozen=True)
class Button:
    verb: Verb
    label: str
    says: str
    danger: bool


@dataclass
class CasePage:
    """Everything the page of one case shows to one user; what the user may not see is not in it."""

    case: Suggestion
    line: Line
    contact: bool
    inner: bool
    events: list[Event]
    assignments: list[Assignment]
    photos: list[Attachment]
    first: Button | None = None
    others: list[Button] = field(default_factory=list)

    @property
    def has_contact(self) -> bool:
        return bool(self.case.name or self.case.phone)


def buttons(
    user: User, case: Suggestion, worn: frozenset[Hat], lead: Assignment | None
) -> tuple[Button | None, list[Button]]:
    """The one next step, and the other verbs. A unit that logs in does its own part: 代录 is not the next step then."""
    verbs = [verb for verb in verbs_for(user, case, worn) if verb in PAGES]
    proxied = {verb for verb in verbs if _is_proxied(verb, worn)}
    first = next((verb for verb in FIRST if verb in verbs), None)
    if case.reopen_requested_on and Verb.REOPEN in verbs:
        first = Verb.REOPEN
    if first in proxied and lead is not None and lead.unit.has_login:
        first = None
    if first is Verb.TRANSFER and Verb.ESCALATE in verbs and not services.units_for(case).exists():
        first = Verb.ESCALATE
    drawn = [
        Button(verb, f"代录{verb.label}" if verb in proxied else verb.label, PAGES[verb].says, PAGES[verb].danger)
        for verb in verbs
    ]
    return next((b for b in drawn if b.verb is first), None), [b for b in drawn if b.verb is not first]


def _is_proxied(verb: Verb, worn: frozenset[Hat]) -> bool:
    return RIGHTS[verb].hats & worn == {Hat.PROXY}


def case_page(user: User, case: Suggestion) -> CasePage:
    worn = hats(user, case)
    inner = sees_inner_notes(user, case, worn)
    assignments = list(case.assignments.select_related("unit").prefetch_related("return_requests__right_unit"))
    leads = [assignment for assignment in reversed(assignments) if assignment.role != Assignment.Role.ASSIST]
    case.leads_newest_first = leads  # type: ignore[attr-defined]
    first, others = buttons(user, case, worn, leads[0] if leads else None)
    events = list(case.events.select_related("on_behalf_of").prefetch_related("attachments"))
    return CasePage(
        case=case,
        line=lines([case])[0],
        contact=sees_contact(user, case, worn),
        inner=inner,
        events=[event for event in events if inner or event.public_text or event.from_status != event.to_status],
        assignments=assignments,
        photos=[photo for event in events for photo in event.attachments.all() if photo.kind == Attachment.Kind.PHOTO],
        first=first,
        others=others,
    )
