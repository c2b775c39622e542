from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, F, Q

from accounts.models import Organization, Region, User, Viewer
from accounts.paths import in_keyed, within
from stations.models import Station
from suggestions.livelihood import PUBLIC, Stage, Verdict
from suggestions.models.case import Suggestion
from suggestions.models.sight import SuggestionQuerySet
from suggestions.workflow import Kind, Status

# How far a clue has come: who went on still counts among those who got there, so the pool stays 565.
DONE = (Stage.BUILT, Stage.EVALUATED)
REACHED = {
    "combed": Q(stage=Stage.COMBED),
    "dropped": Q(stage=Stage.DROPPED),
    "kept": Q(verdict=Verdict.KEPT),
    "candidate": Q(stage__in=PUBLIC),
    "chosen": Q(stage__in=(Stage.CHOSEN, *DONE)),
    "built": Q(stage__in=DONE),
    "evaluated": Q(stage=Stage.EVALUATED),
}
BADGES = {
    Stage.COMBED: "submitted",
    Stage.DROPPED: "withdrawn",
    Stage.KEPT: "accepted",
    Stage.CANDIDATE: "replied",
    Stage.PASSED_OVER: "withdrawn",
    Stage.CHOSEN: "handling",
    Stage.BUILT: "closed",
    Stage.EVALUATED: "closed",
}


