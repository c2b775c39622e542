"""What is meant to happen: kinds of activity, themes over years, the year's plan."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Region, User, Viewer
from accounts.paths import ancestors, within
from deputies.models import Deputy, DeputyGroup, GroupMembership, StationMembership
from stations.models import Station


class ActivityType(models.Model):
    """活动类型 as data (mission U1). The code is what figures and targets ask for; the name may be changed."""

    code = models.SlugField("代码", max_length=24, unique=True, help_text="报表按代码统计，保存后不再改变。")
    name = models.CharField("名称", max_length=30, unique=True)
    order = models.PositiveSmallIntegerField("排序", default=0)
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "活动类型"
        ordering: ClassVar = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class ThemeQuerySet(models.QuerySet["Theme"]):
    def visible_to(self, user: Viewer) -> Self:
        """Those of the own subtree, and those above it, which the own work belongs to. Never a neighbour's."""
        if not isinstance(user, User):
            return self.none()
        if user.is_congress_staff and user.scope is not None:
            return self.filter(within(user.scope) | Q(region__path__in=ancestors(user.scope)))
        own = Station.objects.served_by(user).order_by().values_list("region__path")
        members = StationMembership.objects.sitting().filter(deputy__user=user)
        groups = GroupMembership.objects.filter(deputy__user=user, ended_on__isnull=True)
        places = own.union(
            members.order_by().values_list("station__region__path"),
            groups.order_by().values_list("group__region__path"),
            Deputy.objects.filter(user=user).order_by().values_list("region__path"),
            all=True,
        )
        return self.filter(region__path__in={above for (path,) in places for above in ancestors(path)})

    def running(self, day: Any) -> Self:
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def for_region(self, path: str) -> Self:
        """What work of this region may belong to: themes of the region itself and of those above."""
        return self.filter(region__path__in=ancestors(path))


class Theme(models.Model):
    """主题活动: gathers activities, visits, cases and reports across stations and years (mission U8)."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区域")
    name = models.CharField("名称", max_length=60)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级主题"
    )
    plan = models.TextField("实施方案", blank=True)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True, help_text="常年开展的不填。")

    objects = ThemeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "主题活动"
        ordering: ClassVar = ["-starts_on", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "region", "name", name="theme_once_per_region", violation_error_message="本区域已有同名主题活动。"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="theme_ends_after_it_begins",
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.parent_id is not None and self.parent_id == self.pk:
            raise ValidationError({"parent": "上级主题不能是自己。"})


class AnnualPlanQuerySet(models.QuerySet["AnnualPlan"]):
    def public(self) -> Self:
        return self.filter(published_on__isnull=False)

    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User):
            return self.none()
        seen = Q(published_on__isnull=False) | Q(station__in=Station.objects.served_by(user).values("pk"))
        seen |= Q(group__in=DeputyGroup.objects.visible_to(user).values("pk"))
        if user.is_congress_staff and user.scope is not None:
            seen |= within(user.scope)
        return self.filter(seen)


class AnnualPlan(models.Model):
    """年度计划 of a region (代表法 art. 43: published), a station or a group."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区域")
    station = models.ForeignKey(
        Station, models.PROTECT, null=True, blank=True, related_name="plans", verbose_name="联络站"
    )
    group = models.ForeignKey(
        DeputyGroup, models.PROTECT, null=True, blank=True, related_name="plans", verbose_name="代表小组"
    )
    year = models.PositiveSmallIntegerField("年度", validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    introduction = models.TextField("总体要求", blank=True)
    published_on = models.DateField("公开日期", null=True, blank=True)

    objects = AnnualPlanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度计划"
        ordering: ClassVar = ["-year", "region__path", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(station__isnull=True) | Q(group__isnull=True), name="plan_of_station_or_group"
            ),
            models.UniqueConstraint(
                fields=["region", "year"],
                condition=Q(station__isnull=True, group__isnull=True),
                name="plan_once_region",
                violation_error_message="本区域这个年度已有计划。",
            ),
            models.UniqueConstraint(
                fields=["station", "year"],
                condition=Q(station__isnull=False),
                name="plan_once_station",
                violation_error_message="本站这个年度已有计划。",
            ),
            models.UniqueConstraint(
                fields=["group", "year"],
                condition=Q(group__isnull=False),
                name="plan_once_group",
                violation_error_message="本小组这个年度已有计划。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner}{self.year}年度计划"

    @property
    def owner(self) -> Region | Station | DeputyGroup:
        return self.station or self.group or self.region


class PlanItem(models.Model):
    """One line of the plan: a month and what is done in it. Activities held for it hang on it."""

    plan = models.ForeignKey(AnnualPlan, models.CASCADE, related_name="items", verbose_name="年度计划")
    month = models.PositiveSmallIntegerField("月份", validators=[MinValueValidator(1), MaxValueValidator(12)])
    type = models.ForeignKey(
        ActivityType, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="活动类型"
    )
    title = models.CharField("内容", max_length=80)

    class Meta:
        verbose_name = verbose_name_plural = "计划事项"
        ordering: ClassVar = ["month", "pk"]

    def __str__(self) -> str:
        return f"{self.month}月 {self.title}"
