"""Year plans and what is planned: whose plan, its lines by month, an activity to come, and what became of it."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.calendar import today
from accounts.forms import TickedField, in_plain_words
from accounts.models import Organization, Region, User
from accounts.paths import ancestors, within
from activities.forms.parts import DateInput, OneTimeForm, PhotosField, members_of, own_groups
from activities.models import Activity, ActivityType, AnnualPlan, PlanItem
from activities.permissions import groups_of, planned_stations
from activities.services.attendance import invited_to
from activities.services.plans import NEXT_YEARS, items_for, themes_for
from deputies.models import Deputy
from stations.models import Station

SPARE_LINES = 4
REGION, STATION, GROUP = "region", "station", "group"


class BeginPlanForm(forms.Form):
    """Whose plan, of which year."""

    owner = forms.ChoiceField(label="谁的计划")
    year = forms.TypedChoiceField(label="年度", coerce=int)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = Region.objects.none()
        if by.is_congress_staff and by.scope is not None:
            regions = Region.objects.filter(within(by.scope, "path")).order_by("path")
        self._owners: dict[str, Any] = {}
        grouped = []
        for kind, label, rows in (
            (STATION, "联络站", planned_stations(by).select_related("region")),
            (GROUP, "代表小组", groups_of(by).select_related("region")),
            (REGION, "区域（年度代表工作计划）", regions),
        ):
            options = {f"{kind}-{row.pk}": row for row in rows}
            self._owners |= options
            if options:
                grouped.append((label, [(key, str(row)) for key, row in options.items()]))
        only = next(iter(self._owners)) if len(self._owners) == 1 else None
        owner, year = self.fields["owner"], self.fields["year"]
        owner.choices = grouped if only else [("", "请选择"), *grouped]  # type: ignore[attr-defined]
        this_year = today().year
        year.choices = [(y, f"{y}年") for y in range(this_year - 1, this_year + NEXT_YEARS + 1)]  # type: ignore[attr-defined]
        year.initial = this_year
        in_plain_words(self)

    @property
    def whose(self) -> dict[str, Any]:
        """The chosen owner, as `begin_plan` takes it."""
        key = self.cleaned_data["owner"]
        return {key.split("-")[0]: self._owners[key]}


class PlanForm(forms.ModelForm[AnnualPlan]):
    class Meta:
        model = AnnualPlan
        fields = ("introduction",)
        widgets = {"introduction": forms.Textarea(attrs={"rows": 3})}


class PlanItemForm(forms.ModelForm[PlanItem]):
    class Meta:
        model = PlanItem
        fields = ("month", "type", "title")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        months = [("", "请选择"), *((month, f"{month}月") for month in range(1, 13))]
        self.fields["month"] = forms.TypedChoiceField(label="月份", choices=months, coerce=int, empty_value=None)
        type_ = self.fields["type"]
        type_.queryset = ActivityType.objects.filter(is_active=True)  # type: ignore[attr-defined]
        type_.empty_label = "不限"  # type: ignore[attr-defined]
        # A spare line may stay empty as a whole; begun, it is asked for the rest.
        self.fields["month"].required = self.fields["title"].required = not self.empty_permitted
        in_plain_words(self)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.has_changed() and not values.get("month"):
            self.add_error("month", "请选择月份。")
        if self.has_changed() and not values.get("title"):
            self.add_error("title", "请填写内容。")
        return values


PlanItems = forms.inlineformset_factory(
    AnnualPlan, PlanItem, form=PlanItemForm, extra=SPARE_LINES, can_delete=True, max_num=200, validate_max=True
)


def _offer(form: forms.BaseForm, name: str, queryset: Any, empty: str = "不选") -> None:
    """A choice that is there only where there is something to choose."""
    if queryset.exists():
        form.fields[name].queryset = queryset  # type: ignore[attr-defined]
        if isinstance(form.fields[name], forms.ModelChoiceField):
            form.fields[name].empty_label = empty  # type: ignore[attr-defined]
    else:
        del form.fields[name]


def _offer_plan(form: forms.BaseForm, station: Station | None, group: Any, years: list[int]) -> None:
    _offer(form, "plan_item", items_for(station=station, group=group, years=years), "不在计划内")
    region = station.region if station is not None else group.region if group is not None else None
    _offer(form, "theme", themes_for(region) if region is not None else ActivityType.objects.none())


class PlannedForm(OneTimeForm[Activity]):
    """An activity to come: what, which day, where, and whom it invites."""

    deputies = TickedField(
        Deputy.objects.none(), label="应到代表", required=False, help_text="先勾上了本站全体，去掉这次不请的。"
    )

    class Meta:
        model = Activity
        fields = ("type", "title", "held_on", "place", "group", "plan_item", "theme")
        widgets = {"held_on": DateInput()}

    def __init__(self, *args: Any, station: Station | None, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.station = station
        self.fields["type"].queryset = ActivityType.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["type"].empty_label = "请选择"  # type: ignore[attr-defined]
        group = self.instance.group
        invited = members_of(station)
        if self.instance.pk:
            invited = Deputy.objects.filter(pk__in=invited_to(self.instance).values("pk")).in_order()
            listed = self.instance.attendances.filter(presence="rota")
            self.fields["deputies"].initial = list(listed.values_list("deputy", flat=True))
        else:
            self.fields["deputies"].initial = list(invited.values_list("pk", flat=True))
        _offer(self, "deputies", invited)
        _offer(self, "group", own_groups(by) if group is None else type(group).objects.filter(pk=group.pk))
        this_year = today().year
        _offer_plan(self, station, group, [this_year, this_year + NEXT_YEARS])


class ChangePlannedForm(PlannedForm):
    """The same, of an activity that is planned already: saved twice, it says the same twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["key"]
        self.fields.pop("group", None)


class RecordForm(forms.ModelForm[Activity]):
    """What became of an activity: entered once it was held."""

    photos = PhotosField()

    class Meta:
        model = Activity
        fields = (*("held_on", "place", "outsiders", "summary", "lecturers", "plan_item", "theme", "departments"),)
        widgets = {
            "held_on": DateInput(),
            "outsiders": forms.NumberInput(attrs={"inputmode": "numeric"}),
            "summary": forms.Textarea(attrs={"rows": 5}),
            "departments": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        activity = self.instance
        self.fields["outsiders"].required = False
        units = Organization.objects.handling_units().filter(region__path__in=ancestors(activity.region_path)[:-2])
        _offer(self, "departments", units)
        _offer_plan(self, activity.station, activity.group, [activity.held_on.year])
        in_plain_words(self)

    def clean_outsiders(self) -> int:
        return self.cleaned_data["outsiders"] or 0
