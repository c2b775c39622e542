"""The point scheme: versioned data of a region and a year, off until it is adopted (mission G2, domain.md §5.2)."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import Region, User, Viewer
from accounts.paths import ancestors, within
from activities.models import ActivityType
from deputies.models import Deputy
from duties.rules import DEPUTY, RULES
from stations.models import Station


class PointSchemeQuerySet(models.QuerySet["PointScheme"]):
    def adopted(self) -> Self:
        return self.filter(adopted_on__isnull=False)

    def visible_to(self, user: Viewer) -> Self:
        """Of staff those of the subtree and above it, drafts too; of others those that hold for the own file or station."""
        if not isinstance(user, User):
            return self.none()
        if user.is_congress_staff and user.scope is not None:
            return self.filter(within(user.scope) | Q(region__path__in=ancestors(user.scope)))
        paths = set(Deputy.objects.filter(user=user).values_list("region__path", flat=True))
        paths |= set(Station.objects.served_by(user).values_list("region__path", flat=True))
        return self.adopted().filter(region__path__in={above for path in paths for above in ancestors(path)})

    def for_path(self, path: str, year: int) -> PointScheme | None:
        """The adopted scheme of the nearest region at or above; of several versions the last one adopted."""
        held = self.adopted().filter(region__path__in=ancestors(path), year=year).select_related("region")
        return max(held, key=lambda scheme: (len(scheme.region.path), scheme.version), default=None)


class PointScheme(models.Model):
    """积分办法. A version is changed until it is adopted, never afterwards: another version takes its place."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区域")
    year = models.PositiveSmallIntegerField("年度", validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    version = models.PositiveSmallIntegerField("版本", default=1)
    name = models.CharField("名称", max_length=60)
    is_capped = models.BooleanField("大项设上限", default=True, help_text="不勾选时各项得分累加，不封顶。")
    good_from = models.DecimalField("优秀不低于", max_digits=5, decimal_places=1, default=Decimal(80))
    fair_from = models.DecimalField("称职不低于", max_digits=5, decimal_places=1, default=Decimal(60))
    adopted_on = models.DateField("采用日期", null=True, blank=True)
    adopted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="采用经办人"
    )
    basis = models.CharField("采用依据", max_length=80, blank=True, help_text="如主任会议决定的文号。")

    objects = PointSchemeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "积分办法"
        ordering: ClassVar = ["-year", "region__path", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "region", "year", "version", name="scheme_version_once", violation_error_message="已有这个版本。"
            ),
            models.CheckConstraint(
                condition=Q(good_from__gt=models.F("fair_from")),
                name="scheme_grades_in_order",
                violation_error_message="“优秀”的分数线要高于“称职”。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region}{self.year}年{self.name}（第{self.version}版）"


class PointMajor(models.Model):
    scheme = models.ForeignKey(PointScheme, models.CASCADE, related_name="majors", verbose_name="积分办法")
    code = models.CharField("代号", max_length=2)
    name = models.CharField("大项", max_length=20)
    cap = models.DecimalField("上限", max_digits=5, decimal_places=1, validators=[MinValueValidator(Decimal(0))])

    class Meta:
        verbose_name = verbose_name_plural = "积分大项"
        ordering: ClassVar = ["scheme", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "scheme", "code", name="major_code_once", violation_error_message="大项代号不能重复。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class PointItem(models.Model):
    """小项. Earned from records by its sources, or by a declaration with evidence; the sheet says which."""

    major = models.ForeignKey(PointMajor, models.CASCADE, related_name="items", verbose_name="大项")
    code = models.CharField("代号", max_length=3)
    name = models.CharField("小项", max_length=40)
    note = models.CharField("说明", max_length=200, blank=True)
    most = models.DecimalField("上限", max_digits=5, decimal_places=1, null=True, blank=True)
    by_declaration = models.BooleanField("申报取得", default=False)
    declared_points = models.DecimalField(
        "每次申报分值",
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        help_text="最多可申报的分值；减分项填负数。记录取得的不填。",
    )

    class Meta:
        verbose_name = verbose_name_plural = "积分小项"
        ordering: ClassVar = ["major", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "major", "code", name="item_code_once", violation_error_message="小项代号不能重复。"
            ),
            models.CheckConstraint(
                condition=Q(by_declaration=True, declared_points__isnull=False)
                | Q(by_declaration=False, declared_points__isnull=True),
                name="item_declared_has_points",
                violation_error_message="“申报取得”的小项要填每次申报分值，其他小项不填。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class PointSource(models.Model):
    """From which record an item is earned, and how many points each brings."""

    item = models.ForeignKey(PointItem, models.CASCADE, related_name="sources", verbose_name="小项")
    rule = models.CharField(
        "依据", max_length=20, choices=[(rule.code, rule.label) for rule in RULES.values() if DEPUTY in rule.who]
    )
    types = models.ManyToManyField(
        ActivityType, blank=True, related_name="+", verbose_name="活动类型", help_text="“参加活动”要选择类型。"
    )
    points = models.DecimalField("每次分值", max_digits=4, decimal_places=1)
    times = models.PositiveSmallIntegerField("每年最多次数", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "积分来源"
        ordering: ClassVar = ["item", "pk"]
        constraints: ClassVar = [
            # The ledger names item and rule: with two rows of one rule nobody could tell which of them gave the points.
            models.UniqueConstraint(
                "item", "rule", name="source_once_an_item", violation_error_message="同一小项里一个依据只写一行。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_rule_display()} {self.points}分"
