"""Papers handed out: each begins with what is visible, so a case that concerns somebody prints nothing for them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache

from accounts.errors import Refused
from accounts.pages import PAGE_SIZE, OfficeRequest, only
from suggestions import paper_pages
from suggestions.models import Suggestion
from suggestions.office_views import the_case
from suggestions.papers import pdf, word

# The paper is called by the verb that it goes with: kind → the forms it is made in.
KINDS = {"transfer": ("docx", "pdf"), "reply": ("docx",), "remind": ("docx",)}
TYPES = {"docx": word.CONTENT_TYPE, "pdf": pdf.CONTENT_TYPE}


@login_required
@never_cache
def papers(request: OfficeRequest) -> HttpResponse:
    """What was handed over together, by unit and day: the way to a 问题清单."""
    only(paper_pages.prints(request.user))
    if "unit" in request.GET or "on" in request.GET:
        unit, on = _unit_and_day(request)
        given = list(paper_pages.batch(request.user, unit, on)[: paper_pages.MOST_IN_A_LIST])
        only(bool(given))
        return render(request, "suggestions/office/paper_list.html", {"given": given, "unit": given[0].unit, "on": on})
    page = Paginator(paper_pages.batches(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "suggestions/office/papers.html", {"page": page})


@login_required
@never_cache
def paper_list(request: OfficeRequest, form: str) -> HttpResponse:
    """问题清单: the cases of one unit and day, all or those chosen by `case`."""
    only(form in TYPES and paper_pages.prints(request.user))
    unit, on = _unit_and_day(request)
    given = paper_pages.batch(request.user, unit, on)
    only(given.exists())
    chosen = request.GET.getlist("case")
    if chosen:
        given = given.filter(suggestion__number__in=[number for number in chosen if number.isdecimal()])
    try:
        letter = paper_pages.hand_over(list(given), "list")
        content = _made(letter, f"transfer_{letter.form}" if form == "docx" else "transfer", form)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("papers")
    return handed_out(content, f"问题清单-{letter.unit}-{on}.{form}", TYPES[form])


@login_required
@never_cache
def paper(request: OfficeRequest, number: str, kind: str, form: str) -> HttpResponse:
    only(form in KINDS.get(kind, ()))
    case = the_case(request.user, number)
    try:
        name, letter, template = _letter(request, case, kind)
        content = _made(letter, "transfer" if form == "pdf" else template, form)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("suggestion", case.number)
    return handed_out(content, f"{name}-{case.number}.{form}", TYPES[form])


def _letter(request: OfficeRequest, case: Suggestion, kind: str) -> tuple[str, Any, str]:
    """The name of the paper, its letter and its template."""
    user = request.user
    if kind == "reply":
        reply = _asked(request, "reply", _of(paper_pages.answers(user), case))
        return "答复函", paper_pages.answer(reply, _addressee(request, case)), "reply"
    if kind == "remind":
        late = _asked(request, "assignment", paper_pages.reminders(user, case).select_related("unit"))
        return "督办通知单", paper_pages.reminder(late, user), "remind"
    given = _asked(request, "assignment", paper_pages.ready(_of(paper_pages.hand_overs(user), case)))
    return paper_pages.form_name(case), paper_pages.hand_over([given], case.kind), f"transfer_{case.kind}"


def _of(rows: QuerySet[Any], case: Suggestion) -> QuerySet[Any]:
    return rows.filter(suggestion=case)


def _asked(request: HttpRequest, name: str, rows: QuerySet[Any]) -> Any:
    """The row that the address names, else the newest."""
    typed = request.GET.get(name)
    if typed is not None:
        return get_object_or_404(rows, pk=_key(typed))
    newest = rows.order_by("-pk").first()
    only(newest is not None)
    return newest


def _addressee(request: HttpRequest, case: Suggestion) -> Any:
    signers = {deputy.pk if deputy else None: deputy for deputy in paper_pages.addressees_of(case)}
    typed = request.GET.get("to")
    asked = next(iter(signers)) if typed is None else _key(typed)
    only(asked in signers)
    return signers[asked]


def _unit_and_day(request: HttpRequest) -> tuple[int, date]:
    try:
        return _key(request.GET.get("unit", "")), date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        only(False)
        raise


def _key(typed: str) -> int:
    only(typed.isascii() and typed.isdecimal() and len(typed) < 19)
    return int(typed)


def _made(letter: Any, template: str, form: str) -> bytes:
    return pdf.write(template, letter) if form == "pdf" else word.write(template, letter)


def handed_out(content: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    safe = re.sub(r'[\\/:*?"<>|\x00-\x1f\x7f]', "", name)
    response["Content-Disposition"] = content_disposition_header(True, safe) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
