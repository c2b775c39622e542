from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
import zxingcpp
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from accounts.calendar import today
from activities.models import Activity, ActivityType, Attendance, Visit
from deputies.models import (
    Congress,
    Consent,
    Deputy,
    DeputyGroup,
    GroupEntry,
    GroupMembership,
    Mandate,
    PrintCode,
    ScanCount,
    StationMembership,
)
from liaison import public_views
from stations.models import IndustryChain, Station, StationPost
from tests.cast import World, a_proposal

BREEDING = "/s/ningping-yangzhi/"


def text_of(response: Any) -> str:
    return str(response.content.decode())


@contextmanager
def statements(most: int) -> Iterator[None]:
    with CaptureQueriesContext(connection) as captured:
        yield
    assert len(captured) <= most, "\n".join(query["sql"] for query in captured)


def an_activity(
    world: World, title: str, status: str = "published", deputy: Deputy | None = None, day: date | None = None
) -> Activity:
    activity = Activity.objects.create(
        type=ActivityType.objects.all()[0],
        title=title,
        station=world.station,
        region=world.station.region,
        held_on=day or today(),
        status=status,
    )
    if deputy is not None:
        Attendance.objects.create(activity=activity, deputy=deputy)
    return activity


def a_member(world: World, name: str) -> Deputy:
    deputy = Deputy.objects.create(region=world.county, name=name)
    Mandate.objects.create(deputy=deputy, congress=world.congress, since=date(2022, 3, 1))
    StationMembership.objects.create(deputy=deputy, station=world.station, kind="sector", since=date(2025, 1, 10))
    return deputy


def leave(deputy: Deputy, status: str = "ended", reason: str = "moved") -> None:
    Mandate.objects.filter(deputy=deputy).update(
        status=status, reason=reason, ended_on=today() if status == "ended" else None
    )


# Home and directory


def test_home_leads_to_the_stations_and_to_the_progress_of_a_case(client: Client, world: World) -> None:
    with statements(3):
        page = text_of(client.get("/"))
    assert "有事找代表" in page
    assert 'action="/stations/"' in page
    assert f"/stations/?region={world.city.code}" in page
    assert "/track/" in page


@pytest.mark.parametrize("typed", ["宁平镇", "特色养殖", "产业基地一号", "平安路", "郸城县 养殖"])
def test_a_station_is_found_by_name_place_host_or_county(client: Client, world: World, typed: str) -> None:
    Station.objects.filter(pk=world.station.pk).update(host_name="产业基地一号", address="平安路3号")
    page = text_of(client.get("/stations/", {"q": typed}))
    assert world.station.name in page
    assert world.other_station.name not in page


def test_the_directory_is_narrowed_by_region_and_kind(client: Client, world: World) -> None:
    page = text_of(client.get("/stations/", {"region": world.county.code}))
    assert world.station.name in page and world.county_station.name in page
    assert world.other_station.name not in page
    page = text_of(client.get("/stations/", {"region": world.county.code, "kind": "regional"}))
    assert world.station.name not in page and world.county_station.name in page


def test_planned_and_closed_stations_are_not_in_the_directory(client: Client, world: World) -> None:
    Station.objects.filter(pk=world.station.pk).update(life="planned")
    Station.objects.filter(pk=world.other_station.pk).update(life="closed", closed_on=today())
    page = text_of(client.get("/stations/"))
    assert world.station.name not in page and world.other_station.name not in page


def test_the_directory_is_turned_page_by_page_there_and_back(client: Client, world: World) -> None:
    for number in range(45):
        Station.objects.create(
            name=f"第{number:02}站", slug=f"zhan-{number}", kind="regional", region=world.township, life="formal"
        )
    seen: list[str] = []
    query, pages = "", []
    while True:
        page = client.get(f"/stations/?{query}").context["page"]
        assert len(page.rows) <= 20
        seen += [station.slug for station in page.rows]
        pages.append([station.slug for station in page.rows])
        if not page.has_next:
            break
        query = page.next_query
    assert len(seen) == len(set(seen)) == 48
    back = client.get(f"/stations/?{page.previous_query}").context["page"]
    assert [station.slug for station in back.rows] == pages[-2]
    first = client.get(f"/stations/?{back.previous_query}").context["page"]
    assert [station.slug for station in first.rows] == pages[0] and not first.has_previous


