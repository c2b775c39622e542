from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import limits
from accounts.errors import Refused
from accounts.forms import refuse
from accounts.pages import hand_out
from deputies.models import Deputy, Mandate, PrintCode
from stations.models import Station
from suggestions import services
from suggestions.codes import form_key_hash, matches, query_code
from suggestions.forms.public import FeedbackForm, RequestReopenForm, SuggestForm, TrackForm, WithdrawForm
from suggestions.models import Event, Suggestion
from suggestions.public_pages import SHOWN, read_case, tracked
from suggestions.workflow import WITHDRAWABLE

RECEIPT = "receipt"
OPEN_CASE = "open_case"
HALF_AN_HOUR = 30 * 60

TOO_MANY = (
    "这里短时间内提交得太多，这一件还没有登记。您写的内容还在下面，请10分钟后再点“提交”；"
    "着急的事，请直接打联络站的电话或到站里来。"
)
NOT_FOUND = "没有查到：编号或查询码不对。请照着回执，把两行数字都再输一次。"
LOOK_AGAIN = "为保护您的信息，查询结果只打开30分钟。请再输一次编号和查询码。"
MOVED_ON = "这件事刚刚有了新的进展，您的操作没有保存。请看过最新情况再办。"


# Submitting


@dataclass(frozen=True)
class Addressee:
    """To whom a form is addressed: a station, or a deputy."""

    title: str
    url: str
    phone: str
    by_code: bool
    station: Station | None = None
    deputy: Deputy | None = None

    def submit(self, form: SuggestForm) -> Suggestion:
        return services.submit(
            form.statement(),
            form_key=form.cleaned_data["key"],
            station=self.station,
            deputy=self.deputy,
            channel=Suggestion.Channel.CODE if self.by_code else Suggestion.Channel.WEB,
            photos=form.cleaned_data["photos"],
        )


def ended(request: HttpRequest) -> HttpResponse:
    """已停用: a code unknown or revoked, a closed station, a deputy who left. Who or what it was is not said."""
    response = render(request, "suggestions/public/ended.html", status=410)
    response["Cache-Control"] = "no-store"
    return response


def was_in_office(deputy: Deputy) -> bool:
    """A seat suspended or ended: the page existed. One elected and not yet sitting never had one."""
    past = (Mandate.Status.SUSPENDED, Mandate.Status.ENDED)
    return Mandate.objects.filter(deputy=deputy, status__in=past).exists()


def print_code(request: HttpRequest) -> str:
    """The printed code the visit came by, as it was sent; empty where there is none."""
    return request.GET.get("c", "")


def valid_codes(code: str) -> QuerySet[PrintCode]:
    """The printed code if it is in use. What never was a code is not asked for: a null character ends in an error."""
    valid = PrintCode.objects.valid()
    return valid.filter(code=code) if code.isascii() and code.isalnum() else valid.none()


def came_by_a_dead_code(request: HttpRequest, by_code: bool) -> bool:
    """Unknown, revoked or another page's: the page is not shown. Whoever sends a form already written is let through."""
    return bool(print_code(request)) and not by_code and request.method != "POST"


def suggest_to_station(request: HttpRequest, slug: str) -> HttpResponse:
    own = Q(station=OuterRef("pk")) | Q(post__station=OuterRef("pk"))
    code = Exists(valid_codes(print_code(request)).filter(own))
    stations = Station.objects.select_related("region").annotate(by_code=code)
    station = get_object_or_404(stations, slug=slug)
    if station.life == Station.Life.CLOSED:
        return ended(request)
    if not station.is_public:
        raise Http404
    url = reverse("station", args=[slug])
    by_code: bool = station.by_code  # type: ignore[attr-defined]
    if came_by_a_dead_code(request, by_code):
        return ended(request)
    return suggest(request, Addressee(station.name, url, station.phone, by_code, station=station))


