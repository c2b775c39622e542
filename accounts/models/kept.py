"""What the system keeps of its own work: rate buckets, imported workbooks."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from accounts.models.scope import Region, User, Viewer
from accounts.paths import within


class Limit(models.Model):
    """A rate bucket: tries of one kind by one key in one window. The key is a digest; no address is kept."""

    key = models.CharField(max_length=200)
    window_start = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "频次限制"
        constraints: ClassVar = [models.UniqueConstraint("key", "window_start", name="limit_one_row_per_window")]

    def __str__(self) -> str:
        return f"{self.key[:12]} {self.count}"


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: Viewer) -> Self:
        if isinstance(user, User) and user.is_congress_staff and user.scope is not None:
            return self.filter(within(user.scope))
        return self.none()


class ImportBatch(models.Model):
    """One workbook read in: previewed, then written by one confirmation, and undone as a whole if need be."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", "待确认"
        WRITTEN = "written", "已导入"
        UNDONE = "undone", "已撤销"

    kind = models.CharField("内容", max_length=20, default="roster")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="区域")
    file_name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PREVIEWED)
    counts = models.JSONField("统计", default=dict)
    by = models.ForeignKey("User", models.PROTECT, null=True, related_name="+", verbose_name="导入人")
    created_at = models.DateTimeField("时间", auto_now_add=True)
    written_at = models.DateTimeField("导入时间", null=True)
    undone_at = models.DateTimeField("撤销时间", null=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入批次"
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.file_name}（{self.get_state_display()}）"


class ImportRow(models.Model):
    """What one sheet row led to, with the values before and after: the preview, the errors and the undo in one."""

    class Verdict(models.TextChoices):
        NEW = "new", "新增"
        CHANGED = "changed", "变更"
        SAME = "same", "无变化"
        DOUBTFUL = "doubtful", "存疑"
        REFUSED = "refused", "不能导入"

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows", verbose_name="批次")
    sheet = models.CharField("工作表", max_length=80)
    row = models.PositiveIntegerField("行")
    verdict = models.CharField("结论", max_length=10, choices=Verdict)
    why = models.TextField("原因", blank=True)
    values = models.JSONField("内容", default=dict)
    before = models.JSONField("导入前", default=dict)
    after = models.JSONField("导入后", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "导入行"
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.sheet} 第{self.row}行"
