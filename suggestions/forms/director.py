"""What is said to a director on the spot: several matters on one page, each a case of its own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.calendar import today
from accounts.models import Organization
from activities.forms import DateInput
from suggestions import services
from suggestions.codes import new_form_key
from suggestions.forms.parts import KEY, PlainForm, words
from suggestions.forms.verb import INCOMPLETE, UnitField
from suggestions.models import Category, ProblemKind, Suggestion
from suggestions.services.director import Matter

MOST_DAYS = 366


class MatterRow(PlainForm):
    """A row with nothing typed is no matter. `key` makes a second tap the same case."""

    SUBMITTERS = [(s.value, s.label) for s in Suggestion.Submitter if s is not Suggestion.Submitter.DEPUTY]

    key = forms.CharField(widget=forms.HiddenInput, required=False)
    text = words("反映事项", rows=3, help_text="什么事、希望怎样解决。一件事一条，不写姓名电话。")
    place = forms.CharField(label="地点", max_length=120, required=False, help_text="写到村、路或企业。")
    unit = UnitField(Organization.objects.none(), label="交哪个部门", empty_label="请选择")
    days = forms.IntegerField(
        label="限几天答复",
        min_value=1,
        max_value=MOST_DAYS,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text="当面商定的天数，从今天算；不填按办理规程。",
    )
    due = forms.DateField(label="或限到哪天", required=False, widget=DateInput())
    category = forms.ModelChoiceField(Category.objects.all(), label="类别", empty_label="请选择")
    problem_kind = forms.ModelChoiceField(ProblemKind.objects.all(), label="问题类型", empty_label="请选择")
    submitter_kind = forms.ChoiceField(label="反映人", choices=SUBMITTERS, required=False)

    def __init__(
        self, *args: Any, units: QuerySet[Organization], present: list[int], home: int | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, UnitField)
        field.home, field.queryset = home, units
        options = [(unit.pk, unit.pk in present, field.label_from_instance(unit)) for unit in units]
        groups = [
            ("到场部门", [(pk, label) for pk, there, label in options if there]),
            ("本级其他单位", [(pk, label) for pk, there, label in options if not there]),
        ]
        field.choices = [("", "请选择"), *[group for group in groups if group[1]]]
        if not self.is_bound:
            self.initial["key"] = new_form_key()

    @property
    def is_blank(self) -> bool:
        typed = (self.data.get(self.add_prefix(name), "") for name in ("text", "place", "unit", "days", "due"))
        return not any(str(value).strip() for value in typed)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not KEY.fullmatch(values.get("key") or ""):
            raise forms.ValidationError(INCOMPLETE)
        if values.get("days") and values.get("due"):
            self.add_error("due", "天数和日期只填一个。")
        return values

    def matter(self) -> Matter:
        values = self.cleaned_data
        due: date | None = today() + timedelta(days=values["days"]) if values["days"] else values["due"]
        said = services.Statement(
            text=values["text"],
            place=values["place"],
            submitter_kind=values["submitter_kind"] or Suggestion.Submitter.RESIDENT,
        )
        return Matter(said, values["category"], values["problem_kind"], values["unit"], due)
