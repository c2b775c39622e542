"""An activity, written down on a phone."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.calendar import today
from accounts.forms import TickedField
from accounts.models import Organization, User
from accounts.paths import ancestors
from activities.forms.parts import DateInput, OneTimeForm, PhotosField, members_of, own_groups, themes_at
from activities.models import Activity, ActivityType
from deputies.models import Deputy
from stations.models import Station


class ActivityForm(OneTimeForm[Activity]):
    """Three things are needed: what kind, about what, which day. Everything else may wait."""

    deputies = TickedField(Deputy.objects.none(), label="参加代表", required=False, help_text="勾选到场的代表。")
    photos = PhotosField()

    class Meta:
        model = Activity
        fields = (
            "type",
            "title",
            "held_on",
            "place",
            "group",
            "theme",
            "outsiders",
            "lecturers",
            "summary",
            "departments",
        )
        widgets = {
            "held_on": DateInput(),
            "summary": forms.Textarea(attrs={"rows": 5}),
            "departments": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, station: Station | None, by: User, own_only: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"held_on": today()})
        super().__init__(*args, **kwargs)
        self.fields["type"].queryset = ActivityType.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["type"].empty_label = "请选择"  # type: ignore[attr-defined]
        self.instance.station = station
        own = Deputy.objects.filter(user=by)
        deputies = self.fields["deputies"]
        # On a phone that stays signed in nobody writes down who else was there.
        deputies.queryset = own if own_only else members_of(station)  # type: ignore[attr-defined]
        deputies.initial = list(own.values_list("pk", flat=True))
        if own_only:
            deputies.help_text = "这里只记您本人，其他到场的代表由联络站补记。"
        self.fields["outsiders"].required = False
        self.offer("group", own_groups(by))
        self.offer("theme", themes_at(station))
        units = Organization.objects.none()
        if station is not None:
            units = Organization.objects.handling_units().filter(region__path__in=ancestors(station.region.path)[:-2])
        self.offer("departments", units)

    def clean_outsiders(self) -> int:
        return self.cleaned_data["outsiders"] or 0