@pytest.mark.parametrize(
    "query",
    [
        "region=x",
        "kind=x",
        "after=x~y",
        "after=~",
        "before=9~99999999999999999999",
        "q=%00",
        "q=%25",
        "region=%00",
        "after=²~²",
        "after=%00~1",
        "kind=%00",
    ],
)
def test_a_broken_question_is_no_error(client: Client, world: World, query: str) -> None:
    assert client.get(f"/stations/?{query}").status_code == 200


@pytest.mark.parametrize("query", ["", "?region=411625000000&kind=regional&q=站"])
def test_the_directory_costs_the_same_with_more_stations(client: Client, world: World, query: str) -> None:
    address = f"/stations/{query}"
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    assert len(few) <= 3
    for number in range(15):
        Station.objects.create(
            name=f"第{number}站", slug=f"zhan-{number}", kind="regional", region=world.township, life="formal"
        )
    with statements(len(few)):
        client.get(address)


# The station's page


def test_the_station_page_is_the_wall(client: Client, world: World) -> None:
    Station.objects.filter(pk=world.station.pk).update(
        introduction="就近听取群众意见。",
        duties="接待群众。",
        address="平安路3号",
        hours="每月15日",
        enterprise=world.enterprise,
    )
    StationPost.objects.create(
        station=world.station,
        post="head",
        side="enterprise",
        enterprise=world.enterprise,
        name="何经理",
        since=date(2025, 1, 10),
    )
    group = DeputyGroup.objects.create(
        region=world.county, name="养殖小组", kind="industry", level="county", since=date(2025, 1, 1)
    )
    GroupMembership.objects.create(group=group, deputy=world.deputy, is_leader=True, since=date(2025, 1, 1))
    GroupEntry.objects.create(group=group, station=world.station, since=date(2025, 1, 1))
    an_activity(world, "养殖技术培训")
    an_activity(world, "还没审核的座谈", status="held")
    with statements(3):
        page = text_of(client.get(BREEDING))
    for words in (
        "就近听取群众意见。",
        "接待群众。",
        "平安路3号",
        "每月15日",
        "0394-3210000",
        "双站长",
        "赵站长",
        "何经理",
        "康全农牧有限公司",
        "特色养殖",
        "李代表",
        "郸城县人大代表（宁平镇第一选区）",
        "养殖小组",
        "组长李代表",
        "养殖技术培训",
        f"{BREEDING}suggest/",
        "/track/",
    ):
        assert words in page, words
    assert "还没审核的座谈" not in page
    assert "13800000001" not in page and "养殖合作社理事长" not in page


def test_deputies_stand_under_their_highest_level_once(client: Client, world: World) -> None:
    city = Congress.objects.create(region=world.city, ordinal=5, first_met_on=date(2022, 4, 1))
    Mandate.objects.create(deputy=world.deputy, congress=city, since=date(2022, 4, 1))
    a_member(world, "王代表")
    page = client.get(BREEDING).context["page"]
    assert [(level, [member.name for member in members]) for level, members in page.levels] == [
        ("市人大代表", ["李代表"]),
        ("县人大代表", ["王代表"]),
    ]
    assert page.levels[0][1][0].seats == ["周口市人大代表", "郸城县人大代表（宁平镇第一选区）"]


@pytest.mark.parametrize("status", ["suspended", "ended"])
def test_who_is_suspended_or_ended_vanishes_from_the_wall_at_once(client: Client, world: World, status: str) -> None:
    leave(world.deputy, status)
    assert "李代表" not in text_of(client.get(BREEDING))


