"""What pages share: cursors of long lists, addresses, files."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile
from django.urls import Resolver404, resolve

from accounts.pages import hand_out, newest_first
from activities.models import Activity, ActivityType
from suggestions.models import Attachment, Suggestion
from tests.cast import World, a_suggestion


@pytest.mark.parametrize(
    "cursor",
    [
        "0001-01-01T00:00:00+08:00~1",
        "9999-12-31T23:59:59-08:00~1",
        "2026-03-01T10:00:00~1",  # of which zone?
        "2026-03-01~1",  # a day, where moments are listed
        "2026-03-01T10:00:00+08:00~-99999999999999999999",
        "2026-03-01T10:00:00+08:00~" + "9" * 5000,
        "2026-03-01T10:00:00+08:00",
        "~",
        "\0~1",
    ],
)
@pytest.mark.parametrize("direction", ["after", "before"])
def test_a_broken_cursor_of_moments_shows_the_first_page(world: World, cursor: str, direction: str) -> None:
    case = a_suggestion(world)
    page = newest_first(Suggestion.objects.all(), {direction: cursor}, "submitted_at")
    assert (page.rows, page.has_previous, page.has_next) == ([case], False, False)


@pytest.mark.parametrize("cursor", ["2026-03-01T10:00:00+08:00~9", "0001-01-01~9", "9999-12-31~9", "2026-03-01~x"])
def test_a_broken_cursor_of_days_shows_the_first_page(world: World, cursor: str) -> None:
    activity = Activity.objects.create(
        type=ActivityType.objects.all()[0],
        title="调研",
        station=world.station,
        region=world.township,
        held_on="2026-03-01",
    )
    page = newest_first(Activity.objects.all(), {"after": cursor}, "held_on")
    assert (page.rows, page.has_previous) == ([activity], False)


def test_a_huge_key_is_a_cursor_all_the_same(world: World) -> None:
    case = a_suggestion(world)
    page = newest_first(Suggestion.objects.all(), {"after": "2999-01-01T00:00:00+08:00~" + "9" * 30}, "submitted_at")
    assert page.rows == [case]


@pytest.mark.parametrize(
    "address",
    [
        "/office/suggestions/26\x00/",
        "/office/suggestions/26\x00/files/1/",
        "/office/suggestions/2601/rep\x00ly/",
        "/office/activities/1/\x00/",
        "/office/reports/annual/4116\x00/2026/",
        "/s/ningping-yangzhi/qr.\x00",
        "/d/abc/qr.\x00",
    ],
)
def test_a_nul_leads_nowhere(address: str) -> None:
    """PostgreSQL takes none in a text: it would be an error of the server, not a missing page."""
    with pytest.raises(Resolver404):
        resolve(address)


@pytest.mark.parametrize(
    ("name", "content_type", "saved"),
    [
        ("a.jpg", "image/jpeg", False),
        ("a.PNG", "image/png", False),
        ("a.webp", "image/webp", False),
        ("a.pdf", "application/pdf", True),
        ("a.svg", "application/octet-stream", True),
        ("a.html", "application/octet-stream", True),
        ("a", "application/octet-stream", True),
    ],
)
def test_a_file_is_handed_out_by_what_it_may_be(name: str, content_type: str, saved: bool) -> None:
    field: Any = Attachment._meta.get_field("file")
    stored = default_storage.save(f"tests/{name}", ContentFile(b"content"))
    response = hand_out(FieldFile(Attachment(), field, stored))
    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"].startswith("attachment") == saved
    assert response["X-Content-Type-Options"] == "nosniff"
