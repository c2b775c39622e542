"""What the committee adds to a case: consultations, and the text it makes public."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.models import User, Viewer
from suggestions.models.case import Event, Suggestion


class Consultation(models.Model):
    """五方协商 (漯河): deputies' committee, supervision office, professional group, handling unit and lead deputy."""

    PARTIES = ("committee", "supervision", "group", "unit", "deputy")

    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="consultations", verbose_name="意见建议")
    event = models.OneToOneField(Event, models.PROTECT, related_name="consultation", verbose_name="办理过程")
    held_on = models.DateField("日期")
    place = models.CharField("地点", max_length=80, blank=True)
    committee = models.CharField("代工委（人大机构）", max_length=120)
    supervision = models.CharField("党委、政府督查部门", max_length=120)
    group = models.CharField("专业代表小组", max_length=120)
    unit = models.CharField("承办单位", max_length=120)
    deputy = models.CharField("领衔代表（反映人）", max_length=120)
    minutes = models.TextField("纪要")
    agreed_on = models.DateField("商定完成日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "五方协商"
        ordering: ClassVar = ["suggestion", "held_on", "pk"]

    def __str__(self) -> str:
        return f"{self.held_on} 五方协商"


class PublicationQuerySet(models.QuerySet["Publication"]):
    def visible_to(self, user: Viewer) -> Self:
        """What is published is everybody's; what was taken down is read by nobody here."""
        return self.filter(withdrawn_at__isnull=True, suggestion__keep_private=False)


class Publication(models.Model):
    """公开: a separate, reviewed act on a redacted text (mission S13). The case's own words are never shown by it."""

    suggestion = models.OneToOneField(Suggestion, models.PROTECT, related_name="publication", verbose_name="意见建议")
    title = models.CharField("公开标题", max_length=60)
    text = models.TextField("公开的事由")
    reply = models.TextField("公开的答复", blank=True)
    published_at = models.DateTimeField("公开时间")
    published_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="审核人")
    withdrawn_at = models.DateTimeField("取消公开时间", null=True, blank=True)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公开件"
        ordering: ClassVar = ["-published_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["-published_at"], condition=Q(withdrawn_at__isnull=True), name="publication_standing"),
        ]

    def __str__(self) -> str:
        return self.title
