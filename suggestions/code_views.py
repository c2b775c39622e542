"""补发查询码: the one verb whose answer is a slip to take home, shown once."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from accounts.errors import Refused
from accounts.forms import refuse
from accounts.pages import OfficeRequest
from suggestions import services
from suggestions.codes import form_key_hash
from suggestions.models import Suggestion
from suggestions.office_views import (
    SLIP,
    NotNow,
    bound,
    conflicted,
    delivered,
    refused_page,
    require_current,
    the_case,
)
from suggestions.workflow import Verb


@login_required
@never_cache
def reissue_code(request: OfficeRequest, number: str) -> HttpResponse:
    case = the_case(request.user, number)
    if case.form_key_hash == form_key_hash(request.POST.get("key", "")):
        return to_slip(request, case)  # a second tap: the code of the first one stands
    said, page = delivered(Verb.REISSUE_CODE)
    try:
        form = bound(request, case, page, require_current(request, case, said))
        if request.method == "POST" and form.is_valid():
            page.call(case, by=request.user, **form.values())
            return to_slip(request, case)
    except services.Conflict as conflict:
        return conflicted(request, case, conflict)
    except NotNow as refused:
        return refused_page(request, case, said, refused)
    except Refused as refused:
        refuse(form, refused)
    return render(request, "suggestions/office/say.html", {"case": case, "verb": said, "page": page, "form": form})


def to_slip(request: OfficeRequest, case: Suggestion) -> HttpResponse:
    request.session[SLIP] = {"number": case.number, "key": request.POST["key"]}
    return redirect("slip")
