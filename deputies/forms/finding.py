"""Finding people: by level, 专长, 职业（界别）, station, name, in one of the two orders of a published list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.calendar import today
from accounts.forms import TickedField, in_plain_words
from accounts.models import Level, User
from deputies.models import Deputy, Mandate, StationMembership
from stations.models import Station

# What a field offers to choose from, of the words that were really written; more would be no help.
MOST_WORDS = 60


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **attrs: str) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


def seats_of(level: str = "") -> QuerySet[Mandate]:
    """实有: the seats that are counted, of one level or of all."""
    held = Mandate.objects.held()
    return held.filter(congress__region__level=level) if level else held


class FindForm(forms.Form):
    """Each condition narrows; a broken one narrows nothing."""

    HELD, ELECTED, FORMER = "", "elected", "former"
    STATES = ((HELD, "现任（含暂停）"), (ELECTED, "当选，待资格审查"), (FORMER, "离任"))

    name = forms.CharField(label="姓名", required=False, max_length=40)
    level = forms.ChoiceField(label="层级", required=False, choices=[("", "各级"), *Level.choices])
    expertise = forms.CharField(label="专长", required=False, max_length=80)
    occupation = forms.CharField(label="职业（界别）", required=False, max_length=40)
    station = forms.ModelChoiceField(
        Station.objects.none(), label="联络站", required=False, empty_label="不限", to_field_name="slug"
    )
    state = forms.ChoiceField(label="职务", required=False, choices=STATES)
    order = forms.ChoiceField(
        label="排序", required=False, choices=[("strokes", "按姓名笔划"), ("pinyin", "按姓名拼音")]
    )

    def __init__(self, *args: Any, by: User, without: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stations = Station.objects.visible_to(by).order_by("name")
        self.fields["station"].queryset = stations  # type: ignore[attr-defined]
        for name in without:
            del self.fields[name]
        for name in ("expertise", "occupation"):
            self.fields[name].widget.attrs["list"] = f"words-{name}"
        in_plain_words(self)
        self.is_valid()

    def asked(self, name: str) -> Any:
        return self.cleaned_data.get(name) or ""

    def find(self, people: QuerySet[Deputy]) -> QuerySet[Deputy]:
        for name in ("name", "expertise", "occupation"):
            if self.asked(name):
                people = people.filter(**{f"{name}__icontains": self.asked(name)})
        if self.asked("station"):
            sitting = StationMembership.objects.sitting().filter(station=self.asked("station"))
            people = people.filter(Exists(sitting.filter(deputy=OuterRef("pk"))))
        people = people.filter(self._in_state(self.asked("state"), self.asked("level")))
        return people.in_order(self.asked("order"))  # type: ignore[attr-defined,no-any-return]

    def _in_state(self, state: str, level: str) -> Q:
        own = Mandate.objects.filter(deputy=OuterRef("pk"))
        if level:
            own = own.filter(congress__region__level=level)
        held, elected = own.held(), own.filter(status=Mandate.Status.ELECTED)
        if state == self.ELECTED:
            return Q(Exists(elected))
        if state == self.FORMER:
            return Q(~Exists(held), ~Exists(elected), Exists(own))
        return Q(Exists(held))

    @staticmethod
    def words(people: QuerySet[Deputy]) -> dict[str, list[str]]:
        """What was really written under 专长 and 职业, to choose from while typing."""
        return {
            name: list(people.exclude(**{name: ""}).order_by(name).values_list(name, flat=True).distinct()[:MOST_WORDS])
            for name in ("expertise", "occupation")
        }


class TickForm(forms.Form):
    """Several people of a list at once, from one day on."""

    deputies = TickedField(Deputy.objects.none(), label="代表", error_messages={"required": "请至少勾选一位代表。"})
    since = forms.DateField(label="日期", widget=DateInput(), initial=today, help_text="从哪天起；不能晚于今天。")

    def __init__(self, *args: Any, people: list[Deputy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["deputies"]
        field.queryset = Deputy.objects.filter(pk__in=[one.pk for one in people])
        field.choices = [(one.pk, self.line(one)) for one in people]
        in_plain_words(self)

    @staticmethod
    def line(deputy: Deputy) -> str:
        seats: list[Mandate] = deputy.held_seats  # type: ignore[attr-defined]
        parts = [
            "、".join(str(seat) for seat in seats),
            deputy.occupation,
            deputy.expertise and f"专长：{deputy.expertise}",
        ]
        return f"{deputy}（{'；'.join(part for part in parts if part)}）"
