"""check_cases finds nothing where the verbs wrote, and every one of ten planted faults."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.calendar import today
from accounts.models import Organization
from suggestions.checks import faults
from suggestions.dossiers import dossiers
from suggestions.models import Assignment, Event, Feedback, Promise, Review, Suggestion
from suggestions.workflow import Status

pytestmark = pytest.mark.django_db


def test_nothing_is_found_on_the_demo(demo: dict[str, Any]) -> None:
    out = StringIO()
    call_command("check_cases", stdout=out)
    assert out.getvalue() == f"已核对{Suggestion.objects.count()}件，没有发现问题。\n"


def test_the_number_of_queries_does_not_grow_with_the_cases_of_a_chunk(
    demo: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    chunks = -(-Suggestion.objects.count() // 1000)
    with django_assert_max_num_queries(4 + 12 * chunks):
        list(faults(dossiers()))


def _closed() -> QuerySet[Suggestion]:
    return Suggestion.objects.filter(status=Status.CLOSED, result_class="A", assignments__isnull=False).distinct()


def _append(case: Suggestion, verb: str, to: str, **data: str | None) -> None:
    """The history takes no correction, but whoever reaches the database can write one more line."""
    Event.objects.create(
        suggestion=case,
        version=case.version + 1,
        verb=verb,
        actor_label="某人",
        at=timezone.now(),
        from_status=case.status,
        to_status=to,
        data=data,
    )
    Suggestion.objects.filter(pk=case.pk).update(status=to, version=case.version + 1)


def _plant() -> dict[tuple[str, str], str]:
    """Ten faults in ten cases, each written past the services. The rule that must tell, by the case's number."""
    closed = iter(_closed().order_by("pk")[:20])
    planted: dict[tuple[str, str], str] = {}

    def in_case(case: Suggestion | None, rule: str, what: str) -> Suggestion:
        assert case is not None, what
        planted[case.number, rule] = what
        return case

    case = in_case(next(closed), "legal_history", "a step that no verb allows")
    _append(case, "accept", "closed")
    case = in_case(next(closed), "one_event_per_change", "an event is missing, and the change it told of")
    Suggestion.objects.filter(pk=case.pk).update(version=F("version") + 1)
    handling = Suggestion.objects.filter(status=Status.HANDLING).order_by("pk").first()
    case = in_case(handling, "one_lead", "nobody has the case that is in hand")
    Assignment.objects.filter(suggestion=case).update(state=Assignment.State.RETURNED)
    case = in_case(next(closed), "due_by_formula", "a due date moved by hand")
    last = Assignment.objects.filter(suggestion=case).order_by("-pk")[:1].get()
    Assignment.objects.filter(pk=last.pk).update(due_on=last.due_on + timedelta(days=1))
    case = in_case(next(closed), "first_hand_over", "a later first hand-over")
    assert case.handed_over_on is not None
    Suggestion.objects.filter(pk=case.pk).update(handed_over_on=case.handed_over_on + timedelta(days=1))
    case = in_case(next(closed), "standing_result", "another result than the reply's")
    Suggestion.objects.filter(pk=case.pk).update(result_class="C")
    case = in_case(next(closed), "dated_as_it_happened", "closed on no day")
    Suggestion.objects.filter(pk=case.pk).update(closed_on=None)
    submitted = Suggestion.objects.filter(status=Status.SUBMITTED, direct=False).order_by("pk").first()
    case = in_case(submitted, "declined_with_a_way_on", "declined, and nowhere to go")
    _append(case, "decline", "declined", reason="不予受理。", destination="", due=None)
    Suggestion.objects.filter(pk=case.pk).update(due_on=None, closed_on=today())
    reviewed = Feedback.objects.filter(result="dissatisfied").order_by("pk").first()
    assert reviewed is not None
    case = in_case(reviewed.suggestion, "dissatisfied_is_reviewed", "不满意 without a review")
    Review.objects.filter(feedback=reviewed).delete()
    case = in_case(next(closed), "not_by_the_concerned", "the unit that is complained of")
    Suggestion.objects.filter(pk=case.pk).update(about_unit=case.assignments.latest("pk").unit)
    assert len(planted) == 10
    return planted


def test_ten_planted_faults_are_found_and_nothing_else(demo: dict[str, Any]) -> None:
    planted = _plant()
    found = list(faults(dossiers()))
    assert {(fault.number, fault.rule) for fault in found} == planted.keys()
    assert all(fault.sentence.endswith("。") for fault in found)


def test_a_promise_open_at_the_end_and_a_holder_elsewhere_are_found(demo: dict[str, Any]) -> None:
    kept = (
        Promise.objects.filter(fulfilled_on__isnull=False, reply__suggestion__status=Status.CLOSED)
        .order_by("pk")[:1]
        .get()
    )
    Promise.objects.filter(pk=kept.pk).update(fulfilled_on=None)
    case = _closed().filter(region_path__startswith="4111").order_by("pk")[:1].get()
    away = Organization.objects.congress_organs().filter(region__path="411625").get()
    Suggestion.objects.filter(pk=case.pk).update(holder=away)
    assert {(fault.number, fault.rule) for fault in faults(dossiers())} == {
        (kept.reply.suggestion.number, "promise_before_the_end"),
        (case.number, "held_by_a_congress_organ"),
    }


def test_the_command_ends_with_an_error_and_names_the_case(demo: dict[str, Any]) -> None:
    case = _closed().order_by("pk")[:1].get()
    Suggestion.objects.filter(pk=case.pk).update(rating="", result_class="")
    out = StringIO()
    with pytest.raises(CommandError, match="发现"):
        call_command("check_cases", stdout=out)
    assert case.number in out.getvalue()
