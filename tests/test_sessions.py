"""A login ends: after half an hour without a request, and after twelve hours however busy."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY, login
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts.models import User
from liaison.middleware import session_limits

MORNING = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
View = Callable[[HttpRequest], HttpResponse]


def ask(view: View, key: str | None = None) -> HttpResponse:
    request = RequestFactory().get("/")
    if key:
        request.COOKIES["sessionid"] = key
    chain = SessionMiddleware(AuthenticationMiddleware(MessageMiddleware(session_limits(view))))
    return chain(request)


def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse("known" if request.user.is_authenticated else "stranger")


@pytest.fixture
def key(db: None) -> str:
    """The session of somebody who logged in at eight in the morning and made a first request."""
    user = User.objects.create(username="officer", name="王干事")

    def enter(request: HttpRequest) -> HttpResponse:
        login(request, user, backend="accounts.backends.PortalBackend")
        return HttpResponse()

    with time_machine.travel(MORNING, tick=False):
        key = ask(enter).cookies["sessionid"].value
        assert ask(who, key).content == b"known"
    return key


@pytest.mark.parametrize(("minutes", "answer"), [(29, b"known"), (31, b"stranger")])
def test_half_an_hour_without_a_request_ends_it(key: str, minutes: int, answer: bytes) -> None:
    with time_machine.travel(MORNING + timedelta(minutes=minutes), tick=False):
        assert ask(who, key).content == answer


def test_twelve_hours_end_it_however_busy(key: str) -> None:
    for quarter in range(1, 49):
        with time_machine.travel(MORNING + timedelta(minutes=15 * quarter), tick=False):
            assert ask(who, key).content == b"known"
    with time_machine.travel(MORNING + timedelta(hours=12, minutes=1), tick=False):
        assert ask(who, key).content == b"stranger"
    assert SESSION_KEY not in SessionStore(key)


def test_what_a_session_showed_is_kept_by_no_cache(key: str) -> None:
    with time_machine.travel(MORNING, tick=False):
        assert "no-store" in ask(who, key)["Cache-Control"]


def test_a_page_for_everybody_stays_cacheable() -> None:
    assert not ask(lambda request: HttpResponse()).has_header("Cache-Control")
