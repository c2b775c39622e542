from __future__ import annotations

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Organization, RegionKeyed, User, Viewer
from accounts.paths import within
from deputies.models import Deputy, DeputyGroup, GroupMembership, StationMembership
from stations.models import Enterprise, IndustryChain, Station


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


class ActivityQuerySet(models.QuerySet["Activity"]):
    def held(self) -> Self:
        """活动 that took place: the only ones any figure counts."""
        return self.filter(status__in=(Activity.Status.HELD, Activity.Status.PUBLISHED))

    def public(self) -> Self:
        return self.filter(status=Activity.Status.PUBLISHED)

    def between(self, start: Any, end: Any) -> Self:
        return self.filter(held_on__gte=start, held_on__lte=end)

    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User):
            return self.none()
        seen = Q(
            Q(station__in=Station.objects.served_by(user).values("pk"))
            | Q(logged_by=user)
            | Exists(Attendance.objects.filter(activity=OuterRef("pk"), deputy__user=user))
            | Exists(StationMembership.objects.sitting().filter(station=OuterRef("station"), deputy__user=user))
            | Exists(GroupMembership.objects.filter(group=OuterRef("group"), deputy__user=user, ended_on__isnull=True))
        )
        if user.is_congress_staff and user.scope is not None:
            seen |= within(user.scope, "region_path")
        return self.filter(seen)

    def waiting_for(self, user: Viewer) -> Self:
        """Held and not yet reviewed, where the user reviews: what is public has been read by somebody (mission U1)."""
        if not isinstance(user, User):
            return self.none()
        mine = Q(station__in=Station.objects.served_by(user).values("pk"))
        if user.is_congress_staff and user.organization is not None:
            mine |= Q(region=user.organization.region_id)
        return self.filter(mine, status=Activity.Status.HELD)


class Activity(RegionKeyed):
    """One activity of a station or a group. Its region is taken from it once, at birth, and never changes."""

    class Status(models.TextChoices):
        PLANNED = "planned", "计划"
        HELD = "held", "已开展"
        CANCELLED = "cancelled", "取消"
        PUBLISHED = "published", "已公开"

    type = models.ForeignKey(ActivityType, models.PROTECT, related_name="activities", verbose_name="类型")
    title = models.CharField("主题", max_length=80)
    station = models.ForeignKey(
        Station, models.PROTECT, null=True, blank=True, related_name="activities", verbose_name="联络站"
    )
    group = models.ForeignKey(
        DeputyGroup, models.PROTECT, null=True, blank=True, related_name="activities", verbose_name="代表小组"
    )
    chain = models.ForeignKey(
        IndustryChain, models.PROTECT, null=True, blank=True, related_name="activities", verbose_name="产业链"
    )
    held_on = models.DateField("日期")
    place = models.CharField("地点", max_length=80, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.HELD)
    outsiders = models.PositiveIntegerField(
        "参加群众（人次）", default=0, help_text="代表以外的参加人次，如受训职工、到会群众。"
    )
    lecturers = models.CharField("授课人（专家）", max_length=120, blank=True)
    departments = models.ManyToManyField(
        Organization,
        blank=True,
        related_name="activities",
        verbose_name="到场部门",
        help_text="局长进站、现场办公时填写。",
    )
    summary = models.TextField("活动情况", blank=True)
    is_late = models.BooleanField("补录", default=False, help_text="活动结束7天以后登记的，自动标记。")
    logged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    logged_at = models.DateTimeField("登记时间", auto_now_add=True)
    form_key_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "活动"
        ordering: ClassVar = ["-held_on", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(station__isnull=False) | Q(group__isnull=False),
                name="activity_of_station_or_group",
                violation_error_message="请选择开展活动的联络站或代表小组。",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["county", "held_on"], include=["type", "status", "station"], name="activity_county_day"
            ),
            models.Index(fields=["city", "held_on"], include=["type", "status", "station"], name="activity_city_day"),
            models.Index(
                fields=["province", "held_on"], include=["type", "status", "station"], name="activity_province_day"
            ),
            models.Index(fields=["region_path", "held_on"], name="activity_region_day"),
            models.Index(fields=["station", "-held_on"], name="activity_station_day"),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        super().clean()
        if self.station is None and self.group is None:
            raise ValidationError("请选择开展活动的联络站或代表小组。")


class ActivityPhoto(models.Model):
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="photos")
    image = models.ImageField("照片", upload_to="activities")

    class Meta:
        verbose_name = verbose_name_plural = "活动照片"
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.activity}的照片"


class Attendance(models.Model):
    """One deputy at one activity: once, whatever the seats and stations, so a person scores and counts once."""

    class Presence(models.TextChoices):
        ROTA = "rota", "应到"
        PRESENT = "present", "实到"
        LEAVE = "leave", "请假"
        ABSENT = "absent", "缺席"

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="attendances", verbose_name="活动")
    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="attendances", verbose_name="代表")
    presence = models.CharField("到场", max_length=8, choices=Presence, default=Presence.PRESENT)

    class Meta:
        verbose_name = verbose_name_plural = "参加情况"
        constraints: ClassVar = [
            models.UniqueConstraint(
                "activity", "deputy", name="attendance_once", violation_error_message="该代表已在参加名单中。"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["deputy", "presence"], include=["activity"], name="attendance_deputy")
        ]

    def __str__(self) -> str:
        return f"{self.deputy} {self.get_presence_display()}"


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
