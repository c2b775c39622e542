from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.base import ScopedAdmin, ScopedInline
from accounts.admin.tables import ExportTable
from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import User
from accounts.pages import hand_out
from accounts.paths import within
from deputies.models import (
    Congress,
    Consent,
    Constituency,
    Deputy,
    DeputyGroup,
    GroupEntry,
    GroupMembership,
    Mandate,
    PostHolder,
    PrintCode,
    Session,
    StationMembership,
)
from deputies.resources import DeputyResource
from deputies.services import MOVES, change_mandate, code_for, hold_post, revoke
from stations.models import Station, StationPost


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


# People and seats


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


class StationMembershipInline(ScopedInline):
    model = StationMembership
    fields = ("station", "kind", "since", "ended_on")
    autocomplete_fields = ("station",)
    verbose_name_plural = "进站（离站填写结束日期，不删除）"

    def get_queryset(self, request: HttpRequest) -> QuerySet[StationMembership]:
        return super().get_queryset(request).select_related("station").order_by("ended_on", "pk")


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
    list_display = ("name", "work_unit", "seats", "stations", "region")
    list_select_related = ("region",)
    list_filter = ("mandates__status", "mandates__congress__region__level", "sex")
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


class StatusForm(forms.Form):
    """What the page of a status change asks for; what is possible depends on the status now."""

    to = forms.ChoiceField(label="改为")
    reason = forms.ChoiceField(
        label="原因",
        required=False,
        choices=[("", "---------"), *Mandate.Reason.choices],
        help_text="暂停和终止要选择。",
    )
    on = forms.DateField(label="日期", widget=AdminDateWidget, initial=today, help_text="不能晚于今天。")

    def __init__(self, *args: Any, status: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        possible = [target for target in Mandate.Status if target in MOVES[Mandate.Status(status)]]
        self.fields["to"].choices = [(target.value, target.label) for target in possible]  # type: ignore[attr-defined]


@admin.register(Mandate)
class MandateAdmin(ScopedAdmin):
    keeper = "deputy__region__path"
    fields = (
        "deputy",
        "congress",
        "constituency",
        "kind",
        "card_number",
        "since",
        "status",
        "reason",
        "ended_on",
        "move",
    )
    readonly_fields = ("deputy", "congress", "status", "reason", "ended_on", "move")
    autocomplete_fields = ("constituency",)
    list_display = ("deputy", "congress", "constituency", "status", "since", "move")
    list_select_related = ("deputy", "congress__region", "constituency")
    list_filter = ("status", "kind", ("congress", admin.RelatedOnlyFieldListFilter))
    search_fields = ("deputy__name", "card_number", "constituency__name")
    search_help_text = "按代表姓名、代表证号或选区查找"

    def may_add(self, user: User) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mandate]:
        return marked_kept(super().get_queryset(request), request)

    def get_urls(self) -> list[URLPattern]:
        page = path("<int:pk>/status/", self.admin_site.admin_view(self.status_page), name="mandate_status")
        return [page, *super().get_urls()]

    def status_page(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        mandate = self.found(request, str(pk))
        if not self.has_change_permission(request, mandate):
            raise PermissionDenied
        form = StatusForm(request.POST or None, status=mandate.status)
        if form.is_valid() and self._moved(request, mandate, form):
            self.message_user(
                request, f"{mandate.deputy}的代表职务已改为“{mandate.get_status_display()}”。", messages.SUCCESS
            )
            return redirect("admin:deputies_deputy_change", mandate.deputy_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"改变代表职务状态：{mandate.deputy}",
            "mandate": mandate,
            "form": form,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/deputies/mandate/status.html", context)

    def _moved(self, request: HttpRequest, mandate: Mandate, form: StatusForm) -> bool:
        assert isinstance(request.user, User)
        try:
            change_mandate(mandate, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            return False
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
            return False
        self.log_as_changed(request, mandate, f"改为{mandate.get_status_display()}")
        return True

    @admin.display(description="办理")
    def move(self, mandate: Mandate) -> SafeString | str:
        return move_link(mandate)


# Groups


class GroupMembershipInline(ScopedInline):
    model = GroupMembership
    fields = ("deputy", "is_leader", "since", "ended_on")
    autocomplete_fields = ("deputy",)
    verbose_name_plural = "小组成员（退出填写结束日期，不删除）"

    def get_queryset(self, request: HttpRequest) -> QuerySet[GroupMembership]:
        return super().get_queryset(request).select_related("deputy").order_by("ended_on", "-is_leader", "pk")


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


# Printed codes


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
