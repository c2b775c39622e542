from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from accounts.calendar import today
from accounts.models import Region
from deputies.models import Mandate
from reports.chapters import CHAPTERS, REGISTRY
from reports.counting import Frame, Subject
from reports.figures import Report, Table, collect, year_of
from stations.models import Station
from suggestions import services
from suggestions.models import Assignment, Promise, Suggestion
from tests.cast import World, a_suggestion
from tests.reports import handled
from tests.reports.rich import EXPECTED, Rich, add_round

YEAR = year_of(today().year)
DAY = timedelta(days=1)


def figures(subject: Subject, start: date = YEAR[0], end: date = YEAR[1]) -> dict[str, int]:
    return {key: figure.value for key, figure in collect(subject, start, end).figures.items()}


def table(report: Report, key: str) -> Table:
    return next(table for table in report.tables if table.key == key)


def subjects(rich: Rich) -> list[Subject]:
    regions: list[Subject] = [rich.nation, rich.province, rich.city, rich.county, rich.township, rich.other_county]
    return [*regions, *Station.objects.all()]


def test_the_county_counts_what_is_its_own_and_nothing_else(rich: Rich) -> None:
    assert figures(rich.county) == EXPECTED


def test_every_figure_has_something_to_count_in_this_world() -> None:
    assert list(EXPECTED) == list(REGISTRY)
    assert min(EXPECTED.values()) > 0


def test_every_figure_is_the_number_of_the_rows_it_opens(rich: Rich) -> None:
    for subject in subjects(rich):
        found = figures(subject)
        for key, counted in REGISTRY.items():
            rows = counted.rows(Frame(subject, *YEAR))
            number = rows.count()
            assert number == len({row.pk for row in rows}), f"{subject} {key}: a row twice"
            if counted.total:
                number = rows.aggregate(sum=Sum(counted.total))["sum"] or 0
            elif counted.distinct == "category":
                number = len({row.category for row in rows})
            assert found[key] == number, f"{subject} {key}"


def test_each_region_holds_those_below_it(rich: Rich) -> None:
    township, county, city, province, nation = (
        figures(region) for region in (rich.township, rich.county, rich.city, rich.province, rich.nation)
    )
    assert all(below <= above for below, above in zip(township.values(), county.values(), strict=True))
    assert all(below <= above for below, above in zip(county.values(), city.values(), strict=True))
    assert city == province == nation


def test_a_station_counts_its_own_rows(rich: Rich) -> None:
    found = figures(rich.station)
    own = {
        key: found[key] for key in ("stations", "industry_deputies", "members", "both_stations", "deputies", "seats")
    }
    assert own == {
        "stations": 1,
        "industry_deputies": 2,
        "members": 2,
        "both_stations": 1,
        "deputies": 2,
        "seats": 3,
    }
    assert (found["entered_groups"], found["industry_groups"], found["regional_groups"]) == (1, 1, 0)
    assert (found["activities"], found["visits"], found["visited_people"]) == (4, 1, 10)


def test_a_case_that_passed_the_station_by_is_told_by_the_region_alone(rich: Rich) -> None:
    assert rich.direct.station == rich.station
    assert figures(rich.station)["opinions"] == 0
    assert figures(rich.township)["opinions"] == 1


def test_a_person_with_two_seats_is_one_person(rich: Rich) -> None:
    found = figures(rich.township)
    assert (found["deputies"], found["seats"]) == (2, 3)


def test_a_period_takes_in_both_its_days(rich: Rich) -> None:
    day = today()
    assert figures(rich.county, day, day)["activities"] == EXPECTED["activities"]
    assert figures(rich.county, day, day)["accepted"] == EXPECTED["accepted"]
    before = figures(rich.county, day - DAY, day - DAY)
    assert [before[key] for key in ("activities", "accepted", "replied", "returns")] == [0, 0, 0, 0]


