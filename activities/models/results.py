"""What came of it: research reports and where they were taken up, reports to the voters, disputes settled."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import RegionKeyed, User, Viewer
from accounts.paths import within
from activities.models.plans import Theme
from activities.models.work import Activity
from deputies.models import Deputy, DeputyGroup, GroupMembership
from stations.models import Station

# A slip of the finger, not a meeting; and sums stay within the database's integer.
AT_A_MEETING = MaxValueValidator(100_000, "人数不会超过10万，请核对。")


class _OfStationOrGroup(models.QuerySet[Any]):
    """Rows that hang on a station or a group: their people see them, and congress staff of the subtree."""

    def _theirs(self, user: Viewer) -> Q:
        if not isinstance(user, User):
            return Q(pk__in=[])
        seen = Q(station__in=Station.objects.served_by(user).values("pk")) | Q(logged_by=user)
        mine = GroupMembership.objects.filter(group=OuterRef("group"), deputy__user=user, ended_on__isnull=True)
        seen |= Q(Exists(mine))
        if user.is_congress_staff and user.scope is not None:
            seen |= within(user.scope, "region_path")
        return seen


class ResearchReportQuerySet(_OfStationOrGroup):
    def visible_to(self, user: Viewer) -> Self:
        own = Q(authors__user=user) if isinstance(user, User) else Q(pk__in=[])
        return self.filter(pk__in=self.model._default_manager.filter(self._theirs(user) | own).values("pk"))

    def between(self, start: Any, end: Any) -> Self:
        return self.filter(finished_on__gte=start, finished_on__lte=end)


class ResearchReport(RegionKeyed):
    """调研报告 of a station or a group: from single opinions to the problem they have in common (mission U5)."""

    title = models.CharField("题目", max_length=80)
    station = models.ForeignKey(
        Station, models.PROTECT, null=True, blank=True, related_name="research_reports", verbose_name="联络站"
    )
    group = models.ForeignKey(
        DeputyGroup, models.PROTECT, null=True, blank=True, related_name="research_reports", verbose_name="代表小组"
    )
    theme = models.ForeignKey(
        Theme, models.PROTECT, null=True, blank=True, related_name="research_reports", verbose_name="主题活动"
    )
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, blank=True, related_name="research_reports", verbose_name="来自调研活动"
    )
    problem = models.CharField("共性问题", max_length=120, blank=True)
    text = models.TextField("报告内容", blank=True)
    document = models.FileField("报告文件", upload_to="research", blank=True, help_text="PDF，不超过10MB。")
    authors = models.ManyToManyField(Deputy, blank=True, related_name="research_reports", verbose_name="执笔代表")
    finished_on = models.DateField("完成日期")
    logged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    logged_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = ResearchReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调研报告"
        ordering: ClassVar = ["-finished_on", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(station__isnull=False) | Q(group__isnull=False),
                name="research_of_station_or_group",
                violation_error_message="请选择联络站或代表小组。",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["region_path", "finished_on"], name="research_region_day")]

    def __str__(self) -> str:
        return self.title


class Adopted(models.Model):
    """被采纳: what became of it, on whose word, with the paper that shows it."""

    class Use(models.TextChoices):
        DECISION = "decision", "进入党委政府决策"
        LEGISLATION = "legislation", "被立法工作吸收"
        SUPERVISION = "supervision", "被监督工作吸收"

    use = models.CharField("采纳方式", max_length=12, choices=Use)
    adopted_on = models.DateField("采纳日期")
    adopted_by = models.CharField("采纳机关", max_length=60)
    document = models.CharField("依据文件", max_length=120, help_text="文号或文件名称。")
    logged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    logged_at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.get_use_display()}（{self.adopted_by}）"


class AdoptionQuerySet(models.QuerySet["Adoption"]):
    def visible_to(self, user: Viewer) -> Self:
        return self.filter(report__in=ResearchReport.objects.visible_to(user))


class Adoption(Adopted):
    report = models.ForeignKey(ResearchReport, models.PROTECT, related_name="adoptions", verbose_name="调研报告")

    objects = AdoptionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报告采纳"
        ordering: ClassVar = ["-adopted_on", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "report", "use", "document", name="adoption_once", violation_error_message="这项采纳已经登记。"
            )
        ]


class DutyReportQuerySet(models.QuerySet["DutyReport"]):
    def between(self, start: Any, end: Any) -> Self:
        return self.filter(activity__held_on__gte=start, activity__held_on__lte=end)

    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User):
            return self.none()
        return self.filter(Q(deputy__user=user) | Q(activity__in=Activity.objects.visible_to(user).values("pk")))


class DutyReport(models.Model):
    """代表述职 at an activity of that type, with the voters' ballot, announced on the spot (domain §6)."""

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="duty_reports", verbose_name="述职活动")
    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="duty_reports", verbose_name="述职代表")
    text = models.TextField("述职报告", blank=True)
    voters = models.PositiveIntegerField("到会选民", default=0, validators=[AT_A_MEETING])
    satisfied = models.PositiveIntegerField("满意票", default=0, validators=[AT_A_MEETING])
    basically = models.PositiveIntegerField("基本满意票", default=0, validators=[AT_A_MEETING])
    dissatisfied = models.PositiveIntegerField("不满意票", default=0, validators=[AT_A_MEETING])
    comments = models.TextField("选民意见", blank=True)

    objects = DutyReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代表述职"
        ordering: ClassVar = ["-activity__held_on", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "activity", "deputy", name="duty_report_once", violation_error_message="这位代表已在本次述职名单中。"
            ),
            models.CheckConstraint(
                condition=Q(voters__gte=models.F("satisfied") + models.F("basically") + models.F("dissatisfied")),
                name="duty_report_ballots_of_voters",
                violation_error_message="三种票数之和不能超过到会选民人数。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy}述职"

    @property
    def ballots(self) -> int:
        return self.satisfied + self.basically + self.dissatisfied

    @property
    def satisfaction(self) -> float | None:
        """满意和基本满意 among the ballots given; none given is no rate at all."""
        return (self.satisfied + self.basically) / self.ballots if self.ballots else None

    @property
    def in_words(self) -> str:
        """The result as it is announced on the spot."""
        came = f"到会选民{self.voters}人，" if self.voters else ""
        if not self.ballots:
            return f"{came}没有测评投票。"
        content = 100 * (self.satisfied + self.basically) / self.ballots
        return (
            f"{came}收回测评票{self.ballots}张：满意{self.satisfied}张、基本满意{self.basically}张、"
            f"不满意{self.dissatisfied}张，满意率{content:.1f}%（满意和基本满意占收回的票）。"
        )


class MediationQuerySet(_OfStationOrGroup):
    def between(self, start: Any, end: Any) -> Self:
        return self.filter(mediated_on__gte=start, mediated_on__lte=end)

    def visible_to(self, user: Viewer) -> Self:
        own = Q(deputy__user=user) if isinstance(user, User) else Q(pk__in=[])
        return self.filter(self._theirs(user) | own)


class Mediation(RegionKeyed):
    """矛盾纠纷化解: how many, of what kind, where, with what result. Never who quarrelled with whom (mission U8)."""

    class Kind(models.TextChoices):
        NEIGHBOURS = "neighbours", "邻里"
        FAMILY = "family", "婚姻家庭"
        LAND = "land", "土地山林"
        LABOUR = "labour", "劳动用工"
        CONTRACT = "contract", "合同债务"
        CONSUMER = "consumer", "消费"
        OTHER = "other", "其他"

    class Result(models.TextChoices):
        SETTLED = "settled", "已化解"
        REFERRED = "referred", "已引导到有关部门"
        OPEN = "open", "仍在调处"

    station = models.ForeignKey(
        Station, models.PROTECT, null=True, blank=True, related_name="mediations", verbose_name="联络站"
    )
    group = models.ForeignKey(
        DeputyGroup, models.PROTECT, null=True, blank=True, related_name="mediations", verbose_name="代表小组"
    )
    deputy = models.ForeignKey(
        Deputy, models.PROTECT, null=True, blank=True, related_name="mediations", verbose_name="代表"
    )
    theme = models.ForeignKey(
        Theme, models.PROTECT, null=True, blank=True, related_name="mediations", verbose_name="主题活动"
    )
    mediated_on = models.DateField("日期")
    kind = models.CharField("类型", max_length=12, choices=Kind)
    place = models.CharField("地点", max_length=60, blank=True, help_text="写到村或社区，不写当事人。")
    times = models.PositiveIntegerField("件次", default=1)
    result = models.CharField("结果", max_length=10, choices=Result, default=Result.SETTLED)
    logged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    logged_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = MediationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "矛盾纠纷化解"
        ordering: ClassVar = ["-mediated_on", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(station__isnull=False) | Q(group__isnull=False) | Q(deputy__isnull=False),
                name="mediation_by_somebody",
                violation_error_message="请选择联络站、代表小组或代表。",
            ),
            models.CheckConstraint(
                condition=Q(times__gte=1), name="mediation_at_least_one", violation_error_message="件次至少是1。"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["region_path", "mediated_on"], name="mediation_region_day")]

    def __str__(self) -> str:
        return f"{self.mediated_on} {self.get_kind_display()}"
