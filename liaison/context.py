from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.pages import OfficeRequest
from liaison.office_views import Hats, nav

OFFICE = "/office/"
PUBLIC = [("首页", "home"), ("联络站", "stations"), ("查询办理进度", "track")]


def site(request: HttpRequest) -> dict[str, Any]:
    """SITE for every template: name, sponsor and records of the footer, and whether this is the demo. `nav` on demand."""
    return {"SITE": settings.SITE, "nav": SimpleLazyObject(lambda: _nav(request))}


def _nav(request: HttpRequest) -> list[tuple[str, str, bool]]:
    """The office's navigation by rights; the public one is the same for everybody and asks no database."""
    if request.path.startswith(OFFICE) and request.path != reverse("login"):
        return nav(Hats(cast(OfficeRequest, request))) if request.user.is_authenticated else []
    return [(label, reverse(name), request.path == reverse(name)) for label, name in PUBLIC]
