from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.calendar import today
from accounts.errors import Refused
from accounts.form_keys import new_form_key
from activities.models import Theme, Visit
from activities.services import log_visit
from deputies.models import Deputy, DeputyGroup, GroupMembership, Pairing
from suggestions.models import Suggestion
from tests.activities.test_log_activity import a_photo
from tests.cast import World

NEW = "/office/visits/new/"


def fields(**more: Any) -> dict[str, Any]:
    return {"key": new_form_key(), "visited_on": today().isoformat(), "target": "growers", "households": "5", **more}


def test_a_deputys_own_visit_is_confirmed_at_once(as_: Any, world: World) -> None:
    response = as_("deputy").post(NEW, fields(people="12"))
    visit = Visit.objects.get()
    assert response["Location"] == f"/office/visits/{visit.pk}/"
    assert (visit.deputy, visit.station, visit.people) == (world.deputy, world.county_station, 12)
    assert visit.confirmed_at is not None


def test_an_officer_chooses_the_deputy_who_then_confirms(as_: Any, world: World) -> None:
    officer, deputy = as_("station_officer"), as_("deputy")
    response = officer.post(NEW, fields())
    assert response.context["form"].errors["deputy"]
    officer.post(NEW, fields(deputy=world.deputy.pk))
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


def test_three_things_are_enough_and_all_of_them_are_filled_in(as_: Any, world: World) -> None:
    client = as_("deputy")
    form = client.get(NEW).context["form"]
    needed = [name for name, field in form.fields.items() if field.required and name != "key"]
    assert needed == ["visited_on", "target", "households"]
    client.post(NEW, {name: form[name].value() for name in [*needed, "key"]})
    visit = Visit.objects.get()
    assert (visit.visited_on, visit.target, visit.households) == (today(), "voters", 1)
    assert (visit.people, visit.station) == (0, world.county_station)


@pytest.mark.parametrize("wrong", [{"households": "-1"}, {"households": ""}, {"people": "-1"}, {"visited_on": ""}])
def test_what_is_wrong_is_said_beside_the_field(as_: Any, wrong: dict[str, str]) -> None:
    response = as_("deputy").post(NEW, fields(**wrong))
    assert set(response.context["form"].errors) == set(wrong)
    assert not Visit.objects.exists()


