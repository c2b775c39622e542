"""What was taken up of opinions, in the back office: read and corrected; entered from a paper in the workbench."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin.base import ScopedAdmin
from accounts.models import User
from suggestions.models import OpinionAdoption


@admin.register(OpinionAdoption)
class OpinionAdoptionAdmin(ScopedAdmin):
    keeper = "suggestion__region_path"
    fields = ("suggestion", "use", "adopted_on", "adopted_by", "document", "logged_by")
    readonly_fields = ("suggestion", "logged_by")
    list_display = ("suggestion", "use", "adopted_on", "adopted_by", "document")
    list_select_related = ("suggestion",)
    list_filter = ("use",)
    search_fields = ("suggestion__number", "adopted_by", "document")
    search_help_text = "按受理编号、采纳机关或文件查找"
    date_hierarchy = "adopted_on"

    def may_add(self, user: User) -> bool:
        return False
