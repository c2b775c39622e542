"""The scheme that ships, its adoption, its versions; and that everything it names can be earned."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.errors import Refused
from activities.models import ActivityType
from duties.models import PointItem, PointPeriod, PointScheme, PointSource
from duties.rules import RULES
from duties.seeds import MAJORS, ship_scheme
from duties.services import schemes, settling
from tests.cast import World
from tests.duties.scoring import YEAR, adopted, item, settled


def test_it_ships_five_majors_and_23_items_that_make_a_hundred(world: World) -> None:
    scheme = ship_scheme(world.county, YEAR)
    assert [(m.code, m.cap) for m in scheme.majors.all()] == [("A", 20), ("B", 25), ("C", 25), ("D", 20), ("E", 10)]
    assert PointItem.objects.filter(major__scheme=scheme).count() == 23
    assert scheme.adopted_on is None


def test_it_is_off_until_it_is_adopted(world: World) -> None:
    ship_scheme(world.county, YEAR)
    assert PointScheme.objects.for_path(world.county.path, YEAR) is None
    with pytest.raises(Refused, match="还没有采用积分办法，不计分"):
        settling.settle(world.county, YEAR)
    assert settling.settle_daily() == 0


def test_shipping_twice_finds_the_draft(world: World) -> None:
    assert ship_scheme(world.county, YEAR) == ship_scheme(world.county, YEAR)


def test_the_region_s_own_staff_adopts_it_with_the_decision(world: World) -> None:
    scheme = ship_scheme(world.county, YEAR)
    for other in (world.city_staff, world.township_staff, world.other_staff, world.station_officer):
        with pytest.raises(Refused, match="您的账号不在这个机构"):
            schemes.adopt(scheme, by=other, basis="会议")
    with pytest.raises(Refused, match="采用依据"):
        schemes.adopt(scheme, by=world.county_staff, basis=" ")
    schemes.adopt(scheme, by=world.county_staff, basis="主任会议")
    assert PointScheme.objects.for_path(world.township.path, YEAR) == scheme
    with pytest.raises(Refused, match="不能再改"):
        schemes.adopt(scheme, by=world.county_staff, basis="另一次会议")


def test_a_closed_year_takes_no_scheme(world: World) -> None:
    scheme = adopted(world)
    draft = schemes.new_version(scheme, by=world.county_staff)
    own = ship_scheme(world.township, YEAR)
    PointPeriod.objects.create(region=world.county, year=YEAR, closed_at=timezone.now(), closed_by=world.county_staff)
    with pytest.raises(Refused, match="已经封账"):
        schemes.adopt(draft, by=world.county_staff, basis="主任会议")
    with pytest.raises(Refused, match="已经封账"):
        schemes.new_version(scheme, by=world.county_staff)
    # Nor one of a town whose deputies the closed account has scored.
    with pytest.raises(Refused, match="已经封账"):
        schemes.adopt(own, by=world.township_staff, basis="主席团会议")


def test_another_version_is_a_copy_that_takes_the_place_of_the_first(world: World) -> None:
    scheme = adopted(world)
    draft = schemes.new_version(scheme, by=world.county_staff)
    with pytest.raises(Refused, match="已有第2版草稿"):
        schemes.new_version(scheme, by=world.county_staff)

    def told(of: PointScheme) -> list[Any]:
        rows = PointSource.objects.filter(item__major__scheme=of).order_by("item__code", "rule")
        return [(r.item.code, r.rule, r.points, sorted(r.types.values_list("code", flat=True))) for r in rows]

    assert told(draft) == told(scheme) != []
    assert PointItem.objects.filter(major__scheme=draft).count() == 23
    assert PointScheme.objects.for_path(world.county.path, YEAR) == scheme
    schemes.adopt(draft, by=world.county_staff, basis="主任会议")
    assert PointScheme.objects.for_path(world.county.path, YEAR) == draft


def _type_twice(scheme: PointScheme) -> None:
    source = PointSource.objects.get(item=item("C1", scheme))
    source.types.add(ActivityType.objects.get(code="research"))


def _record_twice(scheme: PointScheme) -> None:
    PointSource.objects.create(item=item("B3", scheme), rule="proposals", points=Decimal(1))


def _no_way_to_earn_it(scheme: PointScheme) -> None:
    item("C4", scheme).sources.all().delete()


def _no_type(scheme: PointScheme) -> None:
    PointSource.objects.get(item=item("C4", scheme)).types.clear()


def _type_of_what_has_none(scheme: PointScheme) -> None:
    PointSource.objects.get(item=item("D2", scheme)).types.add(ActivityType.objects.get(code="training"))


def _of_a_group(scheme: PointScheme) -> None:
    PointSource.objects.create(item=item("B1", scheme), rule="activities", points=Decimal(1))


def _nothing(scheme: PointScheme) -> None:
    PointItem.objects.filter(major__scheme=scheme).delete()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_type_twice, "“专题调研”同时用在C1 视察、C2 专题调研，一条记录会得两次分"),
        (_record_twice, "“领衔建议”同时用在"),
        (_no_way_to_earn_it, "小项“C4 代表小组活动”没有写明从哪里取得"),
        (_no_type, "请选择活动类型"),
        (_type_of_what_has_none, "不分活动类型"),
        (_of_a_group, "不是代表本人的记录"),
        (_nothing, "还没有小项"),
    ],
)
def test_what_cannot_be_earned_or_earns_twice_is_not_adopted(spoil: Any, said: str, world: World) -> None:
    scheme = ship_scheme(world.county, YEAR)
    spoil(scheme)
    with pytest.raises(Refused, match=said):
        schemes.adopt(scheme, by=world.county_staff, basis="主任会议")
    assert PointScheme.objects.adopted().count() == 0


def test_every_source_of_the_seeds_is_a_rule_and_every_type_ships(world: World) -> None:
    shipped = set(ActivityType.objects.values_list("code", flat=True))
    sources = [source for *_, items in MAJORS for one in items for source in one.sources]
    assert {source.rule for source in sources} <= set(RULES)
    assert {code for source in sources for code in source.types} <= shipped


def test_the_pages_draft_adopt_settle_and_copy(world: World, as_: Any) -> None:
    staff = as_("county_staff")
    page = staff.get(reverse("point_scheme")).content.decode()
    assert "尚未采用积分办法，不计分" in page and "起草积分办法" in page
    drafted = staff.post(reverse("draft_scheme"), {"year": YEAR}, follow=True).content.decode()
    assert "尚未采用，不计分" in drafted and "23" not in drafted.split("<h1>")[0]
    scheme = PointScheme.objects.get()
    deputy = as_("deputy")
    assert "尚未采用" in deputy.get(reverse("point_sheet")).content.decode()
    assert deputy.get(reverse("scheme_page", args=[scheme.pk])).status_code == 404
    wrong = staff.post(reverse("adopt_scheme", args=[scheme.pk]), {"basis": ""})
    assert "请填写采用依据" in wrong.content.decode()
    staff.post(reverse("adopt_scheme", args=[scheme.pk]), {"basis": "主任会议"})
    assert "申报取得" in deputy.get(reverse("point_scheme")).content.decode()
    assert as_("city_staff").post(reverse("adopt_scheme", args=[scheme.pk]), {"basis": "x"}).status_code == 404
    told = staff.post(reverse("settle_points", args=[scheme.pk]), follow=True).content.decode()
    assert "已结算：记入0条" in told
    staff.post(reverse("new_scheme_version", args=[scheme.pk]))
    assert PointScheme.objects.count() == 2
    assert settled(world) == (0, 0)


def test_the_back_office_edits_a_draft_and_reads_what_was_adopted(world: World, as_: Any) -> None:
    scheme = ship_scheme(world.county, YEAR)
    one = item("B2", scheme)
    staff = as_("county_staff")
    for url in ("admin:duties_pointscheme_changelist", "admin:duties_pointitem_changelist"):
        assert staff.get(reverse(url)).status_code == 200
    assert staff.get(reverse("admin:duties_pointscheme_change", args=[scheme.pk])).context["has_change_permission"]
    assert staff.get(reverse("admin:duties_pointitem_change", args=[one.pk])).context["has_change_permission"]
    schemes.adopt(scheme, by=world.county_staff, basis="主任会议")
    for name, pk in (("pointscheme", scheme.pk), ("pointitem", one.pk)):
        address = reverse(f"admin:duties_{name}_change", args=[pk])
        assert not staff.get(address).context["has_change_permission"]
        assert staff.post(address, {"name": "改"}).status_code == 403
        assert staff.post(reverse(f"admin:duties_{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    assert as_("township_staff").get(reverse("admin:duties_pointscheme_change", args=[scheme.pk])).status_code == 200
    assert as_(world.other_staff).get(reverse("admin:duties_pointscheme_change", args=[scheme.pk])).status_code == 404
