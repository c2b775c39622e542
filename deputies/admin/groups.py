from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest

from accounts.admin.base import ScopedAdmin, ScopedInline
from deputies.models import (
    DeputyGroup,
    GroupEntry,
    GroupMembership,
    PostHolder,
)
from deputies.services import hold_post
from stations.models import Station, StationPost


class GroupMembershipInline(ScopedInline):
    model = GroupMembership
    fields = ("deputy", "is_leader", "since", "ended_on")
    autocomplete_fields = ("deputy",)
    verbose_name_plural = "小组成员（退出填写结束日期，不删除）"

    def get_queryset(self, request: HttpRequest) -> QuerySet[GroupMembership]:
        return (
            super()
            .get_queryset(request)
            .select_related("deputy")
            .order_by(F("ended_on").desc(nulls_first=True), "-is_leader", "pk")
        )


class GroupEntryInline(ScopedInline):
    model = GroupEntry
    fields = ("station", "since", "ended_on")
    autocomplete_fields = ("station",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[GroupEntry]:
        return super().get_queryset(request).select_related("station")


@admin.register(DeputyGroup)
class DeputyGroupAdmin(ScopedAdmin):
    fields = ("region", "name", "kind", "level", "category", "chain", "since", "ended_on")
    fixed_fields = ("region",)
    autocomplete_fields = ("region", "chain")
    inlines = (GroupMembershipInline, GroupEntryInline)
    list_display = ("name", "kind", "level", "category", "region", "since")
    list_select_related = ("region",)
    list_filter = ("kind", "level", "category", ("ended_on", admin.EmptyFieldListFilter))
    search_fields = ("name", "region__name")
    search_help_text = "按小组或区域名称查找"


@admin.register(PostHolder)
class PostHolderAdmin(ScopedAdmin):
    """A station post that a deputy holds: the name on the station's page becomes the deputy's."""

    keeper = "post__station__region__path"
    fields = ("post", "deputy")
    fixed_fields = ("post",)
    autocomplete_fields = ("post", "deputy")
    list_display = ("deputy", "post_name", "station")
    list_select_related = ("deputy", "post__station")
    search_fields = ("deputy__name", "post__station__name")
    search_help_text = "按代表或联络站查找"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PostHolder]:
        rows = PostHolder.objects.filter(post__in=StationPost.objects.visible_to(request.user))
        return rows.order_by("post__station__name", "pk")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The link alone goes; the post and its dates stay."""
        return self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: PostHolder, form: Any, change: bool) -> None:
        hold_post(obj)

    @admin.display(description="职务")
    def post_name(self, holder: PostHolder) -> str:
        return holder.post.get_post_display()

    @admin.display(description="联络站")
    def station(self, holder: PostHolder) -> Station:
        return holder.post.station