def suggest_to_deputy(request: HttpRequest, slug: str) -> HttpResponse:
    code = Exists(valid_codes(print_code(request)).filter(deputy=OuterRef("pk")))
    sitting = Exists(Mandate.objects.in_office().filter(deputy=OuterRef("pk")))
    deputies = Deputy.objects.select_related("region").annotate(by_code=code, sits=sitting)
    deputy = get_object_or_404(deputies, slug=slug)
    if not deputy.sits:  # type: ignore[attr-defined]
        if was_in_office(deputy):
            return ended(request)
        raise Http404
    url = reverse("deputy", args=[slug])
    by_code: bool = deputy.by_code  # type: ignore[attr-defined]
    if came_by_a_dead_code(request, by_code):
        return ended(request)
    return suggest(request, Addressee(f"{deputy.name}代表", url, "", by_code, deputy=deputy))


@require_http_methods(["GET", "HEAD", "POST"])
def suggest(request: HttpRequest, to: Addressee) -> HttpResponse:
    if request.method != "POST":
        return suggest_page(request, to, SuggestForm())
    address = limits.client_address(request)
    if not limits.SUBMIT_TRIES_PER_ADDRESS.allows(address):
        return braked(request, to, SuggestForm(request.POST))  # without the files: nothing is drawn anew for a flood
    form = SuggestForm(request.POST, request.FILES)
    if form.is_valid():
        if not limits.SUBMISSIONS_PER_ADDRESS.allows(address):
            return braked(request, to, form)
        try:
            case = to.submit(form)
        except Refused as refused:
            refuse(form, refused)
        else:
            if form.is_of(case):
                return to_receipt(form.cleaned_data["key"])
        form.remind_of_photos()
    return suggest_page(request, to, form)


def braked(request: HttpRequest, to: Addressee, form: SuggestForm) -> HttpResponse:
    form.add_error(None, TOO_MANY)
    form.remind_of_photos()
    return suggest_page(request, to, form, status=429)


def suggest_page(request: HttpRequest, to: Addressee, form: SuggestForm, status: int = 200) -> HttpResponse:
    crumbs = [("联络站", reverse("stations")), (to.title, to.url), ("反映问题", "")]
    response = render(
        request, "suggestions/public/suggest.html", {"to": to, "form": form, "breadcrumbs": crumbs}, status=status
    )
    # Kept by the own browser, so that going back shows the same form with the same key; by nobody else.
    response["Cache-Control"] = "private"
    return response


