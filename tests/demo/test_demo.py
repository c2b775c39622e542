from __future__ import annotations

import json
from collections import Counter
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Level, Region, User
from activities.models import Activity, Visit
from deputies.models import Congress
from liaison.demo import ACCOUNTS, PASSWORD
from suggestions.codes import code_hash
from suggestions.models import (
    Assignment,
    Event,
    ExtensionRequest,
    Merge,
    Publication,
    ReturnRequest,
    Suggestion,
)
from suggestions.services import proposals
from suggestions.workflow import Kind, Status, Verb
from tests.cast import ROLES

pytestmark = pytest.mark.django_db

LEVELS = {0: "nation", 2: "province", 4: "city", 6: "county", 9: "township"}


def _counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def _printed() -> str:
    out = StringIO()
    call_command("demo", "--json", stdout=out)
    return out.getvalue()


def test_a_second_run_changes_nothing_and_prints_the_same(demo: dict[str, Any]) -> None:
    before = _counts()
    first, second = _printed(), _printed()
    assert first == second
    assert json.loads(first) == demo
    assert _counts() == before


def test_a_database_with_other_data_is_refused_with_a_sentence(demo: dict[str, Any]) -> None:
    User.objects.filter(username="auditor").update(username="somebody-else")
    before = _counts()
    with pytest.raises(CommandError, match="数据库里已有其他数据.*请换一个空数据库"):
        call_command("demo", stdout=StringIO())
    assert _counts() == before


def test_the_json_has_the_shape_outside_checks_rely_on(demo: dict[str, Any]) -> None:
    shapes = {
        "accounts": {"username", "password", "role", "region"},
        "regions": {"code", "name", "level"},
        "stations": {"slug", "name", "region"},
        "deputies": {"slug", "name"},
        "cases": {"number", "query_code"},
    }
    assert demo.keys() == {"year", *shapes}
    for name, keys in shapes.items():
        assert demo[name] and all(row.keys() == keys for row in demo[name]), name
    assert {account["role"] for account in demo["accounts"]} == set(ROLES) - {"anonymous"}
    assert {region["level"] for region in demo["regions"]} == set(Level.values)
    assert all(case["number"].isdigit() and len(case["query_code"]) == 10 for case in demo["cases"])


def test_the_codes_open_the_cases(demo: dict[str, Any]) -> None:
    for case in demo["cases"]:
        assert Suggestion.objects.get(number=case["number"]).code_hash == code_hash(case["query_code"])
    states = set(
        Suggestion.objects.filter(number__in=[c["number"] for c in demo["cases"]]).values_list("status", flat=True)
    )
    assert states == set(Status) - {Status.DRAFT}


def test_every_region_has_a_sitting_congress_at_its_level_and_above(demo: dict[str, Any]) -> None:
    sitting = set(Congress.objects.sitting().values_list("region__path", flat=True))
    for region in Region.objects.filter(code__in=[region["code"] for region in demo["regions"]]):
        above = {region.path[:length] for length in LEVELS if length <= len(region.path)}
        assert above <= sitting, region


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.username)
def test_every_account_can_log_in_and_finds_something_to_do(account: Any, demo: dict[str, Any]) -> None:
    user = User.objects.get(username=account.username)
    assert user.check_password(PASSWORD)
    waiting = (
        Suggestion.objects.waiting_for(user).count()
        + Visit.objects.waiting_for(user).count()
        + Activity.objects.waiting_for(user).count()
    )
    administrator = user.is_system_admin or user.is_security_admin or user.is_auditor
    assert bool(waiting) != administrator


def test_every_verb_was_said(demo: dict[str, Any]) -> None:
    """But 顺延期限: no holiday is changed while the demo is built."""
    assert set(Event.objects.values_list("verb", flat=True)) == set(Verb) - {Verb.MOVE_DUE}


def test_people_find_what_was_made_public_and_no_name(demo: dict[str, Any], client: Client) -> None:
    published = Publication.objects.visible_to(AnonymousUser())
    assert published.count() >= 6
    page = client.get("/cases/").content.decode()
    assert all(case.title in page for case in published)
    names = Suggestion.objects.filter(publication__in=published).exclude(name="").values_list("name", flat=True)
    assert not any(name in page for name in names)


def test_it_shows_what_is_seldom(demo: dict[str, Any]) -> None:
    """A merge of twelve; a proposal of four signers with its five opinions, passed on, returned, extended and promised."""
    merged = Merge.objects.in_force().filter(parent__kind=Kind.OPINION).values_list("parent")
    assert max(Counter(merged).values()) == 11
    raised = Suggestion.objects.filter(kind=Kind.PROPOSAL, merged__merged_at__isnull=False)
    proposal = raised.distinct().get()
    rows = proposal.assignments
    assert (proposal.cosignatures.confirmed().count(), proposal.merged.count(), proposal.status) == (3, 5, "tracking")
    assert [a.state for a in rows.filter(role="lead")] == ["distributed", "returned", "done"]
    assert rows.filter(basis=Assignment.Basis.EXTENSION).exists() and proposal.consultations.exists()


def test_somebody_is_asked_for_every_decision(demo: dict[str, Any]) -> None:
    county = Suggestion.objects.waiting_for(User.objects.get(username="county_staff"))
    for request in (ReturnRequest, ExtensionRequest):
        assert county.filter(assignments__in=request.objects.open().values("assignment")).exists(), request
    assert county.filter(status=Status.REVIEWING).exists()
    desk = Suggestion.objects.waiting_for(User.objects.get(username="station_officer"))
    assert desk.filter(to_inform=True).exists()
    deputy = proposals.waiting_for(User.objects.get(username="deputy"))
    assert {case.status for case in deputy} == {Status.DRAFT, Status.ACCEPTED}
    assert (
        deputy.filter(lead__user__username="deputy").exists() and deputy.exclude(lead__user__username="deputy").exists()
    )


def test_nobody_else_can_log_in(demo: dict[str, Any]) -> None:
    others = User.objects.exclude(username__in=[account.username for account in ACCOUNTS])
    assert not others.exclude(password="!").exists()


def test_the_demo_year_is_over(demo: dict[str, Any]) -> None:
    """Every case of the demo year came to its end, or to its promise, in that year; what waits is of this year."""
    old = Suggestion.objects.filter(submitted_on__year=demo["year"])
    assert not old.exclude(status__in=("closed", "declined", "tracking")).exists()
    assert not old.filter(events__at__year__gt=demo["year"]).exists()
    assert Suggestion.objects.open().filter(submitted_on__year=demo["year"] + 1).exists()
