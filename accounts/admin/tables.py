"""Loading and unloading plain tables, by role and within scope; each unloading is kept in the audit log."""

from __future__ import annotations

from typing import Any

from auditlog.models import LogEntry
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import localdate
from import_export.admin import ExportMixin, ImportExportMixin
from import_export.forms import ExportForm, ImportForm

from accounts.errors import Refused
from accounts.models import User
from accounts.resources import FORMATS

UNREADABLE = "这个文件读不出来，请核对格式，或另存为.xlsx后再上传。"


def log_export(user: User, model: type[Model], rows: int) -> None:
    """Who took how much of what out of the house: kept on the account, since the file has no row of its own."""
    LogEntry.objects.log_create(
        user,
        force_log=True,
        action=LogEntry.Action.ACCESS,
        additional_data={"导出": str(model._meta.verbose_name), "行数": rows},
    )


class Unload(ExportForm):  # type: ignore[misc]
    """All columns, always: a table that comes back must have them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].initial = "0"


class Load(ImportForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].initial = "0"


class _Tables:
    formats = FORMATS
    export_form_class = Unload
    import_form_class = Load

    def get_resource_kwargs(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {"user": request.user}

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)  # type: ignore[attr-defined,no-any-return]

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: QuerySet[Any], **kwargs: Any) -> Any:
        if not self.has_export_permission(request):
            raise PermissionDenied
        kwargs.pop("encoding", None)
        data = self.get_data_for_export(request, queryset, force_native_type=True, **kwargs)  # type: ignore[attr-defined]
        assert isinstance(request.user, User)
        log_export(request.user, queryset.model, len(data))
        return file_format.export_data(data)

    def get_export_filename(self, request: HttpRequest, queryset: QuerySet[Any], file_format: Any) -> str:
        return f"{queryset.model._meta.model_name}-{localdate()}.{file_format.get_extension()}"


class ExportTable(_Tables, ExportMixin):  # type: ignore[misc]
    pass


class ImportExportTable(_Tables, ImportExportMixin):  # type: ignore[misc]
    """Whoever may add rows one by one may load a sheet of them; all of it or nothing."""

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)  # type: ignore[no-any-return]

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_import_data_kwargs(**kwargs), "rollback_on_validation_errors": True}

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        form.add_error("import_file", e.sentence if isinstance(e, Refused) else UNREADABLE)

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return super().process_import(request, **kwargs)  # type: ignore[no-any-return]
        except (FileNotFoundError, Refused):
            self.message_user(request, "上传的文件已不在，可能已经导入过；请重新上传。", messages.ERROR)
            return redirect(reverse("admin:{}_{}_import".format(*self.get_model_info())))

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        if result.has_errors() or result.has_validation_errors():
            self.message_user(request, "预览以后数据又有变化，没有导入任何一行；请重新上传。", messages.ERROR)
            return redirect(reverse("admin:{}_{}_import".format(*self.get_model_info())))
        return super().process_result(result, request)  # type: ignore[no-any-return]
