"""异议: answered in words; corrected by a row of its own, both kept."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.errors import Refused
from activities.models import Attendance
from deputies.models import Mandate
from duties.ledger import sheet_of
from duties.models import Objection, PointEntry, PointPeriod
from duties.services import objecting
from tests.cast import World
from tests.duties.doing import held
from tests.duties.scoring import YEAR, adopted, confirmed, entries, objected, settled

DAY = date(YEAR, 1, 1)


@pytest.fixture
def scored(world: World) -> World:
    adopted(world)
    held(world, "reception", DAY, world.deputy, title="接待日")
    settled(world)
    return world


def answered(world: World, objection: Objection, outcome: str = "corrected", text: str = "经核实未到场。") -> None:
    objecting.answer(objection, outcome=outcome, text=text, by=world.county_staff)


def total(world: World) -> float:
    made = sheet_of(world.deputy, YEAR)
    assert made is not None
    return float(made.total)


def test_corrected_takes_back_by_a_row_of_its_own_and_no_settlement_gives_it_again(scored: World) -> None:
    (first,) = entries(scored.deputy)
    answered(scored, objected(scored, first))
    rows = entries(scored.deputy)
    assert [row.points for row in rows] == [2, -2]
    assert rows[1].reverses == first and rows[1].by == scored.county_staff and "经核实未到场" in rows[1].why
    assert total(scored) == 0
    assert settled(scored) == (0, 0)


def test_dismissed_leaves_everything_as_it_is(scored: World) -> None:
    objection = objected(scored, entries(scored.deputy)[0])
    answered(scored, objection, "dismissed", "签到表上有本人签字。")
    assert len(entries(scored.deputy)) == 1 and total(scored) == 2
    with pytest.raises(Refused, match="已由孙代工委答复"):
        answered(scored, objection)


def test_what_is_missing_is_entered_where_it_belongs_and_settled_with_the_answer(scored: World) -> None:
    objection = objected(scored, text="1月1日的培训没有记。")
    held(scored, "training", DAY, scored.deputy)
    answered(scored, objection, text="已补录。")
    assert total(scored) == 3.5


def test_a_row_that_a_settlement_took_back_meanwhile_is_not_taken_back_twice(scored: World) -> None:
    objection = objected(scored, entries(scored.deputy)[0])
    Attendance.objects.update(presence="absent")
    settled(scored)
    answered(scored, objection)
    assert [row.points for row in entries(scored.deputy)] == [2, -2]


def test_words_on_both_sides_and_only_the_region_s_staff_answers(scored: World) -> None:
    with pytest.raises(Refused, match="请写明哪里不对"):
        objected(scored, entries(scored.deputy)[0], text=" ")
    objection = objected(scored, entries(scored.deputy)[0])
    with pytest.raises(Refused, match="请写明核实情况"):
        answered(scored, objection, text="")
    with pytest.raises(Refused, match="请选择核实结果"):
        answered(scored, objection, outcome="open")
    for other in (scored.city_staff, scored.township_staff, scored.station_officer, scored.users["deputy"]):
        with pytest.raises(Refused, match="您的账号不在这个机构"):
            objecting.answer(objection, outcome="dismissed", text="好", by=other)


def test_one_open_objection_for_a_row_and_none_for_a_row_that_is_gone(scored: World) -> None:
    (first,) = entries(scored.deputy)
    objection = objected(scored, first)
    assert objected(scored, first) == objection
    with pytest.raises(Refused, match="正在核实"):
        objected(scored, first, text="再说一遍")
    answered(scored, objection)
    for row in entries(scored.deputy):
        with pytest.raises(Refused, match="已经冲销"):
            objected(scored, row)


def test_only_about_the_own_rows(scored: World) -> None:
    row = entries(scored.deputy)[0]
    with pytest.raises(Refused, match="代表本人提出"):
        objecting.object_to(scored.deputy, YEAR, text="x", entry=row, by=scored.station_officer)


def test_who_left_may_still_object(scored: World) -> None:
    Mandate.objects.update(status="ended", reason="moved", ended_on=DAY)
    assert objected(scored, entries(scored.deputy)[0]).outcome == "open"


def test_a_closed_year_takes_no_objection(scored: World) -> None:
    objection = objected(scored, entries(scored.deputy)[0])
    PointPeriod.objects.update(closed_at=timezone.now(), closed_by=scored.county_staff)
    with pytest.raises(Refused, match="已经封账"):
        objected(scored, text="漏了")
    with pytest.raises(Refused, match="不能再更正"):
        answered(scored, objection)


def test_without_a_scheme_there_is_nothing_to_object_to(world: World) -> None:
    with pytest.raises(Refused, match="没有采用积分办法"):
        objected(world)


def test_the_pages_object_answer_and_show_both_rows(scored: World, as_: Any) -> None:
    (row,) = entries(scored.deputy)
    deputy, staff = as_("deputy"), as_("county_staff")
    address = f"{reverse('object_to_points')}?entry={row.pk}"
    assert "接待日" in deputy.get(address).content.decode()
    told = deputy.post(address, {"text": "没有去"}, follow=True).content.decode()
    assert "核实中" in told and "请您核实" not in told
    objection = Objection.objects.get()
    page = reverse("objection", args=[objection.pk])
    assert "没有去" in staff.get(reverse("objections")).content.decode()
    assert "打开原记录" in staff.get(page).content.decode()
    assert "请选择核实结果" in staff.post(page, {"answer": "查过"}).content.decode()
    assert as_("township_staff").post(page, {"outcome": "corrected", "answer": "x"}).status_code == 404
    told = staff.post(page, {"outcome": "corrected", "answer": "确未到场"}, follow=True).content.decode()
    assert "已更正" in told
    sheet = deputy.get(reverse("point_sheet")).content.decode()
    assert "已冲销" in sheet and "冲销：异议核实后更正：确未到场" in sheet and ">+2<" in sheet and ">-2<" in sheet
    for other in (scored.other_staff, scored.other_officer, scored.unit_head):
        assert as_(other).get(page).status_code == 404
    assert as_("station_officer").get(f"{reverse('object_to_points')}?entry={row.pk}").status_code == 404


def test_a_declaration_that_is_taken_back_stays_confirmed_and_shows_both_rows(world: World, as_: Any) -> None:
    adopted(world)
    declaration = confirmed(world)
    answered(world, objected(world, entries(world.deputy)[0]))
    assert settled(world) == (0, 0)
    page = as_("deputy").get(reverse("declaration", args=[declaration.pk])).content.decode()
    assert "已确认" in page and "冲销：" in page
    assert PointEntry.objects.filter(record="declaration").count() == 2
