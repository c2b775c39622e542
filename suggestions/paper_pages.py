"""Which papers of a case a user may print, and what stands on them (mission S9, S15).

Whoever handed a case over prints its 转办单, the unit its own, congress staff all they see. No paper holds the
submitter's name or phone or an inner note: it goes to a unit, and the unit sees neither (architecture.md, "Who").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse

from accounts.calendar import in_words, today
from accounts.errors import Refused
from accounts.models import Organization, User
from deputies.models import Congress, Deputy
from stations.models import StationPost
from suggestions.models import Assignment, Event, Reply, Suggestion
from suggestions.papers.letters import Answer, HandOver, Matter, Reminder, paragraphs
from suggestions.permissions import RIGHTS, Hat, hats
from suggestions.services.handling import SEE_LETTER
from suggestions.services.moves import profile_of
from suggestions.workflow import Kind, Verb

# A list of more is no letter any more, and is made in the request.
MOST_IN_A_LIST = 200
ANONYMOUS = "反映人"
DIGITS = "零一二三四五六七八九"


# Who prints


def _printed_by(user: User, assignment: str = "") -> Q:
    """Papers of assignments (or of what hangs on one) that are this user's to print, among those of visible cases."""
    if user.is_congress_staff:
        return Q(pk__isnull=False)
    posts = StationPost.objects.sitting().filter(user=user, post__in=StationPost.ACTING)
    mine = Q(
        suggestion__kind=Kind.OPINION,
        suggestion__at_station=True,
        suggestion__direct=False,
        suggestion__station__in=posts.values("station"),
    )
    if user.is_unit_user:
        own = user.organization_id
        mine |= Q(**{f"{assignment}unit": own}) & ~Q(**{f"{assignment}state__in": Assignment.GIVEN_BACK})
        mine |= Q(**{f"{assignment}via__unit": own})
    return mine


def hand_overs(user: User) -> QuerySet[Assignment]:
    visible = Suggestion.objects.visible_to(user).order_by().values("pk")
    return Assignment.objects.filter(_printed_by(user), suggestion__in=visible)


def answers(user: User) -> QuerySet[Reply]:
    visible = Suggestion.objects.visible_to(user).order_by().values("pk")
    return _in_words(Reply.objects.filter(_printed_by(user, "assignment__"), suggestion__in=visible))


def _in_words(replies: QuerySet[Reply]) -> QuerySet[Reply]:
    """Where the unit's signed scan was taken in instead, that is the letter."""
    return replies.exclude(text=SEE_LETTER)


def reminders(user: User, case: Suggestion, worn: frozenset[Hat] | None = None) -> QuerySet[Assignment]:
    """A 督办通知单 is for whoever may say remind, to a unit that has not answered."""
    worn = hats(user, case) if worn is None else worn
    return case.assignments.open() if RIGHTS[Verb.REMIND].hats & worn else case.assignments.none()


def prints(user: User) -> bool:
    """Whether the page of hand-overs is this user's at all."""
    posts = StationPost.objects.sitting().filter(user=user, post__in=StationPost.ACTING)
    return user.is_congress_staff or user.is_unit_user or posts.exists()


def papers_for(user: User, case: Suggestion, worn: frozenset[Hat] | None = None) -> list[tuple[str, str]]:
    """The papers of one case that `visible_to` has let through, as label and address, for its page to draw."""
    found: list[tuple[str, str]] = []
    name = form_name(case)
    own = _printed_by(user)
    for given in case.assignments.filter(own).select_related("unit"):
        found += [
            (f"{name}，{given.unit}（Word）", paper_address(case, "transfer", "docx", assignment=given.pk)),
            (f"{name}，{given.unit}（PDF）", paper_address(case, "transfer", "pdf", assignment=given.pk)),
        ]
    addressees = addressees_of(case)
    answers = list(_in_words(case.replies.filter(_printed_by(user, "assignment__"))))
    for reply in answers:
        for deputy in addressees:
            asked = {"reply": reply.pk} | ({"to": deputy.pk} if deputy else {})
            day = in_words(reply.replied_on) if len(answers) > 1 or not deputy else ""
            to = day + (f"致{deputy.name}代表" if deputy else "")
            found.append((f"答复函，{to}（Word）", paper_address(case, "reply", "docx", **asked)))
    for late in reminders(user, case, worn).select_related("unit"):
        found.append((f"督办通知单，{late.unit}（Word）", paper_address(case, "remind", "docx", assignment=late.pk)))
    return found


def paper_address(case: Suggestion, kind: str, form: str, **asked: int) -> str:
    return f"{reverse('paper', args=[case.number, kind, form])}?{urlencode(asked)}"


