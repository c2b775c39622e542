"""Every address of the portal × every role: what a GET gets. An address that nobody listed here fails the build.

`ok` is 200, `to_login` a redirect to the login page, `missing` the 404 that a mistyped address gets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from auditlog.models import LogEntry
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.calendar import today
from accounts.models import Holiday, ImportBatch, Notice, Organization, Region, User
from activities.models import (
    Activity,
    ActivityType,
    AnnualPlan,
    Attendance,
    DutyReport,
    Mediation,
    ResearchReport,
    Theme,
    Visit,
)
from deputies.models import (
    Congress,
    Constituency,
    DeputyGroup,
    GroupMembership,
    Mandate,
    Pairing,
    PostHolder,
    PrintCode,
)
from duties.models import Target
from stations.models import Enterprise, IndustryChain, StationPhoto, StationPost
from suggestions import services
from suggestions.models import Attachment, HandlingProfile, LivelihoodCall, LivelihoodClue, OpinionAdoption
from tests.cast import ROLES, World, a_paper, a_suggestion
from tests.duties import reach, year_reach
from tests.kept import Kept

STAFF = {"township_staff", "county_staff", "city_staff"}
STATION = {"station_officer", "station_head"}
UNIT = {"unit_clerk", "unit_head"}
ADMINISTRATORS = {"system_admin", "security_admin", "auditor"}
EVERYBODY = set(ROLES)
LOGGED_IN = EVERYBODY - {"anonymous"}
UPWARDS = {"county_staff", "city_staff"}
# Who enters what happened at an activity of the township's station: its people, and staff of the very region.
KEEPERS = STATION | {"township_staff"}

# route → who gets 200; the rest gets 404, anonymous is asked to log in (office and admin).
PUBLIC: dict[str, str] = {
    "": "/",
    "stations/": "/stations/",
    "s/<slug:slug>/": "/s/ningping-yangzhi/",
    "s/<slug:slug>/qr.<slug:form>": "/s/ningping-yangzhi/qr.png",
    "s/<slug:slug>/suggest/": "/s/ningping-yangzhi/suggest/",
    "d/<slug:slug>/": "/d/{deputy}/",
    "d/<slug:slug>/qr.<slug:form>": "/d/{deputy}/qr.svg",
    "d/<slug:slug>/suggest/": "/d/{deputy}/suggest/",
    "track/": "/track/",
    "cases/": "/cases/",
    "cases/<slug:number>/": "/cases/{public}/",
    "projects/<int:year>/": "/projects/2027/",
    "plan/<slug:code>/<int:year>/": "/plan/411625000000/2027/",
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
    "track/withdraw/": ("/track/withdraw/", 405),
    "track/request_reopen/": ("/track/request_reopen/", 405),
    "size/": ("/size/", 405),
    "office/logout/": ("/office/logout/", 405),
}
OFFICE: dict[str, tuple[str, set[str]]] = {
    **reach.OFFICE,
    **year_reach.OFFICE,
    "office/": ("/office/", LOGGED_IN),
    "office/password/": ("/office/password/", LOGGED_IN),
    "office/suggestions/": ("/office/suggestions/", STAFF | STATION | UNIT | {"deputy", "supervision_office"}),
    "office/suggestions/<slug:number>/": ("/office/suggestions/{case}/", UPWARDS | UNIT | {"supervision_office"}),
    "office/suggestions/new/": ("/office/suggestions/new/", {"deputy"}),
    "office/suggestions/<slug:number>/files/<int:pk>/": (
        "/office/suggestions/{case}/files/{paper}/",
        UPWARDS | UNIT,
    ),
    "office/suggestions/papers/": ("/office/suggestions/papers/", STAFF | STATION | UNIT | {"supervision_office"}),
    "office/suggestions/papers/list.<slug:form>": (
        "/office/suggestions/papers/list.docx?unit={unit}&on={today}",
        UPWARDS | UNIT,
    ),
    "office/suggestions/<slug:number>/papers/<slug:kind>.<slug:form>": (
        "/office/suggestions/{case}/papers/transfer.docx",
        UPWARDS | UNIT,
    ),
    "office/desk/": ("/office/desk/", STAFF | STATION),
    "office/activities/": ("/office/activities/", STAFF | STATION | {"deputy"}),
    "office/activities/new/": ("/office/activities/new/", STAFF | STATION | {"deputy"}),
    "office/activities/plan/": ("/office/activities/plan/", STAFF | STATION | {"deputy"}),
    "office/activities/<int:pk>/edit/": ("/office/activities/{planned}/edit/", KEEPERS),
    "office/activities/<int:pk>/record/": ("/office/activities/{planned}/record/", KEEPERS),
    "office/activities/<int:pk>/attendance/": ("/office/activities/{planned}/attendance/", KEEPERS),
    "office/activities/<int:pk>/attendance/list/": ("/office/activities/{planned}/attendance/list/", KEEPERS),
    "office/activities/<int:pk>/attendance/<int:row>/": ("/office/activities/{planned}/attendance/{row}/", KEEPERS),
    "office/activities/<int:pk>/code/": ("/office/activities/{planned}/code/", KEEPERS),
    "office/activities/<int:pk>/leave/": ("/office/activities/{planned}/leave/", {"deputy"}),
    "office/sign_in/": ("/office/sign_in/", {"deputy"}),
    "office/plans/": ("/office/plans/", STAFF | STATION | {"deputy"}),
    "office/plans/new/": ("/office/plans/new/", STAFF | STATION),
    "office/plans/<int:pk>/": ("/office/plans/{plan}/", STAFF | STATION),
    "office/plans/<int:pk>/edit/": ("/office/plans/{plan}/edit/", STAFF | STATION),
    "office/activities/<int:pk>/": ("/office/activities/{activity}/", STAFF | STATION | {"deputy"}),
    "office/activities/<int:pk>/matters/": (
        "/office/activities/{director_visit}/matters/",
        STAFF | STATION | {"deputy"},
    ),
    "office/activities/<int:pk>/duty_reports/": (
        "/office/activities/{duty_report}/duty_reports/",
        STAFF | STATION | {"deputy"},
    ),
    "office/activities/<int:pk>/duty_reports/<int:report>/": (
        "/office/activities/{duty_report}/duty_reports/{ballot}/",
        STAFF | STATION,
    ),
    "office/mediations/": ("/office/mediations/", STAFF | STATION | {"deputy"}),
    "office/mediations/new/": ("/office/mediations/new/", STAFF | STATION | {"deputy"}),
    "office/research/": ("/office/research/", STAFF | STATION | {"deputy"}),
    "office/research/new/": ("/office/research/new/", STAFF | STATION | {"deputy"}),
    "office/research/<int:pk>/": ("/office/research/{report}/", STAFF | STATION),
    "office/research/<int:pk>/document/": ("/office/research/{report}/document/", STAFF | STATION),
    "office/research/<int:pk>/adopt/": ("/office/research/{report}/adopt/", STAFF),
    "office/adoptions/": ("/office/adoptions/", STAFF),
    "office/themes/": ("/office/themes/", STAFF | STATION | {"deputy"}),
    "office/themes/<int:pk>/": ("/office/themes/{theme}/", STAFF | STATION | {"deputy"}),
    "office/themes/<int:pk>/<slug:what>/": ("/office/themes/{theme}/visits/", STAFF | STATION | {"deputy"}),
    "office/visits/": ("/office/visits/", STAFF | STATION | {"deputy"}),
    "office/visits/new/": ("/office/visits/new/", STAFF | STATION | {"deputy"}),
    "office/visits/<int:pk>/": ("/office/visits/{visit}/", STAFF | STATION | {"deputy"}),
    "office/projects/": ("/office/projects/", STAFF | STATION),
    "office/projects/opinions/": ("/office/projects/opinions/", STAFF | STATION),
    "office/projects/calls/new/": ("/office/projects/calls/new/", STAFF),
    "office/projects/calls/<int:pk>/comb/": ("/office/projects/calls/{call}/comb/", UPWARDS),
    "office/projects/<int:pk>/": ("/office/projects/{clue}/", UPWARDS),
    "office/projects/<int:pk>/<slug:step>/": ("/office/projects/{clue}/screen/", UPWARDS),
    "office/deputies/": ("/office/deputies/", STAFF | STATION),
    "office/deputies/own/": ("/office/deputies/own/", {"deputy"}),
    "office/deputies/<slug:slug>/": ("/office/deputies/{deputy}/", STAFF | STATION | {"deputy"}),
    "office/deputies/<slug:slug>/<slug:act>/": ("/office/deputies/{deputy}/mandate/", UPWARDS),
    "office/stations/<slug:slug>/members/": ("/office/stations/ningping-yangzhi/members/", STAFF),
    "office/groups/": ("/office/groups/", STAFF | STATION | {"deputy"}),
    "office/groups/<int:pk>/": ("/office/groups/{group}/", UPWARDS | {"deputy"}),
    "office/groups/<int:pk>/members/": ("/office/groups/{group}/members/", UPWARDS),
    "office/groups/<int:pk>/<slug:act>/": ("/office/groups/{group}/leave/", UPWARDS),
    "office/calendar/": ("/office/calendar/", STAFF | STATION | {"deputy"}),
    "office/pairings/": ("/office/pairings/", STAFF | STATION | {"deputy"}),
    "office/pairings/<int:pk>/end/": ("/office/pairings/{pairing}/end/", STAFF | STATION),
    "office/duties/": ("/office/duties/", STAFF | STATION | {"deputy"}),
    "office/duties/targets/": ("/office/duties/targets/", STAFF | STATION | {"deputy"}),
    "office/duties/targets/<int:pk>/": ("/office/duties/targets/{target}/", STAFF),
    "office/duties/files/": ("/office/duties/files/", STAFF | STATION),
    "office/duties/file/": ("/office/duties/file/", {"deputy"}),
    "office/duties/file/<slug:slug>/": ("/office/duties/file/{deputy}/", STAFF | STATION | {"deputy"}),
    "office/duties/file/<slug:slug>/file.<slug:form>": (
        "/office/duties/file/{deputy}/file.docx",
        STAFF | STATION | {"deputy"},
    ),
    "office/duties/groups/<int:pk>/": ("/office/duties/groups/{group}/", UPWARDS | {"deputy"}),
    "office/duties/groups/<int:pk>/file.pdf": ("/office/duties/groups/{group}/file.pdf", UPWARDS | {"deputy"}),
    "office/import/": ("/office/import/", STAFF),
    "office/import/<int:pk>/": ("/office/import/{batch}/", UPWARDS),
    "office/reports/": ("/office/reports/", STAFF | STATION),
    "office/reports/annual/<slug:code>/<int:year>/": ("/office/reports/annual/411625000000/2026/", UPWARDS),
    "office/reports/annual/station/<slug:slug>/<int:year>/": (
        "/office/reports/annual/station/ningping-yangzhi/2026/",
        STAFF | STATION,
    ),
    "office/reports/register/": (
        "/office/reports/register/",
        STAFF | STATION | UNIT | {"deputy", "supervision_office"},
    ),
    "office/reports/promises/": (
        "/office/reports/promises/",
        STAFF | STATION | UNIT | {"deputy", "supervision_office"},
    ),
    "office/reports/circular/": (
        "/office/reports/circular/?region=411625000000&month=2026-01",
        UPWARDS | {"supervision_office"},
    ),
    "office/reports/table/": (
        "/office/reports/table/?region=411625000000&from=2026-01-01&to=2026-04-30",
        UPWARDS,
    ),
    "office/reports/rows/<slug:figure>/": (
        "/office/reports/rows/opinions/?region=411625000000&from=2026-01-01&to=2026-12-31",
        UPWARDS,
    ),
}
OFFICE_OTHERWISE: dict[str, tuple[str, int]] = {
    **reach.OTHERWISE,
    "office/suggestions/<slug:number>/edit/": ("/office/suggestions/{case}/edit/", 404),  # nobody's draft
    "office/desk/slip/": ("/office/desk/slip/", 302),
    "office/activities/<int:pk>/photos/<int:photo>/": ("/office/activities/{activity}/photos/1/", 404),
    "office/activities/<int:pk>/<slug:status>/": ("/office/activities/{activity}/published/", 405),
    "office/plans/<int:pk>/publish/": ("/office/plans/{plan}/publish/", 405),
    "office/plans/<int:pk>/unpublish/": ("/office/plans/{plan}/unpublish/", 405),
    "office/activities/<int:pk>/matters/<slug:number>/hand_over/": (
        "/office/activities/{director_visit}/matters/{case}/hand_over/",
        405,
    ),
    "office/duties/targets/ship/": ("/office/duties/targets/ship/", 405),
    "office/research/<int:pk>/sources/": ("/office/research/{report}/sources/", 405),
    "office/visits/<int:pk>/photos/<int:photo>/": ("/office/visits/{visit}/photos/1/", 404),
    "office/visits/<int:pk>/confirm/": ("/office/visits/{visit}/confirm/", 405),
    "office/import/<int:pk>/confirm/": ("/office/import/{batch}/confirm/", 405),
    "office/import/<int:pk>/undo/": ("/office/import/{batch}/undo/", 405),
}
# The page of a verb is tested per verb below.
SAY = {"office/suggestions/<slug:number>/<slug:verb>/", "office/suggestions/<slug:number>/reissue_code/"}

# The back office: table → who sees, adds, edits and deletes its rows. Whoever sees may export where the table unloads,
# whoever adds may import where it loads. Everybody else of the back office is refused; the others do not get in.
BACK_OFFICE = STAFF | ADMINISTRATORS
SYSTEM, SECURITY, AUDIT = {"system_admin"}, {"security_admin"}, {"auditor"}
NOBODY: set[str] = set()


@dataclass(frozen=True)
class Table:
    see: set[str]
    add: set[str] = field(default_factory=set)
    edit: set[str] = field(default_factory=set)
    delete: set[str] = field(default_factory=set)
    exports: bool = False
    imports: bool = False
    # Pages of its own: route behind the table's → address, who gets it.
    pages: dict[str, tuple[str, set[str]]] = field(default_factory=dict)


TABLES: dict[str, Table] = {
    # table: who sees, adds, edits, deletes
    "accounts.region": Table(STAFF | SYSTEM, STAFF | SYSTEM, STAFF | SYSTEM, exports=True),
    "accounts.organization": Table(STAFF | SYSTEM, STAFF | SYSTEM, STAFF | SYSTEM, exports=True, imports=True),
    "accounts.user": Table(SYSTEM, SYSTEM, SYSTEM, pages={"<id>/password/": ("{pk}/password/", SYSTEM)}),
    "auth.group": Table(SYSTEM),
    "accounts.holiday": Table(STAFF | SYSTEM, SYSTEM, SYSTEM, SYSTEM),
    "accounts.importbatch": Table(STAFF),
    "accounts.notice": Table(SYSTEM),
    "stations.industrychain": Table(STAFF, STAFF, STAFF, exports=True, imports=True),
    "stations.enterprise": Table(STAFF, STAFF, STAFF, exports=True, imports=True),
    "stations.station": Table(
        *(STAFF, STAFF, STAFF),
        exports=True,
        imports=True,
        pages={"photos/<int:pk>/": ("photos/{station_photo}/", STAFF)},
    ),
    "stations.stationpost": Table(STAFF, NOBODY, STAFF),
    "deputies.congress": Table(STAFF, STAFF, STAFF),
    "deputies.constituency": Table(STAFF, STAFF, STAFF),
    "deputies.deputy": Table(STAFF, STAFF, STAFF, exports=True, pages={"<int:pk>/photo/": ("{pk}/photo/", STAFF)}),
    "deputies.mandate": Table(STAFF, NOBODY, STAFF, pages={"<int:pk>/status/": ("{pk}/status/", STAFF)}),
    "deputies.deputygroup": Table(STAFF, STAFF, STAFF),
    "deputies.pairing": Table(STAFF, STAFF, STAFF),
    "deputies.postholder": Table(STAFF, STAFF, STAFF, STAFF),
    "deputies.printcode": Table(STAFF, STAFF, STAFF, pages={"<int:pk>/qr.<slug:form>": ("{pk}/qr.svg", STAFF)}),
    "activities.activitytype": Table(STAFF | SYSTEM, SYSTEM, SYSTEM),
    "activities.mediation": Table(STAFF, NOBODY, STAFF, STAFF),
    "activities.researchreport": Table(STAFF, NOBODY, STAFF),
    "activities.dutyreport": Table(STAFF, NOBODY, STAFF),
    "suggestions.opinionadoption": Table(STAFF, NOBODY, STAFF),
    "activities.activity": Table(STAFF, NOBODY, STAFF),
    "activities.annualplan": Table(STAFF, NOBODY, STAFF),
    "activities.theme": Table(STAFF, STAFF, STAFF),
    "duties.target": Table(STAFF, STAFF, STAFF, STAFF),
    "duties.pointscheme": Table(STAFF, NOBODY, {"township_staff"}, {"township_staff"}),
    "duties.pointitem": Table(STAFF, STAFF, {"township_staff"}, {"township_staff"}),
    "duties.pointentry": Table(STAFF),
    "duties.declaration": Table(STAFF),
    "duties.objection": Table(STAFF),
    "suggestions.category": Table(STAFF | SYSTEM, SYSTEM, SYSTEM),
    "suggestions.problemkind": Table(STAFF | SYSTEM, SYSTEM, SYSTEM),
    "suggestions.handlingprofile": Table(STAFF, STAFF, STAFF),
    "suggestions.suggestion": Table(STAFF),
    "axes.accessattempt": Table(SECURITY),
    "axes.accessfailurelog": Table(SECURITY),
    "axes.accesslog": Table(SECURITY),
    "auditlog.logentry": Table(AUDIT, exports=True),
}
# Not of one table: route → what everybody of the back office gets. The searches in forms are tested below.
WIDE: dict[str, tuple[str, int]] = {
    "": ("", 200),
    "login/": ("login/", 302),  # is in already
    "logout/": ("logout/", 405),
    "password_change/": ("password_change/", 200),
    "password_change/done/": ("password_change/done/", 200),
    "jsi18n/": ("jsi18n/", 200),
    "autocomplete/": ("autocomplete/", 403),  # names no field
    "r/<path:content_type_id>/<path:object_id>/": ("r/1/1/", 404),  # a row of no address of its own
    r"(?P<url>.*)$": ("no-such-page/", 404),
}
APPS = {name.split(".")[0] for name in TABLES}


def routes_of(name: str, table: Table) -> Iterator[tuple[str, str, set[str] | int | None]]:
    """Each route of a table, an address of it, and who gets it, or what everybody of the back office gets."""
    before = f"admin/{name.replace('.', '/')}/"
    yield before, before, table.see
    yield f"{before}add/", f"{before}add/", table.add
    yield f"{before}<path:object_id>/", f"{before}{{pk}}/", 302  # the address of old, leads on to the next
    yield f"{before}<path:object_id>/change/", f"{before}{{pk}}/change/", table.see
    yield f"{before}<path:object_id>/history/", f"{before}{{pk}}/history/", table.see
    yield f"{before}<path:object_id>/delete/", f"{before}{{pk}}/delete/", table.delete
    if table.exports:
        yield f"{before}export/", f"{before}export/", table.see
    if table.imports:
        yield f"{before}import/", f"{before}import/", table.add
        yield f"{before}process_import/", f"{before}process_import/", 405
    for route, (path, who) in table.pages.items():
        yield before + route, before + path, who


def routes(patterns: list[Any], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


def test_every_address_is_listed() -> None:
    listed = {*PUBLIC, *PUBLIC_OTHERWISE, *OFFICE, *OFFICE_OTHERWISE, *SAY}
    listed |= {route for name, table in TABLES.items() for route, _, _ in routes_of(name, table)}
    listed |= {f"admin/{route}" for route in WIDE}
    found = set(routes(get_resolver().url_patterns))
    of_an_app = {route for route in found if "(?P<app_label>" in route}
    assert found - of_an_app == listed
    assert [set(re.findall(r"\w+", route.split(">")[1].split(")")[0])) for route in of_an_app] == [APPS]


def test_every_table_of_the_back_office_is_listed() -> None:
    assert {model._meta.label_lower for model in admin.site._registry} == set(TABLES)


def a_target(region: Region) -> Target:
    return Target.objects.create(region=region, year=2026, of="station", rule="activities", span="month", least=1)


def a_row_of_each_kind(world: World) -> dict[str, Any]:
    case = a_suggestion(world, "handling")
    photo = Attachment.objects.create(suggestion=case, event=case.events.first(), file=a_paper(), size=1)
    paper = Attachment.objects.create(suggestion=case, event=case.events.first(), kind="paper", file=a_paper(), size=1)
    public = a_suggestion(world)
    services.publish(public, title="路灯", text="路灯不亮", checked=True, by=world.county_staff)
    activity = Activity.objects.create(
        type=ActivityType.objects.get(code="survey"),
        title="调研",
        station=world.station,
        region=world.township,
        held_on="2026-03-01",
    )
    planned = Activity.objects.create(
        type=activity.type,
        title="例会",
        station=world.station,
        region=world.township,
        held_on=today(),
        status=Activity.Status.PLANNED,
    )
    row = Attendance.objects.create(activity=planned, deputy=world.deputy, presence=Attendance.Presence.ROTA)
    plan = AnnualPlan.objects.create(region=world.township, station=world.station, year=2026)
    visit = Visit.objects.create(
        deputy=world.deputy, station=world.station, region=world.township, visited_on="2026-03-01"
    )
    group = DeputyGroup.objects.create(
        region=world.county, name="访组", kind="regional", level="county", since="2026-01-01"
    )
    GroupMembership.objects.create(group=group, deputy=world.deputy, since="2026-01-01")
    pairing = Pairing.objects.create(
        deputy=world.deputy, kind="household", household="王庄村养殖户", since="2026-01-01"
    )
    call = LivelihoodCall.objects.create(region=world.county, year=2027, since="2026-01-01", until="2026-12-31")
    clue = LivelihoodClue.objects.create(call=call, title="路灯", need="路灯", combed_on="2026-03-01")
    batch = ImportBatch.objects.create(region=world.county, file_name="a.xlsx", sha256="0" * 64, by=world.county_staff)
    return {
        "deputy": world.deputy.slug,
        "case": case.number,
        "unit": world.power.pk,
        "today": today().isoformat(),
        "public": public.number,
        "photo": photo.pk,
        "paper": paper.pk,
        "activity": activity.pk,
        "visit": visit.pk,
        "planned": planned.pk,
        **results_of(world),
        "target": a_target(world.county).pk,
        **reach.places(world),
        **year_reach.places(world),
        "row": row.pk,
        "plan": plan.pk,
        "group": group.pk,
        "pairing": pairing.pk,
        "batch": batch.pk,
        "call": clue.call_id,
        "clue": clue.pk,
    }


def results_of(world: World) -> dict[str, Any]:
    """What came of the work at the township's station."""
    owner: dict[str, Any] = {"station": world.station, "region": world.township}
    types = {type_.code: type_ for type_ in ActivityType.objects.all()}
    visit, told = (
        Activity.objects.create(type=types[code], title=code, held_on="2026-03-01", **owner)
        for code in ("director_visit", "duty_report")
    )
    report = ResearchReport.objects.create(title="调研", finished_on="2026-03-01", document=a_paper(), **owner)
    theme = Theme.objects.create(region=world.county, name="访题", starts_on="2026-01-01")
    ballot = DutyReport.objects.create(activity=told, deputy=world.deputy)
    return {
        "director_visit": visit.pk,
        "duty_report": told.pk,
        "report": report.pk,
        "theme": theme.pk,
        "ballot": ballot.pk,
    }


