from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from accounts.errors import Refused
from deputies.roster import Roster, read, values

FILES = Path(__file__).parent / "rosters"
EXPECTED = json.loads((FILES / "expected.json").read_text())
TODAY = date(2026, 3, 1)
HEADER = ["序号", "姓名", "性别", "民族", "出生年月", "工作单位及职务", "代表层级", "联系电话"]
ZHANG = [1, "张三", "男", "汉族", "1975.06", "城关镇第一中学教师", "县级", "13800001234"]


def workbook(*sheets: tuple[str, list[list[Any]]], **options: Any) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False, **options}) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for index, row in enumerate(rows):
                sheet.write_row(index, 0, row)
    return file.getvalue()


def reading(*rows: list[Any], sheet: str = "名册") -> Roster:
    return read(workbook((sheet, list(rows))), "名册.xlsx", today=TODAY)


@pytest.mark.parametrize("name", ["clean", "county", "towns", "broken"])
def test_each_known_workbook_gives_exactly_the_expected_people_seats_and_rows(name: str) -> None:
    found = read(FILES / f"{name}.xlsx", today=TODAY)
    expected = EXPECTED[name]
    assert len(found.people) == expected["people"]
    assert found.mandates == expected["mandates"]
    assert [row.row for row in found.refused] == expected["refused"]
    assert [row.row for row in found.doubtful] == expected["doubtful"]


def test_eleven_people_of_the_towns_hold_two_seats() -> None:
    found = read(FILES / "towns.xlsx", today=TODAY)
    assert sum(len(person) > 1 for person in found.people) == EXPECTED["towns"]["two_mandates"]


def test_the_identity_number_is_nowhere_in_what_was_read() -> None:
    found = read(FILES / "broken.xlsx", today=TODAY)
    assert "41162519750301000" not in repr(found)
    assert any("身份证号" in note for note in found.notes)


def test_an_identity_number_in_another_column_is_dropped() -> None:
    found = reading(
        HEADER, [1, "张三", "男", "汉族", "1975.06", "教师 411625197503010011", "县级", "411625197503010011"]
    )
    (row,) = found.rows
    assert "4116251975" not in repr(found)
    assert row.work_unit_and_post == "教师"
    assert row.is_doubtful


def test_the_mess_of_a_county_comes_out_in_normal_forms() -> None:
    first = read(FILES / "county.xlsx", today=TODAY).rows
    assert (first[0].name, first[0].levels, first[0].delegation) == ("曹志长", ("city", "county"), "第一代表团")
    assert first[0].phone == "15048137343"
    assert (first[6].name, first[6].sex, first[6].party) == ("莫明", "female", "中共党员")
    assert first[1].ethnicity == "回族"
    assert (first[3].birth_year, first[3].birth_month) == (1974, None)
    assert first[-1].delegation == "第三代表团"


def test_a_hidden_sheet_is_not_read_and_that_is_said() -> None:
    found = read(FILES / "county.xlsx", today=TODAY)
    assert "已离任人员" not in {row.name for row in found.rows}
    assert any("旧数据" in note for note in found.notes)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1975.06", (1975, 6)),
        ("1975.6", (1975, 6)),
        ("1975-06", (1975, 6)),
        ("197506", (1975, 6)),
        ("19750612", (1975, 6)),
        ("75.6", (1975, 6)),
        ("05.6", (2005, 6)),
        ("1975年6月", (1975, 6)),
        ("1975年6月12日", (1975, 6)),
        ("1975/6/12", (1975, 6)),
        ("1975．06", (1975, 6)),
        ("１９７５．０６", (1975, 6)),
        ("一九七五年六月", (1975, 6)),
        ("一九七五年十二月", (1975, 12)),
        ("1975年", (1975, None)),
        (1975.0, (1975, None)),
        (1975.12, (1975, 12)),
        (1975.2, (1975, 2)),
        (197506.0, (1975, 6)),
        (27546.0, (1975, 6)),
        (date(1975, 6, 1), (1975, 6)),
        ("", (None, None)),
    ],
)
def test_every_way_of_writing_a_birth_month(typed: values.Cell, expected: tuple[int | None, int | None]) -> None:
    assert values.birth(typed, TODAY) == (*expected, "")


@pytest.mark.parametrize("typed", [1975.1, 75.1])
def test_january_and_october_cannot_be_told_apart_in_a_number(typed: float) -> None:
    year, month, doubt = values.birth(typed, TODAY)
    assert (year, month) == (1975, None)
    assert "1975.10" in doubt


