from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.models import Organization, User
from deputies.models import Deputy
from suggestions.models.case import Suggestion


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def open(self) -> Self:
        return self.filter(state__in=Assignment.OPEN)


class Assignment(models.Model):
    """One unit in one round of one case (主办、协办、分办), with its own state and its own clock."""

    class Role(models.TextChoices):
        LEAD = "lead", "主办"
        ASSIST = "assist", "协办"
        SEPARATE = "separate", "分办"

    class State(models.TextChoices):
        PENDING = "pending", "待签收"
        HANDLING = "handling", "办理中"
        DONE = "done", "已答复"
        LAPSED = "lapsed", "未提意见"
        RETURNED = "returned", "已退回"
        RECALLED = "recalled", "已收回"
        DISTRIBUTED = "distributed", "已分办"

    class Basis(models.TextChoices):
        PROFILE = "profile", "按规程"
        LIMIT = "limit", "限期"
        EXTENSION = "extension", "延期"
        REHANDLE = "rehandle", "重新办理"

    OPEN = (State.PENDING, State.HANDLING)
    GIVEN_BACK = (State.RETURNED, State.RECALLED)

    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="assignments", verbose_name="意见建议")
    unit = models.ForeignKey(Organization, models.PROTECT, related_name="assignments", verbose_name="承办单位")
    role = models.CharField("承办方式", max_length=8, choices=Role, default=Role.LEAD)
    round = models.PositiveSmallIntegerField("轮次", default=1)
    state = models.CharField("状态", max_length=12, choices=State, default=State.PENDING)
    assigned_on = models.DateField("交办日期")
    due_on = models.DateField("应复日期")
    original_due_on = models.DateField("原应复日期")
    basis = models.CharField("期限依据", max_length=10, choices=Basis, default=Basis.PROFILE)
    # The figures the clock ran by on that day: a changed profile moves no date (architecture.md, "Clocks").
    terms = models.JSONField("期限数值", default=dict)
    return_until = models.DateField("申请退回截止", null=True, blank=True)
    # 分办: the office that passed it on, and through which a return passes.
    via = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="分办自")
    opinion = models.TextField("协办意见", blank=True)
    signed_for_at = models.DateTimeField("签收时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "承办"
        ordering: ClassVar = ["suggestion", "round", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["suggestion"],
                condition=Q(role="lead", state__in=("pending", "handling")),
                name="assignment_one_open_lead",
                violation_error_message="这件事已有主办单位在办。",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gt=models.F("assigned_on")),
                name="assignment_due_after_hand_over",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["unit", "due_on"], condition=Q(state__in=("pending", "handling")), name="assignment_unit_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit}（{self.get_role_display()}）"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def asks_return(self) -> bool:
        return any(not request.decision for request in self.return_requests.all())

    @property
    def asks_extension(self) -> bool:
        return any(not request.decision for request in self.extension_requests.all())

    @property
    def has_open_promise(self) -> bool:
        """One that a later round replaced binds nobody: it is looked for in the last reply only."""
        replies = list(self.replies.all())
        promise = getattr(replies[-1], "promise", None) if replies else None
        return promise is not None and promise.fulfilled_on is None


class Reply(models.Model):
    """What the unit (or, on the spot, the station) answered. The last one stands."""

    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="replies", verbose_name="意见建议")
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, null=True, blank=True, related_name="replies", verbose_name="承办"
    )
    result_class = models.CharField("办理结果", max_length=2)
    text = models.TextField("答复内容")
    document_number = models.CharField("文号", max_length=40, blank=True)
    signer = models.CharField("签发人", max_length=40, blank=True)
    replied_on = models.DateField("答复日期")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="录入人")

    class Meta:
        verbose_name = verbose_name_plural = "答复"
        ordering: ClassVar = ["suggestion", "pk"]

    def __str__(self) -> str:
        return f"{self.replied_on} {self.result_class}"


