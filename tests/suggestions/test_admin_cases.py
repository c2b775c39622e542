"""Cases are read in the back office and never written there (architecture.md, rule 2; mission S2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from suggestions.models import HandlingProfile, Suggestion
from tests.cast import World, a_suggestion

LIST = "admin:suggestions_suggestion_changelist"
CHANGE = "admin:suggestions_suggestion_change"


@pytest.fixture
def case(world: World) -> Suggestion:
    return a_suggestion(world, "handling", name="刘群众", phone="13800009999", consent=True)


def test_a_case_is_read_with_its_events_and_a_way_to_the_workbench(case: Suggestion, as_: Any) -> None:
    shown = as_("county_staff").get(reverse(CHANGE, args=[case.pk])).content.decode()
    for word in ("变压器功率过大", "办理中", "转办", "签收", reverse("suggestion", args=[case.number])):
        assert word in shown


def test_a_case_is_found_as_in_the_workbench(case: Suggestion, world: World, as_: Any) -> None:
    other = a_suggestion(world, text="桥面塌了。")
    wide = case.number.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    for typed in (case.number, f"{wide[:4]} {wide[4:]}", "变压器", "变压 用电"):
        shown = as_("county_staff").get(reverse(LIST), {"q": typed}).content.decode()
        assert case.number in shown and other.number not in shown, typed


def test_the_submitter_is_masked_for_everybody(case: Suggestion, as_: Any) -> None:
    for role in ("county_staff", "city_staff"):
        shown = as_(role).get(reverse(CHANGE, args=[case.pk])).content.decode()
        assert "刘群众" not in shown and "13800009999" not in shown
        assert "刘**" in shown and "138****9999" in shown


@pytest.mark.parametrize("role", ["county_staff", "city_staff", "system_admin"])
def test_no_post_changes_a_case(role: str, case: Suggestion, as_: Any) -> None:
    client = as_(role)
    before = Suggestion.objects.filter(pk=case.pk).values().get()
    form = {"status": "closed", "title": "改", "holder": 1, "rating": "satisfied", "version": 99}
    assert client.post(reverse(CHANGE, args=[case.pk]), form).status_code in (403, 404)
    assert client.post(reverse("admin:suggestions_suggestion_delete", args=[case.pk]), {"post": "yes"}).status_code in (
        403,
        404,
    )
    assert client.post(reverse("admin:suggestions_suggestion_add"), form).status_code == 403
    assert Suggestion.objects.filter(pk=case.pk).values().get() == before


def test_whoever_is_concerned_does_not_find_the_case(world: World, as_: Any) -> None:
    about = a_suggestion(world, text="反映代工委办事拖拉")
    Suggestion.objects.filter(pk=about.pk).update(about_unit=world.county_organ)
    staff = as_("county_staff")
    assert about.number not in staff.get(reverse(LIST)).content.decode()
    assert staff.get(reverse(CHANGE, args=[about.pk])).status_code == 404
    assert as_("city_staff").get(reverse(CHANGE, args=[about.pk])).status_code == 200


@pytest.mark.parametrize("asked", ["变压器", "功率 用电", "number"])
def test_a_case_is_found_by_number_and_by_words(asked: str, case: Suggestion, world: World, as_: Any) -> None:
    other = a_suggestion(world, text="道路坑洼不平。")
    shown = as_("county_staff").get(reverse(LIST), {"q": case.number if asked == "number" else asked}).content.decode()
    assert case.number in shown and other.number not in shown


def test_the_rules_of_a_region_are_edited_in_words(world: World, as_: Any) -> None:
    client = as_("county_staff")
    page = reverse("admin:suggestions_handlingprofile_add")
    fields = {
        "region": world.county.pk,
        "kind": "opinion",
        "review_working_days": 2,
        "reply_months": 0,
        "reply_working_days": 10,
        "extension_max_months": 6,
        "return_working_days": 5,
        "reassign_working_days": 5,
        "assist_months": 1,
        "feedback_working_days": 10,
        "rehandle_months": 1,
        "reopen_days": 90,
        "keep_months": 24,
        "result_classes": "A 已解决\nB 列入计划\n",
    }
    assert "每行一类" in client.post(page, {**fields, "result_classes": "A"}).content.decode()
    assert "至少有A、B两类" in client.post(page, {**fields, "result_classes": "A 已解决"}).content.decode()
    assert "只填一项" in client.post(page, {**fields, "reply_months": 3}).content.decode()
    assert client.post(page, fields).status_code == 302
    profile = HandlingProfile.objects.get(region=world.county)
    assert profile.result_classes == {"A": "已解决", "B": "列入计划"}
    change = reverse("admin:suggestions_handlingprofile_change", args=[profile.pk])
    assert "A 已解决" in client.get(change).content.decode()
    shipped = HandlingProfile.objects.filter(region=world.nation).first()
    if shipped is not None:
        read = client.get(reverse("admin:suggestions_handlingprofile_change", args=[shipped.pk]))
        assert not read.context["has_change_permission"] and "A 已经解决" in read.content.decode()
