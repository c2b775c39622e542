"""check_ledger: nothing on clean books, and each planted fault by its name. Rows cannot be changed, only planted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, transaction
from django.utils import timezone

from activities.models import Attendance
from deputies.models import Deputy, Mandate
from duties.checks import faults
from duties.models import Declaration, DeclarationStep, Evidence, PointEntry, PointPeriod
from duties.seeds import ship_scheme
from duties.services import objecting
from tests.cast import World
from tests.duties.doing import held, visited
from tests.duties.scoring import YEAR, adopted, confirmed, entries, item, objected, period, settled
from tests.kept import Kept

DAY = date(YEAR, 1, 1)


def a_clean_book(world: World) -> World:
    """Given, taken back by settlement, taken back by hand, given again, declared."""
    adopted(world)
    gone = held(world, "training", DAY, world.deputy)
    again = held(world, "inspection", DAY, world.deputy)
    held(world, "reception", DAY, world.deputy)
    held(world, "law_check", DAY, world.deputy)
    visited(world, world.deputy, DAY)
    confirmed(world)
    settled(world)
    objecting.answer(
        objected(world, entries(world.deputy, "C3")[0]), outcome="corrected", text="未到场", by=world.county_staff
    )
    Attendance.objects.filter(activity__in=[gone, again]).update(presence="absent")
    settled(world)
    again.attendances.update(presence="present")
    settled(world)
    return world


_kept = Kept(a_clean_book)


@pytest.fixture
def kept(world: World) -> World:
    return _kept(world)


def found() -> set[str]:
    return {fault.rule for fault in faults()}


def plant(world: World, of: PointEntry, **changed: Any) -> PointEntry:
    """Another row like that one, but for what is changed."""
    names = ("period", "deputy", "item", "rule", "record", "record_id", "points", "happened_on", "says")
    return PointEntry.objects.create(**{**{name: getattr(of, name) for name in names}, "sequence": 1, **changed})


def live(world: World) -> PointEntry:
    return entries(world.deputy, "D1")[0]


def broken_sequence(world: World) -> None:
    plant(world, live(world), sequence=4)


def does_not_net(world: World) -> None:
    row = live(world)
    plant(world, row, sequence=2, reverses=row, points=Decimal(-1), why="错")


def reverses_another(world: World) -> None:
    row = live(world)
    plant(world, row, sequence=2, reverses=entries(world.deputy, "D2")[0], points=Decimal("-0.5"), why="错")


def after_closing(world: World) -> None:
    PointPeriod.objects.update(closed_at=timezone.now() - timedelta(days=1), closed_by=world.county_staff)


def other_points(world: World) -> None:
    held(world, "reception", DAY, world.deputy)
    new = Attendance.objects.order_by("-pk")[0]
    plant(world, live(world), record_id=new.pk, points=Decimal(7))


def twice_for_one(world: World) -> None:
    plant(world, live(world), item=item("C5"))


def of_somebody_else(world: World) -> None:
    other = Deputy.objects.create(region=world.county, name="何代表")
    Mandate.objects.create(deputy=other, congress=world.congress, since=date(2022, 3, 1))
    plant(world, live(world), deputy=other)


def without_a_record(world: World) -> None:
    plant(world, live(world), record_id=999_999)


def of_another_day(world: World) -> None:
    held(world, "reception", DAY, world.deputy)
    new = Attendance.objects.order_by("-pk")[0]
    plant(world, live(world), record_id=new.pk, happened_on=DAY + timedelta(days=1))


def of_another_year(world: World) -> None:
    plant(world, live(world), record_id=999_999, happened_on=date(YEAR - 1, 12, 31))


def of_a_draft(world: World) -> None:
    draft = ship_scheme(world.other_county, YEAR)
    plant(world, live(world), item=item("D1", draft))


def of_a_foreigner(world: World) -> None:
    foreign = Deputy.objects.create(region=world.other_county, name="外县代表")
    plant(world, live(world), deputy=foreign)


def not_entered(world: World) -> None:
    held(world, "reception", DAY, world.deputy)


def by_hand(world: World) -> None:
    row = live(world)
    plant(world, row, sequence=2, reverses=row, points=-row.points, why="改", by=world.county_staff)


def without_evidence(world: World) -> None:
    Evidence.objects.all().delete()


def a_step_left_out(world: World) -> None:
    Declaration.objects.create(
        deputy=world.deputy,
        item=item("A3"),
        happened_on=DAY,
        points=Decimal(1),
        text="x",
        status="refused",
        declared_by=world.users["deputy"],
    )
    made = Declaration.objects.order_by("-pk")[0]
    DeclarationStep.objects.create(
        declaration=made, from_status="declared", to_status="checked", by=world.station_officer
    )


def decided_by_oneself(world: World) -> None:
    made = Declaration.objects.order_by("-pk")[0]
    Declaration.objects.filter(pk=made.pk).update(status="refused")
    DeclarationStep.objects.create(
        declaration=made, from_status="confirmed", to_status="refused", by=world.users["deputy"]
    )


FAULTS: list[tuple[Callable[[World], None], str]] = [
    (broken_sequence, "unbroken"),
    (does_not_net, "nets_to_nothing"),
    (reverses_another, "takes_back_its_own"),
    (after_closing, "nothing_after_the_end"),
    (other_points, "by_the_scheme"),
    (twice_for_one, "once_a_record"),
    (of_somebody_else, "with_its_record"),
    (without_a_record, "with_its_record"),
    (of_another_day, "with_its_record"),
    (of_another_year, "of_the_year"),
    (of_a_draft, "of_an_adopted_scheme"),
    (of_a_foreigner, "of_its_own_people"),
    (not_entered, "with_its_row"),
    (by_hand, "by_hand_on_an_objection"),
    (without_evidence, "with_evidence"),
    (a_step_left_out, "step_by_step"),
    (decided_by_oneself, "not_by_oneself"),
]


def test_a_clean_book_has_no_fault_and_the_command_says_so(kept: World, capsys: Any) -> None:
    assert [row.points for row in entries(kept.deputy, "C1")] == [3, -3, 3]
    assert list(faults()) == []
    call_command("check_ledger")
    assert "没有发现问题" in capsys.readouterr().out


def test_each_planted_fault_is_found_by_its_name(kept: World, subtests: pytest.Subtests) -> None:
    """One book, opened once: each fault is planted by itself and rolled back."""
    for sow, rule in FAULTS:
        with subtests.test(sow.__name__), transaction.atomic():
            sow(kept)
            named = found()
            transaction.set_rollback(True)
            assert rule in named
    assert list(faults()) == []


def test_the_command_fails_and_names_the_row(kept: World, capsys: Any) -> None:
    row = plant(kept, live(kept), record_id=999_999)
    with pytest.raises(CommandError, match="处不一致"):
        call_command("check_ledger")
    assert f"（{row.pk}）" in capsys.readouterr().out


def test_a_suspended_deputy_s_new_records_are_no_difference(kept: World) -> None:
    Mandate.objects.update(status="suspended", reason="detained")
    held(kept, "reception", DAY, kept.deputy)
    assert settled(kept) == (0, 0) and list(faults()) == []


def test_a_closed_book_is_not_asked_for_records_that_changed_since(kept: World) -> None:
    PointPeriod.objects.update(closed_at=timezone.now(), closed_by=kept.county_staff)
    Attendance.objects.update(presence="absent")
    assert list(faults([period(kept)])) == []


@pytest.mark.parametrize("act", [lambda rows: rows.update(points=0), lambda rows: rows._raw_delete("default")])
def test_the_database_refuses_to_change_a_row(act: Callable[[Any], object], kept: World) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        act(PointEntry.objects.all())
