"""The life of a seat: which moves, on which grounds, and what fills a vacancy (代表法 art. 61–63)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.calendar import today
from accounts.errors import Refused
from deputies.models import Congress, Constituency, Deputy, Mandate, Pairing, StationMembership
from deputies.services import MOVES, by_elect, change_mandate
from deputies.services.mandates import vacant
from tests.cast import World

S, R = Mandate.Status, Mandate.Reason


@pytest.fixture
def seat(world: World) -> Mandate:
    return world.deputy.mandates.get()


@pytest.fixture
def newcomer(world: World) -> Deputy:
    return Deputy.objects.create(region=world.county, name="补选人")


# Written down apart from the code: what the law and the brief say of each reason.
SUSPENDS = {R.DETAINED, R.SENTENCED}


@pytest.mark.parametrize("source", list(S))
def test_which_move_on_which_ground(world: World, seat: Mandate, source: str) -> None:
    allowed = {
        S.ELECTED: {(S.SITTING, "")} | {(S.ENDED, r) for r in (R.INVALID, R.RESIGNED, R.MOVED, R.DIED, R.TERM)},
        S.SITTING: {(S.SUSPENDED, r) for r in SUSPENDS} | {(S.ENDED, r) for r in set(R) - SUSPENDS},
        S.SUSPENDED: {(S.SITTING, "")} | {(S.ENDED, r) for r in set(R) - SUSPENDS},
        S.ENDED: set(),
    }[S(source)]
    began: dict[str, Any] = {
        "status": source,
        "reason": {"suspended": "detained", "ended": "moved"}.get(source, ""),
        "ended_on": today() if source == S.ENDED else None,
    }
    done = set()
    for to in S:
        for reason in ("", *R):
            Mandate.objects.filter(pk=seat.pk).update(**began)
            try:
                change_mandate(seat, to=to, reason=reason, by=world.county_staff)
            except Refused as refused:
                assert refused.sentence.endswith("。")
            else:
                seat.refresh_from_db()
                assert seat.status == to and (seat.ended_on is not None) == (to == S.ENDED)
                done.add((to, seat.reason))
    assert done == allowed
    assert {to for to, _ in done} == MOVES[S(source)]


def test_a_wrong_ground_is_answered_with_the_right_ones(world: World, seat: Mandate) -> None:
    with pytest.raises(
        Refused, match="“去世”不是暂停执行职务的原因，请从这几项中选：因刑事案件被羁押、被判处刑罚正在服刑。"
    ) as r:
        change_mandate(seat, to="suspended", reason="died", by=world.county_staff)
    assert r.value.field == "reason"


def test_suspension_keeps_stations_and_ends_publicity_until_restored(world: World, seat: Mandate) -> None:
    change_mandate(seat, to="suspended", reason="detained", by=world.county_staff)
    assert not Deputy.objects.public().exists() and Mandate.objects.held().count() == 1
    assert StationMembership.objects.sitting().count() == 2
    change_mandate(seat, to="sitting", by=world.county_staff)
    assert Deputy.objects.public().get() == world.deputy and seat.reason == ""


def test_the_last_seat_ends_pairings_too(world: World, seat: Mandate) -> None:
    pairing = Pairing.objects.create(deputy=world.deputy, kind="household", household="养殖户", since=date(2025, 1, 1))
    change_mandate(seat, to="ended", reason="died", by=world.county_staff)
    pairing.refresh_from_db()
    assert pairing.ended_on == today()


# By-election


def fall_free(world: World, seat: Mandate) -> Constituency:
    change_mandate(seat, to="ended", reason="moved", by=world.county_staff)
    assert seat.constituency is not None
    return seat.constituency


def test_a_vacancy_is_filled_once_and_the_new_seat_passes_the_check_first(
    world: World, seat: Mandate, newcomer: Deputy
) -> None:
    staff = world.county_staff
    assert not vacant(staff).exists()
    place = fall_free(world, seat)
    assert vacant(staff).get() == place
    fresh = by_elect(newcomer, constituency=place, by=staff, card_number="补0001")
    assert (fresh.kind, fresh.status, fresh.congress, fresh.since) == ("by_elected", "elected", world.congress, today())
    assert not newcomer.is_in_office and not vacant(staff).exists()
    with pytest.raises(Refused, match="没有缺额"):
        by_elect(world.deputy, constituency=place, by=staff)
    change_mandate(fresh, to="sitting", by=staff)
    assert newcomer.is_in_office


def test_an_invalid_election_leaves_the_vacancy_open(world: World, seat: Mandate, newcomer: Deputy) -> None:
    place = fall_free(world, seat)
    fresh = by_elect(newcomer, constituency=place, by=world.county_staff)
    change_mandate(fresh, to="ended", reason="invalid", by=world.county_staff)
    assert vacant(world.county_staff).get() == place


def test_a_quota_says_how_many_are_missing(world: World, seat: Mandate, newcomer: Deputy) -> None:
    place = seat.constituency
    assert place is not None
    Constituency.objects.filter(pk=place.pk).update(seats=2)
    by_elect(newcomer, constituency=place, by=world.county_staff)
    assert not vacant(world.county_staff).exists()


def test_who_sits_in_the_congress_or_in_an_unrelated_area_is_not_elected_again(world: World, newcomer: Deputy) -> None:
    place = Constituency.objects.create(congress=world.congress, name="第九选区", seats=3)
    with pytest.raises(Refused, match="该代表在这一届已有未终止的职务"):
        by_elect(world.deputy, constituency=place, by=world.county_staff)
    theirs = Congress.objects.create(region=world.other_county, ordinal=9, first_met_on=date(2022, 1, 1))
    Mandate.objects.create(deputy=newcomer, congress=theirs, since=date(2022, 1, 1))
    with pytest.raises(Refused, match="没有隶属关系"):
        by_elect(newcomer, constituency=place, by=world.county_staff)
    Mandate.objects.filter(deputy=newcomer).update(congress=theirs_above(world))
    assert by_elect(newcomer, constituency=place, by=world.county_staff).pk


def theirs_above(world: World) -> Congress:
    return Congress.objects.create(region=world.city, ordinal=5, first_met_on=date(2022, 1, 1))


def test_days_and_terms_of_a_by_election(world: World, newcomer: Deputy) -> None:
    place = Constituency.objects.create(congress=world.congress, name="第九选区", seats=3)

    def elected(**more: Any) -> Mandate:
        return by_elect(newcomer, constituency=place, by=more.pop("by", world.county_staff), **more)

    with pytest.raises(Refused, match="不能晚于今天"):
        elected(since=today() + timedelta(1))
    with pytest.raises(Refused, match="不能早于本届首次会议"):
        elected(since=date(2022, 2, 28))
    with pytest.raises(Refused, match="档案不在本区域"):
        elected(by=world.other_staff)
    Mandate.objects.create(
        deputy=newcomer,
        congress=world.congress,
        since=date(2022, 3, 1),
        status="ended",
        reason="resigned",
        ended_on=date(2026, 6, 1),
    )
    with pytest.raises(Refused, match="早于这位代表上一次职务的终止日期"):
        elected(since=date(2026, 5, 31))
    assert elected(since=date(2026, 6, 1)).pk
    Congress.objects.filter(pk=world.congress.pk).update(ended_on=today())
    with pytest.raises(Refused, match="已经届满"):
        elected()
