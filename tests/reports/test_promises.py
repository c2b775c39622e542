"""承诺事项台账: who still owes what, and that both registers tell the same of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.calendar import today
from accounts.models import Holiday
from reports import promises
from suggestions.models import Suggestion
from tests.cast import World
from tests.reports import handled
from tests.reports.handled import DAY
from tests.reports.test_register import PROMISES, row_of


def promise_of(case: Suggestion, user: Any) -> promises.Line:
    rows = promises.register(user, {}).filter(reply__suggestion=case)
    (line,) = promises.lines(rows, Holiday.objects.calendar())
    return line


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        ("", "尚未兑现"),
        ("kept", "{day}已兑现（A类）"),
        ("explained", "{day}说明未能兑现（C类）"),
        ("replaced", "已由再次答复取代"),
    ],
)
def test_both_registers_tell_the_same_of_a_promise(world: World, ended: str, words: str) -> None:
    case = handled.promised(world, ended)
    line = promise_of(case, world.county_staff)
    told = row_of(case, world.county_staff)
    assert line.became == told["落实情况"] == words.format(day=today())
    assert told["承诺事项及期限"] == f"2099-01-01前：{line.promise.text}"


def test_open_promises_are_those_that_somebody_still_owes(as_: Any, world: World) -> None:
    soon, late = handled.promised(world, until=today() + 2 * DAY), handled.promised(world, until=today() - DAY)
    far = handled.promised(world, until=date(2099, 1, 1))
    kept, replaced = handled.promised(world, "kept"), handled.promised(world, "replaced")
    cases = {"soon": soon, "late": late, "far": far, "kept": kept, "replaced": replaced}

    def found(query: str) -> set[str]:
        body = as_("county_staff").get(f"{PROMISES}?{query}").content.decode()
        return {name for name, case in cases.items() if f"/office/suggestions/{case.number}/" in body}

    assert found("") == set(cases)
    assert found("state=open") == {"soon", "late", "far"}
    assert found("state=overdue") == {"late"}
    assert found("state=answered") == {"kept"}
    assert found("state=replaced") == {"replaced"}
    assert found(f"unit={world.power.pk}") == set(cases)
    assert found(f"unit={world.roads.pk}") == set()
    lights = {name: promise_of(case, world.county_staff).light for name, case in cases.items()}
    assert lights == {"soon": "yellow", "late": "red", "far": "green", "kept": None, "replaced": None}


def test_a_promise_of_a_case_that_ended_otherwise_is_owed_by_nobody(world: World) -> None:
    case = handled.promised(world)
    Suggestion.objects.filter(pk=case.pk).update(status="withdrawn")
    line = promise_of(case, world.county_staff)
    assert (line.light, line.became) == (None, "事项已撤回")
    assert not promises.open_promises(today()).exists()


def test_a_promise_is_told_as_at_the_day(world: World) -> None:
    """Kept today, it was open yesterday."""
    case = handled.promised(world, "kept", until=today() - timedelta(days=3))
    case.replies.update(replied_on=today() - 9 * DAY)
    assert [p.reply.suggestion for p in promises.open_promises(today() - DAY)] == [case]
    assert not promises.open_promises(today()).exists()
    assert not promises.open_promises(today() - 10 * DAY).exists()
