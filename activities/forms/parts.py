"""What the forms of activities and visits have in common: photos, days, a key against the second tap."""

from __future__ import annotations

from copy import copy
from typing import Any, TypeVar

from django import forms
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from accounts.errors import Refused
from accounts.form_keys import form_key_hash, new_form_key
from accounts.forms import in_plain_words
from accounts.images import cleaned
from accounts.models import User
from activities.models import Activity, Theme, Visit
from activities.services.plans import themes_for
from deputies.models import Deputy, DeputyGroup, StationMembership
from stations.models import Station

MOST_PHOTOS = 9

Logged = TypeVar("Logged", Activity, Visit)


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **attrs: str) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class PhotosInput(forms.FileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several photos, drawn anew here: a bad one is a sentence beside the field, and nothing typed is lost."""

    widget = PhotosInput(attrs={"accept": "image/*"})

    def __init__(self, *, most: int = MOST_PHOTOS, label: str = "照片", **kwargs: Any) -> None:
        self.most = most
        kwargs.setdefault("help_text", f"可一次选多张，最多{most}张；照片里的位置等信息会自动清除。")
        super().__init__(label=label, required=kwargs.pop("required", False), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[ContentFile[bytes]]:
        files: list[UploadedFile[Any]] = [file for file in (data if isinstance(data, list) else [data]) if file]
        if self.required and not files:
            raise forms.ValidationError("请选择照片。", code="required")
        if len(files) > self.most:
            raise forms.ValidationError(f"一次最多{self.most}张照片，您选了{len(files)}张，请去掉几张。")
        kept = []
        for file in files:
            try:
                kept.append(cleaned(file))
            except Refused as error:
                raise forms.ValidationError(f"“{file.name}”：{error.sentence}") from error
        return kept


def members_of(station: Station | None) -> Any:
    sitting = StationMembership.objects.sitting().filter(station=station)
    return Deputy.objects.in_office().filter(pk__in=sitting.values("deputy")).order_by("name", "pk")


def own_deputy(user: User) -> Deputy | None:
    return Deputy.objects.filter(user=user).first()


def own_groups(user: User) -> Any:
    return DeputyGroup.objects.active().filter(memberships__deputy__user=user, memberships__ended_on__isnull=True)


class OneTimeForm(forms.ModelForm[Logged]):
    """With a key by which a second tap finds the first one's row. Who goes back and writes about another one is asked."""

    key = forms.CharField(
        max_length=64,
        initial=new_form_key,
        widget=forms.HiddenInput,
        error_messages={"required": "页面不完整，什么也没有保存，请刷新后再填一次。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_plain_words(self)

    def offer(self, name: str, queryset: Any, *, otherwise: str = "不选") -> None:
        """A choice with nothing to choose from is not drawn: a phone's screen is short."""
        if queryset.exists():
            field = self.fields[name]
            field.queryset = queryset  # type: ignore[attr-defined]
            if isinstance(field, forms.ModelChoiceField) and not field.required:
                field.empty_label = otherwise
        else:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        key = form_key_hash(values.get("key") or "")
        first = self._meta.model._default_manager.filter(form_key_hash=key).first()
        if first is not None and not self.errors and self._says_another(first, values):
            self.add_error(None, "这张表格已经记过一次，写的是另一件。要记现在这一件，请核对后再点一次“提交”。")
            data: Any = copy(self.data)
            data["key"] = new_form_key()
            self.data = data
        return values

    def _says_another(self, first: Logged, values: dict[str, Any]) -> bool:
        columns = [field.name for field in first._meta.concrete_fields if field.name in values]
        other = any(getattr(first, name) != values[name] for name in columns)
        return other or first.station_id != self.instance.station_id


def themes_at(station: Station | None) -> Any:
    return themes_for(station.region) if station is not None else Theme.objects.none()


def serves(user: User, station: Station | None) -> bool:
    return station is not None and Station.objects.served_by(user).filter(pk=station.pk).exists()
