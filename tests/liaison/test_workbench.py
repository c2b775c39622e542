from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

import pytest
import time_machine
from django.db import connection
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.calendar import today
from accounts.models import Holiday, User
from accounts.pages import OfficeRequest
from activities.models import Activity, ActivityType, Visit
from activities.services import log_activity, log_visit
from deputies.models import Mandate
from liaison.office_views import Hats, nav
from tests.cast import PASSWORD, ROLES, World, a_suggestion

# The whole navigation in its order: label → address.
NAVIGATION = {
    "工作台": "/office/",
    "意见建议": "/office/suggestions/",
    "接待登记": "/office/desk/",
    "活动": "/office/activities/",
    "走访": "/office/visits/",
    "代表": "/office/deputies/",
    "本人": "/office/deputies/own/",
    "履职": "/office/duties/",
    "民生实事": "/office/projects/",
    "报表": "/office/reports/",
    "后台管理": "/admin/",
}


def hats(user: User, path: str = "/office/") -> Hats:
    request: Any = RequestFactory().get(path)
    request.user = user
    return Hats(cast(OfficeRequest, request))


def labels(world: World, role: str) -> list[str]:
    return [label for label, _, _ in nav(hats(world.users[role]))]


def test_nobody_gets_in_without_a_login(client: Client, world: World) -> None:
    response = client.get("/office/")
    assert response.status_code == 302
    assert response["Location"] == "/office/login/?next=/office/"


def test_the_door_lets_in_with_the_right_password(client: Client, world: World) -> None:
    response = client.post("/office/login/", {"username": "county_staff", "password": PASSWORD})
    assert response.status_code == 302
    assert response["Location"] == "/office/"


def test_a_wrong_password_is_a_sentence_and_the_name_stays(client: Client, world: World) -> None:
    response = client.post("/office/login/", {"username": "county_staff", "password": "wrong"})
    body = response.content.decode()
    assert "用户名或密码不对" in body
    assert 'value="county_staff"' in body


def test_five_wrong_passwords_lock_with_429_and_a_sentence(client: Client, world: World) -> None:
    for _ in range(5):
        response = client.post("/office/login/", {"username": "county_staff", "password": "wrong"})
    assert response.status_code == 429
    assert "15分钟" in response.content.decode()
    right = client.post("/office/login/", {"username": "county_staff", "password": PASSWORD})
    assert right.status_code == 429


@pytest.mark.parametrize("demo", [True, False])
def test_demo_accounts_are_listed_in_the_demo_only(client: Client, world: World, demo: bool) -> None:
    with override_settings(DEMO=demo):
        body = client.get("/office/login/").content.decode()
    assert ("演示账号" in body) is demo
    assert ("supervision_office" in body) is demo


def test_logging_out_takes_a_post(as_: Any) -> None:
    client = as_("county_staff")
    assert client.get("/office/logout/").status_code == 405
    assert client.post("/office/logout/")["Location"] == "/office/login/"
    assert client.get("/office/").status_code == 302


def test_logging_out_of_the_back_office_ends_at_the_same_door(as_: Any) -> None:
    assert as_("county_staff").post("/admin/logout/")["Location"] == "/office/login/"


