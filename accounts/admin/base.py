"""What every page of the back office has in common: scope, who may, and sentences instead of stack traces."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.widgets import AdminFileWidget, RelatedFieldWidgetWrapper
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.db.models import Model, Q, QuerySet, UniqueConstraint
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponseBase

from accounts.errors import Refused
from accounts.images import cleaned
from accounts.models import ADMIN_GROUPS, Region, User
from accounts.paths import within


class PictureWidget(AdminFileWidget):
    """Uploads have no address of their own, so the stored picture is named, not linked."""

    template_name = "admin/widgets/picture.html"


class PictureField(forms.FileField):
    """A picture as it may be kept: drawn anew (security.md T18). What is wrong with it stands beside the field."""

    widget = PictureWidget

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if not isinstance(file, UploadedFile):
            return file
        try:
            return cleaned(file)
        except Refused as refusal:
            raise forms.ValidationError(refusal.sentence) from refusal


class AccountField(forms.ModelChoiceField[User]):
    """An account by its user name, typed: staff list no accounts, and are told the name by the system administrator.

    Only accounts of an organisation in the own region, or of none (officers, deputies); never one of the three
    administrators, who stay outside the work they administer.
    """

    widget = forms.TextInput

    def __init__(self, by: User, **kwargs: Any) -> None:
        assignable = User.objects.filter(is_active=True).exclude(groups__name__in=ADMIN_GROUPS)
        own = within(by.scope, "organization__region__path") if by.scope is not None else Q(pk__in=[])
        kwargs.setdefault("help_text", "填写系统管理员开通的用户名；不登录的人留空。")
        super().__init__(
            assignable.filter(own | Q(organization__isnull=True)),
            to_field_name="username",
            required=False,
            error_messages={"invalid_choice": "没有可用的这个账号。请核对用户名，或请系统管理员开通。"},
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            return User.objects.filter(pk=value).values_list("username", flat=True).first()
        return super().prepare_value(value)


class ScopedForm(forms.ModelForm[Any]):
    """What a row points at already may stay, even where the reader could not choose it: saving must not lose it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            return
        for name, field in self.fields.items():
            if not isinstance(field, forms.ModelChoiceField):
                continue
            held = self.instance._meta.get_field(name).value_from_object(self.instance)
            held = [row.pk for row in held] if isinstance(held, list) else [held]
            if field.queryset is not None and any(held):
                choices = field.queryset.model._default_manager
                field.queryset = choices.filter(Q(pk__in=field.queryset.values("pk")) | Q(pk__in=held))


class PageForm(ScopedForm):
    """A row on its own page. Django leaves a constraint to the database where one of its columns is only shown."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                self.instance.validate_constraints()
            except forms.ValidationError as error:
                self.add_error(None, error.messages)


class _Fields:
    """How a column becomes a field: choices limited like a list, pictures drawn anew."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, models.ForeignKey) and db_field.remote_field.model is User:
            return AccountField(_user(request), label=db_field.verbose_name)
        if isinstance(db_field, models.ImageField):
            return PictureField(label=db_field.verbose_name, required=not db_field.blank, help_text=db_field.help_text)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # What a row points at is opened on its own page; only a missing enterprise and the like is added on the spot.
            field.widget.can_change_related = field.widget.can_view_related = False
            field.widget.can_add_related &= db_field.remote_field.model is not Region
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, **_limited(db_field, request, kwargs))  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, **_limited(db_field, request, kwargs))  # type: ignore[misc]


