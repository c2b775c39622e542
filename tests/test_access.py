"""Every address of the portal × every role: what a GET gets. An address that nobody listed here fails the build.

`ok` is 200, `to_login` a redirect to the login page, `missing` the 404 that a mistyped address gets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import ImportBatch, User
from activities.models import Activity, ActivityType, Visit
from suggestions.models import Attachment
from tests.cast import ROLES, World, a_paper, a_suggestion

STAFF = {"township_staff", "county_staff", "city_staff"}
STATION = {"station_officer", "station_head"}
UNIT = {"unit_clerk", "unit_head"}
ADMINISTRATORS = {"system_admin", "security_admin", "auditor"}
EVERYBODY = set(ROLES)
LOGGED_IN = EVERYBODY - {"anonymous"}
UPWARDS = {"county_staff", "city_staff"}

# route → who gets 200; the rest gets 404, anonymous is asked to log in (office and admin).
PUBLIC: dict[str, str] = {
    "": "/",
    "stations/": "/stations/",
    "s/<slug:slug>/": "/s/ningping-yangzhi/",
    "s/<slug:slug>/qr.<str:form>": "/s/ningping-yangzhi/qr.png",
    "s/<slug:slug>/suggest/": "/s/ningping-yangzhi/suggest/",
    "d/<slug:slug>/": "/d/{deputy}/",
    "d/<slug:slug>/qr.<str:form>": "/d/{deputy}/qr.svg",
    "d/<slug:slug>/suggest/": "/d/{deputy}/suggest/",
    "track/": "/track/",
    "privacy/": "/privacy/",
    "accessibility/": "/accessibility/",
    "healthz/": "/healthz/",
    "readyz/": "/readyz/",
    "office/login/": "/office/login/",
}
# Public addresses that answer something else to a GET, whoever asks.
PUBLIC_OTHERWISE: dict[str, tuple[str, int]] = {
    "s/<slug:slug>/photos/<int:pk>/": ("/s/ningping-yangzhi/photos/1/", 404),  # no photo there
    "d/<slug:slug>/photo/": ("/d/{deputy}/photo/", 404),  # no consent
    "a/<int:pk>/photos/<int:photo>/": ("/a/{activity}/photos/1/", 404),  # not public
    "receipt/": ("/receipt/", 302),  # nothing was submitted
    "track/photos/<int:pk>/": ("/track/photos/{photo}/", 404),  # no case was looked up
    "track/feedback/": ("/track/feedback/", 405),
    "track/request_reopen/": ("/track/request_reopen/", 405),
    "size/": ("/size/", 405),
    "office/logout/": ("/office/logout/", 405),
}
OFFICE: dict[str, tuple[str, set[str]]] = {
    "office/": ("/office/", LOGGED_IN),
    "office/password/": ("/office/password/", LOGGED_IN),
    "office/suggestions/": ("/office/suggestions/", STAFF | STATION | UNIT | {"deputy", "supervision_office"}),
    "office/suggestions/<str:number>/": ("/office/suggestions/{case}/", UPWARDS | UNIT | {"supervision_office"}),
    "office/suggestions/<str:number>/files/<int:pk>/": (
        "/office/suggestions/{case}/files/{paper}/",
        UPWARDS | UNIT,
    ),
    "office/desk/": ("/office/desk/", STAFF | STATION),
    "office/activities/": ("/office/activities/", STAFF | STATION | {"deputy"}),
    "office/activities/new/": ("/office/activities/new/", STAFF | STATION | {"deputy"}),
    "office/activities/<int:pk>/": ("/office/activities/{activity}/", STAFF | STATION | {"deputy"}),
    "office/visits/": ("/office/visits/", STAFF | STATION | {"deputy"}),
    "office/visits/new/": ("/office/visits/new/", STAFF | STATION | {"deputy"}),
    "office/visits/<int:pk>/": ("/office/visits/{visit}/", STAFF | STATION | {"deputy"}),
    "office/import/": ("/office/import/", STAFF),
    "office/import/<int:pk>/": ("/office/import/{batch}/", UPWARDS),
    "office/reports/": ("/office/reports/", STAFF | STATION),
    "office/reports/annual/<str:code>/<int:year>/": ("/office/reports/annual/411625000000/2026/", UPWARDS),
    "office/reports/annual/station/<slug:slug>/<int:year>/": (
        "/office/reports/annual/station/ningping-yangzhi/2026/",
        STAFF | STATION,
    ),
    "office/reports/rows/<slug:figure>/": (
        "/office/reports/rows/opinions/?region=411625000000&from=2026-01-01&to=2026-12-31",
        UPWARDS,
    ),
}
OFFICE_OTHERWISE: dict[str, tuple[str, int]] = {
    "office/desk/slip/": ("/office/desk/slip/", 302),
    "office/activities/<int:pk>/photos/<int:photo>/": ("/office/activities/{activity}/photos/1/", 404),
    "office/activities/<int:pk>/<str:status>/": ("/office/activities/{activity}/published/", 405),
    "office/visits/<int:pk>/confirm/": ("/office/visits/{visit}/confirm/", 405),
    "office/import/<int:pk>/confirm/": ("/office/import/{batch}/confirm/", 405),
    "office/import/<int:pk>/undo/": ("/office/import/{batch}/undo/", 405),
}
# The page of a verb is tested per verb below.
SAY = "office/suggestions/<str:number>/<str:verb>/"


def routes(patterns: list[Any], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


def test_every_address_is_listed() -> None:
    listed = {*PUBLIC, *PUBLIC_OTHERWISE, *OFFICE, *OFFICE_OTHERWISE, SAY}
    found = {route for route in routes(get_resolver().url_patterns) if not route.startswith("admin/")}
    assert found == listed


@pytest.fixture
def places(world: World) -> dict[str, Any]:
    """One row of each kind, so that every address leads somewhere."""
    case = a_suggestion(world, "handling")
    photo = Attachment.objects.create(suggestion=case, event=case.events.first(), file=a_paper(), size=1)
    paper = Attachment.objects.create(suggestion=case, event=case.events.first(), kind="paper", file=a_paper(), size=1)
    activity = Activity.objects.create(
        type=ActivityType.objects.get(code="survey"),
        title="调研",
        station=world.station,
        region=world.township,
        held_on="2026-03-01",
    )
    visit = Visit.objects.create(
        deputy=world.deputy, station=world.station, region=world.township, visited_on="2026-03-01"
    )
    batch = ImportBatch.objects.create(region=world.county, file_name="a.xlsx", sha256="0" * 64, by=world.county_staff)
    return {
        "deputy": world.deputy.slug,
        "case": case.number,
        "photo": photo.pk,
        "paper": paper.pk,
        "activity": activity.pk,
        "visit": visit.pk,
        "batch": batch.pk,
    }


def seen(response: HttpResponse) -> str:
    if response.status_code == 302 and response["Location"].startswith("/office/login/"):
        return "to_login"
    return {200: "ok", 404: "missing"}.get(response.status_code, str(response.status_code))


@pytest.mark.parametrize("role", ROLES)
def test_public_addresses_are_the_same_for_everybody(role: str, as_: Any, places: dict[str, Any]) -> None:
    client = as_(role)
    got = {route: client.get(path.format(**places)).status_code for route, path in PUBLIC.items()}
    # Who is logged in already is led on from the login page.
    expected = dict.fromkeys(PUBLIC, 200) | ({"office/login/": 302} if role != "anonymous" else {})
    assert got == expected
    got = {route: client.get(path.format(**places)).status_code for route, (path, _) in PUBLIC_OTHERWISE.items()}
    assert got == {route: status for route, (_, status) in PUBLIC_OTHERWISE.items()}


@pytest.mark.parametrize("role", ROLES)
def test_office_addresses_by_role(role: str, as_: Any, places: dict[str, Any]) -> None:
    client = as_(role)
    got = {route: seen(client.get(path.format(**places))) for route, (path, _) in OFFICE.items()}
    otherwise = "to_login" if role == "anonymous" else "missing"
    assert got == {route: "ok" if role in who else otherwise for route, (_, who) in OFFICE.items()}


@pytest.mark.parametrize("who", ["other_staff", "other_officer"])
def test_the_neighbour_county_finds_nothing_of_ours(world: World, who: str, as_: Any, places: dict[str, Any]) -> None:
    client = as_(getattr(world, who))
    ours = [path for path, _ in OFFICE.values() if "{" in path or "411625" in path or "ningping" in path]
    missing = client.get("/office/no-such-page/").content
    for path in ours:
        response = client.get(path.format(**places))
        assert (path, response.status_code) == (path, 404)
        assert response.content == missing


VERB_PAGES: dict[str, tuple[str, set[str]]] = {
    # verb → the stage at which it is said, and who gets its form, of a case of the county's station
    "accept": ("submitted", {"county_staff"}),
    "decline": ("submitted", {"county_staff"}),
    "answer": ("submitted", {"county_staff"}),
    "transfer": ("accepted", {"county_staff"}),
    "escalate": ("accepted", {"county_staff"}),
    "sign_for": ("transferred", {"county_staff", "unit_clerk", "unit_head"}),
    "request_return": ("handling", {"county_staff", "unit_clerk", "unit_head"}),
    "reply": ("handling", {"county_staff", "unit_head"}),
    "rehandle": ("reviewing", {"county_staff"}),
    "uphold": ("reviewing", {"county_staff"}),
    "fulfil": ("tracking", {"county_staff", "unit_head"}),
    "reopen": ("closed", {"county_staff"}),
}


@pytest.mark.parametrize("verb", VERB_PAGES)
def test_who_gets_the_form_of_a_verb(world: World, verb: str, as_: Any) -> None:
    stage, who = VERB_PAGES[verb]
    case = a_suggestion(world, stage)
    got = {role: as_(role).get(f"/office/suggestions/{case.number}/{verb}/").status_code for role in ROLES}
    sees_it = {"county_staff", "city_staff"} | (
        UNIT | {"supervision_office"} if stage not in ("submitted", "accepted") else set()
    )
    for role in ROLES:
        expected = 302 if role == "anonymous" else 200 if role in who else 403 if role in sees_it else 404
        assert (verb, role, got[role]) == (verb, role, expected)


def test_rights_taken_away_are_gone_with_the_next_request(world: World, as_: Any) -> None:
    client = as_("county_staff")
    assert client.get("/office/suggestions/").status_code == 200
    User.objects.filter(pk=world.county_staff.pk).update(organization=world.other_organ)
    case = a_suggestion(world)
    assert client.get(f"/office/suggestions/{case.number}/").status_code == 404
    User.objects.filter(pk=world.county_staff.pk).update(is_active=False)
    assert seen(client.get("/office/suggestions/")) == "to_login"


def test_a_group_alone_gives_no_case(world: World, as_: Any) -> None:
    """三员分立: whoever keeps the accounts reads no case."""
    for group in Group.objects.all():
        world.auditor.groups.add(group)
    assert as_(world.auditor).get("/office/suggestions/").status_code == 404
