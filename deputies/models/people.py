"""A person, the seats this person holds, the stations this person belongs to: three rows, never mixed up (mission C1, C2)."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q

from accounts.calendar import today
from accounts.models import Dated, Region, User, Viewer, ends_after_it_begins
from accounts.paths import within
from deputies.models.terms import Congress, Constituency
from deputies.names import by_pinyin, by_strokes
from stations.models import Station


def overlap(since: date, ended_on: date | None, other_since: date, other_end: date | None) -> bool:
    """Whether two spans share more than the day of the change, which belongs to both; an open end is now."""
    return since < (other_end or date.max) and other_since < (ended_on or date.max)


class Begun(Dated):
    """A span of a person's life here that has begun: nothing is entered in advance."""

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        refuse_a_day_ahead(self.since)


def refuse_a_day_ahead(since: date | None) -> None:
    if since and since > today():
        raise ValidationError({"since": "日期不能晚于今天，请到当天再登记。"})


class DeputyQuerySet(models.QuerySet["Deputy"]):
    def in_order(self, by: str = "strokes") -> Self:
        """姓名笔划 (the order of published lists) or 拼音."""
        return self.order_by("name_pinyin" if by == "pinyin" else "name_strokes", "name", "pk")

    def in_office(self) -> Self:
        """People with at least one sitting seat. A person counts once, whatever the seats."""
        return self.filter(Exists(Mandate.objects.in_office().filter(deputy=OuterRef("pk"))))

    def public(self) -> Self:
        """Whom anybody may look up: suspended and ended seats vanish at once (代表法 art. 58, 61)."""
        return self.in_office()

    def of_region(self, path: str) -> Self:
        """People tied to a subtree by their file, a seat or a station: 五级代表混合编组."""
        return self.filter(
            within(path)
            | Exists(
                Mandate.objects.filter(
                    within(path, "congress__region__path"), deputy=OuterRef("pk"), ended_on__isnull=True
                )
            )
            | Exists(
                StationMembership.objects.sitting().filter(within(path, "station__region__path"), deputy=OuterRef("pk"))
            )
        )

    def editable_by(self, user: Viewer) -> Self:
        """The region that keeps the file alone edits it."""
        if isinstance(user, User) and user.is_congress_staff and user.scope is not None:
            return self.filter(within(user.scope))
        return self.none()

    def visible_to(self, user: Viewer) -> Self:
        if not isinstance(user, User):
            return self.none()
        if user.is_congress_staff and user.scope is not None:
            return self.of_region(user.scope)
        stations = Station.objects.served_by(user).values("pk")
        return self.filter(
            Q(user=user)
            | Exists(StationMembership.objects.sitting().filter(station__in=stations, deputy=OuterRef("pk")))
        )

    def with_seats(self) -> Self:
        """The sitting seats and stations of each, in two more queries whatever the number."""
        return self.prefetch_related(
            Prefetch(
                "mandates",
                Mandate.objects.in_office()
                .select_related("congress__region", "constituency")
                .order_by("congress__region__path"),
                to_attr="sitting_mandates",
            ),
            Prefetch(
                "memberships",
                StationMembership.objects.sitting().select_related("station"),
                to_attr="sitting_memberships",
            ),
        )