_places = Kept(a_row_of_each_kind)


@pytest.fixture
def places(world: World) -> dict[str, Any]:
    """So that every address leads somewhere."""
    return _places(world)


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
    "remind": ("handling", {"county_staff", "supervision_office"}),
    "supervise": ("handling", {"county_staff"}),
    "consult": ("handling", {"county_staff"}),
    "comment": ("handling", set()),
    "inform": ("replied", {"county_staff"}),
    "record": ("closed", {"county_staff"}),
    "reissue_code": ("closed", {"county_staff"}),
    "publish": ("closed", {"county_staff"}),
    "unpublish": ("closed", set()),
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


# The back office


@pytest.fixture
def rows(world: World) -> dict[str, Any]:
    """One row of every table of the back office, of the township: staff of all three levels see it."""
    town, station, deputy = world.township, world.station, world.deputy
    deputy.region, deputy.photo = town, ContentFile(b"picture", name="deputy.png")
    deputy.save()
    congress = Congress.objects.create(region=town, ordinal=15, first_met_on=date(2022, 1, 1))
    post = StationPost.objects.get(station=station, post="officer")
    seat = Constituency.objects.create(congress=congress, name="第三选区")
    login = {"username": "x", "ip_address": "10.0.0.9"}
    made = [
        town,
        station,
        deputy,
        post,
        congress,
        seat,
        world.unit_clerk,
        world.category,
        world.problem_kind,
        Organization.objects.get(name="宁平镇供电所"),
        Group.objects.get(name="审计员"),
        Holiday.objects.create(day=date(2026, 10, 1), name="国庆节"),
        ImportBatch.objects.create(region=town, file_name="a.xlsx", sha256="0", by=world.county_staff),
        Notice.objects.create(key="a", channel="sms", to="13900000001", text="", next_try_at=timezone.now()),
        IndustryChain.objects.create(region=town, name="养殖"),
        Enterprise.objects.create(region=town, name="养殖厂"),
        Mandate.objects.create(deputy=deputy, congress=congress, constituency=seat, since=date(2022, 1, 1)),
        Theme.objects.create(region=town, name="大走访", starts_on=date(2026, 1, 1)),
        AnnualPlan.objects.create(region=town, year=2026),
        DeputyGroup.objects.create(region=town, name="小组", kind="regional", level="township", since=date(2025, 1, 1)),
        Pairing.objects.create(deputy=deputy, kind="household", household="刘庄村养殖户", since=date(2025, 1, 1)),
        PostHolder.objects.create(post=post, deputy=deputy),
        PrintCode.objects.create(station=station),
        ActivityType.objects.all()[0],
        Activity.objects.create(
            type=ActivityType.objects.all()[0], title="调研", station=station, region=town, held_on=date(2026, 3, 1)
        ),
        Mediation.objects.create(region=town, station=station, mediated_on=date(2026, 3, 1), kind="land"),
        ResearchReport.objects.create(region=town, station=station, title="调研", finished_on=date(2026, 3, 1)),
        DutyReport.objects.create(activity=Activity.objects.get(station=station, title="调研"), deputy=deputy),
        OpinionAdoption.objects.create(
            suggestion=a_suggestion(world, at="station"), use="decision", adopted_on=today(), document="文件"
        ),
        a_target(world.township),
        *reach.rows(world, deputy),
        HandlingProfile.objects.create(region=town, kind="opinion", reply_working_days=15),
        a_suggestion(world, at="station"),
        AccessAttempt.objects.create(**login, failures_since_start=5, get_data="", post_data=""),
        AccessFailureLog.objects.create(**login),
        AccessLog.objects.create(**login),
        LogEntry.objects.log_create(town, force_log=True, action=LogEntry.Action.ACCESS),
    ]
    photo = StationPhoto.objects.create(station=station, image=ContentFile(b"picture", name="a.png"), caption="外景")
    return {"station_photo": photo.pk} | {row._meta.label_lower: row.pk for row in made}


