"""走访: whom deputies called on. Numbers only."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import RegionKeyed, User, Viewer
from accounts.paths import within
from activities.models.plans import Theme
from deputies.models import Deputy, DeputyGroup, GroupMembership, Pairing
from stations.models import Enterprise, Station


class VisitQuerySet(models.QuerySet["Visit"]):
    def between(self, start: Any, end: Any) -> Self:
        return self.filter(visited_on__gte=start, visited_on__lte=end)

    def confirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=False)

    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User):
            return self.none()
        seen = Q(
            Q(station__in=Station.objects.served_by(user).values("pk"))
            | Q(deputy__user=user)
            | Q(logged_by=user)
            | Exists(GroupMembership.objects.filter(group=OuterRef("group"), deputy__user=user, ended_on__isnull=True))
        )
        if user.is_congress_staff and user.scope is not None:
            seen |= within(user.scope, "region_path")
        return self.filter(seen)

    def own_of(self, user: Viewer) -> Self:
        """The person's own, whatever posts the person holds; of a group's visits, those written down by oneself."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(Q(deputy__user=user) | Q(deputy__isnull=True, logged_by=user))

    def waiting_for(self, user: Viewer) -> Self:
        """Entered by an officer for the deputy, who confirms with one tap (mission U7)."""
        return self.filter(deputy__user=user, confirmed_at__isnull=True) if isinstance(user, User) else self.none()


class Visit(RegionKeyed):
    """走访 by a deputy or a group, credited to one station. Numbers only: no name of a household is kept here."""

    class Target(models.TextChoices):
        VOTERS = "voters", "选民群众"
        ENTERPRISE = "enterprise", "企业"
        GROWERS = "growers", "种养农户"
        WORKERS = "workers", "职工"
        VILLAGE = "village", "村（社区）"

    deputy = models.ForeignKey(
        Deputy, models.PROTECT, null=True, blank=True, related_name="visits", verbose_name="代表"
    )
    group = models.ForeignKey(
        DeputyGroup, models.PROTECT, null=True, blank=True, related_name="visits", verbose_name="代表小组"
    )
    station = models.ForeignKey(
        Station, models.PROTECT, null=True, blank=True, related_name="visits", verbose_name="联络站"
    )
    target = models.CharField("走访对象", max_length=12, choices=Target, default=Target.VOTERS)
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="visits", verbose_name="企业"
    )
    theme = models.ForeignKey(
        Theme, models.PROTECT, null=True, blank=True, related_name="visits", verbose_name="主题活动"
    )
    pairing = models.ForeignKey(
        Pairing, models.PROTECT, null=True, blank=True, related_name="visits", verbose_name="结对联系"
    )
    visited_on = models.DateField("日期")
    place = models.CharField("地点", max_length=80, blank=True)
    households = models.PositiveIntegerField("户数", default=0)
    people = models.PositiveIntegerField("人次", default=0)
    summary = models.TextField("走访情况", blank=True)
    is_late = models.BooleanField("补录", default=False)
    logged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    logged_at = models.DateTimeField("登记时间", auto_now_add=True)
    confirmed_at = models.DateTimeField("代表确认时间", null=True, blank=True)
    form_key_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访"
        ordering: ClassVar = ["-visited_on", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(deputy__isnull=False) | Q(group__isnull=False),
                name="visit_by_deputy_or_group",
                violation_error_message="请选择走访的代表或代表小组。",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["county", "visited_on"], name="visit_county_day"),
            models.Index(fields=["city", "visited_on"], name="visit_city_day"),
            models.Index(fields=["province", "visited_on"], name="visit_province_day"),
            models.Index(fields=["region_path", "visited_on"], name="visit_region_day"),
            models.Index(F("deputy").asc(), F("visited_on").desc(), name="visit_deputy_day"),
            models.Index(F("station").asc(), F("visited_on").desc(), name="visit_station_day"),
        ]

    def __str__(self) -> str:
        return f"{self.visited_on} {self.get_target_display()}"


class VisitPhoto(models.Model):
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="photos")
    image = models.ImageField("照片", upload_to="visits")

    class Meta:
        verbose_name = verbose_name_plural = "走访照片"
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.visit}的照片"
