from __future__ import annotations

from django.contrib import admin

from accounts.admin.base import ScopedAdmin, ScopedInline
from deputies.models import (
    Congress,
    Constituency,
    Session,
)


class SessionInline(ScopedInline):
    model = Session
    fields = ("ordinal", "opened_on", "closed_on")
    extra = 0


@admin.register(Congress)
class CongressAdmin(ScopedAdmin):
    inlines = (SessionInline,)
    fields = ("region", "ordinal", "first_met_on", "ended_on")
    fixed_fields = ("region",)
    autocomplete_fields = ("region",)
    list_display = ("__str__", "first_met_on", "ended_on")
    list_select_related = ("region",)
    list_filter = ("region__level", ("ended_on", admin.EmptyFieldListFilter))
    search_fields = ("region__name",)
    search_help_text = "按区域名称查找"


@admin.register(Constituency)
class ConstituencyAdmin(ScopedAdmin):
    keeper = "congress__region__path"
    fields = ("congress", "name", "seats")
    fixed_fields = ("congress",)
    autocomplete_fields = ("congress",)
    list_display = ("name", "congress", "seats")
    list_select_related = ("congress__region",)
    list_filter = (("congress", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("name", "congress__region__name")
    search_help_text = "按选区或区域名称查找"