def form_name(case: Suggestion) -> str:
    return "交办函" if case.kind == Kind.PROPOSAL else "转办单"


# What was handed over together


def batches(user: User) -> QuerySet[Any, Any]:
    """One row for each unit and day of hand-over, newest first."""
    given = hand_overs(user).exclude(state__in=Assignment.GIVEN_BACK)
    rows = given.order_by().values("unit", "unit__name", "assigned_on").annotate(cases=Count("pk"))
    return rows.order_by("-assigned_on", "unit__region__path", "unit__name", "unit")


def batch(user: User, unit: int, on: date) -> QuerySet[Assignment]:
    given = hand_overs(user).exclude(state__in=Assignment.GIVEN_BACK).filter(unit=unit, assigned_on=on)
    return ready(given).order_by("due_on", "pk")


def ready(given: QuerySet[Assignment]) -> QuerySet[Assignment]:
    return given.select_related(
        *("unit", "via__unit", "suggestion__station", "suggestion__holder", "suggestion__category"),
        *("suggestion__lead", "suggestion__congress__region", "suggestion__session"),
    ).prefetch_related(
        "suggestion__assignments__unit",
        "suggestion__cosignatures__deputy",
        Prefetch("suggestion__events", Event.objects.filter(verb=Verb.TRANSFER), to_attr="transfers"),
    )


# What stands on them


def hand_over(given: Sequence[Assignment], form: str) -> HandOver:
    """The letter that goes with assignments of one unit and day: `form` is the kind of case, or "list"."""
    if not given:
        raise Refused("没有选中要打印的事项，请至少选一件。")
    if len(given) > MOST_IN_A_LIST:
        raise Refused(f"一张问题清单最多{MOST_IN_A_LIST}件，现有{len(given)}件，请分几张打印。")
    first = given[0]
    lead = _lead_beside(first)
    phones = {_giver(assignment).phone: None for assignment in given}
    return HandOver(
        form=form,
        issuer="、".join(dict.fromkeys(str(_giver(assignment)) for assignment in given)),
        unit=str(first.unit),
        date=in_words(first.assigned_on),
        due=in_words(first.due_on),
        basis=first.get_basis_display(),
        return_until=in_words(first.return_until) if first.return_until else "",
        is_assist=first.role == Assignment.Role.ASSIST,
        lead_unit=str(lead.unit) if lead else "",
        phone="、".join(filter(None, phones)),
        matters=tuple(_matter(assignment) for assignment in given),
    )


def _giver(given: Assignment) -> Any:
    """Who handed it over: the office that passed it on, the station where its officer did so, or the congress organ."""
    if given.via is not None:
        return given.via.unit
    case, day = given.suggestion, given.assigned_on.isoformat()
    offices = [event.office for event in getattr(case, "transfers", []) if event.data.get("t0") == day]
    return case.station if case.station and offices[-1:] == [str(case.station)] else case.holder


def _house(case: Suggestion) -> Any:
    """Who answered on the spot, or reminds: the station that has the case, else the congress organ."""
    return case.station if case.at_station and case.station else case.holder


def _beside(given: Assignment) -> list[Assignment]:
    """The units of the same round. A case's assignments are read at once, so that a list asks no more than a letter."""
    left = (*Assignment.GIVEN_BACK, Assignment.State.DISTRIBUTED)
    others = given.suggestion.assignments.all()
    return [
        other for other in others if other.round == given.round and (other.pk == given.pk or other.state not in left)
    ]


def _lead_beside(given: Assignment) -> Assignment | None:
    return next((other for other in _beside(given) if other.role == Assignment.Role.LEAD), None)


def _matter(given: Assignment) -> Matter:
    case = given.suggestion
    is_proposal = case.kind == Kind.PROPOSAL
    return Matter(
        number=proposal_name(case) if is_proposal else case.number,
        title=case.heading,
        paragraphs=(*paragraphs(case.text), *paragraphs(case.request)),
        place=case.place,
        source="、".join(f"{deputy.name}代表" for deputy in signers(case))
        if is_proposal
        else case.get_submitter_kind_display(),
        category=str(case.category or ""),
        occasion=occasion(case) if is_proposal else "",
        received=in_words(case.submitted_on) if case.submitted_on else "",
        role=given.get_role_display(),
        units="、".join(f"{other.unit}（{other.get_role_display()}）" for other in _beside(given)),
        due=in_words(given.due_on),
    )


