"""The table through the services: every verb, both kinds, every state. What is allowed moves as the table says; whatever
is not is refused in a sentence and leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
import time_machine
from django.db import transaction

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Holiday, User
from suggestions import public_views, services
from suggestions.forms.pages import PAGES
from suggestions.models import (
    Assignment,
    Event,
    ExtensionRequest,
    Feedback,
    Merge,
    Promise,
    Publication,
    Reply,
    ReturnRequest,
    Review,
    Suggestion,
)
from suggestions.services import Conflict
from suggestions.services.proposals import draft
from suggestions.workflow import Kind, Status, Verb, targets
from tests.cast import FullWorld, a_proposal, a_suggestion, some_words
from tests.kept import Kept
from tests.suggestions.said import SAID

STATES = {
    Kind.OPINION: tuple(status for status in Status if status != Status.DRAFT),
    Kind.PROPOSAL: tuple(status for status in Status if status != Status.MERGED),
}
ROWS = (Assignment, Event, ExtensionRequest, Feedback, Merge, Promise, Publication, Reply, ReturnRequest, Review)
Words = dict[str, Any]
PAIRS = [(kind, status) for kind, states in STATES.items() for status in states]
WITH_PAGES_OF_THEIR_OWN = {Verb.SUBMIT, Verb.COSIGN}
OF_THE_SYSTEM = {Verb.CLOSE, Verb.MOVE_DUE}


def a_case(world: FullWorld, kind: Kind, status: Status) -> Suggestion:
    return _kept(kind, status)(world)


@cache
def _kept(kind: Kind, status: Status) -> Kept[Suggestion]:
    return Kept(lambda world: _brought_to(world, kind, status))


def _brought_to(world: FullWorld, kind: Kind, status: Status) -> Suggestion:
    """In that state, with an assisting unit where units have it, so that every verb of a unit can be said of one."""
    if kind == Kind.PROPOSAL and status == Status.DRAFT:
        return draft(some_words(world), by=world.users["deputy"], cosigners=[world.second_deputy])
    make = a_suggestion if kind == Kind.OPINION else a_proposal
    if status == Status.MERGED:
        child = a_suggestion(world, "accepted")
        services.merge(child, to=a_suggestion(world, "replied"), by=world.county_staff)
        return child
    if status == Status.WITHDRAWN and kind == Kind.OPINION:
        case = a_suggestion(world)
        services.withdraw(case, by=None, reason="已解决")
        return case
    if status not in (Status.TRANSFERRED, Status.HANDLING):
        return make(world, status.value)
    case = make(world, "accepted")
    services.transfer(case, to=world.power, assisting=[world.agriculture], by=world.county_staff)
    if status == Status.HANDLING:
        services.sign_for(case, by=world.unit_clerk)
    return case


# Who says the verb, by kind where they differ; staff of the holder otherwise. None is the submitter with the code.
SPEAKERS: dict[Verb, str | None] = {
    Verb.SUBMIT: "deputy",
    Verb.COSIGN: "second_user",
    Verb.DISTRIBUTE: "office_clerk",
    Verb.SIGN_FOR: "unit_clerk",
    Verb.REQUEST_RETURN: "unit_clerk",
    Verb.REQUEST_EXTENSION: "unit_clerk",
    Verb.CONTRIBUTE: "agriculture_clerk",
    Verb.REPLY: "unit_head",
    Verb.FULFIL: "unit_head",
    Verb.COMMENT: "group_user",
    Verb.FEEDBACK: None,
    Verb.REQUEST_REOPEN: None,
    Verb.WITHDRAW: None,
}


def speaker(world: FullWorld, verb: Verb, case: Suggestion) -> User | None:
    if verb is Verb.SIGN_FOR and case.status == Status.HANDLING:
        return world.agriculture_clerk  # type: ignore[no-any-return]
    name = SPEAKERS.get(verb, "county_staff")
    if name is None:
        return None if case.kind == Kind.OPINION else world.users["deputy"]
    return world.users.get(name) or getattr(world, name)


def words(world: FullWorld, verb: Verb, case: Suggestion) -> Words:
    until = (case.due_on or today()) + timedelta(days=5)
    said: dict[Verb, Words] = {
        Verb.SUBMIT: {},
        Verb.COSIGN: {},
        Verb.SIGN_FOR: {},
        Verb.ACCEPT: {},
        Verb.CLOSE: {},
        Verb.MOVE_DUE: {},
        Verb.DECLINE: {"reason": "个人纠纷", "destination": "向法院起诉"},
        Verb.ANSWER: {"text": "已当场解释。"},
        Verb.TRANSFER: {"to": world.power},
        Verb.DISTRIBUTE: {"to": world.roads},
        Verb.REQUEST_RETURN: {"reason": "不属本单位", "to": world.roads},
        Verb.REQUEST_EXTENSION: {"reason": "施工中", "due": until},
        Verb.REPLY: {"result_class": "A", "text": "已解决。", "reason": "先行答复"},
        Verb.FULFIL: {"text": "已经建成。"},
        Verb.FEEDBACK: {"process": "satisfied", "result": "satisfied"},
        Verb.MERGE: {"to": another(world, case)} if verb is Verb.MERGE else {},
        Verb.RAISE: {"draft": raised_draft(world)} if verb is Verb.RAISE else {},
    }
    aside = (Verb.ASSESS, Verb.CONTRIBUTE, Verb.REMIND, Verb.SUPERVISE, Verb.CONSULT, Verb.PUBLISH, Verb.UNPUBLISH)
    if verb in (*aside, Verb.REISSUE_CODE, Verb.COMMENT, Verb.INFORM, Verb.RECORD):
        return {"text": "情况属实。"}
    return said.get(verb, {"reason": "情况属实。"})


def another(world: FullWorld, case: Suggestion) -> Suggestion:
    return Suggestion.objects.filter(title="另一件").first() or a_suggestion(world, "accepted")


def raised_draft(world: FullWorld) -> Suggestion:
    """One that the staff have begun by raising an opinion."""
    services.raise_(a_suggestion(world, "accepted"), to=world.deputy, title="关于用电的建议", by=world.county_staff)
    return Suggestion.objects.filter(kind=Kind.PROPOSAL, status=Status.DRAFT).latest("pk")


def made_ready(world: FullWorld, verb: Verb, case: Suggestion) -> Suggestion:
    """What must be there before the verb can be said of a case in a state that knows it."""
    staff, unit = world.county_staff, world.unit_clerk
    if verb in (Verb.APPROVE_RETURN, Verb.REFUSE_RETURN):
        services.request_return(case, reason="不属本单位", to=world.roads, by=unit)
    elif verb in (Verb.APPROVE_EXTENSION, Verb.REFUSE_EXTENSION):
        assert case.due_on is not None
        services.request_extension(case, reason="施工中", due=case.due_on + timedelta(days=5), by=unit)
    elif verb is Verb.UNPUBLISH:
        services.publish(case, title="用电成本", text="已核。", checked=True, by=staff)
    elif verb is Verb.COMMENT:
        services.supervise(case, leader="主任", group=world.group, by=staff)
    elif verb is Verb.DISTRIBUTE:
        held = case.status == Status.HANDLING
        services.recall(case, reason="改由政府办分办", by=staff)
        services.transfer(case, to=world.office, assisting=[world.agriculture], by=staff)
        if held:
            services.sign_for(case, by=world.office_clerk)
    elif verb is Verb.HAND_DOWN:
        case = a_suggestion(world, "accepted", at="station")
        services.escalate(case, reason="权限不足", by=world.station_officer)
    elif verb is Verb.ASSESS:
        said = {"by": None if case.kind == Kind.OPINION else world.users["deputy"]}
        services.uphold(case, reason="已尽力", by=staff)
        services.reopen(case, reason="再办", by=staff)
        services.transfer(case, to=world.power, by=staff)
        services.sign_for(case, by=unit)
        services.reply(case, result_class="C", text="不能解决。", by=world.unit_head)
        services.feedback(case, process="satisfied", result="dissatisfied", text="还是没换。", **said)
    elif verb is Verb.MOVE_DUE:
        assert case.due_on is not None
        Holiday.objects.create(day=case.due_on, is_workday=False, name="调休")
    return case


def rows() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in (*ROWS, Suggestion)}


NEEDS_A_UNIT = {Verb.MOVE_DUE}  # possible in every open state, and nothing to move where no unit has the case


@pytest.mark.parametrize(("kind", "status"), PAIRS, ids=lambda value: value.value)
def test_every_verb_moves_as_the_table_says_or_is_refused(
    full_world: FullWorld, kind: Kind, status: Status, subtests: pytest.Subtests
) -> None:
    for verb in Verb:
        with subtests.test(verb=verb.value), transaction.atomic():
            say_it(full_world, kind, status, verb)
            transaction.set_rollback(True)


def say_it(world: FullWorld, kind: Kind, status: Status, verb: Verb) -> None:
    case = a_case(world, kind, status)
    allowed = targets(verb, kind, status)
    if verb is Verb.RAISE and kind == Kind.PROPOSAL:
        # Said of an opinion; the draft is where it is put.
        return say_of_a_draft(world, case, bool(allowed))
    if allowed and verb not in NEEDS_A_UNIT:
        case = made_ready(world, verb, case)
        assert case.status == status
    said, by = words(world, verb, case), speaker(world, verb, case)
    before, events, kept = case.version, case.events.count(), rows()
    moment = today() + timedelta(days=60 if verb is Verb.CLOSE else 0)
    if verb is Verb.MOVE_DUE:
        return move_or_not(world, case, allowed)
    with time_machine.travel(moment) if verb is Verb.CLOSE else transaction.atomic():
        if allowed:
            SAID[verb](case, world, by, said)
        else:
            with pytest.raises(Refused, match=r"。$"):
                SAID[verb](case, world, by, said)
    case.refresh_from_db()
    if allowed:
        assert case.status in allowed
        assert (case.version, case.events.count()) == (before + 1, events + 1)
        last = case.events.latest("version")
        assert (last.verb, last.from_status, last.to_status) == (verb, status, case.status)
    else:
        assert (case.status, case.version, rows()) == (status, before, kept)


def say_of_a_draft(world: FullWorld, case: Suggestion, allowed: bool) -> None:
    opinion = a_suggestion(world, "accepted")
    if allowed:
        case = raised_draft(world)
    version, kept = case.version, rows()
    if allowed:
        services.raise_(opinion, draft=case, by=world.county_staff)
        case.refresh_from_db()
        assert (case.status, case.version) == (Status.DRAFT, version + 1)
    else:
        with pytest.raises(Refused, match="已经提交或不在了"):
            services.raise_(opinion, draft=case, by=world.county_staff)
        assert rows() == kept


def move_or_not(world: FullWorld, case: Suggestion, allowed: frozenset[Status]) -> None:
    """The system's own: where a unit has the case a holiday on the last day moves it; elsewhere nothing moves."""
    before = case.version
    if not allowed:
        with pytest.raises(Refused):
            services.move_due(case)
    elif case.assignments.open().exists():
        made_ready(world, Verb.MOVE_DUE, case)
        event = services.move_due(case)
        assert event is not None and (event.version, event.to_status) == (before + 1, case.status)
    else:
        assert services.move_due(case) is None
    assert Suggestion.objects.get(pk=case.pk).version == before + case.assignments.open().exists()


