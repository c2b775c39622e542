"""Deputies, seats, groups and printed codes in the back office (mission C1, C2, C3)."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from deputies.models import Congress, Deputy, Mandate, PostHolder, PrintCode, StationMembership
from stations.models import StationPost
from tests.cast import World

CHANGE = "admin:deputies_deputy_change"


def empty(**counts: int) -> dict[str, Any]:
    """The management forms of the page's inlines, with the rows that are there."""
    form: dict[str, Any] = {}
    for prefix in ("mandates", "memberships", "consents"):
        form |= {f"{prefix}-TOTAL_FORMS": counts.get(prefix, 0), f"{prefix}-INITIAL_FORMS": 0}
    return form


def own_fields(world: World, **changed: Any) -> dict[str, Any]:
    return {"name": "李代表", "region": world.county.pk, "user": "deputy", "phone": "13800000001", **changed, **empty()}


def jpeg() -> bytes:
    file = BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def seat(world: World) -> Mandate:
    return world.deputy.mandates.get()


def test_staff_of_the_file_edit_and_those_who_only_see_read(world: World, as_: Any) -> None:
    page = reverse(CHANGE, args=[world.deputy.pk])
    township = as_("township_staff")  # sees the deputy through the township's station
    shown = township.get(page)
    assert shown.status_code == 200 and not shown.context["has_change_permission"]
    assert township.post(page, own_fields(world, name="改")).status_code == 403
    assert as_("county_staff").post(page, own_fields(world, name="李改名")).status_code == 302
    assert as_("city_staff").post(page, own_fields(world, name="李代表")).status_code == 302
    assert as_(world.other_staff).get(page).status_code == 404
    world.deputy.refresh_from_db()
    assert world.deputy.name == "李代表" and world.deputy.user == world.users["deputy"]


def test_slug_owner_and_other_columns_are_not_taken_from_a_post(world: World, as_: Any) -> None:
    slug = world.deputy.slug
    extra = {"slug": "chosen", "id": "99", "photo": "etc/passwd"}
    assert (
        as_("county_staff").post(reverse(CHANGE, args=[world.deputy.pk]), own_fields(world, **extra)).status_code == 302
    )
    world.deputy.refresh_from_db()
    assert world.deputy.slug == slug and not world.deputy.photo


def test_a_photo_is_drawn_anew_and_shown_within_scope(world: World, as_: Any) -> None:
    client = as_("county_staff")
    page = reverse(CHANGE, args=[world.deputy.pk])
    tail = b"<script>alert(1)</script>"
    client.post(page, own_fields(world, photo=SimpleUploadedFile("人像.jpg", jpeg() + tail, "image/jpeg")))
    world.deputy.refresh_from_db()
    assert world.deputy.photo and tail not in world.deputy.photo.read()
    assert "人像" not in world.deputy.photo.name
    picture = reverse("admin:deputy_photo", args=[world.deputy.pk])
    assert picture in client.get(page).content.decode()
    assert client.get(picture)["Content-Type"] == "image/jpeg"
    assert as_(world.other_staff).get(picture).status_code == 404
    assert as_("system_admin").get(picture).status_code == 404
    assert picture in as_("township_staff").get(page).content.decode()


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"", jpeg()[:60]])
def test_what_is_no_picture_is_refused_beside_the_field(content: bytes, world: World, as_: Any) -> None:
    answer = as_("county_staff").post(
        reverse(CHANGE, args=[world.deputy.pk]),
        own_fields(world, photo=SimpleUploadedFile("a.jpg", content, "image/jpeg")),
    )
    assert answer.status_code == 200 and "photo" in answer.context["adminform"].form.errors


def test_a_seat_and_a_station_are_added_on_the_deputys_page(world: World, as_: Any) -> None:
    deputy = Deputy.objects.create(region=world.county, name="新代表")
    form = {"name": "新代表", "region": world.county.pk, **empty(mandates=1, memberships=1)}
    form |= {
        "mandates-0-congress": world.congress.pk,
        "mandates-0-kind": "by_elected",
        "mandates-0-since": "2026-03-01",
    }
    form |= {"mandates-0-status": "ended", "mandates-0-reason": "recalled", "mandates-0-ended_on": "2026-03-02"}
    form |= {
        "memberships-0-station": world.county_station.pk,
        "memberships-0-kind": "home",
        "memberships-0-since": "2026-03-01",
    }
    answer = as_("county_staff").post(reverse(CHANGE, args=[deputy.pk]), form)
    assert answer.status_code == 302, answer.context["errors"]
    assert deputy.mandates.get().status == Mandate.Status.SITTING
    assert deputy.memberships.get().station == world.county_station


