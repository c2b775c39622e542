"""催办: by whom, of whom, and what the submitter reads of it."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.errors import Refused
from suggestions import services
from suggestions.models import Suggestion
from suggestions.workflow import OPEN, Verb
from tests.cast import STAGES, World, a_suggestion
from tests.suggestions.pages import county_officer, errors_of, loses, say, stale_page

TOLD = {
    "submitted": "已催促联络站尽快办理。",
    "accepted": "已催促联络站尽快办理。",
    "transferred": "已催促承办单位尽快办理。",
    "handling": "已催促承办单位尽快办理。",
    "replied": "已提醒反映人作出评价。",
    "reviewing": "已催促人大机构作出复核决定。",
    "tracking": "已催促承办单位兑现承诺。",
}


@pytest.mark.parametrize("stage", TOLD)
def test_whoever_must_act_now_is_reminded(world: World, stage: str) -> None:
    case = a_suggestion(world, stage)
    # As where the station no longer holds it, the congress organ does.
    Suggestion.objects.filter(pk=case.pk).update(at_station=stage in ("submitted", "accepted"))
    case.refresh_from_db()
    event = services.remind(case, text="请李主任本周内办结", by=world.county_staff)
    assert (event.public_text, event.inner_note) == (TOLD[stage], "请李主任本周内办结")
    assert event.data["to"] == ([world.power.pk] if "承办单位" in TOLD[stage] else [])
    assert case.status == stage


def test_every_open_state_has_its_sentence_and_an_ended_case_is_not_reminded_of(world: World) -> None:
    assert set(TOLD) == {status.value for status in OPEN}
    for stage in set(STAGES) - set(TOLD):
        with pytest.raises(Refused, match="不能催办"):
            services.remind(a_suggestion(world, stage), text="请快办", by=world.county_staff)


def test_nobody_has_it_yet_where_the_station_was_passed_by(world: World) -> None:
    case = a_suggestion(world, direct=True)
    assert services.remind(case, text="请看", by=world.county_staff).public_text == "已催促人大机构尽快办理。"


def test_station_staff_and_supervision_office_may_and_others_may_not(world: World) -> None:
    case = a_suggestion(world, "handling")
    for by in (county_officer(world), world.county_staff, world.supervision_office):
        services.remind(case, text="请快办", by=by)
    assert case.events.filter(verb=Verb.REMIND).count() == 3
    for by in (world.unit_clerk, world.unit_head, world.station_officer, world.users["deputy"], world.other_staff):
        with pytest.raises(Refused, match="职责"):
            services.remind(case, text="请快办", by=by)


def test_of_several_units_one_may_be_chosen(world: World) -> None:
    case = a_suggestion(world, "accepted")
    services.transfer(case, to=world.power, assisting=[world.roads], by=world.county_staff)
    assert services.remind(case, text="请快办", by=world.county_staff).data["to"] == [world.power.pk, world.roads.pk]
    one = services.remind(case, text="请提协办意见", unit=world.roads, by=world.county_staff)
    assert one.data["to"] == [world.roads.pk]
    with pytest.raises(Refused, match="没有在办") as refused:
        services.remind(case, text="请快办", unit=world.village, by=world.county_staff)
    assert refused.value.field == "unit"


def test_without_words_nothing_is_reminded_and_the_loser_of_a_race_writes_nothing(world: World) -> None:
    case = a_suggestion(world, "handling")
    with pytest.raises(Refused, match="写明催办什么"):
        services.remind(case, text=" ", by=world.county_staff)
    loses(world, case, lambda stale: services.remind(stale, text="请快办", by=world.county_staff))


def test_on_its_page(world: World, as_: Any) -> None:
    case = a_suggestion(world, "handling")
    client = as_("supervision_office")
    assert "填写" in errors_of(say(client, case, "remind", text=""))
    assert say(client, case, "remind", text="请快办").status_code == 302
    assert case.events.latest("version").office == str(world.supervision)
    stale_page(client, world, case, "remind", text="请快办")
