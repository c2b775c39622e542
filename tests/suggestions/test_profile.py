"""办理规程: every figure and every class is the county's own to set (domain.md §3.3, §3.6)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.errors import Refused
from suggestions import deadlines
from suggestions.models import HandlingProfile
from suggestions.seeds import load_case_data
from suggestions.workflow import Kind
from tests.cast import World

HENAN_2017 = {
    "review_working_days": 3,
    "reply_months": 3,
    "reply_working_days": 0,
    "extension_max_months": 6,
    "return_working_days": 10,
    "reassign_working_days": 10,
    "assist_months": 2,
    "feedback_working_days": 10,
    "rehandle_months": 1,
    "reopen_days": 90,
    "roll_to_working_day": True,
}


def test_the_rules_of_henan_are_shipped_and_hold_where_a_county_has_none(world: World) -> None:
    proposals = HandlingProfile.objects.nearest(world.township, Kind.PROPOSAL)
    opinions = HandlingProfile.objects.nearest(world.township, Kind.OPINION)
    assert deadlines.terms(proposals) == HENAN_2017
    assert deadlines.terms(opinions) == {**HENAN_2017, "reply_months": 0, "reply_working_days": 15}
    assert "".join(proposals.result_classes) == "ABCD"
    for profile in (proposals, opinions):
        profile.full_clean(validate_constraints=False)


def test_the_nearest_rules_win_for_their_own_kind_only(world: World) -> None:
    HandlingProfile.objects.create(region=world.city, kind=Kind.PROPOSAL, reply_months=2)
    own = HandlingProfile.objects.create(region=world.county, kind=Kind.PROPOSAL, reply_months=1)
    HandlingProfile.objects.create(region=world.other_county, kind=Kind.PROPOSAL, reply_months=4)
    assert HandlingProfile.objects.nearest(world.township, Kind.PROPOSAL) == own
    assert HandlingProfile.objects.nearest(world.county, Kind.PROPOSAL) == own
    assert HandlingProfile.objects.nearest(world.city, Kind.PROPOSAL).reply_months == 2
    assert HandlingProfile.objects.nearest(world.county, Kind.OPINION).region == world.nation


def test_shipping_again_leaves_what_a_county_has_set(world: World) -> None:
    HandlingProfile.objects.filter(region=world.nation, kind=Kind.PROPOSAL).update(return_working_days=7)
    load_case_data()
    assert HandlingProfile.objects.get(region=world.nation, kind=Kind.PROPOSAL).return_working_days == 7
    assert HandlingProfile.objects.count() == 2


def test_without_any_rules_the_sentence_says_where_to_set_them(world: World) -> None:
    HandlingProfile.objects.all().delete()
    with pytest.raises(Refused, match="请先在后台“办理规程”中添加"):
        HandlingProfile.objects.nearest(world.county, Kind.OPINION)


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"reply_months": 0}, "reply_months", "只填一项"),
        ({"reply_working_days": 15}, "reply_months", "只填一项"),
        ({"extension_max_months": 7}, "extension_max_months", "不超过交办之日起六个月"),
        ({"assist_months": 0}, "assist_months", "大于或等于1"),
        ({"rehandle_months": 0}, "rehandle_months", "大于或等于1"),
        ({"result_classes": {"A": "已解决"}}, "result_classes", "至少有A、B两类"),
        ({"result_classes": {"A": "已解决", "B": 2}}, "result_classes", "至少有A、B两类"),
        ({"result_classes": ["A", "B"]}, "result_classes", "至少有A、B两类"),
    ],
)
def test_figures_that_make_no_date_are_refused_in_words(
    world: World, wrong: dict[str, Any], field: str, sentence: str
) -> None:
    profile = HandlingProfile(**{"region": world.county, "kind": Kind.PROPOSAL, "reply_months": 3, **wrong})
    with pytest.raises(ValidationError) as refused:
        profile.full_clean()
    assert set(refused.value.message_dict) == {field}
    assert sentence in "".join(refused.value.message_dict[field])


def test_a_region_has_one_set_of_rules_for_a_kind(world: World) -> None:
    with pytest.raises(ValidationError, match="本区域已有这一类的办理规程。"):
        HandlingProfile(region=world.nation, kind=Kind.PROPOSAL, reply_months=3).full_clean()


def test_every_figure_and_every_class_is_set_in_the_back_office(world: World, as_: Any) -> None:
    """Each figure gets a value of its own, so that no two fields can be mixed up."""
    figures = {name: n for n, name in enumerate(HENAN_2017, 20)}
    figures |= {"reply_months": 4, "reply_working_days": 0, "extension_max_months": 5}
    form = {name: value for name, value in figures.items() if name != "roll_to_working_day"}
    classes = "A 甲：已解决\nB 乙：正在解决\nC 丙：受条件限制"
    add = reverse("admin:suggestions_handlingprofile_add")
    posted = {"region": world.county.pk, "kind": Kind.PROPOSAL, "keep_months": 24, "result_classes": classes, **form}
    assert as_("county_staff").post(add, posted).status_code == 302
    own = HandlingProfile.objects.nearest(world.county, Kind.PROPOSAL)
    assert own.region == world.county
    assert deadlines.terms(own) == {**figures, "roll_to_working_day": False}
    assert own.result_classes == {"A": "甲：已解决", "B": "乙：正在解决", "C": "丙：受条件限制"}
    assert not own.each_signer_rates
    change = reverse("admin:suggestions_handlingprofile_change", args=[own.pk])
    again = {**posted, "roll_to_working_day": "on", "each_signer_rates": "on", "result_classes": "A 办结\nB 承诺"}
    assert as_("county_staff").post(change, again).status_code == 302
    own.refresh_from_db()
    assert own.roll_to_working_day and own.each_signer_rates and own.result_classes == {"A": "办结", "B": "承诺"}