@pytest.mark.parametrize("typed", ["1875.13", "1975.13", "1875.06", "2031.01", "不详", "1975.00"])
def test_no_such_month_is_no_month(typed: str) -> None:
    with pytest.raises(values.NoSuchMonth):
        values.birth(typed, TODAY)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("县级", ("county",)),
        ("县乡", ("county", "township")),
        ("市、县", ("city", "county")),
        ("省市县", ("province", "city", "county")),
        ("县乡两级", ("county", "township")),
        ("乡镇", ("township",)),
        ("全国人大代表", ("nation",)),
        ("市级代表", ("city",)),
        ("县（市、区）", ("county",)),
        ("", ()),
        ("联合国级", None),
        ("村级", None),
    ],
)
def test_levels(typed: str, expected: tuple[str, ...] | None) -> None:
    assert values.levels(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("１３８０００００００１", "13800000001"),
        ("138 0000 0001", "13800000001"),
        ("138-0000-0001", "13800000001"),
        ("'13800000001", "13800000001"),
        ("+8613800000001", "13800000001"),
        (13812345678.0, "13812345678"),
        ("0394-3212345、13800000001", "13800000001"),
        ("13800000001/13900000002", "13800000001"),
        ("13800000001 13900000002", "13800000001"),
        ("0394-3212345", "0394-3212345"),
        ("(0394)3212345", "0394-3212345"),
        ("0394-3212345转801", "0394-3212345"),
        ("6123", "6123"),
    ],
)
def test_phones(typed: values.Cell, expected: str) -> None:
    assert values.phone(typed) == (expected, "")


@pytest.mark.parametrize("typed", [13800000000.0, "1.38E+10", "1380000", "138000000011", "无"])
def test_a_phone_that_lost_its_digits_is_not_kept(typed: values.Cell) -> None:
    number, doubt = values.phone(typed)
    assert (number == "") == bool(doubt)
    if typed != "1380000":
        assert doubt


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("张  三", ("张三", "", "")),
        ("张\u3000三", ("张三", "", "")),
        ("张\xa0三\n", ("张三", "", "")),
        ("张三（女，回族）", ("张三", "female", "回族")),
        ("张三(女)", ("张三", "female", "")),
        ("阿卜杜拉•买买提", ("阿卜杜拉·买买提", "", "")),
        ("阿卜杜拉．买买提", ("阿卜杜拉·买买提", "", "")),
        ("阿卜杜拉.买买提", ("阿卜杜拉·买买提", "", "")),
        ("𠮷田", ("𠮷田", "", "")),
        ("\u202e张三\u200b", ("张三", "", "")),
    ],
)
def test_names(typed: str, expected: tuple[str, str, str]) -> None:
    found = values.name(values.text(typed))
    assert found == expected
    assert values.is_name(found[0])


@pytest.mark.parametrize(
    "typed", ['=HYPERLINK("http://127.0.0.1","点我")', "张三<script>", "张三（原名李四）", "13800000001"]
)
def test_what_is_no_name_is_refused(typed: str) -> None:
    found = reading(HEADER, [1, typed, *ZHANG[2:]])
    assert [row.row for row in found.refused] == [2]


def test_a_formula_is_no_name_even_with_a_value() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("名册")
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ZHANG)
        sheet.write_formula(1, 1, '=HYPERLINK("http://127.0.0.1","点我")', None, "点我")
        sheet.write_formula(1, 4, '="1975"&".06"', None, "1975.06")
    (row,) = read(file.getvalue(), "名册.xlsx", today=TODAY).rows
    assert row.is_refused
    assert "公式" in row.why
    assert (row.birth_year, row.birth_month) == (1975, 6)


def test_parties_groups_and_educations_have_one_spelling() -> None:
    assert {values.party(word) for word in ("中共", "中共党员", "党员", "中国共产党")} == {"中共党员"}
    assert {values.ethnicity(word) for word in ("汉", "汉族")} == {"汉族"}
    assert values.ethnicity("穿青人") == "穿青人"
    assert {values.education(word) for word in ("大学", "本科", "大学本科")} == {"大学"}


def test_the_header_may_take_two_rows_and_tick_the_levels() -> None:
    found = reading(
        ["某县代表登记表"],
        ["姓名", "性别", "代表层级", "", "", "联系方式", ""],
        ["", "", "市", "县", "乡", "办公", "手机"],
        ["张三", "男", "", "√", "√", "0394-3212345", "13800000001"],
    )
    (row,) = found.rows
    assert row.levels == ("county", "township")
    assert (row.phone, row.row) == ("13800000001", 4)


def test_two_tables_stand_side_by_side() -> None:
    found = reading(
        ["序号", "姓名", "性别", "序号", "姓名", "性别"],
        ["第一代表团（2名）", "", "", "", "", ""],
        [1, "张三", "男", 2, "李四", "女"],
    )
    assert [(row.name, row.sex, row.delegation, row.row) for row in found.rows] == [
        ("张三", "male", "第一代表团", 3),
        ("李四", "female", "第一代表团", 3),
    ]


def test_sections_subtotals_repeated_headers_and_footers_are_no_people() -> None:
    found = reading(
        HEADER,
        ["城关镇（1名）"],
        ZHANG,
        ["小计", "1名"],
        HEADER,
        ["吴台镇（1名）"],
        [2, "李四", "女", "汉", "1980.01", "吴台镇农民", "县级", ""],
        ["合  计", "2名"],
        [],
        ["", "填表人：王五", "", "审核人：赵六"],
        ["备注：截至2026年2月。"],
    )
    assert [(row.name, row.delegation, row.row) for row in found.rows] == [("张三", "城关镇", 3), ("李四", "吴台镇", 7)]
    assert not found.refused


