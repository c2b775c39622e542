"""Accounts are opened by the system administrator alone, and none becomes more than its links say (security.md T3, T6)."""

from __future__ import annotations

from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import AUDITOR, SECURITY_ADMIN, SYSTEM_ADMIN, User
from tests.cast import World

USERS = "admin:accounts_user_changelist"
ADD = "admin:accounts_user_add"
CHANGE = "admin:accounts_user_change"
NEW = {"username": "ningping_liu", "name": "刘联络", "password1": "Zhihu-2026-men", "password2": "Zhihu-2026-men"}


def group(name: str) -> int:
    return Group.objects.get(name=name).pk


def test_the_system_administrator_opens_an_account_with_its_first_password(world: World, as_: Any) -> None:
    client = as_("system_admin")
    assert client.get(reverse(ADD)).status_code == 200
    answer = client.post(reverse(ADD), {**NEW, "organization": world.township_organ.pk})
    account = User.objects.get(username="ningping_liu")
    assert answer["Location"] == reverse(CHANGE, args=[account.pk])
    assert account.organization == world.township_organ and account.is_active
    assert account.check_password("Zhihu-2026-men")
    assert client.get(reverse(CHANGE, args=[account.pk])).status_code == 200


@pytest.mark.parametrize(
    ("password", "sentence"), [("12345678901", "全都是数字"), ("Duan-1", "10"), ("ningping_liu", "用户名")]
)
def test_a_weak_first_password_is_refused_beside_the_field(password: str, sentence: str, as_: Any) -> None:
    answer = as_("system_admin").post(reverse(ADD), {**NEW, "password1": password, "password2": password})
    assert sentence in answer.content.decode()
    assert not User.objects.filter(username="ningping_liu").exists()


@pytest.mark.parametrize("role", ["county_staff", "city_staff", "security_admin", "auditor"])
def test_nobody_else_sees_or_touches_accounts(role: str, world: World, as_: Any) -> None:
    client = as_(role)
    target = world.unit_clerk
    for address in (
        reverse(USERS),
        reverse(ADD),
        reverse(CHANGE, args=[target.pk]),
        reverse("admin:auth_user_password_change", args=[target.pk]),
    ):
        assert client.get(address).status_code in (403, 404)
        assert client.post(address, {**NEW, "is_active": ""}).status_code in (403, 404)
    assert client.post(
        reverse(CHANGE, args=[client_user(client).pk]), {"groups": [group(SYSTEM_ADMIN)]}
    ).status_code in (403, 404)
    target.refresh_from_db()
    assert target.is_active and not User.objects.filter(username="ningping_liu").exists()


def client_user(client: Any) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


def test_what_no_form_offers_is_not_taken_from_a_post(world: World, as_: Any) -> None:
    extra = {
        "is_superuser": "on",
        "is_staff": "on",
        "user_permissions": ["1", "2"],
        "id": world.system_admin.pk,
        "pk": world.system_admin.pk,
        "password": "plain",
        "date_joined_0": "2001-01-01",
        "last_login": "2001-01-01",
    }
    client = as_("system_admin")
    client.post(reverse(ADD), {**NEW, **extra})
    account = User.objects.get(username="ningping_liu")
    client.post(
        reverse(CHANGE, args=[account.pk]), {"username": account.username, "name": "刘改名", "is_active": "on", **extra}
    )
    account.refresh_from_db()
    assert account.name == "刘改名"
    assert not account.is_superuser and not account.user_permissions.exists()
    assert account.check_password("Zhihu-2026-men") and account.date_joined.year > 2001


def test_the_three_administrators_are_three_people_outside_the_work(world: World, as_: Any) -> None:
    client = as_("system_admin")
    two = client.post(reverse(ADD), {**NEW, "groups": [group(SECURITY_ADMIN), group(AUDITOR)]})
    assert "不同的人担任" in two.content.decode()
    both = client.post(reverse(ADD), {**NEW, "groups": [group(AUDITOR)], "organization": world.county_organ.pk})
    assert "不经办业务" in both.content.decode()
    own = {"username": "system_admin", "name": "陈系统", "is_active": "on", "groups": [group(SYSTEM_ADMIN)]}
    answer = client.post(reverse(CHANGE, args=[world.system_admin.pk]), {**own, "organization": world.county_organ.pk})
    assert "不经办业务" in answer.content.decode()
    world.system_admin.refresh_from_db()
    assert world.system_admin.organization is None


def test_a_new_password_ends_the_sessions_of_the_old_one(world: World, as_: Any) -> None:
    staff = as_("county_staff")
    assert staff.get(reverse("admin:index")).status_code == 200
    page = reverse("admin:auth_user_password_change", args=[world.county_staff.pk])
    client = as_("system_admin")
    shown = client.get(page).content.decode()
    assert 'name="usable_password"' not in shown
    assert (
        client.post(
            page, {"password1": "Xin-mima-2026", "password2": "Xin-mima-2026", "usable_password": "false"}
        ).status_code
        == 302
    )
    world.county_staff.refresh_from_db()
    assert world.county_staff.check_password("Xin-mima-2026")
    assert staff.get(reverse("admin:index")).status_code == 302


