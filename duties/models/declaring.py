"""自行申报 with evidence, step by step to the committee, and 异议 against what stands in the sheet."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.models import User, Viewer
from deputies.models import Deputy
from duties.models.ledger import PointEntry, PointPeriod
from duties.models.scheme import PointItem


class _OfDeputies(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User):
            return self.none()
        return self.filter(Q(deputy__user=user) | Q(deputy__in=Deputy.objects.visible_to(user).values("pk")))


class Declaration(models.Model):
    """申报 → 站初审 → 乡镇（街道）审核 → 代工委确认. Confirmed, it brings its points by an entry of the ledger."""

    class Status(models.TextChoices):
        DECLARED = "declared", "待站初审"
        CHECKED = "checked", "待乡镇（街道）审核"
        REVIEWED = "reviewed", "待代工委确认"
        CONFIRMED = "confirmed", "已确认"
        REFUSED = "refused", "未通过"
        WITHDRAWN = "withdrawn", "已撤回"

    OPEN = (Status.DECLARED, Status.CHECKED, Status.REVIEWED)

    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="declarations", verbose_name="代表")
    item = models.ForeignKey(PointItem, models.PROTECT, related_name="declarations", verbose_name="小项")
    happened_on = models.DateField("日期")
    points = models.DecimalField("申报分值", max_digits=4, decimal_places=1)
    text = models.CharField("事由", max_length=120)
    # 违纪违法、停止执行职务: the grade is refused whatever the points (domain.md §5.2, E4).
    vetoes = models.BooleanField("否决等次", default=False)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DECLARED)
    declared_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申报人")
    declared_at = models.DateTimeField("申报时间", auto_now_add=True)
    form_key_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)

    objects = _OfDeputies.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "积分申报"
        ordering: ClassVar = ["-declared_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.deputy}申报{self.item}"


class Evidence(models.Model):
    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="evidence", verbose_name="申报")
    file = models.FileField("证明材料", upload_to="evidence")

    class Meta:
        verbose_name = verbose_name_plural = "证明材料"
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.declaration}的证明材料"


class DeclarationStep(models.Model):
    """Who let it pass, or not, and in which words. Appended only."""

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="steps", verbose_name="申报")
    from_status = models.CharField("由", max_length=10, choices=Declaration.Status)
    to_status = models.CharField("至", max_length=10, choices=Declaration.Status)
    text = models.CharField("意见", max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "申报审核"
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_to_status_display()} {self.by}"


class Objection(models.Model):
    """异议: the organiser registers it, checks with the deputy, corrects after verification (上海实施办法 art. 51)."""

    class Outcome(models.TextChoices):
        OPEN = "open", "核实中"
        CORRECTED = "corrected", "已更正"
        DISMISSED = "dismissed", "维持"

    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="objections", verbose_name="代表")
    period = models.ForeignKey(PointPeriod, models.PROTECT, related_name="objections", verbose_name="年度")
    entry = models.ForeignKey(
        PointEntry, models.PROTECT, null=True, blank=True, related_name="objections", verbose_name="积分记录"
    )
    text = models.CharField("异议", max_length=200)
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    raised_at = models.DateTimeField("提出时间", auto_now_add=True)
    outcome = models.CharField("结果", max_length=10, choices=Outcome, default=Outcome.OPEN)
    answer = models.CharField("核实情况", max_length=200, blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)

    objects = _OfDeputies.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "积分异议"
        ordering: ClassVar = ["-raised_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(outcome="open"),
                name="objection_one_open_for_an_entry",
                violation_error_message="对这条记录的异议正在核实。",
            ),
            models.CheckConstraint(
                condition=Q(outcome="open", answered_at__isnull=True)
                | ~Q(outcome="open") & Q(answered_at__isnull=False) & ~Q(answer=""),
                name="objection_answered_in_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy}的异议"
