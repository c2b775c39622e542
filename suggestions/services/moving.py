"""顺延期限: a holiday entered or changed moves the days that were counted through it (architecture.md, "Clocks")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from typing import Any

from django.db import transaction

from accounts.calendar import Calendar, in_words, today
from suggestions import deadlines
from suggestions.models import Assignment, Event, Suggestion
from suggestions.permissions import require
from suggestions.services.moves import Conflict, calendar, move
from suggestions.workflow import WITH_UNIT, Status, Verb

ASSIST = Assignment.Role.ASSIST
CHOSEN = (Assignment.Basis.LIMIT, Assignment.Basis.EXTENSION)


def _moved(assignments: Iterable[Assignment], day: date, days: Calendar) -> dict[int, date]:
    """Of one case's open assignments, the new day of each that has one. The first day of any of them stays as kept."""

    def by_its_numbers(row: Assignment, first: date | None = None) -> date:
        return deadlines.moved(
            row.due_on,
            row.assigned_on,
            deadlines.kept(row.terms),
            days,
            role=row.role,
            basis=row.basis,
            today=day,
            lead_due=first,
        )

    new: dict[int, date] = {}
    firsts: dict[int, date] = {}
    for row in sorted(assignments, key=lambda a: a.role == ASSIST):
        due = by_its_numbers(row, firsts.get(row.round))
        if row.role != ASSIST:
            first = row.original_due_on if row.basis in CHOSEN else due
            firsts[row.round] = min(first, firsts.get(row.round, first))
        if due != row.due_on:
            new[row.pk] = due
    return new


@transaction.atomic
def move_due(suggestion: Suggestion) -> Event | None:
    """Move what the present calendar moves; None where that is nothing. The case shows the first day of its principals."""
    acting = require(Verb.MOVE_DUE, suggestion, None, system=True)
    rows = list(suggestion.assignments.open())
    new = _moved(rows, today(), calendar())
    if not new:
        return None
    due = min((new.get(row.pk, row.due_on) for row in rows if row.role != ASSIST), default=None)
    shown: dict[str, Any] = {} if due is None or due == suggestion.due_on else {"due_on": due}
    told = f"应于{in_words(due)}前答复" if due and shown else f"有关单位的期限改为{in_words(max(new.values()))}"
    event = move(
        suggestion,
        Verb.MOVE_DUE,
        Status(suggestion.status),
        acting,
        public_text=f"因放假安排调整，{told}。",
        data={"assignments": {str(pk): day.isoformat() for pk, day in new.items()}},
        **shown,
    )
    for pk, day in new.items():
        Assignment.objects.filter(pk=pk).update(due_on=day)
    return event


def move_dues() -> int:
    """For the tick: one query where nothing moves. Whoever acts on a case in the same moment goes first."""
    day, days = today(), calendar()
    cases: dict[int, list[Assignment]] = defaultdict(list)
    open_ones = Assignment.objects.open().filter(suggestion__status__in=WITH_UNIT)
    for row in open_ones.defer("opinion").order_by().iterator():
        cases[row.suggestion_id].append(row)
    found = [pk for pk, rows in cases.items() if _moved(rows, day, days)]
    count = 0
    for pk in found:
        with suppress(Conflict):
            count += move_due(Suggestion.objects.get(pk=pk)) is not None
    return count