def outcome(response: HttpResponse, route: str) -> str:
    """What a page of the back office came to. The page of a row is "edit" or, where it is only seen, "read"."""
    if response.status_code == 302 and response["Location"].startswith("/admin/login/"):
        return "not let in"
    if response.status_code in (403, 404):
        return "refused"
    if response.status_code == 200 and route.endswith("/change/"):
        return "edit" if response.context_data["has_change_permission"] else "read"  # type: ignore[attr-defined]
    return {200: "ok"}.get(response.status_code, str(response.status_code))


def expected(role: str, route: str, table: Table, who: set[str] | int | None) -> str:
    if role not in BACK_OFFICE:
        return "not let in"
    if isinstance(who, int):
        return str(who)
    if who is None or role not in who:
        return "refused"
    if route.endswith("/change/"):
        return "edit" if role in table.edit else "read"
    return "ok"


def searched() -> Iterable[tuple[type[Any], str, str]]:
    """Every field of a form of the back office that searches: where it stands, its name, the table it searches."""
    for page in admin.site._registry.values():
        for form in (page, *(inline(page.model, admin.site) for inline in page.inlines)):
            for name in form.autocomplete_fields:
                yield form.model, name, form.model._meta.get_field(name).remote_field.model._meta.label_lower


@pytest.mark.parametrize("role", ROLES)
def test_the_back_office_by_role(role: str, as_: Any, rows: dict[str, Any]) -> None:
    """One test a role, so that its world is built once."""
    client = as_(role)
    _tables(role, client, rows)
    _what_is_of_no_table(role, client)
    _searches(role, client)


