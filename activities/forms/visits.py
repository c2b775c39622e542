"""A visit, written down on a phone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from accounts.calendar import today
from accounts.models import User
from activities.forms.parts import (
    DateInput,
    OneTimeForm,
    PhotosField,
    members_of,
    own_deputy,
    own_groups,
    serves,
    themes_at,
)
from activities.models import Visit
from deputies.models import DeputyGroup, Pairing
from stations.models import Enterprise, Station

TARGETS = {Pairing.Kind.ENTERPRISE: Visit.Target.ENTERPRISE, Pairing.Kind.VILLAGE: Visit.Target.VILLAGE}


class VisitForm(OneTimeForm[Visit]):
    """One screen: when, whom, how many households. Everything else is behind a line of its own and may be left out.

    The deputy is oneself, or chosen by the officer who writes it down; there a group may stand for the deputy.
    """

    photos = PhotosField()

    class Meta:
        model = Visit
        fields = (
            "deputy",
            "visited_on",
            "target",
            "households",
            "people",
            "place",
            "summary",
            "pairing",
            "enterprise",
            "theme",
            "group",
        )
        widgets = {
            "visited_on": DateInput(),
            "target": forms.RadioSelect,
            "households": forms.NumberInput(attrs={"inputmode": "numeric"}),
            "people": forms.NumberInput(attrs={"inputmode": "numeric"}),
            "summary": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(
        self,
        *args: Any,
        station: Station | None,
        by: User,
        own_only: bool = False,
        pairing: Pairing | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("initial", {"visited_on": today(), "households": 1, **told_by(pairing)})
        super().__init__(*args, **kwargs)
        self.instance.station = station
        own = own_deputy(by)
        paired = Pairing.objects.standing().select_related("deputy", "station", "enterprise", "village")
        if own is not None and (own_only or not serves(by, station)):
            del self.fields["deputy"]
            self.instance.deputy = own
            self.offer("group", own_groups(by), otherwise="个人走访，不选")
            self.offer("pairing", paired.filter(deputy=own))
        else:
            self._offer_groups(by, station)
            self._offer_deputies(station, own.pk if own is not None else None)
            self.offer("pairing", paired.filter(deputy__in=members_of(station).order_by()))
        if "pairing" in self.fields:
            # Whoever has one deputy only to think of reads whom it is about, not the own name.
            self.fields["pairing"].label_from_instance = (  # type: ignore[attr-defined]
                str if "deputy" in self.fields else lambda pairing: pairing.target
            )
        firms = Enterprise.objects.none()
        if station is not None:
            firms = Enterprise.objects.filter(Q(pk=station.enterprise_id) | Q(chains__in=station.chains.all()))
        self.offer("enterprise", firms.distinct())
        self.offer("theme", themes_at(station))
        self.fields["people"].required = False

    def _offer_deputies(self, station: Station | None, chosen: int | None) -> None:
        deputy = self.fields["deputy"]
        deputy.queryset = members_of(station)  # type: ignore[attr-defined]
        deputy.empty_label = "请选择"  # type: ignore[attr-defined]
        deputy.help_text = "记好以后，由代表本人点一下确认。"
        deputy.required = "group" not in self.fields
        self.initial.setdefault("deputy", chosen)

    def _offer_groups(self, by: User, station: Station | None) -> None:
        entered = Q(entries__station=station, entries__ended_on__isnull=True)
        groups = DeputyGroup.objects.active().visible_to(by).filter(entered | Q(pk__in=own_groups(by).values("pk")))
        self.offer("group", groups.distinct(), otherwise="不选")
        if "group" in self.fields:
            self.fields["group"].help_text = "小组集体走访的选小组，不用选代表。"

    def clean_people(self) -> int:
        return self.cleaned_data["people"] or 0

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if "deputy" in self.fields and not self.errors and values["deputy"] is None and values.get("group") is None:
            self.add_error("deputy", "请选择走访的代表或代表小组。")
        pairing = self.cleaned_data.get("pairing")
        if pairing is not None and pairing.enterprise is not None:
            # As the service keeps it, so that a retry is known for the same visit.
            self.cleaned_data |= {"enterprise": pairing.enterprise, "target": Visit.Target.ENTERPRISE}
        return super().clean()


def told_by(pairing: Pairing | None) -> dict[str, Any]:
    """What a pairing says of the visit that is about to be written down."""
    if pairing is None:
        return {}
    told = {"pairing": pairing.pk, "deputy": pairing.deputy_id, "enterprise": pairing.enterprise_id}
    target = TARGETS.get(Pairing.Kind(pairing.kind))
    return told if target is None else {**told, "target": target}
