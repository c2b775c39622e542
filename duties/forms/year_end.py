from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from accounts.calendar import today
from accounts.forms import in_plain_words
from accounts.models import Region, User
from duties.candidates import NAMES
from duties.models import Award, SpotCheckResult
from duties.services.year_end import FIRST_YEAR


def own_regions(user: User) -> QuerySet[Region]:
    """The user's own region and those directly below it."""
    own = user.organization.region_id if user.organization is not None else None
    return Region.objects.visible_to(user).filter(Q(pk=own) | Q(parent=own)).order_by("path")


class YearForm(forms.Form):
    """The year in the address; what is typed wrong is the usual year."""

    year = forms.TypedChoiceField(label="年度", coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = years()  # type: ignore[attr-defined]


def years() -> list[tuple[int, str]]:
    this = today().year
    return [(year, f"{year}年") for year in range(this, max(FIRST_YEAR, this - 6), -1)]


class OpinionForm(forms.Form):
    text = forms.CharField(
        label="评价意见",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="写具体的：做了什么，群众怎么说，希望改进什么。本人看得到。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_plain_words(self)


class DrawForm(forms.Form):
    region = forms.ModelChoiceField(Region.objects.none(), label="抽查范围", empty_label=None)
    size = forms.IntegerField(label="抽查人数", min_value=1, max_value=999, initial=5)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = own_regions(by)  # type: ignore[attr-defined]
        in_plain_words(self)


class ResultForm(forms.Form):
    outcome = forms.ChoiceField(
        label="核查结果",
        widget=forms.RadioSelect,
        choices=[choice for choice in SpotCheckResult.Outcome.choices if choice[0] != SpotCheckResult.Outcome.PENDING],
    )
    note = forms.CharField(
        label="说明", max_length=200, required=False, help_text="怎样核查的；与记录不符的，写明哪里不符。"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_plain_words(self)


class CandidatesForm(YearForm):
    of = forms.ChoiceField(label="名单", choices=list(NAMES.items()))
    region = forms.ModelChoiceField(Region.objects.none(), label="范围", empty_label=None, to_field_name="code")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = own_regions(by)  # type: ignore[attr-defined]
        in_plain_words(self)


class AwardForm(forms.ModelForm[Award]):
    """Whom it honours is chosen before; the paper is asked here."""

    class Meta:
        model = Award
        fields = ("year", "name", "grade", "awarded_on", "issuer", "document")
        widgets = {"awarded_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_plain_words(self)

    def _get_validation_exclusions(self) -> set[str]:
        """The service checks the row as a whole, when it knows the region; here only what was typed."""
        return {field.name for field in Award._meta.get_fields()} - set(self.fields)

    def validate_constraints(self) -> None:
        return