def to_receipt(key: str) -> HttpResponse:
    """The receipt is made anew from the form's key, which the browser keeps signed: no row remembers who got which."""
    response = HttpResponseRedirect(reverse("receipt"))
    response.set_signed_cookie(
        RECEIPT,
        key,
        salt=RECEIPT,
        max_age=HALF_AN_HOUR,
        path=reverse("receipt"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_safe
@never_cache
def receipt(request: HttpRequest) -> HttpResponse:
    key = request.get_signed_cookie(RECEIPT, default=None, salt=RECEIPT, max_age=HALF_AN_HOUR)
    if key is None:
        return redirect("track")
    cases = Suggestion.objects.select_related("station", "deputy", "holder")
    case = get_object_or_404(cases, form_key_hash=form_key_hash(key))
    return render(request, "suggestions/public/receipt.html", {"case": case, "query_code": query_code(key)})


# Following a case


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def track(request: HttpRequest) -> HttpResponse:
    """The look-up, always by POST. `?case=` shows the case that is open for this browser, and nothing to anybody else."""
    if request.method == "POST":
        return look_up(request)
    number = request.GET.get("case")
    case = open_case(request, number) if number else None
    return case_page(request, case) if case else track_page(request, TrackForm())


def look_up(request: HttpRequest) -> HttpResponse:
    form = TrackForm(request.POST)
    if not form.is_valid():
        return track_page(request, form)
    number, code = form.cleaned_data["number"], form.cleaned_data["query_code"]
    if not may_try(request, number):
        return render(request, "429.html", {"message": limits.TRY_LATER}, status=429)
    # A case without a code, a deputy's proposal, opens to no code.
    case = tracked().filter(number=number).exclude(code_hash="").first()
    if not matches(code, case.code_hash if case else "") or case is None:
        # A fresh form, with nothing of what was typed: the answer to a wrong code and to a number that is not, alike.
        return track_page(request, TrackForm(), sentence=NOT_FOUND)
    request.session.cycle_key()
    request.session[OPEN_CASE] = {
        "number": case.number,
        "until": int(time.time()) + HALF_AN_HOUR,
        "code": case.code_hash,
    }
    return case_page(request, case)


def may_try(request: HttpRequest, number: str) -> bool:
    """Looking again at what is open is no guess. Every other try counts, right or wrong (security.md, T7)."""
    if open_number(request) == number:
        return True
    address = limits.client_address(request)
    return (
        limits.TRACK_TRIES_PER_NUMBER_AND_ADDRESS.allows(number, address)
        and limits.TRACK_TRIES_PER_ADDRESS.allows(address)
        and limits.TRACK_TRIES_PER_NUMBER.allows(number)
    )


def track_page(request: HttpRequest, form: TrackForm, sentence: str = "") -> HttpResponse:
    return render(request, "suggestions/public/track.html", {"form": form, "sentence": sentence})


def open_number(request: HttpRequest) -> str | None:
    """The number of the one case a right look-up has opened for this browser, for half an hour."""
    kept: dict[str, Any] = request.session.get(OPEN_CASE) or {}
    return kept["number"] if kept and kept["until"] > time.time() else None


def open_case(request: HttpRequest, number: str | None = None) -> Suggestion | None:
    """That case. With `number` only if it is this one: of two tabs, the older must not act on the newer's case."""
    opened = open_number(request)
    if opened is None or number not in (None, opened):
        return None
    # A code reissued meanwhile closes what the old one had opened.
    return tracked().filter(number=opened, code_hash=request.session[OPEN_CASE].get("code", "")).first()


def case_page(request: HttpRequest, case: Suggestion, **filled: forms.Form) -> HttpResponse:
    blank = {"feedback_form": FeedbackForm(), "reopen_form": RequestReopenForm(), "withdraw_form": WithdrawForm()}
    context = {"page": read_case(case), "case": case, **blank, **filled}
    return render(request, "suggestions/public/case.html", context)


@require_POST
@never_cache
def feedback(request: HttpRequest) -> HttpResponse:
    return act(request, "feedback_form", FeedbackForm(request.POST), services.feedback, "评价已收到，谢谢您。")


@require_POST
@never_cache
def request_reopen(request: HttpRequest) -> HttpResponse:
    thanks = "申请已收到，由{case.holder}决定是否重新受理。"
    return act(request, "reopen_form", RequestReopenForm(request.POST), services.request_reopen, thanks)


@require_POST
@never_cache
def withdraw(request: HttpRequest) -> HttpResponse:
    """Asked once more before it is done: what is withdrawn does not come back."""
    case = open_case(request, request.POST.get("case"))
    if case is not None and case.status in WITHDRAWABLE and "confirm" not in request.POST:
        return render(request, "suggestions/public/withdraw.html", {"case": case})
    return act(request, "withdraw_form", WithdrawForm(request.POST), services.withdraw, "已撤回，不再办理。")


def act(request: HttpRequest, name: str, form: forms.Form, service: Callable[..., Event], thanks: str) -> HttpResponse:
    """The submitter says a verb on the open case. The form is named so that its page shows it again where it fails."""
    case = open_case(request, request.POST.get("case"))
    if case is None:
        messages.info(request, LOOK_AGAIN)
        return redirect("track")
    if form.is_valid():
        try:
            service(case, **form.cleaned_data)
        except (services.Conflict, IntegrityError):  # whose sentence would name the clerk who was first
            messages.error(request, MOVED_ON)
            return shown(case)
        except Refused as refused:
            if services.has_moved_on(case):
                messages.error(request, MOVED_ON)
                return shown(case)
            refuse(form, refused)
        else:
            messages.success(request, thanks.format(case=case))
            return shown(case)
    return case_page(request, case, **{name: form})


def shown(case: Suggestion) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('track')}?case={case.number}")


@require_safe
def photo(request: HttpRequest, pk: int) -> FileResponse:
    case = open_case(request)
    if case is None:
        raise Http404
    found = get_object_or_404(case.attachments.filter(kind__in=SHOWN), pk=pk)
    return hand_out(found.file)
