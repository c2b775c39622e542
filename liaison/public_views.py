from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.calendar import today
from accounts.models import Level, Organization, Region
from accounts.pages import KeysetPage, hand_out, led_back
from accounts.paths import within
from activities.models import Activity, ActivityPhoto
from deputies.codes import qr_png, qr_svg
from deputies.models import Consent, Deputy, ScanCount
from deputies.services import code_for
from liaison.wall import read_deputy, read_station
from stations.models import Station, StationPhoto
from suggestions.public_views import ended, print_code, valid_codes, was_in_office

log = logging.getLogger(__name__)

PAGE_SIZE = 20
YEAR = 365 * 24 * 60 * 60


# Finding a station


MOST_PLACES = 200


def places(inside: Region | None = None) -> list[Region]:
    """Regions that take part, one step down: those with a congress organ. Without `inside` the cities, or the counties."""
    organs = Organization.objects.congress_organs().values("region")
    taking_part = Region.objects.filter(pk__in=organs).order_by("path")
    if inside is not None and inside.level not in (Level.NATION, Level.PROVINCE):
        return list(taking_part.filter(parent=inside)[:MOST_PLACES])
    here = taking_part.within(inside) if inside is not None else taking_part
    cities = list(here.filter(level=Level.CITY)[:MOST_PLACES])
    return cities or list(here.filter(level=Level.COUNTY)[:MOST_PLACES])


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "liaison/public/home.html", {"places": places(), "year": today().year})


class FindForm(forms.Form):
    """Where and what kind of station. Whatever is typed wrong asks nothing."""

    q = forms.CharField(label="站名、地点或依托单位", max_length=40, required=False)
    region = forms.ChoiceField(label="区域", required=False)
    kind = forms.ChoiceField(label="类型", choices=[("", "全部"), *Station.Kind.choices], required=False)

    def __init__(self, *args: Any, region: Region | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["region"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "全部"), *_region_choices(region)]


def _region_choices(region: Region | None) -> list[tuple[str, str]]:
    """The way up, the chosen region, and one step down."""
    below = [(place.code, place.name) for place in places(region)]
    if region is None:
        return below
    way, above = [(region.code, region.name)], region.parent
    while above is not None and above.level not in (Level.NATION, Level.PROVINCE):
        way.insert(0, (above.code, above.name))
        above = above.parent
    return [*way, *((code, f"　{name}") for code, name in below)]


def matching(typed: str) -> Q:
    """Every word stands in the name, the host, the address, the bases or the region of the station."""
    found = Q()
    for word in typed.split()[:5]:
        found &= (
            Q(name__icontains=word)
            | Q(host_name__icontains=word)
            | Q(address__icontains=word)
            | Q(bases__icontains=word)
            | Q(region__name__icontains=word)
            | Q(region__parent__name__icontains=word)
        )
    return found


def by_place(rows: QuerySet[Station], query: Any) -> KeysetPage[Station]:
    """Twenty stations in the order of the map, from the one the query names: page 900 costs like page 1."""
    backwards = "before" in query
    path, _, pk = str(query.get("before") or query.get("after") or "").partition("~")
    if path.isdecimal() and pk.isdecimal():
        at, key = Q(region__path=path), min(int(pk), 2**63 - 1)
        rows = rows.filter(
            Q(region__path__lt=path) | at & Q(pk__lt=key)
            if backwards
            else Q(region__path__gt=path) | at & Q(pk__gt=key)
        )
    else:
        backwards = False
    order = ("-region__path", "-pk") if backwards else ("region__path", "pk")
    found = list(rows.order_by(*order)[: PAGE_SIZE + 1])
    more, shown = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    if backwards:
        shown.reverse()
    kept = [(name, query[name]) for name in ("q", "region", "kind") if query.get(name)]

    def to(direction: str, row: Station) -> str:
        return urlencode([*kept, (direction, f"{row.region.path}~{row.pk}")])

    has_previous = more if backwards else bool(pk)
    has_next = backwards or more
    return KeysetPage(
        shown,
        to("before", shown[0]) if shown and has_previous else "",
        to("after", shown[-1]) if shown and has_next else "",
    )


@require_safe
def stations(request: HttpRequest) -> HttpResponse:
    code = request.GET.get("region", "")
    region = (
        Region.objects.filter(code=code).select_related("parent__parent__parent").first() if code.isdecimal() else None
    )
    form = FindForm(request.GET, region=region)
    form.is_valid()
    asked = form.cleaned_data
    found = Station.objects.public().select_related("region__parent")
    if region is not None:
        found = found.filter(within(region.path))
    if asked.get("kind"):
        found = found.filter(kind=asked["kind"])
    if asked.get("q"):
        found = found.filter(matching(asked["q"]))
    context = {
        "form": form,
        "region": region,
        "page": by_place(found, request.GET),
        "asked": any(asked.values()),
    }
    return render(request, "liaison/public/stations.html", context)


# The pages behind the codes


def scanned(code: str, own: Q) -> bool:
    """Whether the code is in use for this page, and if so one more in the day's scans."""
    found = valid_codes(code).filter(own).values_list("pk", flat=True).first()
    if found is None:
        return False
    count_scan(found)
    return True