class LivelihoodCallQuerySet(models.QuerySet["LivelihoodCall"]):
    def visible_to(self, user: Viewer) -> Self:
        """Congress staff, those of their subtree; a station's people, those that gathered from their station."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        own = Q(pk__in=CollectedOpinion.objects.from_station_of(user).values("call"))
        if user.is_congress_staff and user.scope is not None:
            own |= within(user.scope)
        return self.filter(own)


class LivelihoodCall(models.Model):
    """民生实事征集 of a region for the projects of one year; its days may be a month (景洪: 30 at least) or all year."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区域")
    year = models.PositiveSmallIntegerField(
        "项目年度", validators=[MinValueValidator(2000), MaxValueValidator(2100)], help_text="项目实施的年度。"
    )
    since = models.DateField("征集开始")
    until = models.DateField("征集截止", help_text="只有这段时间里提交的群众意见可以收作征集意见。")

    objects = LivelihoodCallQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "民生实事征集"
        ordering: ClassVar = ["-year", "region__path"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "region", "year", name="call_once_a_year", violation_error_message="本区域这个年度已有一次征集。"
            ),
            models.CheckConstraint(
                condition=Q(until__gte=F("since")),
                name="call_ends_after_it_begins",
                violation_error_message="征集截止不能早于征集开始。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region}{self.year}年民生实事"

    def open_to(self, user: User) -> SuggestionQuerySet:
        """What may be gathered: 群众意见 of the subtree, handed in between the call's days and not taken back.

        Never a matter about deputies or stations (直接交县人大), and nothing that the user may not read.
        """
        return (
            Suggestion.objects.visible_to(user)
            .filter(in_keyed(self.region.path), kind=Kind.OPINION, direct=False)
            .exclude(status=Status.WITHDRAWN)
            .submitted_between(self.since, self.until)
        )


class LivelihoodClueQuerySet(models.QuerySet["LivelihoodClue"]):
    def visible_to(self, user: Viewer) -> Self:
        """Congress staff, those of their subtree; a station's people, those that came from an opinion of their station."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        own = Q(pk__in=CollectedOpinion.objects.from_station_of(user).values("clue"))
        if user.is_congress_staff and user.scope is not None:
            own |= within(user.scope, "call__region__path")
        return self.filter(own)

    def kept(self) -> Self:
        """备选项目线索: passed 综合把关, wherever they went from there."""
        return self.filter(verdict=Verdict.KEPT)

    def kept_between(self, start: date, end: date) -> Self:
        return self.kept().filter(screened_on__gte=start, screened_on__lte=end)

    def public(self) -> Self:
        return self.filter(stage__in=PUBLIC)

    def reached(self, step: str) -> Self:
        return self.filter(REACHED[step])

    def numbers(self) -> dict[str, int]:
        """How many got how far, in the order of REACHED."""
        return self.order_by().aggregate(**{name: Count("pk", filter=q) for name, q in REACHED.items()})


class LivelihoodClue(models.Model):
    """民生实事线索: what one or more opinions ask for, on its way to a project. `stage` is kept by one service."""

    call = models.ForeignKey(LivelihoodCall, models.PROTECT, related_name="clues", verbose_name="征集")
    title = models.CharField("项目名称", max_length=60)
    place = models.CharField("地点", max_length=120, blank=True)
    need = models.TextField("群众需求")
    stage = models.CharField("阶段", max_length=12, choices=Stage, default=Stage.COMBED, editable=False)
    combed_on = models.DateField("梳理日期")

    verdict = models.CharField("把关结论", max_length=12, choices=Verdict, blank=True)
    screened_with = models.ManyToManyField(Organization, related_name="+", blank=True, verbose_name="会同部门")
    screening_words = models.TextField("把关意见", blank=True)
    screened_on = models.DateField("把关日期", null=True, blank=True)

    unit = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任单位"
    )
    money = models.DecimalField("投资（万元）", max_digits=12, decimal_places=2, null=True, blank=True)
    finish_on = models.DateField("完成时限", null=True, blank=True)
    nominated_on = models.DateField("列为候选日期", null=True, blank=True)

    voted_on = models.DateField("票决日期", null=True, blank=True)
    votes_for = models.PositiveIntegerField("赞成", null=True, blank=True)
    votes_against = models.PositiveIntegerField("反对", null=True, blank=True)
    votes_abstained = models.PositiveIntegerField("弃权", null=True, blank=True)

    progress = models.CharField("进展", max_length=300, blank=True)
    progress_on = models.DateField("进展日期", null=True, blank=True)
    built_on = models.DateField("建成日期", null=True, blank=True)
    satisfaction = models.DecimalField("满意率（%）", max_digits=4, decimal_places=1, null=True, blank=True)
    evaluation = models.CharField("测评情况", max_length=300, blank=True)
    evaluated_on = models.DateField("测评日期", null=True, blank=True)

    objects = LivelihoodClueQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "民生实事线索"
        ordering: ClassVar = ["-combed_on", "-pk"]
        indexes: ClassVar = [models.Index(fields=["call", "stage"], name="clue_call_stage")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="clue_stage_known"),
            models.CheckConstraint(
                condition=Q(stage=Stage.COMBED, verdict="")
                | Q(stage=Stage.DROPPED) & ~Q(verdict__in=("", Verdict.KEPT))
                | ~Q(stage__in=(Stage.COMBED, Stage.DROPPED)) & Q(verdict=Verdict.KEPT),
                name="clue_stage_as_screened",
            ),
            models.CheckConstraint(
                condition=Q(verdict="") | Q(screened_on__isnull=False), name="clue_screened_on_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=(Stage.CHOSEN, Stage.PASSED_OVER, Stage.BUILT, Stage.EVALUATED))
                | Q(voted_on__isnull=False, votes_for__isnull=False),
                name="clue_chosen_by_a_vote",
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=(Stage.BUILT, Stage.EVALUATED)) | Q(built_on__isnull=False),
                name="clue_built_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def badge(self) -> str:
        """The state of a case whose colour the stage has."""
        return BADGES[Stage(self.stage)]


class CollectedOpinionQuerySet(models.QuerySet["CollectedOpinion"]):
    def from_station_of(self, user: User) -> Self:
        """Of the stations that the user serves; a matter that concerns the user is out, as everywhere."""
        seen = Suggestion.objects.visible_to(user).filter(station__in=Station.objects.served_by(user))
        return self.filter(suggestion__in=seen.order_by().values("pk"))

    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.is_congress_staff and user.scope is not None:
            seen = Suggestion.objects.visible_to(user).order_by()
            return self.filter(within(user.scope, "call__region__path"), suggestion__in=seen.values("pk"))
        return self.from_station_of(user)

    def loose(self) -> Self:
        """Gathered, and not yet in a clue."""
        return self.filter(clue__isnull=True)

    def collected_between(self, start: date, end: date) -> Self:
        return self.filter(collected_on__gte=start, collected_on__lte=end)


class CollectedOpinion(models.Model):
    """征集意见: an opinion counts as one from the day staff gather it into a call; combing ties it to its clue.

    Once a year at most, whoever calls: so a county's and its city's figures never tell one opinion twice, and it is
    the source of one clue a year.
    """

    call = models.ForeignKey(LivelihoodCall, models.PROTECT, related_name="collected", verbose_name="征集")
    year = models.PositiveSmallIntegerField("项目年度", editable=False)
    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="collected", verbose_name="群众意见")
    clue = models.ForeignKey(
        LivelihoodClue, models.PROTECT, null=True, blank=True, related_name="sources", verbose_name="民生实事线索"
    )
    collected_on = models.DateField("征集日期")

    objects = CollectedOpinionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "征集意见"
        ordering: ClassVar = ["-collected_on", "-pk"]
        indexes: ClassVar = [models.Index(fields=["call", "clue"], name="collected_call_clue")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "suggestion", "year", name="collected_once_a_year", violation_error_message="这条意见今年已经收过。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call} {self.suggestion_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.year = self.call.year
        super().save(*args, **kwargs)
