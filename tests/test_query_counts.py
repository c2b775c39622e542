"""A list or a public page asks the database as often with 2N rows as with N.

Guarded elsewhere, beside what they are of:
- directory, station, deputy: tests/liaison/test_public_pages.py; a case that is tracked: tests/suggestions/test_track.py
- list and page of cases: tests/suggestions/test_office_pages.py; the staff's workbench: tests/liaison/test_workbench.py
- activities and visits: tests/activities/; results, 局长进站, themes: tests/suggestions/test_themes.py; the report, its figures and the rows of each: tests/reports/
- the tables of the back office as county staff see them: tests/accounts/test_admin_scope.py

Here stands what is left: the other pages, and the other readers of those pages.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.calendar import today
from accounts.models import Holiday, ImportBatch, ImportRow, Notice, Organization, Region, User
from activities.models import Activity, ActivityPhoto, ActivityType, Attendance, Visit
from deputies.models import Deputy, DeputyGroup, GroupEntry, GroupMembership, Mandate, StationMembership
from stations.models import Enterprise, IndustryChain, Station
from suggestions.models import Category, ProblemKind, Suggestion
from tests.cast import World, a_suggestion

N = 3


@pytest.fixture
def sown(world: World) -> dict[str, Any]:
    """The rows whose own pages are asked; `sow` adds to what stands on them."""
    activity = Activity.objects.create(
        type=ActivityType.objects.all()[0], title="调研", station=world.station, region=world.township, held_on=today()
    )
    visit = Visit.objects.create(deputy=world.deputy, station=world.station, region=world.township, visited_on=today())
    batch = ImportBatch.objects.create(region=world.county, file_name="a.xlsx", sha256="0", by=world.county_staff)
    return {"activity": activity, "visit": visit, "batch": batch, "made": 0}


def sow(world: World, sown: dict[str, Any]) -> None:
    """N more of every row that one of the pages below lists, for each of its readers."""
    first = sown["made"]
    sown["made"] += N
    type_ = ActivityType.objects.all()[0]
    for n in range(first, first + N):
        town = Region.objects.create(code=f"411625{300 + n}000", name=f"{n}镇", level="township", parent=world.county)
        county = Region.objects.create(code=f"4116{40 + n}000000", name=f"{n}县", level="county", parent=world.city)
        for region in (town, county):
            Organization.objects.create(region=region, name=f"{n}人大", kind="presidium")
        bureau = Organization.objects.create(region=world.county, name=f"{n}局", kind="department")
        chain = IndustryChain.objects.create(region=world.county, name=f"{n}链")
        Enterprise.objects.create(region=world.county, name=f"{n}厂").chains.add(chain)
        Station.objects.create(
            slug=f"z-{n}", name=f"{n}站", region=town, kind="regional", life="formal", opened_on=today()
        )
        deputy = Deputy.objects.create(region=world.county, name=f"{n}代表")
        Mandate.objects.create(deputy=deputy, congress=world.congress, since=today())
        StationMembership.objects.create(deputy=deputy, station=world.station, kind="sector", since=today())
        group = DeputyGroup.objects.create(
            region=world.township, name=f"{n}组", kind="regional", level="township", since=today()
        )
        GroupMembership.objects.create(group=group, deputy=world.deputy, since=today())
        GroupEntry.objects.create(group=group, station=world.station, since=today())
        Attendance.objects.create(activity=sown["activity"], deputy=deputy)
        ActivityPhoto.objects.create(activity=sown["activity"], image="a.png")
        sown["activity"].departments.add(bureau)
        held = {"type": type_, "region": world.township, "held_on": today()}
        Activity.objects.create(title=f"{n}站活动", station=world.station, **held)
        Activity.objects.create(title=f"{n}组活动", group=group, **held)
        for by in (None, group):
            Visit.objects.create(
                deputy=None if by else world.deputy,
                group=by,
                station=world.station,
                region=world.township,
                visited_on=today(),
                logged_by=world.station_officer,
            )
        for row in range(3):
            ImportRow.objects.create(batch=sown["batch"], sheet="名册", row=n * 3 + row, verdict="new")
        ImportBatch.objects.create(region=world.county, file_name=f"{n}.xlsx", sha256="0", by=world.county_staff)
        a_suggestion(world, at="station")
        for stage in ("transferred", "handling", "tracking"):
            case = a_suggestion(world, stage)
            Suggestion.objects.filter(pk=case.pk).update(deputy=world.deputy)
        _of_the_administrators(n, bureau)


def _of_the_administrators(n: int, bureau: Organization) -> None:
    user = User.objects.create(username=f"u{n}", name=f"{n}号", organization=bureau)
    Holiday.objects.create(day=date(2027, 1, 1) + timedelta(n), name=f"{n}日")
    Notice.objects.create(key=f"{n}", channel="sms", to="13900000001", text="", next_try_at=timezone.now())
    for model in (ActivityType, Category, ProblemKind):
        model.objects.create(code=f"x-{n}", name=f"{n}类")
    login = {"username": f"u{n}", "ip_address": f"10.0.0.{n}"}
    AccessAttempt.objects.create(**login, failures_since_start=1, get_data="", post_data="")
    AccessFailureLog.objects.create(**login)
    AccessLog.objects.create(**login)
    LogEntry.objects.log_create(user, force_log=True, action=LogEntry.Action.ACCESS, actor=user)


LISTS = ["/office/", "/office/suggestions/", "/office/activities/", "/office/visits/"]
WORK = [*LISTS, "/office/activities/new/", "/office/visits/new/", "/office/activities/{activity}/"]
PAGES: dict[str, list[str]] = {
    "anonymous": ["/", "/s/ningping-yangzhi/suggest/", "/stations/?region=411600000000", "/office/login/"],
    "deputy": [*WORK, "/office/visits/{visit}/"],
    "station_officer": [*WORK, "/office/desk/", "/office/reports/"],
    "unit_clerk": LISTS[:2],
    "supervision_office": LISTS[:2],
    "township_staff": [*WORK, "/office/desk/", "/office/import/", "/office/reports/"],
    "county_staff": [*WORK, "/office/desk/", "/office/import/", "/office/import/{batch}/", "/office/reports/"],
    "city_staff": [*LISTS, "/office/reports/", "/office/reports/annual/411600000000/{year}/"],
    "system_admin": [
        *("/admin/", "/admin/accounts/user/", "/admin/auth/group/", "/admin/accounts/organization/"),
        *("/admin/accounts/region/", "/admin/accounts/holiday/", "/admin/activities/activitytype/"),
        *("/admin/accounts/notice/", "/admin/suggestions/category/", "/admin/suggestions/problemkind/"),
    ],
    "security_admin": [f"/admin/axes/{name}/" for name in ("accessattempt", "accessfailurelog", "accesslog")],
    "auditor": ["/admin/auditlog/logentry/"],
}


def asked(client: Client, address: str) -> list[str]:
    """What is asked of the database for a page that is opened again."""
    assert client.get(address).status_code == 200, address
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return [query["sql"] for query in captured]


@pytest.mark.parametrize("role", PAGES)
def test_twice_the_rows_cost_no_more_statements(role: str, world: World, sown: dict[str, Any], as_: Any) -> None:
    client = as_(role)
    keys = {name: row.pk for name, row in sown.items() if name != "made"}
    pages = [page.format(**keys, year=today().year) for page in PAGES[role]]
    sow(world, sown)
    few = {page: asked(client, page) for page in pages}
    sow(world, sown)
    many = {page: asked(client, page) for page in pages}
    grown = {page: "\n".join(many[page]) for page in pages if len(many[page]) != len(few[page])}
    assert grown == {}
