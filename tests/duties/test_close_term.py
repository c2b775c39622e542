"""换届: what the end of a term does to seats, stations, codes, rotas, accounts and figures, and what it leaves alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import User
from activities.models import Activity, ActivityType, Attendance, Visit
from deputies.imports import batches
from deputies.models import (
    Congress,
    Deputy,
    GroupMembership,
    Mandate,
    Pairing,
    PrintCode,
    Session,
    StationMembership,
)
from deputies.services import code_for
from duties import papers
from duties.file import file_of, term_period
from duties.models import DutyFile
from duties.services.term import Turnover, close_term, preview_term
from reports.figures import collect
from suggestions import services
from suggestions.models import Suggestion
from tests.cast import FullWorld, a_proposal, a_suggestion

DAY = today() - timedelta(1)
EVE = DAY - timedelta(1)
FIRST = date(2022, 3, 1)


@dataclass
class Turning:
    world: FullWorld
    coming: Congress
    re_elected: Deputy  # 何代表: in a station and a group, elected again
    elsewhere: Deputy  # 许代表: a seat of the city as well
    suspended: Deputy
    by_elected: Deputy
    newcomer: Deputy  # elected for the first time

    def close(self, **changed: Any) -> Turnover:
        asked: dict[str, Any] = {"next_first_met_on": DAY, "new_ordinal": 17, "by": self.world.county_staff}
        return close_term(self.world.congress, **{**asked, **changed})


@pytest.fixture
def turning(full_world: FullWorld) -> Turning:
    """郸城县第十六届 before its end: 7 people in 8 seats, and a congress that is elected and has not met."""
    world = full_world
    city = Congress.objects.create(region=world.city, ordinal=5, first_met_on=date(2022, 5, 1))
    coming = Congress.objects.create(region=world.county, ordinal=17)

    def person(name: str, congress: Congress = world.congress, **seat: Any) -> Deputy:
        deputy = Deputy.objects.create(region=world.county, name=name, sex="male")
        Mandate.objects.create(deputy=deputy, congress=congress, **{"since": FIRST, **seat})
        return deputy

    Mandate.objects.create(deputy=world.third_deputy, congress=city, since=date(2022, 5, 1))
    suspended = person("严暂停", status="suspended", reason="detained")
    by_elected = person("补当选", kind="by_elected", since=date(2025, 6, 1))
    person("早离任", status="ended", reason="resigned", ended_on=date(2024, 5, 1))
    Mandate.objects.create(deputy=world.second_deputy, congress=coming, status="elected", since=EVE, kind="elected")
    newcomer = person("新当选", coming, status="elected", since=EVE)
    for deputy, station, kind in (
        (world.second_deputy, world.county_station, "home"),
        (world.third_deputy, world.county_station, "home"),
        (suspended, world.county_station, "home"),
        (by_elected, world.station, "sector"),
    ):
        StationMembership.objects.create(deputy=deputy, station=station, kind=kind, since=date(2025, 1, 10))
    GroupMembership.objects.create(group=world.group, deputy=world.second_deputy, since=date(2025, 1, 10))
    GroupMembership.objects.create(group=world.group, deputy=world.deputy, since=date(2025, 1, 10), is_leader=True)
    Pairing.objects.create(deputy=world.deputy, kind="household", household="刘庄村三组养殖户", since=date(2025, 2, 1))
    return Turning(world, coming, world.second_deputy, world.third_deputy, suspended, by_elected, newcomer)


def figures(world: FullWorld, day: date) -> dict[str, int]:
    told = collect(world.county, date(2026, 1, 1), day).as_dict()["figures"]
    return {key: told[key] for key in ("deputies", "seats", "members", "both_stations", "professional_groups")}


def signed_in(world: FullWorld, who: str | User) -> Client:
    client = Client()
    client.force_login(world.users[who] if isinstance(who, str) else who)
    return client


def planned(world: FullWorld, day: date, *deputies: Deputy) -> Activity:
    activity = Activity.objects.create(
        type=ActivityType.objects.get(code="reception"),
        title="接待日",
        station=world.county_station,
        region=world.county,
        held_on=day,
        status="planned",
        logged_by=world.county_staff,
    )
    for deputy in deputies:
        Attendance.objects.create(activity=activity, deputy=deputy, presence="rota")
    return activity


# What it does


def test_figures_before_and_after(turning: Turning) -> None:
    """By hand. Before: 李(1) 何(1) 许(2) 吕(1) 严(1) 补(1) = 6 people, 7 seats; in stations 李 何 许 严 补, 李 in two.

    After: 何 by the new seat, 许 by the city's, the newcomer; in stations 何 and 许.
    """
    world = turning.world
    before = {"deputies": 6, "seats": 7, "members": 5, "both_stations": 1, "professional_groups": 1}
    after = {"deputies": 3, "seats": 3, "members": 2, "both_stations": 0, "professional_groups": 1}
    assert figures(world, DAY) == before
    told = turning.close()
    assert figures(world, EVE) == before, "the day before stays as it was"
    assert figures(world, DAY) == figures(world, today()) == after
    assert (told.seats, told.people, told.re_elected, told.seated_elsewhere, told.leaving) == (6, 6, 1, 1, 4)
    assert (told.taking_office, told.memberships, told.group_memberships, told.pairings) == (2, 4, 2, 1)
    assert told.files == 7, "who resigned earlier in the term has a file of it too"


def test_seats_end_as_expired_and_the_elected_sit(turning: Turning) -> None:
    world = turning.world
    turning.close()
    ended = Mandate.objects.filter(congress=world.congress).exclude(deputy__name="早离任")
    assert set(ended.values_list("status", "reason", "ended_on")) == {("ended", "term", DAY)}
    earlier = Mandate.objects.get(deputy__name="早离任")
    assert (earlier.reason, earlier.ended_on) == ("resigned", date(2024, 5, 1))
    assert set(turning.coming.mandates.values_list("status", "since")) == {("sitting", DAY)}
    world.congress.refresh_from_db()
    turning.coming.refresh_from_db()
    assert (world.congress.ended_on, turning.coming.first_met_on) == (DAY, DAY)


def test_who_stays_by_another_seat_keeps_station_and_group(turning: Turning) -> None:
    turning.close()
    sitting = StationMembership.objects.sitting().values_list("deputy__name", flat=True)
    assert sorted(sitting) == ["何代表", "许代表"]
    assert list(GroupMembership.objects.filter(ended_on__isnull=True).values_list("deputy__name", flat=True)) == [
        "何代表"
    ]
    assert not Pairing.objects.standing().exists()
    history = Mandate.objects.filter(deputy=turning.re_elected).order_by("congress__ordinal")
    assert list(history.values_list("congress__ordinal", "status")) == [(16, "ended"), (17, "sitting")]


def test_the_audit_log_has_each_row_and_who_did_it(turning: Turning) -> None:
    world = turning.world
    seat, home = Mandate.objects.get(deputy=world.deputy), world.deputy.memberships.get(kind="home")
    code = code_for(world.deputy)
    row = planned(world, today(), world.deputy).attendances.get()
    turning.close()

    def entry(of: Any) -> LogEntry:
        return LogEntry.objects.get_for_object(of).latest("pk")

    assert entry(seat).changes_dict["status"] == ["sitting", "ended"]
    assert entry(home).changes_dict == {"ended_on": ["None", str(DAY)]}
    assert "revoked_at" in entry(code).changes_dict
    assert entry(row).action == LogEntry.Action.DELETE
    assert {entry(of).actor for of in (seat, home, code, row)} == {world.county_staff}
    assert entry(world.congress).changes_dict["ended_on"] == ["None", str(DAY)]


def test_public_pages_and_printed_codes_go_at_once(turning: Turning) -> None:
    world, nobody = turning.world, Client()
    code = code_for(world.deputy)
    mine = f"/d/{world.deputy.slug}/"
    assert nobody.get(f"{mine}?c={code.code}").status_code == 200
    assert nobody.get(f"/d/{turning.newcomer.slug}/").status_code == 404
    turning.close()
    assert nobody.get(mine).status_code == nobody.get(f"{mine}?c={code.code}").status_code == 410
    assert nobody.get(f"{mine}suggest/").status_code == 410
    assert nobody.get(f"/d/{turning.re_elected.slug}/").status_code == 200
    assert nobody.get(f"/d/{turning.newcomer.slug}/").status_code == 200
    station = nobody.get(f"/s/{world.county_station.slug}/").content.decode()
    assert "何代表" in station and "李代表" not in station
    assert not PrintCode.objects.valid().filter(deputy=world.deputy).exists()


def test_the_rota_of_what_is_planned_empties_and_what_was_stays(turning: Turning) -> None:
    world = turning.world
    ahead = planned(world, today() + timedelta(9), world.deputy, turning.re_elected)
    missed = planned(world, EVE - timedelta(9), world.deputy)
    held = Activity.objects.create(
        type=ahead.type, title="已开展", station=ahead.station, region=world.county, held_on=EVE, logged_by=None
    )
    present = Attendance.objects.create(activity=held, deputy=world.deputy)
    told = turning.close()
    assert (told.rota, told.planned_activities) == (1, 1)
    assert list(ahead.attendances.values_list("deputy__name", flat=True)) == ["何代表"]
    assert missed.attendances.count() == 1
    assert Attendance.objects.filter(pk=present.pk).exists()


def test_open_cases_go_on_untouched(turning: Turning) -> None:
    world = turning.world
    opinion = a_suggestion(world, "handling")
    proposal = a_proposal(world, "handling", cosigners=(turning.elsewhere,))
    cases = Suggestion.objects.order_by("pk")
    before = list(cases.values())
    told = turning.close()
    assert told.open_proposals == 1
    assert list(cases.values()) == before
    services.reply(proposal, text="已增设变压器。", by=world.unit_head, result_class="A")
    services.reply(opinion, text="已更换。", by=world.unit_head, result_class="A")
    services.feedback(proposal, process="satisfied", result="satisfied", by=world.users["deputy"])
    assert Suggestion.objects.get(pk=proposal.pk).status == "closed"


# The account of somebody whose term has ended


def test_an_ended_account_reads_and_rates_its_own_open_proposals_and_nothing_else(turning: Turning) -> None:
    world = turning.world
    rated = a_proposal(world, "replied", title="关于降低养殖用电成本的建议")
    waiting = a_proposal(world, "handling", title="关于整修灌溉渠的建议")
    addressed = a_suggestion(world, "handling")
    Suggestion.objects.filter(pk=addressed.pk).update(deputy=world.deputy)
    client = signed_in(world, "deputy")
    assert client.get(f"/office/suggestions/{addressed.number}/").status_code == 200
    turning.close()
    bench = client.get("/office/")
    assert rated.title in bench.content.decode()
    assert "记活动" not in bench.content.decode() and "提建议" not in bench.content.decode()
    for path in (
        "/office/activities/new/",
        "/office/visits/new/",
        "/office/suggestions/new/",
        f"/office/suggestions/{addressed.number}/",
        "/office/desk/",
        "/office/import/",
        "/office/reports/",
        "/office/duties/terms/",
        "/office/duties/year_end/opinions/",
        f"/office/suggestions/{waiting.number}/withdraw/",
    ):
        assert client.get(path).status_code in (403, 404, 409), path
    assert client.post(f"/office/suggestions/{waiting.number}/withdraw/", {"confirm": "1"}).status_code in (
        403,
        404,
        409,
    )
    waiting.refresh_from_db()
    assert waiting.status == "handling"
    assert client.get(f"/office/suggestions/{waiting.number}/").status_code == 200
    assert client.get(f"/office/suggestions/{rated.number}/feedback/").status_code == 200
    page = client.get(f"/office/suggestions/{rated.number}/feedback/")
    version = page.context["form"]["version"].value() if "version" in page.context["form"].fields else None
    data = {"process": "satisfied", "result": "satisfied", **({"version": version} if version is not None else {})}
    assert client.post(f"/office/suggestions/{rated.number}/feedback/", data).status_code == 302
    rated.refresh_from_db()
    assert rated.rating == "satisfied"


# Frozen files


def test_the_frozen_file_stays_equal_whatever_happens_later(turning: Turning) -> None:
    world = turning.world
    activity = Activity.objects.create(
        type=ActivityType.objects.get(code="reception"),
        title="接待日",
        station=world.county_station,
        region=world.county,
        held_on=EVE,
        logged_by=world.county_staff,
    )
    Attendance.objects.create(activity=activity, deputy=world.deputy)
    turning.close()
    kept = DutyFile.objects.get(deputy=world.deputy, congress=world.congress)
    assert "接待日" in json.dumps(kept.content, ensure_ascii=False)
    before, paper = json.dumps(kept.content, sort_keys=True), pdf_text(kept)
    Deputy.objects.filter(pk=world.deputy.pk).update(name="李改名", work_unit="改了")
    Attendance.objects.filter(activity=activity).delete()
    Visit.objects.create(
        deputy=world.deputy, station=world.county_station, region=world.county, visited_on=EVE, logged_by=None
    )
    kept.refresh_from_db()
    assert json.dumps(kept.content, sort_keys=True) == before
    assert pdf_text(kept) == paper and "李代表" in paper.replace(" ", "")


def test_files_written_together_are_those_written_one_by_one(turning: Turning) -> None:
    world = turning.world
    a_proposal(world, "closed", cosigners=(turning.elsewhere, turning.re_elected))
    planned(world, EVE, world.deputy, turning.by_elected)
    Activity.objects.update(status="held")
    Attendance.objects.update(presence="present")
    turning.close()
    world.congress.refresh_from_db()
    files = list(DutyFile.objects.select_related("deputy__region"))
    assert len({json.dumps(kept.content, sort_keys=True) for kept in files}) == 7
    for kept in files:
        assert kept.content == file_of(kept.deputy, term_period(world.congress)).as_dict()


def pdf_text(kept: DutyFile) -> str:
    import shutil
    import subprocess

    made = papers.file_pdf(kept.content, "归档")
    if shutil.which("pdftotext") is None:
        pytest.skip("没有pdftotext：请先运行 apt-get install poppler-utils")
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=made, capture_output=True, check=True
    ).stdout.decode()


# Preview, refusals, the command


def test_a_preview_tells_what_the_act_does_and_writes_nothing(turning: Turning) -> None:
    world = turning.world
    planned(world, today(), world.deputy, turning.by_elected)
    before = list(Mandate.objects.order_by("pk").values())
    asked: dict[str, Any] = {"next_first_met_on": DAY, "new_ordinal": 17, "by": world.county_staff}
    told = preview_term(world.congress, **asked)
    assert list(Mandate.objects.order_by("pk").values()) == before and not DutyFile.objects.exists()
    assert told == close_term(world.congress, **asked)
    assert told.leaderless_groups == 1 and told.rota == 2


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"next_first_met_on": today() + timedelta(1)}, "不能提前办理"),
        ({"next_first_met_on": FIRST}, "要晚于本届首次会议（2022年3月1日）"),
        ({"new_ordinal": 18}, "已经登记的下一届是第17届"),
    ],
)
def test_a_day_or_a_number_that_cannot_be_is_refused(turning: Turning, changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        turning.close(**changed)
    assert not DutyFile.objects.exists()


def test_an_order_that_cannot_be_is_refused(turning: Turning) -> None:
    Session.objects.create(congress=turning.world.congress, ordinal=6, opened_on=DAY)
    with pytest.raises(Refused, match="第6次会议于.*才召开"):
        turning.close()
    Session.objects.all().delete()
    with pytest.raises(Refused, match="还没有开过会，请先办理上一届"):
        close_term(turning.coming, next_first_met_on=DAY, new_ordinal=18, by=None)
    Congress.objects.create(
        region=turning.world.county, ordinal=18, first_met_on=date(2025, 1, 1), ended_on=date(2026, 1, 1)
    )
    with pytest.raises(Refused, match="第18届.*届次的先后不对"):
        turning.close()


def test_it_is_done_once(turning: Turning) -> None:
    turning.close()
    before = LogEntry.objects.count()
    with pytest.raises(Refused, match="已于.*届满，不能再办一次"):
        turning.close()
    assert LogEntry.objects.count() == before


def test_another_countys_staff_are_refused_and_the_upper_levels_may(turning: Turning) -> None:
    with pytest.raises(Refused, match="不在您的辖区"):
        turning.close(by=turning.world.other_staff)
    with pytest.raises(Refused, match="不在您的辖区"):
        turning.close(by=turning.world.township_staff)
    assert turning.close(by=turning.world.city_staff).seats == 6


def test_all_or_nothing(turning: Turning, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise Refused("断电了。")

    monkeypatch.setattr("duties.services.term.freeze_all", broken)
    with pytest.raises(Refused):
        turning.close()
    turning.world.congress.refresh_from_db()
    assert turning.world.congress.ended_on is None
    assert StationMembership.objects.sitting().count() == 6


def test_without_a_next_congress_one_is_made(turning: Turning) -> None:
    turning.coming.mandates.all().delete()
    turning.coming.delete()
    told = turning.close()
    made = Congress.objects.sitting().get(region=turning.world.county)
    assert (made.ordinal, made.first_met_on, told.taking_office, told.re_elected) == (17, DAY, 0, 0)


def test_the_back_office_does_not_end_a_term_beside_the_rule(turning: Turning) -> None:
    congress = turning.world.congress
    congress.ended_on = DAY
    with pytest.raises(Exception, match="届满请到工作平台“换届”办理"):
        congress.full_clean()


def test_the_command(turning: Turning) -> None:
    out = StringIO()
    asked = ("close_term", "--region", turning.world.county.code, "--on", DAY.isoformat())
    call_command(*asked, "--dry-run", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["written"], told["seats"], told["leaving"], told["next_ordinal"]) == (False, 6, 4, 17)
    assert Congress.objects.sitting().get(region=turning.world.county).ordinal == 16
    out = StringIO()
    call_command(*asked, stdout=out)
    assert "终止的职务：6席" in out.getvalue() and "连任：1人" in out.getvalue()
    with pytest.raises(CommandError, match="只能补|还|要晚于|不能再办"):
        call_command(*asked, "--ordinal", "17")
    with pytest.raises(CommandError, match="没有区划代码"):
        call_command("close_term", "--region", "990000000000", "--on", "2026-01-01")
    with pytest.raises(CommandError, match="不是一个有效的日期"):
        call_command("close_term", "--region", turning.world.county.code, "--on", "2026-02-30")


# The page


def test_the_page_previews_asks_for_the_name_and_does_it(turning: Turning) -> None:
    world = turning.world
    client = signed_in(world, "county_staff")
    assert "第16届人民代表大会" in client.get("/office/duties/terms/").content.decode()
    url = f"/office/duties/terms/{world.congress.pk}/"
    asked = {"on": DAY.isoformat(), "ordinal": "17"}
    preview = client.get(url, asked).content.decode()
    assert "终止的职务" in preview and "不能撤销" in preview
    wrong = client.post(url, {**asked, "name": "郸城县第15届人民代表大会"}).content.decode()
    assert "与本届名称不一致，没有办理" in wrong
    assert not DutyFile.objects.exists()
    done = client.post(url, {**asked, "name": f" {world.congress} "}, follow=True).content.decode()
    assert "已于" in done and "4人不再担任代表" in done
    assert "这一届已经届满" in client.get(url).content.decode()
    client.post(url, {**asked, "name": str(world.congress)})
    assert DutyFile.objects.count() == 7


def test_a_day_that_is_wrong_is_said_beside_its_field(turning: Turning) -> None:
    url = f"/office/duties/terms/{turning.world.congress.pk}/"
    page = signed_in(turning.world, "county_staff").get(
        url, {"on": (today() + timedelta(3)).isoformat(), "ordinal": "17"}
    )
    assert "不能提前办理" in page.content.decode() and "办理换届，不能撤销" not in page.content.decode()


def test_terms_of_others_are_not_there(turning: Turning) -> None:
    url = f"/office/duties/terms/{turning.world.congress.pk}/"
    assert signed_in(turning.world, "city_staff").get(url).status_code == 200
    for who in ("township_staff", "deputy", "station_officer", "unit_clerk", "system_admin"):
        assert signed_in(turning.world, who).get(url).status_code == 404, who
    assert signed_in(turning.world, turning.world.other_staff).get(url).status_code == 404


# The roster of a congress that has not met


def test_a_roster_that_names_the_coming_congress_makes_its_elected(turning: Turning) -> None:
    world = turning.world
    turning.coming.mandates.all().delete()
    content = a_roster_of_17(world)
    shown = batches.preview(content, "17.csv", world.county, world.county_staff)
    batches.confirm(shown.batch, world.county_staff)
    seats = turning.coming.mandates.order_by("deputy__name")
    assert list(seats.values_list("deputy__name", "status")) == [("何代表", "elected"), ("鲁新人", "elected")]
    assert not Deputy.objects.get(name="鲁新人").memberships.exists(), "who does not sit yet is in no station"
    assert world.second_deputy.mandates.count() == 2
    told = turning.close()
    assert (told.re_elected, told.taking_office) == (1, 2)
    again = batches.preview(content, "17.csv", world.county, world.county_staff)
    batches.confirm(again.batch, world.county_staff)
    assert Deputy.objects.get(name="鲁新人").memberships.get().station == world.county_station
    assert turning.coming.mandates.count() == 2


def a_roster_of_17(world: FullWorld) -> bytes:
    lines = [
        "姓名,性别,届次,选区,所属联络站",
        f"何代表,女,17,宁平镇第二选区,{world.county_station.name}",
        f"鲁新人,男,17,宁平镇第三选区,{world.county_station.name}",
    ]
    return "\n".join(lines).encode()