def test_tomorrow_has_not_happened(as_: Any, world: World) -> None:
    response = as_("deputy").post(
        NEW, fields(visited_on=(today() + timedelta(days=1)).isoformat(), summary="看望养殖户")
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


# Photos


def test_photos_are_drawn_anew_and_seen_by_whoever_sees_the_visit(as_: Any, world: World) -> None:
    client = as_("deputy")
    client.post(NEW, fields(photos=[a_photo(), a_photo("b.jpg")]))
    visit = Visit.objects.get()
    photo = visit.photos.all()[1]
    assert visit.photos.count() == 2 and "b.jpg" not in photo.image.name
    address = f"/office/visits/{visit.pk}/photos/{photo.pk}/"
    assert address in client.get(f"/office/visits/{visit.pk}/").content.decode()
    assert client.get(address)["Content-Type"] == "image/jpeg"
    for stranger in (world.other_officer, "unit_clerk"):
        assert as_(stranger).get(address).status_code == 404
    other = log_visit(a_visit(world), by=world.deputy.user)
    assert client.get(f"/office/visits/{other.pk}/photos/{photo.pk}/").status_code == 404


def test_a_second_tap_keeps_no_photo_twice(as_: Any, world: World) -> None:
    client, told = as_("deputy"), fields()
    for _ in range(2):
        client.post(NEW, told | {"photos": [a_photo()]})
    assert Visit.objects.get().photos.count() == 1


# Whom it was to


def a_visit(world: World, **more: Any) -> Visit:
    return Visit(**{"deputy": world.deputy, "station": world.station, "visited_on": today(), **more})


def a_pairing(world: World, **more: Any) -> Pairing:
    firm = {"kind": "enterprise", "enterprise": world.enterprise, "deputy": world.deputy, "since": date(2025, 1, 1)}
    return Pairing.objects.create(**(firm | more))


def test_a_pairing_in_the_address_says_whom_the_visit_is_to(as_: Any, world: World) -> None:
    pairing = a_pairing(world)
    client = as_("deputy")
    form = client.get(NEW, {"pairing": pairing.pk}).context["form"]
    assert (form["pairing"].value(), form["target"].value()) == (pairing.pk, "enterprise")
    told = fields(pairing=pairing.pk, target="voters")
    first, again = client.post(NEW, told), client.post(NEW, told)
    assert first["Location"] == again["Location"]
    visit = Visit.objects.get()
    assert (visit.pairing, visit.enterprise, visit.target) == (pairing, world.enterprise, "enterprise")


def test_only_own_standing_pairings_are_offered(as_: Any, world: World) -> None:
    stranger = Deputy.objects.create(region=world.other_county, name="外代表", sex="male")
    theirs = a_pairing(world, deputy=stranger)
    over = a_pairing(world, kind="household", enterprise=None, household="三组养殖户", ended_on=date(2025, 6, 1))
    client = as_("deputy")
    for pairing in (theirs, over):
        assert client.get(NEW, {"pairing": pairing.pk}).status_code == 404
    a_pairing(world)
    assert client.post(NEW, fields(pairing=theirs.pk)).context["form"].errors["pairing"]
    for pairing, day in ((theirs, today()), (over, today())):
        with pytest.raises(Refused, match="结对"):
            log_visit(a_visit(world, pairing=pairing, visited_on=day), by=world.deputy.user)


def test_an_officer_writes_down_a_visit_to_what_the_deputy_is_paired_with(as_: Any, world: World) -> None:
    pairing = a_pairing(world)
    client = as_("station_officer")
    form = client.get(NEW, {"pairing": pairing.pk}).context["form"]
    assert form["deputy"].value() == world.deputy.pk
    client.post(NEW, fields(deputy=world.deputy.pk, pairing=pairing.pk))
    assert Visit.objects.get().pairing == pairing


def test_a_theme_gathers_visits_of_its_own_days_and_region(as_: Any, world: World) -> None:
    running = Theme.objects.create(region=world.county, name="双联系", starts_on=today() - timedelta(days=9))
    elsewhere = Theme.objects.create(region=world.other_county, name="外县主题", starts_on=date(2025, 1, 1))
    client = as_("deputy")
    offered = client.get(NEW).context["form"].fields["theme"].queryset
    assert list(offered) == [running]
    client.post(NEW, fields(theme=running.pk))
    assert Visit.objects.get().theme == running
    for theme, day in ((elsewhere, today()), (running, today() - timedelta(days=10))):
        with pytest.raises(Refused, match="主题活动"):
            log_visit(a_visit(world, theme=theme, visited_on=day), by=world.deputy.user)


def test_a_group_may_have_made_the_visit(as_: Any, world: World) -> None:
    group = DeputyGroup.objects.create(
        region=world.county, name="养殖小组", kind="regional", level="county", since=date(2025, 1, 1)
    )
    officer = as_("station_officer")
    assert "group" not in officer.get(NEW).context["form"].fields
    group.entries.create(station=world.station, since=date(2025, 1, 1))
    refused = officer.post(NEW, fields())
    assert "请选择走访的代表或代表小组" in str(refused.context["form"].errors["deputy"])
    officer.post(NEW, fields(group=group.pk))
    visit = Visit.objects.get()
    assert (visit.deputy, visit.group) == (None, group) and visit.confirmed_at is not None
    GroupMembership.objects.create(group=group, deputy=world.deputy, since=date(2025, 1, 1))
    as_("deputy").post(NEW, fields(group=group.pk))
    assert Visit.objects.filter(deputy=world.deputy, group=group).exists()


# Sent by the script that keeps drafts


def test_the_draft_is_told_where_the_row_is(as_: Any, world: World) -> None:
    client = as_("deputy")
    told = fields()
    for _ in range(2):
        answer = client.post(NEW, told, headers={"X-Draft": "1"})
        assert answer.status_code == 204
        assert answer["Location"] == f"/office/visits/{Visit.objects.get().pk}/"
    found = client.post(NEW, fields(finding="机井没有电。"), headers={"X-Draft": "1"})
    assert (found.status_code, found["Location"]) == (204, "/office/desk/slip/")
    assert Suggestion.objects.get().visit is not None
    wrong = client.post(NEW, fields(households="-1"), headers={"X-Draft": "1"})
    assert wrong.status_code == 200 and "data-draft" in wrong.content.decode()
