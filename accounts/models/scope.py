"""Regions, organisations and accounts: who may act, and where. Each asks the others, so they stand together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Self, TypeAlias

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser, Group, PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import GeneratedField
from django.db.models.functions import Substr
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.errors import Refused
from accounts.paths import LENGTHS, ancestors, path_of, within

SYSTEM_ADMIN = "系统管理员"
SECURITY_ADMIN = "安全管理员"
AUDITOR = "审计员"
ADMIN_GROUPS = (SYSTEM_ADMIN, SECURITY_ADMIN, AUDITOR)

Viewer: TypeAlias = AbstractBaseUser | AnonymousUser


class Level(models.TextChoices):
    NATION = "nation", "全国"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    COUNTY = "county", "县级"
    TOWNSHIP = "township", "乡级"


class RegionQuerySet(models.QuerySet["Region"]):
    def within(self, region: Region) -> Self:
        return self.filter(within(region.path, "path"))

    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User):
            return self.none()
        if user.is_system_admin:
            return self
        return (
            self.filter(within(user.scope, "path"))
            if user.is_congress_staff and user.scope is not None
            else self.none()
        )


class Region(models.Model):
    """行政区域. Scope asks `path` alone; an official code that differs stands in `statistics_code`."""

    class Form(models.TextChoices):
        ORDINARY = "ordinary", "行政区"
        SUBDISTRICT = "subdistrict", "街道"
        ZONE = "zone", "功能区"

    code = models.CharField(
        "区划代码", max_length=12, unique=True, validators=[RegexValidator(r"^\d{12}$", "区划代码是12位数字。")]
    )
    name = models.CharField("名称", max_length=60)
    level = models.CharField("层级", max_length=10, choices=Level)
    form = models.CharField(
        "类型", max_length=12, choices=Form, default=Form.ORDINARY, help_text="街道不设人民代表大会。"
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级区域"
    )
    path = models.CharField("路径", max_length=9, unique=True, editable=False)
    statistics_code = models.CharField("统计用区划代码", max_length=12, blank=True, help_text="与区划代码不同时填写。")

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "行政区域"
        ordering: ClassVar = ["path"]

    def __str__(self) -> str:
        return self.name

    @property
    def has_congress(self) -> bool:
        """街道 and 功能区 elect no congress of their own (地方组织法)."""
        return self.form == self.Form.ORDINARY

    def clean(self) -> None:
        self.path = path_of(self.code, self.level)
        if self.level == Level.NATION:
            return
        if self.parent is None:
            raise ValidationError({"parent": "除全国外，每个区域都要选择上级区域。"})
        if not self.path.startswith(self.parent.path) or LENGTHS[self.parent.level] >= LENGTHS[self.level]:
            raise ValidationError(
                {"code": f"代码与上级“{self.parent}”不一致：前{len(self.parent.path)}位应为{self.parent.path}。"}
            )
        if Region.objects.exclude(pk=self.pk).filter(path=self.path).exists():
            raise ValidationError({"code": "同一层级已有这个代码的区域，请核对。"})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.path = path_of(self.code, self.level)
        super().save(*args, **kwargs)


class RegionKeyed(models.Model):
    """Rows that are listed newest first by region: the keys make that an equality on one index (performance.md, M3)."""

    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所属区域")
    region_path = models.CharField(max_length=9, editable=False)
    province = GeneratedField(
        expression=Substr("region_path", 1, 2), output_field=models.CharField(max_length=2), db_persist=True
    )
    city = GeneratedField(
        expression=Substr("region_path", 1, 4), output_field=models.CharField(max_length=4), db_persist=True
    )
    county = GeneratedField(
        expression=Substr("region_path", 1, 6), output_field=models.CharField(max_length=6), db_persist=True
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.region_path = self.region.path
        super().save(*args, **kwargs)


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def congress_organs(self) -> Self:
        return self.active().filter(kind__in=Organization.CONGRESS_KINDS)

    def handling_units(self) -> Self:
        return self.active().exclude(kind__in=Organization.CONGRESS_KINDS)

    def congress_organ_of(self, region: Region) -> Organization:
        """The organ that answers for a region: of the nearest ancestor that has one (a sub-district, a zone, a station abroad)."""
        organs = self.congress_organs().select_related("region").filter(region__path__in=ancestors(region.path))
        order = [str(kind) for kind in Organization.CONGRESS_KINDS]
        best = max(organs, key=lambda o: (len(o.region.path), -order.index(o.kind), -o.pk), default=None)
        if best is None:
            raise Refused(f"{region}及其上级区域都没有人大机构，请先在后台“机构”中添加。")
        return best

    def congress_organ_above(self, organ: Organization) -> Organization:
        """The congress organ of the next region upwards. Raises Refused at the top."""
        if organ.region.parent is None:
            raise Refused("已经是最高一级人大机构，不能再往上报。")
        return self.congress_organ_of(organ.region.parent)

    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User):
            return self.none()
        if user.is_system_admin:
            return self
        if user.is_congress_staff and user.scope is not None:
            return self.filter(within(user.scope))
        return self.filter(pk=user.organization_id)


class Organization(models.Model):
    """机构: congress organs, government and handling units, alike one table: each may hold a case."""

    class Kind(models.TextChoices):
        DEPUTIES_COMMITTEE = "deputies_committee", "代表工作委员会"
        STANDING_COMMITTEE = "standing_committee", "人大常委会"
        PRESIDIUM = "presidium", "乡镇人大主席团"
        SUBDISTRICT_COMMITTEE = "subdistrict_committee", "街道人大工委"
        ZONE_COMMITTEE = "zone_committee", "功能区人大工委"
        LIAISON_CENTER = "liaison_center", "代表联络服务中心"
        GOVERNMENT_OFFICE = "government_office", "政府办公室"
        SUPERVISION_OFFICE = "supervision_office", "督查局（室）"
        DEPARTMENT = "department", "政府部门"
        VERTICAL_UNIT = "vertical_unit", "垂管单位"
        VILLAGE_COMMITTEE = "village_committee", "村（居）委会"
        COURT = "court", "法院"
        PROCURATORATE = "procuratorate", "检察院"
        OTHER = "other", "其他"

    # In the order in which they answer for a region that has several.
    CONGRESS_KINDS = (
        Kind.DEPUTIES_COMMITTEE,
        Kind.STANDING_COMMITTEE,
        Kind.PRESIDIUM,
        Kind.SUBDISTRICT_COMMITTEE,
        Kind.ZONE_COMMITTEE,
        Kind.LIAISON_CENTER,
    )
    GOVERNMENT_KINDS = (
        Kind.GOVERNMENT_OFFICE,
        Kind.SUPERVISION_OFFICE,
        Kind.DEPARTMENT,
        Kind.VERTICAL_UNIT,
        Kind.VILLAGE_COMMITTEE,
        Kind.OTHER,
    )

    region = models.ForeignKey(Region, models.PROTECT, related_name="organizations", verbose_name="所属区域")
    name = models.CharField("名称", max_length=80)
    kind = models.CharField("类别", max_length=24, choices=Kind)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    is_active = models.BooleanField("在用", default=True, help_text="机构撤并后取消勾选，历史记录保留。")

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "机构"
        ordering: ClassVar = ["region__path", "kind", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "region", "name", name="organization_once_per_region", violation_error_message="本区域已有同名机构。"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_congress_organ(self) -> bool:
        return self.kind in self.CONGRESS_KINDS

    @cached_property
    def has_login(self) -> bool:
        """Whether anyone there can act here. A unit nobody logs in for is served on paper (代录)."""
        return self.users.filter(is_active=True).exists()


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User):
            return self.none()
        return self if user.is_system_admin else self.filter(pk=user.pk)


class PortalUserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    use_in_migrations = True

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user: User = self.model(username=User.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> User:
        """The first account: a 系统管理员. Nobody here is a superuser, since one would pass every check by."""
        user = self.create_user(username, password, **fields)
        user.groups.add(Group.objects.get_or_create(name=SYSTEM_ADMIN)[0])
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """账号. What it may do follows from its links (organisation, station post, deputy) and groups, never from one role column."""

    username = models.CharField(
        "用户名",
        max_length=60,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": "已有同名账号，请换一个用户名。"},
    )
    name = models.CharField("姓名", max_length=40)
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="users", verbose_name="所在机构"
    )
    phone = models.CharField(
        "手机号", max_length=11, blank=True, validators=[RegexValidator(r"^1\d{10}$", "请填写11位手机号。")]
    )
    email = models.EmailField("邮箱", blank=True)
    is_signatory = models.BooleanField("签发人", default=False, help_text="承办单位负责人：答复由其签发。")
    is_active = models.BooleanField("启用", default=True, help_text="离岗的账号停用即可，不要删除。")
    date_joined = models.DateTimeField("开通时间", default=timezone.now, editable=False)
    # A phone kept signed in (accounts/own_phone.py) is good for the round in which it was begun.
    own_phone_round = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = PortalUserManager()

    class Meta:
        verbose_name = verbose_name_plural = "账号"
        ordering: ClassVar = ["username"]

    def __str__(self) -> str:
        return self.name or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A suspended account that comes back finds no phone still signed in."""
        if not self.is_active and self.pk is not None:
            self.own_phone_round += 1
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "own_phone_round"}
        super().save(*args, **kwargs)

    @cached_property
    def group_names(self) -> frozenset[str]:
        return frozenset(self.groups.values_list("name", flat=True))

    @property
    def is_system_admin(self) -> bool:
        return SYSTEM_ADMIN in self.group_names

    @property
    def is_security_admin(self) -> bool:
        return SECURITY_ADMIN in self.group_names

    @property
    def is_auditor(self) -> bool:
        return AUDITOR in self.group_names

    def _works_in(self, kinds: Iterable[str]) -> bool:
        organization = self.organization
        return organization is not None and organization.is_active and organization.kind in kinds

    @property
    def is_congress_staff(self) -> bool:
        return self._works_in(Organization.CONGRESS_KINDS)

    @property
    def is_supervisor(self) -> bool:
        """督查: watches the region's government cases, and may also be given a case to distribute."""
        return self._works_in((Organization.Kind.SUPERVISION_OFFICE,))

    @property
    def is_unit_user(self) -> bool:
        return self.organization is not None and self.organization.is_active and not self.organization.is_congress_organ

    @property
    def scope(self) -> str | None:
        """The path of the region whose subtree the own organisation serves; None without an organisation."""
        return None if self.organization is None else self.organization.region.path
