"""What the security administrator and the auditor read. The two libraries name their tables in English only."""

from __future__ import annotations

from typing import Any, ClassVar

from auditlog.models import LogEntry
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from axes.utils import reset
from django.apps import apps
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from import_export.fields import Field

from accounts.admin.base import RecordAdmin
from accounts.admin.tables import ExportTable
from accounts.models import User
from accounts.resources import ScopedResource, Table

apps.get_app_config("axes").verbose_name = "登录安全"
apps.get_app_config("auditlog").verbose_name = "审计"
for model, name in (
    (AccessAttempt, "登录失败与锁定"),
    (AccessFailureLog, "登录失败记录"),
    (AccessLog, "登录记录"),
    (LogEntry, "操作日志"),
):
    model._meta.verbose_name = model._meta.verbose_name_plural = name
    admin.site.unregister(model)
AccessFailureLog._meta.get_field("locked_out").verbose_name = "因此锁定"


class _LoginRecord(RecordAdmin):
    readonly_fields: ClassVar[Any] = ("name", "ip", "time", "agent", "path")
    search_fields = ("username", "ip_address")
    search_help_text = "按用户名或来源地址查找"
    date_hierarchy = "attempt_time"

    def may_see(self, user: User) -> bool:
        return user.is_security_admin

    @admin.display(description="用户名", ordering="username")
    def name(self, record: Any) -> str:
        return record.username or ""

    @admin.display(description="来源地址", ordering="ip_address")
    def ip(self, record: Any) -> str:
        return record.ip_address or ""

    @admin.display(description="时间", ordering="attempt_time")
    def time(self, record: Any) -> Any:
        return record.attempt_time

    @admin.display(description="浏览器")
    def agent(self, record: Any) -> str:
        return str(record.user_agent)

    @admin.display(description="页面")
    def path(self, record: Any) -> str:
        return str(record.path_info)


@admin.register(AccessAttempt)
class AccessAttemptAdmin(_LoginRecord):
    fields = ("name", "ip", "time", "failures", "locked", "agent", "path")
    readonly_fields = (*_LoginRecord.readonly_fields, "failures", "locked")
    list_display = ("name", "ip", "time", "failures", "locked")
    actions = ("unlock",)

    @admin.display(description="失败次数", ordering="failures_since_start")
    def failures(self, attempt: Any) -> int:
        return int(attempt.failures_since_start)

    @admin.display(description="已锁定", boolean=True)
    def locked(self, attempt: Any) -> bool:
        return int(attempt.failures_since_start) >= settings.AXES_FAILURE_LIMIT

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    @admin.action(description="解除锁定", permissions=["unlock"])
    def unlock(self, request: HttpRequest, attempts: QuerySet[Any]) -> None:
        for attempt in list(attempts):
            self.log_as_changed(request, attempt, "解除锁定")
            reset(ip=attempt.ip_address, username=attempt.username)
        self.message_user(request, "已解除锁定，可以重新登录。", messages.SUCCESS)


@admin.register(AccessFailureLog)
class AccessFailureLogAdmin(_LoginRecord):
    fields = ("name", "ip", "time", "locked", "agent", "path")
    readonly_fields = (*_LoginRecord.readonly_fields, "locked")
    list_display = ("name", "ip", "time", "locked", "agent")
    list_filter = ("locked_out",)

    @admin.display(description="因此锁定", boolean=True)
    def locked(self, record: Any) -> bool:
        return bool(record.locked_out)


@admin.register(AccessLog)
class AccessLogAdmin(_LoginRecord):
    fields = ("name", "ip", "time", "left", "agent", "path")
    readonly_fields = (*_LoginRecord.readonly_fields, "left")
    list_display = ("name", "ip", "time", "left", "agent")

    @admin.display(description="退出时间", ordering="logout_time")
    def left(self, record: Any) -> Any:
        return record.logout_time


class KindFilter(admin.SimpleListFilter):
    title = "对象"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        logged = ContentType.objects.filter(pk__in=LogEntry.objects.values("content_type").distinct())
        return sorted(((str(kind.pk), kind.name) for kind in logged), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(content_type=value) if value and value.isdigit() else queryset


ACTIONS = {
    LogEntry.Action.CREATE: "新增",
    LogEntry.Action.UPDATE: "修改",
    LogEntry.Action.DELETE: "删除",
    LogEntry.Action.ACCESS: "查看或导出",
}


class ActionFilter(admin.SimpleListFilter):
    title = "操作"
    parameter_name = "did"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(action), label) for action, label in ACTIONS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(action=value) if value and value.isdigit() else queryset


