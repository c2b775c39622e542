"""The outbox as the system administrator sees it: whether messages go out, never what they say or to whom in full."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.base import RecordAdmin, ScopedAdmin, masked_phone
from accounts.models import Notice, User
from accounts.outbox import send_again


class StateFilter(admin.SimpleListFilter):
    title = "状态"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", "待发送"), ("failed", "未送达"), ("sent", "已发出")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = {
            "waiting": Notice.objects.waiting(),
            "failed": Notice.objects.given_up(),
            "sent": Notice.objects.filter(sent_at__isnull=False),
        }.get(self.value() or "")
        return queryset if chosen is None else queryset & chosen


@admin.register(Notice)
class NoticeAdmin(RecordAdmin, ScopedAdmin):
    fields = (
        *("channel", "address", "state", "created_at", "attempts"),
        *("next_try", "sent_at", "failed_at", "last_error"),
    )
    readonly_fields = ("address", "state", "next_try")
    list_display = ("channel", "address", "state", "attempts", "created_at", "next_try", "last_error")
    list_filter = (StateFilter, "channel")
    date_hierarchy = "created_at"
    actions = ("resend",)

    def may_see(self, user: User) -> bool:
        return user.is_system_admin

    @admin.display(description="地址")
    def address(self, notice: Notice) -> str:
        name, at, host = notice.to.partition("@")
        return f"{name[:1]}***@{host}" if at else masked_phone(name)

    @admin.display(description="状态")
    def state(self, notice: Notice) -> str:
        return notice.state

    @admin.display(description="下次发送", ordering="next_try_at")
    def next_try(self, notice: Notice) -> Any:
        return None if notice.sent_at or notice.failed_at else notice.next_try_at

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    @admin.action(description="重新发送", permissions=["resend"])
    def resend(self, request: HttpRequest, notices: QuerySet[Notice]) -> None:
        self.each(request, list(notices), send_again, "重新发送")
