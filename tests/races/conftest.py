from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from accounts.errors import Refused
from suggestions.checks import faults
from suggestions.dossiers import dossiers
from suggestions.models import Suggestion
from suggestions.models.case import SuggestionQuerySet
from suggestions.services import Conflict, who_was_first


class Crowd:
    clients = 50


@dataclass
class Outcome:
    """What one of the clients got: its own result, or what it was told."""

    act: int
    result: Any = None
    error: Exception | None = None

    @property
    def won(self) -> bool:
        return self.error is None


def race(*acts: Callable[[Barrier], Any]) -> list[Outcome]:
    """Each client does one of the acts, in turn. An act reads what it needs and waits at the barrier before it writes."""
    barrier = Barrier(Crowd.clients, timeout=60)
    outcomes = [Outcome(n % len(acts)) for n in range(Crowd.clients)]

    def run(outcome: Outcome) -> None:
        try:
            # Fifty in one queue on a slow machine are late, not locked out.
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = 0; SET statement_timeout = 0")
            outcome.result = acts[outcome.act](barrier)
        except Exception as error:
            outcome.error = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=(outcome,)) for outcome in outcomes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return outcomes


def on(case: Suggestion, say: Callable[[Suggestion], Any]) -> Callable[[Barrier], Any]:
    """The case as everybody read it at the same time, and then the verb.

    Refused by what is no longer so: the page says who was first (office_views.say), and so does this.
    """

    def act(barrier: Barrier) -> Any:
        read = Suggestion.objects.select_related("region", "holder__region").get(pk=case.pk)
        barrier.wait()
        try:
            return say(read)
        except Refused as refused:
            if Suggestion.objects.filter(pk=case.pk, version=read.version).exists():
                raise
            raise Conflict(who_was_first(read)) from refused

    return act


def one_wins(outcomes: Sequence[Outcome], told: str) -> Outcome:
    """Exactly one; each of the others reads, in a sentence, who did what."""
    winners = [outcome for outcome in outcomes if outcome.won]
    assert len(winners) == 1, [outcome.error for outcome in outcomes]
    for outcome in outcomes:
        if not outcome.won:
            assert isinstance(outcome.error, Refused), repr(outcome.error)
            assert told in outcome.error.sentence
    stands()
    return winners[0]


def stands() -> None:
    assert [str(fault) for fault in faults(dossiers())] == []


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The canary: an UPDATE that does not ask which version was read."""
    real = QuerySet.filter

    def without_version(self: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(self, SuggestionQuerySet):
            kwargs.pop("version", None)
        return real(self, *args, **kwargs)

    # A few are enough to be wrong.
    monkeypatch.setattr(Crowd, "clients", 6)
    monkeypatch.setattr(SuggestionQuerySet, "filter", without_version, raising=False)