def test_what_exists_is_told_as_at_the_end_of_the_period(rich: Rich) -> None:
    """Of a closed station, an ended group and an ended seat the past keeps what it had."""
    year_ago = YEAR[0] - DAY
    before_closing = figures(rich.county, YEAR[0] - 400 * DAY, year_ago - DAY)
    assert before_closing["industry_stations"] == 2  # the closed one, and the one that still is
    yesterday = figures(rich.county, YEAR[0], today() - DAY)
    assert yesterday["regional_groups"] == EXPECTED["regional_groups"] + 1
    assert yesterday["entered_groups"] == EXPECTED["entered_groups"] + 1
    assert yesterday["members"] == EXPECTED["members"] + 1
    assert yesterday["deputies"] == EXPECTED["deputies"] + 1
    assert yesterday["stations"] == EXPECTED["stations"] - 1  # opened today


def test_a_suspended_deputy_still_holds_the_seat_and_an_elected_one_does_not_yet(rich: Rich) -> None:
    seat = Mandate.objects.get(deputy=rich.deputy)
    for status, reason, counted in (("suspended", "detained", 5), ("elected", "", 4)):
        Mandate.objects.filter(pk=seat.pk).update(status=status, reason=reason)
        assert figures(rich.county)["deputies"] == counted


def test_two_handlings_of_one_case_are_one_case_solved_once(world: World) -> None:
    case = a_suggestion(world, "reviewing")
    assert figures(world.county)["solved"] == 1
    services.rehandle(case, reason="请查清。", by=world.county_staff)
    handling = figures(world.county)
    assert (handling["replied"], handling["solved"], handling["rated"], handling["rehandled"]) == (0, 0, 0, 1)
    services.reply(case, result_class="A", text="换好了。", by=world.unit_head)
    services.feedback(case, process="satisfied", result="satisfied")
    done = figures(world.county)
    assert (done["opinions"], done["accepted"], done["replied"], done["solved"]) == (1, 1, 1, 1)
    assert (done["rated"], done["dissatisfied"]) == (1, 0)


def test_a_promise_is_solved_when_it_is_kept_and_not_late_for_it(world: World) -> None:
    case = a_suggestion(world, "tracking")
    assert figures(world.county)["solved"] == 0
    Assignment.objects.filter(suggestion=case).update(assigned_on=today() - 9 * DAY, due_on=today())
    Promise.objects.update(promised_on=today())
    services.fulfil(case, text="已经办成。", by=world.unit_head)
    Assignment.objects.filter(suggestion=case).update(due_on=today() - DAY)
    first, second = case.replies.order_by("pk")
    case.replies.filter(pk=first.pk).update(replied_on=today() - DAY)
    found = figures(world.county)
    assert (found["solved"], found["replied"], found["on_time"]) == (1, 1, 1)


def test_a_reopened_case_counts_no_answer_until_the_next(world: World) -> None:
    case = a_suggestion(world, "closed")
    services.reopen(case, reason="又坏了。", by=world.county_staff)
    found = figures(world.county)
    assert (found["opinions"], found["replied"], found["solved"], found["rated"]) == (1, 0, 0, 0)


def test_a_returned_case_is_handed_over_once_and_asked_back_once(world: World) -> None:
    case = a_suggestion(world, "handling")
    services.request_return(case, reason="不属本单位。", to=world.roads, by=world.unit_clerk)
    services.approve_return(case, by=world.county_staff)
    services.transfer(case, to=world.roads, by=world.county_staff)
    found = figures(world.county)
    assert (found["handed_over"], found["returns"], found["overdue"]) == (1, 1, 0)


def test_overdue_is_told_as_at_the_end_of_the_period(world: World) -> None:
    """A reply that came late was overdue until it came."""
    case = a_suggestion(world, "handling")
    Assignment.objects.filter(suggestion=case).update(assigned_on=today() - 30 * DAY, due_on=today() - 10 * DAY)
    start = today() - 60 * DAY
    on_the_day, the_day_after = (figures(world.county, start, today() - n * DAY)["overdue"] for n in (10, 9))
    assert (on_the_day, the_day_after) == (0, 1)
    assert figures(world.county, start, today())["overdue"] == 1
    services.reply(case, result_class="A", text="办好了。", by=world.unit_head)
    assert figures(world.county, start, today())["overdue"] == 0
    assert figures(world.county, start, today() - DAY)["overdue"] == 1
    assert figures(world.county, start, today())["on_time"] == 0


