"""年终: opinions of group leader and electing unit, the spot check, the private notice to each deputy (mission G3)."""

from __future__ import annotations

from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Region, User, Viewer
from accounts.paths import within
from deputies.models import Deputy, GroupMembership, Mandate, StationMembership
from deputies.models.people import DeputyQuerySet


class YearOpinionQuerySet(models.QuerySet["YearOpinion"]):
    def visible_to(self, user: Viewer) -> Self:
        """Who wrote it, the deputy it is about, and congress staff who keep the file or speak for the electing unit."""
        if not isinstance(user, User):
            return self.none()
        kept = Q(deputy__in=spoken_for_by(user).values("pk"))
        return self.filter(Q(deputy__user=user) | Q(by=user) | kept)


class YearOpinion(models.Model):
    """评价意见, once a year from each side. Words, not marks."""

    class Side(models.TextChoices):
        LEADER = "leader", "代表小组组长"
        ELECTORS = "electors", "选举单位"

    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="year_opinions", verbose_name="代表")
    year = models.PositiveSmallIntegerField("年度", validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    side = models.CharField("来自", max_length=10, choices=Side)
    text = models.TextField("意见", max_length=500)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="填写人")
    at = models.DateTimeField("填写时间", auto_now=True)

    objects = YearOpinionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度评价意见"
        ordering: ClassVar = ["-year", "deputy", "side"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "deputy", "year", "side", name="year_opinion_once", violation_error_message="这一方的意见已经填写。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.deputy}{self.year}年{self.get_side_display()}意见"


class SpotCheckQuerySet(models.QuerySet["SpotCheck"]):
    def visible_to(self, user: Viewer) -> Self:
        if isinstance(user, User) and user.is_congress_staff and user.scope is not None:
            return self.filter(within(user.scope))
        return self.none()


class SpotCheck(models.Model):
    """抽查: drawn at random with a recorded seed from a recorded list, so that anybody can draw it again."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区域")
    year = models.PositiveSmallIntegerField("年度", validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    seed = models.CharField("随机种子", max_length=32)
    size = models.PositiveSmallIntegerField("抽查人数", validators=[MinValueValidator(1)])
    drawn_from = models.JSONField("抽取范围", default=list, help_text="抽取时在册代表的网址标识，按字母排列。")
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="抽取人")
    drawn_at = models.DateTimeField("抽取时间", auto_now_add=True)

    objects = SpotCheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "抽查"
        ordering: ClassVar = ["-drawn_at"]

    def __str__(self) -> str:
        return f"{self.region}{self.year}年抽查"


class SpotCheckResult(models.Model):
    class Outcome(models.TextChoices):
        PENDING = "pending", "待核查"
        AGREES = "agrees", "与记录一致"
        DIFFERS = "differs", "与记录不符"

    check_of = models.ForeignKey(SpotCheck, models.CASCADE, related_name="results", verbose_name="抽查")
    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="+", verbose_name="代表")
    outcome = models.CharField("结果", max_length=10, choices=Outcome, default=Outcome.PENDING)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "抽查结果"
        ordering: ClassVar = ["check_of", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint("check_of", "deputy", name="spot_check_result_once"),
            models.CheckConstraint(
                condition=~Q(outcome="differs") | ~Q(note=""),
                name="spot_check_difference_in_words",
                violation_error_message="与记录不符的，请写明哪里不符。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} {self.get_outcome_display()}"


class YearNoticeQuerySet(models.QuerySet["YearNotice"]):
    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User):
            return self.none()
        kept = Q(deputy__in=Deputy.objects.editable_by(user).values("pk"))
        return self.filter(Q(deputy__user=user) | kept)


class YearNotice(models.Model):
    """履职情况通报: to the one deputy, in private (漯河: 以适当方式向代表通报)."""

    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="year_notices", verbose_name="代表")
    year = models.PositiveSmallIntegerField("年度", validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    content = models.JSONField("内容")
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="通报人")
    given_at = models.DateTimeField("通报时间", auto_now_add=True)
    read_at = models.DateTimeField("本人已阅", null=True, blank=True)

    objects = YearNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "履职情况通报"
        ordering: ClassVar = ["-year", "deputy"]
        constraints: ClassVar = [models.UniqueConstraint("deputy", "year", name="year_notice_once")]

    def __str__(self) -> str:
        return f"{self.deputy}{self.year}年履职情况通报"


def spoken_for_by(user: User) -> DeputyQuerySet:
    """Deputies for whose electors these congress staff speak: file kept, seat held or home station in their subtree.

    The home station is that of the constituency (所在选区联络站), so a township speaks for the county's deputies that
    were elected there.
    """
    if not (user.is_congress_staff and user.scope is not None):
        return Deputy.objects.none()
    seats = Mandate.objects.held().filter(within(user.scope, "congress__region__path"), deputy=OuterRef("pk"))
    homes = StationMembership.objects.sitting().filter(
        within(user.scope, "station__region__path"), deputy=OuterRef("pk"), kind=StationMembership.Kind.HOME
    )
    return Deputy.objects.filter(within(user.scope) | Exists(seats) | Exists(homes))


def led_by(user: User) -> Exists:
    """Whether a deputy (outer row) sits in a group that this user leads."""
    mine = GroupMembership.objects.filter(
        is_leader=True, ended_on__isnull=True, deputy__user=user, deputy__in=Deputy.objects.in_office()
    ).values("group")
    return Exists(GroupMembership.objects.filter(group__in=mine, deputy=OuterRef("pk"), ended_on__isnull=True))
