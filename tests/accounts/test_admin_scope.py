"""Each page of the back office begins with what its reader may see (mission B1, C1; security.md T1, T3, T6)."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Holiday, ImportBatch, Notice, Organization, Region, User
from accounts.resources import Workbook
from activities.models import Activity, ActivityType
from deputies.models import Congress, Constituency, Deputy, DeputyGroup, Mandate, PostHolder, PrintCode
from stations.models import Enterprise, IndustryChain, Station, StationPost
from suggestions.models import Category, HandlingProfile, ProblemKind, Suggestion
from tests.cast import World, a_suggestion

Rows = dict[str, Model]


def page(model: type[Model] | Model, name: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def rows_of(region: Region, station: Station, by: User, mark: str) -> Rows:
    """One row of every scoped table, all belonging to one region; `mark` stands in each name."""
    chain = IndustryChain.objects.create(region=region, name=f"{mark}产业链")
    enterprise = Enterprise.objects.create(region=region, name=f"{mark}企业")
    congress = Congress.objects.filter(region=region).first() or Congress.objects.create(
        region=region, ordinal=9, first_met_on=date(2022, 1, 1)
    )
    deputy = Deputy.objects.create(region=region, name=f"{mark}代表", phone="13911112222")
    post = StationPost.objects.create(station=station, post="adviser", name=f"{mark}指导员", since=date(2025, 1, 1))
    return {
        "region": region,
        "organization": Organization.objects.create(region=region, name=f"{mark}局", kind="department"),
        "batch": ImportBatch.objects.create(region=region, file_name=f"{mark}.xlsx", sha256="0", by=by),
        "chain": chain,
        "enterprise": enterprise,
        "station": station,
        "post": post,
        "congress": congress,
        "constituency": Constituency.objects.create(congress=congress, name=f"{mark}选区"),
        "deputy": deputy,
        "mandate": Mandate.objects.create(deputy=deputy, congress=congress, since=date(2022, 1, 1)),
        "group": DeputyGroup.objects.create(
            region=region, name=f"{mark}小组", kind="regional", level="county", since=date(2025, 1, 1)
        ),
        "holder": PostHolder.objects.create(post=post, deputy=deputy),
        "code": PrintCode.objects.create(deputy=deputy),
        "activity": Activity.objects.create(
            region=region,
            station=station,
            type=ActivityType.objects.all()[0],
            title=f"{mark}活动",
            held_on=date(2026, 1, 5),
        ),
        "profile": HandlingProfile.objects.create(region=region, kind="opinion", reply_working_days=15),
    }


SCOPED = (
    *("region", "organization", "batch", "chain", "enterprise", "station", "post", "congress", "constituency"),
    *("deputy", "mandate", "group", "holder", "code", "activity", "profile", "suggestion"),
)


@pytest.fixture
def own(world: World) -> Rows:
    rows = rows_of(world.county, world.county_station, world.county_staff, "甲县")
    return {**rows, "suggestion": a_suggestion(world, text="甲县哨兵变压器")}


@pytest.fixture
def foreign(world: World) -> Rows:
    rows = rows_of(world.other_county, world.other_station, world.other_staff, "乙县")
    from suggestions import services
    from suggestions.codes import new_form_key

    case = services.submit(
        services.Statement(text="乙县哨兵变压器"), form_key=new_form_key(), station=world.other_station
    )
    return {**rows, "suggestion": case}


@pytest.mark.parametrize("name", SCOPED)
def test_a_list_holds_the_own_and_not_the_foreign(name: str, own: Rows, foreign: Rows, as_: Any) -> None:
    shown = as_("county_staff").get(page(own[name]))
    assert shown.status_code == 200
    listed = {row.pk for row in shown.context["cl"].result_list}
    assert own[name].pk in listed and foreign[name].pk not in listed
    for mark in ("乙县", "沈丘"):
        assert mark not in shown.content.decode()


@pytest.mark.parametrize("name", SCOPED)
def test_out_of_scope_and_missing_are_the_same_page(name: str, own: Rows, foreign: Rows, as_: Any) -> None:
    staff = as_("county_staff")
    assert staff.get(page(own[name], "change", own[name].pk)).status_code == 200
    for view in ("change", "history", "delete"):
        there = staff.get(page(own[name], view, foreign[name].pk))
        missing = staff.get(page(own[name], view, 987654321))
        assert there.status_code == missing.status_code in (403, 404), view
        assert there.content == missing.content
    assert staff.post(page(own[name], "change", foreign[name].pk), {"name": "改"}).status_code in (403, 404)


def test_a_township_reads_nothing_of_its_county_but_the_rules_that_hold(world: World, own: Rows, as_: Any) -> None:
    township = as_("township_staff")
    for name in ("organization", "station", "congress", "batch", "suggestion"):
        assert township.get(page(own[name], "change", own[name].pk)).status_code == 404, name
    profile = own["profile"]
    assert township.get(page(profile, "change", profile.pk)).status_code == 200
    assert township.post(page(profile, "change", profile.pk), {"reply_working_days": 1}).status_code == 403


def test_a_city_edits_what_its_counties_keep(own: Rows, as_: Any) -> None:
    city = as_("city_staff")
    for name in ("organization", "station", "deputy", "group"):
        shown = city.get(page(own[name], "change", own[name].pk))
        assert shown.context["has_change_permission"], name


# Who opens what

DAILY = {
    Congress,
    Constituency,
    Deputy,
    DeputyGroup,
    Mandate,
    PostHolder,
    PrintCode,
    Activity,
    Suggestion,
    HandlingProfile,
}
DAILY |= {IndustryChain, Enterprise, Station, StationPost, ImportBatch}
SHARED = {Region, Organization, Holiday, ActivityType, Category, ProblemKind}


def opened(client: Client) -> set[str]:
    return {model._meta.label for model in admin.site._registry if client.get(page(model)).status_code == 200}


def test_each_role_opens_its_own_tables_only(as_: Any) -> None:
    def labels(models: set[type[Model]]) -> set[str]:
        return {model._meta.label for model in models}

    assert opened(as_("county_staff")) == labels(DAILY | SHARED)
    assert opened(as_("system_admin")) == labels(SHARED | {User, Notice}) | {"auth.Group"}
    assert opened(as_("security_admin")) == {"axes.AccessAttempt", "axes.AccessFailureLog", "axes.AccessLog"}
    assert opened(as_("auditor")) == {"auditlog.LogEntry"}


ADDRESSES = ("index", "accounts_region_changelist", "stations_station_add", "autocomplete", "jsi18n")


@pytest.mark.parametrize(
    "role", ["deputy", "station_officer", "station_head", "supervision_office", "unit_clerk", "unit_head"]
)
def test_who_has_no_business_in_the_back_office_is_sent_to_the_workbench(role: str, as_: Any) -> None:
    client = as_(role)
    for name in ADDRESSES:
        answer = client.get(reverse(f"admin:{name}"), follow=True)
        assert [address for address, _ in answer.redirect_chain][-1] == reverse("workbench"), name


def test_a_stranger_is_sent_to_the_one_door_and_comes_back_from_it(as_: Any) -> None:
    for name in ADDRESSES:
        answer = as_("anonymous").get(reverse(f"admin:{name}"), follow=True)
        last = answer.redirect_chain[-1][0]
        assert last.startswith(reverse("login")) and last.endswith(
            f"next={reverse(f'admin:{name}').replace('/', '%2F')}"
        )


def test_a_moved_account_is_out_at_the_next_page(world: World, as_: Any) -> None:
    client = as_("county_staff")
    assert client.get(page(Station)).status_code == 200
    User.objects.filter(pk=world.county_staff.pk).update(organization=world.roads)
    assert client.get(page(Station)).status_code == 302


EDITED_BY_THE_SYSTEM_ADMINISTRATOR = [Holiday, ActivityType, Category, ProblemKind]


@pytest.mark.parametrize("model", EDITED_BY_THE_SYSTEM_ADMINISTRATOR)
def test_shared_tables_are_read_by_staff_and_edited_by_the_system_administrator(
    model: type[Model], world: World, as_: Any
) -> None:
    Holiday.objects.create(day=date(2026, 10, 1), name="国庆节")
    row = model._default_manager.all()[0]
    staff, administrator = as_("county_staff"), as_("system_admin")
    assert staff.get(page(model, "change", row.pk)).status_code == 200
    assert staff.post(page(model, "change", row.pk), {"name": "改"}).status_code == 403
    assert staff.get(page(model, "add")).status_code == 403
    assert administrator.get(page(model, "add")).status_code == 200
    assert administrator.get(page(model, "change", row.pk)).context["has_change_permission"]


def test_nothing_with_a_history_can_be_deleted(own: Rows, as_: Any) -> None:
    staff = as_("county_staff")
    for name in SCOPED:
        if name == "holder":
            continue
        assert staff.post(page(own[name], "delete", own[name].pk), {"post": "yes"}).status_code == 403, name
        staff.post(page(own[name]), {"action": "delete_selected", "_selected_action": [own[name].pk], "post": "yes"})
        assert type(own[name])._default_manager.filter(pk=own[name].pk).exists(), name


# What may be pointed at


def completed(client: Client, app: str, model: str, field: str, term: str) -> list[str]:
    found = client.get(
        reverse("admin:autocomplete"), {"app_label": app, "model_name": model, "field_name": field, "term": term}
    )
    assert found.status_code == 200
    return [row["text"] for row in found.json()["results"]]


@pytest.mark.parametrize(
    ("app", "model", "field", "term"),
    [
        ("stations", "station", "enterprise", "县企业"),
        ("stations", "station", "chains", "县产业链"),
        ("stations", "stationpost", "organization", "县局"),
        ("deputies", "groupmembership", "deputy", "县代表"),
        ("deputies", "printcode", "post", "县指导员"),
        ("deputies", "mandate", "constituency", "县选区"),
    ],
)
def test_a_search_in_a_form_finds_the_own_only(
    app: str, model: str, field: str, term: str, own: Rows, foreign: Rows, as_: Any
) -> None:
    found = completed(as_("county_staff"), app, model, field, term)
    assert found and all("甲县" in text for text in found), found
    assert completed(as_("county_staff"), app, model, field, "乙县") == []


def test_the_system_administrator_finds_no_deputies_in_a_form(own: Rows, as_: Any) -> None:
    answer = as_("system_admin").get(
        reverse("admin:autocomplete"),
        {"app_label": "deputies", "model_name": "groupmembership", "field_name": "deputy", "term": "甲县"},
    )
    assert answer.status_code == 403


def test_a_foreign_key_typed_into_a_post_is_refused(world: World, foreign: Rows, as_: Any) -> None:
    staff = as_("county_staff")
    for model, field, value, others in (
        (Enterprise, "region", world.other_county.pk, {"name": "伸手"}),
        (Enterprise, "chains", foreign["chain"].pk, {"name": "伸手", "region": world.county.pk}),
        (Organization, "region", world.other_county.pk, {"name": "伸手", "kind": "department", "is_active": "on"}),
        (Congress, "region", world.city.pk, {"ordinal": 3, "first_met_on": "2022-01-01"}),
        (PrintCode, "station", world.other_station.pk, {}),
        (
            PostHolder,
            "deputy",
            foreign["deputy"].pk,
            {"post": StationPost.objects.filter(station=world.county_station)[0].pk},
        ),
        (HandlingProfile, "region", world.province.pk, {"kind": "opinion"}),
        (
            Region,
            "parent",
            world.other_county.pk,
            {"code": "411624900000", "level": "township", "name": "伸手", "form": "ordinary"},
        ),
    ):
        before = model._default_manager.count()
        answer = staff.post(page(model, "add"), {**others, field: value})
        assert answer.status_code == 200, model
        assert field in answer.context["adminform"].form.errors, model
        assert model._default_manager.count() == before


def test_what_a_row_points_at_above_ones_scope_survives_saving(world: World, as_: Any) -> None:
    """The township's station serves a chain and stands at an enterprise that the county keeps."""
    station = world.station
    station.enterprise = world.enterprise
    station.save()
    chains = set(station.chains.values_list("pk", flat=True))
    assert chains
    client = as_("township_staff")
    form = client.get(page(Station, "change", station.pk)).context["adminform"].form
    typed = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    typed["chains"] = [getattr(row, "pk", row) for row in typed["chains"]]
    typed["opened_on"] = "2025-01-10"
    for prefix in ("posts", "photos"):
        typed |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    answer = client.post(page(Station, "change", station.pk), {**typed, "hours": "每周一"})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    station.refresh_from_db()
    assert station.hours == "每周一"
    assert station.enterprise == world.enterprise
    assert set(station.chains.values_list("pk", flat=True)) == chains


