from __future__ import annotations

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from accounts.models import Dated, Organization, Region, User, Viewer, ends_after_it_begins
from accounts.paths import ancestors, within


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows of a region that congress staff of it or above it keep."""

    def visible_to(self, user: Viewer) -> Self:
        if isinstance(user, User) and user.is_congress_staff and user.scope is not None:
            return self.filter(within(user.scope))
        return self.none()


class IndustryChainQuerySet(models.QuerySet["IndustryChain"]):
    def visible_to(self, user: Viewer) -> Self:
        """Those of the own subtree, and those above it: a township's station serves the county's chain."""
        if not isinstance(user, User) or user.scope is None or not user.is_congress_staff:
            return self.none()
        return self.filter(within(user.scope) | Q(region__path__in=ancestors(user.scope)))


class IndustryChain(models.Model):
    """产业链, e.g. 起重装备: what an industry station serves and the figures are told by."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区域")
    name = models.CharField("名称", max_length=40)

    objects = IndustryChainQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "产业链"
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "region", "name", name="chain_once_per_region", violation_error_message="本区域已有同名产业链。"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Enterprise(models.Model):
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区域")
    name = models.CharField("名称", max_length=80)
    chains = models.ManyToManyField(IndustryChain, blank=True, related_name="enterprises", verbose_name="产业链")
    address = models.CharField("地址", max_length=120, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业"
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "region", "name", name="enterprise_once_per_region", violation_error_message="本区域已有同名企业。"
            )
        ]

    def __str__(self) -> str:
        return self.name


class StationQuerySet(models.QuerySet["Station"]):
    def public(self) -> Self:
        """What anybody may see: stations at work, as a trial or for good."""
        return self.filter(life__in=Station.AT_WORK)

    def served_by(self, user: Viewer) -> Self:
        """Stations whose day-to-day work the user carries (站长、副站长、联络员)."""
        if not isinstance(user, User):
            return self.none()
        posts = StationPost.objects.sitting().filter(user=user, post__in=StationPost.SERVING)
        return self.filter(pk__in=posts.values("station"))

    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User):
            return self.none()
        own = Q(pk__in=Station.objects.served_by(user).values("pk"))
        if user.is_congress_staff and user.scope is not None:
            own |= within(user.scope)
        return self.filter(own)


class Station(models.Model):
    """联络站. Rights follow the owner region, never the address (a county's station may stand in another province)."""

    class Kind(models.TextChoices):
        INDUSTRY = "industry", "产业联络站"
        REGIONAL = "regional", "区域联络站"
        PROFESSIONAL = "professional", "专业联络站"

    class Tier(models.TextChoices):
        GENERAL = "general", "总站"
        CENTRAL = "central", "中心站"
        STATION = "station", "站"
        POINT = "point", "点"

    class HostKind(models.TextChoices):
        PARK = "park", "产业园区"
        CHAIN_ENTERPRISE = "chain_enterprise", "链上优势企业"
        ASSOCIATION = "association", "行业协会"
        COOPERATIVE = "cooperative", "合作社"
        BASE = "base", "产业基地"
        COMMUNITY = "community", "社区（村）"
        OFFICE = "office", "机关"
        OTHER = "other", "其他"

    class Life(models.TextChoices):
        PLANNED = "planned", "拟建"
        PILOT = "pilot", "试点"
        FORMAL = "formal", "正式"
        CLOSED = "closed", "撤销"

    AT_WORK = (Life.PILOT, Life.FORMAL)

    name = models.CharField("名称", max_length=60)
    slug = models.SlugField("网址标识", max_length=40, unique=True, help_text="二维码和网址用，保存后不再改变。")
    kind = models.CharField("类型", max_length=12, choices=Kind)
    tier = models.CharField("层级", max_length=8, choices=Tier, default=Tier.STATION)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级站"
    )
    region = models.ForeignKey(Region, models.PROTECT, related_name="stations", verbose_name="所属区域")
    life = models.CharField("建设阶段", max_length=8, choices=Life, default=Life.PLANNED)
    opened_on = models.DateField("挂牌日期", null=True, blank=True)
    closed_on = models.DateField("撤销日期", null=True, blank=True)
    host_kind = models.CharField("依托类别", max_length=16, choices=HostKind, default=HostKind.OTHER)
    host_name = models.CharField("依托单位", max_length=80, blank=True)
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="stations", verbose_name="所在企业"
    )
    chains = models.ManyToManyField(IndustryChain, blank=True, related_name="stations", verbose_name="服务产业链")
    bases = models.CharField("服务基地", max_length=200, blank=True, help_text="可填多个，用顿号隔开。")
    address = models.CharField("地址", max_length=120, blank=True, help_text="可在辖区以外，不影响所属区域。")
    hours = models.CharField("开放时间", max_length=80, blank=True)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    introduction = models.TextField("站情简介", blank=True)
    duties = models.TextField("工作职责", blank=True)

    objects = StationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联络站"
        ordering: ClassVar = ["region__path", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "region", "name", name="station_once_per_region", violation_error_message="本区域已有同名联络站。"
            ),
            models.CheckConstraint(
                condition=Q(life="closed", closed_on__isnull=False) | (~Q(life="closed") & Q(closed_on__isnull=True)),
                name="station_closed_has_date",
                violation_error_message="“撤销”要填写撤销日期，其他阶段不填。",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "life"], name="station_kind_life")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_public(self) -> bool:
        return self.life in self.AT_WORK

    def clean(self) -> None:
        super().clean()
        old = Station.objects.filter(pk=self.pk).values_list("slug", flat=True).first() if self.pk else None
        if old is not None and old != self.slug:
            raise ValidationError({"slug": f"网址标识印在二维码里，不能改变，请保留“{old}”。"})
        if self.parent_id is not None and self.parent_id == self.pk:
            raise ValidationError({"parent": "上级站不能是本站自己。"})