def _limited(db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> dict[str, Any]:
    """A choice is limited like a list: what is out of scope cannot be pointed at."""
    rows = db_field.remote_field.model._default_manager.all()
    if "queryset" not in kwargs and hasattr(rows, "visible_to"):
        kwargs["queryset"] = rows.visible_to(request.user)
    return kwargs


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


class PortalAdmin(_Fields, admin.ModelAdmin[Any]):
    """Rights by role and not by the permission table; nothing is deleted (an end date is the end)."""

    form: Any = PageForm
    list_per_page = 50
    show_full_result_count = False
    # Columns that are copied elsewhere or printed: chosen once.
    fixed_fields: tuple[str, ...] = ()

    def may_see(self, user: User) -> bool:
        return user.is_congress_staff

    def may_add(self, user: User) -> bool:
        return self.may_see(user)

    def may_edit(self, user: User, obj: Any = None) -> bool:
        """Without an object: whether there may be any that this user edits."""
        return self.may_see(user)

    def _asks(self, request: HttpRequest) -> User | None:
        return request.user if isinstance(request.user, User) and request.user.is_active else None

    def has_module_permission(self, request: HttpRequest) -> bool:
        user = self._asks(request)
        return user is not None and self.may_see(user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        user = self._asks(request)
        return user is not None and self.may_add(user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user = self._asks(request)
        return user is not None and self.may_edit(user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any] | tuple[Any, ...]:
        return (*super().get_readonly_fields(request, obj), *(self.fixed_fields if obj else ()))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the side bar offers: else a hidden column (a phone, a digest) could be guessed letter by letter."""
        offered = [item[0] if isinstance(item, tuple) else item for item in self.list_filter]
        offered = [getattr(item, "parameter_name", item) for item in offered] + [self.date_hierarchy or ""]
        known = any(
            lookup == name or lookup.startswith(f"{name}__") for name in offered if isinstance(name, str) and name
        )
        return known and super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponseBase:
        """Out of scope and missing are the same 404 here as everywhere."""
        raise Http404

    def found(self, request: HttpRequest, object_id: str) -> Any:
        """The row of an own page of an admin, within scope."""
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_view_permission(request, obj):
            raise Http404
        return obj

    def log_as_changed(self, request: HttpRequest, obj: Model, what: str) -> None:
        """For acts that run past the change form: the row's history in the back office shows them all the same."""
        LogEntry.objects.log_actions(_user(request).pk, [obj], CHANGE, what, single_object=True)

    def each(self, request: HttpRequest, rows: Iterable[Any], act: Any, done: str) -> None:
        """An admin action: every chosen row by itself; what was refused is said, row by row."""
        count = 0
        for row in rows:
            try:
                act(row)
            except Refused as refusal:
                self.message_user(request, f"{row}：{refusal.sentence}", messages.ERROR)
            else:
                count += 1
                self.log_as_changed(request, row, done)
        if count:
            self.message_user(request, f"{done}{count}项。", messages.SUCCESS)


class ScopedAdmin(PortalAdmin):
    """Starts with `visible_to(user)`. More may be seen than is kept: only the keeping region's staff, or those above, edit."""

    # The lookup of the path of the region that keeps the row.
    keeper = "region__path"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).visible_to(request.user)  # type: ignore[attr-defined,no-any-return]

    def may_edit(self, user: User, obj: Any = None) -> bool:
        return super().may_edit(user, obj) and (obj is None or self.keeps(user, obj))

    def keeps(self, user: User, obj: Any) -> bool:
        path = reduce(getattr, self.keeper.split("__"), obj)
        return user.scope is not None and str(path).startswith(user.scope)


class ReferenceAdmin(PortalAdmin):
    """Shared by all regions: everybody of the back office's daily work reads it, the system administrator edits it."""

    def may_see(self, user: User) -> bool:
        return user.is_congress_staff or user.is_system_admin

    def may_add(self, user: User) -> bool:
        return user.is_system_admin

    def may_edit(self, user: User, obj: Any = None) -> bool:
        return user.is_system_admin


class RecordAdmin(PortalAdmin):
    """What the system wrote: to be read."""

    def may_add(self, user: User) -> bool:
        return False

    def may_edit(self, user: User, obj: Any = None) -> bool:
        return False


class RowsTogether(BaseInlineFormSet[Any, Any, Any]):
    """One sitting head, one home station, one leader: what holds among the rows of a page, said beside the row.

    Django leaves constraints over the page's own key to the database. Looked at is how all rows will stand, so that
    ending one and beginning the next go in one saving.
    """

    def clean(self) -> None:
        super().clean()
        mine = [form for form in self.forms if form.instance.pk or form.has_changed()]
        gone = {form.instance.pk for form in self.deleted_forms}
        shown = {form.instance.pk for form in mine}
        rows = [(None, row) for row in self._stored() if row.pk not in shown]
        rows += [(form, form.instance) for form in mine if form.instance.pk not in gone or form.instance.pk is None]
        for constraint in self.fk.model._meta.constraints:
            if isinstance(constraint, UniqueConstraint) and self.fk.name in constraint.fields:
                self._check(constraint, rows)

    def _stored(self) -> Iterable[Any]:
        return self.fk.model._default_manager.filter(**{self.fk.name: self.instance}) if self.instance.pk else ()

    def _check(self, constraint: UniqueConstraint, rows: list[tuple[Any, Any]]) -> None:
        alike: dict[tuple[Any, ...], list[tuple[Any, Any]]] = {}
        names = [self.fk.model._meta.get_field(name).attname for name in constraint.fields if name != self.fk.name]  # type: ignore[union-attr]
        for form, row in rows:
            alike.setdefault(tuple(getattr(row, name) for name in names), []).append((form, row))
        for group in alike.values():
            bound = [(form, row) for form, row in group if len(group) > 1 and self._falls_under(constraint, row)]
            for form, _ in bound[1:]:
                if form is not None and not form.errors:
                    form.add_error(None, constraint.get_violation_error_message())

    def _falls_under(self, constraint: UniqueConstraint, row: Any) -> bool:
        if constraint.condition is None:
            return True
        return bool(constraint.condition.check(row._get_field_expression_map(meta=self.fk.model._meta)))


class _Inline(_Fields):
    """Rows of a page that is in scope already: they may be edited as the page may, and added to; an end date is the end."""

    form: Any = ScopedForm
    formset: Any = RowsTogether
    extra = 0
    admin_site: AdminSite
    parent_model: type[Model]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._page(request).has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._page(request).has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _page(self, request: HttpRequest) -> admin.ModelAdmin[Any]:
        return self.admin_site._registry[self.parent_model]


class ScopedInline(_Inline, admin.TabularInline[Any, Any]):
    pass


class ScopedStack(_Inline, admin.StackedInline[Any, Any]):
    """For rows of more than seven fields, which would run out of the page side by side."""


class RecordInline(ScopedInline):
    """Rows that are shown and never written here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def masked_phone(number: str) -> str:
    return f"{number[:3]}{'*' * max(len(number) - 7, 4)}{number[-4:]}" if len(number) >= 7 else "*" * len(number)


def masked_name(name: str) -> str:
    return name[:1] + "*" * (len(name) - 1)
