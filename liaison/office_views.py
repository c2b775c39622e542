from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.db.models import Exists
from django.forms import BaseModelForm, BooleanField, Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import resolve, reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from accounts import own_phone
from accounts.calendar import today
from accounts.limits import LOGIN_FAILURES_PER_ADDRESS, client_address
from accounts.models import Holiday, User
from accounts.pages import OfficeRequest
from activities.models import Activity, Visit
from deputies.models import Deputy
from duties.models import YearNotice
from duties.permissions import to_answer, to_decide
from duties.progress import due_soon
from stations.models import Station
from suggestions.models import Suggestion
from suggestions.office_pages import for_lines, lines
from suggestions.services import proposals
from suggestions.services.director import with_open_matters

# The workbench shows the most urgent; the list has the rest.
MOST = 20
# What an entry of the navigation leads on to.
OF_PEOPLE = ("groups", "pairings", "calendar", "import")
BELOW = {
    "代表": OF_PEOPLE,
    "本人": OF_PEOPLE,
    "活动": ("plans", "research", "adoptions", "mediations", "themes", "sign_in"),
}
SOON, OVERLOOKED = timedelta(days=7), timedelta(days=60)


@dataclass
class Hats:
    """What this user is, asked once for a page: by links and groups, several at a time (architecture.md, "Who")."""

    request: OfficeRequest

    @property
    def user(self) -> User:
        return self.request.user

    @cached_property
    def _links(self) -> tuple[bool, bool, bool]:
        own = Deputy.objects.filter(user=self.user)
        in_office = Deputy.objects.in_office().filter(user=self.user)
        served = Station.objects.served_by(self.user)
        asked = User.objects.filter(pk=self.user.pk).values_list(Exists(own), Exists(in_office), Exists(served))
        was, sits, serves = asked.get()
        return was, sits, serves

    @property
    def was_deputy(self) -> bool:
        """Ever: who no longer sits still reads and confirms the own records."""
        return self._links[0]

    @property
    def is_deputy(self) -> bool:
        return self._links[1]

    @property
    def serves(self) -> bool:
        return self._links[2]

    @cached_property
    def own_only(self) -> bool:
        """A phone that stays signed in: until the password is given, a post or an office is not worn."""
        return own_phone.is_own_only(self.request)

    def opens(self, url: str) -> bool:
        return not self.own_only or own_phone.opens(resolve(urlsplit(url).path))

    @property
    def has_desk(self) -> bool:
        return not self.own_only and (self.user.is_congress_staff or self.serves)

    @property
    def works(self) -> bool:
        """Without a statement of its own, what activities.permissions.reads_work says."""
        return self.has_desk or self.was_deputy

    @property
    def has_back_office(self) -> bool:
        return admin.site.has_permission(self.request)


def nav(hats: Hats) -> list[tuple[str, str, bool]]:
    """The office's navigation: only what this user may open. (label, address, whether it is this page or above it)."""
    offered = [
        ("工作台", reverse("workbench"), True),
        ("意见建议", reverse("suggestions"), hats.user.is_unit_user or hats.works),
        ("接待登记", reverse("desk"), hats.has_desk),
        ("活动", reverse("activities"), hats.works),
        ("走访", reverse("visits"), hats.works),
        ("代表", reverse("deputies"), hats.has_desk),
        ("本人", reverse("own_deputy"), hats.was_deputy and not hats.has_desk),
        ("履职", reverse("duties"), hats.works),
        ("民生实事", reverse("office_projects"), hats.has_desk),
        ("报表", reverse("reports"), hats.has_desk),
        ("后台管理", reverse("admin:index"), hats.has_back_office),
    ]
    home, path = reverse("workbench"), hats.request.path
    return [
        (label, url, path == url if url == home else path.startswith((url, *map(reverse, BELOW.get(label, ())))))
        for label, url, may in offered
        if may and hats.opens(url)
    ]


def big_buttons(hats: Hats) -> list[tuple[str, str, bool]]:
    """What this user comes for, in the order of need. (label, address, whether it is the one red button)."""
    found: list[tuple[str, str]] = []
    if hats.is_deputy:
        found += [("记活动", reverse("log_activity")), ("记走访", reverse("log_visit")), ("提建议", reverse("propose"))]
    if hats.serves:
        found.append(("接待登记", reverse("desk")))
    if hats.has_desk:
        found.append(("待受理", f"{reverse('suggestions')}?state=submitted"))
    if hats.serves and not hats.is_deputy:
        found.append(("记活动", reverse("log_activity")))
    if hats.user.is_unit_user:
        found += [("在办事项", f"{reverse('suggestions')}?state=unit"), ("台账", reverse("register"))]
        found += [("月度通报", reverse("circular"))] if hats.user.is_supervisor else []
    if hats.user.is_congress_staff:
        found += [("报表", reverse("reports"))]
    if hats.has_back_office:
        found.append(("后台管理", reverse("admin:index")))
    found = [(label, url) for label, url in found if hats.opens(url)]
    return [(label, url, index == 0) for index, (label, url) in enumerate(found)]