class Deputy(models.Model):
    """代表: a person. Seats are `Mandate`, stations `StationMembership`; every figure says 人, 席 or 人次 (mission C1)."""

    class Sex(models.TextChoices):
        MALE = "male", "男"
        FEMALE = "female", "女"

    region = models.ForeignKey(Region, models.PROTECT, related_name="deputies", verbose_name="档案所在区域")
    user = models.OneToOneField(
        User, models.SET_NULL, null=True, blank=True, related_name="deputy", verbose_name="账号"
    )
    slug = models.SlugField("网址标识", max_length=40, unique=True, editable=False)
    name = models.CharField("姓名", max_length=40)
    name_strokes = models.CharField(max_length=60, editable=False, blank=True)
    name_pinyin = models.CharField(max_length=120, editable=False, blank=True)
    sex = models.CharField("性别", max_length=6, choices=Sex, blank=True)
    ethnicity = models.CharField("民族", max_length=20, blank=True)
    birth_year = models.PositiveSmallIntegerField(
        "出生年", null=True, blank=True, validators=[MinValueValidator(1900), MaxValueValidator(2100)]
    )
    birth_month = models.PositiveSmallIntegerField(
        "出生月", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    party = models.CharField("政治面貌", max_length=20, blank=True)
    education = models.CharField("文化程度", max_length=20, blank=True)
    work_unit = models.CharField("工作单位及职务", max_length=120, blank=True, help_text="经本人书面同意才对外公布。")
    occupation = models.CharField("职业（界别）", max_length=40, blank=True)
    expertise = models.CharField("专长", max_length=80, blank=True)
    phone = models.CharField(
        "联系电话",
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"^(1\d{10}|0\d{2,3}-?\d{7,8}|\d{3,8})$", "请填写11位手机号，或带区号的固定电话。")],
        help_text="经本人书面同意才对外公布。",
    )
    photo = models.ImageField("照片", upload_to="deputies", blank=True, help_text="经本人书面同意才对外公布。")

    objects = DeputyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代表"
        ordering: ClassVar = ["name", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["name", "birth_year", "birth_month"], name="deputy_name_birth"),
            models.Index(fields=["name_strokes", "name"], name="deputy_strokes"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            from deputies.codes import new_slug

            self.slug = new_slug()
        self.sort_name()
        super().save(*args, **kwargs)

    def sort_name(self) -> None:
        """The keys of the two orders of a published list. Whoever writes many rows at once calls it for each."""
        self.name_strokes, self.name_pinyin = by_strokes(self.name), by_pinyin(self.name)

    @property
    def is_in_office(self) -> bool:
        return Mandate.objects.in_office().filter(deputy=self).exists()


class MandateQuerySet(models.QuerySet["Mandate"]):
    def in_office(self) -> Self:
        return self.filter(status=Mandate.Status.SITTING)

    def held(self) -> Self:
        """实有: sitting or suspended; a suspended deputy still holds the seat."""
        return self.filter(status__in=(Mandate.Status.SITTING, Mandate.Status.SUSPENDED))

    def visible_to(self, user: Viewer) -> Self:
        return self.filter(deputy__in=Deputy.objects.visible_to(user))


class Mandate(models.Model):
    """A seat: one person in one congress (代表法 art. 61–63: suspension, termination and their grounds)."""

    class Kind(models.TextChoices):
        ELECTED = "elected", "换届选举"
        BY_ELECTED = "by_elected", "补选"

    class Status(models.TextChoices):
        ELECTED = "elected", "当选"
        SITTING = "sitting", "在任"
        SUSPENDED = "suspended", "暂停执行职务"
        ENDED = "ended", "终止"

    class Reason(models.TextChoices):
        TERM = "term", "届满"
        MOVED = "moved", "调离或迁出"
        RESIGNED = "resigned", "辞职"
        ABSENT = "absent", "两次未经批准不出席会议"
        RECALLED = "recalled", "被罢免"
        NATIONALITY = "nationality", "丧失国籍"
        DEPRIVED = "deprived", "被剥夺政治权利"
        CAPACITY = "capacity", "丧失行为能力"
        DIED = "died", "去世"
        INVALID = "invalid", "当选无效"
        DETAINED = "detained", "因刑事案件被羁押"
        SENTENCED = "sentenced", "被判处刑罚正在服刑"

    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="mandates", verbose_name="代表")
    congress = models.ForeignKey(Congress, models.PROTECT, related_name="mandates", verbose_name="届次")
    constituency = models.ForeignKey(
        Constituency, models.PROTECT, null=True, blank=True, related_name="mandates", verbose_name="选区（选举单位）"
    )
    kind = models.CharField("当选方式", max_length=12, choices=Kind, default=Kind.ELECTED)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.SITTING)
    reason = models.CharField("原因", max_length=12, choices=Reason, blank=True)
    card_number = models.CharField("代表证号", max_length=30, blank=True)
    since = models.DateField("任职日期")
    ended_on = models.DateField("终止日期", null=True, blank=True)

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代表职务"
        ordering: ClassVar = ["congress__region__path", "deputy"]
        constraints: ClassVar = [
            ends_after_it_begins("mandate_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=["deputy", "congress"],
                condition=Q(ended_on__isnull=True),
                name="mandate_one_seat_per_congress",
                violation_error_message="该代表在这一届已有未终止的职务。",
            ),
            models.CheckConstraint(
                condition=Q(status="ended", ended_on__isnull=False) | (~Q(status="ended") & Q(ended_on__isnull=True)),
                name="mandate_ended_has_date",
                violation_error_message="“终止”要填写终止日期，其他状态不填。",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("ended", "suspended")) | ~Q(reason=""),
                name="mandate_reason_given",
                violation_error_message="暂停或终止职务要选择原因。",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["congress", "status"], include=["deputy"], name="mandate_congress_status")
        ]

    def __str__(self) -> str:
        return f"{self.congress.region.get_level_display()}人大代表"

    def clean(self) -> None:
        super().clean()
        if self.constituency is not None and self.congress_id and self.constituency.congress_id != self.congress_id:
            raise ValidationError({"constituency": "选区不属于所选届次，请重新选择。"})
        refuse_a_day_ahead(self.since)


class StationMembershipQuerySet(models.QuerySet["StationMembership"]):
    def sitting(self) -> Self:
        return self.filter(ended_on__isnull=True)

    def visible_to(self, user: Viewer) -> Self:
        return self.filter(station__in=Station.objects.visible_to(user)) | self.filter(
            deputy__in=Deputy.objects.visible_to(user)
        )


class StationMembership(Begun):
    """进站. 双进站: at most one sitting home station and one sitting sector station per person (mission C2)."""

    class Kind(models.TextChoices):
        HOME = "home", "所在选区联络站"
        SECTOR = "sector", "产业（专业）联络站"

    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="memberships", verbose_name="代表")
    station = models.ForeignKey(Station, models.PROTECT, related_name="memberships", verbose_name="联络站")
    kind = models.CharField("进站方式", max_length=8, choices=Kind)

    objects = StationMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代表进站"
        ordering: ClassVar = ["station", "deputy"]
        constraints: ClassVar = [
            ends_after_it_begins("membership_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=["deputy", "kind"],
                condition=Q(ended_on__isnull=True),
                name="membership_one_of_a_kind",
                violation_error_message="该代表已在另一站（同一进站方式），请先为原进站记录填写结束日期。",
            ),
            models.UniqueConstraint(
                fields=["deputy", "station"],
                condition=Q(ended_on__isnull=True),
                name="membership_once_per_station",
                violation_error_message="该代表已在本站。",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["station", "ended_on"], include=["deputy"], name="membership_station")
        ]

    def __str__(self) -> str:
        return f"{self.deputy}进驻{self.station}"

    def overlaps(self, since: date, ended_on: date | None) -> bool:
        return overlap(self.since, self.ended_on, since, ended_on)

    def clean(self) -> None:
        super().clean()
        if not self.station_id:
            return
        regional = self.station.kind == Station.Kind.REGIONAL
        if (self.kind == self.Kind.HOME) != regional:
            raise ValidationError({"kind": "区域联络站用“所在选区联络站”，产业站和专业站用“产业（专业）联络站”。"})
