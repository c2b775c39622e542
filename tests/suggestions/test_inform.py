"""电话告知: who left only a phone is called, and the call is told with its day and without a name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.calendar import in_words, today
from accounts.errors import Refused
from suggestions import services
from suggestions.models import Suggestion
from tests.cast import World, a_suggestion
from tests.suggestions.pages import county_officer, errors_of, loses, say, stale_page

DAY = timedelta(days=1)


def test_the_call_is_told_and_nobody_waits_for_it_any_more(world: World) -> None:
    case = a_suggestion(world, "replied")
    Suggestion.objects.update(to_inform=True)
    case.refresh_from_db()
    event = services.inform(case, text="本人接听，没有意见", by=world.county_staff)
    assert event.public_text == f"已于{in_words(today())}电话告知反映人。"
    assert (event.inner_note, event.data) == ("本人接听，没有意见", {"on": today().isoformat()})
    case.refresh_from_db()
    assert (case.to_inform, case.status) == (False, "replied")


def test_the_call_was_made_after_what_there_was_to_tell(world: World) -> None:
    case = a_suggestion(world, "replied")
    with time_machine.travel(timezone.now() + 3 * DAY, tick=False):
        services.inform(case, text="已告知", informed_on=today() - 2 * DAY, by=world.county_staff)
        # What it told stands on this day, so the next call is not before it.
        for day, words in ((today() - DAY, "不能更早"), (today() + DAY, "晚于今天")):
            with pytest.raises(Refused, match=words) as refused:
                services.inform(case, text="已告知", informed_on=day, by=world.county_staff)
            assert refused.value.field == "informed_on"


@pytest.mark.parametrize(
    "text", ["打给张三，已告知", "打１３９ ０００１ １１１１，已告知", "身份证411625199001011234", ""]
)
def test_no_name_and_no_number_is_written_down(world: World, text: str) -> None:
    case = a_suggestion(world, "replied", name="张三", phone="13900011111", consent=True)
    events = case.events.count()
    with pytest.raises(Refused, match="个人信息|怎样告知") as refused:
        services.inform(case, text=text, by=world.county_staff)
    assert refused.value.field == "text"
    assert case.events.count() == events


def test_those_who_call_and_not_the_loser_of_a_race(world: World) -> None:
    case = a_suggestion(world, "closed")
    services.inform(case, text="已告知", by=county_officer(world))
    for by in (world.unit_head, world.supervision_office, world.users["deputy"]):
        with pytest.raises(Refused, match="职责"):
            services.inform(case, text="已告知", by=by)
    loses(world, case, lambda stale: services.inform(stale, text="已告知", by=world.county_staff))


def test_on_its_page(world: World, as_: Any) -> None:
    case, client = a_suggestion(world, "replied"), as_("county_staff")
    assert "晚于今天" in errors_of(say(client, case, "inform", text="已告知", informed_on=today() + DAY))
    assert say(client, case, "inform", text="已告知", informed_on=today()).status_code == 302
    stale_page(client, world, case, "inform", text="已告知", informed_on=today())
