from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from accounts.admin.base import ScopedAdmin
from accounts.calendar import today
from accounts.errors import Refused
from accounts.forms import refuse
from accounts.models import User
from deputies.admin.people import marked_kept, move_link
from deputies.forms.acts import REASONS_TO_CHOOSE
from deputies.models import (
    Mandate,
)
from deputies.services import MOVES, change_mandate


class StatusForm(forms.Form):
    """What the page of a status change asks for; what is possible depends on the status now."""

    to = forms.ChoiceField(label="改为")
    reason = forms.ChoiceField(
        label="原因",
        required=False,
        choices=[("", "---------"), *REASONS_TO_CHOOSE],
        help_text="暂停和终止要选择。",
    )
    on = forms.DateField(label="日期", widget=AdminDateWidget, initial=today, help_text="不能晚于今天。")

    def __init__(self, *args: Any, status: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        possible = [target for target in Mandate.Status if target in MOVES[Mandate.Status(status)]]
        self.fields["to"].choices = [(target.value, target.label) for target in possible]  # type: ignore[attr-defined]


@admin.register(Mandate)
class MandateAdmin(ScopedAdmin):
    keeper = "deputy__region__path"
    fields = (
        "deputy",
        "congress",
        "constituency",
        "kind",
        "card_number",
        "since",
        "status",
        "reason",
        "ended_on",
        "move",
    )
    readonly_fields = ("deputy", "congress", "status", "reason", "ended_on", "move")
    autocomplete_fields = ("constituency",)
    list_display = ("deputy", "congress", "constituency", "status", "since", "move")
    list_select_related = ("deputy", "congress__region", "constituency")
    list_filter = ("status", "kind", ("congress", admin.RelatedOnlyFieldListFilter))
    search_fields = ("deputy__name", "card_number", "constituency__name")
    search_help_text = "按代表姓名、代表证号或选区查找"

    def may_add(self, user: User) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mandate]:
        return marked_kept(super().get_queryset(request), request)

    def get_urls(self) -> list[URLPattern]:
        page = path("<int:pk>/status/", self.admin_site.admin_view(self.status_page), name="mandate_status")
        return [page, *super().get_urls()]

    def status_page(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        mandate = self.found(request, str(pk))
        if not self.has_change_permission(request, mandate):
            raise PermissionDenied
        form = StatusForm(request.POST or None, status=mandate.status)
        if form.is_valid() and self._moved(request, mandate, form):
            self.message_user(
                request, f"{mandate.deputy}的代表职务已改为“{mandate.get_status_display()}”。", messages.SUCCESS
            )
            return redirect("admin:deputies_deputy_change", mandate.deputy_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"改变代表职务状态：{mandate.deputy}",
            "mandate": mandate,
            "form": form,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/deputies/mandate/status.html", context)

    def _moved(self, request: HttpRequest, mandate: Mandate, form: StatusForm) -> bool:
        assert isinstance(request.user, User)
        try:
            change_mandate(mandate, by=request.user, **form.cleaned_data)
        except Refused as refused:
            refuse(form, refused)
            return False
        self.log_as_changed(request, mandate, f"改为{mandate.get_status_display()}")
        return True

    @admin.display(description="办理")
    def move(self, mandate: Mandate) -> SafeString | str:
        return move_link(mandate)
