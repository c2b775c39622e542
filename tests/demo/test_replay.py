"""The demo's cases are written in bulk; here the services say the same verbs at the same moments, and leave the same rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import models

from accounts.models import Organization
from suggestions import services
from suggestions.codes import form_key_hash, new_form_key
from suggestions.models import Assignment, Event, Feedback, Promise, Reply, ReturnRequest, Review, Suggestion
from suggestions.services import proposals
from suggestions.workflow import Kind, Verb
from tests.cast import a_paper

pytestmark = pytest.mark.django_db

# What each case has of its own.
OWN = {"id", "number", "proposal_number", "form_key_hash", "code_hash"}
LINKS = {"suggestion", "assignment", "reply", "feedback", "event"}


def _courses() -> dict[tuple[str, ...], int]:
    """One case for each sequence of verbs, with the class of each answer: of those before the first scene, which was
    told by the services themselves.
    """
    told: dict[int, list[str]] = {}
    scene = Suggestion.objects.get(form_key_hash=form_key_hash("demo-wells"))
    in_bulk = Event.objects.filter(suggestion__lt=scene.pk).order_by("suggestion", "version")
    for case, kind, verb, data in in_bulk.values_list("suggestion", "suggestion__kind", "verb", "data"):
        told.setdefault(case, [kind]).append(verb + str(data.get("result_class", "")))
    first: dict[tuple[str, ...], int] = {}
    for case, verbs in told.items():
        first.setdefault(tuple(verbs), case)
    return first


def _organ(pk: int) -> Organization:
    return Organization.objects.get(pk=pk)


def _submit(case: Suggestion, event: Event) -> Suggestion:
    if case.kind == Kind.PROPOSAL:
        words = proposals.Words(case.title, case.text, case.request, _given(case.congress))
        twin = proposals.draft(words, by=_given(event.actor))
        Suggestion.objects.filter(pk=twin.pk).update(station=case.station)
        twin.station = case.station
        services.submit_proposal(twin, by=_given(event.actor))
        return twin
    statement = services.Statement(
        text=case.text,
        place=case.place,
        submitter_kind=case.submitter_kind,
        name=case.name,
        phone=case.phone,
        callback=case.callback,
        consent=bool(case.consent_version),
        direct=case.direct,
    )
    return services.submit(
        statement,
        form_key=new_form_key(),
        station=case.station,
        channel=case.channel,
        by=event.actor,
        visit=case.visit,
    )


def _say(case: Suggestion, twin: Suggestion, event: Event) -> None:
    """The verb of one event, with what its words and rows tell of the form that was filled in."""
    by: Any = event.actor
    proxy = {"source": event.source, "paper": a_paper()} if event.on_behalf_of else {}
    transferred = Assignment.objects.filter(suggestion=case, assigned_on=event.at.date(), role="lead").first()
    replies = list(Reply.objects.filter(suggestion=case, text=event.public_text))
    promise = Promise.objects.filter(reply__in=replies).first()
    rated = Feedback.objects.filter(suggestion=case, at=event.at).first()
    decided = Review.objects.filter(suggestion=case, decided_at=event.at).first()
    said = {key: value for key, value in event.data.items() if key != "due"}
    verbs: dict[str, Callable[[], object]] = {
        Verb.ACCEPT: lambda: services.accept(
            twin,
            category=_given(case.category),
            problem_kind=_given(case.problem_kind),
            by=by,
            title=case.title,
            proposal_number=f"{case.proposal_number}-2" if case.proposal_number else "",
        ),
        Verb.DECLINE: lambda: services.decline(
            twin, reason=event.data["reason"], destination=event.data["destination"], by=by
        ),
        Verb.ANSWER: lambda: services.answer(twin, text=event.public_text, by=by, **said),
        Verb.ESCALATE: lambda: services.escalate(twin, reason=event.data["reason"], to=_organ(event.data["to"]), by=by),
        Verb.TRANSFER: lambda: services.transfer(
            twin,
            to=_organ(event.data["to"]),
            assisting=[_organ(pk) for pk in event.data["assisting"]],
            due=date.fromisoformat(event.data["due"]) if _given(transferred).basis == "limit" else None,
            by=by,
        ),
        Verb.SIGN_FOR: lambda: services.sign_for(twin, by=by, **proxy),
        Verb.REQUEST_RETURN: lambda: services.request_return(
            twin, reason=event.inner_note.split("\n")[0], to=_organ(event.data["to"]), by=by
        ),
        Verb.APPROVE_RETURN: lambda: services.approve_return(twin, reason=event.inner_note, by=by),
        Verb.CONTRIBUTE: lambda: services.contribute(twin, text=event.inner_note, by=by),
        Verb.INFORM: lambda: services.inform(twin, text=event.inner_note, by=by),
        Verb.REPLY: lambda: services.reply(
            twin,
            result_class=event.data["result_class"],
            text=event.public_text,
            document_number=replies[-1].document_number,
            signer=replies[-1].signer,
            due=promise.promised_on if promise else None,
            by=by,
            **proxy,
        ),
        Verb.FULFIL: lambda: services.fulfil(twin, text=event.public_text, by=by),
        Verb.FEEDBACK: lambda: services.feedback(twin, text=_given(rated).text, by=by, **said),
        Verb.REHANDLE: lambda: services.rehandle(twin, reason=_given(decided).words, by=by),
        Verb.UPHOLD: lambda: services.uphold(twin, reason=event.public_text, by=by),
        Verb.CLOSE: lambda: services.close(twin),
        Verb.REQUEST_REOPEN: lambda: services.request_reopen(twin, reason=event.public_text),
        Verb.PUBLISH: lambda: services.publish(twin, by=by, checked=True, **said),
    }
    verbs[event.verb]()


def _given(row: Any) -> Any:
    assert row is not None
    return row


def _rows(case: Suggestion) -> dict[str, Any]:
    def plain(row: models.Model) -> dict[str, Any]:
        values = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.name not in OWN | LINKS}
        return values

    case = Suggestion.objects.get(pk=case.pk)
    found = {
        "case": [case],
        "events": case.events.order_by("version"),
        "assignments": case.assignments.order_by("pk"),
        "replies": case.replies.order_by("pk"),
        "promises": Promise.objects.filter(reply__suggestion=case).order_by("pk"),
        "feedbacks": case.feedbacks.order_by("pk"),
        "reviews": case.reviews.order_by("pk"),
        "returns": ReturnRequest.objects.filter(assignment__suggestion=case).order_by("pk"),
    }
    return {name: [plain(row) for row in rows] for name, rows in found.items()}


def test_the_services_leave_the_same_rows(demo: dict[str, Any]) -> None:
    courses = _courses()
    verbs = {verb.rstrip("ABCD") for course in courses for verb in course}
    assert len(courses) > 25 and len(verbs) > 13, "the demo tells few stories"
    for course, pk in courses.items():
        case = Suggestion.objects.select_related("station__region", "category", "problem_kind", "visit").get(pk=pk)
        twin: Suggestion | None = None
        for event in case.events.select_related("actor__organization__region", "on_behalf_of").order_by("version"):
            with time_machine.travel(event.at, tick=False):
                if twin is None:
                    twin = _submit(case, event)
                else:
                    _say(case, twin, event)
        assert twin is not None
        assert _rows(twin) == _rows(case), course
