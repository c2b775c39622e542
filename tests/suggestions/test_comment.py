"""小组意见: a member of the supervising group, and nobody else, in an inner note."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.calendar import today
from accounts.errors import Refused
from deputies.models import GroupMembership, Mandate
from suggestions import services
from suggestions.models import Suggestion
from tests.cast import World, a_suggestion
from tests.suggestions.pages import loses, say, stale_page
from tests.suggestions.test_supervise import a_group


@pytest.fixture
def supervised(world: World) -> Suggestion:
    case, group = a_suggestion(world, "handling", name="张三", phone="13900001111", consent=True), a_group(world.county)
    GroupMembership.objects.create(group=group, deputy=world.deputy, since=today())
    services.supervise(case, leader="周主任", group=group, by=world.county_staff)
    return case


def test_the_words_are_for_those_who_work_on_it(world: World, supervised: Suggestion, as_: Any) -> None:
    event = services.comment(supervised, text="建议实地看一次", by=world.users["deputy"])
    assert (event.public_text, event.inner_note, event.office) == ("", "建议实地看一次", "人大代表")
    page = as_("unit_head").get(f"/office/suggestions/{supervised.number}/").content.decode()
    assert "建议实地看一次" in page


def test_nobody_else_and_not_once_one_has_left(world: World, supervised: Suggestion) -> None:
    for by in (world.county_staff, world.unit_head, world.supervision_office):
        with pytest.raises(Refused, match="职责"):
            services.comment(supervised, text="意见", by=by)
    Mandate.objects.update(status="suspended", reason=Mandate.Reason.ABSENT)
    with pytest.raises(Refused, match="职责"):
        services.comment(supervised, text="意见", by=world.users["deputy"])
    Mandate.objects.update(status="sitting", reason="")
    GroupMembership.objects.update(ended_on=today())
    with pytest.raises(Refused, match="职责"):
        services.comment(supervised, text="意见", by=world.users["deputy"])


def test_not_empty_and_not_by_the_loser_of_a_race(world: World, supervised: Suggestion) -> None:
    with pytest.raises(Refused, match="写出小组的意见"):
        services.comment(supervised, text="", by=world.users["deputy"])
    loses(world, supervised, lambda stale: services.comment(stale, text="意见", by=world.users["deputy"]))


def test_on_its_page_without_the_submitters_contact(world: World, supervised: Suggestion, as_: Any) -> None:
    client = as_("deputy")
    page = client.get(f"/office/suggestions/{supervised.number}/").content.decode()
    assert f"{supervised.number}/comment/" in page
    assert "张三" not in page and "13900001111" not in page
    assert say(client, supervised, "comment", text="建议实地看一次").status_code == 302
    stale_page(client, world, supervised, "comment", text="意见")
