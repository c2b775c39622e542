"""Disputes settled and deputies' reports, as they are asked for; and whose they are: a station's or a group's."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.calendar import today
from accounts.forms import in_plain_words
from accounts.models import User
from activities.forms.parts import DateInput
from activities.models import Activity, DutyReport, Mediation, Theme
from activities.permissions import people_of
from deputies.models import Deputy, DeputyGroup
from stations.models import Station


def offer(form: forms.BaseForm, name: str, queryset: Any, empty: str = "不选") -> None:
    """A choice with nothing to choose from is not drawn: a phone's screen is short."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset, field.empty_label = queryset, empty
    if not queryset.exists():
        del form.fields[name]


def number_inputs(*names: str) -> dict[str, forms.NumberInput]:
    return {name: forms.NumberInput(attrs={"inputmode": "numeric"}) for name in names}


class MediationForm(forms.ModelForm[Mediation]):
    class Meta:
        model = Mediation
        fields = ("mediated_on", "kind", "times", "result", "place", "deputy", "theme")
        widgets = {"mediated_on": DateInput(), "result": forms.RadioSelect, **number_inputs("times")}

    def __init__(self, *args: Any, station: Station | None, group: DeputyGroup | None, by: User, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"mediated_on": today()})
        super().__init__(*args, **kwargs)
        self.instance.station, self.instance.group = station, group
        own = Deputy.objects.in_office().filter(user=by).first()
        keeps = by.is_congress_staff or Station.objects.served_by(by).exists()
        if own is not None and not keeps:
            del self.fields["deputy"]
            self.instance.deputy = own
        else:
            offer(self, "deputy", people_of(station, group), "没有代表参与")
        owner = station or group or own
        offer(self, "theme", Theme.objects.for_region(owner.region.path) if owner else Theme.objects.none(), "不属于")
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [("", "请选择"), *Mediation.Kind.choices]
        in_plain_words(self)


class DutyReportForm(forms.ModelForm[DutyReport]):
    class Meta:
        model = DutyReport
        fields = ("deputy", "voters", "satisfied", "basically", "dissatisfied", "comments", "text")
        widgets = {
            **number_inputs("voters", "satisfied", "basically", "dissatisfied"),
            "comments": forms.Textarea(attrs={"rows": 3}),
            "text": forms.Textarea(attrs={"rows": 5}),
        }
        help_texts = {
            "voters": "没有开会、书面述职的填0。",
            "comments": "选民提问和评议的要点，只在内部显示；不写姓名电话。",
            "text": "报告要点，只在内部显示。",
        }

    def __init__(self, *args: Any, activity: Activity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.activity = activity
        if self.instance._state.adding:
            told = activity.duty_reports.values("deputy")
            self.fields["deputy"].queryset = self.candidates(activity).exclude(pk__in=told)  # type: ignore[attr-defined]
            self.fields["deputy"].empty_label = "请选择"  # type: ignore[attr-defined]
        else:
            del self.fields["deputy"]
        for name in ("voters", "satisfied", "basically", "dissatisfied"):
            self.fields[name].required = False
            self.fields[name].initial = ""
        in_plain_words(self)

    @staticmethod
    def candidates(activity: Activity) -> Any:
        """Those of the station or group, and whoever else was there."""
        people = people_of(activity.station, activity.group).values("pk")
        there = activity.attendances.values("deputy")
        either = Deputy.objects.filter(pk__in=people) | Deputy.objects.filter(pk__in=there)
        return either.in_order("strokes")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for name in ("voters", "satisfied", "basically", "dissatisfied"):
            values[name] = values.get(name) or 0
        return values
