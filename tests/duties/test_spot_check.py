"""抽查: the draw is made from a recorded list by a recorded seed, and anybody who makes it again gets the same."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.calendar import today
from accounts.errors import Refused
from deputies.models import Deputy, Mandate
from duties.models import PointPeriod, SpotCheck, SpotCheckResult
from duties.services.year_end import draw, draw_spot_check, record_result, redrawn
from tests.cast import World

YEAR = today().year
SLUGS = st.lists(st.text("abcdefghjkmnpqrstuvwxyz23456789", min_size=4, max_size=8), max_size=40)


@settings(max_examples=40)
@given(seed=st.text(min_size=1, max_size=32), slugs=SLUGS, size=st.integers(0, 50), order=st.randoms())
def test_the_draw_is_repeatable_and_asks_only_who_is_in_the_list(
    seed: str, slugs: list[str], size: int, order: Any
) -> None:
    drawn = draw(seed, slugs, size)
    shuffled = list(slugs) + slugs[:3]
    order.shuffle(shuffled)
    assert draw(seed, shuffled, size) == drawn
    assert len(drawn) == len(set(drawn)) == min(size, len(set(slugs)))
    assert set(drawn) <= set(slugs)
    assert draw(seed, slugs, size + 1)[:size] == drawn, "a larger check contains the smaller one"


def test_the_rule_is_what_the_page_says() -> None:
    slugs = ["aaaa", "bbbb", "cccc", "dddd"]
    smallest = min(slugs, key=lambda slug: hashlib.sha256(f"s:{slug}".encode()).hexdigest())
    assert draw("s", slugs, 1) == [smallest]


def test_another_seed_draws_others() -> None:
    slugs = [f"d{number:03}" for number in range(200)]
    draws = {tuple(sorted(draw(str(seed), slugs, 5))) for seed in range(20)}
    assert len(draws) == 20
    assert len({slug for each in draws for slug in each}) > 60, "no small part of the list is drawn again and again"


def crowd(world: World, number: int = 6) -> None:
    for name in "甲乙丙丁戊己庚辛"[:number]:
        deputy = Deputy.objects.create(region=world.county, name=f"抽{name}")
        Mandate.objects.create(deputy=deputy, congress=world.congress, since=date(2022, 3, 1))


def test_a_check_keeps_seed_and_list_and_is_drawn_again_from_them(world: World) -> None:
    crowd(world)
    suspended = Deputy.objects.get(name="抽甲")
    suspended.mandates.update(status="suspended", reason="detained")
    check = draw_spot_check(world.county, year=YEAR, size=3, by=world.county_staff)
    check.refresh_from_db()
    assert len(check.seed) == 32 and check.drawn_from == sorted(check.drawn_from)
    assert len(check.drawn_from) == 6 and suspended.slug not in check.drawn_from
    Mandate.objects.filter(deputy__name="抽乙").update(status="ended", reason="moved", ended_on=today())
    drawn = set(check.results.values_list("deputy__slug", flat=True))
    assert set(redrawn(check)) == drawn and len(drawn) == 3
    other = draw_spot_check(world.county, year=YEAR, size=3, by=world.county_staff)
    assert other.seed != check.seed


@pytest.mark.parametrize(("size", "sentence"), [(0, "请填1到"), (99, "在任代表7人，抽查人数请填1到7")])
def test_a_size_that_cannot_be_is_refused(world: World, size: int, sentence: str) -> None:
    crowd(world)
    with pytest.raises(Refused, match=sentence):
        draw_spot_check(world.county, year=YEAR, size=size, by=world.county_staff)
    assert not SpotCheck.objects.exists()


def test_nobody_checks_beyond_the_own_region_or_a_year_to_come(world: World) -> None:
    with pytest.raises(Refused, match="只能抽查本区域"):
        draw_spot_check(world.county, year=YEAR, size=1, by=world.other_staff)
    with pytest.raises(Refused, match="只能抽查本区域"):
        draw_spot_check(world.county, year=YEAR, size=1, by=world.township_staff)
    with pytest.raises(Refused, match="没有.*年度"):
        draw_spot_check(world.county, year=YEAR + 1, size=1, by=world.county_staff)
    with pytest.raises(Refused, match="没有在任的代表"):
        draw_spot_check(world.other_county, year=YEAR, size=1, by=world.other_staff)


def a_result(world: World) -> SpotCheckResult:
    return draw_spot_check(world.county, year=YEAR, size=1, by=world.county_staff).results.get()


def test_a_difference_is_told_in_words(world: World) -> None:
    result = a_result(world)
    with pytest.raises(Refused, match="写明哪里不符") as refused:
        record_result(result, outcome="differs", note=" ", by=world.county_staff)
    assert refused.value.field == "note"
    record_result(result, outcome="differs", note="走访记录里的日期没有去。", by=world.county_staff)
    result.refresh_from_db()
    assert (result.outcome, result.note) == ("differs", "走访记录里的日期没有去。")
    with pytest.raises(Refused, match="不在您的辖区"):
        record_result(result, outcome="agrees", note="", by=world.other_staff)
    with pytest.raises(Refused, match="请选择核查结果"):
        record_result(result, outcome="pending", note="", by=world.county_staff)


def test_a_closed_year_is_not_changed(world: World) -> None:
    result = a_result(world)
    PointPeriod.objects.create(region=world.county, year=YEAR, closed_at=timezone.now())
    with pytest.raises(Refused, match="已经封账"):
        record_result(result, outcome="agrees", note="", by=world.county_staff)
    with pytest.raises(Refused, match="已经封账"):
        draw_spot_check(world.county, year=YEAR, size=1, by=world.county_staff)


def test_the_pages(world: World, as_: Any) -> None:
    crowd(world)
    staff = as_("county_staff")
    hub = f"/office/duties/year_end/checks/?year={YEAR}"
    empty = staff.get(hub).content.decode()
    assert "这个年度还没有抽查" in empty
    refused = staff.post(hub, {"region": world.county.pk, "size": "99"}).content.decode()
    assert "抽查人数请填1到7" in refused
    page = staff.post(hub, {"region": world.county.pk, "size": "2"}, follow=True).content.decode()
    check = SpotCheck.objects.get()
    assert check.seed in page and "与本次抽取一致" in page
    row = check.results.first()
    assert row is not None
    url = f"/office/duties/year_end/checks/{check.pk}/{row.pk}/"
    assert "写明哪里不符" in staff.post(url, {"outcome": "differs", "note": ""}).content.decode()
    staff.post(url, {"outcome": "agrees", "note": "查了签到表。"})
    row.refresh_from_db()
    assert row.outcome == "agrees"
    for who in ("township_staff", "deputy", "station_officer", "unit_clerk"):
        assert as_(who).get(url).status_code == 404, who
    assert as_(world.other_staff).get(f"/office/duties/year_end/checks/{check.pk}/").status_code == 404


def test_a_draw_that_was_tampered_with_is_seen(world: World, as_: Any) -> None:
    crowd(world)
    check = draw_spot_check(world.county, year=YEAR, size=2, by=world.county_staff)
    stranger = Deputy.objects.in_office().exclude(pk__in=check.results.values("deputy")).first()
    assert stranger is not None
    check.results.filter(pk=check.results.first().pk).update(deputy=stranger)  # type: ignore[union-attr]
    page = as_("county_staff").get(f"/office/duties/year_end/checks/{check.pk}/").content.decode()
    assert "与本次抽取不一致" in page
