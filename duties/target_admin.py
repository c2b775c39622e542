"""年度任务 in the back office: each region sets its own, and sees those above that hold for it."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.base import ScopedAdmin
from duties.models import Target
from duties.progress import in_words


@admin.register(Target)
class TargetAdmin(ScopedAdmin):
    fields = ("region", "year", "of", "station_kind", "group_kind", "rule", "types", "span", "least")
    autocomplete_fields = ("region",)
    filter_horizontal = ("types",)
    list_display = ("words", "region", "year", "span", "least")
    list_select_related = ("region",)
    list_filter = ("year", "of", "span")
    search_fields = ("region__name",)
    search_help_text = "按区域名称查找"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Target]:
        return super().get_queryset(request).prefetch_related("types")

    @admin.display(description="任务")
    def words(self, target: Target) -> str:
        return in_words(target)

    def has_delete_permission(self, request: HttpRequest, obj: Target | None = None) -> bool:
        """A target is a wish, no record: one that was set by mistake is taken out."""
        return self.has_change_permission(request, obj)