def test_the_password_can_be_changed(as_: Any, world: World) -> None:
    client = as_("county_staff")
    new = "Gengxin-2027-mima"
    client.post("/office/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    world.county_staff.refresh_from_db()
    assert world.county_staff.check_password(new)
    assert client.get("/office/").status_code == 200


@pytest.mark.parametrize("role", ROLES[1:])
def test_everybody_has_a_workbench_and_every_offered_page_opens(as_: Any, world: World, role: str) -> None:
    client = as_(role)
    response = client.get("/office/")
    assert response.status_code == 200
    offered = [entry[:2] for entry in (*response.context["nav"], *response.context["buttons"])]
    for label, url in offered:
        assert client.get(url).status_code in (200, 302), (label, url)


def test_the_navigation_offers_what_one_may(world: World) -> None:
    deputy = {"接待登记", "代表", "民生实事", "报表", "后台管理"}
    assert labels(world, "deputy") == [label for label in NAVIGATION if label not in deputy]
    officer = {"本人", "后台管理"}
    assert labels(world, "station_officer") == [label for label in NAVIGATION if label not in officer]
    assert labels(world, "county_staff") == [label for label in NAVIGATION if label != "本人"]
    assert labels(world, "unit_clerk") == ["工作台", "意见建议"]
    assert labels(world, "system_admin") == ["工作台", "后台管理"]


def test_the_current_page_is_marked(world: World) -> None:
    shown = nav(hats(world.county_staff, "/office/suggestions/2611000001/"))
    assert [label for label, _, current in shown if current] == ["意见建议"]
    shown = nav(hats(world.county_staff, "/office/pairings/"))
    assert [label for label, _, current in shown if current] == ["代表"]


@pytest.mark.parametrize("role", [*ROLES[1:], "ended_deputy"])
def test_the_navigation_offers_exactly_the_pages_that_open(as_: Any, world: World, role: str) -> None:
    if role == "ended_deputy":
        Mandate.objects.update(status="ended", ended_on=today(), reason="resigned")
        role = "deputy"
    client = as_(role)
    opened = [label for label, url in NAVIGATION.items() if client.get(url).status_code == 200]
    assert labels(world, role) == opened


def test_a_deputy_is_offered_the_two_things_to_write_down(as_: Any) -> None:
    body = as_("deputy").get("/office/").content.decode()
    assert reverse("log_activity") in body
    assert reverse("log_visit") in body
    assert reverse("desk") not in body


def test_what_waits_comes_first_with_its_light(as_: Any, world: World) -> None:
    case = a_suggestion(world, "handling", text="养殖区变压器功率过大，电费太高。")
    type(case).objects.filter(pk=case.pk).update(due_on=today() - timedelta(days=2))
    body = as_("unit_head").get("/office/").content.decode()
    assert "养殖区变压器功率过大" in body
    assert "已超期2天" in body
    assert body.index(case.number) < body.index("在办事项")


def test_nothing_waits_is_said(as_: Any) -> None:
    assert "现在没有等您办理的事项" in as_("unit_clerk").get("/office/").content.decode()


def test_the_neighbours_case_does_not_wait_here(as_: Any, world: World) -> None:
    case = a_suggestion(world, "submitted")
    assert case.number in as_("county_staff").get("/office/").content.decode()
    assert case.number not in as_(world.other_staff).get("/office/").content.decode()


def test_a_visit_written_by_the_officer_is_confirmed_with_one_tap(as_: Any, world: World) -> None:
    visit = log_visit(
        Visit(deputy=world.deputy, station=world.station, visited_on=today(), households=3, people=8),
        by=world.station_officer,
    )
    client = as_("deputy")
    body = client.get("/office/").content.decode()
    confirm = reverse("confirm_visit", args=[visit.pk])
    assert confirm in body
    assert client.post(confirm, {"next": "/office/"})["Location"] == "/office/"
    visit.refresh_from_db()
    assert visit.confirmed_at is not None
    assert confirm not in client.get("/office/").content.decode()


def test_an_activity_waits_for_the_reviewer(as_: Any, world: World) -> None:
    kind = ActivityType.objects.get(code="survey")
    log_activity(
        Activity(type=kind, title="走访养殖户调研", station=world.station, held_on=today()), by=world.deputy.user
    )
    assert "走访养殖户调研" in as_("station_officer").get("/office/").content.decode()
    assert "走访养殖户调研" not in as_("unit_head").get("/office/").content.decode()


@pytest.mark.parametrize("role", ROLES[1:])
def test_the_workbench_costs_the_same_however_many_rows(as_: Any, world: World, role: str) -> None:
    client, costs = as_(role), []
    for _ in range(2):
        for stage, at in (("accepted", "county"), ("handling", "county"), ("accepted", "station")):
            a_suggestion(world, stage, at=at)
        with CaptureQueriesContext(connection) as counted:
            client.get("/office/")
        # The savepoint in which a test keeps the session is none of the page's own.
        costs.append(sum("SAVEPOINT" not in query["sql"] for query in counted))
    assert costs[0] == costs[1]
    # A deputy has most to be told: cases, proposals, visits, what is planned, what is due, the notice of the year.
    assert costs[0] <= 20


def test_one_address_that_fails_on_many_names_is_locked_out_though_no_name_is(world: World) -> None:
    client = Client()
    for n in range(20):
        assert client.post("/office/login/", {"username": f"nobody{n}", "password": "x"}).status_code == 200
    right = {"username": "county_staff", "password": PASSWORD}
    assert client.post("/office/login/", right).status_code == 429
    assert client.post("/office/login/", right, REMOTE_ADDR="10.9.8.7").status_code == 302


SENTENCE = "2027年节假日未设置，工作日按周末推算。"


@pytest.mark.parametrize("role", [role for role in ROLES if role != "anonymous"])
def test_a_year_without_holidays_is_told_to_those_who_keep_the_calendar(role: str, as_: Any) -> None:
    Holiday.objects.create(day=date(2026, 10, 1), name="国庆节")
    with time_machine.travel("2026-07-01T04:00:00Z", tick=False):
        page = as_(role).get("/office/").content.decode()
    keeps = role in {"township_staff", "county_staff", "city_staff", "system_admin"}
    assert (SENTENCE in page) is keeps


@pytest.mark.parametrize(
    ("day", "missing"),
    [
        (date(2026, 6, 30), []),  # six months on is 30 December
        (date(2026, 7, 1), [2027]),
        (date(2026, 12, 31), [2027]),
        (date(2027, 1, 1), [2027]),
        (date(2028, 12, 31), [2028, 2029]),
    ],
)
def test_the_years_that_are_missing_are_those_a_deadline_may_reach(db: None, day: date, missing: list[int]) -> None:
    Holiday.objects.create(day=date(2026, 10, 1), name="国庆节")
    assert Holiday.objects.missing_years(day) == missing
    Holiday.objects.create(day=date(2027, 1, 1), name="元旦")
    assert Holiday.objects.missing_years(day) == missing, "元旦 alone is not the State Council's notice"
    Holiday.objects.create(day=date(2027, 10, 1), name="国庆节")
    assert 2027 not in Holiday.objects.missing_years(day)
