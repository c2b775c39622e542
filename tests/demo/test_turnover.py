"""换届 of the demo's own county: its figures before and after, and nothing else changed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.calendar import today
from accounts.models import Region
from deputies.models import Congress, Deputy, GroupMembership, Mandate, PrintCode, StationMembership
from duties.models import DutyFile
from duties.services.term import close_term, preview_term
from reports.figures import collect
from suggestions.models import Suggestion

pytestmark = pytest.mark.django_db

KEYS = ("deputies", "seats", "members", "both_stations", "professional_groups", "stations", "activities")


def figures(county: Region, day: date) -> dict[str, int]:
    told = collect(county, date(day.year, 1, 1), day).as_dict()["figures"]
    return {key: told[key] for key in KEYS if key in told}


def test_the_turnover_of_dancheng(demo: dict[str, Any]) -> None:
    county = Region.objects.get(name="郸城县")
    congress = Congress.objects.sitting().get(region=county)
    day = today()
    seats = Mandate.objects.filter(congress=congress, ended_on__isnull=True)
    held = Mandate.objects.held().exclude(congress=congress)
    people = set(seats.values_list("deputy", flat=True))
    stay = people & set(held.values_list("deputy", flat=True))
    back = sorted(people - stay)[:5]
    coming = Congress.objects.create(region=county, ordinal=congress.ordinal + 1)
    for key in back:
        Mandate.objects.create(deputy_id=key, congress=coming, status="elected", since=day - timedelta(1))
    gone = people - stay - set(back)
    assert len(people) > 20 and stay and gone, "a county worth turning over"
    in_stations = set(StationMembership.objects.sitting().values_list("deputy", flat=True))
    before, cases = figures(county, day), list(Suggestion.objects.order_by("pk").values_list("pk", "status", "version"))
    asked: dict[str, Any] = {"next_first_met_on": day, "new_ordinal": coming.ordinal, "by": None}
    told = preview_term(congress, **asked)
    assert close_term(congress, **asked) == told
    after = figures(county, day)
    assert figures(county, day - timedelta(1))["deputies"] == before["deputies"]
    assert (told.people, told.leaving, told.re_elected) == (len(people), len(gone), 5)
    assert before["deputies"] - after["deputies"] == len(gone)
    assert before["seats"] - after["seats"] == told.seats - 5
    assert before["members"] - after["members"] == len(gone & in_stations)
    assert before["stations"] == after["stations"]
    assert set(StationMembership.objects.sitting().values_list("deputy", flat=True)) == in_stations - gone
    assert not GroupMembership.objects.filter(deputy__in=gone, ended_on__isnull=True).exists()
    assert not PrintCode.objects.valid().filter(deputy__in=gone).exists()
    assert DutyFile.objects.filter(congress=congress).count() == told.files >= len(people)
    assert list(Suggestion.objects.order_by("pk").values_list("pk", "status", "version")) == cases
    assert set(Deputy.objects.in_office().filter(pk__in=people).values_list("pk", flat=True)) == people - gone