def test_a_foreign_congress_or_station_cannot_be_chosen_in_a_row(world: World, as_: Any) -> None:
    theirs = Congress.objects.create(region=world.other_county, ordinal=9, first_met_on=date(2022, 1, 1))
    form = own_fields(world) | empty(mandates=1, memberships=1)
    form |= {"mandates-0-congress": theirs.pk, "mandates-0-kind": "elected", "mandates-0-since": "2026-03-01"}
    form |= {
        "memberships-0-station": world.other_station.pk,
        "memberships-0-kind": "home",
        "memberships-0-since": "2026-03-01",
    }
    answer = as_("county_staff").post(reverse(CHANGE, args=[world.deputy.pk]), form)
    errors = [row for formset in answer.context["inline_admin_formsets"] for row in formset.formset.errors if row]
    assert [set(row) for row in errors] == [{"congress"}, {"station"}]


def test_a_second_home_station_or_seat_is_refused_in_a_sentence(world: World, as_: Any) -> None:
    form = own_fields(world) | empty(mandates=1, memberships=1)
    form |= {"mandates-0-congress": world.congress.pk, "mandates-0-kind": "elected", "mandates-0-since": "2026-03-01"}
    form |= {
        "memberships-0-station": world.county_station.pk,
        "memberships-0-kind": "home",
        "memberships-0-since": "2026-03-01",
    }
    shown = as_("county_staff").post(reverse(CHANGE, args=[world.deputy.pk]), form)
    assert shown.status_code == 200
    assert "该代表在这一届已有未终止的职务" in shown.content.decode()
    assert "请先为原进站记录填写结束日期" in shown.content.decode()


# Status of a seat


def test_the_status_of_a_seat_is_not_a_field(seat: Mandate, as_: Any) -> None:
    page = reverse("admin:deputies_mandate_change", args=[seat.pk])
    form = {"kind": "elected", "since": "2022-03-01", "status": "ended", "reason": "recalled", "ended_on": "2026-01-01"}
    assert as_("county_staff").post(page, form).status_code == 302
    seat.refresh_from_db()
    assert seat.status == Mandate.Status.SITTING and seat.ended_on is None and seat.reason == ""


def test_a_seat_is_suspended_restored_and_ended_on_its_own_page(world: World, seat: Mandate, as_: Any) -> None:
    client = as_("county_staff")
    page = reverse("admin:mandate_status", args=[seat.pk])
    assert "暂停执行职务" in client.get(page).content.decode()
    refused = client.post(page, {"to": "suspended", "reason": "", "on": "2026-01-05"})
    assert "请选择原因" in refused.content.decode()
    assert "不能晚于今天" in client.post(page, {"to": "ended", "reason": "moved", "on": "2999-01-01"}).content.decode()
    assert "不能早于" in client.post(page, {"to": "ended", "reason": "moved", "on": "2001-01-01"}).content.decode()
    for to, reason in (("suspended", "detained"), ("sitting", ""), ("ended", "moved")):
        assert client.post(page, {"to": to, "reason": reason, "on": "2026-01-05"}).status_code == 302
        seat.refresh_from_db()
        assert (seat.status, seat.reason) == (to, reason)
    assert seat.ended_on == date(2026, 1, 5)
    assert not StationMembership.objects.sitting().filter(deputy=world.deputy).exists()
    assert "to" in client.post(page, {"to": "sitting", "reason": "", "on": "2026-01-06"}).context["form"].errors


def test_the_status_page_is_the_keeping_regions(world: World, seat: Mandate, as_: Any) -> None:
    page = reverse("admin:mandate_status", args=[seat.pk])
    form = {"to": "ended", "reason": "moved", "on": "2026-01-05"}
    assert as_("township_staff").post(page, form).status_code == 403
    assert as_(world.other_staff).post(page, form).status_code == 404
    assert as_("system_admin").post(page, form).status_code == 404
    seat.refresh_from_db()
    assert seat.status == Mandate.Status.SITTING


# Posts, groups, codes