def test_the_station_page_costs_the_same_with_many_deputies_and_activities(client: Client, world: World) -> None:
    client.get(BREEDING)
    with CaptureQueriesContext(connection) as few:
        client.get(BREEDING)
    for number in range(20):
        a_member(world, f"代表{number}")
        an_activity(world, f"活动{number}")
        world.station.chains.add(IndustryChain.objects.create(region=world.county, name=f"链{number}"))
    with statements(len(few)):
        page = text_of(client.get(BREEDING))
    assert "代表19" in page and "活动19" in page
    assert len(few) <= 3


# The deputy's page


def test_the_deputy_page_shows_what_the_law_makes_public_and_nothing_more(client: Client, world: World) -> None:
    an_activity(world, "养殖技术培训", deputy=world.deputy)
    an_activity(world, "还没审核的座谈", status="held", deputy=world.deputy)
    for confirmed in (timezone.now(), None):
        Visit.objects.create(
            deputy=world.deputy, station=world.station, region=world.county, visited_on=today(), confirmed_at=confirmed
        )
    with statements(3):
        response = client.get(f"/d/{world.deputy.slug}/")
    page = text_of(response)
    for words in (
        "李代表",
        "郸城县人大代表（宁平镇第一选区），第16届",
        world.station.name,
        world.county_station.name,
        "0394-3210000",
        "养殖技术培训",
    ):
        assert words in page, words
    for words in ("还没审核的座谈", "13800000001", "养殖合作社理事长", "<img"):
        assert words not in page, words
    assert (response.context["page"].activities, response.context["page"].visits) == (1, 1)


def test_a_deputy_s_page_counts_the_year_beside_the_whole(client: Client, world: World) -> None:
    """Numbered proposals, not drafts; the year is the running one however long the server has run."""
    a_proposal(world, "draft")
    proposal = a_proposal(world, "accepted")
    an_activity(world, "去年的活动", deputy=world.deputy, day=date(today().year - 1, 12, 31))
    an_activity(world, "今年的活动", deputy=world.deputy, day=date(today().year, 1, 1))

    def counted() -> tuple[int, ...]:
        page = client.get(f"/d/{world.deputy.slug}/").context["page"]
        return page.activities, page.activities_this_year, page.proposals, page.proposals_this_year

    assert proposal.proposal_number
    assert counted() == (2, 1, 1, 1)
    with time_machine.travel(timezone.now() + timedelta(366)):
        assert counted() == (2, 0, 1, 0)


def test_unit_and_phone_appear_with_a_consent_and_go_with_it(client: Client, world: World) -> None:
    for field in ("work_unit", "phone"):
        Consent.objects.create(deputy=world.deputy, field=field, since=date(2025, 1, 1))
    page = text_of(client.get(f"/d/{world.deputy.slug}/"))
    assert "13800000001" in page and "养殖合作社理事长" in page
    Consent.objects.update(ended_on=today())
    page = text_of(client.get(f"/d/{world.deputy.slug}/"))
    assert "13800000001" not in page and "养殖合作社理事长" not in page


def test_the_photo_needs_a_consent(client: Client, world: World) -> None:
    file = io.BytesIO()
    Image.new("RGB", (8, 10)).save(file, "JPEG")
    world.deputy.photo.save("x.jpg", io.BytesIO(file.getvalue()))
    address = f"/d/{world.deputy.slug}/photo/"
    assert client.get(address).status_code == 404
    Consent.objects.create(deputy=world.deputy, field="photo", since=date(2025, 1, 1))
    assert client.get(address)["Content-Type"] == "image/jpeg"
    assert address in text_of(client.get(f"/d/{world.deputy.slug}/"))


def test_the_deputy_page_costs_the_same_with_many_activities(client: Client, world: World) -> None:
    address = f"/d/{world.deputy.slug}/"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(20):
        an_activity(world, f"活动{number}", deputy=world.deputy)
    with statements(len(few)):
        client.get(address)
    assert len(few) <= 3


# Codes


