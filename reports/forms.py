from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.urls import reverse

from accounts.calendar import today
from accounts.models import Organization, Region, User
from activities.forms import DateInput
from reports.permissions import regions_for, stations_for
from reports.promises import STATES
from stations.models import Station
from suggestions.forms.listing import FilterForm
from suggestions.models import Assignment, Suggestion
from suggestions.workflow import Kind

FIRST_YEAR = 2015
YEARS_SHOWN = 6
# A list to choose from is read from top to bottom; where there are more, one goes down through the tables.
MOST_TO_CHOOSE_FROM = 300


def is_year(year: int) -> bool:
    """A year that there may be a report of: not before there were stations, not yet to come."""
    return FIRST_YEAR <= year <= today().year


class YearForm(forms.Form):
    year = forms.TypedChoiceField(label="年度", coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        this = today().year
        field = self.fields["year"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(year, f"{year}年") for year in range(this, this - YEARS_SHOWN, -1)]


class RegionForm(YearForm):
    region = forms.ChoiceField(label="区域", error_messages={"invalid_choice": "请从列表中选择区域。"})
    field_order = ("region", "year")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = regions_to_choose_from(user)
        field = self.fields["region"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(region.code, _indented(region, regions[0])) for region in regions]


class StationForm(YearForm):
    """A list where it can be read; else the station's name, or enough of it."""

    station = forms.CharField(
        label="联络站", max_length=60, error_messages={"required": "请填写联络站名称，写一部分也可以。"}
    )
    field_order = ("station", "year")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stations = stations_for(user).order_by("region__path", "name")
        few = list(self.stations.values_list("slug", "name")[: MOST_TO_CHOOSE_FROM + 1])
        self.is_list = len(few) <= MOST_TO_CHOOSE_FROM
        self.has_choice = bool(few)
        if self.is_list:
            self.fields["station"] = forms.ChoiceField(
                label="联络站", choices=few, error_messages={"invalid_choice": "请从列表中选择联络站。"}
            )

    def clean_station(self) -> Station:
        typed = self.cleaned_data["station"].strip()
        if self.is_list:
            return self.stations.get(slug=typed)
        found = list(self.stations.filter(name=typed)[:2]) or list(self.stations.filter(name__icontains=typed)[:2])
        if not found:
            raise forms.ValidationError(f"没有找到名称含“{typed}”的联络站，请换一个词。")
        if len(found) > 1:
            raise forms.ValidationError(f"名称含“{typed}”的联络站不止一个，请把名称写完整。")
        return found[0]


class PeriodForm(forms.Form):
    """The period that the rows of a figure are asked for. `from` is no name for an attribute."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from"] = forms.DateField(label="从", widget=DateInput())
        self.fields["to"] = forms.DateField(label="到", widget=DateInput())

    @classmethod
    def asking(cls, subject: tuple[str, str], start: date, end: date) -> PeriodForm:
        """The form that asks for another period of the same subject."""
        form = cls(initial={"from": start, "to": end})
        name, value = subject
        form.fields[name] = forms.CharField(widget=forms.HiddenInput, initial=value)
        return form

    def clean(self) -> None:
        start, end = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if start and end and not (start <= end and start.year >= FIRST_YEAR and end.year <= today().year):
            raise forms.ValidationError("期间不对。")

    @property
    def period(self) -> tuple[date, date]:
        return self.cleaned_data["from"], self.cleaned_data["to"]


class UnitsForm(forms.Form):
    """What both registers ask. A list to choose units from is left out where there is nothing to choose."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = units_for(user)
        self._choose("unit", units if len(units) > 1 else [])

    def _choose(self, name: str, choices: list[tuple[Any, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "全部"), *choices]
        if not choices:
            del self.fields[name]


class RegisterForm(UnitsForm):
    STATES = [
        *(state for state in FilterForm.STATES if state[0] != "waiting"),
        ("overdue", "已超期"),
    ]

    q = forms.CharField(label="编号或关键词", required=False, max_length=40)
    kind = forms.ChoiceField(label="种类", choices=[("", "全部"), *Kind.choices], required=False)
    region = forms.ChoiceField(label="区域", required=False, error_messages={"invalid_choice": "请从列表中选择区域。"})
    state = forms.ChoiceField(label="状态", choices=STATES, required=False)
    unit = forms.ChoiceField(
        label="承办单位", required=False, error_messages={"invalid_choice": "请从列表中选择单位。"}
    )
    supervised = forms.ChoiceField(label="督办", choices=[("", "全部"), ("1", "重点督办")], required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["from"] = forms.DateField(label="提出日期从", widget=DateInput(), required=False)
        self.fields["to"] = forms.DateField(label="到", widget=DateInput(), required=False)
        self.regions = {region.code: region for region in regions_to_choose_from(user)}
        top = next(iter(self.regions.values()), None)
        self._choose("region", [(code, _indented(region, top or region)) for code, region in self.regions.items()])

    def clean_region(self) -> Region | None:
        return self.regions.get(self.cleaned_data["region"])

    def clean(self) -> None:
        start, end = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if start and end and start > end:
            self.add_error("to", "止日不能早于起日，请重新选择。")


class PromisesForm(UnitsForm):
    state = forms.ChoiceField(label="状态", choices=STATES, required=False)
    unit = forms.ChoiceField(
        label="承诺单位", required=False, error_messages={"invalid_choice": "请从列表中选择单位。"}
    )


def above(user: User) -> tuple[str, str]:
    """Where a page of registers hangs: units and deputies have no page of reports."""
    return ("报表", reverse("reports")) if user.is_congress_staff else ("工作台", reverse("workbench"))


def regions_to_choose_from(user: User) -> list[Region]:
    """Everything in scope, or the own region and those directly below."""
    scope = regions_for(user).order_by("path")
    regions = list(scope[: MOST_TO_CHOOSE_FROM + 1])
    if len(regions) > MOST_TO_CHOOSE_FROM:
        regions = [regions[0], *Region.objects.filter(parent=regions[0]).order_by("path")]
    return regions


def units_for(user: User) -> list[tuple[str, str]]:
    """The units to ask for: of congress staff those of the scope, or of the own level where they are too many; of
    others those that have a case they see.
    """
    units = Organization.objects.order_by("region__path", "kind", "name")
    if user.is_congress_staff and user.organization is not None:
        units = units.visible_to(user).exclude(kind__in=Organization.CONGRESS_KINDS)
        if units.count() > MOST_TO_CHOOSE_FROM:
            units = units.filter(region=user.organization.region_id)
    else:
        given = Assignment.objects.filter(suggestion__in=Suggestion.objects.visible_to(user).order_by().values("pk"))
        units = units.filter(pk__in=given.values("unit"))
    return [(str(pk), name) for pk, name in units.values_list("pk", "name")[:MOST_TO_CHOOSE_FROM]]


def _indented(region: Region, top: Region) -> str:
    steps = {"nation": 0, "province": 1, "city": 2, "county": 3, "township": 4}
    return "　" * max(steps[region.level] - steps[top.level], 0) + region.name