def test_a_deputy_who_holds_a_post_gives_it_the_name(world: World, as_: Any) -> None:
    post = StationPost.objects.create(
        station=world.county_station, post="deputy_head", name="待定", since=date(2025, 1, 1)
    )
    answer = as_("county_staff").post(
        reverse("admin:deputies_postholder_add"), {"post": post.pk, "deputy": world.deputy.pk}
    )
    assert answer.status_code == 302
    post.refresh_from_db()
    assert post.name == "李代表" and PostHolder.objects.get().deputy == world.deputy


def test_a_group_takes_its_members_and_enters_a_station(world: World, as_: Any) -> None:
    form = {
        "region": world.county.pk,
        "name": "农业小组",
        "kind": "professional",
        "level": "county",
        "category": "agriculture",
        "since": "2026-01-01",
        "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 0,
        "memberships-0-deputy": world.deputy.pk,
        "memberships-0-is_leader": "on",
        "memberships-0-since": "2026-01-01",
        "entries-TOTAL_FORMS": 1,
        "entries-INITIAL_FORMS": 0,
        "entries-0-station": world.county_station.pk,
        "entries-0-since": "2026-01-01",
    }
    answer = as_("county_staff").post(reverse("admin:deputies_deputygroup_add"), form)
    assert answer.status_code == 302, answer.context["errors"]
    assert world.deputy.group_memberships.get().is_leader
    assert world.county_station.group_entries.count() == 1


def test_a_code_is_issued_printed_checked_and_revoked(world: World, as_: Any) -> None:
    client = as_("county_staff")
    add, listed = reverse("admin:deputies_printcode_add"), reverse("admin:deputies_printcode_changelist")
    assert client.get(add).status_code == 200
    assert client.post(add, {"station": world.county_station.pk}).status_code == 302
    code = PrintCode.objects.get()
    assert "已有在用的二维码" in client.post(add, {"station": world.county_station.pk}).content.decode()
    assert (
        "只选一项" in client.post(add, {"station": world.county_station.pk, "deputy": world.deputy.pk}).content.decode()
    )
    for action in ("mark_printed", "mark_checked", "revoke"):
        client.post(listed, {"action": action, "_selected_action": [code.pk]})
    code.refresh_from_db()
    assert code.printed_on and code.checked_on and code.revoked_at
    assert client.post(add, {"station": world.county_station.pk}).status_code == 302
    assert PrintCode.objects.valid().get() != code


def test_the_picture_of_a_code_leads_to_its_page_and_counts_for_it(world: World, as_: Any) -> None:
    import zxingcpp

    client = as_("county_staff")
    post = StationPost.objects.create(
        station=world.county_station, post="envoy", name="民情联络员", since=date(2025, 1, 1)
    )
    for owner, address in (
        ({"station": world.county_station}, "/s/dancheng-zhongxin/"),
        ({"deputy": world.deputy}, f"/d/{world.deputy.slug}/"),
        ({"post": post}, "/s/dancheng-zhongxin/"),
    ):
        code = PrintCode.objects.create(**owner)
        png = client.get(reverse("admin:print_code", args=[code.pk, "png"]))
        read = zxingcpp.read_barcode(Image.open(BytesIO(png.content)).convert("L"))
        assert read is not None and read.text == f"http://testserver{address}?c={code.code}"
        assert client.get(reverse("admin:print_code", args=[code.pk, "svg"]))["Content-Type"] == "image/svg+xml"
        assert client.get(reverse("admin:print_code", args=[code.pk, "exe"])).status_code == 404
        assert as_(world.other_staff).get(reverse("admin:print_code", args=[code.pk, "png"])).status_code == 404


def test_codes_of_a_deputy_whose_file_is_elsewhere_stay_as_they_are(world: World, as_: Any) -> None:
    """The township sees the deputy through its station; the county keeps the file, and with it the code."""
    code = PrintCode.objects.create(deputy=world.deputy)
    township = as_("township_staff")
    township.post(reverse("admin:deputies_printcode_changelist"), {"action": "revoke", "_selected_action": [code.pk]})
    code.refresh_from_db()
    assert code.revoked_at is None
    code.delete()
    township.post(
        reverse("admin:deputies_deputy_changelist"), {"action": "issue_codes", "_selected_action": [world.deputy.pk]}
    )
    assert not PrintCode.objects.exists()
    as_("county_staff").post(
        reverse("admin:deputies_deputy_changelist"), {"action": "issue_codes", "_selected_action": [world.deputy.pk]}
    )
    assert PrintCode.objects.get().deputy == world.deputy
