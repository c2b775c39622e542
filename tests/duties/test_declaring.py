"""自行申报 and 纪律减分: evidence, three steps, nobody about the own."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Organization, User
from deputies.models import Mandate, StationMembership
from duties.models import Declaration, DeclarationStep, Evidence, PointEntry, PointPeriod
from duties.permissions import decides, deciding, to_decide
from duties.services import declaring
from stations.models import StationPost
from tests.cast import World
from tests.duties.scoring import EARLY, YEAR, adopted, confirmed, declared, entries, item, paper

S = Declaration.Status


@pytest.fixture
def ready(world: World) -> World:
    """The deputy's home station is the town's, so that each of the three steps has somebody."""
    adopted(world)
    StationMembership.objects.filter(deputy=world.deputy, kind="home").delete()
    StationMembership.objects.filter(deputy=world.deputy).update(kind="home")
    return world


def walked(declaration: Declaration) -> list[tuple[str, list[str]]]:
    found = []
    while (step := deciding(declaration)) is not None:
        found.append((step[0], [str(user) for user in step[1]]))
        declaring.decide(declaration, passes=True, by=step[1][0])
        declaration.refresh_from_db()
    return found


def test_it_goes_from_the_station_to_the_town_to_the_county(ready: World) -> None:
    declaration = declared(ready)
    assert walked(declaration) == [
        (S.DECLARED, ["王联络", "赵站长"]),
        (S.CHECKED, ["钱镇人大"]),
        (S.REVIEWED, ["孙代工委"]),
    ]
    assert declaration.status == S.CONFIRMED
    assert [step.to_status for step in declaration.steps.all()] == [S.CHECKED, S.REVIEWED, S.CONFIRMED]
    (row,) = entries(ready.deputy)
    assert (row.points, row.rule, row.record, row.record_id) == (2, "declared", "declaration", declaration.pk)


def test_a_county_s_own_station_has_no_step_of_a_town(world: World) -> None:
    adopted(world)
    assert [status for status, _ in walked(declared(world))] == [S.DECLARED, S.REVIEWED]


def test_without_a_station_the_county_alone_decides(world: World) -> None:
    adopted(world)
    StationMembership.objects.all().delete()
    assert walked(declared(world)) == [(S.REVIEWED, ["孙代工委"])]


def test_a_step_without_anybody_is_passed_over_even_when_they_left_meanwhile(ready: World) -> None:
    declaration = declared(ready)
    StationPost.objects.filter(station=ready.station).update(ended_on=today())
    assert decides(ready.township_staff, declaration)
    ready.township_staff.is_active = False
    ready.township_staff.save()
    assert walked(declaration) == [(S.REVIEWED, ["孙代工委"])]


def test_nobody_decides_about_the_own(ready: World) -> None:
    own = ready.users["deputy"]
    StationPost.objects.create(station=ready.station, post="officer", user=own, name="李代表", since=EARLY)
    declaration = declared(ready)
    assert own not in deciding(declaration)[1]  # type: ignore[index]
    with pytest.raises(Refused, match="由其他人审核"):
        declaring.decide(declaration, passes=True, by=own)
    # Where the deputy alone serves the station, its step is passed over.
    StationPost.objects.filter(station=ready.station).exclude(user=own).update(ended_on=today())
    assert declared(ready, text="另一次").status == S.CHECKED


def test_it_waits_for_whose_turn_it_is_and_for_nobody_else(ready: World) -> None:
    declaration = declared(ready)
    others = [user for user in User.objects.all() if to_decide(user, 5)]
    assert sorted(map(str, others)) == ["王联络", "赵站长"]
    declaring.decide(declaration, passes=True, by=ready.station_officer)
    assert to_decide(ready.township_staff, 5) == [declaration] and to_decide(ready.station_head, 5) == []
    for user in (ready.county_staff, ready.city_staff, ready.station_head, ready.other_staff):
        with pytest.raises(Refused, match="不由您审核"):
            declaring.decide(declaration, passes=True, by=user)


def test_a_refusal_needs_words_and_ends_it(ready: World) -> None:
    declaration = declared(ready)
    with pytest.raises(Refused, match="请写明原因"):
        declaring.decide(declaration, passes=False, by=ready.station_officer)
    declaring.decide(declaration, passes=False, text="会议记录里没有。", by=ready.station_officer)
    declaration.refresh_from_db()
    assert declaration.status == S.REFUSED and entries(ready.deputy) == []
    with pytest.raises(Refused, match="不用再审核"):
        declaring.decide(declaration, passes=True, by=ready.station_head)


def test_the_second_of_two_finds_it_decided(ready: World) -> None:
    seen = declared(ready)
    same = Declaration.objects.get(pk=seen.pk)
    declaring.decide(seen, passes=True, by=ready.station_officer)
    with pytest.raises(Refused, match="不由您审核"):
        declaring.decide(same, passes=True, by=ready.station_head)
    assert DeclarationStep.objects.count() == 1


def test_the_deputy_withdraws_while_it_waits(ready: World) -> None:
    declaration = declared(ready)
    with pytest.raises(Refused, match="申报人本人撤回"):
        declaring.withdraw(declaration, by=ready.station_officer)
    declaring.withdraw(declaration, by=ready.users["deputy"])
    assert declaration.status == S.WITHDRAWN
    with pytest.raises(Refused, match="不能撤回"):
        declaring.withdraw(declaration, by=ready.users["deputy"])


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"evidence": []}, "请附上证明材料"),
        ({"evidence": [paper()] * 6}, "最多5份"),
        ({"points": Decimal("2.5")}, "每次最多申报2分"),
        ({"points": Decimal(0)}, "最少0.1分"),
        ({"points": Decimal(-1)}, "最少0.1分"),
        ({"text": " "}, "请写明事由"),
        ({"happened_on": today() + timedelta(days=1)}, "不能晚于今天|要在"),
        ({"happened_on": date(YEAR - 1, 12, 31)}, f"日期要在{YEAR}年之内"),
        ({"code": "B2"}, "不是申报取得的"),
        ({"code": "E4"}, "不是申报取得的"),
    ],
)
def test_what_is_wrong_is_refused_with_its_sentence(extra: dict[str, Any], said: str, world: World) -> None:
    adopted(world)
    with pytest.raises(Refused, match=said):
        declared(world, **extra)
    assert Declaration.objects.count() == 0 and Evidence.objects.count() == 0


def test_who_does_not_sit_declares_nothing(world: World) -> None:
    adopted(world)
    with pytest.raises(Refused, match="代表本人申报"):
        declared(world, by=world.station_officer)
    Mandate.objects.update(status="suspended", reason="detained")
    with pytest.raises(Refused, match="已暂停执行代表职务"):
        declared(world)
    Mandate.objects.update(status="ended", reason="moved", ended_on=today())
    with pytest.raises(Refused, match="已经终止"):
        declared(world)


def test_what_happened_before_the_seat_is_not_declared(world: World) -> None:
    adopted(world)
    Mandate.objects.update(since=EARLY + timedelta(days=1))
    with pytest.raises(Refused, match="不在任职期间"):
        declared(world)


def test_nothing_is_declared_or_decided_in_a_closed_year(world: World) -> None:
    adopted(world)
    declaration = declared(world)
    PointPeriod.objects.update_or_create(
        region=world.county, year=YEAR, defaults={"closed_at": timezone.now(), "closed_by": world.county_staff}
    )
    with pytest.raises(Refused, match="已经封账"):
        declared(world)
    with pytest.raises(Refused, match="已经封账"):
        declaring.decide(declaration, passes=True, by=deciding(declaration)[1][0])  # type: ignore[index]


def test_one_form_is_one_declaration(world: World) -> None:
    adopted(world)
    assert declared(world, form_key="k") == declared(world, form_key="k")
    assert Declaration.objects.count() == 1 and Evidence.objects.count() == 1


def test_a_declaration_of_a_version_that_was_replaced_goes_on(world: World) -> None:
    from duties.services import schemes

    scheme = adopted(world)
    waiting = declared(world)
    draft = schemes.new_version(scheme, by=world.county_staff)
    schemes.adopt(draft, by=world.county_staff, basis="主任会议")
    walked(waiting)
    (row,) = entries(world.deputy)
    assert row.item.major.scheme == draft and row.item.code == "A2"


# 减分


def deducted(world: World, by: User, **extra: Any) -> Declaration:
    given: dict[str, Any] = {
        "happened_on": EARLY,
        "points": Decimal(2),
        "text": "无故缺席组织的活动",
        "evidence": [paper()],
        **extra,
    }
    return declaring.deduct(world.deputy, item("E4"), by=by, **given)


def test_the_scheme_s_staff_deducts_at_once_and_the_deputy_is_told(world: World, settings: Any) -> None:
    from accounts.models import Notice

    settings.SMS_GATEWAY_URL = "https://sms.example/"
    world.users["deputy"].phone = "13800000001"
    world.users["deputy"].save()
    adopted(world)
    made = deducted(world, world.county_staff)
    assert made.status == S.CONFIRMED and made.steps.count() == 1
    assert [row.points for row in entries(world.deputy, "E4")] == [-2]
    assert "减分记录" in Notice.objects.get().text


def test_an_officer_s_deduction_is_decided_above_the_station(ready: World) -> None:
    made = deducted(ready, ready.station_officer)
    assert [status for status, _ in walked(made)] == [S.CHECKED, S.REVIEWED]
    assert entries(ready.deputy)[0].points == -2


def test_a_violation_refuses_the_grade(world: World) -> None:
    from duties.ledger import sheet_of
    from duties.points import Grade

    adopted(world)
    deducted(world, world.county_staff, points=Decimal(5), vetoes=True, text="停止执行代表职务")
    made = sheet_of(world.deputy, YEAR)
    assert made is not None and made.vetoed and made.grade is Grade.REFUSED
    assert entries(world.deputy)[0].rule == "violation"


def test_who_may_not_deduct_and_how_much(world: World) -> None:
    adopted(world)
    for other in (world.city_staff, world.other_staff, world.other_officer, world.users["deputy"], world.unit_head):
        with pytest.raises(Refused, match="减分由"):
            deducted(world, other)
    with pytest.raises(Refused, match="每次减0.1至5分"):
        deducted(world, world.county_staff, points=Decimal(6))
    with pytest.raises(Refused, match="请附上证明材料"):
        deducted(world, world.county_staff, evidence=[])
    assert PointEntry.objects.count() == 0


# Pages


def a_file(name: str = "minutes.pdf", content: bytes = b"%PDF-1.4 minutes") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def filled(**extra: Any) -> dict[str, Any]:
    given = {"item": item("A2").pk, "happened_on": EARLY.isoformat(), "text": "审议发言", "key": "k" * 32}
    return {**given, "evidence": a_file(), **extra}


def test_the_deputy_declares_on_a_page_and_the_points_left_empty_are_the_item_s(ready: World, as_: Any) -> None:
    page = as_("deputy")
    form = page.get(reverse("declare_points")).content.decode()
    assert "A2 审议发言（每次最多2分）" in form and "E4" not in form and "B2" not in form
    told = page.post(reverse("declare_points"), filled(), follow=True).content.decode()
    assert "已申报，待站初审" in told
    declaration = Declaration.objects.get()
    assert declaration.points == 2 and declaration.evidence.count() == 1
    assert page.post(reverse("withdraw_declaration", args=[declaration.pk])).status_code == 302


def test_a_mistake_stands_beside_its_field_and_what_was_typed_stays(ready: World, as_: Any) -> None:
    told = as_("deputy").post(reverse("declare_points"), filled(evidence="", text="说了话")).content.decode()
    assert "没有材料不能申报" in told and "说了话" in told
    told = as_("deputy").post(reverse("declare_points"), filled(points="9")).content.decode()
    assert "每次最多申报2分" in told
    told = as_("deputy").post(reverse("declare_points"), filled(evidence=a_file("x.exe", b"MZ"))).content.decode()
    assert "请上传照片（JPEG、PNG、WebP）或PDF扫描件" in told
    assert Declaration.objects.count() == 0


def test_the_officer_decides_on_a_page_and_sees_the_evidence(ready: World, as_: Any) -> None:
    declaration = declared(ready)
    officer = as_("station_officer")
    assert "等您审核" in officer.get(reverse("declarations")).content.decode()
    address = reverse("declaration", args=[declaration.pk])
    assert "请您审核" in officer.get(address).content.decode()
    assert "请您审核" not in as_("township_staff").get(address).content.decode()
    paper_of = reverse("evidence", args=[declaration.pk, declaration.evidence.get().pk])
    assert officer.get(paper_of)["Content-Disposition"].startswith("attachment")
    decide = reverse("decide_declaration", args=[declaration.pk])
    assert "请写明原因" in officer.post(decide, {"passes": "no", "text": ""}).content.decode()
    assert officer.post(decide, {"passes": "yes"}, follow=True).status_code == 200
    declaration.refresh_from_db()
    assert declaration.status == S.CHECKED
    for outsider in (ready.other_staff, ready.other_officer, ready.unit_clerk):
        for url in (address, paper_of):
            assert as_(outsider).get(url).status_code == 404
        assert as_(outsider).post(decide, {"passes": "yes"}).status_code == 404


def test_the_page_of_a_deduction(world: World, as_: Any) -> None:
    adopted(world)
    address = reverse("deduct_points", args=[world.deputy.slug])
    assert as_("deputy").get(address).status_code == 404
    assert as_("city_staff").get(address).status_code == 404
    staff = as_("county_staff")
    assert "登记李代表的纪律减分" in staff.get(address).content.decode()
    sent = {"item": item("E4").pk, "happened_on": EARLY.isoformat(), "points": "2", "text": "缺席", "key": "k" * 32}
    staff.post(address, {**sent, "evidence": a_file()})
    assert Declaration.objects.get().points == -2
    seen = as_("deputy").get(reverse("point_sheet")).content.decode()
    assert "登记减分" in seen and "提出异议" in seen


def test_a_company_of_another_county_cannot_confirm(ready: World) -> None:
    """Staff of a congress organ elsewhere, though of the same kind."""
    Organization.objects.filter(pk=ready.other_organ.pk).update(name="别处代工委")
    declaration = declared(ready)
    assert not decides(ready.other_staff, declaration)
    assert confirmed(ready, "A3").status == S.CONFIRMED