def count_scan(code: int) -> None:
    """Add one to the day's scans. A count that fails never fails the page."""
    try:
        with transaction.atomic():
            if not _one_more(code):
                ScanCount.objects.bulk_create([ScanCount(code_id=code, day=today())], ignore_conflicts=True)
                _one_more(code)
    except DatabaseError:
        log.warning("a scan was not counted", exc_info=True)


def _one_more(code: int) -> int:
    return ScanCount.objects.filter(code=code, day=today()).update(count=F("count") + 1)


def with_code(url: str, code: str) -> str:
    """The form's address keeps the code the visit came by, so that its channel is known."""
    return f"{url}?{urlencode({'c': code})}" if code else url


@require_safe
def station(request: HttpRequest, slug: str) -> HttpResponse:
    page, code = read_station(slug), print_code(request)
    if page is None or page.life == Station.Life.PLANNED:
        raise Http404
    if page.life == Station.Life.CLOSED:
        return ended(request)
    if code and not scanned(code, Q(station__slug=slug) | Q(post__station__slug=slug)):
        return ended(request)
    context = {"page": page, "suggest": with_code(f"/s/{slug}/suggest/", code)}
    return render(request, "liaison/public/station.html", context)


@require_safe
def deputy(request: HttpRequest, slug: str) -> HttpResponse:
    page, code = read_deputy(slug), print_code(request)
    if page is None:
        raise Http404
    if not page.is_in_office:
        if was_in_office(Deputy(pk=page.pk)):
            return ended(request)
        raise Http404
    if code and not scanned(code, Q(deputy__slug=slug)):
        return ended(request)
    context = {"page": page, "suggest": with_code(f"/d/{slug}/suggest/", code)}
    return render(request, "liaison/public/deputy.html", context)


# Codes and pictures

PICTURES: dict[str, tuple[Callable[[str], str | bytes], str]] = {
    "svg": (qr_svg, "image/svg+xml"),
    "png": (qr_png, "image/png"),
}


def picture_of(address: str, form: str, name: str) -> HttpResponse:
    if form not in PICTURES:
        raise Http404
    draw, content_type = PICTURES[form]
    response = HttpResponse(draw(settings.SITE_URL.rstrip("/") + address), content_type=content_type)
    response["Content-Disposition"] = f'inline; filename="{name}.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def station_qr(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """Who serves or keeps the station gets the code that hangs on its wall, issued at the first time; anybody the plain address."""
    found = get_object_or_404(Station.objects.public(), slug=slug)
    serves = Station.objects.visible_to(request.user).filter(pk=found.pk).exists()
    code = code_for(found).code if serves else ""
    return picture_of(with_code(f"/s/{slug}/", code), form, slug)


@require_safe
def deputy_qr(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    found = get_object_or_404(Deputy.objects.public(), slug=slug)
    keeps = Deputy.objects.visible_to(request.user).filter(pk=found.pk).exists()
    code = code_for(found).code if keeps else ""
    return picture_of(with_code(f"/d/{slug}/", code), form, slug)


@require_safe
def station_photo(request: HttpRequest, slug: str, pk: int) -> FileResponse:
    photo = get_object_or_404(StationPhoto, pk=pk, station__in=Station.objects.public().filter(slug=slug))
    return hand_out(photo.image)


@require_safe
def deputy_photo(request: HttpRequest, slug: str) -> FileResponse:
    given = Consent.objects.given().filter(field=Consent.Field.PHOTO)
    found = get_object_or_404(
        Deputy.objects.public().filter(pk__in=given.values("deputy")).exclude(photo=""), slug=slug
    )
    return hand_out(found.photo)


@require_safe
def activity_photo(request: HttpRequest, pk: int, photo: int) -> FileResponse:
    found = get_object_or_404(ActivityPhoto, pk=photo, activity__in=Activity.objects.public().filter(pk=pk))
    return hand_out(found.image)


# Standing texts, the large print, the machine's questions


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "liaison/public/privacy.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "liaison/public/accessibility.html")


@require_POST
def size(request: HttpRequest) -> HttpResponse:
    """长辈版 on or off, and back to where one was: an address of our own, or home."""
    response = led_back(request, reverse("home"))
    chosen = "large" if request.POST.get("size") == "large" else "normal"
    response.set_cookie(
        "size", chosen, max_age=YEAR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
    return response


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        log.exception("the database does not answer")
        return HttpResponse("database\n", content_type="text/plain; charset=utf-8", status=503)
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


# Errors: pages that need no database and are the same for every address


@dataclass(frozen=True)
class _Bare:
    """All a bare page asks of a request."""

    COOKIES: dict[str, str]


def _bare(request: HttpRequest, template: str, status: int) -> HttpResponse:
    context = {"SITE": settings.SITE, "request": _Bare(request.COOKIES)}
    return HttpResponse(render_to_string(template, context), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _bare(request, "400.html", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _bare(request, "403.html", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _bare(request, "404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """A database that is away or too busy is nobody's mistake: come again (503). Called while the error is handled."""
    away = isinstance(sys.exception(), OperationalError | InterfaceError)
    return _bare(request, "503.html", 503) if away else _bare(request, "500.html", 500)
