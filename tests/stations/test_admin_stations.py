"""Stations with their posts, pictures and life in the back office (mission B1, B4, B5)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from stations.models import Station, StationPost
from tests.cast import World

CHANGE = "admin:stations_station_change"


def fields(world: World, **changed: Any) -> dict[str, Any]:
    form = {
        "name": "郸城县代表联络站",
        "slug": "dancheng-zhongxin",
        "kind": "regional",
        "tier": "general",
        "region": world.county.pk,
        "life": "formal",
        "opened_on": "2025-01-10",
        "host_kind": "office",
    }
    for prefix in ("posts", "photos"):
        form |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    return {**form, **changed}


def post_row(n: int, **row: Any) -> dict[str, Any]:
    plain = {"post": "head", "side": "congress", "name": "赵站长", "since": "2026-01-01"}
    return {f"posts-{n}-{name}": value for name, value in {**plain, **row}.items()}


def save(client: Any, station: Station, form: dict[str, Any]) -> Any:
    return client.post(reverse(CHANGE, args=[station.pk]), form)


def test_a_station_is_founded_with_two_heads(world: World, as_: Any) -> None:
    rows = post_row(0) | post_row(1, side="enterprise", name="康总", enterprise=world.enterprise.pk)
    form = fields(world, name="新站", slug="new", kind="industry", **{**rows, "posts-TOTAL_FORMS": 2})
    answer = as_("county_staff").post(reverse("admin:stations_station_add"), form)
    assert answer.status_code == 302, answer.context["errors"]
    station = Station.objects.get(slug="new")
    assert {post.side for post in station.posts.sitting()} == {"congress", "enterprise"}


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"side": "enterprise"}, "要选择所在企业"),
        ({"side": "government"}, "要选择所在单位"),
        ({"ended_on": "2999-01-01"}, "不能晚于今天"),
        ({"ended_on": "2025-01-01"}, "不能早于开始日期"),
        ({"user": "system_admin"}, "没有可用的这个账号"),
    ],
)
def test_what_is_wrong_with_a_post_is_said_in_a_sentence(
    row: dict[str, Any], sentence: str, world: World, as_: Any
) -> None:
    answer = save(
        as_("county_staff"), world.county_station, fields(world, **{**post_row(0, **row), "posts-TOTAL_FORMS": 1})
    )
    assert answer.status_code == 200 and sentence in answer.content.decode()
    assert not world.county_station.posts.filter(post="head").exists()


def test_one_sitting_head_a_side(world: World, as_: Any) -> None:
    rows = post_row(0) | post_row(1, name="另一位")
    client = as_("county_staff")
    assert (
        save(client, world.county_station, fields(world, **{**post_row(0), "posts-TOTAL_FORMS": 1})).status_code == 302
    )
    answer = save(client, world.county_station, fields(world, **{**rows, "posts-TOTAL_FORMS": 1}))
    assert answer.status_code == 200 and "已有在任站长" in answer.content.decode()
    two = save(client, world.station, fields(world, **{**rows, "posts-TOTAL_FORMS": 2, "region": world.township.pk}))
    assert two.status_code == 200 and "已有在任站长" in two.content.decode()
    assert StationPost.objects.filter(station=world.county_station, post="head").count() == 1


def test_one_head_leaves_and_the_next_begins_in_one_saving(world: World, as_: Any) -> None:
    client = as_("county_staff")
    save(client, world.county_station, fields(world, **{**post_row(0), "posts-TOTAL_FORMS": 1}))
    old = world.county_station.posts.get(post="head")
    rows = post_row(0, ended_on="2026-03-01") | {"posts-0-id": old.pk} | post_row(1, name="接任者", since="2026-03-01")
    form = fields(world, **{**rows, "posts-TOTAL_FORMS": 2, "posts-INITIAL_FORMS": 1})
    assert save(client, world.county_station, form).status_code == 302
    assert world.county_station.posts.sitting().get(post="head").name == "接任者"


def test_the_address_on_the_wall_stays(world: World, as_: Any) -> None:
    assert save(as_("county_staff"), world.county_station, fields(world, slug="elsewhere")).status_code == 302
    world.county_station.refresh_from_db()
    assert world.county_station.slug == "dancheng-zhongxin" and world.county_station.tier == "general"


def test_a_station_is_closed_with_its_day_and_kept(world: World, as_: Any) -> None:
    client = as_("county_staff")
    assert "要填写撤销日期" in save(client, world.county_station, fields(world, life="closed")).content.decode()
    assert save(client, world.county_station, fields(world, life="closed", closed_on="2026-02-01")).status_code == 302
    assert Station.objects.get(slug="dancheng-zhongxin").life == Station.Life.CLOSED


def test_a_picture_is_drawn_anew_shown_within_scope_and_taken_down(world: World, as_: Any) -> None:
    file = BytesIO()
    Image.new("RGB", (30, 20), "green").save(file, "PNG")
    upload = SimpleUploadedFile("门头.png", file.getvalue() + b"<?php", "image/png")
    client = as_("county_staff")
    form = fields(world, **{"photos-TOTAL_FORMS": 1, "photos-0-caption": "门头", "photos-0-image": upload})
    assert save(client, world.county_station, form).status_code == 302
    photo = world.county_station.photos.get()
    assert b"<?php" not in photo.image.read() and "门头" not in photo.image.name
    address = reverse("admin:station_photo", args=[photo.pk])
    assert address in client.get(reverse(CHANGE, args=[world.county_station.pk])).content.decode()
    assert client.get(address).status_code == 200
    assert as_(world.other_staff).get(address).status_code == 404
    assert as_("township_staff").get(address).status_code == 404
    away = {"photos-TOTAL_FORMS": 1, "photos-INITIAL_FORMS": 1, "photos-0-id": photo.pk, "photos-0-caption": "门头"}
    assert save(client, world.county_station, fields(world, **away, **{"photos-0-DELETE": "on"})).status_code == 302
    assert not world.county_station.photos.exists()
