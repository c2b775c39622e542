"""Results in the back office: read and corrected. They are entered in the workbench, where the rules are asked."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.admin.base import PageForm, RecordInline, ScopedAdmin
from accounts.calendar import today
from accounts.models import User
from accounts.redaction import personal
from activities.models import Adoption, DutyReport, Mediation, ResearchReport


class _Entered(ScopedAdmin):
    keeper = "region_path"

    def may_add(self, user: User) -> bool:
        return False


class MediationForm(PageForm):
    def clean_place(self) -> str:
        found = personal(place := self.cleaned_data["place"])
        if found:
            raise ValidationError(f"地点只写到村或社区，不写当事人：请删去{found}。")
        return str(place)

    def clean_mediated_on(self) -> Any:
        day = self.cleaned_data["mediated_on"]
        if day > today():
            raise ValidationError("化解日期不能晚于今天。")
        return day


@admin.register(Mediation)
class MediationAdmin(_Entered):
    form = MediationForm
    fields = ("mediated_on", "kind", "times", "result", "place", "station", "group", "deputy", "theme", "logged_by")
    readonly_fields = ("station", "group", "deputy", "theme", "logged_by")
    list_display = ("mediated_on", "kind", "times", "result", "place", "station", "group")
    list_select_related = ("station", "group")
    list_filter = ("kind", "result")
    date_hierarchy = "mediated_on"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Entered twice or by mistake: nothing hangs on it, and times cannot be none."""
        return self.has_change_permission(request, obj)


class AdoptionInline(RecordInline):
    model = Adoption
    fields = ("use", "adopted_on", "adopted_by", "document")


class ReportForm(PageForm):
    def clean_finished_on(self) -> Any:
        day = self.cleaned_data["finished_on"]
        if day > today():
            raise ValidationError("完成日期不能晚于今天。")
        return day


@admin.register(ResearchReport)
class ResearchReportAdmin(_Entered):
    form = ReportForm
    fields = ("title", "finished_on", "problem", "text", "station", "group", "theme", "logged_by")
    readonly_fields = ("station", "group", "theme", "logged_by")
    inlines = (AdoptionInline,)
    list_display = ("title", "station", "group", "finished_on")
    list_select_related = ("station", "group")
    search_fields = ("title", "problem")
    search_help_text = "按题目或共性问题查找"
    date_hierarchy = "finished_on"


@admin.register(DutyReport)
class DutyReportAdmin(_Entered):
    keeper = "activity__region_path"
    fields = ("activity", "deputy", "voters", "satisfied", "basically", "dissatisfied", "comments", "text")
    readonly_fields = ("activity", "deputy")
    list_display = ("deputy", "activity", "voters", "satisfied", "basically", "dissatisfied")
    list_select_related = ("deputy", "activity")
    search_fields = ("deputy__name", "activity__title")
    search_help_text = "按代表姓名或活动主题查找"
