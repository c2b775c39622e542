from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.models.scope import User, Viewer

WAITING = Q(sent_at__isnull=True, failed_at__isnull=True)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def waiting(self) -> Self:
        return self.filter(WAITING)

    def due(self, now: datetime) -> Self:
        """Those to be tried now, the longest waiting first: who failed before is behind who was never tried."""
        return self.waiting().filter(next_try_at__lte=now).order_by("next_try_at", "pk")

    def given_up(self) -> Self:
        return self.filter(failed_at__isnull=False)

    def visible_to(self, user: Viewer) -> Self:
        return self if isinstance(user, User) and user.is_system_admin else self.none()


class Notice(models.Model):
    """One message to one person on its way out: written with the act it tells of, sent afterwards by the tick.

    The address is kept no longer than it is needed (个人信息保护法 art. 19), the key for good: who was told of an event
    is not told again.
    """

    class Channel(models.TextChoices):
        SMS = "sms", "短信"
        MAIL = "mail", "邮件"

    key = models.CharField(max_length=120, unique=True, help_text="Once per event and recipient.")
    channel = models.CharField("方式", max_length=4, choices=Channel)
    to = models.CharField("地址", max_length=254, blank=True)
    text = models.TextField("内容")
    created_at = models.DateTimeField("产生时间", auto_now_add=True)
    attempts = models.PositiveSmallIntegerField("已试次数", default=0)
    next_try_at = models.DateTimeField("下次发送")
    sent_at = models.DateTimeField("发出时间", null=True)
    failed_at = models.DateTimeField("放弃时间", null=True)
    last_error = models.CharField("最近一次失败原因", max_length=120, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "短信和邮件通知"
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index("next_try_at", condition=WAITING, name="notice_waiting")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(failed_at__isnull=True), name="notice_sent_or_given_up"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}通知 {self.pk}"

    @property
    def state(self) -> str:
        return "已发出" if self.sent_at else "未送达" if self.failed_at else "待发送"
