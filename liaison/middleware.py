import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

BEGAN = "began"


def session_limits(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A login ends after SESSION_ABSOLUTE_AGE seconds however busy it is; what a session showed stays in no cache.

    The idle limit is Django's own (SESSION_COOKIE_AGE). Requests without a session cookie are left alone, so that
    public pages neither ask the session nor vary by cookie.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            _end_if_old(request)
        response = get_response(request)
        if request.session.accessed and not request.session.is_empty() and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    return middleware


def _end_if_old(request: HttpRequest) -> None:
    if SESSION_KEY not in request.session:
        return
    age = time.time() - request.session.setdefault(BEGAN, time.time())
    if age > settings.SESSION_ABSOLUTE_AGE:
        logout(request)
        messages.info(request, "为了安全，一次登录最长12小时。请重新登录。")
