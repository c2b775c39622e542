"""结算: out of the records, appended and reversed, twice the same (mission G2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.calendar import today
from accounts.errors import Refused
from activities.models import Attendance, ResearchReport
from deputies.models import Congress, Deputy, Mandate, StationMembership
from duties.models import PointEntry, PointItem, PointPeriod
from duties.rules import DEPUTY, RULES
from duties.seeds import ship_scheme
from duties.services import declaring, schemes, settling
from suggestions.models import Event, Feedback, Reply, Suggestion
from tests.cast import World
from tests.duties.doing import held, proposal, reported, visited
from tests.duties.scoring import EARLY, YEAR, adopted, confirmed, declared, entries, item, paper, period, settled

LATER = date(YEAR, 1, 20)


def opinion(world: World, number: int, **extra: Any) -> Suggestion:
    return Suggestion.objects.create(
        number=f"8{number:011}",
        kind="opinion",
        text="路灯不亮。",
        region=world.county,
        holder=world.county_organ,
        submitted_on=EARLY,
        submitted_at=timezone.now(),
        **{"status": "accepted", "deputy": world.deputy, **extra},
    )


def a_reply(case: Suggestion, day: date) -> Reply:
    return Reply.objects.create(suggestion=case, result_class="A", text="已办。", replied_on=day)


def a_rating(world: World, number: str = "31") -> None:
    case = proposal(world, world.deputy, EARLY, number)
    Feedback.objects.create(
        suggestion=case,
        reply=a_reply(case, EARLY),
        process="satisfied",
        result="satisfied",
        signer=world.deputy,
        at=timezone.now().replace(month=1, day=20),
    )


def closed_by_the_clock(world: World, number: str = "32") -> Suggestion:
    case = proposal(world, world.deputy, EARLY, number, status="closed")
    a_reply(case, EARLY)
    Event.objects.create(
        suggestion=case,
        version=1,
        verb="close",
        actor_label="系统",
        at=timezone.now().replace(month=1, day=25),
        from_status="replied",
        to_status="closed",
    )
    return case


def a_report(world: World) -> None:
    report = ResearchReport.objects.create(
        region=world.township, station=world.station, title="用电成本", finished_on=LATER
    )
    report.authors.add(world.deputy)


# How each of the 23 is earned: from a shipped type, from a record, by a declaration. (points of one)
EARNED: dict[str, tuple[Callable[[World], object], str]] = {
    "A1": (lambda w: confirmed(w, "A1", points=Decimal(8)), "8"),
    "A2": (lambda w: confirmed(w, "A2"), "2"),
    "A3": (lambda w: confirmed(w, "A3"), "2"),
    "A4": (lambda w: confirmed(w, "A4"), "2"),
    "B1": (lambda w: confirmed(w, "B1", points=Decimal(5)), "5"),
    "B2": (lambda w: proposal(w, w.deputy, LATER, "1"), "3"),
    "B3": (lambda w: proposal(w, colleague(w), LATER, "2", w.deputy), "0.5"),
    "B4": (lambda w: proposal(w, w.deputy, EARLY, "3", supervised_on=LATER), "3"),
    "B5": (a_rating, "1"),
    "C1": (lambda w: held(w, "inspection", LATER, w.deputy), "3"),
    "C2": (a_report, "2"),
    "C3": (lambda w: held(w, "law_check", LATER, w.deputy), "2"),
    "C4": (lambda w: held(w, "group_meeting", LATER, w.deputy), "1.5"),
    "C5": (lambda w: held(w, "invited", LATER, w.deputy), "1.5"),
    "D1": (lambda w: held(w, "reception", LATER, w.deputy), "2"),
    "D2": (lambda w: visited(w, w.deputy, LATER), "0.5"),
    "D3": (lambda w: opinion(w, 1), "0.5"),
    "D4": (lambda w: opinion(w, 2, status="closed", result_class="A", closed_on=LATER), "1"),
    "D5": (lambda w: reported(w, w.deputy, LATER, 45, 5), "4"),
    "E1": (lambda w: held(w, "training", LATER, w.deputy), "1.5"),
    "E2": (lambda w: confirmed(w, "E2", points=Decimal("0.5")), "0.5"),
    "E3": (lambda w: confirmed(w, "E3", points=Decimal(1)), "1"),
    "E4": (
        lambda w: declaring.deduct(
            w.deputy,
            item("E4"),
            happened_on=EARLY,
            points=Decimal(2),
            text="无故缺席组织的活动",
            evidence=[paper()],
            by=w.county_staff,
        ),
        "-2",
    ),
}


def colleague(world: World, **extra: Any) -> Deputy:
    deputy = Deputy.objects.create(**{"region": world.county, "name": "何代表", **extra})
    Mandate.objects.create(deputy=deputy, congress=world.congress, since=date(2022, 3, 1))
    return deputy


def test_each_of_the_23_items_is_earned_and_each_row_counts_once(world: World) -> None:
    adopted(world)
    assert set(EARNED) == set(PointItem.objects.values_list("code", flat=True))
    for earn, _ in EARNED.values():
        earn(world)
    settled(world)
    for code, (_, points) in EARNED.items():
        assert Decimal(points) in [row.points for row in entries(world.deputy, code)], code
    assert settled(world) == (0, 0)
    # No join multiplies: rows of a rule have each key once for a subject.
    for code, rule in RULES.items():
        if DEPUTY in rule.who:
            rows = rule.records(DEPUTY, [world.deputy.pk], EARLY, today()).order_by().values_list("pk", flat=True)
            assert len(rows) == len(set(rows)), code


@pytest.mark.parametrize(
    ("code", "item_code", "points"),
    [
        ("survey", "C1", "3"),
        ("research", "C2", "3"),
        ("inquiry", "C3", "2"),
        ("station_visit", "D1", "2"),
    ],
)
def test_the_second_type_of_an_item_earns_as_well(code: str, item_code: str, points: str, world: World) -> None:
    adopted(world)
    held(world, code, LATER, world.deputy)
    settled(world)
    assert [str(row.points.normalize()) for row in entries(world.deputy, item_code)] == [points]


def test_a_person_of_three_seats_and_two_stations_scores_once(world: World) -> None:
    adopted(world)
    for region in (world.township, world.city):
        congress = Congress.objects.create(region=region, ordinal=6, first_met_on=date(2022, 3, 1))
        Mandate.objects.create(deputy=world.deputy, congress=congress, since=date(2022, 3, 1))
    assert StationMembership.objects.filter(deputy=world.deputy).count() == 2
    held(world, "reception", LATER, world.deputy)
    visited(world, world.deputy, LATER)
    assert settled(world) == (2, 0)


def test_a_second_run_writes_nothing(world: World) -> None:
    adopted(world)
    for code in ("reception", "training", "law_check"):
        held(world, code, LATER, world.deputy)
    assert settled(world) == (3, 0)
    assert settled(world) == (0, 0)
    assert PointEntry.objects.count() == 3


def test_a_row_tells_what_and_when_and_belongs_to_the_year_of_the_day(world: World) -> None:
    adopted(world)
    held(world, "reception", LATER, world.deputy, title="接待日")
    held(world, "reception", date(YEAR - 1, 12, 31), world.deputy)
    settled(world)
    (row,) = entries(world.deputy)
    assert (row.says, row.happened_on, row.record, row.sequence) == ("参加活动：接待日", LATER, "attendance", 1)


def test_what_no_longer_holds_is_taken_back_and_comes_again_if_it_holds_again(world: World) -> None:
    adopted(world)
    activity = held(world, "reception", LATER, world.deputy)
    case = proposal(world, world.deputy, LATER, "1")
    settled(world)
    Attendance.objects.update(presence="absent")
    case.status = "withdrawn"
    case.save()
    assert settled(world) == (0, 2)
    first, back = entries(world.deputy, "D1")
    assert (back.reverses, back.points, back.sequence) == (first, -first.points, 2)
    assert "不再符合“参加活动”" in back.why and back.by is None
    activity.attendances.update(presence="present")
    assert settled(world) == (1, 0)
    assert [row.sequence for row in entries(world.deputy, "D1")] == [1, 2, 3]


def test_a_corrected_day_is_taken_back_and_given_anew(world: World) -> None:
    adopted(world)
    visit = visited(world, world.deputy, LATER)
    settled(world)
    visit.visited_on = EARLY
    visit.save()
    assert settled(world) == (1, 1)
    first, back, again = entries(world.deputy)
    assert (back.reverses, again.happened_on, again.sequence) == (first, EARLY, 3)
    assert settled(world) == (0, 0)


def test_a_visit_counts_when_the_deputy_has_confirmed_it(world: World) -> None:
    adopted(world)
    visit = visited(world, world.deputy, LATER)
    type(visit).objects.update(confirmed_at=None)
    assert settled(world) == (0, 0)


def test_another_region_s_deputies_and_those_of_a_nearer_scheme_are_not_scored_here(world: World) -> None:
    adopted(world)
    foreign = colleague(world, region=world.other_county)
    near = colleague(world, region=world.township)
    held(world, "reception", LATER, foreign, near)
    assert settled(world) == (1, 0)
    own = ship_scheme(world.township, YEAR)
    schemes.adopt(own, by=world.township_staff, basis="主席团会议")
    # The town has a scheme of its own now: the county takes back what it gave, the town gives.
    assert settled(world) == (0, 1)
    assert settling.settle(world.township, YEAR).given == 1
    assert PointEntry.objects.filter(deputy=foreign).count() == 0


def test_who_left_keeps_what_was_earned_until_then(world: World) -> None:
    adopted(world)
    held(world, "reception", LATER, world.deputy)
    held(world, "reception", LATER + timedelta(days=20), world.deputy)
    Mandate.objects.update(status="ended", reason="moved", ended_on=LATER + timedelta(days=1))
    assert settled(world) == (1, 0)
    Mandate.objects.update(reason="invalid")
    assert settled(world) == (0, 1)


def test_a_suspended_deputy_earns_nothing_new_and_keeps_what_was_there(world: World) -> None:
    adopted(world)
    held(world, "reception", LATER, world.deputy)
    settled(world)
    Mandate.objects.update(status="suspended", reason="detained")
    held(world, "training", LATER, world.deputy)
    assert settled(world) == (0, 0)
    closed_by_the_clock(world)
    assert settled(world) == (1, 0)
    assert entries(world.deputy, "B5")[0].points == -1


def test_an_unrated_reply_costs_the_lead_and_a_rated_one_does_not(world: World) -> None:
    adopted(world)
    case = closed_by_the_clock(world)
    settled(world)
    assert [row.points for row in entries(world.deputy, "B5")] == [-1]
    Feedback.objects.create(
        suggestion=case,
        reply=case.replies.get(),
        process="satisfied",
        result="satisfied",
        signer=world.deputy,
        at=timezone.now().replace(month=1, day=22),
    )
    settled(world)
    assert [row.points for row in entries(world.deputy, "B5")] == [-1, 1, 1]


def test_nobody_collects_a_complaint_about_oneself(world: World) -> None:
    adopted(world)
    opinion(world, 1, about_person=world.deputy)
    opinion(world, 2, about_person=colleague(world))
    settled(world)
    assert len(entries(world.deputy, "D3")) == 1


def test_a_new_version_settles_the_open_year_anew(world: World) -> None:
    scheme = adopted(world)
    held(world, "reception", LATER, world.deputy)
    confirmed(world, "A2")
    settled(world)
    draft = schemes.new_version(scheme, by=world.county_staff)
    draft.majors.get(code="D").items.get(code="D1").sources.update(points=Decimal(1))
    schemes.adopt(draft, by=world.county_staff, basis="主任会议")
    assert settled(world) == (2, 2)
    assert [row.points for row in entries(world.deputy, "D1")] == [2, -2, 1]
    assert entries(world.deputy, "D1")[1].why == "改用新一版积分办法"
    assert settled(world) == (0, 0)


def test_a_closed_year_is_never_settled_again(world: World) -> None:
    adopted(world, YEAR - 1)
    held(world, "reception", date(YEAR - 1, 5, 1), world.deputy)
    closed = settling.close_period(world.county, YEAR - 1, by=world.county_staff)
    assert closed.closed_by == world.county_staff and len(entries(world.deputy)) == 1
    held(world, "reception", date(YEAR - 1, 6, 1), world.deputy)
    with pytest.raises(Refused, match="已经封账，不再结算"):
        settled(world, YEAR - 1)
    assert settling.settle_daily() == 0
    assert len(entries(world.deputy)) == 1


def test_who_closes_a_year_and_when(world: World) -> None:
    adopted(world, YEAR - 1)
    for other in (world.city_staff, world.township_staff, world.station_officer):
        with pytest.raises(Refused, match="您的账号不在这个机构"):
            settling.close_period(world.county, YEAR - 1, by=other)
    with pytest.raises(Refused, match="12月1日以后"):
        settling.close_period(world.county, YEAR + 1, by=world.county_staff)
    waiting = declared(world, happened_on=date(YEAR - 1, 5, 1))
    with pytest.raises(Refused, match="还有1件申报、0件异议"):
        settling.close_period(world.county, YEAR - 1, by=world.county_staff)
    declaring.withdraw(waiting, by=world.users["deputy"])
    settling.close_period(world.county, YEAR - 1, by=world.county_staff)


def test_what_a_closed_account_holds_does_not_count_again_after_a_move(world: World) -> None:
    adopted(world)
    held(world, "reception", LATER, world.deputy)
    settled(world)
    PointPeriod.objects.update(closed_at=timezone.now(), closed_by=world.county_staff)
    other = ship_scheme(world.other_county, YEAR)
    schemes.adopt(other, by=world.other_staff, basis="主任会议")
    Deputy.objects.update(region=world.other_county)
    assert settling.settle(world.other_county, YEAR).rows == 0


def test_once_a_day_and_by_command(world: World) -> None:
    adopted(world)
    held(world, "reception", LATER, world.deputy)
    assert settling.settle_daily() == 1
    held(world, "training", LATER, world.deputy)
    assert settling.settle_daily() == 0
    call_command("settle", region=world.county.code, year=YEAR)
    assert len(entries(world.deputy)) == 2
    with pytest.raises(CommandError, match="还没有采用积分办法"):
        call_command("settle", region=world.other_county.code)
    with pytest.raises(CommandError, match="没有这个区划代码"):
        call_command("settle", region="1")
    assert period(world).settled_at is not None


def test_the_number_of_queries_does_not_grow_with_the_deputies(world: World) -> None:
    adopted(world)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            settled(world)
        return len(queries)

    held(world, "reception", LATER, world.deputy)
    few = asked()
    people = [colleague(world, name=f"代表{n}") for n in range(12)]
    held(world, "training", LATER, *people)
    for deputy in people:
        visited(world, deputy, LATER)
    assert asked() <= few
    assert PointEntry.objects.count() == 25
