from __future__ import annotations

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from accounts.errors import Refused
from accounts.models import Region, User, Viewer
from accounts.paths import ancestors, within
from suggestions.workflow import Kind


class Category(models.Model):
    """类别 of a case, e.g. 农业农村: by what it is about."""

    code = models.SlugField("代码", max_length=24, unique=True)
    name = models.CharField("名称", max_length=30, unique=True)
    order = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "类别"
        ordering: ClassVar = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class ProblemKind(models.Model):
    """问题类型, e.g. 用电: what kind of difficulty the bulletin counts solved problems by."""

    code = models.SlugField("代码", max_length=24, unique=True)
    name = models.CharField("名称", max_length=30, unique=True)
    order = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "问题类型"
        ordering: ClassVar = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


def default_result_classes() -> dict[str, str]:
    return {"A": "已经解决或基本解决", "B": "正在解决或列入计划解决", "C": "因条件限制暂时不能解决", "D": "留作参考"}


# A working year: more is a slip of the finger, and would be counted day by day.
WORKING_DAYS = MaxValueValidator(250)


class HandlingProfileQuerySet(models.QuerySet["HandlingProfile"]):
    def nearest(self, region: Region, kind: str) -> HandlingProfile:
        """The profile of the region or of the nearest one above it. One is always shipped for Henan's nation row."""
        profiles = self.select_related("region").filter(kind=kind, region__path__in=ancestors(region.path))
        best = max(profiles, key=lambda p: len(p.region.path), default=None)
        if best is None:
            raise Refused(f"{region}还没有“{Kind(kind).label}”的办理时限设置，请先在后台“办理规程”中添加。")
        return best

    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User) or user.scope is None or not user.is_congress_staff:
            return self.none()
        return self.filter(within(user.scope)) | self.filter(region__path__in=ancestors(user.scope))


class HandlingProfile(models.Model):
    """办理规程: every day count of a region for one kind of case.

    Shipped: 河南省人大代表建议、批评和意见办理办法 (2017) for proposals; for opinions the law gives no figure, so
    3 working days to look at it and 15 to handle it are proposals that a county changes as it sees fit.
    """

    region = models.ForeignKey(
        Region, models.PROTECT, related_name="+", verbose_name="适用区域", help_text="下级区域没有自己的规程时沿用。"
    )
    kind = models.CharField("适用于", max_length=10, choices=Kind)
    review_working_days = models.PositiveSmallIntegerField("初核（工作日）", default=3, validators=[WORKING_DAYS])
    reply_months = models.PositiveSmallIntegerField(
        "答复（月）", default=0, help_text="自交办之日起。与“答复（工作日）”只填一项。"
    )
    reply_working_days = models.PositiveSmallIntegerField("答复（工作日）", default=0, validators=[WORKING_DAYS])
    extension_max_months = models.PositiveSmallIntegerField(
        "延期后最长（月）", default=6, help_text="自交办之日起，代表法第五十一条规定不超过六个月。"
    )
    return_working_days = models.PositiveSmallIntegerField(
        "申请退回（工作日内）", default=10, validators=[WORKING_DAYS]
    )
    reassign_working_days = models.PositiveSmallIntegerField(
        "重新交办（工作日内）", default=10, validators=[WORKING_DAYS]
    )
    assist_months = models.PositiveSmallIntegerField("协办意见（月）", default=2, validators=[MinValueValidator(1)])
    feedback_working_days = models.PositiveSmallIntegerField(
        "评价（工作日）", default=10, help_text="逾期未评价的自动办结，记“未评价”。", validators=[WORKING_DAYS]
    )
    rehandle_months = models.PositiveSmallIntegerField("重新办理（月）", default=1, validators=[MinValueValidator(1)])
    reopen_days = models.PositiveSmallIntegerField("办结后可申请重新受理（日）", default=90)
    keep_months = models.PositiveSmallIntegerField(
        "个人信息保留（月）",
        default=24,
        validators=[MinValueValidator(1)],
        help_text="办结满这个时间后自动清除反映人的姓名、电话和照片，统计不变。",
    )
    roll_to_working_day = models.BooleanField("期限末日遇节假日顺延", default=True)
    each_signer_rates = models.BooleanField("联名代表各自评价", default=False)
    result_classes = models.JSONField(
        "办理结果分类", default=default_result_classes, help_text="A类计为“已解决”，B类进入跟踪办理。"
    )

    objects = HandlingProfileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理规程"
        ordering: ClassVar = ["region__path", "kind"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "region", "kind", name="profile_once", violation_error_message="本区域已有这一类的办理规程。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.region}{self.get_kind_display()}办理规程"

    def clean(self) -> None:
        super().clean()
        if bool(self.reply_months) == bool(self.reply_working_days):
            raise ValidationError({"reply_months": "答复期限按月或按工作日，只填一项，另一项填0。"})
        if self.reply_months > self.extension_max_months:
            raise ValidationError({"reply_months": "答复期限不能长于延期后的最长期限。"})
        if self.extension_max_months > 6:
            raise ValidationError({"extension_max_months": "延期后最长不超过交办之日起六个月（代表法第五十一条）。"})
        classes: Any = self.result_classes
        if (
            not isinstance(classes, dict)
            or not {"A", "B"} <= classes.keys()
            or not all(isinstance(v, str) for v in classes.values())
        ):
            raise ValidationError(
                {"result_classes": '请按 {"A": "已经解决", "B": "列入计划"} 的格式填写，至少有A、B两类。'}
            )
