"""积分办法 in the back office: a draft is edited here, an adopted version only read; the ledger is read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts.admin.base import PageForm, PortalAdmin, RecordAdmin, ScopedAdmin, ScopedInline
from accounts.models import User
from duties.models import Declaration, Objection, PointEntry, PointItem, PointMajor, PointScheme, PointSource


class MajorInline(ScopedInline):
    model = PointMajor
    fields = ("code", "name", "cap")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(PointScheme)
class PointSchemeAdmin(ScopedAdmin):
    """It is adopted in the workbench, by a decision that is recorded there."""

    fieldsets = (
        (None, {"fields": ("region", "year", "version", "name")}),
        ("计分", {"fields": ("is_capped", "good_from", "fair_from", "items")}),
        ("采用", {"fields": ("adopted_on", "adopted_by", "basis", "page")}),
    )
    fixed_fields = ("region", "year", "version")
    readonly_fields = ("version", "items", "adopted_on", "adopted_by", "basis", "page")
    autocomplete_fields = ("region",)
    inlines = (MajorInline,)
    list_display = ("name", "region", "year", "version", "adopted_on")
    list_select_related = ("region",)
    list_filter = ("year",)
    search_fields = ("name", "region__name")
    search_help_text = "按名称或区域查找"

    def may_add(self, user: User) -> bool:
        """Drafted in the workbench, from the scheme that ships or as another version."""
        return False

    def keeps(self, user: User, obj: Any) -> bool:
        own = user.organization is not None and user.organization.region_id == obj.region_id
        return own and obj.adopted_on is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A draft is thrown away; what was adopted stays."""
        return obj is not None and obj.adopted_on is None and self.has_change_permission(request, obj)

    @admin.display(description="小项")
    def items(self, scheme: PointScheme) -> str:
        url = reverse("admin:duties_pointitem_changelist")
        count = PointItem.objects.filter(major__scheme=scheme).count()
        return format_html('<a href="{}?major__scheme__id__exact={}">{}个小项</a>', url, scheme.pk, count)

    @admin.display(description="工作台页面")
    def page(self, scheme: PointScheme) -> str:
        return format_html('<a href="{}">查看、采用</a>', reverse("scheme_page", args=[scheme.pk]))


class SourceInline(ScopedInline):
    model = PointSource
    fields = ("rule", "types", "points", "times")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(PointItem)
class PointItemAdmin(PortalAdmin):
    form = PageForm
    fields = ("major", "code", "name", "note", "most", "by_declaration", "declared_points")
    inlines = (SourceInline,)
    list_display = ("code", "name", "major", "most", "by_declaration")
    list_select_related = ("major__scheme__region",)
    list_filter = (("major__scheme", admin.RelatedOnlyFieldListFilter), "by_declaration")
    search_fields = ("code", "name")
    search_help_text = "按代号或名称查找"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PointItem]:
        seen = PointScheme.objects.visible_to(request.user)
        return super().get_queryset(request).filter(major__scheme__in=seen.values("pk"))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "major" and isinstance(request.user, User) and request.user.organization is not None:
            drafts = PointScheme.objects.filter(region=request.user.organization.region_id, adopted_on__isnull=True)
            kwargs["queryset"] = PointMajor.objects.filter(scheme__in=drafts.values("pk")).select_related("scheme")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def may_edit(self, user: User, obj: Any = None) -> bool:
        if not super().may_edit(user, obj) or obj is None:
            return super().may_edit(user, obj)
        scheme = obj.major.scheme
        own = user.organization is not None and user.organization.region_id == scheme.region_id
        return own and scheme.adopted_on is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and self.has_change_permission(request, obj)


class ReadAdmin(RecordAdmin):
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).visible_to(request.user)  # type: ignore[attr-defined,no-any-return]


@admin.register(PointEntry)
class PointEntryAdmin(ReadAdmin):
    """The database itself refuses to change its rows."""

    list_display = ("happened_on", "deputy", "item", "says", "points", "why")
    list_select_related = ("deputy", "item")
    list_filter = ("period__year", "rule")
    search_fields = ("deputy__name", "says")
    search_help_text = "按代表姓名或事由查找"
    date_hierarchy = "happened_on"


@admin.register(Declaration)
class DeclarationAdmin(ReadAdmin):
    fields = ("deputy", "item", "happened_on", "points", "vetoes", "text", "status", "declared_by", "declared_at")
    readonly_fields = fields
    list_display = ("happened_on", "deputy", "item", "text", "points", "status")
    list_select_related = ("deputy", "item")
    list_filter = ("status",)
    search_fields = ("deputy__name", "text")
    search_help_text = "按代表姓名或事由查找"


@admin.register(Objection)
class ObjectionAdmin(ReadAdmin):
    list_display = ("raised_at", "deputy", "text", "outcome")
    list_select_related = ("deputy",)
    list_filter = ("outcome",)
    search_fields = ("deputy__name", "text")
    search_help_text = "按代表姓名或异议查找"
