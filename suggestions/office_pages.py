"""What the office reads of cases: a line in a list, the questions of the filter bar, the page of one case.

Nothing here changes anything; the views join it with forms and services.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q
from django.http import QueryDict
from django.urls import reverse

from accounts.calendar import Calendar, in_words, today
from accounts.models import Region, User
from accounts.paths import in_keyed
from stations.models import Station
from suggestions import services
from suggestions.deadlines import Light, traffic_light
from suggestions.forms.listing import FilterForm
from suggestions.forms.pages import PAGES
from suggestions.models import Assignment, Attachment, Event, Suggestion
from suggestions.permissions import (
    AT_HAND,
    Hat,
    hats,
    sayable,
    sees_contact,
    sees_inner_notes,
    standing_assignments,
)
from suggestions.services import merging
from suggestions.services.moves import calendar
from suggestions.workflow import OPEN, WITH_UNIT, Kind, Status, Verb

# The verb that a page offers first, where several are possible.
FIRST = (
    Verb.COSIGN,
    Verb.SUBMIT,
    Verb.APPROVE_RETURN,
    Verb.APPROVE_EXTENSION,
    Verb.ACCEPT,
    Verb.TRANSFER,
    Verb.DISTRIBUTE,
    Verb.SIGN_FOR,
    Verb.CONTRIBUTE,
    Verb.REPLY,
    Verb.FULFIL,
    Verb.FEEDBACK,
    Verb.ASSESS,
    Verb.REHANDLE,
    Verb.UPHOLD,
    Verb.COMMENT,
)
# Said beside the course of a case: shown behind one line.
BESIDE = frozenset(
    {
        Verb.MERGE,
        Verb.UNMERGE,
        Verb.RAISE,
        Verb.RECALL,
        Verb.HAND_DOWN,
        Verb.WITHDRAW,
        Verb.REMIND,
        Verb.SUPERVISE,
        Verb.CONSULT,
        Verb.PUBLISH,
        Verb.UNPUBLISH,
        Verb.REISSUE_CODE,
        Verb.INFORM,
        Verb.RECORD,
        Verb.FEEDBACK,
        Verb.REOPEN,
    }
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
    asks: str = ""

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
    return Line(case, light, due_in_words(case, day), _whose_turn(case), _what_is_asked(case))


def _what_is_asked(case: Suggestion) -> str:
    """What waits for a decision beside the course of the case."""
    leads: list[Assignment] = [lead for lead in getattr(case, "leads_newest_first", []) if lead.is_open]
    if any(lead.asks_return for lead in leads):
        return "申请退回，请决定"
    if any(lead.asks_extension for lead in leads):
        return "申请延期，请决定"
    return "申请重新受理，请决定" if case.reopen_requested_on else ""


def _whose_turn(case: Suggestion) -> str:
    """Who must act now, in words; nobody once it is over."""
    leads: list[Assignment] = getattr(case, "leads_newest_first", [])
    if case.status in (Status.SUBMITTED, Status.ACCEPTED):
        return str(case.station if case.at_station else case.holder)
    if case.status == Status.REPLIED:
        return "代表评价" if case.kind == Kind.PROPOSAL else "反映人评价"
    if case.status == Status.DRAFT:
        return f"{case.lead}代表起草"
    if case.status == Status.MERGED:
        return "随主件办理"
    if case.status in CLOCKED and leads:
        return "、".join(str(lead.unit) for lead in leads if lead.is_open) or str(leads[0].unit)
    return str(case.holder) if case.status == Status.REVIEWING or case.reopen_requested_on else ""


def for_lines(cases: Any) -> Any:
    """Everything a line needs, in three more queries whatever the number of rows."""
    leads = Assignment.objects.exclude(role=Assignment.Role.ASSIST).select_related("unit").order_by("-round", "-pk")
    leads = leads.prefetch_related("return_requests", "extension_requests")
    return (
        cases.select_related("station", "holder", "lead")
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
    "merged": Q(status=Status.MERGED),
    "withdrawn": Q(status=Status.WITHDRAWN),
    "supervised": Q(supervised_on__isnull=False, status__in=sorted(OPEN)),
    "inform": Q(to_inform=True),
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
    url: str
    anothers: bool = False  # somebody else's to say, who can


@dataclass
class Buttons:
    """The one next step, the other moves of the case, and what is said beside them (督办、记录、公开……)."""

    first: Button | None
    others: list[Button]
    beside: list[Button]


@dataclass
class CasePage:
    """Everything the page of one case shows to one user; what the user may not see is not in it."""

    case: Suggestion
    worn: frozenset[Hat]
    line: Line
    contact: bool
    inner: bool
    events: list[Event]
    assignments: list[Assignment]
    photos: list[Attachment]
    letters: list[Attachment]
    buttons: Buttons
    lineage: merging.Lineage

    @property
    def may_edit(self) -> bool:
        return self.case.status == Status.DRAFT and Hat.LEAD_DEPUTY in self.worn

    @property
    def has_contact(self) -> bool:
        return bool(self.case.name or self.case.phone)


def buttons_of(user: User, case: Suggestion, worn: frozenset[Hat], assignments: list[Assignment]) -> Buttons:
    """A unit that logs in does its own part: 代录 is not the next step then, and stands with what is said beside."""
    said = {verb: how for verb, how in sayable(user, case, worn, assignments).items() if verb in PAGES}
    drawn = [button for verb, (hat, about) in said.items() for button in _drawn(case, verb, hat, about)]
    own = [button for button in drawn if not button.anothers]
    first = next((b for verb in _first_verbs(case, said) for b in own if b.verb is verb), None)
    rest = [button for button in drawn if button is not first]
    aside = [button for button in rest if button.verb in BESIDE or button.anothers]
    return Buttons(first, [button for button in rest if button not in aside], aside)


def _drawn(case: Suggestion, verb: Verb, hat: Hat, about: list[Assignment]) -> list[Button]:
    page, proxied, url = PAGES[verb], hat is Hat.PROXY, reverse("say", args=[case.number, verb])
    by_phone = verb is Verb.FEEDBACK and hat in AT_HAND
    label = f"代录{verb.label}" if proxied or by_phone else verb.label
    if len(about) < 2 and not proxied:
        return [Button(verb, label, page.says, page.danger, url, anothers=by_phone)]
    # Whoever speaks for a unit, or about one of several, is told which: a wrong entry is one tap away.
    return [
        Button(
            verb,
            f"{label}（{assignment.unit}）",
            page.says,
            page.danger,
            f"{url}?unit={assignment.unit_id}",
            anothers=proxied and assignment.unit.has_login,
        )
        for assignment in about
    ]


def _first_verbs(case: Suggestion, said: Mapping[Verb, object]) -> list[Verb]:
    order = list(FIRST)
    if case.reopen_requested_on:
        order.insert(0, Verb.REOPEN)
    if case.to_inform:
        order.insert(0, Verb.INFORM)
    if Verb.ESCALATE in said and not services.units_for(case).exists():
        order.insert(order.index(Verb.TRANSFER), Verb.ESCALATE)
    return order


def case_page(user: User, case: Suggestion) -> CasePage:
    worn = hats(user, case)
    inner = sees_inner_notes(user, case, worn)
    assignments = standing_assignments(case)
    leads = [assignment for assignment in reversed(assignments) if assignment.role != Assignment.Role.ASSIST]
    case.leads_newest_first = leads  # type: ignore[attr-defined]
    events = list(case.events.select_related("on_behalf_of").prefetch_related("attachments"))
    files = [file for event in events for file in event.attachments.all()]
    return CasePage(
        case=case,
        worn=worn,
        line=lines([case])[0],
        contact=sees_contact(user, case, worn),
        inner=inner,
        events=[event for event in events if inner or event.public_text or event.from_status != event.to_status],
        assignments=assignments,
        photos=[file for file in files if file.kind == Attachment.Kind.PHOTO and file.file],
        letters=[file for file in files if file.kind == Attachment.Kind.LETTER],
        buttons=buttons_of(user, case, worn, assignments),
        lineage=merging.lineage(case, user),
    )
