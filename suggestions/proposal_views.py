"""代表建议 as a draft: what its lead writes before it becomes a case. From the submission on it is a case like any other."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from accounts.errors import Refused
from accounts.forms import refuse
from accounts.pages import OfficeRequest, only
from deputies.models import Deputy
from suggestions import services
from suggestions.forms.joining import ProposalForm
from suggestions.models import Suggestion
from suggestions.services import proposals
from suggestions.workflow import Kind, Status


@login_required
@never_cache
def propose(request: OfficeRequest) -> HttpResponse:
    only(Deputy.objects.filter(user=request.user).exists())
    seats = proposals.own_seats(request.user)
    if not seats.exists():
        return render(request, "suggestions/office/propose_not.html", status=403)
    form = ProposalForm(request.POST or None, seats=seats)
    if request.method == "POST" and form.is_valid():
        try:
            said, key = form.cleaned_data["invited"], form.cleaned_data["key"]
            case = proposals.draft(form.written(), by=request.user, cosigners=said, form_key=key)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, "草稿已保存。核对后点“提交”，人大机构才会收到。")
            return redirect("suggestion", case.number)
    return render(request, "suggestions/office/propose.html", {"form": form})


@login_required
@never_cache
def edit_proposal(request: OfficeRequest, number: str) -> HttpResponse:
    own = Suggestion.objects.visible_to(request.user).filter(lead__user=request.user, kind=Kind.PROPOSAL)
    case = get_object_or_404(own.select_related("lead", "congress__region", "region"), number=number)
    if case.status != Status.DRAFT:
        messages.error(request, f"这件建议现在是“{Status(case.status).label}”，不能再改；要改的请人大机构退回修改。")
        return redirect("suggestion", case.number)
    seats = proposals.own_seats(request.user)
    if not seats.exists():
        return render(request, "suggestions/office/propose_not.html", status=403)
    form = ProposalForm(request.POST or None, seats=seats, proposal=case)
    if request.method == "POST" and form.is_valid():
        try:
            cleared = saved(case, form, request)
        except Refused as refused:
            refuse(form, refused)
        else:
            again = "内容有改动，联名代表要重新确认。" if cleared else ""
            messages.success(request, f"草稿已保存。{again}")
            return redirect("suggestion", case.number)
    signed = case.cosignatures.confirmed().exists()
    return render(request, "suggestions/office/propose.html", {"form": form, "case": case, "signed": signed})


def saved(case: Suggestion, form: ProposalForm, request: OfficeRequest) -> bool:
    if form.cleaned_data["version"] not in (None, case.version):
        raise services.Conflict(services.who_was_first(case))
    return proposals.edit(case, form.written(), by=request.user, cosigners=form.cleaned_data["invited"])