class StationPhoto(models.Model):
    station = models.ForeignKey(Station, models.CASCADE, related_name="photos", verbose_name="联络站")
    image = models.ImageField("照片", upload_to="stations")
    caption = models.CharField("说明", max_length=60, help_text="照片里是什么，读屏软件会读出来。")

    class Meta:
        verbose_name = verbose_name_plural = "站点照片"
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.caption


class StationPostQuerySet(models.QuerySet["StationPost"]):
    def sitting(self) -> Self:
        return self.filter(ended_on__isnull=True)

    def visible_to(self, user: Viewer) -> Self:
        return self.filter(station__in=Station.objects.visible_to(user))


class StationPost(Dated):
    """A post at a station, held by an account, a deputy (linked from deputies) or a name (聘任).

    双站长: one sitting head per side, so a congress head and an enterprise or government head may stand side by side.
    """

    class Post(models.TextChoices):
        HEAD = "head", "站长"
        DEPUTY_HEAD = "deputy_head", "副站长"
        OFFICER = "officer", "联络员"
        ENVOY = "envoy", "民情联络员"
        ADVISER = "adviser", "特邀指导员"
        COUNSEL = "counsel", "法律顾问"

    class Side(models.TextChoices):
        CONGRESS = "congress", "人大"
        ENTERPRISE = "enterprise", "企业"
        GOVERNMENT = "government", "政府部门"

    SERVING = (Post.HEAD, Post.DEPUTY_HEAD, Post.OFFICER)
    ACTING = (Post.HEAD, Post.OFFICER)

    station = models.ForeignKey(Station, models.PROTECT, related_name="posts", verbose_name="联络站")
    post = models.CharField("职务", max_length=12, choices=Post)
    side = models.CharField("来自", max_length=10, choices=Side, default=Side.CONGRESS)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name="账号")
    name = models.CharField("姓名", max_length=40, help_text="对外公布的姓名。")
    title = models.CharField("单位及职务", max_length=80, blank=True)
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name="所在企业"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name="所在单位"
    )

    objects = StationPostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "站内职务"
        ordering: ClassVar = ["station", "-post", "side"]
        constraints: ClassVar = [
            ends_after_it_begins("post_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=["station", "side"],
                condition=Q(post="head", ended_on__isnull=True),
                name="post_one_head_per_side",
                violation_error_message="这一方已有在任站长，请先为原站长填写结束日期。",
            ),
            models.CheckConstraint(
                condition=~Q(side="enterprise") | Q(enterprise__isnull=False),
                name="post_enterprise_side_names_it",
                violation_error_message="企业一方任职要选择所在企业：涉及该企业的事项，任职人须回避。",
            ),
            models.CheckConstraint(
                condition=~Q(side="government") | Q(organization__isnull=False),
                name="post_government_side_names_it",
                violation_error_message="政府部门一方任职要选择所在单位：涉及该单位的事项，任职人须回避。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_post_display()} {self.name}"
