"""述职 with its ballot, and disputes settled: by whom, with which numbers, and never with names (mission U1, U8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.calendar import today
from accounts.errors import Refused
from activities.models import Activity, ActivityType, DutyReport, Mediation, Theme
from activities.services.results import log_mediation, report_duty
from deputies.models import Mandate
from tests.cast import World

DAY = timedelta(days=1)


def an_activity(world: World, code: str = "duty_report", **extra: Any) -> Activity:
    kept: dict[str, Any] = {"station": world.station, "region": world.township, "held_on": today(), "title": "述职会"}
    return Activity.objects.create(type=ActivityType.objects.get(code=code), **{**kept, **extra})


def a_mediation(world: World, **extra: Any) -> Mediation:
    kept: dict[str, Any] = {"station": world.station, "mediated_on": today(), "kind": "neighbours", "place": "王庄村"}
    return Mediation(**{**kept, **extra})


def errors(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(str(e) for found in response.context["form"].errors.values() for e in found)


# 矛盾纠纷化解


def test_a_mediation_is_numbers_at_a_place(world: World, as_: Any) -> None:
    client = as_("station_officer")
    assert "不写当事人" in client.get("/office/mediations/new/").content.decode()
    filled = {"mediated_on": today(), "kind": "land", "times": 3, "result": "settled", "place": "王庄村"}
    assert client.post("/office/mediations/new/", {**filled, "deputy": world.deputy.pk}).status_code == 302
    row = Mediation.objects.get()
    assert (row.station, row.region, row.times, row.deputy) == (world.station, world.township, 3, world.deputy)
    page = client.get("/office/mediations/").content.decode()
    assert "土地山林" in page and "王庄村" in page
    # A second tap is no second dispute.
    assert "已经记过一条" in errors(client.post("/office/mediations/new/", {**filled, "deputy": world.deputy.pk}))
    assert Mediation.objects.count() == 1


def test_a_deputy_writes_down_the_own(world: World, as_: Any) -> None:
    client = as_("deputy")
    filled = {"mediated_on": today(), "kind": "family", "times": 1, "result": "open", "place": ""}
    assert client.post("/office/mediations/new/?of=station:ningping-yangzhi", filled).status_code == 302
    assert Mediation.objects.get().deputy == world.deputy
    own = a_mediation(world, station=world.county_station, deputy=world.deputy)
    assert log_mediation(own, by=world.users["deputy"]).region == world.county


def test_bad_mediations_are_refused_in_a_sentence(world: World) -> None:
    theme = Theme.objects.create(region=world.other_county, name="外县主题", starts_on=today())
    for wrong, field in (
        ({"mediated_on": today() + DAY}, "mediated_on"),
        ({"place": "王庄村张三13812345678"}, "place"),
        ({"place": "411625199001011234"}, "place"),
        ({"times": 0}, "times"),
        ({"theme": theme}, "theme"),
        ({"station": None}, None),
    ):
        with pytest.raises(Refused) as refused:
            log_mediation(a_mediation(world, **wrong), by=world.users["station_officer"])
        assert refused.value.field == field, wrong
    with pytest.raises(Refused, match="不在这个联络站"):
        log_mediation(a_mediation(world), by=world.other_officer)
    Mandate.objects.update(status="suspended", reason="detained")
    with pytest.raises(Refused, match="暂停"):
        log_mediation(a_mediation(world, deputy=world.deputy), by=world.users["station_officer"])
    assert not Mediation.objects.exists()


def test_nobody_is_entered_for_another_station(world: World) -> None:
    with pytest.raises(Refused, match="名单"):
        log_mediation(a_mediation(world, station=world.other_station, deputy=world.deputy), by=world.other_officer)


def test_the_neighbour_sees_no_mediation(world: World, as_: Any) -> None:
    log_mediation(a_mediation(world), by=world.users["station_officer"])
    for who in (world.other_officer, world.other_staff):
        assert "王庄村" not in as_(who).get("/office/mediations/").content.decode()
        assert as_(who).get("/office/mediations/new/?of=station:ningping-yangzhi").status_code == 404
    assert "王庄村" in as_("county_staff").get("/office/mediations/").content.decode()
    assert as_("unit_clerk").get("/office/mediations/").status_code == 404
    for broken in ("group:x", "group:99999999999999", "house:1", "station:a%00b"):
        assert as_("county_staff").get(f"/office/mediations/new/?of={broken}").status_code == 404


# 代表述职


def test_the_ballot_is_said_in_words_and_public_with_the_activity(world: World, as_: Any, client: Any) -> None:
    found = an_activity(world)
    address = f"/office/activities/{found.pk}/duty_reports/"
    officer = as_("station_officer")
    filled = {"deputy": world.deputy.pk, "voters": 56, "satisfied": 50, "basically": 4, "dissatisfied": 1}
    assert officer.post(address, filled).status_code == 302
    words = "到会选民56人，收回测评票55张：满意50张、基本满意4张、不满意1张，满意率98.2%"
    assert words in officer.get(address).content.decode()
    public = f"/d/{world.deputy.slug}/"
    assert "述职" not in client.get(public).content.decode()
    Activity.objects.update(status="published")
    assert words in client.get(public).content.decode()
    # The same deputy once; what was wrong is corrected.
    assert "请从列出的选项中选" in errors(officer.post(address, filled))
    report = DutyReport.objects.get()
    assert officer.post(f"{address}{report.pk}/", {**filled, "basically": 5}).status_code == 302
    assert DutyReport.objects.get().basically == 5


@pytest.mark.django_db
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(numbers=st.tuples(*[st.integers(0, 60)] * 4))
def test_more_ballots_than_voters_never_stand(world: World, numbers: tuple[int, int, int, int]) -> None:
    DutyReport.objects.all().delete()
    found = Activity.objects.filter(type__code="duty_report").first() or an_activity(world)
    voters, *ballots = numbers
    report = DutyReport(activity=found, deputy=world.deputy, voters=voters)
    report.satisfied, report.basically, report.dissatisfied = ballots
    if sum(ballots) > voters:
        with pytest.raises(Refused, match="多于到会选民"):
            report_duty(report, by=world.users["station_officer"])
    else:
        report_duty(report, by=world.users["station_officer"])
        assert (report.satisfaction is None) == (sum(ballots) == 0)
        assert f"{sum(ballots)}张" in report.in_words or "没有测评投票" in report.in_words


def test_who_was_voted_on_does_not_write_down_the_vote(world: World) -> None:
    found = an_activity(world, logged_by=world.users["deputy"])

    def ballot(activity: Activity, **extra: Any) -> DutyReport:
        return DutyReport(activity=activity, deputy=world.deputy, **{"voters": 5, "satisfied": 5, **extra})

    for by, why in ((world.users["deputy"], "登记"), (world.other_officer, "登记"), (world.other_staff, "登记")):
        with pytest.raises(Refused, match=why):
            report_duty(ballot(found), by=by)
    for wrong, why in (
        (ballot(an_activity(world, "survey")), "代表述职"),
        (ballot(an_activity(world, status="planned")), "开展以后"),
        (ballot(found, comments="电话13812345678"), "请删去"),
    ):
        with pytest.raises(Refused, match=why):
            report_duty(wrong, by=world.users["station_officer"])
    report_duty(ballot(found), by=world.county_staff)
    with pytest.raises(Refused, match="已在本次述职名单"):
        report_duty(ballot(found), by=world.users["station_officer"])


def test_the_reports_page_is_of_its_activity_and_scope(world: World, as_: Any) -> None:
    found, survey = an_activity(world), an_activity(world, "survey")
    address = f"/office/activities/{found.pk}/duty_reports/"
    for who in (world.other_officer, world.other_staff):
        assert as_(who).get(address).status_code == 404
    assert as_("county_staff").get(f"/office/activities/{survey.pk}/duty_reports/").status_code == 404
    reader = as_("deputy")
    assert "登记述职结果" not in reader.get(address).content.decode()
    assert reader.post(address, {}).status_code == 404
    assert "述职结果" in as_("station_officer").get(f"/office/activities/{found.pk}/").content.decode()


# The back office


def test_a_wrong_mediation_is_corrected_or_taken_away(world: World, as_: Any) -> None:
    row = log_mediation(a_mediation(world), by=world.users["station_officer"])
    client, change = as_("county_staff"), reverse("admin:activities_mediation_change", args=[row.pk])
    fields = {"mediated_on": today(), "kind": "land", "times": 2, "result": "open", "place": "王庄村13812345678"}
    assert "请删去" in client.post(change, fields).content.decode()
    assert client.post(change, {**fields, "place": "王庄村"}).status_code == 302
    row.refresh_from_db()
    assert (row.kind, row.times) == ("land", 2)
    assert as_(world.other_staff).get(change).status_code == 404
    client.post(reverse("admin:activities_mediation_delete", args=[row.pk]), {"post": "yes"})
    assert not Mediation.objects.exists()
