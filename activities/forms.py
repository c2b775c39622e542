"""What a deputy or an officer writes down on a phone: an activity, a visit."""

from __future__ import annotations

from copy import copy
from typing import Any, TypeVar

from django import forms
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from accounts.calendar import today
from accounts.errors import Refused
from accounts.form_keys import form_key_hash, new_form_key
from accounts.forms import TickedField, in_plain_words
from accounts.images import cleaned
from accounts.models import Organization, User
from accounts.paths import ancestors
from activities.models import Activity, ActivityType, Visit
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

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        key = form_key_hash(values.get("key") or "")
        first = self._meta.model._default_manager.filter(form_key_hash=key).first()
        if first is not None and not self.errors and self._says_another(first, values):
            self.add_error(None, "这张表格已经记过一次，写的是另一件。要记现在这一件，请核对后再点一次“记下来”。")
            data: Any = copy(self.data)
            data["key"] = new_form_key()
            self.data = data
        return values

    def _says_another(self, first: Logged, values: dict[str, Any]) -> bool:
        columns = [field.name for field in first._meta.concrete_fields if field.name in values]
        other = any(getattr(first, name) != values[name] for name in columns)
        return other or first.station_id != self.instance.station_id


def _serves(user: User, station: Station | None) -> bool:
    return station is not None and Station.objects.served_by(user).filter(pk=station.pk).exists()


class ActivityForm(OneTimeForm[Activity]):
    """Three things are needed: what kind, about what, which day. Everything else may wait."""

    deputies = TickedField(Deputy.objects.none(), label="参加代表", required=False, help_text="勾选到场的代表。")
    photos = PhotosField()

    class Meta:
        model = Activity
        fields = ("type", "title", "held_on", "place", "group", "outsiders", "lecturers", "summary", "departments")
        widgets = {
            "held_on": DateInput(),
            "summary": forms.Textarea(attrs={"rows": 5}),
            "departments": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, station: Station | None, by: User, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"held_on": today()})
        super().__init__(*args, **kwargs)
        self.fields["type"].queryset = ActivityType.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["type"].empty_label = "请选择"  # type: ignore[attr-defined]
        self.instance.station = station
        self.fields["deputies"].queryset = members_of(station)  # type: ignore[attr-defined]
        self.fields["deputies"].initial = list(Deputy.objects.filter(user=by).values_list("pk", flat=True))
        self.fields["outsiders"].required = False
        self._offer("group", own_groups(by))
        units = Organization.objects.none()
        if station is not None:
            units = Organization.objects.handling_units().filter(region__path__in=ancestors(station.region.path)[:-2])
        self._offer("departments", units)

    def _offer(self, name: str, queryset: Any) -> None:
        """A choice with nothing to choose from is not drawn: a phone's screen is short."""
        if queryset.exists():
            self.fields[name].queryset = queryset  # type: ignore[attr-defined]
        else:
            del self.fields[name]

    def clean_outsiders(self) -> int:
        return self.cleaned_data["outsiders"] or 0


class VisitForm(OneTimeForm[Visit]):
    """One screen: whom, when, how many. The deputy is oneself, or chosen by the officer who writes it down."""

    class Meta:
        model = Visit
        fields = ("deputy", "group", "visited_on", "target", "households", "people", "place", "summary")
        widgets = {
            "visited_on": DateInput(),
            "target": forms.RadioSelect,
            "households": forms.NumberInput(attrs={"inputmode": "numeric"}),
            "people": forms.NumberInput(attrs={"inputmode": "numeric"}),
            "summary": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, station: Station | None, by: User, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"visited_on": today()})
        super().__init__(*args, **kwargs)
        self.instance.station = station
        own = Deputy.objects.filter(user=by).first()
        if own is not None and not _serves(by, station):
            del self.fields["deputy"]
            self.instance.deputy = own
        else:
            deputy = self.fields["deputy"]
            deputy.required = True
            deputy.queryset = members_of(station)  # type: ignore[attr-defined]
            deputy.empty_label = "请选择"  # type: ignore[attr-defined]
            deputy.help_text = "记好以后，由代表本人点一下确认。"
            deputy.initial = getattr(own, "pk", None)
        groups = own_groups(by)
        if groups.exists():
            group = self.fields["group"]
            group.queryset = groups  # type: ignore[attr-defined]
            group.label, group.help_text = "随小组走访", "个人走访不选。"
        else:
            del self.fields["group"]
        for name in ("households", "people"):
            self.fields[name].required = False

    def clean_households(self) -> int:
        return self.cleaned_data["households"] or 0

    def clean_people(self) -> int:
        return self.cleaned_data["people"] or 0