def test_a_scan_of_the_stations_code_counts_one_and_the_form_knows_it(client: Client, world: World) -> None:
    code = PrintCode.objects.create(station=world.station)
    for _ in range(2):
        page = text_of(client.get(f"{BREEDING}?c={code.code}"))
    assert f"{BREEDING}suggest/?c={code.code}" in page
    assert ScanCount.objects.get(code=code, day=today()).count == 2


@pytest.mark.parametrize("tail", ["", "suggest/"])
@pytest.mark.parametrize("whose", ["station", "deputy"])
@pytest.mark.parametrize("code", ["another page's", "revoked", "x", "'\"<b>", "\x00", "二维码"])
def test_a_code_that_is_not_in_use_here_shows_an_ended_page_without_a_name(
    client: Client, world: World, code: str, whose: str, tail: str
) -> None:
    address, subject = (BREEDING, world.station) if whose == "station" else (f"/d/{world.deputy.slug}/", world.deputy)
    if code == "another page's":
        code = PrintCode.objects.create(station=world.other_station).code
    elif code == "revoked":
        code = PrintCode.objects.create(**{whose: subject}, revoked_at=timezone.now()).code
    response = client.get(f"{address}{tail}", {"c": code})
    page = text_of(response)
    assert response.status_code == 410 and "已停用" in page and 'href="/stations/"' in page
    assert world.station.name not in page and "李代表" not in page
    assert not ScanCount.objects.exists()
    assert client.get(f"{address}{tail}", {"c": ""}).status_code == 200


def test_a_post_code_counts_at_its_station(client: Client, world: World) -> None:
    code = PrintCode.objects.create(post=StationPost.objects.filter(station=world.station)[0])
    assert client.get(f"{BREEDING}?c={code.code}").status_code == 200
    assert ScanCount.objects.get(code=code).count == 1


