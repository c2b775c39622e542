import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from accounts import own_phone
from accounts.own_phone import BEGAN


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
    if own_phone.is_kept(request):
        if age > own_phone.AGE or own_phone.is_over(request):
            logout(request)
            messages.info(request, "这部手机上的登录已经结束，请重新登录。")
        else:
            own_phone.fall_back(request)
    elif age > settings.SESSION_ABSOLUTE_AGE:
        logout(request)
        messages.info(request, "为了安全，一次登录最长12小时。请重新登录。")


class OwnRecordsOnly:
    """On a phone that stays signed in, whatever is not an own record asks for the password first (mission U7)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        match = request.resolver_match
        if not request.path.startswith(own_phone.GUARDED) or match is None or own_phone.opens(match):
            return None
        if not own_phone.is_own_only(request):
            return None
        return redirect_to_login(request.get_full_path() if request.method == "GET" else reverse("workbench"))
