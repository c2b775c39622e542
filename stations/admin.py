from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.base import ScopedAdmin, ScopedInline, ScopedStack
from accounts.admin.tables import ImportExportTable
from accounts.models import User
from accounts.pages import hand_out
from stations.models import Enterprise, IndustryChain, Station, StationPhoto, StationPost
from stations.resources import EnterpriseResource, IndustryChainResource, StationResource


@admin.register(IndustryChain)
class IndustryChainAdmin(ImportExportTable, ScopedAdmin):
    resource_classes = (IndustryChainResource,)
    fields = ("region", "name")
    autocomplete_fields = ("region",)
    list_display = ("name", "region")
    list_select_related = ("region",)
    search_fields = ("name", "region__name")
    search_help_text = "按产业链或区域名称查找"


@admin.register(Enterprise)
class EnterpriseAdmin(ImportExportTable, ScopedAdmin):
    resource_classes = (EnterpriseResource,)
    fields = ("region", "name", "chains", "address")
    autocomplete_fields = ("region", "chains")
    list_display = ("name", "region", "chain_names", "address")
    list_select_related = ("region",)
    list_filter = (("chains", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("name", "address", "region__name")
    search_help_text = "按企业、地址或区域名称查找"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enterprise]:
        return super().get_queryset(request).prefetch_related("chains")

    @admin.display(description="产业链")
    def chain_names(self, enterprise: Enterprise) -> str:
        return "、".join(chain.name for chain in enterprise.chains.all())


class StationPostInline(ScopedStack):
    model = StationPost
    fields = (("post", "side"), ("name", "title"), "user", ("enterprise", "organization"), ("since", "ended_on"))
    autocomplete_fields = ("enterprise", "organization")
    verbose_name_plural = "站内职务（离任填写结束日期，不删除）"

    def get_queryset(self, request: HttpRequest) -> QuerySet[StationPost]:
        return super().get_queryset(request).select_related("enterprise", "organization").order_by("ended_on", "pk")


class StationPhotoInline(ScopedInline):
    model = StationPhoto
    readonly_fields = ("picture",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A picture that is only read is shown, not named."""
        return ("picture", "image", "caption") if self.has_change_permission(request, obj) else ("picture", "caption")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A picture is no record: it may be taken down."""
        return self.has_change_permission(request, obj)

    @admin.display(description="现有照片")
    def picture(self, photo: StationPhoto) -> SafeString | str:
        if not photo.image:  # the empty row
            return ""
        return format_html(
            '<img src="{}" alt="{}" height="72">', reverse("admin:station_photo", args=[photo.pk]), photo.caption
        )


@admin.register(Station)
class StationAdmin(ImportExportTable, ScopedAdmin):
    resource_classes = (StationResource,)
    fieldsets = (
        (None, {"fields": ("name", "slug", "kind", "tier", "parent", "region")}),
        ("建设", {"fields": ("life", "opened_on", "closed_on", "host_kind", "host_name", "enterprise")}),
        ("服务", {"fields": ("chains", "bases", "address", "hours", "phone")}),
        ("对外介绍", {"fields": ("introduction", "duties")}),
    )
    fixed_fields = ("slug",)
    autocomplete_fields = ("parent", "region", "enterprise", "chains")
    inlines = (StationPostInline, StationPhotoInline)
    list_display = ("name", "kind", "tier", "life", "region", "opened_on", "members")
    list_select_related = ("region",)
    list_filter = ("kind", "life", "tier", "host_kind", ("chains", admin.RelatedOnlyFieldListFilter))
    search_fields = ("name", "slug", "host_name", "region__name")
    search_help_text = "按站名、依托单位或区域名称查找"

    @admin.display(description="代表")
    def members(self, station: Station) -> SafeString | str:
        """Chosen on a page of their own, several at a time."""
        if not station.is_public:
            return ""
        return format_html('<a href="{}">选择代表</a>', reverse("station_members", args=[station.slug]))

    def get_urls(self) -> list[URLPattern]:
        photo = path("photos/<int:pk>/", self.admin_site.admin_view(self.photo), name="station_photo")
        return [photo, *super().get_urls()]

    def photo(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        photo = StationPhoto.objects.filter(station__in=self.get_queryset(request), pk=pk).first()
        if photo is None or not self.has_view_permission(request):
            raise Http404
        return hand_out(photo.image)


@admin.register(StationPost)
class StationPostAdmin(ScopedAdmin):
    """Who holds what where. A post is given on the station's page; here it is found, corrected and ended."""

    keeper = "station__region__path"
    fields = ("station", "post", "side", "name", "title", "user", "enterprise", "organization", "since", "ended_on")
    fixed_fields = ("station",)
    autocomplete_fields = ("station", "enterprise", "organization")
    list_display = ("name", "post", "side", "station", "since", "ended_on")
    list_select_related = ("station",)
    list_filter = ("post", "side", ("ended_on", admin.EmptyFieldListFilter))
    search_fields = ("name", "title", "station__name")
    search_help_text = "按姓名、单位或站名查找"

    def may_add(self, user: User) -> bool:
        return False
