"""What is shown of a deputy outside: station posts held, consent to publish, printed codes and their scans."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.models import Dated, Viewer, ends_after_it_begins
from deputies.models.people import Deputy
from stations.models import Station, StationPost


class PostHolder(models.Model):
    """The deputy who holds a station post: stations knows no deputies, so the link stands here."""

    post = models.OneToOneField(StationPost, models.CASCADE, related_name="holder", verbose_name="站内职务")
    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="posts_held", verbose_name="代表")

    class Meta:
        verbose_name = verbose_name_plural = "任职代表"

    def __str__(self) -> str:
        return f"{self.deputy} {self.post}"


class ConsentQuerySet(models.QuerySet["Consent"]):
    def given(self) -> Self:
        return self.filter(ended_on__isnull=True)

    def visible_to(self, user: Viewer) -> Self:
        return self.filter(deputy__in=Deputy.objects.visible_to(user))


class Consent(Dated):
    """Recorded consent to publish one field (个人信息保护法 art. 25). What 代表法 art. 58 makes public needs none."""

    class Field(models.TextChoices):
        PHOTO = "photo", "照片"
        WORK_UNIT = "work_unit", "工作单位及职务"
        PHONE = "phone", "本人电话"

    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="consents", verbose_name="代表")
    field = models.CharField("公布内容", max_length=10, choices=Field)
    text_version = models.CharField("同意书版本", max_length=20, default="2026-1")
    document = models.CharField("同意书存放", max_length=80, blank=True, help_text="纸质同意书的存放处或编号。")

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公布同意"
        constraints: ClassVar = [
            ends_after_it_begins("consent_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=["deputy", "field"],
                condition=Q(ended_on__isnull=True),
                name="consent_once_per_field",
                violation_error_message="这一项已有有效的同意记录。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy}同意公布{self.get_field_display()}"


class PrintCodeQuerySet(models.QuerySet["PrintCode"]):
    def valid(self) -> Self:
        return self.filter(revoked_at__isnull=True)

    def visible_to(self, user: Viewer) -> Self:
        return self.filter(
            Q(station__in=Station.objects.visible_to(user))
            | Q(post__station__in=Station.objects.visible_to(user))
            | Q(deputy__in=Deputy.objects.visible_to(user))
        )


class PrintCode(models.Model):
    """One printed QR code with a life: issued, printed, checked on the wall, revoked. The address under it never changes."""

    code = models.CharField("打印码", max_length=26, unique=True, editable=False)
    station = models.ForeignKey(
        Station, models.PROTECT, null=True, blank=True, related_name="print_codes", verbose_name="联络站"
    )
    deputy = models.ForeignKey(
        Deputy, models.PROTECT, null=True, blank=True, related_name="print_codes", verbose_name="代表"
    )
    post = models.ForeignKey(
        StationPost, models.PROTECT, null=True, blank=True, related_name="print_codes", verbose_name="站内职务"
    )
    issued_at = models.DateTimeField("发放时间", auto_now_add=True)
    printed_on = models.DateField("打印日期", null=True, blank=True)
    checked_on = models.DateField("上墙核对日期", null=True, blank=True)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)

    objects = PrintCodeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "二维码"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(station__isnull=False, deputy__isnull=True, post__isnull=True)
                | Q(station__isnull=True, deputy__isnull=False, post__isnull=True)
                | Q(station__isnull=True, deputy__isnull=True, post__isnull=False),
                name="print_code_of_one_thing",
                violation_error_message="二维码属于一个联络站、一位代表或一个站内职务，请只选一项。",
            ),
            *(
                models.UniqueConstraint(
                    fields=[subject],
                    condition=Q(revoked_at__isnull=True),
                    name=f"print_code_one_valid_{subject}",
                    violation_error_message=f"{label}已有在用的二维码。需要换新的，请先停用旧的。",
                )
                for subject, label in (("station", "这个联络站"), ("deputy", "这位代表"), ("post", "这个站内职务"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}（{self.code[:6]}…）"

    @property
    def subject(self) -> Station | Deputy | StationPost:
        subject = self.station or self.deputy or self.post
        assert subject is not None
        return subject

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.code:
            from deputies.codes import new_print_code

            self.code = new_print_code()
        super().save(*args, **kwargs)


class ScanCount(models.Model):
    """Scans of a printed code on a day: whether a code sleeps, never who scanned it."""

    code = models.ForeignKey(PrintCode, models.CASCADE, related_name="scans")
    day = models.DateField("日期")
    count = models.PositiveIntegerField("次数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "扫码次数"
        constraints: ClassVar = [models.UniqueConstraint("code", "day", name="scan_count_per_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.count}次"
