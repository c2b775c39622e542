from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.calendar import today
from accounts.models import Region, User
from accounts.paths import within

FIRST_YEAR = 2015
# A list to choose from is read from top to bottom.
MOST_TO_CHOOSE_FROM = 300


def regions_of(user: User) -> QuerySet[Region]:
    """Congress staff: their region and those below."""
    if user.is_congress_staff and user.scope is not None:
        return Region.objects.filter(within(user.scope, "path")).order_by("path")
    return Region.objects.none()


def years() -> list[tuple[int, str]]:
    """The next year too: its targets are set before it begins."""
    this = today().year
    return [(year, f"{year}年") for year in range(this + 1, max(this - 5, FIRST_YEAR - 1), -1)]


class YearForm(forms.Form):
    year = forms.TypedChoiceField(label="年度", coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["year"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = years()


class TargetsForm(YearForm):
    """Which region and year. A region of which the user keeps nothing is no choice, and so a missing page."""

    region = forms.ChoiceField(label="区域")
    field_order = ("region", "year")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = list(regions_of(user)[:MOST_TO_CHOOSE_FROM])
        field = self.fields["region"]
        assert isinstance(field, forms.ChoiceField)
        top = len(regions[0].path) if regions else 0
        field.choices = [(one.code, ("　" if len(one.path) > top else "") + one.name) for one in regions]


class NameForm(forms.Form):
    """Whose file."""

    name = forms.CharField(label="姓名", required=False, max_length=40)