def test_merged_constituencies_speak_for_the_rows_below() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("名册")
        sheet.write_row(0, 0, ["选区", "姓名", "性别"])
        sheet.merge_range(1, 0, 2, 0, "第一选区")
        sheet.write_row(1, 1, ["张三", "男"])
        sheet.write_row(2, 1, ["李四", "女"])
        sheet.write_row(3, 1, ["王五", "女"])
    found = read(file.getvalue(), "名册.xlsx", today=TODAY)
    assert [row.constituency for row in found.rows] == ["第一选区", "第一选区", ""]


def test_one_person_in_two_rows_is_one_person_and_a_namesake_is_another() -> None:
    found = reading(
        HEADER,
        ZHANG,
        [2, "张三", "男", "汉族", "1975.06", "城关镇第一中学教师", "乡镇", "13800001234"],
        [3, "张三", "女", "回族", "1981.02", "吴台镇农民", "县级", ""],
    )
    assert found.people == ((0, 1), (2,))
    assert found.mandates == 3
    assert not found.doubtful


def test_a_namesake_of_the_same_month_in_another_unit_is_doubtful_and_not_merged() -> None:
    found = reading(HEADER, ZHANG, [2, "张三", "男", "汉族", "1975.06", "吴台镇农民", "县级", ""])
    assert len(found.people) == 2
    assert [row.row for row in found.doubtful] == [3]


def test_the_same_person_twice_on_one_level_holds_one_seat() -> None:
    found = reading(HEADER, ZHANG, ZHANG)
    assert (len(found.people), found.mandates) == (1, 1)
    assert "第2行" in found.doubtful[0].why


def test_hundreds_of_one_name_are_no_roster() -> None:
    rows = [[n, "张三", "男", "汉族", f"{1950 + n % 50}.{n // 50 + 1:02d}", f"单位{n}", "县级", ""] for n in range(150)]
    with pytest.raises(Refused, match="张三"):
        reading(HEADER, *rows)


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig"])
def test_a_csv_of_either_encoding(encoding: str) -> None:
    content = "姓名,性别,出生年月\n张三,男,1975.06\n李四,女,1980.1\n".encode(encoding)
    first, second = read(content, "名册.csv", today=TODAY).rows
    assert (first.name, first.birth_month, second.birth_month) == ("张三", 6, None)
    assert second.is_doubtful


def repacked(change: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(("名册", [HEADER, ZHANG])))) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name not in change:
                new.writestr(name, old.read(name))
        for name, content in change.items():
            new.writestr(name, content)
    return file.getvalue()


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "空的"),
        (b"x" * (5 * 1024 * 1024 + 1), "5 MB"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "密码"),
        (b"%PDF-1.4\n\x00\xff\xfe", "格式"),
        (b"PK\x03\x04broken", "损坏"),
        (b"<html><table><tr><td>a,b</td></tr></table></html>", "格式"),
        (repacked({"xl/vbaProject.bin": b"x"}), "宏"),
        (repacked({"xl/externalLinks/externalLink1.xml": b"<x/>"}), "链接"),
        (repacked({"../evil.xml": b"<x/>"}), "结构"),
        (repacked({"xl/embeddings/book.xlsx": b"PK"}), "嵌"),
        (repacked({"xl/media/zeros.xml": b"0" * 60 * 1024 * 1024}), "过大"),
        (repacked({f"xl/media/{n}.xml": b"<x/>" for n in range(250)}), "过大"),
        (repacked({"docProps/app.xml": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'}), "文档类型"),
        (repacked({"docProps/app.xml": "<!DOCTYPE x><x/>".encode("utf-16")}), "文档类型"),
        (repacked({"xl/worksheets/sheet1.xml": b"<worksheet><sheetData>"}), "."),
        (
            repacked(
                {
                    "xl/worksheets/sheet1.xml": SHEET
                    % b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>'
                }
            ),
            ".",
        ),
        (workbook(("名册", [HEADER] + [[n, f"张{n}"] for n in range(20_001)])), "20000 行"),
        (workbook(("名册", [[*HEADER, *range(60)]])), "60 列"),
        (workbook(("名册", [["这里没有表头"], ["张三", "男"]])), "表头"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_workbook_that_is_no_roster_is_refused_with_a_sentence(content: bytes, word: str) -> None:
    with pytest.raises(Refused, match=word):
        read(content, "名册.xlsx", today=TODAY)


def test_an_encrypted_entry_is_refused() -> None:
    content = bytearray(workbook(("名册", [HEADER, ZHANG])))
    central = content.rfind(b"PK\x01\x02")
    content[central + 8] |= 1
    with pytest.raises(Refused, match="密码"):
        read(bytes(content), "名册.xlsx", today=TODAY)
