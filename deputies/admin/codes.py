from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.base import ScopedAdmin
from accounts.calendar import today
from accounts.models import User
from accounts.paths import within
from deputies.models import (
    Deputy,
    PrintCode,
)
from deputies.services import revoke


class InUseFilter(admin.SimpleListFilter):
    title = "状态"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("valid", "在用"), ("revoked", "已停用")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("valid", "revoked"):
            return queryset.filter(revoked_at__isnull=self.value() == "valid")
        return queryset


@admin.register(PrintCode)
class PrintCodeAdmin(ScopedAdmin):
    """发放 is adding one; printing, checking on the wall and revoking are actions. The address under a code never changes."""

    fields = ("station", "deputy", "post", "issued_at", "printed_on", "checked_on", "revoked_at", "files")
    fixed_fields = ("station", "deputy", "post")
    readonly_fields = ("issued_at", "printed_on", "checked_on", "revoked_at", "files")
    autocomplete_fields = ("station", "deputy", "post")
    list_display = ("owner", "issued_at", "printed_on", "checked_on", "revoked_at", "files")
    list_select_related = ("station", "deputy", "post__station")
    list_filter = (InUseFilter, ("printed_on", admin.EmptyFieldListFilter), ("checked_on", admin.EmptyFieldListFilter))
    search_fields = ("station__name", "deputy__name", "post__name")
    search_help_text = "按联络站或姓名查找"
    actions = ("mark_printed", "mark_checked", "revoke")

    def keeps(self, user: User, obj: PrintCode) -> bool:
        holder = obj.post.station if obj.post else obj.station or obj.deputy
        return holder is not None and user.scope is not None and holder.region.path.startswith(user.scope)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = [str(field) for field in super().get_fields(request, obj)]
        if obj is None:
            return fields[:3]
        return [name for name in fields if name not in ("station", "deputy", "post") or getattr(obj, f"{name}_id")]

    def get_urls(self) -> list[URLPattern]:
        picture = path("<int:pk>/qr.<slug:form>", self.admin_site.admin_view(self.picture), name="print_code")
        return [picture, *super().get_urls()]

    def picture(self, request: HttpRequest, pk: int, form: str) -> HttpResponse:
        """The picture to print: the page of the station or the deputy, with this code, so that its scans are counted."""
        from deputies.codes import qr_png, qr_svg

        code = self.found(request, str(pk))
        subject = code.subject
        name, page = (
            ("deputy", subject) if isinstance(subject, Deputy) else ("station", code.station or code.post.station)
        )
        url = f"{settings.SITE_URL.rstrip('/')}{reverse(name, args=[page.slug])}?c={code.code}"
        if form not in ("svg", "png"):
            raise Http404
        content, kind = (qr_svg(url), "image/svg+xml") if form == "svg" else (qr_png(url), "image/png")
        return HttpResponse(
            content, content_type=kind, headers={"Content-Disposition": f'inline; filename="{page.slug}.{form}"'}
        )

    @admin.display(description="属于")
    def owner(self, code: PrintCode) -> str:
        return f"{code.post.station} {code.post}" if code.post else str(code.subject)

    @admin.display(description="下载")
    def files(self, code: PrintCode) -> SafeString | str:
        if code.revoked_at:
            return "已停用"
        svg, png = (reverse("admin:print_code", args=[code.pk, form]) for form in ("svg", "png"))
        return format_html('<a href="{}">SVG</a> <a href="{}">PNG</a>', svg, png)

    def _kept(self, request: HttpRequest, codes: QuerySet[PrintCode]) -> QuerySet[PrintCode]:
        scope = request.user.scope if isinstance(request.user, User) else None
        if scope is None:
            return codes.none()
        kept = Q()
        for field in ("station__region__path", "deputy__region__path", "post__station__region__path"):
            kept |= within(scope, field)
        return codes.filter(kept, revoked_at__isnull=True)

    def _mark(self, request: HttpRequest, codes: QuerySet[PrintCode], field: str, done: str) -> None:
        def mark(code: PrintCode) -> None:
            setattr(code, field, today())
            code.save(update_fields=[field])

        self.each(request, self._kept(request, codes), mark, done)

    @admin.action(description="标记已打印", permissions=["change"])
    def mark_printed(self, request: HttpRequest, codes: QuerySet[PrintCode]) -> None:
        self._mark(request, codes, "printed_on", "标记已打印")

    @admin.action(description="标记已上墙核对", permissions=["change"])
    def mark_checked(self, request: HttpRequest, codes: QuerySet[PrintCode]) -> None:
        self._mark(request, codes, "checked_on", "标记已上墙核对")

    @admin.action(description="停用", permissions=["change"])
    def revoke(self, request: HttpRequest, codes: QuerySet[PrintCode]) -> None:
        self.each(request, self._kept(request, codes), revoke, "停用")
