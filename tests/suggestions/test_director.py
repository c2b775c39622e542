"""局长进站: taken up on the spot by the real verbs, all or nothing, and followed until each is closed (mission U3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.calendar import in_words, today
from accounts.errors import Refused
from activities.models import Activity, ActivityType, Theme
from suggestions import services
from suggestions.codes import new_form_key
from suggestions.models import Suggestion
from suggestions.services.director import Matter, hand_over, take_up, with_open_matters
from suggestions.workflow import Status
from tests.cast import World
from tests.suggestions.pages import county_officer

DAY = timedelta(days=1)


def a_visit(world: World, **extra: Any) -> Activity:
    kept: dict[str, Any] = {"station": world.station, "region": world.township, "held_on": today(), "title": "局长进站"}
    found = Activity.objects.create(type=ActivityType.objects.get(code="director_visit"), **{**kept, **extra})
    found.departments.add(world.power)
    return found


def a_matter(world: World, **extra: Any) -> Matter:
    said = services.Statement(text=extra.pop("text", "养殖场电压不稳，夏天常跳闸。"), place="王庄村")
    kept = {"category": world.category, "problem_kind": world.problem_kind, "unit": world.village}
    return Matter(**{"statement": said, **kept, **extra})


def row(world: World, n: int = 0, **typed: Any) -> dict[str, Any]:
    kept = {
        "key": new_form_key(),
        "text": "养殖场电压不稳。",
        "unit": world.village.pk,
        "category": world.category.pk,
        "problem_kind": world.problem_kind.pk,
    }
    return {f"m{n}-{name}": value for name, value in {**kept, **typed}.items()}


def address(activity: Activity) -> str:
    return f"/office/activities/{activity.pk}/matters/"


def test_a_matter_of_the_own_level_is_with_its_unit_at_once(world: World) -> None:
    theme = Theme.objects.create(region=world.county, name="大走访", starts_on=today())
    visit, key = a_visit(world, theme=theme), new_form_key()
    matter = a_matter(world, due=today() + 10 * DAY)
    case = take_up(visit, matter, form_key=key, by=world.users["station_officer"])
    assert (case.status, case.due_on, case.channel) == (Status.TRANSFERRED, matter.due, "activity")
    assert (case.activity, case.station, case.theme) == (visit, world.station, theme)
    assignment = case.assignments.get()
    assert (assignment.unit, assignment.basis) == (world.village, "limit")
    assert [event.verb for event in case.events.order_by("version")] == ["submit", "accept", "transfer"]
    again = take_up(visit, matter, form_key=key, by=world.users["station_officer"])
    assert again == case and Suggestion.objects.count() == 1


def test_a_unit_above_goes_up_and_is_one_tap_there(world: World, as_: Any) -> None:
    visit = a_visit(world)
    due = today() + 20 * DAY
    case = take_up(visit, a_matter(world, unit=world.power, due=due), form_key="k", by=world.users["station_officer"])
    assert (case.status, case.holder, case.proposed_unit) == (Status.ACCEPTED, world.county_organ, world.power)
    page = as_("station_officer").get(address(visit)).content.decode()
    assert f"待{world.county_organ}交办" in page and "未办结" in page
    assert f"交{world.power}办理</button>" not in page
    tap = f"{address(visit)}{case.number}/hand_over/"
    assert "不能转办" in as_("station_officer").post(tap, follow=True).content.decode()
    client = as_("county_staff")
    assert f"交{world.power}办理</button>" in client.get(address(visit)).content.decode()
    # Whoever opens the case itself finds the unit and the limit filled in.
    form = client.get(f"/office/suggestions/{case.number}/transfer/").context["form"]
    assert (form["to"].value(), form["due"].value()) == (world.power.pk, due)
    client.post(tap)
    case.refresh_from_db()
    assert (case.status, case.due_on) == (Status.TRANSFERRED, due)
    assert "不能转办" in client.post(tap, follow=True).content.decode()


def test_nothing_stays_of_a_matter_that_is_refused(world: World) -> None:
    visit, officer = a_visit(world), world.users["station_officer"]
    closed = a_visit(world, status="cancelled")
    for where, wrong, by, why in (
        (visit, {"due": today()}, officer, "限期"),
        (visit, {"due": today() + 900 * DAY}, officer, "限期"),
        (visit, {"unit": world.power, "due": today() + 900 * DAY}, officer, "限期"),
        (visit, {"unit": world.county_organ}, officer, "承办单位"),
        (visit, {}, world.users["deputy"], "登记"),
        (visit, {}, county_officer(world), "登记"),
        (visit, {}, world.other_staff, "登记"),
        (visit, {}, world.county_staff, "登记"),
        (closed, {}, officer, "取消"),
        (a_visit(world, held_on=today() + DAY), {}, officer, "还没有开展"),
    ):
        with pytest.raises(Refused, match=why):
            take_up(where, a_matter(world, **wrong), form_key=new_form_key(), by=by)
    assert not Suggestion.objects.exists()


def test_several_rows_and_the_wrong_one_keeps_its_words(world: World, as_: Any) -> None:
    visit, client = a_visit(world), as_("station_officer")
    first = client.get(address(visit)).content.decode()
    assert "到场部门" in first and "登记现场说的事" in first
    good = row(world, 0, text="变压器容量不够。", days=15)
    bad = row(world, 1, text="村口路面塌陷。", unit="", days="3", due=today() + DAY)
    answer = client.post(address(visit), {**good, **bad})
    page = answer.content.decode()
    assert answer.status_code == 200 and "已登记并交办1件" in page
    assert "村口路面塌陷。" in page and "请选择交哪个部门" in page and "天数和日期只填一个" in page
    assert Suggestion.objects.get().due_on == today() + 15 * DAY
    # Sent again as it stands after a repair: the first one is not doubled.
    repaired = {**bad, "m1-unit": world.village.pk, "m1-days": ""}
    assert client.post(address(visit), {**good, **repaired}).status_code == 302
    assert Suggestion.objects.count() == 2
    assert "请至少写一件事" in client.post(address(visit), {}).content.decode()


def test_it_is_followed_until_each_is_closed(world: World, as_: Any) -> None:
    visit, officer = a_visit(world), world.users["station_officer"]
    cases = [take_up(visit, a_matter(world, text=f"第{n}件事。"), form_key=f"{n}", by=officer) for n in range(2)]
    assert "未办结2件" in as_("station_officer").get("/office/").content.decode()
    assert [(found, found.left) for found in with_open_matters(officer)] == [(visit, 2)]  # type: ignore[attr-defined]
    assert not with_open_matters(world.other_officer)
    Suggestion.objects.filter(pk=cases[0].pk).update(status=Status.CLOSED)
    assert with_open_matters(officer)[0].left == 1  # type: ignore[attr-defined]
    Suggestion.objects.update(status=Status.CLOSED)
    assert not with_open_matters(officer)
    assert "全部办结" in as_("station_officer").get(address(visit)).content.decode()


def test_the_page_is_of_its_visit_and_scope(world: World, as_: Any) -> None:
    visit = a_visit(world)
    take_up(visit, a_matter(world), form_key="k", by=world.users["station_officer"])
    for who in (world.other_staff, world.other_officer):
        assert as_(who).get(address(visit)).status_code == 404
    reader = as_("deputy")
    page = reader.get(address(visit)).content.decode()
    assert "另有1件不归您看" in page and "登记并交办" not in page and "电压" not in page
    assert reader.post(address(visit), row(world)).status_code == 404
    with pytest.raises(Refused, match="没有现场商定"):
        hand_over(Suggestion.objects.get(), by=world.county_staff)
    assert in_words(today()) in Suggestion.objects.get().events.get(verb="transfer").inner_note
