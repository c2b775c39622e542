"""Plain tables in and out of the back office: scope, natural keys, no formula (security.md T3, T16, T17, T20)."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.errors import Refused
from accounts.models import Organization
from accounts.resources import CommaText, Workbook
from stations.models import Enterprise, IndustryChain, Station
from tests.cast import World


def workbook(*rows: Iterable[Any]) -> bytes:
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, list(row))
    return file.getvalue()


def preview(client: Client, table: str, content: bytes, name: str = "表.xlsx") -> Any:
    data = {
        "resource": "0",
        "format": "1" if name.endswith("csv") else "0",
        "import_file": SimpleUploadedFile(name, content),
    }
    answer = client.post(reverse(f"admin:{table}_import"), data)
    assert answer.status_code == 200
    return answer


def load(client: Client, table: str, content: bytes, name: str = "表.xlsx") -> None:
    shown = preview(client, table, content, name)
    assert "confirm_form" in shown.context, shown.content.decode()
    answer = client.post(reverse(f"admin:{table}_process_import"), shown.context["confirm_form"].initial)
    assert answer.status_code == 302


def unload(client: Client, table: str, form: str = "0") -> bytes:
    address = reverse(f"admin:{table}_export")
    assert client.get(address).status_code == 200
    answer = client.post(address, {"resource": "0", "format": form})
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    return bytes(answer.content)


def read(content: bytes) -> list[list[str]]:
    return Workbook().create_dataset(content).dict  # type: ignore[no-any-return]


ENTERPRISES = ("区划代码", "名称", "产业链", "地址")


def test_enterprises_are_added_and_changed_by_region_and_name(world: World, as_: Any) -> None:
    content = workbook(
        ENTERPRISES,
        ("411625000000", "康全农牧有限公司", "特色养殖", "城北"),
        ("", "", "", ""),
        (411625107000, "宁平饲料厂", "", None),
    )
    client = as_("county_staff")
    load(client, "stations_enterprise", content)
    old, new = Enterprise.objects.get(name="康全农牧有限公司"), Enterprise.objects.get(name="宁平饲料厂")
    assert old.pk == world.enterprise.pk and old.address == "城北" and old.chains.count() == 1
    assert new.region == world.township and new.address == ""
    again = preview(client, "stations_enterprise", content)
    assert {row.import_type for row in again.context["result"].rows} == {"skip"}


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([ENTERPRISES, ("411624000000", "伸手厂", "", "")], "不在您管理的区域内"),
        ([ENTERPRISES, ("000000000000", "伸手厂", "", "")], "不在您管理的区域内"),
        ([ENTERPRISES, ("", "伸手厂", "", "")], "请填写区划代码"),
        ([ENTERPRISES, ("411625000000", "伸手厂", "没有的链", "")], "没有名为“没有的链”的产业链"),
        ([ENTERPRISES, ("411625000000", "字" * 81, "", "")], "80"),
        ([(*ENTERPRISES, "id"), ("411625000000", "伸手厂", "", "", 1)], "表头“id”不能导入"),
        ([(*ENTERPRISES, "is_superuser"), ("411625000000", "伸手厂", "", "", "是")], "表头“is_superuser”不能导入"),
        ([("名称", "地址"), ("伸手厂", "")], "缺少“区划代码”列"),
        ([ENTERPRISES], "没有可导入的内容"),
    ],
)
def test_a_sheet_with_one_bad_row_writes_nothing_and_says_why(rows: Any, sentence: str, world: World, as_: Any) -> None:
    good = [("411625000000", "好厂", "", "")] if rows[0] == ENTERPRISES and len(rows) > 1 else []
    shown = preview(as_("county_staff"), "stations_enterprise", workbook(*rows, *good))
    assert sentence in shown.content.decode()
    assert "confirm_form" not in shown.context and "Traceback" not in shown.content.decode()
    assert Enterprise.objects.count() == 1


def test_a_confirmation_without_its_preview_writes_nothing(world: World, as_: Any) -> None:
    client = as_("county_staff")
    good = workbook(ENTERPRISES, ("411625000000", "好厂", "", ""))
    form = preview(client, "stations_enterprise", good).context["confirm_form"].initial
    answer = client.post(
        reverse("admin:stations_enterprise_process_import"), {**form, "import_file_name": "../../etc/passwd"}
    )
    assert answer.status_code == 302 and Enterprise.objects.count() == 1
    bad = preview(client, "stations_enterprise", workbook(ENTERPRISES, ("411625000000", "好厂", "特色养殖", "")))
    world.enterprise.chains.clear()
    IndustryChain.objects.filter(name="特色养殖").update(name="改名")
    client.post(reverse("admin:stations_enterprise_process_import"), bad.context["confirm_form"].initial)
    assert Enterprise.objects.count() == 1


STATION = ("网址标识", "名称", "区划代码", "类型", "层级", "建设阶段", "挂牌日期", "依托类别", "开放时间")


def test_stations_come_in_with_the_words_people_use(world: World, as_: Any) -> None:
    row = (
        "baima",
        "白马镇代表联络站",
        "411625107000",
        "区域联络站",
        "站",
        "试点",
        "2026年3月1日",
        "社区（村）",
        "每月10日",
    )
    load(as_("county_staff"), "stations_station", workbook(STATION, row))
    station = Station.objects.get(slug="baima")
    assert (station.kind, station.life, station.host_kind) == ("regional", "pilot", "community")
    assert str(station.opened_on) == "2026-03-01"


def test_a_foreign_station_is_neither_changed_nor_taken_by_its_slug(world: World, as_: Any) -> None:
    row = ("shenqiu", "抢来的站", "411625000000", "区域联络站", "站", "试点", "", "机关", "")
    shown = preview(as_("county_staff"), "stations_station", workbook(STATION, row))
    assert "confirm_form" not in shown.context
    world.other_station.refresh_from_db()
    assert world.other_station.name == "沈丘县代表联络站"


def test_an_unknown_word_is_answered_with_the_known_ones(world: World, as_: Any) -> None:
    row = ("baima", "白马站", "411625107000", "乡站", "站", "试点", "去年", "机关", "")
    shown = preview(as_("county_staff"), "stations_station", workbook(STATION, row)).content.decode()
    assert "“乡站”不在可选范围：产业联络站、区域联络站、专业联络站" in shown
    assert "“去年”不是日期" in shown and "挂牌日期" in shown


@pytest.mark.parametrize(
    "table", ["stations_enterprise", "stations_station", "stations_industrychain", "accounts_organization"]
)
def test_an_export_holds_the_own_rows_and_is_kept_in_the_audit_log(table: str, world: World, as_: Any) -> None:
    Enterprise.objects.create(region=world.other_county, name="沈丘企业")
    IndustryChain.objects.create(region=world.other_county, name="沈丘链")
    content = unload(as_("county_staff"), table)
    rows = read(content)
    assert rows and "沈丘" not in str(rows)
    entry = LogEntry.objects.filter(action=LogEntry.Action.ACCESS).get()
    assert entry.actor == world.county_staff and entry.additional_data["行数"] == len(rows)


def test_deputies_go_out_without_phone_and_do_not_come_in(world: World, as_: Any) -> None:
    client = as_("county_staff")
    content = unload(client, "deputies_deputy")
    [row] = read(content)
    assert row["姓名"] == "李代表" and "郸城县代表联络站" in row["联络站"] and row["代表职务"] == "郸城县县级人大代表"  # type: ignore[call-overload]
    assert "13800000001" not in str(row)
    with pytest.raises(NoReverseMatch):
        reverse("admin:deputies_deputy_import")


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "auditor"])
def test_who_does_not_open_a_table_neither_loads_nor_unloads_it(role: str, world: World, as_: Any) -> None:
    for name in ("import", "export", "process_import"):
        for method in ("get", "post"):
            answer = getattr(as_(role), method)(reverse(f"admin:stations_station_{name}"))
            assert answer.status_code in (403, 405), name
    assert as_(role).get(reverse("admin:deputies_deputy_export")).status_code == 403


PAYLOADS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\tx",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    '=HYPERLINK("http://x")',
    "http://example.invalid",
    "𠮷'",
]


def test_text_never_becomes_a_formula_and_comes_back_unchanged(world: World, as_: Any) -> None:
    import openpyxl

    for number, payload in enumerate(PAYLOADS):
        Enterprise.objects.create(region=world.county, name=f"企业{number:02}", address=payload)
    client = as_("county_staff")
    book = unload(client, "stations_enterprise")
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(book)).active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"} and not any(cell.hyperlink for cell in cells)
    assert set(PAYLOADS) <= {str(cell.value) for cell in cells}

    text = unload(client, "stations_enterprise", "1")
    opened = [value for row in csv.reader(io.StringIO(text.decode("utf-8-sig"))) for value in row]
    assert not [value for value in opened if value.startswith(tuple("=+-@\t＝＋－＠"))]

    before = list(Enterprise.objects.order_by("pk").values_list("name", "address"))
    load(client, "stations_enterprise", text, "表.csv")
    shown = preview(client, "stations_enterprise", book)
    assert {row.import_type for row in shown.context["result"].rows} == {"skip"}
    after = list(Enterprise.objects.order_by("pk").values_list("name", "address"))
    assert [(n, a.strip()) for n, a in before] == [(n, a.strip()) for n, a in after]


def test_a_sheet_saved_by_excel_in_the_old_encoding_is_read(world: World, as_: Any) -> None:
    content = "区划代码,名称,产业链,地址\r\n411625000000,国标厂,,城南\r\n".encode("gb18030")
    load(as_("county_staff"), "stations_enterprise", content, "表.csv")
    assert Enterprise.objects.filter(name="国标厂", address="城南").exists()


def _far_away() -> bytes:
    content, out = io.BytesIO(workbook(ENTERPRISES, ("411625000000", "厂", "", ""))), io.BytesIO()
    with zipfile.ZipFile(content) as source, zipfile.ZipFile(out, "w") as target:
        for entry in source.infolist():
            part = source.read(entry)
            if entry.filename.endswith("sheet1.xml"):
                part = part.replace(b'r="A2"', b'r="XFD1048576"')
            target.writestr(entry.filename, part)
    return out.getvalue()


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"not a workbook", b"PK\x03\x04junk", _far_away(), _bomb(), b"\xd0\xcf\x11\xe0old"]
)
def test_a_broken_or_hostile_workbook_is_refused_with_a_sentence(content: bytes, world: World, as_: Any) -> None:
    answer = preview(as_("county_staff"), "stations_enterprise", content)
    assert "import_file" in answer.context["form"].errors
    assert Enterprise.objects.count() == 1


def test_the_readers_refuse_what_is_too_big() -> None:
    for reader in (Workbook(), CommaText()):
        with pytest.raises(Refused):
            reader.create_dataset(b"x" * (5 * 1024 * 1024 + 1))


def test_organisations_may_be_loaded_by_staff_within_scope_only(world: World, as_: Any) -> None:
    head = ("区划代码", "名称", "类别", "联系电话", "在用")
    row = ("411625107000", "宁平镇农技站", "政府部门", "0394-3210001", "是")
    load(as_("county_staff"), "accounts_organization", workbook(head, row))
    assert Organization.objects.get(name="宁平镇农技站").region == world.township
    shown = preview(
        as_("township_staff"),
        "accounts_organization",
        workbook(head, ("411625000000", "郸城县水利局", "政府部门", "", "是")),
    )
    assert "不在您管理的区域内" in shown.content.decode()
