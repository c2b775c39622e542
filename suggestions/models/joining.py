"""What ties cases and people together: the colleagues who sign a proposal, and the cases that go on as one."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.models import User
from deputies.models import Deputy
from suggestions.models.case import Suggestion


class CoSignatureQuerySet(models.QuerySet["CoSignature"]):
    def confirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=False)

    def with_deputies(self) -> Self:
        return self.select_related("deputy")


class CoSignature(models.Model):
    """联名: a colleague invited by the lead deputy. Only the own confirmation makes a co-signer (河南办法 2017 art. 9, 11)."""

    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="cosignatures", verbose_name="代表建议")
    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="cosignatures", verbose_name="联名代表")
    invited_at = models.DateTimeField("邀请时间")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    # A joint proposal is withdrawn when all its signers agree (上海规定 art. 10).
    withdrew_at = models.DateTimeField("同意撤回时间", null=True, blank=True)

    objects = CoSignatureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联名"
        ordering: ClassVar = ["suggestion", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "suggestion", "deputy", name="cosignature_once", violation_error_message="已邀请过这位代表。"
            ),
            models.CheckConstraint(
                condition=Q(withdrew_at__isnull=True) | Q(confirmed_at__isnull=False),
                name="cosignature_withdrawn_by_a_signer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy}（{'已联名' if self.confirmed_at else '待确认'}）"


class MergeQuerySet(models.QuerySet["Merge"]):
    def standing(self) -> Self:
        """In force, or raised to a draft and waiting for it."""
        return self.filter(ended_at__isnull=True)

    def in_force(self) -> Self:
        return self.standing().filter(merged_at__isnull=False)


class Merge(models.Model):
    """并案 as a link, never as a deletion: every submitter keeps number, progress and answer (mission S7).

    An opinion raised to a proposal is linked first and merged when the proposal is accepted (mission S10). The direct
    parent is kept; whatever was merged into a child comes and goes with it.
    """

    child = models.ForeignKey(Suggestion, models.PROTECT, related_name="merges", verbose_name="并入的事项")
    parent = models.ForeignKey(Suggestion, models.PROTECT, related_name="merged", verbose_name="主件")
    linked_at = models.DateTimeField("关联时间")
    merged_at = models.DateTimeField("并案时间", null=True, blank=True)
    ended_at = models.DateTimeField("解除时间", null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人")

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "并案"
        ordering: ClassVar = ["parent", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(ended_at__isnull=True),
                name="merge_one_at_a_time",
                violation_error_message="这件事已经并入另一件。",
            ),
            models.CheckConstraint(condition=~Q(child=models.F("parent")), name="merge_not_into_itself"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["parent"], condition=Q(ended_at__isnull=True), name="merge_standing"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} → {self.parent_id}"


def root_of(suggestion: Suggestion) -> Suggestion:
    """The case that goes on for this one: itself, unless it was merged."""
    while True:
        merge = (
            Merge.objects.in_force().filter(child=suggestion).select_related("parent__region", "parent__holder").first()
        )
        if merge is None:
            return suggestion
        suggestion = merge.parent


def merged_into(suggestion: Suggestion) -> list[int]:
    """The keys of all cases that go on in this one, whatever was merged into what."""
    found: list[int] = []
    level = [suggestion.pk]
    while level:
        level = list(Merge.objects.in_force().filter(parent__in=level).values_list("child", flat=True))
        found += level
    return found
