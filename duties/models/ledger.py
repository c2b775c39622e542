"""The ledger of points: append-only. What no longer holds is taken back by a row of its own (mission G2)."""

from __future__ import annotations

from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import Region, User, Viewer
from deputies.models import Deputy
from duties.models.scheme import PointItem


class PointPeriod(models.Model):
    """A region's year of points. Closed, it is never settled again, and no scheme of that year may be adopted."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区域")
    year = models.PositiveSmallIntegerField("年度", validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    settled_at = models.DateTimeField("最近结算", null=True, blank=True)
    closed_at = models.DateTimeField("封账时间", null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="封账人")

    class Meta:
        verbose_name = verbose_name_plural = "积分年度"
        ordering: ClassVar = ["-year", "region__path"]
        constraints: ClassVar = [models.UniqueConstraint("region", "year", name="point_period_once")]

    def __str__(self) -> str:
        return f"{self.region}{self.year}年履职积分"


class PointEntryQuerySet(models.QuerySet["PointEntry"]):
    def visible_to(self, user: Viewer) -> Self:
        """One's own sheet; staff and the people of the station see whom they keep. Nobody else, and no ranking."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(Q(deputy__user=user) | Q(deputy__in=Deputy.objects.visible_to(user).values("pk")))


class PointEntry(models.Model):
    """积分 for one record of one deputy under one item; `sequence` 1 gives, 2 takes back, 3 gives again.

    `record` names the model of the row it opens (`attendance`, `visit`, `declaration` …), `record_id` its key.
    """

    period = models.ForeignKey(PointPeriod, models.PROTECT, related_name="entries", verbose_name="年度")
    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="point_entries", verbose_name="代表")
    item = models.ForeignKey(PointItem, models.PROTECT, related_name="entries", verbose_name="小项")
    rule = models.CharField("依据", max_length=20)
    record = models.CharField("记录", max_length=20)
    record_id = models.PositiveBigIntegerField("记录编号")
    sequence = models.PositiveSmallIntegerField("次序", default=1)
    points = models.DecimalField("分值", max_digits=5, decimal_places=1)
    happened_on = models.DateField("发生日期")
    says = models.CharField("事由", max_length=120)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name="冲销"
    )
    why = models.CharField("冲销原因", max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("记入时间", auto_now_add=True)

    objects = PointEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "积分记录"
        ordering: ClassVar = ["happened_on", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "item", "rule", "record", "record_id", "deputy", "sequence", name="entry_once_for_a_record"
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True) | ~Q(why=""),
                name="entry_reversal_says_why",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["period", "deputy"], name="entry_period_deputy")]

    def __str__(self) -> str:
        return f"{self.deputy} {self.points} {self.says}"
