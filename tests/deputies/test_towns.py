"""屯子镇 (domain.md §7.2): 114 seats, 103 people, 11 with two, in whatever shows a number."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.calendar import today
from deputies.models import Deputy, Mandate, StationMembership
from reports.figures import collect
from tests.cast import World
from tests.deputies.test_import_roster import FILES, congresses, put_in
from tests.stations.test_admin_tables import read, unload

__all__ = ["congresses"]

PEOPLE, SEATS, DOUBLE = 103, 114, 11


@pytest.fixture
def town(congresses: World) -> World:
    """The roster of the town alone: the cast's own deputy has left."""
    world = congresses
    StationMembership.objects.update(ended_on=today())
    Mandate.objects.update(status="ended", reason="moved", ended_on=today())
    Deputy.objects.update(region=world.other_county)
    put_in((FILES / "towns.xlsx").read_bytes(), world.township)
    return world


def test_the_towns_numbers_everywhere(town: World, as_: Any) -> None:
    client = as_("township_staff")
    body = client.get("/office/deputies/").content.decode()
    assert f"{PEOPLE}人 {SEATS}席" in body
    levels = {"city": (1, 1), "county": (23, 23), "township": (90, 90)}
    for level, (people, seats) in levels.items():
        assert f"代表：{people}人 {seats}席" in client.get("/office/deputies/", {"level": level}).content.decode()
    assert sum(seats for _, seats in levels.values()) == SEATS
    pages = [client.get("/office/deputies/", {"page": n}).context["page"] for n in (1, 2, 3)]
    shown = [deputy for page in pages for deputy in page]
    assert len({one.pk for one in shown}) == len(shown) == PEOPLE
    assert sum(len(one.held_seats) for one in shown) == SEATS
    assert sum(len(one.held_seats) == 2 for one in shown) == DOUBLE

    listed = client.get(reverse("admin:deputies_deputy_changelist")).context["cl"]
    assert listed.result_count == PEOPLE
    sitting = client.get(reverse("admin:deputies_mandate_changelist"), {"status__exact": "sitting"}).context["cl"]
    assert sitting.result_count == SEATS

    sheet: list[Any] = read(unload(client, "deputies_deputy"))
    assert len(sheet) == PEOPLE
    seats_out = [int(row["席位（席）"]) for row in sheet]
    assert (sum(seats_out), seats_out.count(2)) == (SEATS, DOUBLE)

    figures = collect(town.township, date(today().year, 1, 1), today()).figures
    assert (figures["deputies"].value, figures["seats"].value) == (PEOPLE, SEATS)


def test_the_public_pages_count_each_of_them_once(town: World, client: Any) -> None:
    people = list(Deputy.objects.filter(region=town.township))
    StationMembership.objects.bulk_create(
        StationMembership(deputy=one, station=town.county_station, kind="home", since=today()) for one in people
    )
    body = client.get(f"/s/{town.county_station.slug}/").content.decode()
    assert len({one.slug for one in people if f"/d/{one.slug}/" in body}) == PEOPLE
    assert sum(body.count(f'href="/d/{one.slug}/') for one in people) == PEOPLE
    double = next(one for one in people if one.mandates.count() == 2)
    shown = client.get(f"/d/{double.slug}/").content.decode()
    congresses = {seat.congress.region.name for seat in double.mandates.select_related("congress__region")}
    assert len(congresses) == 2 and all(name in shown for name in congresses)
