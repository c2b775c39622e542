from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.forms import BaseModelForm, Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from accounts.limits import LOGIN_FAILURES_PER_ADDRESS, client_address
from accounts.models import User
from accounts.pages import OfficeRequest
from activities.models import Activity, Visit
from activities.office_views import reads_work
from deputies.models import Deputy
from stations.models import Station
from suggestions.models import Suggestion
from suggestions.office_pages import for_lines, handles_cases, lines

# The workbench shows the most urgent; the list has the rest.
MOST = 20


@dataclass
class Hats:
    """What this user is, asked once for a page: by links and groups, several at a time (architecture.md, "Who")."""

    user: User

    @cached_property
    def is_deputy(self) -> bool:
        return Deputy.objects.in_office().filter(user=self.user).exists()

    @cached_property
    def serves(self) -> bool:
        return Station.objects.served_by(self.user).exists()

    @property
    def is_staff(self) -> bool:
        return self.user.is_congress_staff

    @property
    def is_unit(self) -> bool:
        return self.user.is_unit_user

    @property
    def has_back_office(self) -> bool:
        user = self.user
        return user.is_congress_staff or user.is_system_admin or user.is_security_admin or user.is_auditor


def nav(user: User, path: str = "") -> list[tuple[str, str, bool]]:
    """The office's navigation: only what this user may open. (label, address, whether it is the page at `path`)."""
    hats = Hats(user)
    works = reads_work(user)
    offered = [
        ("工作台", reverse("workbench"), True),
        ("意见建议", reverse("suggestions"), handles_cases(user)),
        ("接待登记", reverse("desk"), hats.serves or hats.is_staff),
        ("活动", reverse("activities"), works),
        ("走访", reverse("visits"), works),
        ("导入名册", reverse("import"), hats.is_staff),
        ("报表", reverse("reports"), hats.serves or hats.is_staff),
        ("后台管理", reverse("admin:index"), hats.has_back_office),
    ]
    home = reverse("workbench")
    return [(label, url, path == url if url == home else path.startswith(url)) for label, url, may in offered if may]


def big_buttons(user: User) -> list[tuple[str, str, bool]]:
    """What this user comes for, in the order of need. (label, address, whether it is the one red button)."""
    hats = Hats(user)
    found: list[tuple[str, str]] = []
    if hats.is_deputy:
        found += [("记活动", reverse("log_activity")), ("记走访", reverse("log_visit"))]
    if hats.serves:
        found.append(("接待登记", reverse("desk")))
    if hats.serves or hats.is_staff:
        found.append(("待受理", f"{reverse('suggestions')}?state=submitted"))
    if hats.serves and not hats.is_deputy:
        found.append(("记活动", reverse("log_activity")))
    if hats.is_unit:
        found.append(("在办事项", f"{reverse('suggestions')}?state=unit"))
    if hats.is_staff:
        found += [("报表", reverse("reports"))]
    if hats.has_back_office:
        found.append(("后台管理", reverse("admin:index")))
    return [(label, url, index == 0) for index, (label, url) in enumerate(found)]


@login_required
@never_cache
def workbench(request: OfficeRequest) -> HttpResponse:
    user = request.user
    cases = list(for_lines(Suggestion.objects.waiting_for(user))[: MOST + 1])
    visits = Visit.objects.waiting_for(user).select_related("station", "logged_by")[:MOST]
    activities = Activity.objects.waiting_for(user).select_related("station", "group", "type")[:MOST]
    context = {
        "lines": lines(cases[:MOST]) if cases else [],
        "more": len(cases) > MOST,
        "visits": list(visits),
        "activities": list(activities),
        "buttons": big_buttons(user),
    }
    return render(request, "liaison/office/workbench.html", context)


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "用户名或密码不对，请重新输入。连续输错5次，15分钟内不能再试。",
        "inactive": "这个账号已停用，请联系本级人大机构。",
    }


class Login(LoginView):
    """One door for everybody. In the demo it lists the demo's accounts; a real portal lists nobody."""

    template_name = "accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if LOGIN_FAILURES_PER_ADDRESS.is_spent(client_address(request)):
            return render(request, "accounts/lockout.html", status=429)
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        LOGIN_FAILURES_PER_ADDRESS.allows(client_address(self.request))
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        context = super().get_context_data(**kwargs)
        if settings.DEMO:
            from liaison.demo import ACCOUNTS, PASSWORD

            context |= {"accounts": ACCOUNTS, "password": PASSWORD}
        return context


logout = LogoutView.as_view(next_page=reverse_lazy("login"))


@method_decorator(login_required, name="dispatch")
class Password(PasswordChangeView):
    template_name = "accounts/password.html"
    success_url = reverse_lazy("workbench")

    def form_valid(self, form: Form | BaseModelForm) -> HttpResponse:  # type: ignore[type-arg]
        messages.success(self.request, "密码已修改，下次登录请用新密码。")
        return super().form_valid(form)  # type: ignore[arg-type]


def navigation(request: HttpRequest) -> list[tuple[str, str, bool]]:
    """For the context of every office page; nobody's where nobody is logged in."""
    user = request.user
    return nav(user, request.path) if isinstance(user, User) else []
