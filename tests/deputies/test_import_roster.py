from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command

from accounts.errors import Refused
from accounts.models import ImportBatch, ImportRow, Region
from deputies import imports
from deputies.models import (
    Congress,
    Consent,
    Constituency,
    Deputy,
    DeputyGroup,
    GroupMembership,
    Mandate,
    PrintCode,
    StationMembership,
)
from tests.cast import World

FILES = Path(__file__).parent / "rosters"
EXPECTED = json.loads((FILES / "expected.json").read_text())
HEADER = ["姓名", "性别", "出生年月", "工作单位及职务", "代表层级", "选区", "联系电话"]
ZHANG = ["张三", "男", "1975.06", "城关镇第一中学教师", "县级", "第1选区", "13800001234"]


@pytest.fixture
def congresses(world: World) -> World:
    """A sitting congress at each level; the world has the county's."""
    for region in (world.nation, world.province, world.city, world.township):
        Congress.objects.create(region=region, ordinal=14, first_met_on=date(2022, 1, 1))
    return world


def workbook(*rows: list[Any]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("名册")
        for index, row in enumerate(rows):
            sheet.write_row(index, 0, row)
    return file.getvalue()


def put_in(content: bytes, region: Region, **options: Any) -> imports.Preview:
    shown = imports.preview(content, "名册.xlsx", region, None)
    imports.confirm(shown.batch, None, **options)
    return shown


def run(path: Path, region: Region, *options: str) -> Any:
    out = io.StringIO()
    call_command("import_roster", str(path), "--region", region.code, "--json", *options, stdout=out)
    return json.loads(out.getvalue())


def state() -> dict[str, list[tuple[Any, ...]]]:
    """Every row an import can touch, to compare before and after."""
    tables = (Deputy, Mandate, Constituency, StationMembership, GroupMembership, Consent)
    return {table.__name__: list(table.objects.order_by("pk").values_list()) for table in tables}


@pytest.mark.parametrize("name", ["clean", "county", "towns", "broken"])
def test_the_command_writes_what_the_file_says_and_a_second_run_changes_nothing(congresses: World, name: str) -> None:
    region = congresses.township if name == "towns" else congresses.county
    people, mandates = Deputy.objects.count(), Mandate.objects.count()
    first = run(FILES / f"{name}.xlsx", region, "--skip-refused")
    assert set(first) == {"people", "mandates", "new", "changed", "doubtful", "refused"}
    expected = EXPECTED[name]
    assert (first["people"], first["mandates"]) == (expected["people"], expected["mandates"])
    assert [row["row"] for row in first["refused"]] == expected["refused"]
    assert [row["row"] for row in first["doubtful"]] == expected["doubtful"]
    assert all(row["sheet"] and row["why"] for row in first["refused"] + first["doubtful"])
    assert (first["new"], first["changed"]) == (expected["people"], 0)
    assert Deputy.objects.count() == people + expected["people"]
    assert Mandate.objects.count() == mandates + expected["mandates"]
    before = state()
    second = run(FILES / f"{name}.xlsx", region, "--skip-refused")
    assert (second["people"], second["mandates"], second["new"], second["changed"]) == (
        expected["people"],
        expected["mandates"],
        0,
        0,
    )
    assert second["doubtful"] == first["doubtful"]
    assert state() == before


def test_a_dry_run_tells_the_same_and_writes_nothing(congresses: World) -> None:
    before = state()
    dry = run(FILES / "broken.xlsx", congresses.county, "--dry-run")
    assert state() == before
    assert not ImportBatch.objects.exists()
    assert dry == run(FILES / "broken.xlsx", congresses.county, "--skip-refused")


def test_a_file_with_refused_rows_writes_nothing_and_says_why(congresses: World) -> None:
    before, out = state(), io.StringIO()
    with pytest.raises(CommandError, match=r"5行不能导入.*第4行"):
        call_command("import_roster", FILES / "broken.xlsx", "--region", congresses.county.code, "--json", stdout=out)
    assert [row["row"] for row in json.loads(out.getvalue())["refused"]] == EXPECTED["broken"]["refused"]
    assert state() == before
    assert not ImportBatch.objects.exists()


def test_the_identity_number_reaches_no_table(congresses: World) -> None:
    run(FILES / "broken.xlsx", congresses.county, "--skip-refused")
    stored = repr(state()) + repr(list(ImportRow.objects.values_list()))
    assert "41162519750301000" not in stored


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["missing.xlsx", "--region", "411625000000"], "打不开文件"),
        ([str(FILES / "clean.xlsx"), "--region", "999999000000"], "没有区划代码"),
        ([str(FILES / "expected.json"), "--region", "411625000000"], "格式"),
    ],
)
def test_the_command_explains_what_it_cannot_do(world: World, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("import_roster", *arguments)


def test_the_plain_report_names_rows_and_missing_deputies(congresses: World) -> None:
    out = io.StringIO()
    call_command("import_roster", FILES / "county.xlsx", "--region", congresses.county.code, stdout=out)
    assert "35人，41席：新增35人" in out.getvalue()
    assert "“Sheet1”第9行" in out.getvalue()
    assert "李代表" in out.getvalue()


def test_a_person_of_several_levels_sits_in_each_congress(congresses: World) -> None:
    put_in(workbook(HEADER, [*ZHANG[:4], "市、县", *ZHANG[5:]]), congresses.county)
    seats = Mandate.objects.filter(deputy__name="张三").order_by("congress__region__path")
    assert [seat.congress.region for seat in seats] == [congresses.city, congresses.county]
    # 选区 belongs to the seat that voters give; the city's seat is given by the county's congress.
    assert [seat.constituency and seat.constituency.name for seat in seats] == [None, "第1选区"]
    assert {seat.since for seat in seats} == {seat.congress.first_met_on for seat in seats}


def test_a_file_without_levels_fills_the_congress_of_its_region(congresses: World) -> None:
    put_in(workbook(["姓名", "性别"], ["张三", "男"]), congresses.township)
    assert Mandate.objects.get(deputy__name="张三").congress.region == congresses.township


def test_a_level_without_a_sitting_congress_is_doubtful_and_writes_no_one(world: World) -> None:
    shown = put_in(workbook(HEADER, [*ZHANG[:4], "市级", *ZHANG[5:]]), world.county)
    assert shown.rows[0].verdict == "doubtful"
    assert "市级" in shown.rows[0].why
    assert (shown.counts["people"], shown.counts["mandates"]) == (0, 0)
    assert not Deputy.objects.filter(name="张三").exists()


def test_a_new_unit_and_phone_change_the_person_and_blanks_erase_nothing(world: World) -> None:
    put_in(workbook(HEADER, ZHANG), world.county)
    person = Deputy.objects.get(name="张三")
    shown = put_in(workbook(HEADER, ["张三", "", "1975.06", "县教育局局长", "县级", "", "13900000000"]), world.county)
    assert (shown.counts["new"], shown.counts["changed"]) == (0, 1)
    person.refresh_from_db()
    assert (person.work_unit, person.phone, person.sex) == ("县教育局局长", "13900000000", "male")
    assert "工作单位" in shown.rows[0].why


def test_a_namesake_in_the_database_is_another_person(world: World) -> None:
    put_in(workbook(HEADER, ZHANG), world.county)
    shown = put_in(workbook(HEADER, ["张三", "女", "1981.02", "吴台镇农民", "县级", "第2选区", ""]), world.county)
    assert shown.counts["new"] == 1
    assert shown.missing == ["张三", "李代表"]
    assert Deputy.objects.filter(name="张三").count() == 2


def test_who_cannot_be_told_from_a_namesake_is_left_out(world: World) -> None:
    Deputy.objects.create(name="张三", region=world.county)
    shown = put_in(workbook(HEADER, ZHANG), world.county)
    assert shown.rows[0].verdict == "doubtful"
    assert Deputy.objects.filter(name="张三").count() == 1


def test_a_corrected_month_finds_the_person_again(world: World) -> None:
    put_in(workbook(HEADER, ["张三", "男", 1975.1, *ZHANG[3:]]), world.county)
    put_in(workbook(HEADER, ["张三", "男", "1975.10", *ZHANG[3:]]), world.county)
    person = Deputy.objects.get(name="张三")
    assert (person.birth_year, person.birth_month) == (1975, 10)


def test_the_township_adds_its_seat_but_does_not_edit_the_countys_file(congresses: World) -> None:
    put_in(workbook(HEADER, ZHANG), congresses.county)
    changed = ["张三", "男", "1975.06", ZHANG[3], "乡镇", "第9选区", "13999999999"]
    shown = put_in(workbook(HEADER, changed), congresses.township)
    person = Deputy.objects.get(name="张三")
    assert person.phone == "13800001234"
    assert person.mandates.count() == 2
    assert shown.rows[0].verdict == "doubtful"
    assert "郸城县" in shown.rows[0].why


def test_an_ended_seat_is_not_revived(world: World) -> None:
    put_in(workbook(HEADER, ZHANG), world.county)
    Mandate.objects.filter(deputy__name="张三").update(status="ended", reason="resigned", ended_on=date(2025, 1, 1))
    shown = put_in(workbook(HEADER, ZHANG), world.county)
    assert "辞职" in shown.rows[0].why
    assert Mandate.objects.filter(deputy__name="张三").count() == 1


def test_a_deputy_missing_from_the_file_keeps_the_seat(world: World) -> None:
    shown = put_in(workbook(HEADER, ZHANG), world.county)
    assert shown.missing == ["李代表"]
    assert Mandate.objects.in_office().filter(deputy=world.deputy).exists()


def test_station_group_and_consent_columns_are_carried(world: World) -> None:
    DeputyGroup.objects.create(
        region=world.county, name="农业小组", kind="regional", level="county", since=date(2024, 1, 1)
    )
    header = [*HEADER, "所属联络站", "代表小组", "是否同意公开电话"]
    content = workbook(
        header,
        [*ZHANG, world.county_station.name, "农业小组", "是"],
        ["李四", "女", "1980.01", "吴台镇农民", "县级", "第2选区", "13800005678", "没有的站", "", "否"],
    )
    shown = put_in(content, world.county)
    person = Deputy.objects.get(name="张三")
    assert person.memberships.get().station == world.county_station
    assert person.group_memberships.get().group.name == "农业小组"
    assert person.consents.get().field == "phone"
    assert not Consent.objects.filter(deputy__name="李四").exists()
    assert "没有的站" in shown.rows[1].why
    before = state()
    assert put_in(content, world.county).counts["changed"] == 0
    assert state() == before


def test_undo_takes_back_the_batch_and_nothing_else(congresses: World) -> None:
    put_in(workbook(HEADER, [*ZHANG[:4], "县级", "", "13800001234"]), congresses.county)
    before = state()
    content = workbook(
        HEADER,
        ["张三", "男", "1975.06", "县教育局局长", "县乡", "第1选区", "13900000000"],
        ["李四", "女", "1980.01", "吴台镇农民", "县级", "第2选区", ""],
        ["王五", "女", "1990.01", "吴台镇农民", "市、县", "第2选区", ""],
    )
    batch = put_in(content, congresses.county).batch
    assert state() != before
    assert imports.undo(batch, None) == []
    assert state() == before
    batch.refresh_from_db()
    assert batch.state == "undone"
    with pytest.raises(Refused):
        imports.undo(batch, None)


def test_undo_leaves_what_was_edited_since(world: World) -> None:
    put_in(workbook(HEADER, ZHANG), world.county)
    batch = put_in(workbook(HEADER, [*ZHANG[:3], "县教育局局长", *ZHANG[4:6], "13900000000"]), world.county).batch
    Deputy.objects.filter(name="张三").update(work_unit="县文化局局长")
    assert imports.undo(batch, None) == ["张三的工作单位及职务在导入后又改过，保持现值。"]
    person = Deputy.objects.get(name="张三")
    assert (person.work_unit, person.phone) == ("县文化局局长", "13800001234")


@pytest.mark.parametrize("use", ["printed", "ended"])
def test_undo_refuses_as_a_whole_once_somebody_is_in_use(world: World, use: str) -> None:
    batch = put_in(FILES.joinpath("clean.xlsx").read_bytes(), world.county).batch
    person = Deputy.objects.get(name="谭桂杰")
    if use == "printed":
        PrintCode.objects.create(deputy=person)
    else:
        person.mandates.update(status="ended", reason="died", ended_on=date(2025, 1, 1))
    before = state()
    with pytest.raises(Refused, match="不能整批撤销"):
        imports.undo(batch, None)
    assert state() == before
    batch.refresh_from_db()
    assert batch.state == "written"


def test_a_batch_is_confirmed_once(world: World) -> None:
    batch = put_in(workbook(HEADER, ZHANG), world.county).batch
    with pytest.raises(Refused, match="已经导入"):
        imports.confirm(batch, None)


def test_a_preview_that_the_database_has_overtaken_is_not_written(world: World) -> None:
    """Two officers upload the same file: the second confirmation meets the first one's people and writes nothing."""
    content = workbook(HEADER, ZHANG)
    first = imports.preview(content, "名册.xlsx", world.county, world.county_staff)
    second = imports.preview(content, "名册.xlsx", world.county, world.city_staff)
    imports.confirm(first.batch, world.county_staff)
    before = state()
    with pytest.raises(Refused, match="重新上传"):
        imports.confirm(second.batch, world.city_staff)
    assert state() == before


def test_a_new_preview_replaces_the_one_never_confirmed(world: World) -> None:
    old = imports.preview(workbook(HEADER, ZHANG), "a.xlsx", world.county, world.county_staff)
    imports.preview(workbook(HEADER, ZHANG), "b.xlsx", world.county, world.county_staff)
    assert not ImportBatch.objects.filter(pk=old.batch.pk).exists()
    assert ImportRow.objects.count() == 1


@pytest.mark.parametrize("model", [Deputy, Mandate, Constituency, ImportRow])
def test_an_error_midway_leaves_nothing_half_imported(world: World, model: Any) -> None:
    shown = imports.preview((FILES / "clean.xlsx").read_bytes(), "名册.xlsx", world.county, None)
    before = state()
    with (
        mock.patch.object(type(model.objects.all()), "bulk_create", side_effect=RuntimeError("power cut")),
        pytest.raises(RuntimeError),
    ):
        imports.confirm(shown.batch, None)
    assert state() == before
    shown.batch.refresh_from_db()
    assert shown.batch.state == "previewed"


@pytest.mark.parametrize("role", ["township_staff", "station_officer", "unit_head", "deputy", "system_admin"])
def test_only_congress_staff_of_the_region_import(world: World, role: str) -> None:
    with pytest.raises(Refused, match="管理范围"):
        imports.preview(workbook(HEADER, ZHANG), "名册.xlsx", world.county, world.users[role])
    batch = put_in(workbook(HEADER, ZHANG), world.county).batch
    with pytest.raises(Refused, match="管理范围"):
        imports.undo(batch, world.users[role])
    with pytest.raises(Refused, match="管理范围"):
        imports.preview(workbook(HEADER, ZHANG), "名册.xlsx", world.other_county, world.county_staff)


def test_the_number_of_queries_does_not_grow_with_the_rows(world: World, django_assert_max_num_queries: Any) -> None:
    rows = [["张" + chr(0x4E00 + n), "男", "1975.06", f"单位{n}", "县级", f"第{n}选区", ""] for n in range(300)]
    with django_assert_max_num_queries(40):
        put_in(workbook(HEADER, *rows), world.county)
