"""What the tests of the verbs share: saying one on its page, and losing a race."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from suggestions import services
from suggestions.models import Attachment, Consultation, Event, Publication, Suggestion
from suggestions.services import Conflict
from tests.cast import World

WRITTEN = (Event, Consultation, Publication, Attachment)


def county_officer(world: World) -> User:
    """Who serves the station where the county's cases are heard."""
    officer: User = User.objects.get(username="county_officer")
    return officer


def address(case: Suggestion, verb: str) -> str:
    return f"/office/suggestions/{case.number}/{verb}/"


def say(client: Client, case: Suggestion, verb: str, **fields: Any) -> Any:
    """On the page as it is now, unless `version` says otherwise."""
    case.refresh_from_db()
    return client.post(address(case, verb), {"version": case.version, **fields})


def errors_of(response: Any) -> str:
    """Every sentence of a form that was shown again."""
    assert response.status_code == 200, response.status_code
    return " ".join(str(error) for errors in response.context["form"].errors.values() for error in errors)


def loses(world: World, case: Suggestion, act: Callable[[Suggestion], Any]) -> None:
    """Said of a case as it was before somebody else acted: the loser reads who, and has written nothing."""
    stale = Suggestion.objects.get(pk=case.pk)
    services.inform(Suggestion.objects.get(pk=case.pk), text="已告知", by=world.county_staff)
    before = {model: model.objects.count() for model in WRITTEN}
    with pytest.raises(Conflict, match=r"孙代工委.*电话告知"):
        act(stale)
    assert {model: model.objects.count() for model in WRITTEN} == before


def stale_page(client: Client, world: World, case: Suggestion, verb: str, **fields: Any) -> None:
    """The same on its page: 409, and nothing written."""
    case.refresh_from_db()
    read = case.version
    services.inform(Suggestion.objects.get(pk=case.pk), text="已告知", by=world.county_staff)
    before = {model: model.objects.count() for model in WRITTEN}
    response = client.post(address(case, verb), {**fields, "version": read})
    assert response.status_code == 409
    assert "孙代工委" in response.content.decode()
    assert {model: model.objects.count() for model in WRITTEN} == before