class Promise(models.Model):
    """承诺事项 of a class B reply: until it is fulfilled or explained, the case is not closed."""

    reply = models.OneToOneField(Reply, models.PROTECT, related_name="promise", verbose_name="答复")
    text = models.TextField("承诺事项")
    promised_on = models.DateField("承诺期限", help_text="答应在哪一天以前做到。")
    fulfilled_on = models.DateField("兑现日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "承诺事项"

    def __str__(self) -> str:
        return f"{self.promised_on}前：{self.text[:20]}"


class Feedback(models.Model):
    """The submitter's rating of one reply: process and result apart."""

    Rating = Suggestion.Rating

    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="feedbacks", verbose_name="意见建议")
    reply = models.ForeignKey(Reply, models.PROTECT, related_name="feedbacks", verbose_name="答复")
    process = models.CharField("办理过程", max_length=12, choices=Suggestion.Rating)
    result = models.CharField("办理结果", max_length=12, choices=Suggestion.Rating)
    text = models.TextField("意见", blank=True)
    signer = models.ForeignKey(
        Deputy, models.PROTECT, null=True, blank=True, related_name="feedbacks", verbose_name="评价代表"
    )
    entered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="电话代录人"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "评价"
        ordering: ClassVar = ["suggestion", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["suggestion", "reply"],
                condition=Q(signer__isnull=True),
                name="feedback_once_per_reply",
                violation_error_message="这次答复已经评价过。",
            ),
            models.UniqueConstraint(
                fields=["suggestion", "reply", "signer"],
                condition=Q(signer__isnull=False),
                name="feedback_once_per_signer",
                violation_error_message="这次答复已经评价过。",
            ),
            models.CheckConstraint(
                condition=~(Q(process="dissatisfied") | Q(result="dissatisfied")) | ~Q(text=""),
                name="feedback_dissatisfied_says_why",
                violation_error_message="不满意请写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"过程{self.get_process_display()}，结果{self.get_result_display()}"


class Review(models.Model):
    """复核 opened by a 不满意: staff re-handle, uphold in words the submitter reads, or (from the second) assess."""

    class Decision(models.TextChoices):
        REHANDLE = "rehandle", "重新办理"
        UPHOLD = "uphold", "维持答复"
        ASSESS = "assess", "评估"

    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="reviews", verbose_name="意见建议")
    feedback = models.OneToOneField(Feedback, models.PROTECT, related_name="review", verbose_name="评价")
    decision = models.CharField("决定", max_length=10, choices=Decision, blank=True)
    words = models.TextField("说明", blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="决定人")
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "复核"
        ordering: ClassVar = ["suggestion", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["suggestion"], condition=Q(decision=""), name="review_one_open"),
        ]

    def __str__(self) -> str:
        return self.get_decision_display() if self.decision else "待复核"


class RequestQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Waiting for a decision. What the unit has answered meanwhile, it no longer asks."""
        return self.filter(decision="", assignment__state__in=Assignment.OPEN)


class Decision(models.TextChoices):
    APPROVED = "approved", "同意"
    REFUSED = "refused", "不同意"


class UnitRequest(models.Model):
    """What a unit asks of the congress organ about its assignment, with the decision."""

    Decision = Decision

    reason = models.TextField("理由")
    requested_at = models.DateTimeField("申请时间")
    decision = models.CharField("决定", max_length=8, choices=Decision, blank=True)
    words = models.TextField("说明", blank=True)
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.get_decision_display() if self.decision else "待决定"


class ReturnRequest(UnitRequest):
    """申请退回: the reason, and the unit that is the right one. Each is counted, so that pushing around is seen."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="return_requests", verbose_name="承办")
    right_unit = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="应由谁办"
    )
    late = models.BooleanField("逾期申请", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "退回申请"
        ordering: ClassVar = ["assignment", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(decision=""),
                name="return_request_one_open",
                violation_error_message="已有一份退回申请在等待决定。",
            )
        ]


class ExtensionRequest(UnitRequest):
    """申请延期: until when, never past six months from the hand-over (代表法 art. 51)."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="extension_requests", verbose_name="承办")
    until = models.DateField("延期至")

    class Meta:
        verbose_name = verbose_name_plural = "延期申请"
        ordering: ClassVar = ["assignment", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(decision=""),
                name="extension_request_one_open",
                violation_error_message="已有一份延期申请在等待决定。",
            )
        ]
