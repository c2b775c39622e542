"""Accounts and the three administrators: the system administrator's pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as PasswordPages
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    BaseUserCreationForm,
    ReadOnlyPasswordHashWidget,
    UserChangeForm,
)
from django.contrib.auth.hashers import is_password_usable
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from accounts.admin.base import PageForm, RecordAdmin, ScopedAdmin
from accounts.models import ADMIN_GROUPS, User

REACHED = "可不填。只用来发办事提醒，不对外显示。"


class _Hats(PageForm):
    """Which hats one account may wear together."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        chosen = [group.name for group in data.get("groups") or () if group.name in ADMIN_GROUPS]
        if len(chosen) > 1:
            self.add_error("groups", f"{'、'.join(chosen)}应由不同的人担任，一个账号只能选一项。")
        if chosen and data.get("organization"):
            self.add_error("organization", f"{chosen[0]}不经办业务，请不要选择所在机构；经办业务请另开账号。")
        return data


class NewAccountForm(_Hats, BaseUserCreationForm[User]):
    class Meta:
        model = User
        fields = ("username", "name", "phone", "email", "organization", "groups", "is_signatory")


class StoredPassword(ReadOnlyPasswordHashWidget):
    """Whether there is a password. How it is stored tells the administrator nothing to act on."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["summary"] = [{"label": "已设置" if value and is_password_usable(value) else "未设置，不能登录"}]
        return context


class AccountForm(_Hats, UserChangeForm[User]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "password" in self.fields:
            self.fields["password"].widget = StoredPassword()

    class Meta:
        model = User
        fields = (
            *("username", "password", "name", "phone", "email"),
            *("organization", "groups", "is_signatory", "is_active"),
        )


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]  # no generic when it runs
    """A new password, always: who shall not come in any more is disabled on the account's page."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields.pop("usable_password", None)
        for name in ("password1", "password2"):
            self.fields[name].required = True


@admin.register(User)
class UserAdmin(ScopedAdmin, PasswordPages[User]):
    form = AccountForm
    add_form = NewAccountForm
    add_form_template = "admin/change_form.html"
    change_password_form = PasswordForm
    fieldsets = (
        (None, {"fields": ("username", "password", "name", "is_active")}),
        ("接收通知", {"fields": ("phone", "email"), "description": REACHED}),
        (
            "职责",
            {
                "fields": ("organization", "is_signatory", "groups"),
                "description": "联络站职务在“联络站”中登记，代表身份在“代表”中登记。",
            },
        ),
        ("记录", {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "name", "password1", "password2")}),
        ("接收通知", {"fields": ("phone", "email"), "description": REACHED}),
        ("职责", {"fields": ("organization", "is_signatory", "groups")}),
    )
    readonly_fields = ("date_joined", "last_login")
    autocomplete_fields = ("organization",)
    filter_horizontal = ()
    list_display = ("username", "name", "organization", "hats", "is_active", "last_login")
    list_select_related = ("organization",)
    list_filter = ("is_active", "groups", "is_signatory", "organization__kind")
    search_fields = ("username", "name", "organization__name")
    search_help_text = "按用户名、姓名、所在机构查找"

    def may_see(self, user: User) -> bool:
        return user.is_system_admin

    def keeps(self, user: User, obj: Any) -> bool:
        return user.is_system_admin

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = Group.objects.filter(name__in=ADMIN_GROUPS)
        kwargs["widget"] = forms.CheckboxSelectMultiple()
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        field.label, field.help_text = "管理员", "一般账号不选。"
        return field

    @admin.display(description="管理员")
    def hats(self, user: User) -> str:
        return "、".join(group.name for group in user.groups.all())


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(RecordAdmin):
    """Names only: who belongs to a group is said on the account's page."""

    fields = ("name",)
    list_display = ("name", "accounts")
    ordering: ClassVar = ["pk"]

    def may_see(self, user: User) -> bool:
        return user.is_system_admin

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return Group.objects.filter(name__in=ADMIN_GROUPS).annotate(holders=Count("user"))

    @admin.display(description="账号数")
    def accounts(self, group: Any) -> int:
        return int(group.holders)
