"""The congress of a region and its term, its meetings, and who elects whom."""

from __future__ import annotations

from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import Region, Viewer
from stations.models import ScopedQuerySet


class CongressQuerySet(ScopedQuerySet):
    def sitting(self) -> Self:
        return self.filter(ended_on__isnull=True, first_met_on__isnull=False)

    def coming(self) -> Self:
        """Elected and not yet met: its seats are 当选, and the congress before it sits on."""
        return self.filter(first_met_on__isnull=True)


class Congress(models.Model):
    """某区域第几届人民代表大会. A term is no calendar span: it ends when the next congress first meets (代表法 art. 2)."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="congresses", verbose_name="区域")
    ordinal = models.PositiveSmallIntegerField("届次", validators=[MinValueValidator(1)])
    first_met_on = models.DateField(
        "首次会议日期", null=True, blank=True, help_text="已经选出、还没有开会的下一届不填。"
    )
    ended_on = models.DateField("届满日期", null=True, blank=True, help_text="下一届首次会议召开之日；在任的一届不填。")

    objects = CongressQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "届次"
        ordering: ClassVar = ["region__path", "-ordinal"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "region", "ordinal", name="congress_once", violation_error_message="本区域已有这一届。"
            ),
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(ended_on__isnull=True, first_met_on__isnull=False),
                name="congress_one_sitting_per_region",
                violation_error_message="本区域已有在任的一届，请先在“换届”中办理上一届届满。",
            ),
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(first_met_on__isnull=True),
                name="congress_one_coming_per_region",
                violation_error_message="本区域已有选出、还没有开会的一届。",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(first_met_on__isnull=False),
                name="congress_met_before_it_ended",
                violation_error_message="届满的一届要填写首次会议日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region}第{self.ordinal}届人民代表大会"

    def clean(self) -> None:
        super().clean()
        if self.region_id and not self.region.has_congress:
            raise ValidationError({"region": f"{self.region}是{self.region.get_form_display()}，不设人民代表大会。"})
        if self.ended_on and self.first_met_on and self.ended_on < self.first_met_on:
            raise ValidationError({"ended_on": "届满日期不能早于首次会议日期。"})
        if self.pk and self.ended_on and self.mandates.filter(ended_on__isnull=True).exists():
            raise ValidationError({"ended_on": "本届还有没有终止的职务，届满请到工作平台“换届”办理。"})


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: Viewer) -> Self:
        return self.filter(congress__in=Congress.objects.visible_to(user))


class Session(models.Model):
    """会次: the meetings of one congress. A proposal raised at one is numbered apart from those between sessions (闭会)."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="sessions", verbose_name="届次")
    ordinal = models.PositiveSmallIntegerField("第几次会议", validators=[MinValueValidator(1)])
    opened_on = models.DateField("开幕日期")
    closed_on = models.DateField("闭幕日期", null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会次"
        ordering: ClassVar = ["congress", "-ordinal"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "congress", "ordinal", name="session_once", violation_error_message="本届已有这一次会议。"
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=models.F("opened_on")),
                name="session_closes_after_it_opens",
                violation_error_message="闭幕日期不能早于开幕日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.ordinal}次会议"


class ConstituencyQuerySet(models.QuerySet["Constituency"]):
    def visible_to(self, user: Viewer) -> Self:
        return self.filter(congress__in=Congress.objects.visible_to(user))


class Constituency(models.Model):
    """选区 (county and township: voters elect) or 选举单位 (above: the next lower congress elects)."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="constituencies", verbose_name="届次")
    name = models.CharField("名称", max_length=60)
    seats = models.PositiveSmallIntegerField("应选名额", null=True, blank=True)

    objects = ConstituencyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "选区（选举单位）"
        ordering: ClassVar = ["congress", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "congress", "name", name="constituency_once", violation_error_message="本届已有同名选区。"
            )
        ]

    def __str__(self) -> str:
        return self.name
