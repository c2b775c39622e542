"""What is owed: so many of a kind in a month, a quarter, half a year or a year (mission U2)."""

from __future__ import annotations

from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import Region, User, Viewer
from accounts.paths import ancestors, within
from activities.models import ActivityType
from deputies.models import DeputyGroup
from duties.rules import DEPUTY, GROUP, RULES, STATION
from stations.models import Station


class TargetQuerySet(models.QuerySet["Target"]):
    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User):
            return self.none()
        if user.is_congress_staff and user.scope is not None:
            return self.filter(within(user.scope) | Q(region__path__in=ancestors(user.scope)))
        return self

    def holding_for(self, path: str, year: int) -> Self:
        """Targets of the region itself and of those above hold side by side."""
        return self.filter(region__path__in=ancestors(path), year=year)


class Target(models.Model):
    """年度任务: every station, group or deputy of the region owes at least `least` of them in each span."""

    class Of(models.TextChoices):
        STATION = STATION, "每个联络站"
        GROUP = GROUP, "每个代表小组"
        DEPUTY = DEPUTY, "每名代表"

    class Span(models.TextChoices):
        MONTH = "month", "每月"
        QUARTER = "quarter", "每季度"
        HALF = "half", "每半年"
        YEAR = "year", "每年"

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区域")
    year = models.PositiveSmallIntegerField("年度", validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    of = models.CharField("对象", max_length=8, choices=Of)
    station_kind = models.CharField(
        "站点类型", max_length=12, choices=Station.Kind, blank=True, help_text="只对一类联络站的，选择类型。"
    )
    group_kind = models.CharField("小组类型", max_length=12, choices=DeputyGroup.Kind, blank=True)
    rule = models.CharField("事项", max_length=20, choices=[(rule.code, rule.label) for rule in RULES.values()])
    types = models.ManyToManyField(
        ActivityType, blank=True, related_name="+", verbose_name="活动类型", help_text="不选即各类活动都算。"
    )
    span = models.CharField("周期", max_length=8, choices=Span, default=Span.YEAR)
    least = models.PositiveSmallIntegerField("不少于", validators=[MinValueValidator(1)])

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度任务"
        ordering: ClassVar = ["-year", "region__path", "of", "pk"]

    def __str__(self) -> str:
        rule = RULES[self.rule]
        return f"{self.get_of_display()}{self.get_span_display()}{rule.label}不少于{self.least}{rule.unit}"

    def clean(self) -> None:
        super().clean()
        rule = RULES.get(self.rule)
        if rule is not None and self.of not in rule.who:
            raise ValidationError({"rule": f"“{rule.label}”不能按{self.get_of_display()}计，请换一个事项。"})
        if self.station_kind and self.of != self.Of.STATION:
            raise ValidationError({"station_kind": "只有对联络站的任务才选站点类型。"})
        if self.group_kind and self.of != self.Of.GROUP:
            raise ValidationError({"group_kind": "只有对代表小组的任务才选小组类型。"})
