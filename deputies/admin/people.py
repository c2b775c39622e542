from __future__ import annotations

from itertools import combinations
from typing import Any

from django.contrib import admin
from django.db.models import Case, F, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.base import RowsTogether, ScopedAdmin, ScopedInline
from accounts.admin.tables import ExportTable
from accounts.errors import Refused
from accounts.models import User
from accounts.pages import hand_out
from accounts.paths import within
from deputies.models import (
    Consent,
    Deputy,
    Mandate,
    StationMembership,
)
from deputies.resources import DeputyResource
from deputies.services import MOVES, code_for


def marked_kept(mandates: QuerySet[Mandate], request: HttpRequest) -> QuerySet[Mandate]:
    """With `is_kept` on each: whether the reader's region keeps the file, and so moves the seat."""
    scope = request.user.scope if isinstance(request.user, User) else None
    kept = Q(pk__in=[]) if scope is None else within(scope, "deputy__region__path")
    return mandates.annotate(is_kept=Case(When(kept, then=True), default=False))


def move_link(mandate: Mandate) -> SafeString | str:
    if not getattr(mandate, "is_kept", False) or not MOVES[Mandate.Status(mandate.status)]:
        return ""
    return format_html('<a href="{}">改变状态</a>', reverse("admin:mandate_status", args=[mandate.pk]))


class MandateInline(ScopedInline):
    """A seat is added here; afterwards its status moves by its own page, which asks for the reason."""

    model = Mandate
    fields = ("congress", "constituency", "kind", "card_number", "since", "status", "move")
    readonly_fields = ("status", "move")
    autocomplete_fields = ("congress", "constituency")
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mandate]:
        mandates = super().get_queryset(request).select_related("congress__region", "constituency")
        return marked_kept(mandates, request)

    @admin.display(description="办理")
    def move(self, mandate: Mandate) -> SafeString | str:
        return move_link(mandate)


class NoneOverlap(RowsTogether):
    """Of one kind of station one at a time, past ones too; looked at is how all rows will stand."""

    def clean(self) -> None:
        super().clean()
        filled = [form for form in self.forms if form.instance.station_id and form.instance.since and not form.errors]
        for one, other in combinations(filled, 2):
            a, b = one.instance, other.instance
            if (a.kind == b.kind or a.station_id == b.station_id) and a.overlaps(b.since, b.ended_on):
                later = other if other.has_changed() else one
                if not later.errors:
                    later.add_error("since", f"与在{(a if later is other else b).station}的时间重叠，请核对起止日期。")


class StationMembershipInline(ScopedInline):
    formset = NoneOverlap
    model = StationMembership
    fields = ("station", "kind", "since", "ended_on")
    autocomplete_fields = ("station",)
    verbose_name_plural = "进站（离站填写结束日期，不删除）"

    def get_queryset(self, request: HttpRequest) -> QuerySet[StationMembership]:
        return (
            super().get_queryset(request).select_related("station").order_by(F("ended_on").desc(nulls_first=True), "pk")
        )


class ConsentInline(ScopedInline):
    model = Consent
    fields = ("field", "text_version", "document", "since", "ended_on")
    verbose_name_plural = "公布同意（本人撤回时填写结束日期）"


@admin.register(Deputy)
class DeputyAdmin(ExportTable, ScopedAdmin):
    resource_classes = (DeputyResource,)
    fieldsets = (
        (None, {"fields": ("name", "sex", "ethnicity", "birth_year", "birth_month", "region", "user")}),
        ("情况", {"fields": ("party", "education", "work_unit", "occupation", "expertise")}),
        ("联系与照片", {"fields": ("phone", "picture", "photo")}),
    )
    readonly_fields = ("picture",)
    autocomplete_fields = ("region",)
    inlines = (MandateInline, StationMembershipInline, ConsentInline)
    list_display = ("full_name", "work_unit", "occupation", "expertise", "seats", "stations", "region")
    list_select_related = ("region",)
    list_filter = ("mandates__status", "mandates__congress__region__level", "sex", "occupation", "expertise")
    ordering = ("name_strokes", "name", "pk")
    search_fields = ("name", "work_unit")
    search_help_text = "按姓名或工作单位查找"
    actions = ("issue_codes",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Deputy]:
        return super().get_queryset(request).with_seats()  # type: ignore[attr-defined,no-any-return]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A picture that is only read is shown, not named."""
        *others, (name, options) = super().get_fieldsets(request, obj)
        editable = obj is None or self.has_change_permission(request, obj)
        shown = [field for field in options["fields"] if field != ("photo" if not editable else "")]
        return (*others, (name, {"fields": shown}))

    def get_urls(self) -> list[URLPattern]:
        photo = path("<int:pk>/photo/", self.admin_site.admin_view(self.photo_file), name="deputy_photo")
        return [photo, *super().get_urls()]

    def photo_file(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        deputy = self.found(request, str(pk))
        if not deputy.photo:
            raise Http404
        return hand_out(deputy.photo)

    @admin.display(description="现有照片")
    def picture(self, deputy: Deputy) -> SafeString | str:
        if not deputy.photo:
            return "还没有照片"
        return format_html(
            '<img src="{}" alt="{}的照片" height="120">', reverse("admin:deputy_photo", args=[deputy.pk]), deputy.name
        )

    @admin.display(description="姓名", ordering="name_pinyin")
    def full_name(self, deputy: Deputy) -> str:
        return deputy.name

    @admin.display(description="代表职务")
    def seats(self, deputy: Deputy) -> str:
        return "、".join(str(mandate) for mandate in deputy.sitting_mandates)  # type: ignore[attr-defined]

    @admin.display(description="联络站")
    def stations(self, deputy: Deputy) -> str:
        return "、".join(m.station.name for m in deputy.sitting_memberships)  # type: ignore[attr-defined]

    @admin.action(description="发放二维码", permissions=["change"])
    def issue_codes(self, request: HttpRequest, deputies: QuerySet[Deputy]) -> None:
        def issue(deputy: Deputy) -> None:
            if not self.has_change_permission(request, deputy):
                raise Refused("档案不在本区域，请由档案所在区域发放。")
            code_for(deputy)

        self.each(request, deputies, issue, "发放二维码")
