"""五方协商: five parties, minutes, an agreed day; the submitter reads that it was held, and the day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string

from accounts.calendar import in_words, today
from accounts.errors import Refused
from suggestions import services
from suggestions.models import Consultation
from tests.cast import World, a_suggestion
from tests.suggestions.pages import errors_of, loses, say, stale_page

PARTIES = {
    "committee": "代工委孙主任",
    "supervision": "县督查局吴科长",
    "group": "农业小组李组长",
    "unit": "供电公司冯经理",
    "deputy": "李代表",
}
WEEK = timedelta(days=7)


def held(**extra: Any) -> dict[str, Any]:
    return {"held_on": today(), "minutes": "三月底前换完变压器，费用由供电公司承担。", **PARTIES, **extra}


def test_what_was_agreed_is_kept_and_the_public_reads_only_that_it_was(world: World) -> None:
    case = a_suggestion(world, "handling")
    event = services.consult(case, **held(place="供电公司会议室", agreed_on=today() + WEEK), by=world.county_staff)
    kept = Consultation.objects.get(event=event)
    assert (kept.suggestion, kept.minutes, kept.unit) == (case, held()["minutes"], PARTIES["unit"])
    assert (kept.held_on, kept.agreed_on) == (today(), today() + WEEK)
    assert event.public_text == f"{in_words(today())}进行了五方协商，商定{in_words(today() + WEEK)}前完成。"
    told = event.public_text + str(event.data)
    assert not any(name in told for name in (*PARTIES.values(), "会议室", "变压器"))
    assert case.status == "handling"


@pytest.mark.parametrize("missing", [*PARTIES, "minutes"])
def test_without_one_of_the_five_or_the_minutes_it_was_none(world: World, missing: str) -> None:
    case = a_suggestion(world, "handling")
    with pytest.raises(Refused) as refused:
        services.consult(case, **held(**{missing: " "}), by=world.county_staff)
    assert refused.value.field == missing
    assert not Consultation.objects.exists()


def test_its_days_are_in_order(world: World) -> None:
    case = a_suggestion(world, "handling")
    for days, field, words in (
        ({"held_on": today() + WEEK}, "held_on", "晚于今天"),
        ({"held_on": today() - WEEK}, "held_on", "早于提交日期"),
        ({"agreed_on": today() - timedelta(days=1)}, "agreed_on", "早于协商日期"),
    ):
        with pytest.raises(Refused, match=words) as refused:
            services.consult(case, **held(**days), by=world.county_staff)
        assert refused.value.field == field
    assert services.consult(case, **held(), by=world.county_staff).public_text.endswith("进行了五方协商。")


def test_only_staff_and_not_the_loser_of_a_race(world: World) -> None:
    case = a_suggestion(world, "handling")
    for by in (world.supervision_office, world.unit_head, world.other_staff):
        with pytest.raises(Refused, match="职责"):
            services.consult(case, **held(), by=by)
    with pytest.raises(Refused, match="不能五方协商"):
        services.consult(a_suggestion(world, "closed"), **held(), by=world.county_staff)
    loses(world, case, lambda stale: services.consult(stale, **held(), by=world.county_staff))


def test_the_case_page_shows_minutes_to_those_who_work_on_it_only(world: World) -> None:
    case = a_suggestion(world, "handling")
    services.consult(case, **held(agreed_on=today() + WEEK), by=world.county_staff)
    services.supervise(case, leader="周主任", by=world.county_staff)
    services.publish(case, title="变压器", text="增容", checked=True, by=world.county_staff)
    for inner in (True, False):
        drawn = render_to_string("suggestions/office/oversight.html", {"case": case, "page": {"inner": inner}})
        assert f"/cases/{case.number}/" in drawn
        for words in (held()["minutes"], *PARTIES.values(), "周主任"):
            assert (words in drawn) == inner, words
    assert "公开" not in render_to_string(
        "suggestions/office/oversight.html", {"case": a_suggestion(world), "page": {"inner": True}}
    )


def test_on_its_page(world: World, as_: Any) -> None:
    case, client = a_suggestion(world, "handling"), as_("county_staff")
    form = client.get(f"/office/suggestions/{case.number}/consult/").context["form"]
    assert form["unit"].value() == str(world.power)
    assert "专业代表小组" in errors_of(say(client, case, "consult", **held(group="")))
    assert say(client, case, "consult", **held(agreed_on=today() + WEEK)).status_code == 302
    assert Consultation.objects.get().agreed_on == today() + WEEK
    stale_page(client, world, case, "consult", **held())
