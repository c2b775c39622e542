"""The audit of rows that are written many at once: each has its own entry, as if it had been saved alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model

from accounts.models import User

SLICE = 1000

Change = tuple[Model, Mapping[str, tuple[Any, Any]]]


def log_updates(changed: Iterable[Change], by: User | None) -> None:
    """Each row with what its fields held before and hold now. To be called in the transaction that changes them."""
    from auditlog.models import LogEntry

    _log(
        ((row, {name: [str(old), str(new)] for name, (old, new) in fields.items()}) for row, fields in changed),
        LogEntry.Action.UPDATE,
        by,
    )


def log_deletes(rows: Iterable[Model], by: User | None) -> None:
    from auditlog.models import LogEntry

    _log(((row, {}) for row in rows), LogEntry.Action.DELETE, by)


def _log(rows: Iterable[tuple[Model, dict[str, Any]]], action: int, by: User | None) -> None:
    from auditlog.cid import get_cid
    from auditlog.models import LogEntry
    from django.contrib.contenttypes.models import ContentType

    entries = [
        LogEntry(
            content_type=ContentType.objects.get_for_model(row),
            object_pk=str(row.pk),
            object_id=row.pk,
            object_repr=str(row),
            action=action,
            changes=changes,
            actor=by,
            cid=get_cid(),
        )
        for row, changes in rows
    ]
    LogEntry.objects.bulk_create(entries, batch_size=SLICE)