def test_a_hidden_column_cannot_be_guessed_through_the_address(world: World, as_: Any) -> None:
    a_suggestion(world, name="刘群众", phone="13800009999", consent=True)
    for query in (
        "phone__startswith=138",
        "code_hash__startswith=a",
        "grams__contains=x",
        "station__posts__user__password__startswith=a",
    ):
        answer = as_("city_staff").get(f"{page(Suggestion)}?{query}")
        assert answer.status_code in (302, 400), query
    assert as_("system_admin").get(f"{page(User)}?password__startswith=a").status_code in (302, 400)


# Lists stay quick


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def rows_of_one(world: World, mark: str) -> None:
    deputy = Deputy.objects.create(region=world.county, name=f"{mark}代表")
    Mandate.objects.create(deputy=deputy, congress=world.congress, since=date(2022, 1, 1))
    chain = IndustryChain.objects.create(region=world.county, name=f"{mark}链")
    Enterprise.objects.create(region=world.county, name=f"{mark}企业").chains.add(chain)
    station = Station.objects.create(
        slug=re.sub(r"\D", "-", mark) + "x", name=f"{mark}站", region=world.county, kind="regional"
    )
    post = StationPost.objects.create(station=station, post="adviser", name=f"{mark}人", since=date(2025, 1, 1))
    PostHolder.objects.create(post=post, deputy=deputy)
    PrintCode.objects.create(post=post)
    PrintCode.objects.create(deputy=deputy)
    Organization.objects.create(region=world.county, name=f"{mark}局", kind="department")
    Constituency.objects.create(congress=world.congress, name=f"{mark}选区")
    DeputyGroup.objects.create(
        region=world.county, name=f"{mark}小组", kind="regional", level="county", since=date(2025, 1, 1)
    )
    Activity.objects.create(
        region=world.county, station=station, type=ActivityType.objects.all()[0], title=mark, held_on=date(2026, 1, 5)
    )
    ImportBatch.objects.create(region=world.county, file_name=f"{mark}.xlsx", sha256="0", by=world.county_staff)
    a_suggestion(world, text=f"{mark}的事")