def in_a_state_that_knows(world: FullWorld, kind: Kind, verb: Verb) -> Suggestion:
    status = next(s for s in STATES[kind] if targets(verb, kind, s))
    return made_ready(world, verb, a_case(world, kind, status))


KNOWN = [
    (verb, kind)
    for verb in Verb
    for kind in Kind
    if any(targets(verb, kind, status) for status in STATES[kind])
    and verb not in OF_THE_SYSTEM
    and (verb, kind) != (Verb.RAISE, Kind.PROPOSAL)
]


@pytest.mark.parametrize(("verb", "kind"), KNOWN)
def test_whoever_has_not_the_right_is_refused_and_nothing_is_written(
    full_world: FullWorld, verb: Verb, kind: Kind
) -> None:
    case = in_a_state_that_knows(full_world, kind, verb)
    said, kept = words(full_world, verb, case), rows()
    for stranger in (full_world.other_staff, full_world.other_officer, full_world.city_staff, full_world.auditor):
        with pytest.raises(Refused, match=r"职责|等待|签收|满意|主办|承诺|公开|协办|联名"):
            SAID[verb](case, full_world, stranger, said)
    assert rows() == kept


@pytest.mark.parametrize(("verb", "kind"), KNOWN)
def test_the_second_of_two_at_once_reads_who_was_first_and_writes_nothing(
    full_world: FullWorld, verb: Verb, kind: Kind
) -> None:
    case = in_a_state_that_knows(full_world, kind, verb)
    said = words(full_world, verb, case)
    late = Suggestion.objects.get(pk=case.pk)
    Suggestion.objects.filter(pk=case.pk).update(version=case.version + 1)
    kept = rows()
    with pytest.raises(Conflict, match="您的操作没有保存"):
        SAID[verb](late, full_world, speaker(full_world, verb, case), said)
    assert rows() == kept


@pytest.mark.parametrize("verb", Verb)
def test_every_verb_has_its_service_and_its_page(verb: Verb) -> None:
    name = "raise_" if verb is Verb.RAISE else verb.value
    assert callable(getattr(services, name))
    said_publicly: Callable[..., Any] | None = getattr(public_views, verb.value, None)
    assert verb in PAGES or verb in OF_THE_SYSTEM or verb in WITH_PAGES_OF_THEIR_OWN or said_publicly
    assert verb in SAID
