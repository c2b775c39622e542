"""What pages share: who asks, what an address may hold, a page of a long list, the way back, a file handed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core.validators import slug_re
from django.db.models import DateTimeField, Model, Q, QuerySet
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User

Row = TypeVar("Row", bound=Model)

PAGE_SIZE = 30
# Years that a date still has room around, whatever the time zone; no record is older or younger.
FIRST_YEAR, LAST_YEAR = 1970, 9000


class OfficeRequest(HttpRequest):
    """A request that `login_required` has let through."""

    user: User


def only(allowed: bool) -> None:
    """A page of a function that is not the user's looks like a page that is not there."""
    if not allowed:
        raise Http404


def a_key(typed: str) -> str:
    """A slug or code out of an address; what none looks like is a missing page. PostgreSQL fails on a NUL in a text."""
    only(slug_re.match(typed) is not None)
    return typed


@dataclass(frozen=True)
class KeysetPage(Generic[Row]):
    """One page of a list, newest first. Its neighbours are told by first and last row: page 900 costs like page 1."""

    rows: list[Row]
    previous_query: str
    next_query: str

    @property
    def has_previous(self) -> bool:
        return bool(self.previous_query)

    @property
    def has_next(self) -> bool:
        return bool(self.next_query)


def newest_first(queryset: QuerySet[Row], query: Mapping[str, Any], by: str) -> KeysetPage[Row]:
    """The page that `after=` or `before=` in the query asks for, by `-by, -pk`; a broken cursor shows the first.

    `by` is a date or a datetime, a column or an annotation, that is never null in the queryset.
    """
    size = PAGE_SIZE
    told = queryset.query.annotations.get(by)
    column = queryset.model._meta.get_field(by) if told is None else told.output_field
    is_moment = isinstance(column, DateTimeField)
    before = _cursor(query.get("before"), is_moment)
    after = None if before else _cursor(query.get("after"), is_moment)
    if before:
        newer = Q(**{f"{by}__gte": before[0]}) & (Q(**{f"{by}__gt": before[0]}) | Q(pk__gt=before[1]))
        found = list(queryset.filter(newer).order_by(by, "pk")[: size + 1])
        rows, more_before, more_after = found[:size][::-1], len(found) > size, True
    else:
        if after:
            older = Q(**{f"{by}__lte": after[0]}) & (Q(**{f"{by}__lt": after[0]}) | Q(pk__lt=after[1]))
            queryset = queryset.filter(older)
        found = list(queryset.order_by(f"-{by}", "-pk")[: size + 1])
        rows, more_before, more_after = found[:size], after is not None, len(found) > size
    kept = [(key, value) for key, value in _pairs(query) if key not in ("after", "before") and value]

    def to(direction: str, row: Row) -> str:
        return urlencode([*kept, (direction, f"{getattr(row, by).isoformat()}~{row.pk}")])

    return KeysetPage(
        rows,
        to("before", rows[0]) if rows and more_before else "",
        to("after", rows[-1]) if rows and more_after else "",
    )


def _pairs(query: Mapping[str, Any]) -> list[tuple[str, str]]:
    lists = getattr(query, "lists", None)
    if lists is None:
        return [(key, str(value)) for key, value in query.items()]
    return [(key, value) for key, values in lists() for value in values]


def _cursor(typed: Any, is_moment: bool) -> tuple[date | datetime, int] | None:
    text, _, pk = str(typed or "").partition("~")
    if not pk.isdecimal():
        return None
    try:
        at = datetime.fromisoformat(text) if is_moment else date.fromisoformat(text)
        key = min(int(pk), 2**63 - 1)
    except ValueError:
        return None
    # Of a moment, the zone is part of what a list hands out; a bare date read as one has none.
    if not FIRST_YEAR <= at.year <= LAST_YEAR or (isinstance(at, datetime) and at.tzinfo is None):
        return None
    return at, key


def led_back(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """To where the form says one was (`next`), if that is an address of our own; else to the address `otherwise`."""
    back = request.POST.get("next", "")
    local = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return HttpResponseRedirect(back if local else otherwise)


# The kinds of file that are ever stored. None of them is run by a browser.
CONTENT_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
}


def hand_out(file: FieldFile) -> FileResponse:
    """A stored file to somebody who may see it: a picture drawn anew by us is shown, anything else only saved."""
    name = str(file.name).rsplit("/", 1)[-1]
    content_type = CONTENT_TYPES.get(name.rsplit(".", 1)[-1].lower(), "application/octet-stream")
    try:
        response = FileResponse(
            file.open("rb"),
            as_attachment=not content_type.startswith("image/"),
            content_type=content_type,
            filename=name,
        )
    except FileNotFoundError as error:
        raise Http404 from error
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