@login_required
@never_cache
def workbench(request: OfficeRequest) -> HttpResponse:
    user, hats = request.user, Hats(request)
    if hats.own_only:
        return own_workbench(request, hats)
    own = list(proposals.waiting_for(user)[:MOST]) if hats.was_deputy else []
    waiting = Suggestion.objects.waiting_for(user).exclude(pk__in=[case.pk for case in own])
    cases = list(for_lines(waiting)[: MOST + 1])
    visits = Visit.objects.waiting_for(user).select_related("station", "logged_by")[:MOST]
    activities = Activity.objects.waiting_for(user).select_related("station", "group", "type")[:MOST]
    keeps_time = user.is_congress_staff or user.is_system_admin
    context = {
        "missing_years": Holiday.objects.missing_years(today()) if keeps_time else [],
        "lines": lines(cases[:MOST]) if cases else [],
        "more": len(cases) > MOST,
        "proposals": own,
        "visits": list(visits) if hats.was_deputy else [],
        "activities": list(activities) if hats.has_desk else [],
        "coming": coming(hats) if hats.works else [],
        "due": due_soon(user)[:MOST] if hats.serves or hats.is_deputy else [],
        "declarations": to_decide(user, MOST) if hats.has_desk else [],
        "objections": list(to_answer(user)[:MOST]) if user.is_congress_staff else [],
        "director_visits": list(with_open_matters(user)[:MOST]) if hats.has_desk else [],
        "told": YearNotice.objects.filter(deputy__user=user, read_at__isnull=True) if hats.was_deputy else [],
        "today": today(),
        "may_sign_in": hats.is_deputy,
        "buttons": big_buttons(hats),
        "nav": nav(hats),
    }
    return render(request, "liaison/office/workbench.html", context)


def coming(hats: Hats) -> list[Activity]:
    """Planned for the next days; and for who enters them those of the last weeks that nobody has entered yet."""
    start = today() - OVERLOOKED if hats.has_desk else today()
    planned = Activity.objects.coming_for(hats.user, start, today() + SOON)
    return list(planned.select_related("station", "group", "type")[:MOST])


def own_workbench(request: OfficeRequest, hats: Hats) -> HttpResponse:
    """What needs no password on a phone that stays signed in: the visits to confirm and the forms of one's own work."""
    visits = Visit.objects.waiting_for(request.user).select_related("station", "logged_by")
    context = {
        "own_only": True,
        "visits": list(visits[:MOST]),
        "others": proposals.waiting_for(request.user).count(),
        "buttons": big_buttons(hats),
        "nav": nav(hats),
    }
    return render(request, "liaison/office/workbench.html", context)


class SignInForm(AuthenticationForm):
    stay = BooleanField(label="在这部手机上保持登录（只能办理本人的记录）", required=False)

    error_messages = {
        "invalid_login": "用户名或密码不对，请重新输入。连续输错5次，15分钟内不能再试。",
        "inactive": "这个账号已停用，请联系本级人大机构。",
    }


class Login(LoginView):
    """One door for everybody. In the demo it lists the demo's accounts; a real portal lists nobody.

    Of a phone that stays signed in, it asks for the password before anything that is not an own record.
    """

    template_name = "accounts/login.html"
    authentication_form = SignInForm

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        self.redirect_authenticated_user = not own_phone.is_own_only(request)
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, object]:
        kept = own_phone.is_own_only(self.request)
        return {**super().get_initial(), **({"username": self.request.user.get_username()} if kept else {})}

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if LOGIN_FAILURES_PER_ADDRESS.is_spent(client_address(request)):
            return render(request, "accounts/lockout.html", status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        user = form.get_user()
        assert isinstance(user, User)
        if own_phone.is_kept(self.request):
            own_phone.open_everything(self.request)
        elif form.cleaned_data.get("stay"):
            if Deputy.objects.filter(user=user).exists():
                own_phone.keep(self.request, user)
            else:
                messages.info(self.request, "保持登录只给代表用。您已按平常的方式登录，30分钟不用会自动退出。")
        return answer

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        LOGIN_FAILURES_PER_ADDRESS.allows(client_address(self.request))
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        context = super().get_context_data(**kwargs)
        context["own_only"] = own_phone.is_own_only(self.request)
        if settings.DEMO:
            from liaison.demo import ACCOUNTS, PASSWORD

            context |= {"accounts": ACCOUNTS, "password": PASSWORD}
        return context


class Logout(LogoutView):
    """On a phone that stays signed in, it ends there and on every other one of this account."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if own_phone.is_kept(request) and isinstance(request.user, User):
            own_phone.end_everywhere(request.user)
        return super().post(request, *args, **kwargs)


@method_decorator(login_required, name="dispatch")
class Password(PasswordChangeView):
    template_name = "accounts/password.html"
    success_url = reverse_lazy("workbench")

    def form_valid(self, form: Form | BaseModelForm) -> HttpResponse:  # type: ignore[type-arg]
        messages.success(self.request, "密码已修改，下次登录请用新密码。")
        return super().form_valid(form)  # type: ignore[arg-type]
