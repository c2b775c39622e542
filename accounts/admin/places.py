"""Regions, organisations, holidays, and the batches of the roster import."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.base import RecordAdmin, ReferenceAdmin, ScopedAdmin
from accounts.admin.tables import ExportTable, ImportExportTable
from accounts.models import Holiday, ImportBatch, Level, Organization, Region, User
from accounts.resources import OrganizationResource, RegionResource


class _StaffAndSystemAdmin(ScopedAdmin):
    """The house itself: congress staff within their scope, the system administrator everywhere."""

    def may_see(self, user: User) -> bool:
        return user.is_congress_staff or user.is_system_admin

    def keeps(self, user: User, obj: Any) -> bool:
        return user.is_system_admin or super().keeps(user, obj)


@admin.register(Region)
class RegionAdmin(ExportTable, _StaffAndSystemAdmin):
    """The code decides who sees what and is copied into every row below: it is given once."""

    keeper = "path"
    resource_classes = (RegionResource,)
    fields = ("code", "level", "parent", "name", "form", "statistics_code")
    fixed_fields = ("code", "level", "parent")
    autocomplete_fields = ("parent",)
    list_display = ("name", "code", "level", "form", "parent")
    list_select_related = ("parent",)
    list_filter = ("level", "form")
    search_fields = ("name", "code")
    search_help_text = "按名称或区划代码查找"

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "level":  # the nation is there already
            kwargs["choices"] = [("", "---------"), *(c for c in Level.choices if c[0] != Level.NATION)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)


@admin.register(Organization)
class OrganizationAdmin(ImportExportTable, _StaffAndSystemAdmin):
    resource_classes = (OrganizationResource,)
    fields = ("region", "name", "kind", "phone", "is_active")
    # Whose accounts see a region follows from this: an organisation does not move, a new one is opened.
    fixed_fields = ("region",)
    autocomplete_fields = ("region",)
    list_display = ("name", "kind", "region", "phone", "is_active")
    list_select_related = ("region",)
    list_filter = ("kind", "is_active", "region__level")
    search_fields = ("name", "region__name")
    search_help_text = "按机构或区域名称查找"


@admin.register(Holiday)
class HolidayAdmin(ReferenceAdmin):
    fields = ("day", "name", "is_workday")
    list_display = ("day", "name", "is_workday")
    list_filter = ("is_workday", "name")
    date_hierarchy = "day"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing points at a day, and one entered by mistake moves every deadline."""
        return self.has_change_permission(request, obj)


@admin.register(ImportBatch)
class ImportBatchAdmin(RecordAdmin, ScopedAdmin):
    fields = ("file_name", "region", "state", "by", "created_at", "written_at", "undone_at", "page")
    readonly_fields = ("page",)
    list_display = ("file_name", "region", "state", "by", "created_at", "page")
    list_select_related = ("region", "by")
    list_filter = ("state",)
    search_fields = ("file_name",)
    date_hierarchy = "created_at"

    @admin.display(description="明细")
    def page(self, batch: ImportBatch) -> SafeString:
        return format_html('<a href="{}">查看逐行结果</a>', reverse("import_preview", args=[batch.pk]))
