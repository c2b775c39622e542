from __future__ import annotations

from django.contrib import admin

from accounts.admin.base import ScopedAdmin
from deputies.models import Pairing


@admin.register(Pairing)
class PairingAdmin(ScopedAdmin):
    """双联系、对口帮扶. An end date is the end; the visits stay."""

    keeper = "deputy__region__path"
    fields = (
        "deputy",
        "kind",
        "household",
        "enterprise",
        "village",
        "station",
        "is_assistance",
        "purpose",
        "since",
        "ended_on",
    )
    fixed_fields = ("deputy",)
    autocomplete_fields = ("deputy", "enterprise", "village", "station")
    list_display = ("deputy", "kind", "target", "is_assistance", "since", "ended_on")
    list_select_related = ("deputy", "station", "enterprise", "village")
    list_filter = ("kind", "is_assistance", ("ended_on", admin.EmptyFieldListFilter))
    search_fields = ("deputy__name", "household", "village__name", "enterprise__name", "station__name")
    search_help_text = "按代表或联系对象查找"

    @admin.display(description="联系对象")
    def target(self, pairing: Pairing) -> str:
        return pairing.target
