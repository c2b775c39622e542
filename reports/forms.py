from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from accounts.calendar import today
from accounts.models import Region, User
from activities.forms import DateInput
from reports.permissions import regions_for, stations_for
from stations.models import Station

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
    """Everything in scope, or the own region and those directly below."""

    region = forms.ChoiceField(label="区域", error_messages={"invalid_choice": "请从列表中选择区域。"})
    field_order = ("region", "year")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope = regions_for(user).order_by("path")
        regions = list(scope[: MOST_TO_CHOOSE_FROM + 1])
        if len(regions) > MOST_TO_CHOOSE_FROM:
            regions = [regions[0], *Region.objects.filter(parent=regions[0]).order_by("path")]
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


def _indented(region: Region, top: Region) -> str:
    steps = {"nation": 0, "province": 1, "city": 2, "county": 3, "township": 4}
    return "　" * max(steps[region.level] - steps[top.level], 0) + region.name
