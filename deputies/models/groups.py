"""代表小组: whom they gather, who leads, which station they entered as a unit (mission C3)."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Dated, Level, Region, User, Viewer, ends_after_it_begins
from deputies.models.people import Begun, Deputy
from stations.models import IndustryChain, ScopedQuerySet, Station


class DeputyGroupQuerySet(ScopedQuerySet):
    def active(self) -> Self:
        return self.filter(ended_on__isnull=True)

    def visible_to(self, user: Viewer) -> Self:
        staff = super().visible_to(user)
        if not isinstance(user, User):
            return staff
        stations = Station.objects.served_by(user).values("pk")
        return staff | self.filter(
            Exists(GroupMembership.objects.filter(group=OuterRef("pk"), deputy__user=user, ended_on__isnull=True))
            | Exists(GroupEntry.objects.filter(group=OuterRef("pk"), station__in=stations, ended_on__isnull=True))
        )


class DeputyGroup(Dated):
    """代表小组: 块 (regional), 条 (professional) or 链 (industry) (mission C3)."""

    class Kind(models.TextChoices):
        REGIONAL = "regional", "区域小组"
        PROFESSIONAL = "professional", "专业小组"
        INDUSTRY = "industry", "特色（产业链）小组"

    class Category(models.TextChoices):
        FINANCE = "finance", "财经预算"
        URBAN = "urban", "城建环保"
        EDUCATION = "education", "教科文卫"
        JUDICIAL = "judicial", "内务司法"
        AGRICULTURE = "agriculture", "农业农村"
        ETHNIC = "ethnic", "民族宗教"

    region = models.ForeignKey(Region, models.PROTECT, related_name="deputy_groups", verbose_name="所属区域")
    name = models.CharField("名称", max_length=60)
    kind = models.CharField("类型", max_length=12, choices=Kind)
    level = models.CharField("层级", max_length=10, choices=Level, help_text="组成人员以哪一级代表为主。")
    category = models.CharField("专业类别", max_length=12, choices=Category, blank=True)
    chain = models.ForeignKey(
        IndustryChain, models.PROTECT, null=True, blank=True, related_name="groups", verbose_name="产业链"
    )

    objects = DeputyGroupQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代表小组"
        ordering: ClassVar = ["region__path", "kind", "name"]
        constraints: ClassVar = [
            ends_after_it_begins("group_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=["region", "name"],
                condition=Q(ended_on__isnull=True),
                name="group_once_per_region",
                violation_error_message="本区域已有同名小组。",
            ),
            models.CheckConstraint(
                condition=Q(kind="professional") ^ Q(category=""),
                name="group_professional_has_category",
                violation_error_message="专业小组要选择专业类别，其他小组不选。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GroupMembership(Begun):
    group = models.ForeignKey(DeputyGroup, models.PROTECT, related_name="memberships", verbose_name="小组")
    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="group_memberships", verbose_name="代表")
    is_leader = models.BooleanField("组长", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "小组成员"
        ordering: ClassVar = ["group", "-is_leader", "deputy"]
        constraints: ClassVar = [
            ends_after_it_begins("group_membership_ends_after"),
            models.UniqueConstraint(
                fields=["group", "deputy"],
                condition=Q(ended_on__isnull=True),
                name="group_membership_once",
                violation_error_message="该代表已在本小组。",
            ),
            models.UniqueConstraint(
                fields=["group"],
                condition=Q(ended_on__isnull=True, is_leader=True),
                name="group_one_leader",
                violation_error_message="本小组已有组长。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy}（{self.group}）"


class GroupEntry(Begun):
    """A group enters a station as a unit (获嘉: six groups). It gives its members no membership of the station."""

    group = models.ForeignKey(DeputyGroup, models.PROTECT, related_name="entries", verbose_name="小组")
    station = models.ForeignKey(Station, models.PROTECT, related_name="group_entries", verbose_name="联络站")

    class Meta:
        verbose_name = verbose_name_plural = "小组进站"
        constraints: ClassVar = [
            ends_after_it_begins("group_entry_ends_after"),
            models.UniqueConstraint(
                fields=["group", "station"],
                condition=Q(ended_on__isnull=True),
                name="group_entry_once",
                violation_error_message="该小组已进驻本站。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group}进驻{self.station}"