def test_a_long_list_asks_the_database_no_more_often_than_a_short_one(world: World, as_: Any) -> None:
    client = as_("county_staff")
    rows_of_one(world, "甲")
    addresses = [page(model) for model in admin.site._registry if model in DAILY | SHARED]
    short = {address: queries(client, address) for address in addresses}
    for i in range(6):
        rows_of_one(world, f"乙{i}")
    assert {address: queries(client, address) for address in addresses} == short


# Administrators


def test_the_security_administrator_lifts_a_lock(world: World, as_: Any) -> None:
    attempt = AccessAttempt.objects.create(
        username="county_staff", ip_address="10.0.0.9", failures_since_start=5, get_data="", post_data=""
    )
    data = {"action": "unlock", "_selected_action": [attempt.pk]}
    assert as_("system_admin").post(page(AccessAttempt), data).status_code == 403
    assert AccessAttempt.objects.count() == 1
    client = as_("security_admin")
    assert "county_staff" in client.get(page(AccessAttempt)).content.decode()
    assert client.get(page(attempt, "change", attempt.pk)).status_code == 200
    assert client.post(page(AccessAttempt), data).status_code == 302
    assert AccessAttempt.objects.count() == 0


def test_the_auditor_reads_changes_and_can_change_nothing(world: World, as_: Any) -> None:
    from auditlog.models import LogEntry

    as_("system_admin").post(page(Holiday, "add"), {"day": "2026-10-01", "name": "国庆节"})
    entry = LogEntry.objects.get_for_model(Holiday).get()
    auditor = as_("auditor")
    listed = auditor.get(page(LogEntry)).content.decode()
    assert "陈系统" in listed and "节假日" in listed and "新增" in listed
    shown = auditor.get(page(LogEntry, "change", entry.pk)).content.decode()
    assert "国庆节" in shown
    assert auditor.post(page(LogEntry, "change", entry.pk), {"object_repr": "改"}).status_code == 403
    assert auditor.post(page(LogEntry, "delete", entry.pk), {"post": "yes"}).status_code == 403
    file = auditor.post(page(LogEntry, "export"), {"resource": "0", "format": "0"})
    assert "国庆节" in str(Workbook().create_dataset(file.content).dict)
    for role in ("county_staff", "system_admin", "security_admin"):
        assert as_(role).get(page(LogEntry)).status_code == as_(role).get(page(LogEntry, "export")).status_code == 403


