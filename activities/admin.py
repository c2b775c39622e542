from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.base import PageForm, RecordInline, ReferenceAdmin, ScopedAdmin, ScopedInline
from accounts.calendar import today
from accounts.models import Region, User
from accounts.paths import within
from activities import result_admin as result_admin
from activities.models import Activity, ActivityType, AnnualPlan, Attendance, PlanItem, Theme
from activities.services import change_activity


@admin.register(ActivityType)
class ActivityTypeAdmin(ReferenceAdmin):
    fields = ("code", "name", "order", "is_active")
    fixed_fields = ("code",)
    list_display = ("name", "order", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)


@admin.register(Theme)
class ThemeAdmin(ScopedAdmin):
    """主题活动. What a theme gathers hangs on it for good, so that its region is chosen once."""

    fields = ("region", "name", "parent", "starts_on", "ends_on", "plan")
    fixed_fields = ("region",)
    list_display = ("name", "region", "parent", "starts_on", "ends_on")
    list_select_related = ("region", "parent")
    search_fields = ("name",)
    date_hierarchy = "starts_on"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "region" and isinstance(request.user, User) and request.user.scope is not None:
            kwargs["queryset"] = Region.objects.filter(within(request.user.scope, "path"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class PlanItemInline(ScopedInline):
    model = PlanItem
    fields = ("month", "title", "type")


@admin.register(AnnualPlan)
class AnnualPlanAdmin(ScopedAdmin):
    """The same rows as in the workbench, where plans are begun and published."""

    fields = ("region", "station", "group", "year", "published_on", "introduction")
    readonly_fields = ("region", "station", "group", "year", "published_on")
    inlines = (PlanItemInline,)
    list_display = ("__str__", "region", "year", "published_on")
    list_select_related = ("region", "station", "group")
    list_filter = ("year",)
    search_fields = ("station__name", "group__name", "region__name")
    search_help_text = "按联络站、小组或区域查找"

    def may_add(self, user: User) -> bool:
        return False


class AttendanceInline(RecordInline):
    model = Attendance
    fields = ("deputy", "presence", "reason", "correction")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attendance]:
        return super().get_queryset(request).select_related("deputy")


class ActivityForm(PageForm):
    def clean_held_on(self) -> Any:
        day = self.cleaned_data["held_on"]
        if day > today() and self.instance.status != Activity.Status.PLANNED:
            raise ValidationError("已开展的活动，日期不能晚于今天。")
        return day


@admin.register(Activity)
class ActivityAdmin(ScopedAdmin):
    """Read and corrected. Activities are logged in the workbench, and their status changes by its verbs alone."""

    form = ActivityForm
    keeper = "region_path"
    fieldsets = (
        (None, {"fields": ("title", "type", "held_on", "place", "summary")}),
        ("参加", {"fields": ("outsiders", "lecturers", "departments", "chain")}),
        ("登记", {"fields": ("station", "group", "region", "status", "is_late", "logged_by", "logged_at")}),
    )
    readonly_fields = ("station", "group", "region", "status", "is_late", "logged_by", "logged_at")
    autocomplete_fields = ("departments", "chain")
    inlines = (AttendanceInline,)
    list_display = ("title", "type", "station", "held_on", "status", "is_late")
    list_select_related = ("type", "station", "group")
    list_filter = ("status", ("type", admin.RelatedOnlyFieldListFilter), "is_late")
    search_fields = ("title", "station__name", "group__name")
    search_help_text = "按主题、联络站或小组查找"
    date_hierarchy = "held_on"
    actions = ("publish",)

    def may_add(self, user: User) -> bool:
        return False

    @admin.action(description="公开", permissions=["change"])
    def publish(self, request: HttpRequest, activities: QuerySet[Activity]) -> None:
        assert isinstance(request.user, User)
        by = request.user
        self.each(
            request, activities, lambda activity: change_activity(activity, to=Activity.Status.PUBLISHED, by=by), "公开"
        )