def test_nobody_who_was_silent_is_satisfied(world: World) -> None:
    a_suggestion(world, "replied")
    report = collect(world.county, *YEAR)
    assert report.figures["unrated"].value == 1
    rate = report.rates["opinion_satisfaction"]
    assert (rate.numerator, rate.denominator, rate.share, rate.in_words) == (0, 0, None, "—")


def test_solved_is_never_set_against_the_number_of_opinions() -> None:
    for chapter in CHAPTERS:
        for ratio in chapter.ratios:
            assert {ratio.part, ratio.whole} <= REGISTRY.keys()
            assert "opinions" not in (ratio.part, ratio.whole)


def test_the_tables_add_up_to_the_figures(rich: Rich) -> None:
    for subject in subjects(rich):
        report = collect(subject, *YEAR)
        for shown in report.tables:
            for (key, _), total in zip(shown.columns, shown.totals, strict=True):
                if key in report.figures:
                    assert total == report.figures[key].value, f"{subject} {shown.key} {key}"


def test_the_county_is_told_by_its_townships_and_its_own_level(rich: Rich) -> None:
    lines = {line.name: line.values for line in table(collect(rich.county, *YEAR), "by_region").lines}
    assert lines["宁平镇"] == (1, 4, 1, 0)
    assert lines["郸城县本级"] == (2, 3, 33, 12)


def test_a_county_straight_below_its_province_has_a_line_of_its_own(rich: Rich) -> None:
    jiyuan = Region.objects.create(code="419001000000", name="济源市", level="county", parent=rich.province)
    Station.objects.create(
        slug="jiyuan", name="济源站", region=jiyuan, kind="regional", life="formal", opened_on=today()
    )
    lines = {line.name: line.values[0] for line in table(collect(rich.province, *YEAR), "by_region").lines}
    assert lines == {"周口市": 4, "济源市": 1}


def test_solved_problems_are_told_by_kind(rich: Rich) -> None:
    lines = {line.name: line.values for line in table(collect(rich.county, *YEAR), "solved_by_kind").lines}
    assert lines == {"用电": (10,), "未分类": (2,)}


def test_every_figure_and_rate_has_a_definition() -> None:
    for chapter in CHAPTERS:
        for item in (*chapter.counted, *chapter.ratios):
            assert item.definition.endswith("。") and item.label, item.key


def test_every_rate_and_figure_has_a_name_of_its_own() -> None:
    keys = [item.key for chapter in CHAPTERS for item in (*chapter.counted, *chapter.ratios)]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("of", ["county", "station"])