class LogResource(ScopedResource):
    when = Field(column_name="时间", readonly=True)
    who = Field(column_name="经办人", readonly=True)
    address = Field(column_name="来源地址", readonly=True)
    did = Field(column_name="操作", readonly=True)
    kind = Field(column_name="对象类别", readonly=True)
    what = Field(column_name="对象", readonly=True)
    changes_made = Field(column_name="改动", readonly=True)
    more = Field(column_name="附注", readonly=True)

    class Meta(Table):
        model = LogEntry
        fields = ("when", "who", "address", "did", "kind", "what", "changes_made", "more")

    def dehydrate_when(self, entry: Any) -> str:
        return localtime(entry.timestamp).isoformat(" ", "seconds")

    def dehydrate_who(self, entry: Any) -> str:
        return _who(entry)

    def dehydrate_address(self, entry: Any) -> str:
        return entry.remote_addr or ""

    def dehydrate_did(self, entry: Any) -> str:
        return ACTIONS.get(entry.action, "")

    def dehydrate_kind(self, entry: Any) -> str:
        return str(entry.content_type.name)

    def dehydrate_what(self, entry: Any) -> str:
        return str(entry.object_repr)

    def dehydrate_changes_made(self, entry: Any) -> str:
        return "；".join(f"{name}：{before} → {after}" for name, before, after in _lines(entry))

    def dehydrate_more(self, entry: Any) -> str:
        return _more(entry)


@admin.register(LogEntry)
class LogEntryAdmin(ExportTable, RecordAdmin):
    resource_classes = (LogResource,)
    fields = ("when", "who", "address", "did", "kind", "what", "changes_made", "more")
    readonly_fields = fields
    list_display = ("when", "who", "did", "kind", "what", "columns")
    list_select_related = ("actor", "content_type")
    list_filter = (ActionFilter, KindFilter)
    search_fields = ("object_repr", "actor__name", "actor__username")
    search_help_text = "按对象或经办人查找"
    date_hierarchy = "timestamp"
    ordering = ("-timestamp", "-pk")

    def may_see(self, user: User) -> bool:
        return user.is_auditor

    @admin.display(description="时间", ordering="timestamp")
    def when(self, entry: Any) -> Any:
        return entry.timestamp

    @admin.display(description="经办人", ordering="actor")
    def who(self, entry: Any) -> str:
        return _who(entry)

    @admin.display(description="来源地址")
    def address(self, entry: Any) -> str:
        return entry.remote_addr or ""

    @admin.display(description="操作", ordering="action")
    def did(self, entry: Any) -> str:
        return ACTIONS.get(entry.action, "")

    @admin.display(description="对象类别")
    def kind(self, entry: Any) -> str:
        return str(entry.content_type.name)

    @admin.display(description="对象", ordering="object_repr")
    def what(self, entry: Any) -> str:
        return str(entry.object_repr)

    @admin.display(description="涉及栏目")
    def columns(self, entry: Any) -> str:
        """Of a new row all are filled, which says nothing."""
        changed = _changes(entry) if entry.action == LogEntry.Action.UPDATE else {}
        return "、".join(changed) or _more(entry)

    @admin.display(description="改动（前 → 后）")
    def changes_made(self, entry: Any) -> SafeString:
        return format_html_join("", "<div>{}：{} → {}</div>", _lines(entry))

    @admin.display(description="附注")
    def more(self, entry: Any) -> str:
        return _more(entry)


def _who(entry: Any) -> str:
    return f"{entry.actor.name}（{entry.actor.username}）" if entry.actor else "系统"


def _more(entry: Any) -> str:
    return "；".join(f"{name}：{value}" for name, value in (entry.additional_data or {}).items())


def _lines(entry: Any) -> list[tuple[str, Any, Any]]:
    return [(name, *_sides(change)) for name, change in _changes(entry).items()]


def _changes(entry: Any) -> dict[str, Any]:
    """What changed, under the names of the columns; rows of other tables that point here are no column."""
    model = entry.content_type.model_class()
    changes: dict[str, Any] = {}
    for name, change in entry.changes_dict.items():
        try:
            field = model._meta.get_field(name)
        except (AttributeError, FieldDoesNotExist):  # a table or a column that is gone since
            changes[name] = change
        else:
            if not field.auto_created:
                changes[str(field.verbose_name)] = change
    return changes


def _sides(change: Any) -> tuple[Any, Any]:
    if isinstance(change, dict):  # rows added to or taken from a list
        return "", f"{change.get('operation', '')} {'、'.join(map(str, change.get('objects', [])))}"
    before, after = (*change, "", "")[:2]
    return before, after