def answer(reply: Reply, to: Deputy | None) -> Answer:
    """答复函: one for each signer (河南办法 2017, 逐人答复); to a citizen it goes by the number, since the unit has no name."""
    case, given = reply.suggestion, reply.assignment
    house = given.unit if given else _house(case)
    promise = getattr(reply, "promise", None)
    is_proposal = case.kind == Kind.PROPOSAL
    about = f"{occasion(case)}{proposal_name(case)}" if is_proposal else f"受理编号{case.number}意见"
    # Whoever entered the reply answers the phone, if that was the unit itself.
    contact = str(reply.by) if given and reply.by and reply.by.organization_id == given.unit_id else ""
    return Answer(
        result_class=f"{reply.result_class}类",
        result_label=str(profile_of(case).result_classes.get(reply.result_class, "")),
        document_number=reply.document_number,
        signer=reply.signer,
        title=f"关于{about}的答复",
        number=proposal_name(case) if is_proposal else case.number,
        subject=case.heading,
        said="提出" if is_proposal else "反映",
        addressee=f"{to.name}代表" if to else ANONYMOUS,
        paragraphs=(*paragraphs(reply.text), *_of_the_assisting(given)),
        promised_on=in_words(promise.promised_on) if promise else "",
        unit=str(house),
        date=in_words(reply.replied_on),
        contact=contact,
        phone=house.phone,
        copies="、".join(_copies(case, house)) if given else "",
        organ=str(case.holder),
    )


def _of_the_assisting(given: Assignment | None) -> list[str]:
    """The lead answers for all and says what each assisting unit thinks (domain.md §11, 3)."""
    if given is None or given.role != Assignment.Role.LEAD:
        return []
    rows = given.suggestion.assignments.filter(round=given.round, role=Assignment.Role.ASSIST).exclude(opinion="")
    return [f"协办单位{row.unit}意见：{row.opinion}" for row in rows.select_related("unit")]


def _copies(case: Suggestion, unit: Organization) -> list[str]:
    """The congress organ, and the government office where a department answers (河南办法 2017 art. 21)."""
    copies = [str(case.holder)]
    if unit.kind in Organization.GOVERNMENT_KINDS:
        office = Organization.objects.active().filter(region=unit.region_id, kind=Organization.Kind.GOVERNMENT_OFFICE)
        copies += [str(found) for found in office.exclude(pk=unit.pk)]
    return copies


def reminder(late: Assignment, by: User) -> Reminder:
    case, day = late.suggestion, today()
    said = Event.objects.filter(suggestion=case, verb=Verb.REMIND).order_by("version")
    over = max((day - late.due_on).days, 0)
    usual = "请抓紧办理，尽快答复，并说明超期原因和完成时间。" if over else "请抓紧办理，按期答复。"
    # Those that were for this unit; an older one names none and was for all.
    words = [event.inner_note for event in said if late.unit_id in event.data.get("to", [late.unit_id])]
    office = by.organization or _house(case)
    return Reminder(
        unit=str(late.unit),
        role=late.get_role_display(),
        number=proposal_name(case) if case.kind == Kind.PROPOSAL else case.number,
        subject=case.heading,
        assigned_on=in_words(late.assigned_on),
        due=in_words(late.due_on),
        basis=late.get_basis_display(),
        days_overdue=over,
        reminders=len(words),
        asked=next((text for text in reversed(words) if text), usual),
        issuer=str(office),
        date=in_words(day),
        phone=office.phone,
    )


# Names


def signers(case: Suggestion) -> list[Deputy]:
    """The lead deputy and those who confirmed that they sign."""
    confirmed = [signed.deputy for signed in case.cosignatures.all() if signed.confirmed_at]
    return ([case.lead] if case.lead else []) + confirmed


def addressees_of(case: Suggestion) -> Iterable[Deputy | None]:
    """Who gets a letter of one's own. Nobody's name stands for a citizen."""
    return (case.kind == Kind.PROPOSAL and signers(case)) or [None]


def proposal_name(case: Suggestion) -> str:
    number = case.proposal_number
    return f"{number if '第' in number else f'第{number}号'}建议" if number else "建议"


def occasion(case: Suggestion) -> str:
    """郸城县第十六届人民代表大会第一次会议, or 闭会期间."""
    if case.congress is None:
        return ""
    held = f"第{in_chinese(case.session.ordinal)}次会议" if case.session else "闭会期间"
    return f"{_term(case.congress)}{held}"


def _term(congress: Congress) -> str:
    return f"{congress.region}第{in_chinese(congress.ordinal)}届人民代表大会"


def in_chinese(number: int) -> str:
    """Ordinals of terms and sessions, which stay below a hundred."""
    tens, ones = divmod(number, 10)
    if not 0 < number < 100:
        return str(number)
    return ("" if tens == 0 else "十" if tens == 1 else f"{DIGITS[tens]}十") + (
        DIGITS[ones] if ones or not tens else ""
    )
