from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Value, When
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.errors import Refused
from accounts.models import ImportBatch, ImportRow, User
from accounts.pages import OfficeRequest
from deputies import imports
from deputies.forms import ConfirmForm, RosterForm

ROWS_A_PAGE = 100
BATCHES_SHOWN = 20
# What was found beside the rows is told once, after the upload; the rows themselves are kept with the batch.
REMARKS = "import_remarks"

V = ImportRow.Verdict
COUNTED = {
    "people": "代表（人）",
    "mandates": "职务（席）",
    "new": "新增",
    "changed": "变更",
}
# What needs a look comes first.
LOOK_FIRST = (V.REFUSED, V.DOUBTFUL, V.CHANGED, V.NEW, V.SAME)
ORDER = Case(
    *(When(verdict=verdict, then=Value(rank)) for rank, verdict in enumerate(LOOK_FIRST)),
    output_field=IntegerField(),
)


def batches(user: User) -> list[ImportBatch]:
    visible = ImportBatch.objects.visible_to(user).filter(kind="roster").select_related("region", "by")
    return list(visible[:BATCHES_SHOWN])


def the_batch(request: OfficeRequest, pk: int) -> ImportBatch:
    return get_object_or_404(ImportBatch.objects.visible_to(request.user).select_related("region", "by"), pk=pk)


@login_required
def upload(request: OfficeRequest) -> HttpResponse:
    if not request.user.is_congress_staff:
        raise Http404
    form = RosterForm(request.POST or None, request.FILES or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            found = imports.preview(file.read(), file.name, form.cleaned_data["region"], request.user)
        except Refused as refused:
            form.add_error("file", refused.sentence)
        else:
            request.session[REMARKS] = {"batch": found.batch.pk, "missing": found.missing, "notes": found.notes}
            return redirect("import_preview", found.batch.pk)
    return render(request, "deputies/import.html", {"form": form, "batches": batches(request.user)})


@login_required
def preview(request: OfficeRequest, pk: int) -> HttpResponse:
    batch = the_batch(request, pk)
    remarks = request.session.get(REMARKS, {})
    rows = batch.rows.order_by(ORDER, "pk")
    context = {
        "batch": batch,
        "counts": [(label, batch.counts.get(key, 0)) for key, label in COUNTED.items()],
        "missing": batch.counts.get("missing", 0),
        "refused": batch.rows.filter(verdict=V.REFUSED).count(),
        "doubtful": batch.rows.filter(verdict=V.DOUBTFUL).count(),
        "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "form": ConfirmForm(),
        "remarks": remarks if remarks.get("batch") == batch.pk else {},
    }
    return render(request, "deputies/import_preview.html", context)


@login_required
@require_POST
def confirm(request: OfficeRequest, pk: int) -> HttpResponse:
    batch = the_batch(request, pk)
    form = ConfirmForm(request.POST)
    try:
        skip = form.is_valid() and form.cleaned_data["skip_refused"]
        counts = imports.confirm(batch, request.user, skip_refused=skip)
        messages.success(request, f"已导入：新增{counts['new']}，变更{counts['changed']}。导错了可以在本页整批撤销。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("import_preview", batch.pk)


@login_required
@require_POST
def undo(request: OfficeRequest, pk: int) -> HttpResponse:
    batch = the_batch(request, pk)
    try:
        kept = imports.undo(batch, request.user)
        messages.success(request, "这一批导入已整批撤销，代表名册恢复到导入前。")
        for sentence in kept:
            messages.warning(request, sentence)
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("import_preview", batch.pk)
