"""双联系 and 帮扶: who keeps in touch with whom. Each contact is a visit (mission C4)."""

from __future__ import annotations

from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Q

from accounts.models import Organization, User, Viewer, ends_after_it_begins
from accounts.paths import within
from deputies.models.people import Begun, Deputy
from stations.models import Enterprise, Station


class PairingQuerySet(models.QuerySet["Pairing"]):
    def standing(self) -> Self:
        return self.filter(ended_on__isnull=True)

    def of(self, kind: str) -> Self:
        """Those of one kind; `assistance` 对口帮扶 is told apart from all four."""
        return self.filter(is_assistance=True) if kind == "assistance" else self.filter(kind=kind)

    def totals(self) -> dict[str, int]:
        """How many people with how many stations, enterprises, villages: each once; a household is a pairing each."""
        named = {name: Count(name, distinct=True) for name in ("station", "enterprise", "village")}
        counts = self.order_by().aggregate(
            people=Count("deputy", distinct=True), household=Count("pk", filter=Q(kind="household")), **named
        )
        return {name: int(count) for name, count in counts.items()}

    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User):
            return self.none()
        seen = Q(deputy__user=user) | Q(deputy__in=Deputy.objects.visible_to(user))
        if user.is_congress_staff and user.scope is not None:
            seen |= within(user.scope, "deputy__region__path")
        return self.filter(seen)


class Pairing(Begun):
    """结对: a committee member and a station, or a deputy and a household, an enterprise, a village.

    A household is told by where and what (刘庄村三组养殖户), never by a name: nothing personal is needed to visit it.
    """

    class Kind(models.TextChoices):
        STATION = "station", "常委会成员联系代表联络站"
        HOUSEHOLD = "household", "代表联系户"
        ENTERPRISE = "enterprise", "代表联系企业"
        VILLAGE = "village", "代表联系村（社区）"

    kind = models.CharField("联系对象", max_length=12, choices=Kind)
    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="pairings", verbose_name="代表")
    station = models.ForeignKey(
        Station, models.PROTECT, null=True, blank=True, related_name="pairings", verbose_name="联络站"
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="pairings", verbose_name="企业"
    )
    village = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="pairings", verbose_name="村（社区）"
    )
    household = models.CharField(
        "联系户", max_length=40, blank=True, help_text="写地点和类别，如“刘庄村三组养殖户”，不写姓名和电话。"
    )
    is_assistance = models.BooleanField("对口帮扶", default=False)
    purpose = models.CharField("帮扶事项", max_length=120, blank=True)

    objects = PairingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "结对联系"
        ordering: ClassVar = ["deputy", "kind", "pk"]
        constraints: ClassVar = [
            ends_after_it_begins("pairing_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(kind="station", station__isnull=False, enterprise=None, village=None, household="")
                | Q(kind="enterprise", station=None, enterprise__isnull=False, village=None, household="")
                | Q(kind="village", station=None, enterprise=None, village__isnull=False, household="")
                | Q(kind="household", station=None, enterprise=None, village=None) & ~Q(household=""),
                name="pairing_of_one_thing",
                violation_error_message="请只填写与“联系对象”相符的一项：联络站、企业、村（社区）或联系户。",
            ),
            *(
                models.UniqueConstraint(
                    fields=["deputy", target],
                    condition=Q(ended_on__isnull=True, kind=target),
                    name=f"pairing_once_{target}",
                    violation_error_message="这位代表已与其结对。",
                )
                for target in ("station", "enterprise", "village", "household")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy}联系{self.target}"

    @property
    def target(self) -> str:
        return str(self.station or self.enterprise or self.village or self.household)

    def clean(self) -> None:
        super().clean()
        if self.village is not None and self.village.kind != Organization.Kind.VILLAGE_COMMITTEE:
            raise ValidationError({"village": "请选择村（居）委会。"})
