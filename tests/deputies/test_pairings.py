"""双联系 and 帮扶: who keeps in touch with whom, and who has not been visited for how long (mission C4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Organization
from activities.models import Visit
from deputies.models import Deputy, Mandate, Pairing
from deputies.services import change_mandate, pair, unpair
from tests.cast import World

AGO = timedelta(days=1)


def villages(world: World, count: int) -> list[Organization]:
    return [
        Organization.objects.create(region=world.county, name=f"{n}村村委会", kind="village_committee")
        for n in range(count)
    ]


def paired(world: World, days: int = 0, **fields: Any) -> Pairing:
    fields = {"kind": "household", "household": "王庄村养殖户", **fields}
    return pair(Pairing(deputy=world.deputy, **fields), by=world.county_staff, since=today() - days * AGO)


def test_a_pairing_is_of_one_thing_and_once(world: World) -> None:
    village = villages(world, 1)[0]
    paired(world)
    with pytest.raises(Refused, match="这位代表已与其结对"):
        paired(world)
    with pytest.raises(Refused, match="请只填写与“联系对象”相符的一项"):
        paired(world, household="别的户", village=village)
    with pytest.raises(Refused, match="请选择村（居）委会") as refused:
        paired(world, kind="village", household="", village=world.power)
    assert refused.value.field == "village"
    with pytest.raises(Refused, match="请勾选“对口帮扶”"):
        paired(world, kind="village", household="", village=village, purpose="修路")
    assert paired(world, kind="village", household="", village=village, purpose="修路", is_assistance=True).pk


def test_who_may_pair_and_who_can_be_paired(world: World) -> None:
    row = Pairing(deputy=world.deputy, kind="household", household="养殖户")
    for by in (world.other_staff, world.users["deputy"], world.unit_clerk):
        with pytest.raises(Refused, match="不在您的辖区"):
            pair(row, by=by)
    with pytest.raises(Refused, match="不能晚于今天"):
        pair(row, by=world.county_staff, since=today() + AGO)
    change_mandate(world.deputy.mandates.get(), to="suspended", reason="detained", by=world.county_staff)
    with pytest.raises(Refused, match="已暂停"):
        pair(row, by=world.county_staff)
    assert not Pairing.objects.exists()


def test_an_end_has_its_day(world: World) -> None:
    row = paired(world, days=10)
    with pytest.raises(Refused, match="不能早于开始日期"):
        unpair(row, by=world.county_staff, on=today() - 11 * AGO)
    unpair(row, by=world.station_officer)  # who serves the deputy's station
    with pytest.raises(Refused, match="已于.*结束"):
        unpair(row, by=world.county_staff)
    assert paired(world).pk


def visited(world: World, pairing: Pairing, days: int, confirmed: bool = True) -> None:
    Visit.objects.create(
        deputy=world.deputy,
        pairing=pairing,
        region=world.county,
        visited_on=today() - days * AGO,
        confirmed_at=timezone.now() if confirmed else None,
    )


def test_the_longest_unvisited_comes_first(world: World, as_: Any) -> None:
    never = paired(world, days=20, household="没去过的户")
    long_ago, lately, claimed = (
        paired(world, days=400, household=name) for name in ("去年去过的户", "刚去过的户", "没确认的户")
    )
    visited(world, long_ago, 90)
    visited(world, lately, 300)
    visited(world, lately, 2)
    visited(world, claimed, 1, confirmed=False)
    page = as_("county_staff").get(reverse("pairings"))
    assert [(row.pk, row.days) for row in page.context["page"]] == [
        *((claimed.pk, 400), (long_ago.pk, 90), (never.pk, 20), (lately.pk, 2))
    ]
    assert "还没有走访过" in page.content.decode()


def test_thirty_people_and_fifteen_villages_each_count_once(world: World, as_: Any) -> None:
    places = villages(world, 15)
    for n in range(30):
        deputy = Deputy.objects.create(region=world.county, name=f"帮扶{n}")
        Mandate.objects.create(deputy=deputy, congress=world.congress, since=today())
        Pairing.objects.create(deputy=deputy, kind="village", village=places[n % 15], since=today(), is_assistance=True)
        if n < 10:
            Pairing.objects.create(
                deputy=deputy, kind="village", village=places[(n + 1) % 15], since=today(), is_assistance=True
            )
    paired(world)
    client, address = as_("county_staff"), reverse("pairings")
    assert client.get(address).context["totals"] == [
        ("?kind=household", "代表联系户", 1, "人，1户"),
        ("?kind=village", "代表联系村（社区）", 30, "人，15村"),
        ("?kind=assistance", "对口帮扶", 30, "人，15村"),
    ]
    assert client.get(address, {"kind": "assistance"}).context["page"].paginator.count == 40
    assert client.get(address, {"kind": "nonsense"}).context["page"].paginator.count == 41
    assert Pairing.objects.of("assistance").totals()["people"] == 30


def test_a_deputys_own_pairings_open_the_visit(world: World, as_: Any) -> None:
    other = Deputy.objects.create(region=world.county, name="别的代表")
    Pairing.objects.create(deputy=other, kind="household", household="别家", since=today())
    row = paired(world)
    body = as_("deputy").get(reverse("pairings")).content.decode()
    assert f"{reverse('log_visit')}?pairing={row.pk}" in body and "别家" not in body
    assert reverse("end_pairing", args=[row.pk]) not in body
    assert as_("deputy").get(reverse("end_pairing", args=[row.pk])).status_code == 404
    assert as_(world.other_staff).get(reverse("pairings")).context["page"].paginator.count == 0
    assert as_(world.other_staff).get(reverse("pairings"), {"deputy": world.deputy.slug}).status_code == 404


def test_pairing_and_ending_on_the_pages(world: World, as_: Any) -> None:
    client, village = as_("county_staff"), villages(world, 1)[0]
    act = reverse("deputy_act", args=[world.deputy.slug, "pair"])
    form = {"kind": "village", "household": "养殖户", "since": today().isoformat()}
    bad = client.post(act, form).content.decode()
    assert "请填写村（社区）。" in bad and "与所选联系对象不符" in bad and "养殖户" in bad
    client.post(act, {"kind": "village", "village": village.pk, "since": today().isoformat(), "is_assistance": "on"})
    row = Pairing.objects.get()
    assert (row.village, row.is_assistance) == (village, True)
    end = reverse("end_pairing", args=[row.pk])
    assert "不能晚于今天" in client.post(end, {"on": "2999-01-01"}).content.decode()
    client.post(end, {"on": today().isoformat()})
    row.refresh_from_db()
    assert row.ended_on == today()
    assert client.get(end).status_code == 404


def test_the_back_office_keeps_pairings(world: World, as_: Any) -> None:
    form = {"deputy": world.deputy.pk, "kind": "village", "household": "养殖户", "since": "2026-01-01"}
    add = reverse("admin:deputies_pairing_add")
    assert "请只填写与“联系对象”相符的一项" in as_("county_staff").post(add, form).content.decode()
    assert as_("county_staff").post(add, form | {"kind": "household"}).status_code == 302
    assert Pairing.objects.get().deputy == world.deputy
