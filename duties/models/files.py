"""一人一档, frozen when a term ends, and honours with their papers (mission G1, C7)."""

from __future__ import annotations

from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import Region, User, Viewer
from accounts.paths import within
from deputies.models import Congress, Deputy, DeputyGroup


class DutyFileQuerySet(models.QuerySet["DutyFile"]):
    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User):
            return self.none()
        return self.filter(Q(deputy__user=user) | Q(deputy__in=Deputy.objects.editable_by(user).values("pk")))


class DutyFile(models.Model):
    """The file of one deputy for one term, as it stood when the term ended. Appended once, never changed."""

    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="duty_files", verbose_name="代表")
    congress = models.ForeignKey(Congress, models.PROTECT, related_name="duty_files", verbose_name="届次")
    content = models.JSONField("内容")
    frozen_at = models.DateTimeField("归档时间", auto_now_add=True)
    frozen_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人")

    objects = DutyFileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "履职档案"
        ordering: ClassVar = ["-frozen_at", "deputy"]
        constraints: ClassVar = [models.UniqueConstraint("deputy", "congress", name="duty_file_once_a_term")]

    def __str__(self) -> str:
        return f"{self.deputy} {self.congress}履职档案"


class AwardQuerySet(models.QuerySet["Award"]):
    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User):
            return self.none()
        seen = Q(deputy__user=user) | Q(deputy__in=Deputy.objects.visible_to(user).values("pk"))
        seen |= Q(group__in=DeputyGroup.objects.visible_to(user).values("pk"))
        if user.is_congress_staff and user.scope is not None:
            seen |= within(user.scope)
        return self.filter(seen)


class Award(models.Model):
    """表彰: 优秀代表, 先进代表小组 and the like, with the paper that says so."""

    class Grade(models.TextChoices):
        NATION = "nation", "国家级"
        PROVINCE = "province", "省级"
        CITY = "city", "市级"
        COUNTY = "county", "县级"
        TOWNSHIP = "township", "乡级"

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区域")
    deputy = models.ForeignKey(
        Deputy, models.PROTECT, null=True, blank=True, related_name="awards", verbose_name="代表"
    )
    group = models.ForeignKey(
        DeputyGroup, models.PROTECT, null=True, blank=True, related_name="awards", verbose_name="代表小组"
    )
    year = models.PositiveSmallIntegerField("年度", validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    name = models.CharField("荣誉", max_length=60)
    grade = models.CharField("级别", max_length=10, choices=Grade, default=Grade.COUNTY)
    awarded_on = models.DateField("表彰日期")
    issuer = models.CharField("表彰机关", max_length=60)
    document = models.CharField("文号", max_length=60)

    objects = AwardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "表彰"
        ordering: ClassVar = ["-awarded_on", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(deputy__isnull=False, group__isnull=True) | Q(deputy__isnull=True, group__isnull=False),
                name="award_of_one",
                violation_error_message="请选择一位代表或一个代表小组。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.deputy or self.group} {self.name}"
