"""From opinions to research reports and to what was taken up of them (mission U5)."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from accounts.models import Viewer
from activities.models import Adopted, ResearchReport
from suggestions.models.case import Suggestion


class ReportSource(models.Model):
    """An opinion that a research report was written from: the lineage back from the common problem to single voices."""

    report = models.ForeignKey(ResearchReport, models.PROTECT, related_name="sources", verbose_name="调研报告")
    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="research", verbose_name="意见建议")

    class Meta:
        verbose_name = verbose_name_plural = "报告来源"
        ordering: ClassVar = ["report", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "report", "suggestion", name="report_source_once", violation_error_message="这件意见已列入本报告。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.suggestion_id} → {self.report}"


class OpinionAdoptionQuerySet(models.QuerySet["OpinionAdoption"]):
    def visible_to(self, user: Viewer) -> Self:
        return self.filter(suggestion__in=Suggestion.objects.visible_to(user).values("pk"))


class OpinionAdoption(Adopted):
    """An opinion that legislation or supervision took up: 漯河's 220 are opinions, not reports."""

    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="adoptions", verbose_name="意见建议")

    objects = OpinionAdoptionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "意见采纳"
        ordering: ClassVar = ["-adopted_on", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "suggestion",
                "use",
                "document",
                name="opinion_adoption_once",
                violation_error_message="这项采纳已经登记。",
            )
        ]
