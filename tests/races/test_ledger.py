"""Fifty settlements at once write each row once; a closing in between ends them all; a declaration is decided once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from threading import Barrier
from typing import Any

import pytest

from accounts.errors import Refused
from duties.checks import faults
from duties.models import DeclarationStep, PointEntry, PointPeriod
from duties.services import declaring, objecting, settling
from tests.cast import FullWorld
from tests.duties.doing import held
from tests.duties.scoring import YEAR, adopted, declared, entries, objected
from tests.races.conftest import race

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

DAYS = [date(YEAR - 1, month, 1) for month in range(1, 11)]


def at_once(act: Callable[[], Any]) -> Callable[[Barrier], Any]:
    def run(barrier: Barrier) -> Any:
        barrier.wait()
        return act()

    return run


def test_fifty_settlements_and_a_closing(full_world: FullWorld) -> None:
    world = full_world
    adopted(world, YEAR - 1)
    for day in DAYS:
        held(world, "reception", day, world.deputy, world.second_deputy)
    region, staff = world.county, world.county_staff
    settle = at_once(lambda: settling.settle(region, YEAR - 1).given)
    outcomes = race(settle, settle, settle)
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    assert sorted({outcome.result for outcome in outcomes}) == [0, 20]
    assert PointEntry.objects.count() == 20
    held(world, "reception", DAYS[0], world.deputy)
    outcomes = race(settle, at_once(lambda: settling.close_period(region, YEAR - 1, by=staff)))
    assert {type(outcome.error) for outcome in outcomes if outcome.error} == {Refused}
    assert PointEntry.objects.count() == 21 and PointPeriod.objects.get().closed_at is not None
    assert list(faults()) == []


def test_a_declaration_is_decided_once_and_an_objection_answered_once(full_world: FullWorld) -> None:
    world = full_world
    adopted(world)
    declaration = declared(world)
    officer = world.town_officer
    outcomes = race(
        at_once(
            lambda: declaring.decide(declaration.__class__.objects.get(pk=declaration.pk), passes=True, by=officer)
        ),
        at_once(
            lambda: declaring.decide(
                declaration.__class__.objects.get(pk=declaration.pk), passes=False, text="不符", by=officer
            )
        ),
    )
    assert sum(outcome.won for outcome in outcomes) == 1
    assert DeclarationStep.objects.count() == 1
    held(world, "reception", date(YEAR, 1, 1), world.deputy)
    settling.settle(world.county, YEAR)
    objection = objected(world, entries(world.deputy, "D1")[0])
    staff = world.county_staff
    answer = at_once(
        lambda: objecting.answer(
            type(objection).objects.get(pk=objection.pk), outcome="corrected", text="未到场", by=staff
        )
    )
    outcomes = race(answer, at_once(lambda: settling.settle(world.county, YEAR)))
    assert sum(outcome.won for outcome in outcomes if outcome.act == 0) == 1
    assert [row.points for row in entries(world.deputy, "D1")] == [2, -2]