def test_a_report_costs_the_same_for_many_rows(rich: Rich, of: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            collect(getattr(rich, of), *YEAR)
        return len(captured)

    add_round(rich.world, 0)
    few = queries()
    add_round(rich.world, 3)
    assert queries() == few
    assert few <= 48  # one for each source of rows; those of the targets among them


def test_drafts_are_nobodys_proposals(rich: Rich) -> None:
    assert Suggestion.objects.filter(kind="proposal").count() == 6
    assert figures(rich.county)["proposals"] == 4


# Cases that go on as one, units that answer apart, people that rate apart


def test_what_was_merged_is_one_matter_and_rated_by_each(world: World) -> None:
    handled.merged(world)
    found = figures(world.county)
    assert (found["opinions"], found["matters"], found["merged"]) == (4, 1, 3)
    once = ("accepted", "handed_over", "replied", "on_time", "solved", "rated", "assigned")
    assert {key: found[key] for key in once} == dict.fromkeys(once, 1)
    assert (found["opinions_rated"], found["opinions_satisfied"], found["opinions_unrated"]) == (3, 3, 1)
    assert found["phone_ratings"] == 1


def test_while_the_parent_is_handled_again_none_of_them_has_an_answer(world: World) -> None:
    parent = a_suggestion(world, "accepted")
    child = a_suggestion(world)
    services.merge(child, to=parent, by=world.county_staff)
    parent = handled.now(parent)
    services.transfer(parent, to=world.power, by=world.county_staff)
    services.sign_for(parent, by=world.unit_clerk)
    services.reply(parent, result_class="A", text="已更换。", by=world.unit_head)
    services.feedback(handled.now(child), process="satisfied", result="dissatisfied", text="没有换。")
    found = figures(world.county)
    assert (found["replied"], found["opinions_rated"], found["opinions_unrated"]) == (1, 1, 1)
    services.rehandle(handled.now(parent), reason="请查清。", by=world.county_staff)
    found = figures(world.county)
    assert (found["replied"], found["opinions_rated"], found["opinions_unrated"]) == (0, 0, 0)
    services.reply(handled.now(parent), result_class="A", text="这次换了。", by=world.unit_head)
    found = figures(world.county)
    assert (found["replied"], found["opinions_rated"], found["opinions_unrated"]) == (1, 0, 2)


def test_an_opinion_taken_out_again_is_a_matter_of_its_own(world: World) -> None:
    handled.unmerged(world)
    found = figures(world.county)
    assert (found["opinions"], found["matters"], found["merged"]) == (2, 2, 0)


def test_two_units_and_two_signers_make_one_proposal(world: World) -> None:
    handled.signer_profile(world)
    handled.raised(world, handled.a_colleague(world))
    found = figures(world.county)
    once = ("proposals", "handed_over", "replied", "on_time", "solved", "proposals_rated", "proposals_satisfied")
    assert {key: found[key] for key in once} == dict.fromkeys(once, 1)
    assert (found["opinions"], found["matters"], found["raised"], found["assigned"]) == (2, 0, 2, 2)


def test_a_signer_who_is_not_content_makes_the_proposal_dissatisfied_once(world: World) -> None:
    handled.signer_profile(world)
    colleague = handled.a_colleague(world)
    case = handled.raised(world, colleague)
    services.reopen(handled.now(case), reason="重办。", by=world.county_staff)
    case = handled.now(case)
    services.transfer(case, to=world.power, by=world.county_staff)
    services.sign_for(case, by=world.unit_clerk)
    services.reply(case, result_class="A", text="再次答复。", by=world.unit_head)
    services.feedback(case, process="satisfied", result="satisfied", by=world.users["deputy"])
    services.feedback(case, process="satisfied", result="dissatisfied", text="没有。", by=colleague.user)
    found = figures(world.county)
    assert (found["proposals_rated"], found["proposals_satisfied"], found["dissatisfied"]) == (1, 0, 1)


def test_of_separate_units_each_is_late_and_the_case_is_late_once(world: World) -> None:
    case = a_suggestion(world, "accepted")
    services.transfer(case, separate=[world.power, world.roads], by=world.county_staff)
    Assignment.objects.update(assigned_on=today() - 9 * DAY, due_on=today() - DAY)
    report = collect(world.county, *YEAR)
    assert report.figures["overdue"].value == 1
    lines = {line.name: line.values for line in table(report, "by_unit").lines}
    assert lines == {"郸城县供电公司": (1, 0, 0, 1), "郸城县交通运输局": (1, 0, 0, 1)}


def test_an_office_that_passed_it_on_had_nothing_to_answer(world: World) -> None:
    case = a_suggestion(world, "accepted")
    services.transfer(case, to=world.supervision, by=world.county_staff)
    assert figures(world.county)["assigned"] == 1
    services.distribute(case, to=world.power, by=world.supervision_office)
    lines = table(collect(world.county, *YEAR), "by_unit").lines
    assert [(line.name, line.values[0]) for line in lines] == [("郸城县供电公司", 1)]


def test_who_gives_back_most_comes_first_and_the_rest_is_summed_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.figures.UNITS_SHOWN", 1)
    handled.pushed(world)
    services.transfer(a_suggestion(world, "accepted"), to=world.supervision, by=world.county_staff)
    shown = table(collect(world.county, *YEAR), "by_unit")
    assert [(line.name, line.values) for line in shown.lines] == [
        ("郸城县供电公司", (1, 1, 1, 0)),
        ("其他2个单位", (2, 1, 0, 0)),
    ]
    assert shown.lines[-1].code == "" and shown.totals == (3, 2, 1, 0)


def test_the_three_rates_stand_side_by_side() -> None:
    judge = next(chapter for chapter in CHAPTERS if chapter.key == "judge")
    assert [ratio.label for ratio in judge.ratios][:3] == ["代表满意率", "群众满意率", "问题解决率"]
