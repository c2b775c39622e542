"""年度任务 (mission U2): spans, what is owed, due soon, overdue, and who sees what."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.models import ActivityType
from deputies.models import Deputy, DeputyGroup, GroupMembership, Mandate
from duties.models import Target
from duties.progress import due_soon, gaps, progress_of
from duties.rules import RULES
from duties.spans import DUE_SOON, MET, NOT_OWED, OVERDUE, spans, state_of
from duties.target_seeds import SHIPPED, ship_targets
from stations.models import Station
from tests.cast import World
from tests.duties.doing import held, proposal

NOON = "2026-09-20 04:00:00+00:00"
KINDS = [kind.value for kind in Target.Span]


@settings(max_examples=60)
@given(st.dates(date(1999, 1, 1), date(2101, 12, 31)), st.sampled_from(KINDS))
def test_every_day_lies_in_exactly_one_span_of_each_kind(day: date, kind: str) -> None:
    assert [span for span in spans(day.year, kind) if span.start <= day <= span.end].__len__() == 1


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2000, 2100])
@pytest.mark.parametrize("kind", KINDS)
def test_spans_follow_each_other_and_fill_the_year(year: int, kind: str) -> None:
    found = spans(year, kind)
    assert found[0].start == date(year, 1, 1) and found[-1].end == date(year, 12, 31)
    for before, after in zip(found, found[1:], strict=False):
        assert after.start == before.end + timedelta(1)
    assert sum(span.days for span in found) == (366 if year in (2024, 2000) else 365)
    assert len({span.label for span in found}) == len(found)


@settings(max_examples=60)
@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.dates(date(2025, 1, 1), date(2026, 12, 31)) | st.none(),
    st.integers(0, 3),
    st.sampled_from(KINDS),
)
def test_a_span_is_overdue_only_when_it_is_over_owed_and_not_done(
    day: date, began: date | None, count: int, kind: str
) -> None:
    for span in spans(2026, kind):
        state = state_of(span, count, 2, began, day)
        assert (state == OVERDUE) == (span.end < day and count < 2 and span.is_owed_since(began))
        assert (state == NOT_OWED) == (not span.is_owed_since(began))
        if began is None or began <= span.start:
            assert span.is_owed_since(began)
        if began is not None and began > span.end:
            assert not span.is_owed_since(began)


@pytest.mark.parametrize(
    ("began", "owed"), [(date(2026, 9, 16), True), (date(2026, 9, 17), False), (date(2026, 9, 1), True)]
)
def test_who_began_within_a_span_owes_it_with_half_of_its_days_left(began: date, owed: bool) -> None:
    september = spans(2026, "month")[8]
    assert september.is_owed_since(began) is owed


@pytest.mark.parametrize(("kind", "first"), [("month", date(2026, 9, 16)), ("quarter", date(2026, 8, 31))])
def test_due_soon_begins_two_weeks_or_a_third_before_the_end(kind: str, first: date) -> None:
    span = next(one for one in spans(2026, kind) if one.end == date(2026, 9, 30))
    assert state_of(span, 0, 1, None, first) == DUE_SOON
    assert state_of(span, 0, 1, None, first - timedelta(1)) == "open"


# A region


@pytest.fixture
def shipped(world: World) -> World:
    ship_targets(world.county, 2026)
    return world


def test_shipping_twice_adds_nothing(shipped: World) -> None:
    assert ship_targets(shipped.county, 2026) == 0
    assert Target.objects.count() == len(SHIPPED)
    for target in Target.objects.all():
        target.full_clean()


@time_machine.travel(NOON)
def test_a_station_that_did_it_is_met_and_one_that_did_not_is_overdue(shipped: World) -> None:
    for month in range(1, 9):
        held(shipped, "discussion", date(2026, month, 10))
    monthly = progress_of(shipped.county, 2026)[0]
    states = {row.subject.name: [cell.state for cell in row.cells] for row in monthly.rows}
    assert states[shipped.station.name] == [MET] * 8 + [DUE_SOON] + ["coming"] * 3
    assert states[shipped.county_station.name][:9] == [OVERDUE] * 8 + [DUE_SOON]
    assert monthly.past == (8, 16)
    assert (monthly.met_now, monthly.owing_now) == (0, 2)


@time_machine.travel(NOON)
def test_only_the_chosen_types_count(shipped: World) -> None:
    held(shipped, "discussion", date(2026, 8, 10))
    assert _count(shipped, "station_meeting") == 0
    held(shipped, "station_meeting", date(2026, 8, 11))
    assert _count(shipped, "station_meeting") == 1


def _count(world: World, code: str) -> int:
    one = next(p for p in progress_of(world.county, 2026) if {t.code for t in p.target.types.all()} == {code})
    row = next(row for row in one.rows if row.subject.pk == world.station.pk)
    assert row.current is not None
    return row.current.count


@time_machine.travel(NOON)
def test_departments_of_one_activity_count_once(shipped: World) -> None:
    held(shipped, "director_visit", date(2026, 9, 2)).departments.set([shipped.power, shipped.roads])
    held(shipped, "director_visit", date(2026, 9, 3))
    one = next(p for p in progress_of(shipped.county, 2026) if p.target.rule == "with_departments")
    assert [cell.count for row in one.rows for cell in row.cells if cell.count] == [1]


@time_machine.travel(NOON)
def test_a_station_opened_in_the_year_owes_from_its_opening(shipped: World) -> None:
    Station.objects.filter(pk=shipped.station.pk).update(opened_on=date(2026, 7, 20))
    monthly = progress_of(shipped.county, 2026)[0]
    row = next(row for row in monthly.rows if row.subject.pk == shipped.station.pk)
    assert [cell.state for cell in row.cells] == [NOT_OWED] * 7 + [OVERDUE, DUE_SOON] + ["coming"] * 3


@time_machine.travel(NOON)
def test_a_deputy_with_several_seats_counts_once_and_one_out_of_office_not_at_all(shipped: World) -> None:
    from deputies.models import Congress

    city = Congress.objects.create(region=shipped.city, ordinal=5, first_met_on=date(2022, 2, 1))
    Mandate.objects.create(deputy=shipped.deputy, congress=city, since=date(2022, 2, 1))
    gone = Deputy.objects.create(region=shipped.county, name="卸任")
    Mandate.objects.create(
        deputy=gone,
        congress=shipped.congress,
        since=date(2022, 3, 1),
        ended_on=date(2026, 3, 1),
        status="ended",
        reason="moved",
    )
    receptions = next(p for p in progress_of(shipped.county, 2026) if p.target.of == "deputy")
    names = [row.subject.name for row in receptions.rows]
    assert names.count(shipped.deputy.name) == 1 and "卸任" not in names


@time_machine.travel(NOON)
def test_a_proposal_counts_once_for_the_group_whatever_the_memberships(shipped: World) -> None:
    group = _group(shipped)
    GroupMembership.objects.create(
        group=group, deputy=shipped.deputy, since=date(2024, 1, 1), ended_on=date(2026, 5, 1)
    )
    GroupMembership.objects.create(group=group, deputy=shipped.deputy, since=date(2026, 1, 1))
    proposal(shipped, shipped.deputy, date(2026, 4, 1), "7")
    one = next(p for p in progress_of(shipped.county, 2026) if p.target.rule == "group_proposals")
    assert one.rows[0].cells[0].count == 1


def _group(world: World) -> DeputyGroup:
    return DeputyGroup.objects.create(
        region=world.county, name="养殖小组", kind="industry", level="county", since=date(2024, 1, 1)
    )


@time_machine.travel(NOON)
def test_kind_and_region_of_a_target_limit_who_owes_it(shipped: World) -> None:
    Target.objects.all().delete()
    kept = {"year": 2026, "of": "station", "rule": "activities", "span": "month", "least": 1}
    Target.objects.create(region=shipped.county, station_kind="industry", **kept)
    Target.objects.create(region=shipped.city, **kept)
    Target.objects.create(region=shipped.other_county, **kept)
    found = {one.target.region: {row.subject.pk for row in one.rows} for one in progress_of(shipped.county, 2026)}
    assert found == {
        shipped.county: {shipped.station.pk},
        shipped.city: {shipped.station.pk, shipped.county_station.pk},
    }


@time_machine.travel(NOON)
def test_gaps_are_the_spans_that_are_over(shipped: World) -> None:
    found = [gap for gap in gaps(shipped.county, 2026) if gap.key == shipped.station.pk and gap.kind == "station"]
    assert {gap.due for gap in found if "每月" in gap.target} == {span.end for span in spans(2026, "month")[:8]}
    assert all(gap.count < gap.least and gap.due < date(2026, 9, 20) for gap in found)


@time_machine.travel(NOON)
def test_no_more_queries_for_more_subjects(shipped: World) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            progress_of(shipped.county, 2026)
        return len(queries)

    before = asked()
    for n in range(5):
        Station.objects.create(slug=f"x-{n}", name=f"{n}站", region=shipped.township, kind="regional", life="formal")
        deputy = Deputy.objects.create(region=shipped.county, name=f"{n}代表")
        Mandate.objects.create(deputy=deputy, congress=shipped.congress, since=date(2022, 3, 1))
        held(shipped, "reception", date(2026, 5, 5), deputy)
    assert asked() == before


def test_each_target_can_be_met_from_a_shipped_type_or_record(shipped: World) -> None:
    known = set(ActivityType.objects.values_list("code", flat=True))
    for of, rule, codes, _, _ in SHIPPED:
        assert of in RULES[rule].who
        assert set(codes) <= known


# Pages


@time_machine.travel(NOON)
def test_the_officer_is_told_what_is_due_soon_for_the_own_station(shipped: World, as_: Any) -> None:
    found = due_soon(shipped.station_officer)
    assert {one.subject for one in found} == {shipped.station.name}
    assert all(one.due == date(2026, 9, 30) for one in found)
    page = as_("station_officer").get("/office/").content.decode()
    assert "即将到期" in page and found[0].title in page
    held(shipped, "station_meeting", date(2026, 9, 19)).departments.add(shipped.power)
    assert due_soon(shipped.station_officer) == []
    assert "即将到期" not in as_("station_officer").get("/office/").content.decode()


@time_machine.travel(NOON)
def test_staff_open_the_list_of_who_has_not_done_it(shipped: World, as_: Any) -> None:
    target = Target.objects.get(rule="activities", span="month")
    page = as_("county_staff").get(f"/office/duties/targets/?region={shipped.county.code}&year=2026").content.decode()
    assert f"/office/duties/targets/{target.pk}/?region={shipped.county.code}" in page
    held(shipped, "discussion", date(2026, 9, 1))
    listed = as_("county_staff").get(f"/office/duties/targets/{target.pk}/").content.decode()
    assert shipped.county_station.name in listed
    assert "第" not in listed.split("<main")[1].split("</main")[0].replace(
        "第三季度", ""
    )  # no rank, no number in a row


@time_machine.travel(NOON)
def test_out_of_scope_is_a_missing_page(shipped: World, as_: Any) -> None:
    target = Target.objects.get(rule="activities", span="month")
    staff = as_("county_staff")
    assert staff.get(f"/office/duties/targets/?region={shipped.other_county.code}").status_code == 404
    assert staff.get("/office/duties/targets/?year=1999").status_code == 404
    assert as_(shipped.other_staff).get(f"/office/duties/targets/{target.pk}/").status_code == 404
    assert as_("station_officer").get(f"/office/duties/targets/{target.pk}/").status_code == 404
    assert as_("unit_clerk").get("/office/duties/targets/").status_code == 404
    asked = {"region": shipped.other_county.code, "year": "2026"}
    assert staff.post("/office/duties/targets/ship/", asked).status_code == 404


@time_machine.travel(NOON)
def test_staff_adopt_the_usual_targets_and_change_them_in_the_back_office(world: World, as_: Any) -> None:
    staff = as_("county_staff")
    asked = {"region": world.county.code, "year": "2026"}
    assert "采用常用任务" in staff.get("/office/duties/targets/", asked).content.decode()
    assert staff.post("/office/duties/targets/ship/", asked).status_code == 302
    assert Target.objects.filter(region=world.county, year=2026).count() == len(SHIPPED)
    assert staff.post("/office/duties/targets/ship/", asked).status_code == 404
    target = Target.objects.get(rule="with_departments")
    edit = f"/admin/duties/target/{target.pk}/change/"
    assert staff.get(edit).status_code == 200
    assert as_(world.other_staff).get(edit).status_code == 404
    wrong = {
        "region": world.county.pk,
        "year": 2026,
        "of": "deputy",
        "rule": "with_departments",
        "span": "year",
        "least": 1,
    }
    assert "不能按每名代表计" in staff.post(edit, wrong).content.decode()