def test_a_failed_count_never_fails_the_page(client: Client, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(code: int) -> int:
        raise DatabaseError("disk full")

    monkeypatch.setattr(public_views, "_one_more", fail)
    code = PrintCode.objects.create(station=world.station)
    assert client.get(f"{BREEDING}?c={code.code}").status_code == 200


@pytest.mark.parametrize("status", ["suspended", "ended"])
@pytest.mark.parametrize("tail", ["", "suggest/"])
def test_a_deputy_out_of_office_is_ended_without_a_name(client: Client, world: World, status: str, tail: str) -> None:
    leave(world.deputy, status)
    response = client.get(f"/d/{world.deputy.slug}/{tail}")
    assert response.status_code == 410
    page = text_of(response)
    assert "李代表" not in page and "宁平" not in page and "/stations/" in page


@pytest.mark.parametrize("tail", ["", "suggest/"])
def test_a_closed_station_is_ended(client: Client, world: World, tail: str) -> None:
    Station.objects.filter(pk=world.station.pk).update(life="closed", closed_on=today())
    response = client.get(BREEDING + tail)
    assert response.status_code == 410
    assert world.station.name not in text_of(response)


def test_what_is_not_and_what_may_not_be_seen_are_the_same_page(client: Client, world: World) -> None:
    Station.objects.filter(pk=world.station.pk).update(life="planned")
    elected = Deputy.objects.create(region=world.county, name="当选人")
    Mandate.objects.create(deputy=elected, congress=world.congress, status="elected", since=today())
    missing = client.get("/s/nowhere/")
    assert missing.status_code == 404
    addresses = (
        BREEDING,
        f"{BREEDING}suggest/",
        f"{BREEDING}qr.svg",
        "/d/nobody/",
        f"/d/{elected.slug}/",
        f"/d/{elected.slug}/suggest/",
        "/a/1/photos/1/",
        "/no/such/page/",
    )
    for address in addresses:
        response = client.get(address)
        assert (response.status_code, response.content) == (404, missing.content), address


@pytest.mark.parametrize("who", ["anonymous", "station_officer"])
def test_a_decoder_reads_the_code_back(as_: Any, world: World, who: str) -> None:
    picture = Image.open(io.BytesIO(as_(who).get(f"{BREEDING}qr.png").content))
    address = zxingcpp.read_barcodes(picture)[0].text
    assert address.startswith(f"http://testserver{BREEDING}")
    issued = PrintCode.objects.filter(station=world.station).first()
    assert address.endswith(f"?c={issued.code}" if issued else BREEDING)
    assert (issued is not None) is (who == "station_officer")


def test_the_code_is_a_drawing_too_and_no_other_form(client: Client, world: World) -> None:
    response = client.get(f"/d/{world.deputy.slug}/qr.svg", headers={"host": "localhost"})
    assert response["Content-Type"] == "image/svg+xml"
    assert client.get(f"{BREEDING}qr.exe").status_code == 404


# Standing pages


def test_the_notice_says_who_why_how_long_and_which_rights(client: Client, db: None) -> None:
    page = text_of(client.get("/privacy/"))
    for words in ("2026-1", "个人信息保护法", "谁在处理", "保存多久", "您的权利", "撤回同意"):
        assert words in page
    assert "无障碍环境建设法" in text_of(client.get("/accessibility/"))


def test_the_machine_is_answered_in_plain_text(client: Client, db: None) -> None:
    for address in ("/healthz/", "/readyz/"):
        response = client.get(address)
        assert (response.status_code, response.content) == (200, b"ok\n")


def test_large_print_is_a_post_and_leads_back(client: Client, db: None) -> None:
    response = client.post("/size/", {"size": "large", "next": "/stations/?q=x"})
    assert response["Location"] == "/stations/?q=x"
    assert 'data-size="large"' in text_of(client.get("/"))
    client.post("/size/", {"size": "normal", "next": "/"})
    assert "data-size" not in text_of(client.get("/"))
    assert client.get("/size/").status_code == 405


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "\\\\evil",
        "",
        "http:///x",
        "/\t/evil.example",
        "%2f%2fevil",
    ],
)
def test_large_print_never_leads_to_another_site(client: Client, db: None, elsewhere: str) -> None:
    assert client.post("/size/", {"size": "large", "next": elsewhere})["Location"] == "/"


@pytest.mark.parametrize("away", [OperationalError("server closed the connection"), InterfaceError("closed")])
def test_a_database_that_is_away_is_answered_without_it(client: Client, db: None, away: Exception) -> None:
    asked = []

    def fails(*statement: Any) -> None:
        asked.append(statement)
        raise away

    client.raise_request_exception = False
    with connection.execute_wrapper(fails):
        response = client.get("/stations/")
    assert response.status_code == 503
    assert "请过几分钟再来" in text_of(response)
    assert len(asked) == 1


def test_a_mistake_of_ours_is_no_maintenance(client: Client, db: None, monkeypatch: Any) -> None:
    def fails(*anything: Any, **named: Any) -> None:
        raise IntegrityError("a constraint")

    monkeypatch.setattr(public_views, "places", fails)
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    assert "系统出了一点问题" in text_of(response)


@pytest.mark.parametrize("address", ["/", "/stations/", BREEDING, f"{BREEDING}suggest/", "/track/", "/privacy/"])
def test_a_public_page_is_light_and_needs_no_script(client: Client, world: World, address: str) -> None:
    page = client.get(address).content
    assert len(page) < 24_000
    assert b"<script" not in page and b"style=" not in page


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "𠮷\u202e名"])
def test_names_from_the_back_office_stay_text(client: Client, world: World, words: str) -> None:
    Station.objects.filter(pk=world.station.pk).update(name=words[:60], introduction=words, duties=words, bases=words)
    Deputy.objects.filter(pk=world.deputy.pk).update(name=words[:40])
    for address in (BREEDING, f"/d/{world.deputy.slug}/", "/stations/", f"{BREEDING}suggest/"):
        page = text_of(client.get(address))
        assert "<script>alert" not in page and "<img src=x" not in page, address