def test_a_disabled_account_is_out_at_once(world: World, as_: Any) -> None:
    staff = as_("county_staff")
    form = {"username": "county_staff", "name": "孙代工委", "organization": world.county_organ.pk}
    assert as_("system_admin").post(reverse(CHANGE, args=[world.county_staff.pk]), form).status_code == 302
    assert staff.get(reverse("admin:index")).status_code == 302


def test_groups_are_names_to_read(world: World, as_: Any) -> None:
    client = as_("system_admin")
    page = reverse("admin:auth_group_change", args=[group(AUDITOR)])
    shown = client.get(page).content.decode()
    assert AUDITOR in shown and "permissions" not in shown
    assert client.post(page, {"name": "超级", "permissions": ["1"]}).status_code == 403
    assert client.get(reverse("admin:auth_group_add")).status_code == 403
    assert as_("county_staff").get(page).status_code == 403


# Posts and deputies are tied to accounts by typing the user name


def station_post(world: World, username: str) -> dict[str, Any]:
    return {
        "station": world.county_station.pk,
        "post": "officer",
        "side": "congress",
        "name": "韩县站",
        "user": username,
        "since": "2025-01-10",
    }


@pytest.mark.parametrize("username", ["system_admin", "auditor", "other_staff", "city_staff", "nobody_at_all"])
def test_an_account_of_elsewhere_or_an_administrator_cannot_be_given_a_post(
    username: str, world: World, as_: Any
) -> None:
    post = world.county_station.posts.get()
    answer = as_("county_staff").post(
        reverse("admin:stations_stationpost_change", args=[post.pk]), station_post(world, username)
    )
    assert answer.status_code == 200 and "没有可用的这个账号" in answer.content.decode()


@pytest.mark.parametrize("username", ["station_officer", "county_staff", "township_staff", ""])
def test_an_account_without_organisation_or_of_the_own_region_can(username: str, world: World, as_: Any) -> None:
    post = world.county_station.posts.get()
    client = as_("county_staff")
    page = reverse("admin:stations_stationpost_change", args=[post.pk])
    assert 'value="county_officer"' in client.get(page).content.decode()
    assert client.post(page, station_post(world, username)).status_code == 302
    post.refresh_from_db()
    assert (post.user.username if post.user else "") == username


def test_an_account_says_that_there_is_a_password_and_not_how_it_is_kept(world: World, as_: Any) -> None:
    page = as_("system_admin").get(reverse("admin:accounts_user_change", args=[world.county_staff.pk]))
    assert "已设置" in page.content.decode() and "算法" not in page.content.decode()


def test_the_filter_of_failed_logins_is_in_chinese(world: World, as_: Any) -> None:
    page = as_("security_admin").get(reverse("admin:axes_accessfailurelog_changelist")).content.decode()
    assert "因此锁定" in page and "ccess lock out" not in page


@pytest.mark.parametrize(
    ("role", "table", "chosen"),
    [
        ("auditor", "auditlog_logentry", {"did": "1"}),
        ("auditor", "auditlog_logentry", {"kind": "1"}),
        ("county_staff", "deputies_printcode", {"state": "revoked"}),
        ("system_admin", "accounts_notice", {"state": "failed"}),
    ],
)
def test_a_filter_of_our_own_narrows_the_list(role: str, table: str, chosen: dict[str, str], as_: Any) -> None:
    page = as_(role).get(reverse(f"admin:{table}_changelist"), chosen)
    assert page.status_code == 200 and page.context["cl"].has_filters


def test_the_phone_of_an_account_is_checked_and_masked_in_the_log(world: World, as_: Any) -> None:
    client = as_("system_admin")
    page = reverse(CHANGE, args=[world.unit_clerk.pk])
    kept = {"username": "unit_clerk", "name": "郑经办", "organization": world.power.pk, "is_active": "on"}
    assert "请填写11位手机号" in client.post(page, {**kept, "phone": "0394-321"}).content.decode()
    client.post(page, {**kept, "phone": "13900000009", "email": "zheng@example.cn"})
    world.unit_clerk.refresh_from_db()
    assert (world.unit_clerk.phone, world.unit_clerk.email) == ("13900000009", "zheng@example.cn")
    logged = LogEntry.objects.get_for_object(world.unit_clerk).latest("pk").changes_dict
    assert set(logged) == {"phone", "email"}
    assert "13900000009" not in str(logged) and "zheng@example.cn" not in str(logged)
