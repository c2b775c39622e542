from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.calendar import today
from accounts.form_keys import new_form_key
from activities.models import Visit
from activities.services import log_visit
from tests.cast import World


def fields(**more: Any) -> dict[str, Any]:
    return {"key": new_form_key(), "visited_on": today().isoformat(), "target": "growers", "households": "5", **more}


def test_a_deputys_own_visit_is_confirmed_at_once(as_: Any, world: World) -> None:
    response = as_("deputy").post("/office/visits/new/", fields(people="12"))
    visit = Visit.objects.get()
    assert response["Location"] == f"/office/visits/{visit.pk}/"
    assert (visit.deputy, visit.station, visit.people) == (world.deputy, world.county_station, 12)
    assert visit.confirmed_at is not None


def test_an_officer_chooses_the_deputy_who_then_confirms(as_: Any, world: World) -> None:
    officer, deputy = as_("station_officer"), as_("deputy")
    response = officer.post("/office/visits/new/", fields())
    assert response.context["form"].errors["deputy"]
    officer.post("/office/visits/new/", fields(deputy=world.deputy.pk))
    visit = Visit.objects.get()
    assert visit.confirmed_at is None
    officer.post(f"/office/visits/{visit.pk}/confirm/")
    visit.refresh_from_db()
    assert visit.confirmed_at is None
    assert "确认这次走访" in deputy.get(f"/office/visits/{visit.pk}/").content.decode()
    assert deputy.post(f"/office/visits/{visit.pk}/confirm/")["Location"] == f"/office/visits/{visit.pk}/"
    visit.refresh_from_db()
    assert visit.confirmed_at is not None


def test_confirming_never_leads_to_another_site(as_: Any, world: World) -> None:
    visit = log_visit(Visit(deputy=world.deputy, station=world.station, visited_on=today()), by=world.station_officer)
    response = as_("deputy").post(f"/office/visits/{visit.pk}/confirm/", {"next": "https://example.com/"})
    assert response["Location"] == f"/office/visits/{visit.pk}/"


def test_numbers_may_be_left_out_and_never_be_negative(as_: Any, world: World) -> None:
    client = as_("deputy")
    response = client.post("/office/visits/new/", fields(households="-1"))
    assert response.context["form"].errors["households"]
    client.post("/office/visits/new/", fields(households=""))
    assert Visit.objects.get().households == 0


def test_tomorrow_has_not_happened(as_: Any, world: World) -> None:
    response = as_("deputy").post(
        "/office/visits/new/", fields(visited_on=(today() + timedelta(days=1)).isoformat(), summary="看望养殖户")
    )
    body = response.content.decode()
    assert "走访日期不能晚于今天" in body and "看望养殖户" in body


def test_a_strangers_visit_is_not_there(as_: Any, world: World) -> None:
    visit = log_visit(Visit(deputy=world.deputy, station=world.station, visited_on=today()), by=world.deputy.user)
    for who in (world.other_staff, world.other_officer, "unit_clerk"):
        client = as_(who)
        assert client.get(f"/office/visits/{visit.pk}/").status_code == 404
        assert client.post(f"/office/visits/{visit.pk}/confirm/").status_code == 404


def test_the_list_costs_the_same_for_twice_the_rows(as_: Any, world: World) -> None:
    client, costs = as_("county_staff"), []
    for _ in range(2):
        for _ in range(4):
            log_visit(Visit(deputy=world.deputy, station=world.station, visited_on=today()), by=world.deputy.user)
        with CaptureQueriesContext(connection) as counted:
            client.get("/office/visits/")
        costs.append(len(counted))
    assert costs[0] == costs[1]