def _tables(role: str, client: Client, rows: dict[str, Any]) -> None:
    got, wanted = {}, {}
    for name, table in TABLES.items():
        for route, address, who in routes_of(name, table):
            got[route] = outcome(client.get("/" + address.format(pk=rows[name], **rows)), route)
            wanted[route] = expected(role, route, table, who)
    assert got == wanted


def _what_is_of_no_table(role: str, client: Client) -> None:
    got = {route: client.get(f"/admin/{path}").status_code for route, (path, _) in WIDE.items()}
    assert got == {route: status if role in BACK_OFFICE else 302 for route, (_, status) in WIDE.items()}
    for app in sorted(APPS):
        sees = any(role in table.see for name, table in TABLES.items() if name.startswith(f"{app}."))
        status = client.get(f"/admin/{app}/").status_code
        assert (app, status) == (app, 302 if role not in BACK_OFFICE else 200 if sees else 404)


def _searches(role: str, client: Client) -> None:
    """Whoever sees a table may search it in a form."""
    fields = list(searched())
    assert len(fields) > 20
    for model, name, table in fields:
        asked = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": name}
        status = client.get("/admin/autocomplete/", asked).status_code
        wanted = 302 if role not in BACK_OFFICE else 200 if role in TABLES[table].see else 403
        assert (model.__name__, name, status) == (model.__name__, name, wanted)


