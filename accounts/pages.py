"""What pages behind the login share: who asks, a page of a long list, a file handed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest

from accounts.models import User

Row = TypeVar("Row", bound=Model)

PAGE_SIZE = 30


class OfficeRequest(HttpRequest):
    """A request that `login_required` has let through."""

    user: User


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

    `by` is a date or a datetime that is never null in the queryset.
    """
    size = PAGE_SIZE
    before = _cursor(query.get("before"))
    after = None if before else _cursor(query.get("after"))
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


def _cursor(typed: Any) -> tuple[date | datetime, int] | None:
    moment, _, pk = str(typed or "").partition("~")
    try:
        at = datetime.fromisoformat(moment) if "T" in moment else date.fromisoformat(moment)
        if isinstance(at, datetime) and at.tzinfo is None:
            return None
        return at, min(int(pk), 2**63 - 1)
    except ValueError:
        return None


def hand_out(file: FieldFile, content_type: str) -> FileResponse:
    """A stored file to somebody who may see it: a picture drawn anew by us is shown, anything else only saved."""
    try:
        response = FileResponse(
            file.open("rb"),
            as_attachment=not content_type.startswith("image/"),
            content_type=content_type,
            filename=str(file.name).rsplit("/", 1)[-1],
        )
    except FileNotFoundError as error:
        raise Http404 from error
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
