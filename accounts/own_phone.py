"""A phone that stays signed in for the own records only (mission U7; docs/decisions/own-phone.md).

The session says which round of the account it was begun in: a round ends with “退出” on such a phone and with the
account's suspension, and every kept phone with it. A new password ends all sessions anyway.
"""

from __future__ import annotations

import time
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest
from django.urls import ResolverMatch

from accounts.models import User

AGE = int(timedelta(days=180).total_seconds())
KEPT = "own_phone"
BEGAN = "began"
# [begun, last used]: since the password was given, the phone opens everything, as long as any login would last.
OPENED = "own_phone_opened"

# Whoever adds a page here shows nothing on it but rows of the person who asks.
PAGES = frozenset(
    {
        "login",
        "logout",
        "workbench",
        "log_visit",
        "slip",  # of the opinion raised on the visit
        "log_activity",
        "visits",
        "visit",
        "office_visit_photo",
        "confirm_visit",
        "sign_in",
        "duties",
        "own_file",
        "point_sheet",
        "declare_points",
    }
)
GUARDED = ("/office/", "/admin/")
# What stays of a session when it falls back to the own records: nothing that another page left in it.
LASTING = frozenset({KEPT, BEGAN, "_auth_user_id", "_auth_user_backend", "_auth_user_hash", "_session_expiry"})


def keep(request: HttpRequest, user: User) -> None:
    request.session[KEPT] = user.own_phone_round
    request.session[BEGAN] = time.time()
    request.session.set_expiry(AGE)


def is_kept(request: HttpRequest) -> bool:
    session = getattr(request, "session", None)
    return session is not None and KEPT in session


def is_own_only(request: HttpRequest) -> bool:
    return is_kept(request) and OPENED not in request.session


def opens(match: ResolverMatch) -> bool:
    return not match.namespaces and match.url_name in PAGES


def is_over(request: HttpRequest) -> bool:
    user = request.user
    return not isinstance(user, User) or user.own_phone_round != request.session[KEPT]


def open_everything(request: HttpRequest) -> None:
    now = time.time()
    request.session[OPENED] = [now, now]


def fall_back(request: HttpRequest) -> None:
    """After half an hour without a request, or twelve hours, only the own records are left."""
    opened, now = request.session.get(OPENED), time.time()
    if opened is None:
        return
    begun, used = opened
    if now - used <= settings.SESSION_COOKIE_AGE and now - begun <= settings.SESSION_ABSOLUTE_AGE:
        request.session[OPENED] = [begun, now]
        return
    for name in set(request.session.keys()) - LASTING:
        del request.session[name]


def end_everywhere(user: User) -> None:
    User.objects.filter(pk=user.pk).update(own_phone_round=F("own_phone_round") + 1)
