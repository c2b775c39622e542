"""What happened at stations and in groups, and who was there."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Organization, RegionKeyed, User, Viewer
from accounts.paths import within
from activities.models.plans import ActivityType, PlanItem, Theme
from deputies.models import Deputy, DeputyGroup, GroupMembership, StationMembership
from stations.models import IndustryChain, Station


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

    def coming_for(self, user: Viewer, start: Any, end: Any) -> Self:
        """Planned in these days, where the user is invited or serves the station."""
        if not isinstance(user, User):
            return self.none()
        sitting = StationMembership.objects.sitting().filter(station=OuterRef("station"), deputy__user=user)
        member = GroupMembership.objects.filter(group=OuterRef("group"), deputy__user=user, ended_on__isnull=True)
        mine = Q(
            Q(station__in=Station.objects.served_by(user).values("pk"))
            | Exists(Attendance.objects.filter(activity=OuterRef("pk"), deputy__user=user))
            | Exists(sitting)
            | Exists(member)
        )
        if user.is_congress_staff and user.organization is not None:
            mine |= Q(region=user.organization.region_id)
        return self.between(start, end).filter(mine, status=Activity.Status.PLANNED).order_by("held_on", "pk")

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
    theme = models.ForeignKey(
        Theme, models.PROTECT, null=True, blank=True, related_name="activities", verbose_name="主题活动"
    )
    plan_item = models.ForeignKey(
        PlanItem, models.SET_NULL, null=True, blank=True, related_name="activities", verbose_name="计划事项"
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
    # Off until somebody opens it for this one activity: a code shown on the spot, good on the day (mission U1).
    sign_in_code = models.CharField("签到码", max_length=6, blank=True, editable=False)
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
            ),
            models.UniqueConstraint(
                fields=["sign_in_code", "held_on"], condition=~Q(sign_in_code=""), name="activity_sign_in_code_of_a_day"
            ),
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

    class Channel(models.TextChoices):
        TICK = "tick", "勾选"
        LIST = "list", "粘贴名单"
        CODE = "code", "签到码"

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="attendances", verbose_name="活动")
    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="attendances", verbose_name="代表")
    presence = models.CharField("到场", max_length=8, choices=Presence, default=Presence.PRESENT)
    reason = models.CharField("请假事由", max_length=60, blank=True)
    channel = models.CharField("登记方式", max_length=8, choices=Channel, default=Channel.TICK)
    # Why somebody changed it afterwards; the audit keeps what it was before.
    correction = models.CharField("更正原因", max_length=60, blank=True)

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
