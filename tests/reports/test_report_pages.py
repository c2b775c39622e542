"""The report as a page and as files: one object, three shapes; who may open it; the rows behind each figure."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.calendar import today
from accounts.models import Region
from activities.models import ActivityType
from deputies.models import Deputy
from reports.chapters import REGISTRY
from reports.figures import collect, year_of
from stations.models import Station
from suggestions.models import Assignment, ProblemKind, Suggestion
from tests.cast import World
from tests.reports.rich import EXPECTED, Rich, add_round, an_activity

THIS = today().year
DAY = timedelta(days=1)
COUNTY = "411625000000"
COUNTY_PAGE = f"/office/reports/annual/{COUNTY}/{THIS}/"
STATION_PAGE = f"/office/reports/annual/station/ningping-yangzhi/{THIS}/"
PERIOD = f"from={THIS}-01-01&to={THIS}-12-31"


def rows_page(figure: str, of: str = f"region={COUNTY}", period: str = PERIOD) -> str:
    return f"/office/reports/rows/{figure}/?{of}&{period}"


def text(response: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def book(response: Any) -> Any:
    return openpyxl.load_workbook(io.BytesIO(response.content))


def sheet_values(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(min_row=2, values_only=True))


def tiles(response: Any) -> dict[str, str]:
    """What the page shows, read from its markup: label to value."""
    found = re.findall(
        r'<div class="soft">([^<]+)</div>\s*<a class="stat-value" href="[^"]+">([^<]+)<small>',
        response.content.decode(),
    )
    assert found
    return {unescape(label): value for label, value in found}


def test_page_sheet_and_json_tell_the_same_numbers(as_: Any, rich: Rich) -> None:
    staff = as_("county_staff")
    shown = tiles(staff.get(COUNTY_PAGE))
    told = staff.get(COUNTY_PAGE + "?export=json").json()
    sheet = {row[0]: row[1] for row in sheet_values(book(staff.get(COUNTY_PAGE + "?export=xlsx")).worksheets[0])}
    assert told["figures"] == EXPECTED
    for key, value in told["figures"].items():
        label = REGISTRY[key].label
        assert shown[label] == str(value), key
        assert sheet[label] == value, key


def test_rates_are_the_same_everywhere_too(as_: Any, rich: Rich) -> None:
    staff = as_("county_staff")
    page, told = staff.get(COUNTY_PAGE), staff.get(COUNTY_PAGE + "?export=json").json()
    rates = {row[0]: row[1:4] for row in sheet_values(book(staff.get(COUNTY_PAGE + "?export=xlsx"))["比率"])}
    assert told["rates"]["solution"] == {"numerator": 12, "denominator": 17}
    assert rates["问题解决率"] == (12, 17, 12 / 17)
    assert tiles(page)["问题解决率"] == "70.6%"
    assert "12∶17" in page.content.decode()
    assert tiles(page)["代表满意率"] == "100.0%"


def test_the_sheet_says_figure_value_unit_and_definition(as_: Any, rich: Rich) -> None:
    opened = book(as_("county_staff").get(COUNTY_PAGE + "?export=xlsx"))
    assert opened.sheetnames[0] == "报表"
    first = opened.worksheets[0]
    assert [cell.value for cell in first[1]] == ["指标", "数值", "单位", "口径", "部分"]
    row = next(row for row in sheet_values(first) if row[0] == "意见建议")
    assert row[1:3] == (EXPECTED["opinions"], "条")
    assert "不含已撤回" in row[3]
    by_region = {row[0]: row[1:] for row in sheet_values(opened["分区域情况"])}
    assert by_region["宁平镇"] == (1, 4, 1, 0)
    assert by_region["合计"] == (3, 7, 34, 12)


def test_the_json_names_subject_period_and_definitions(as_: Any, rich: Rich) -> None:
    told = as_("county_staff").get(STATION_PAGE + "?export=json").json()
    assert told["subject"] == {
        "kind": "station",
        "slug": "ningping-yangzhi",
        "name": "宁平镇特色养殖产业代表联络站",
        "region": "411625107000",
    }
    assert (told["from"], told["to"]) == (f"{THIS}-01-01", f"{THIS}-12-31")
    assert told["definitions"].keys() == told["figures"].keys() | told["rates"].keys()
    assert told["tables"]["activities_by_type"][0].keys() == {"code", "name", "activities", "outsiders"}


def test_the_page_is_titled_and_told_by_chapters(as_: Any, rich: Rich) -> None:
    body = as_("county_staff").get(COUNTY_PAGE).content.decode()
    assert f"<h1>郸城县{THIS}年代表联络站工作报告</h1>" in body
    titles = re.findall(r"<h2 id=[^>]+>([^<]+)</h2>", body)
    assert titles == [
        *(
            "建站",
            "聚代表",
            "用站",
            "成果采纳",
            "转办—办理—反馈",
            "承办单位",
            "督办与公开",
            "承诺事项",
            "评价",
            "民生实事",
        )
    ]
    assert "<script" not in body
    station = as_("county_staff").get(STATION_PAGE).content.decode()
    assert f"<h1>宁平镇特色养殖产业代表联络站（宁平镇）{THIS}年代表联络站工作报告</h1>" in station


def test_an_unknown_export_is_not_there(as_: Any, world: World) -> None:
    staff = as_("county_staff")
    for export in ("docx", "pdf", "XLSX", "../etc"):
        assert staff.get(COUNTY_PAGE, {"export": export}).status_code == 404


@pytest.mark.parametrize("year", [1, 1998, THIS + 1, 99999])
def test_a_year_without_a_report_is_not_there(as_: Any, world: World, year: int) -> None:
    assert as_("county_staff").get(f"/office/reports/annual/{COUNTY}/{year}/").status_code == 404


# Whatever people may type into a name; the first character decides in a sheet.
PAYLOADS = [
    start + rest
    for start in ("=", "+", "-", "@", "\t=", "＝", "＋", "－", "＠")
    for rest in ("1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://evil.example/","x")')
] + ["http://evil.example/", "{=1+1}", "007", "1e5"]


def test_what_is_typed_never_becomes_a_formula_or_a_link(as_: Any, rich: Rich) -> None:
    for n, payload in enumerate(PAYLOADS):
        Region.objects.create(code=f"411625{300 + n}000", name=payload, level="township", parent=rich.county)
        kind = ActivityType.objects.create(code=f"typed-{n}", name=payload[:30])
        an_activity(kind.code, rich.station)
    ProblemKind.objects.filter(code="power").update(name="=1+1")
    Region.objects.filter(pk=rich.county.pk).update(name="=SUM(A1:A9)&[x]")
    response = as_("county_staff").get(COUNTY_PAGE + "?export=xlsx")
    opened, typed = book(response), []
    for sheet in opened.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f" and cell.hyperlink is None, cell.value
                typed.append(cell.value)
    assert set(PAYLOADS) <= set(typed)
    assert "=1+1" in typed and f"=SUM(A1:A9)&[x]{THIS}年代表联络站工作报告" in typed


def test_a_name_of_many_lines_makes_no_header_of_the_answer(as_: Any, rich: Rich) -> None:
    Station.objects.filter(pk=rich.station.pk).update(name='a"b\r\nSet-Cookie: x=1/../c')
    response = as_("county_staff").get(STATION_PAGE + "?export=xlsx")
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert "\n" not in response["Content-Disposition"]
    assert response["Content-Disposition"].startswith("attachment")


MAY_OPEN = {
    COUNTY_PAGE: {"county_staff", "city_staff"},
    STATION_PAGE: {"county_staff", "city_staff", "township_staff", "station_officer", "station_head"},
    f"/office/reports/annual/411625107000/{THIS}/": {"county_staff", "city_staff", "township_staff"},
    f"/office/reports/annual/station/dancheng-zhongxin/{THIS}/": {"county_staff", "city_staff"},
    f"/office/reports/annual/station/shenqiu/{THIS}/": {"city_staff"},
    f"/office/reports/annual/411600000000/{THIS}/": {"city_staff"},
    f"/office/reports/annual/410000000000/{THIS}/": set(),
    rows_page("opinions"): {"county_staff", "city_staff"},
    rows_page("members", "station=ningping-yangzhi"): {
        "county_staff",
        "city_staff",
        "township_staff",
        "station_officer",
        "station_head",
    },
    "/office/reports/": {"county_staff", "city_staff", "township_staff", "station_officer", "station_head"},
}


@pytest.mark.parametrize("page", MAY_OPEN)
def test_a_report_opens_for_its_scope_and_is_missing_for_everybody_else(as_: Any, world: World, page: str) -> None:
    missing = as_("county_staff").get("/office/nowhere/").content
    for role in world.users:
        response = as_(role).get(page)
        assert response.status_code == (200 if role in MAY_OPEN[page] else 404), role
        if response.status_code == 404:
            assert response.content == missing, role
    assert as_("anonymous").get(page)["Location"].startswith("/office/login/?next=")
    neighbours = [world.other_staff, world.other_officer]
    allowed = {"/office/reports/": 2, f"/office/reports/annual/station/shenqiu/{THIS}/": 2}.get(page, 0)
    assert [as_(user).get(page).status_code for user in neighbours].count(200) == allowed


def test_every_figure_opens_its_rows(as_: Any, rich: Rich) -> None:
    staff = as_("county_staff")
    body = staff.get(COUNTY_PAGE).content.decode()
    for key in REGISTRY:
        address = rows_page(key)
        assert f'href="{address.replace("&", "&amp;")}"' in body, key
        response = staff.get(address)
        assert response.status_code == 200
        assert "<tbody>" in response.content.decode(), key
        assert REGISTRY[key].definition in text(response)


def test_all_links_of_the_page_and_its_rows_lead_somewhere(as_: Any, rich: Rich) -> None:
    staff = as_("county_staff")
    pages = {COUNTY_PAGE, *(rows_page(key) for key in REGISTRY)}
    links = set()
    for page in pages:
        main = staff.get(page).content.decode().split("<main")[1].split("</main>")[0]
        links |= {unescape(link) for link in re.findall(r'href="(/[^"]*)"', main)}
    assert any("/office/suggestions/" in link for link in links)
    assert any("/office/activities/" in link for link in links)
    for link in links:
        assert staff.get(link).status_code == 200, link


def test_the_lines_of_the_tables_open_the_rows_of_the_line(as_: Any, rich: Rich) -> None:
    staff = as_("county_staff")
    shown = staff.get(rows_page("solved") + "&problem_kind=power")
    assert "可以查看 10 件" in text(shown)
    assert "可以查看 4 场" in text(staff.get(rows_page("activities") + "&type=survey"))
    assert "可以查看 1 件" in text(staff.get(rows_page("opinions", "region=411625107000")))


def test_every_linked_number_of_a_table_opens_that_many_rows(as_: Any, rich: Rich) -> None:
    Assignment.objects.filter(state="handling", role="lead").update(assigned_on=today() - 9 * DAY, due_on=today() - DAY)
    staff = as_("county_staff")
    cells = re.findall(r'<td class="num"><a href="([^"]+)">(\d+)</a>', staff.get(COUNTY_PAGE).content.decode())
    assert len(cells) >= 15
    assert len({unescape(address) for address, _ in cells if "unit=" in address}) > 5
    for address, value in cells:
        assert f"可以查看 {value} " in text(staff.get(unescape(address))), address


@pytest.mark.parametrize("unit", ["x", "-1", "1%00", "9" * 30, "1.5"])
def test_no_unit_can_be_called_so(as_: Any, world: World, unit: str) -> None:
    assert as_("county_staff").get(rows_page("returns") + f"&unit={unit}").status_code == 404


def test_what_the_reader_may_not_see_is_counted_and_not_shown(as_: Any, rich: Rich) -> None:
    """A case about a deputy who is on the staff: the person concerned reads that there is one, and no more."""
    Deputy.objects.filter(pk=rich.deputy.pk).update(user=rich.county_staff)
    about = Suggestion.objects.filter(
        kind="opinion", status="submitted", region=rich.county, submitted_on=today()
    ).first()
    assert about is not None
    Suggestion.objects.filter(pk=about.pk).update(about_person=rich.deputy, text="某代表的事。")
    body = text(as_("county_staff").get(rows_page("opinions")))
    assert f"可以查看 {EXPECTED['opinions'] - 1} 件。另有 1 件不公开。" in body
    assert about.number not in body and "某代表的事" not in body
    assert "不公开" not in text(as_("city_staff").get(rows_page("opinions")))


def test_a_station_officer_sees_the_stations_rows_only(as_: Any, rich: Rich) -> None:
    officer = as_("station_officer")
    body = text(officer.get(rows_page("activities", "station=ningping-yangzhi")))
    assert "可以查看 3 场" in body
    assert rich.direct.number not in text(officer.get(rows_page("opinions", "station=ningping-yangzhi")))


def test_long_lists_come_in_pages(as_: Any, rich: Rich) -> None:
    for n in range(40):
        an_activity("survey", rich.station, title=f"调研{n:02}")
    staff = as_("county_staff")
    seen, address = set(), rows_page("station_activities")
    for _ in range(3):
        body = staff.get(address).content.decode()
        seen |= set(re.findall(r"/office/activities/(\d+)/", body))
        after = re.search(r'rel="next" href="([^"]+)"', body)
        if after is None:
            break
        address = "/office/reports/rows/station_activities/" + unescape(after[1])
    assert len(seen) == 44
    for n in range(40):
        person = Deputy.objects.create(region=rich.county, name=f"代表{n:02}")
        rich.congress.mandates.create(deputy=person, since=today())
    first = staff.get(rows_page("deputies"))
    assert "第 1 页，共 2 页" in text(first)
    assert "代表39" in text(first) + text(staff.get(rows_page("deputies") + "&page=2"))


@pytest.mark.parametrize(
    "query",
    [
        "",
        f"region={COUNTY}",
        f"region={COUNTY}&from=x&to={THIS}-12-31",
        f"region={COUNTY}&from={THIS}-12-31&to={THIS}-01-01",
        f"region={COUNTY}&from=0001-01-01&to={THIS}-12-31",
        f"region={COUNTY}&from={THIS}-01-01&to=9999-12-31",
        f"region={COUNTY}&station=ningping-yangzhi&{PERIOD}",
        f"region=x&{PERIOD}",
        f"station=x&{PERIOD}",
        PERIOD,
    ],
)
def test_a_broken_address_of_rows_is_not_there(as_: Any, world: World, query: str) -> None:
    assert as_("county_staff").get(f"/office/reports/rows/opinions/?{query}").status_code == 404


def test_rows_of_no_known_figure_are_not_there(as_: Any, world: World) -> None:
    assert as_("county_staff").get(rows_page("passwords")).status_code == 404
    # Only the fields of the tables narrow anything.
    assert "不公开" not in text(as_("county_staff").get(rows_page("opinions") + "&region__name=x&problem_kind=none"))


def test_rows_cost_the_same_for_many(as_: Any, rich: Rich) -> None:
    staff = as_("county_staff")

    def queries(key: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(rows_page(key)).status_code == 200
        return len(captured)

    add_round(rich.world, 0)
    few = {key: queries(key) for key in REGISTRY}
    add_round(rich.world, 3)
    assert {key: queries(key) for key in REGISTRY} == few
    assert max(few.values()) <= 16


def test_the_page_costs_the_same_for_many_rows(as_: Any, rich: Rich) -> None:
    staff = as_("county_staff")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            staff.get(COUNTY_PAGE)
        return len(captured)

    add_round(rich.world, 0)
    few = queries()
    add_round(rich.world, 3)
    assert queries() == few


# The start page


def test_the_start_page_leads_to_the_report_that_was_chosen(as_: Any, world: World) -> None:
    staff = as_("county_staff")
    body = text(staff.get(reverse("reports")))
    assert "郸城县" in body and "宁平镇" in body and "沈丘" not in body and "周口市" not in body
    chosen = staff.get(reverse("reports"), {"region": "411625107000", "year": THIS})
    assert chosen["Location"] == f"/office/reports/annual/411625107000/{THIS}/"
    chosen = staff.get(reverse("reports"), {"station": "ningping-yangzhi", "year": THIS - 1})
    assert chosen["Location"] == f"/office/reports/annual/station/ningping-yangzhi/{THIS - 1}/"


def test_a_station_officer_chooses_among_the_own_stations(as_: Any, world: World) -> None:
    body = as_("station_officer").get(reverse("reports")).content.decode()
    assert 'name="station"' in body and 'name="region"' not in body
    assert "宁平镇特色养殖" in body and "郸城县代表联络站" not in body


def test_a_wrong_choice_is_a_sentence(as_: Any, world: World) -> None:
    body = text(as_("county_staff").get(reverse("reports"), {"region": "411624000000", "year": THIS}))
    assert "请从列表中选择区域。" in body


def test_where_stations_are_many_one_is_named(as_: Any, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.forms.MOST_TO_CHOOSE_FROM", 1)
    staff, address = as_("city_staff"), reverse("reports")
    assert staff.get(address, {"station": "养殖", "year": THIS})["Location"] == STATION_PAGE
    exact = staff.get(address, {"station": "沈丘县代表联络站", "year": THIS})
    assert exact["Location"] == f"/office/reports/annual/station/shenqiu/{THIS}/"
    assert "不止一个" in text(staff.get(address, {"station": "联络站", "year": THIS}))
    nothing = staff.get(address, {"station": "火星", "year": THIS})
    assert "没有找到名称含“火星”的联络站" in text(nothing)
    assert 'value="火星"' in nothing.content.decode()
    assert "宁平镇" not in text(staff.get(address))  # too many: the own region and those directly below


# The command


def test_the_command_prints_what_the_page_tells(as_: Any, rich: Rich, capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    call_command(
        "annual_report", "--region", COUNTY, "--year", str(THIS), "--format", "json", "--output", "-", stdout=out
    )
    told = json.loads(out.getvalue())
    assert told == as_("county_staff").get(COUNTY_PAGE + "?export=json").json()
    assert told == collect(rich.county, *year_of(THIS)).as_dict()


def test_the_command_writes_the_workbook_of_a_station(rich: Rich, tmp_path: Path) -> None:
    file, out = tmp_path / "站.xlsx", io.StringIO()
    call_command(
        "annual_report",
        *("--station", "ningping-yangzhi", "--year", str(THIS), "--format", "xlsx", "--output", str(file)),
        stdout=out,
    )
    assert "已写入" in out.getvalue()
    values = {row[0]: row[1] for row in sheet_values(openpyxl.load_workbook(file).worksheets[0])}
    assert values["驻站代表"] == 2


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"--format": "docx"}, "现在还不能生成 docx"),
        ({"--format": "xlsx"}, "请用 --output 写明文件名"),
        ({"--region": "999999999999"}, "没有区划代码为999999999999的区域"),
        ({"--station": "nowhere"}, "没有网址标识为“nowhere”的联络站"),
        ({"--year": "1900"}, "没有1900年的报告"),
        ({"--output": "/nowhere/at/all.json"}, "写不了文件"),
    ],
)
def test_the_command_refuses_with_a_sentence(world: World, said: dict[str, str], sentence: str) -> None:
    options = {"--region": COUNTY, "--year": str(THIS), "--format": "json", "--output": "-"} | said
    if "--station" in said:
        del options["--region"]
    with pytest.raises(CommandError, match=re.escape(sentence)):
        call_command("annual_report", *(word for option in options.items() for word in option), stdout=io.StringIO())


def test_only_reading_is_asked_of_a_report(client: Client, as_: Any, world: World) -> None:
    assert as_("county_staff").get(COUNTY_PAGE)["Cache-Control"].count("no-store")


@pytest.mark.parametrize(
    ("figure", "of"),
    [
        ("opinions", "region=4116%00"),
        ("opinions", "station=ningping%00"),
        ("solved", f"region={COUNTY}&problem_kind=power%00"),
        ("activities", f"region={COUNTY}&type=survey%00"),
        ("opinions", "region=%E5%8E%BF"),
    ],
)
def test_a_key_that_none_can_be_never_reaches_the_database(world: World, as_: Any, figure: str, of: str) -> None:
    """PostgreSQL takes no NUL in a text: that would be an error of the server."""
    with CaptureQueriesContext(connection) as asked:
        assert as_("county_staff").get(rows_page(figure, of)).status_code == 404
    assert not [query["sql"] for query in asked if "\0" in query["sql"] or "县" in query["sql"]]


def test_any_period_is_told_by_the_same_figures(rich: Rich, as_: Any) -> None:
    world = rich.world
    day = today().isoformat()
    asked = f"/office/reports/table/?region={world.county.code}&from={day}&to={day}"
    client = as_("county_staff")
    told = client.get(f"{asked}&export=json").json()
    assert (told["from"], told["to"]) == (day, day)
    assert told["figures"] == collect(world.county, today(), today()).as_dict()["figures"]
    page = client.get(asked).content.decode()
    assert "换一个时段" in page and "export=xlsx" in page
    assert client.get(f"{asked}&export=xlsx").status_code == 200
    assert client.get(f"/office/reports/table/?region={world.county.code}&from=x&to=y").status_code == 404
    assert client.get(f"/office/reports/table/?region={world.other_county.code}&from={day}&to={day}").status_code == 404