@pytest.mark.parametrize("name", ["organization", "congress", "constituency", "group"])
def test_a_name_that_is_taken_is_refused_in_a_sentence_on_the_page_of_a_row_too(
    name: str, world: World, own: Rows, as_: Any
) -> None:
    """One column of the constraint is only shown there, so Django by itself would leave it to the database."""
    row = own[name]
    twin: dict[str, Any] = {
        "organization": {"name": "郸城县供电公司", "kind": "department"},
        "congress": {"ordinal": 15, "first_met_on": "2017-03-01", "ended_on": "2022-03-01"},
        "constituency": {"name": "宁平镇第一选区"},
        "group": {"name": "老小组", "kind": "regional", "level": "county", "since": "2025-01-01"},
    }[name]
    if name == "congress":
        Congress.objects.create(
            region=world.county, ordinal=15, first_met_on=date(2017, 3, 1), ended_on=date(2022, 3, 1)
        )
    if name == "group":
        DeputyGroup.objects.create(
            region=world.county, name="老小组", kind="regional", level="county", since=date(2025, 1, 1)
        )
        for prefix in ("memberships", "entries"):
            twin |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    answer = as_("county_staff").post(page(row, "change", row.pk), twin)
    assert answer.status_code == 200
    sentence = str(answer.context["adminform"].form.errors["__all__"])
    assert "已有" in sentence and "。" in sentence
