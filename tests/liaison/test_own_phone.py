"""A phone that stays signed in: the own records for half a year, everything else after the password (mission U7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import URLPattern, get_resolver, resolve, reverse

from accounts import own_phone
from accounts.form_keys import new_form_key
from activities.models import Activity, ActivityType, Visit
from activities.services import log_visit
from deputies.models import Deputy, StationMembership
from stations.models import StationPost
from tests.cast import PASSWORD, World, a_suggestion

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
GATE = "/office/login/?next="


@pytest.fixture(autouse=True)
def morning() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def phone(username: str = "deputy", *, stay: bool = True) -> Client:
    client = Client()
    sign_in(client, username, stay=stay)
    return client


def sign_in(client: Client, username: str = "deputy", *, stay: bool = False, **more: str) -> Any:
    told = {"username": username, "password": PASSWORD, **({"stay": "on"} if stay else {}), **more}
    return client.post("/office/login/", told)


def is_in(client: Client) -> bool:
    return client.get("/office/").status_code == 200


@pytest.fixture
def headed(world: World) -> World:
    """李代表 is head of the county's station besides: its rows are a deputy's colleague's and a citizen's."""
    user = world.deputy.user
    assert user is not None
    StationPost.objects.create(
        station=world.county_station, post="head", user=user, name=user.name, since=date(2025, 1, 1)
    )
    other = Deputy.objects.create(region=world.county, name="别代表", sex="female")
    StationMembership.objects.create(deputy=other, station=world.county_station, kind="home", since=date(2025, 1, 10))
    visit = {"station": world.county_station, "visited_on": date(2026, 3, 1)}
    log_visit(Visit(**visit, deputy=other, place="别人的村"), by=user)
    log_visit(Visit(**visit, deputy=world.deputy, place="自己的村"), by=user)
    a_suggestion(world, text="群众的路灯坏了。")
    return world


# How long


def test_it_stays_signed_in_for_half_a_year(world: World, morning: Any) -> None:
    client = phone()
    assert client.cookies["sessionid"]["max-age"] == 180 * 24 * 3600
    for days in (30, 90, 179):
        morning.move_to(NOW + timedelta(days=days))
        assert is_in(client)
    morning.move_to(NOW + timedelta(days=181))
    assert not is_in(client)
    assert "这部手机上的登录已经结束" in client.get("/office/login/").content.decode()


def test_without_the_tick_half_an_hour_ends_it(world: World, morning: Any) -> None:
    client = phone(stay=False)
    morning.move_to(NOW + timedelta(minutes=31))
    assert not is_in(client)


def test_whoever_is_no_deputy_signs_in_as_ever(world: World, morning: Any) -> None:
    client = phone("station_officer")
    assert "保持登录只给代表用" in client.get("/office/").content.decode()
    assert client.get("/office/desk/").status_code == 200
    morning.move_to(NOW + timedelta(minutes=31))
    assert not is_in(client)


# What it opens


def office_pages() -> list[tuple[str, str]]:
    """Each page of office and back office, with a key, a number, a word where the address asks for one."""
    found = []

    def walk(patterns: list[Any], names: tuple[str, ...]) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                if pattern.name and pattern.name != "office":
                    found.append((":".join([*names, pattern.name]), pattern))
            else:
                walk(pattern.url_patterns, (*names, pattern.namespace) if pattern.namespace else names)

    walk([p for p in get_resolver().url_patterns if str(p.pattern) in ("office/", "admin/")], ())
    addresses = []
    for name, pattern in found:
        sample = {"IntConverter": 1, "SlugConverter": "x", "StringConverter": "1", "PathConverter": "1"}
        asked = {key: sample.get(type(converter).__name__, 1) for key, converter in pattern.pattern.converters.items()}
        if not asked and pattern.pattern.regex.groups:
            continue
        addresses.append((name, reverse(name, kwargs=asked)))
    return addresses


def test_it_opens_the_listed_pages_and_no_other(world: World) -> None:
    pages = office_pages()
    assert {name for name, _ in pages} >= own_phone.PAGES
    assert len(pages) > 40
    for name, address in pages:
        assert own_phone.opens(resolve(address)) == (name in own_phone.PAGES), name
    client = phone()
    for address in (
        "/office/suggestions/",
        "/office/suggestions/x/reply/",
        "/office/desk/",
        "/admin/",
        "/office/password/",
    ):
        for ask in (client.get, client.post):
            answer = ask(address)
            assert answer.status_code == 302 and answer["Location"].startswith(GATE), address
    assert client.get("/office/no-such-page/").status_code == 404
    assert client.get("/").status_code == 200


def test_the_own_pages_show_no_row_of_a_post(headed: World) -> None:
    client, theirs = phone(), Visit.objects.get(place="别人的村")
    told = ""
    for name in sorted(own_phone.PAGES - {"login", "logout", "visit", "office_visit_photo", "confirm_visit"}):
        told += client.get(reverse(name), follow=True).content.decode()
    for seen in ("别代表", "群众的路灯", "接待登记"):
        assert seen not in told
    assert client.get(f"/office/visits/{theirs.pk}/").status_code == 404
    assert client.post(f"/office/visits/{theirs.pk}/confirm/").status_code == 404
    own = Visit.objects.get(place="自己的村")
    assert "自己的村" in client.get(f"/office/visits/{own.pk}/").content.decode()


def test_the_password_opens_the_rest_until_half_an_hour_without_use(headed: World, morning: Any) -> None:
    client = phone()
    gate = client.get("/office/desk/")
    assert gate["Location"] == f"{GATE}/office/desk/"
    page = client.get(gate["Location"]).content.decode()
    assert "请输入密码" in page and 'value="deputy"' in page and 'name="stay"' not in page
    assert sign_in(client, next="/office/desk/")["Location"] == "/office/desk/"
    assert client.get("/office/desk/").status_code == 200
    theirs = Visit.objects.get(place="别人的村")
    assert client.get(f"/office/visits/{theirs.pk}/").status_code == 200
    session = client.session
    session["desk_slip"] = {"number": "x", "key": "y"}
    session.save()
    for minutes in (20, 40):
        morning.move_to(NOW + timedelta(minutes=minutes))
        assert client.get("/office/desk/").status_code == 200
    morning.move_to(NOW + timedelta(minutes=71))
    assert client.get("/office/desk/")["Location"].startswith(GATE)
    assert is_in(client) and "desk_slip" not in client.session


def test_twelve_hours_close_the_rest_however_busy(world: World, morning: Any) -> None:
    client = phone()
    sign_in(client)
    for half in range(1, 25):
        morning.move_to(NOW + timedelta(minutes=29 * half))
        assert client.get("/office/password/").status_code == 200
    morning.move_to(NOW + timedelta(hours=12, minutes=1))
    assert client.get("/office/password/")["Location"].startswith(GATE)


def test_a_wrong_password_opens_nothing_and_ends_nothing(world: World) -> None:
    client = phone()
    answer = client.post("/office/login/", {"username": "deputy", "password": "wrong"})
    assert "用户名或密码不对" in answer.content.decode()
    assert client.get("/office/suggestions/")["Location"].startswith(GATE)
    assert is_in(client)


def test_another_user_signs_in_on_it_as_ever(world: World) -> None:
    client = phone()
    sign_in(client, "station_officer")
    assert client.get("/office/desk/").status_code == 200
    assert own_phone.KEPT not in client.session


# What is written down there


def test_a_visit_and_its_opinion_need_no_password(headed: World) -> None:
    client = phone()
    told = {"key": new_form_key(), "visited_on": "2026-03-02", "target": "growers", "households": "3"}
    assert "deputy" not in client.get("/office/visits/new/").context["form"].fields
    answer = client.post("/office/visits/new/", told | {"finding": "机井没有电。"}, follow=True)
    assert answer.status_code == 200 and "查询码" in answer.content.decode()
    visit = Visit.objects.get(households=3)
    assert visit.deputy == headed.deputy and visit.confirmed_at is not None


def test_an_activity_is_written_down_for_oneself_only(headed: World) -> None:
    client = phone()
    survey = ActivityType.objects.get(code="survey")
    told = {"key": new_form_key(), "type": survey.pk, "title": "用电调研", "held_on": "2026-03-02"}
    stranger = Deputy.objects.get(name="别代表")
    assert client.post("/office/activities/new/", told | {"deputies": [stranger.pk]}).status_code == 200
    answer = client.post("/office/activities/new/", told | {"deputies": [headed.deputy.pk]})
    assert answer["Location"] == "/office/"
    assert "已记下“用电调研”" in client.get("/office/").content.decode()
    assert [a.deputy for a in Activity.objects.get().attendances.all()] == [headed.deputy]


def test_a_station_served_but_not_ones_own_is_not_there(world: World) -> None:
    user = world.deputy.user
    assert user is not None
    StationPost.objects.create(
        station=world.other_station, post="head", user=user, name=user.name, since=date(2025, 1, 1)
    )
    for way, status in ((phone(), 404), (phone(stay=False), 200)):
        assert way.get(f"/office/visits/new/?station={world.other_station.slug}").status_code == status


# How it ends


def test_leaving_one_such_phone_ends_all_of_them_and_no_other_login(world: World) -> None:
    first, second, desk = phone(), phone(), phone(stay=False)
    desk_too = phone(stay=False)
    desk_too.post("/office/logout/")
    assert is_in(first) and is_in(second)
    first.post("/office/logout/")
    assert not is_in(first) and not is_in(second)
    assert is_in(desk)
    assert is_in(phone())


def test_a_new_password_ends_it(world: World) -> None:
    client, desk = phone(), phone(stay=False)
    new = {"old_password": PASSWORD, "new_password1": "Henan-2026-river", "new_password2": "Henan-2026-river"}
    assert desk.post("/office/password/", new).status_code == 302
    assert is_in(desk) and not is_in(client)


@pytest.mark.parametrize("asked_meanwhile", [True, False])
def test_a_suspended_account_that_comes_back_signs_in_anew(world: World, asked_meanwhile: bool) -> None:
    client, user = phone(), world.deputy.user
    assert user is not None
    user.is_active = False
    user.save(update_fields=["is_active"])
    if asked_meanwhile:
        assert not is_in(client)
    user.is_active = True
    user.save()
    assert not is_in(client)
