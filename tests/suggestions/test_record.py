"""领导批示、满意度测评、采纳: recorded by staff with the document that shows it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.calendar import in_words, today
from accounts.errors import Refused
from suggestions import services
from suggestions.models import Attachment
from tests.cast import World, a_paper, a_suggestion
from tests.suggestions.pages import county_officer, errors_of, loses, say, stale_page

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "label", "public"),
    [
        ("instruction", "领导批示", ""),
        ("assessment", "满意度测评", ""),
        ("adoption", "采纳", "反映的意见已被采纳。"),
    ],
)
def test_what_is_recorded_is_inner_and_has_its_paper(world: World, kind: str, label: str, public: str) -> None:
    case = a_suggestion(world, "closed")
    event = services.record(
        case, kind=kind, text="请供电公司研究", recorded_on=today(), document=a_paper(), by=world.county_staff
    )
    assert (event.public_text, event.data) == (public, {"kind": kind, "on": today().isoformat()})
    assert event.inner_note == f"{label}（{in_words(today())}）：请供电公司研究"
    paper = Attachment.objects.get(event=event)
    assert (paper.kind, paper.suggestion, case.status) == ("paper", case, "closed")


def test_each_thing_is_asked_for(world: World) -> None:
    case = a_suggestion(world, "handling")
    right: dict[str, Any] = {"kind": "instruction", "text": "请办", "recorded_on": today(), "document": a_paper()}
    for wrong, field in (
        ({"kind": "praise"}, "kind"),
        ({"text": ""}, "text"),
        ({"document": None}, "document"),
        ({"recorded_on": today() + DAY}, "recorded_on"),
        ({"recorded_on": today() - DAY}, "recorded_on"),
    ):
        with pytest.raises(Refused) as refused:
            services.record(case, **{**right, **wrong}, by=world.county_staff)
        assert refused.value.field == field
    for by in (world.supervision_office, world.unit_head, county_officer(world)):
        with pytest.raises(Refused, match="职责"):
            services.record(case, **right, by=by)
    loses(world, case, lambda stale: services.record(stale, **right, by=world.county_staff))


def test_on_its_page(world: World, as_: Any) -> None:
    case, client = a_suggestion(world, "handling"), as_("county_staff")
    filled = {"kind": "instruction", "text": "请办", "recorded_on": today()}
    assert "请选择文件" in errors_of(say(client, case, "record", **filled))
    scan = SimpleUploadedFile("批示.pdf", b"%PDF-1.4 scan", "application/pdf")
    assert say(client, case, "record", **filled, document=scan).status_code == 302
    paper = Attachment.objects.get(suggestion=case)
    address = f"/office/suggestions/{case.number}/files/{paper.pk}/"
    assert client.get(address).status_code == 200
    assert as_(world.other_staff).get(address).status_code == 404
    scan.seek(0)
    stale_page(client, world, case, "record", **filled, document=scan)
