"""Fifty at once on one case: exactly one wins, and each of the others reads who did what (mission S2).

Only PostgreSQL can show it: SQLite lets one write at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.test import Client

from accounts.calendar import today
from suggestions import office_views, services
from suggestions.codes import new_form_key
from suggestions.models import Assignment, ExtensionRequest, Feedback, Merge, Reply, Suggestion
from tests.cast import FullWorld, a_suggestion
from tests.races.conftest import Crowd, Outcome, on, one_wins, race, stands

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

Judged = Callable[[FullWorld], None]


def accept_or_decline(world: FullWorld) -> None:
    case = a_suggestion(world)
    staff = world.county_staff
    outcomes = race(
        on(case, lambda s: services.accept(s, category=world.category, problem_kind=world.problem_kind, by=staff)),
        on(case, lambda s: services.decline(s, reason="个人纠纷", destination="法院", by=staff)),
    )
    won = one_wins(outcomes, "郸城县人大常委会代工委孙代工委已于")
    case.refresh_from_db()
    assert (case.status, case.version) == (("accepted", "declined")[won.act], 2)


def transfer_twice(world: FullWorld) -> None:
    case = a_suggestion(world, "accepted")
    staff = world.county_staff
    outcomes = race(
        on(case, lambda s: services.transfer(s, to=world.power, assisting=[world.roads], by=staff)),
        on(case, lambda s: services.transfer(s, to=world.agriculture, by=staff)),
    )
    won = one_wins(outcomes, "“转办”")
    lead = Assignment.objects.get(role="lead")
    assert lead.unit == (world.power, world.agriculture)[won.act]
    assert Assignment.objects.count() == (2, 1)[won.act]


def reply_or_recall(world: FullWorld) -> None:
    case = a_suggestion(world, "handling")
    outcomes = race(
        on(case, lambda s: services.reply(s, result_class="A", text="已更换。", by=world.unit_head)),
        on(case, lambda s: services.recall(s, reason="交错了", by=world.county_staff)),
    )
    won = one_wins(outcomes, "已于")
    case.refresh_from_db()
    assert (case.status, Reply.objects.count()) == (("replied", 1), ("accepted", 0))[won.act]


def rate_twice(world: FullWorld) -> None:
    case = a_suggestion(world, "replied")
    outcomes = race(
        on(case, lambda s: services.feedback(s, process="satisfied", result="satisfied")),
        on(case, lambda s: services.feedback(s, process="satisfied", result="dissatisfied", text="没有换。")),
        on(case, lambda s: services.feedback(s, process="basically", result="basically", by=world.town_officer)),
    )
    won = one_wins(outcomes, "“评价”")
    case.refresh_from_db()
    assert case.status == ("closed", "reviewing", "closed")[won.act]
    assert Feedback.objects.count() == 1


def decide_an_extension(world: FullWorld) -> None:
    case = a_suggestion(world, "handling")
    until = (case.due_on or today()) + timedelta(days=10)
    services.request_extension(case, due=until, reason="施工中", by=world.unit_head)
    outcomes = race(
        on(case, lambda s: services.approve_extension(s, by=world.county_staff)),
        on(case, lambda s: services.refuse_extension(s, reason="抓紧", by=world.county_staff)),
    )
    won = one_wins(outcomes, "意延期”")
    assert ExtensionRequest.objects.get().decision == ("approved", "refused")[won.act]
    assert (Assignment.objects.get().due_on == until) == (won.act == 0)


def merge_into_each_other(world: FullWorld) -> None:
    one, other = a_suggestion(world, "accepted"), a_suggestion(world, "accepted")
    staff = world.county_staff

    def into(child: Suggestion, parent: Suggestion) -> Callable[[Barrier], Any]:
        return on(child, lambda s: services.merge(s, to=parent, by=staff))

    won = one_wins(race(into(one, other), into(other, one)), "并")
    link = Merge.objects.get()
    assert (link.child, link.parent) == ((one, other), (other, one))[won.act]


SCENARIOS = [accept_or_decline, transfer_twice, reply_or_recall, rate_twice, decide_an_extension, merge_into_each_other]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_one_of_fifty_wins_and_the_others_read_who_did_what(full_world: FullWorld, scenario: Judged) -> None:
    scenario(full_world)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_without_the_version_check_it_is_noticed(full_world: FullWorld, scenario: Judged, blind: None) -> None:
    """The canaries of the tests above: what they judge by is able to fail."""
    with pytest.raises(AssertionError):
        scenario(full_world)


def test_a_merge_and_the_end_of_its_parent_leave_nobody_behind(full_world: FullWorld) -> None:
    child, parent = a_suggestion(full_world, "accepted"), a_suggestion(full_world, "accepted")
    staff = full_world.county_staff
    outcomes = race(
        on(child, lambda s: services.merge(s, to=parent, by=staff)),
        on(parent, lambda s: services.decline(s, reason="个人纠纷", destination="法院", by=staff)),
    )
    won = [outcome.act for outcome in outcomes if outcome.won]
    assert won.count(1) == 1 and won.count(0) <= 1, [outcome.error for outcome in outcomes]
    child.refresh_from_db()
    assert child.status == "accepted"
    assert not Merge.objects.standing().exists()
    stands()


def test_one_form_sent_fifty_times_is_one_case(full_world: FullWorld) -> None:
    key = new_form_key()

    def tap(barrier: Barrier) -> Any:
        barrier.wait()
        return services.submit(services.Statement(text="路灯不亮"), form_key=key, station=full_world.station)

    outcomes = race(tap)
    assert {outcome.error for outcome in outcomes} == {None}
    assert len({outcome.result.number for outcome in outcomes}) == 1
    assert Suggestion.objects.count() == 1
    stands()


def on_the_page(world: FullWorld, case: Suggestion, verb: str, **fields: Any) -> Callable[[Barrier], Any]:
    def act(barrier: Barrier) -> Any:
        client = Client()
        client.force_login(world.county_staff)
        at_once.barrier = barrier
        address = f"/office/suggestions/{case.number}/{verb}/"
        return client.post(address, {"version": case.version, **fields})

    return act


class at_once:
    barrier: Barrier


def both_pages(world: FullWorld, name: str) -> tuple[Suggestion, dict[str, dict[str, Any]]]:
    known = {"category": world.category.pk, "problem_kind": world.problem_kind.pk}
    if name == "accept":
        return a_suggestion(world), {"accept": known, "decline": {"reason": "个人纠纷", "destination": "法院"}}
    case = a_suggestion(world, "handling")
    until = (case.due_on or today()) + timedelta(days=10)
    services.request_extension(case, due=until, reason="施工中", by=world.unit_head)
    return case, {"recall": {"reason": "交错了"}, "approve_extension": {}}


@pytest.mark.parametrize("name", ["accept", "recall"])
def test_on_the_pages_one_is_sent_on_and_the_others_read_who_was_first(
    full_world: FullWorld, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The page is read by all before anybody writes: the version in the form alone would stop nobody."""
    if name != "accept":
        # A page drawn fifty times is slow; once is enough.
        monkeypatch.setattr(Crowd, "clients", 10)
    case, verbs = both_pages(full_world, name)
    real = office_views.require_current

    def together(*args: Any) -> Any:
        acting = real(*args)
        at_once.barrier.wait()
        return acting

    monkeypatch.setattr(office_views, "require_current", together)
    outcomes: list[Outcome] = race(
        *(on_the_page(full_world, case, verb, **fields) for verb, fields in verbs.items()),
    )
    assert [outcome.error for outcome in outcomes] == [None] * Crowd.clients
    codes = [outcome.result.status_code for outcome in outcomes]
    assert (codes.count(302), codes.count(409)) == (1, Crowd.clients - 1)
    lost = [outcome.result.content.decode() for outcome in outcomes if outcome.result.status_code == 409]
    assert all("孙代工委已于" in page and "您的操作没有保存" in page for page in lost)
    stands()
