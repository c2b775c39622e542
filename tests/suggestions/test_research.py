"""Opinions → common problem → report → what was taken up, by whom and who sees it (mission U5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.calendar import today
from accounts.errors import Refused
from activities.models import Adoption, ResearchReport
from suggestions import services
from suggestions.models import Attachment, OpinionAdoption, Suggestion
from suggestions.services.research import Taken, add_sources, adopt, adopt_opinions, write_report
from tests.cast import World, a_paper, a_suggestion
from tests.suggestions.pages import county_officer, errors_of, say

DAY = timedelta(days=1)


def a_report(world: World, **extra: Any) -> ResearchReport:
    kept = {"station": world.county_station, "title": "养殖用电调研", "text": "电压普遍不足。", "finished_on": today()}
    return ResearchReport(**{**kept, "problem": "农网容量不足", **extra})


def written(world: World, *cases: Suggestion, **extra: Any) -> ResearchReport:
    return write_report(a_report(world, **extra), by=county_officer(world), sources=cases)


def taken(**extra: Any) -> Taken:
    kept = {"use": "legislation", "adopted_on": today(), "adopted_by": "市人大法工委", "document": "周人〔2026〕3号"}
    return Taken(**{**kept, **extra})


def test_a_report_is_written_and_finds_its_voices(world: World, as_: Any) -> None:
    client = as_(county_officer(world))
    pdf = SimpleUploadedFile("报告.pdf", b"%PDF-1.4 report", "application/pdf")
    filled = {"title": "养殖用电调研", "finished_on": today(), "problem": "农网容量不足", "authors": [world.deputy.pk]}
    picture = SimpleUploadedFile("a.pdf", b"no paper", "application/pdf")
    assert "不是PDF" in errors_of(client.post("/office/research/new/", {**filled, "document": picture}))
    assert "请写出报告内容" in errors_of(client.post("/office/research/new/", filled))
    assert client.post("/office/research/new/", {**filled, "document": pdf}).status_code == 302
    report = ResearchReport.objects.get()
    assert (report.region, list(report.authors.all())) == (world.county, [world.deputy])
    page = f"/office/research/{report.pk}/"
    assert client.get(f"{page}document/")["Content-Type"] == "application/pdf"
    case, raw = a_suggestion(world, "accepted"), a_suggestion(world, text="变压器还没有受理。")
    assert case.number in client.get(page, {"q": "变压器"}).content.decode()
    # What nobody has accepted is no source yet.
    assert "请从列出的选项中选" in client.post(f"{page}sources/", {"opinions": [raw.pk]}, follow=True).content.decode()
    client.post(f"{page}sources/", {"opinions": [case.pk]})
    client.post(f"{page}sources/", {"opinions": [case.pk]})
    assert [source.suggestion for source in report.sources.all()] == [case]
    assert "来自群众意见（1条）" in client.get(page).content.decode()
    assert "养殖用电调研" in client.get(f"/office/suggestions/{case.number}/").content.decode()
    assert "养殖用电调研" in client.get("/office/research/").content.decode()


def test_who_may_not_read_an_opinion_reads_how_many_there_are(world: World, as_: Any) -> None:
    case = a_suggestion(world, "accepted")
    report = written(world, case)
    report.authors.add(world.deputy)
    page = as_("deputy").get(f"/office/research/{report.pk}/").content.decode()
    assert "1件不公开" in page and case.number not in page


def test_the_neighbour_sees_no_report(world: World, as_: Any) -> None:
    report = written(world)
    for who in (world.other_staff, world.other_officer, "unit_clerk", "station_officer"):
        for path in ("", "document/", "adopt/"):
            assert as_(who).get(f"/office/research/{report.pk}/{path}").status_code == 404
        assert as_(who).post(f"/office/research/{report.pk}/sources/").status_code == 404
    assert as_("county_staff").get(f"/office/research/{report.pk}/").status_code == 200


def test_bad_reports_are_refused_in_a_sentence(world: World) -> None:
    for wrong, field in (
        ({"finished_on": today() + DAY}, "finished_on"),
        ({"text": " "}, "text"),
        ({"text": "张三13812345678"}, "text"),
        ({"station": None}, None),
    ):
        with pytest.raises(Refused) as refused:
            written(world, **wrong)
        assert refused.value.field == field
    with pytest.raises(Refused, match="不在这个联络站"):
        write_report(a_report(world), by=world.other_officer)
    other = services.submit(services.Statement(text="外县的路。"), form_key="o", station=world.other_station)
    with pytest.raises(Refused, match="看得到的"):
        written(world, other)
    assert not ResearchReport.objects.exists()
    # Twice by the same hand is once.
    assert written(world) == written(world)
    with pytest.raises(Refused, match="选取"):
        add_sources(ResearchReport.objects.get(), [], by=world.other_officer)


def test_staff_say_what_was_taken_up_of_a_report(world: World, as_: Any) -> None:
    report = written(world)
    for wrong, field in (
        ({"use": "praise"}, "use"),
        ({"adopted_by": " "}, "adopted_by"),
        ({"document": ""}, "document_name"),
        ({"adopted_on": today() + DAY}, "adopted_on"),
        ({"adopted_on": today() - DAY}, "adopted_on"),
    ):
        with pytest.raises(Refused) as refused:
            adopt(report, taken(**wrong), by=world.county_staff)
        assert refused.value.field == field
    for by in (county_officer(world), world.users["deputy"], world.other_staff):
        with pytest.raises(Refused, match="人大机构"):
            adopt(report, taken(), by=by)
    client, address = as_("county_staff"), f"/office/research/{report.pk}/adopt/"
    filled = {"use": "decision", "adopted_on": today(), "adopted_by": "县政府", "document_name": "郸政〔2026〕8号"}
    assert client.post(address, filled).status_code == 302
    assert "已经登记" in errors_of(client.post(address, filled))
    assert Adoption.objects.get().use == "decision"
    assert "郸政〔2026〕8号" in client.get("/office/adoptions/").content.decode()


def test_an_adoption_on_a_case_is_counted(world: World, as_: Any) -> None:
    case, client = a_suggestion(world, "closed"), as_("county_staff")
    filled = {"kind": "adoption", "text": "写入条例", "recorded_on": today(), "document": a_scan()}
    assert "采纳方式" in errors_of(say(client, case, "record", **filled))
    filled |= {"use": "legislation", "adopted_by": "市人大法工委", "document_name": "条例", "document": a_scan()}
    assert say(client, case, "record", **filled).status_code == 302
    row = OpinionAdoption.objects.get()
    assert (row.suggestion, row.adopted_by, row.logged_by) == (case, "市人大法工委", world.county_staff)
    assert "被立法工作吸收，市人大法工委" in client.get(f"/office/suggestions/{case.number}/").content.decode()
    assert "已经登记" in errors_of(say(client, case, "record", **{**filled, "document": a_scan()}))
    assert Attachment.objects.filter(kind="paper").count() == 1


def a_scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("条例.pdf", b"%PDF-1.4 scan", "application/pdf")


def test_one_paper_takes_up_many_all_or_none(world: World, as_: Any) -> None:
    cases = [a_suggestion(world, "closed", text=f"第{n}件事情。") for n in range(3)]
    numbers = [case.number for case in cases]
    other = services.submit(services.Statement(text="外县的路。"), form_key="o", station=world.other_station)
    for wrong in ([*numbers, other.number], [*numbers, "1"], []):
        with pytest.raises(Refused) as refused:
            adopt_opinions(wrong, taken(), text="写入条例", paper=a_paper(), by=world.county_staff)
        assert refused.value.field == "numbers"
    assert not OpinionAdoption.objects.exists() and not Attachment.objects.exists()
    client = as_("county_staff")
    filled = {"use": "supervision", "adopted_on": today(), "adopted_by": "县人大", "document_name": "审议意见"}
    filled |= {"numbers": "、".join(numbers), "text": "纳入执法检查", "paper": a_scan()}
    assert client.post("/office/adoptions/", filled).status_code == 302
    assert OpinionAdoption.objects.count() == Attachment.objects.count() == 3
    assert all(row.file.read() == b"%PDF-1.4 scan" for row in Attachment.objects.all())
    again = client.post("/office/adoptions/", {**filled, "paper": a_scan()})
    assert f"{numbers[0]}：同一份文件" in errors_of(again) and OpinionAdoption.objects.count() == 3
    assert as_(county_officer(world)).get("/office/adoptions/").status_code == 404
    assert numbers[0] not in as_(world.other_staff).get("/office/adoptions/").content.decode()
