"""What was done stays written, whoever asks the database to change it."""

from collections.abc import Callable

import pytest
from auditlog.models import LogEntry
from django.db import DatabaseError, transaction

from suggestions.models import Event
from tests.cast import World, a_suggestion


@pytest.mark.parametrize("act", [lambda rows: rows.update(verb="x"), lambda rows: rows._raw_delete("default")])
def test_an_event_is_neither_changed_nor_deleted(world: World, act: Callable[[object], object]) -> None:
    a_suggestion(world)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        act(Event.objects.all())
    assert Event.objects.count() == 1


@pytest.mark.parametrize("act", [lambda rows: rows.update(actor_email="x"), lambda rows: rows._raw_delete("default")])
def test_the_audit_is_neither_changed_nor_deleted(world: World, act: Callable[[object], object]) -> None:
    world.station.phone = "0394-1"
    world.station.save()
    kept = LogEntry.objects.count()
    assert kept
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        act(LogEntry.objects.all())
    assert LogEntry.objects.count() == kept


def test_the_audit_masks_a_phone(world: World) -> None:
    world.deputy.phone = "13987654321"
    world.deputy.save()
    entry = LogEntry.objects.get_for_object(world.deputy).first()
    assert entry is not None
    assert "phone" in entry.changes
    assert "13987654321" not in str(entry.changes)
