from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache

from accounts.models import Holiday
from accounts.pages import OfficeRequest, newest_first, only
from reports import promises as promise_register
from reports import register as case_register
from reports import xlsx
from reports.forms import PromisesForm, RegisterForm, above
from suggestions.permissions import handles_cases

# Written in the request; more is asked for in parts, which is also what can be read.
MOST_ROWS = 5000
ABOUT = {
    "建议办理台账": "只列您有权查看的事项，不含反映人的姓名和电话；空白为没有发生或没有登记，“未评价”不计为满意。"
    "“联名人数及名单”以前的“领衔代表”一栏，群众意见写反映人类别；“归档号”是办结事项的受理编号，材料按它保存。",
    "承诺事项台账": "只列您有权查看的事项。“已由再次答复取代”是后一轮又作了答复，原承诺不再计为未兑现。",
}


@login_required
@never_cache
def register(request: OfficeRequest) -> HttpResponse:
    """建议办理台账 (domain.md §3.8): the page shows what it has room for, the file every column of the same lines."""
    only(handles_cases(request.user))
    form = RegisterForm(request.GET, user=request.user)
    asked = form.cleaned_data if form.is_valid() else None
    cases = case_register.register(request.user, asked or {})
    size = case_register.size_of(cases if asked is not None else cases.none())
    if wants_file(request, asked):
        if size["all"] <= MOST_ROWS:
            ready = case_register.with_lines(cases.order_by("-submitted_at", "-pk"))
            return a_file("建议办理台账", case_register.COLUMNS, case_register.lines(ready))
        form.add_error(None, too_many(size["all"]))
    ready = case_register.with_lines(cases if asked is not None else cases.none())
    page = newest_first(ready, request.GET, "submitted_at")
    rows = [
        (line.case, [(label, shown(value := of(line)), isinstance(value, date)) for label, of in case_register.ON_PAGE])
        for line in case_register.lines(page.rows)
    ]
    context = {"form": form, "size": size, "page": page, "rows": rows} | around(request, "建议办理台账")
    return render(request, "reports/register.html", context)


@login_required
@never_cache
def promises(request: OfficeRequest) -> HttpResponse:
    """承诺事项台账 of class B replies (河南办法 2017 art. 23, 27): until when, and what became of it."""
    only(handles_cases(request.user))
    form = PromisesForm(request.GET, user=request.user)
    asked = form.cleaned_data if form.is_valid() else None
    found = promise_register.register(request.user, asked or {})
    found = found if asked is not None else found.none()
    count, days = found.order_by().count(), Holiday.objects.calendar()
    if wants_file(request, asked):
        if count <= MOST_ROWS:
            told = promise_register.lines(found.order_by("-promised_on", "-pk"), days)
            return a_file("承诺事项台账", promise_register.COLUMNS, told)
        form.add_error(None, too_many(count))
    page = newest_first(found, request.GET, "promised_on")
    context = {"form": form, "count": count, "page": page, "lines": promise_register.lines(page.rows, days)}
    return render(request, "reports/promises.html", context | around(request, "承诺事项台账"))


def wants_file(request: OfficeRequest, asked: dict[str, Any] | None) -> bool:
    export = request.GET.get("export", "")
    only(export in ("", "xlsx"))
    if export and asked is None:
        raise Http404
    return bool(export)


def too_many(count: int) -> str:
    return f"共{count}行，超过一次下载的{MOST_ROWS}行。请按区域、日期或状态缩小范围，再下载。"


def a_file(title: str, columns: Sequence[tuple[str, Any]], lines: Sequence[Any]) -> HttpResponse:
    heads = [label for label, _ in columns]
    content = xlsx.write_register(title, heads, [[of(line) for _, of in columns] for line in lines], ABOUT[title])
    response = HttpResponse(content, content_type=xlsx.CONTENT_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, f"{title}.xlsx") or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def shown(value: Any) -> str:
    return "—" if value is None or value == "" else str(value)


def around(request: OfficeRequest, title: str) -> dict[str, Any]:
    """What both pages have around their table: the file of the same question, whether anything was asked, the way back."""
    query = request.GET.copy()
    for name in ("after", "before", "export"):
        query.pop(name, None)
    asked = any(query.values())
    query["export"] = "xlsx"
    return {
        "asked": asked,
        "xlsx": f"?{query.urlencode()}",
        "here": request.path,
        "breadcrumbs": [above(request.user), (title, "")],
    }