# Saying something, without the right or without having seen the form


def an_address(route: str) -> str:
    """Some address of a route; whether a row is there does not matter."""
    route = re.sub(r"<(\w+):\w+>", lambda kind: {"int": "1", "str": "x", "path": "1", "slug": "x"}[kind[1]], route)
    return "/" + re.sub(r"\^?\(\?P.*", "accounts/", route).replace("<id>", "1")


@pytest.mark.parametrize("role", ["anonymous", "county_staff", "system_admin"])
def test_nothing_is_said_without_the_token_of_a_form(role: str, world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    if role != "anonymous":
        client.force_login(world.users[role])
    for route in routes(get_resolver().url_patterns):
        answer = client.post(an_address(route), {"number": "1", "key": "1"})
        assert (route, answer.status_code) == (route, 403)
        assert "页面已过期" in answer.content.decode(), route


def test_the_neighbour_county_can_say_nothing_to_ours(world: World, as_: Any, places: dict[str, Any]) -> None:
    """Every address that takes a POST, with the keys of our rows: the page that is not there, and nothing has changed."""
    before = {model: list(model._default_manager.order_by("pk").values()) for model in apps.get_models() if ours(model)}
    acts = [path for path, _ in (*OFFICE.values(), *OFFICE_OTHERWISE.values()) if "{" in path]
    acts += [f"/office/suggestions/{{case}}/{verb}/" for verb in VERB_PAGES]
    for who in (world.other_staff, world.other_officer):
        client = as_(who)
        for path in acts:
            answer = client.post(path.format(**places), {"text": "伸手", "version": "4"})
            assert (path, answer.status_code) == (path, 404)
    assert {model: list(model._default_manager.order_by("pk").values()) for model in before} == before


def ours(model: type[Any]) -> bool:
    return model._meta.app_label in ("stations", "deputies", "activities", "suggestions")
