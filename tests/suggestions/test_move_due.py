"""顺延期限: a holiday entered later moves what is open and not yet due, by the numbers kept, with an event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.calendar import SHANGHAI, in_words
from accounts.errors import Refused
from accounts.models import Holiday
from suggestions import services
from suggestions.checks import faults
from suggestions.dossiers import dossiers
from suggestions.models import Assignment, HandlingProfile, Suggestion
from tests.cast import World, a_suggestion

# A Monday, and 15 working days of weeks without a holiday: 2027-03-22.
START = datetime(2027, 3, 1, 10, tzinfo=SHANGHAI)
DUE = date(2027, 3, 22)
MOVED = date(2027, 3, 23)
OFF = date(2027, 3, 10)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def no_holidays(world: World) -> None:
    Holiday.objects.all().delete()
    HandlingProfile.objects.update(reply_working_days=15, reply_months=0)


def a_day_off(day: date = OFF) -> None:
    Holiday.objects.create(day=day, name="假")


def test_an_open_due_day_moves_and_the_first_one_is_kept(world: World) -> None:
    case = a_suggestion(world, "handling")
    assert case.due_on == DUE
    a_day_off()
    assert services.move_dues() == 1
    row = Assignment.objects.get()
    case.refresh_from_db()
    assert (row.due_on, row.original_due_on, case.due_on, case.status) == (MOVED, DUE, MOVED, "handling")
    event = case.events.get(verb="move_due")
    assert (event.actor, event.public_text) == (None, f"因放假安排调整，应于{in_words(MOVED)}前答复。")
    assert event.data == {"due": "2027-03-23", "assignments": {str(row.pk): "2027-03-23"}}
    assert list(faults(dossiers())) == []


def test_again_nothing_moves_and_that_costs_three_queries(world: World) -> None:
    for _ in range(3):
        a_suggestion(world, "handling")
    a_day_off()
    assert services.move_dues() == 3
    with CaptureQueriesContext(connection) as captured:
        assert services.move_dues() == 0
    assert len(captured) <= 3
    case = Suggestion.objects.first()
    assert case is not None and services.move_due(case) is None
    assert Suggestion.objects.filter(events__verb="move_due").count() == 3


def test_back_it_moves_too_and_never_into_the_past(world: World, clock: Any) -> None:
    a_day_off()
    case = a_suggestion(world, "handling")
    clock.move_to(datetime(2027, 3, 23, 9, tzinfo=SHANGHAI))
    assert case.due_on == MOVED
    Holiday.objects.all().delete()
    assert services.move_dues() == 0  # it would have been yesterday
    clock.move_to(datetime(2027, 3, 20, 9, tzinfo=SHANGHAI))
    assert services.move_dues() == 1
    assert Assignment.objects.get().due_on == DUE


def test_what_is_over_stays_over(world: World, clock: Any) -> None:
    a_suggestion(world, "handling")
    a_day_off()
    clock.move_to(datetime(2027, 3, 23, 0, 1, tzinfo=SHANGHAI))
    assert services.move_dues() == 0
    assert Assignment.objects.get().due_on == DUE


@pytest.mark.parametrize("basis", [Assignment.Basis.LIMIT, Assignment.Basis.EXTENSION])
def test_a_chosen_day_stays(world: World, basis: str) -> None:
    case = a_suggestion(world, "handling")
    Assignment.objects.update(basis=basis)
    a_day_off()
    assert services.move_dues() == 0
    case.refresh_from_db()
    assert (case.due_on, case.events.filter(verb="move_due").exists()) == (DUE, False)


def test_a_limit_at_the_hand_over_stays(world: World) -> None:
    case = a_suggestion(world, "accepted")
    services.transfer(case, to=world.power, due=date(2027, 3, 12), by=world.county_staff)
    a_day_off()
    assert services.move_dues() == 0


def test_second_handling_moves_by_its_month(world: World) -> None:
    case = a_suggestion(world, "reviewing")
    services.rehandle(case, reason="请再去看", by=world.county_staff)
    case.refresh_from_db()
    assert case.due_on == date(2027, 4, 1)
    a_day_off(date(2027, 4, 1))
    assert services.move_dues() == 1
    case.refresh_from_db()
    assert case.due_on == date(2027, 4, 2)
    assert list(faults(dossiers())) == []


def test_an_assisting_unit_moves_and_the_case_keeps_its_leads_day(world: World) -> None:
    HandlingProfile.objects.update(reply_working_days=0, reply_months=3)
    case = a_suggestion(world, "accepted")
    services.transfer(case, to=world.power, assisting=[world.roads], by=world.county_staff)
    lead, assist = case.assignments.order_by("pk")
    assert (lead.due_on, assist.due_on) == (date(2027, 6, 1), date(2027, 5, 3))
    a_day_off(date(2027, 5, 3))
    assert services.move_dues() == 1
    assist.refresh_from_db()
    case.refresh_from_db()
    assert (assist.due_on, case.due_on) == (date(2027, 5, 4), date(2027, 6, 1))
    event = case.events.get(verb="move_due")
    assert event.data == {"assignments": {str(assist.pk): "2027-05-04"}}
    assert event.public_text == "因放假安排调整，有关单位的期限改为2027年5月4日。"


def test_each_of_several_separate_units_moves(world: World) -> None:
    case = a_suggestion(world, "accepted")
    services.transfer(case, separate=[world.power, world.roads], by=world.county_staff)
    a_day_off()
    assert services.move_dues() == 1
    case.refresh_from_db()
    assert {row.due_on for row in case.assignments.all()} == {MOVED} == {case.due_on}


def test_what_no_unit_has_any_more_is_left_alone_and_nobody_says_it(world: World) -> None:
    cases = [a_suggestion(world, stage) for stage in ("accepted", "replied", "reviewing", "tracking", "closed")]
    days = [case.due_on for case in cases]
    a_day_off()
    assert services.move_dues() == 0
    for case, day in zip(cases, days, strict=True):
        case.refresh_from_db()
        assert case.due_on == day
    with pytest.raises(Refused):
        services.move_due(cases[-1])


def test_a_changed_profile_moves_nothing(world: World) -> None:
    a_suggestion(world, "handling")
    HandlingProfile.objects.update(reply_working_days=30)
    assert services.move_dues() == 0


def test_whoever_acts_in_the_same_moment_goes_first(world: World) -> None:
    case = a_suggestion(world, "handling")
    a_day_off()
    stale = Suggestion.objects.get(pk=case.pk)
    services.remind(case, text="请快办", by=world.county_staff)
    with pytest.raises(services.Conflict):
        services.move_due(stale)
    assert Assignment.objects.get().due_on == DUE
    assert services.move_dues() == 1
