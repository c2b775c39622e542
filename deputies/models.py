from __future__ import annotations

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q

from accounts.models import Dated, Level, Region, User, Viewer, ends_after_it_begins
from accounts.paths import within
from stations.models import IndustryChain, ScopedQuerySet, Station, StationPost


class CongressQuerySet(ScopedQuerySet):
    def sitting(self) -> Self:
        return self.filter(ended_on__isnull=True)


class Congress(models.Model):
    """某区域第几届人民代表大会. A term is no calendar span: it ends when the next congress first meets (代表法 art. 2)."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="congresses", verbose_name="区域")
    ordinal = models.PositiveSmallIntegerField("届次", validators=[MinValueValidator(1)])
    first_met_on = models.DateField("首次会议日期")
    ended_on = models.DateField("届满日期", null=True, blank=True, help_text="下一届首次会议召开之日；在任的一届不填。")

    objects = CongressQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "届次"
        ordering: ClassVar = ["region__path", "-ordinal"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "region", "ordinal", name="congress_once", violation_error_message="本区域已有这一届。"
            ),
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(ended_on__isnull=True),
                name="congress_one_sitting_per_region",
                violation_error_message="本区域已有在任的一届，请先为上一届填写届满日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region}第{self.ordinal}届人民代表大会"

    def clean(self) -> None:
        super().clean()
        if self.region_id and not self.region.has_congress:
            raise ValidationError({"region": f"{self.region}是{self.region.get_form_display()}，不设人民代表大会。"})
        if self.ended_on and self.first_met_on and self.ended_on < self.first_met_on:
            raise ValidationError({"ended_on": "届满日期不能早于首次会议日期。"})


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: Viewer) -> Self:
        return self.filter(congress__in=Congress.objects.visible_to(user))


class Session(models.Model):
    """会次: the meetings of one congress. A proposal raised at one is numbered apart from those between sessions (闭会)."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="sessions", verbose_name="届次")
    ordinal = models.PositiveSmallIntegerField("第几次会议", validators=[MinValueValidator(1)])
    opened_on = models.DateField("开幕日期")
    closed_on = models.DateField("闭幕日期", null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会次"
        ordering: ClassVar = ["congress", "-ordinal"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "congress", "ordinal", name="session_once", violation_error_message="本届已有这一次会议。"
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=models.F("opened_on")),
                name="session_closes_after_it_opens",
                violation_error_message="闭幕日期不能早于开幕日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.ordinal}次会议"


class ConstituencyQuerySet(models.QuerySet["Constituency"]):
    def visible_to(self, user: Viewer) -> Self:
        return self.filter(congress__in=Congress.objects.visible_to(user))


class Constituency(models.Model):
    """选区 (county and township: voters elect) or 选举单位 (above: the next lower congress elects)."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="constituencies", verbose_name="届次")
    name = models.CharField("名称", max_length=60)
    seats = models.PositiveSmallIntegerField("应选名额", null=True, blank=True)

    objects = ConstituencyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "选区（选举单位）"
        ordering: ClassVar = ["congress", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "congress", "name", name="constituency_once", violation_error_message="本届已有同名选区。"
            )
        ]

    def __str__(self) -> str:
        return self.name


class DeputyQuerySet(models.QuerySet["Deputy"]):
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
        indexes: ClassVar = [models.Index(fields=["name", "birth_year", "birth_month"], name="deputy_name_birth")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            from deputies.codes import new_slug

            self.slug = new_slug()
        super().save(*args, **kwargs)

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


class StationMembershipQuerySet(models.QuerySet["StationMembership"]):
    def sitting(self) -> Self:
        return self.filter(ended_on__isnull=True)

    def visible_to(self, user: Viewer) -> Self:
        return self.filter(station__in=Station.objects.visible_to(user)) | self.filter(
            deputy__in=Deputy.objects.visible_to(user)
        )


class StationMembership(Dated):
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

    def clean(self) -> None:
        super().clean()
        if not self.station_id:
            return
        regional = self.station.kind == Station.Kind.REGIONAL
        if (self.kind == self.Kind.HOME) != regional:
            raise ValidationError({"kind": "区域联络站用“所在选区联络站”，产业站和专业站用“产业（专业）联络站”。"})


class DeputyGroupQuerySet(ScopedQuerySet):
    def active(self) -> Self:
        return self.filter(ended_on__isnull=True)

    def visible_to(self, user: Viewer) -> Self:
        staff = super().visible_to(user)
        if not isinstance(user, User):
            return staff
        stations = Station.objects.served_by(user).values("pk")
        return staff | self.filter(
            Exists(GroupMembership.objects.filter(group=OuterRef("pk"), deputy__user=user, ended_on__isnull=True))
            | Exists(GroupEntry.objects.filter(group=OuterRef("pk"), station__in=stations, ended_on__isnull=True))
        )


class DeputyGroup(Dated):
    """代表小组: 块 (regional), 条 (professional) or 链 (industry) (mission C3)."""

    class Kind(models.TextChoices):
        REGIONAL = "regional", "区域小组"
        PROFESSIONAL = "professional", "专业小组"
        INDUSTRY = "industry", "特色（产业链）小组"

    class Category(models.TextChoices):
        FINANCE = "finance", "财经预算"
        URBAN = "urban", "城建环保"
        EDUCATION = "education", "教科文卫"
        JUDICIAL = "judicial", "内务司法"
        AGRICULTURE = "agriculture", "农业农村"
        ETHNIC = "ethnic", "民族宗教"

    region = models.ForeignKey(Region, models.PROTECT, related_name="deputy_groups", verbose_name="所属区域")
    name = models.CharField("名称", max_length=60)
    kind = models.CharField("类型", max_length=12, choices=Kind)
    level = models.CharField("层级", max_length=10, choices=Level, help_text="组成人员以哪一级代表为主。")
    category = models.CharField("专业类别", max_length=12, choices=Category, blank=True)
    chain = models.ForeignKey(
        IndustryChain, models.PROTECT, null=True, blank=True, related_name="groups", verbose_name="产业链"
    )

    objects = DeputyGroupQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代表小组"
        ordering: ClassVar = ["region__path", "kind", "name"]
        constraints: ClassVar = [
            ends_after_it_begins("group_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=["region", "name"],
                condition=Q(ended_on__isnull=True),
                name="group_once_per_region",
                violation_error_message="本区域已有同名小组。",
            ),
            models.CheckConstraint(
                condition=Q(kind="professional") ^ Q(category=""),
                name="group_professional_has_category",
                violation_error_message="专业小组要选择专业类别，其他小组不选。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GroupMembership(Dated):
    group = models.ForeignKey(DeputyGroup, models.PROTECT, related_name="memberships", verbose_name="小组")
    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="group_memberships", verbose_name="代表")
    is_leader = models.BooleanField("组长", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "小组成员"
        ordering: ClassVar = ["group", "-is_leader", "deputy"]
        constraints: ClassVar = [
            ends_after_it_begins("group_membership_ends_after"),
            models.UniqueConstraint(
                fields=["group", "deputy"],
                condition=Q(ended_on__isnull=True),
                name="group_membership_once",
                violation_error_message="该代表已在本小组。",
            ),
            models.UniqueConstraint(
                fields=["group"],
                condition=Q(ended_on__isnull=True, is_leader=True),
                name="group_one_leader",
                violation_error_message="本小组已有组长。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy}（{self.group}）"


class GroupEntry(Dated):
    """A group enters a station as a unit (获嘉: six groups). It gives its members no membership of the station."""

    group = models.ForeignKey(DeputyGroup, models.PROTECT, related_name="entries", verbose_name="小组")
    station = models.ForeignKey(Station, models.PROTECT, related_name="group_entries", verbose_name="联络站")

    class Meta:
        verbose_name = verbose_name_plural = "小组进站"
        constraints: ClassVar = [
            ends_after_it_begins("group_entry_ends_after"),
            models.UniqueConstraint(
                fields=["group", "station"],
                condition=Q(ended_on__isnull=True),
                name="group_entry_once",
                violation_error_message="该小组已进驻本站。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group}进驻{self.station}"


class PostHolder(models.Model):
    """The deputy who holds a station post: stations knows no deputies, so the link stands here."""

    post = models.OneToOneField(StationPost, models.CASCADE, related_name="holder", verbose_name="站内职务")
    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="posts_held", verbose_name="代表")

    class Meta:
        verbose_name = verbose_name_plural = "任职代表"

    def __str__(self) -> str:
        return f"{self.deputy} {self.post}"


class ConsentQuerySet(models.QuerySet["Consent"]):
    def given(self) -> Self:
        return self.filter(ended_on__isnull=True)

    def visible_to(self, user: Viewer) -> Self:
        return self.filter(deputy__in=Deputy.objects.visible_to(user))


class Consent(Dated):
    """Recorded consent to publish one field (个人信息保护法 art. 25). What 代表法 art. 58 makes public needs none."""

    class Field(models.TextChoices):
        PHOTO = "photo", "照片"
        WORK_UNIT = "work_unit", "工作单位及职务"
        PHONE = "phone", "本人电话"

    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="consents", verbose_name="代表")
    field = models.CharField("公布内容", max_length=10, choices=Field)
    text_version = models.CharField("同意书版本", max_length=20, default="2026-1")
    document = models.CharField("同意书存放", max_length=80, blank=True, help_text="纸质同意书的存放处或编号。")

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公布同意"
        constraints: ClassVar = [
            ends_after_it_begins("consent_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=["deputy", "field"],
                condition=Q(ended_on__isnull=True),
                name="consent_once_per_field",
                violation_error_message="这一项已有有效的同意记录。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deputy}同意公布{self.get_field_display()}"


class PrintCodeQuerySet(models.QuerySet["PrintCode"]):
    def valid(self) -> Self:
        return self.filter(revoked_at__isnull=True)

    def visible_to(self, user: Viewer) -> Self:
        return self.filter(
            Q(station__in=Station.objects.visible_to(user))
            | Q(post__station__in=Station.objects.visible_to(user))
            | Q(deputy__in=Deputy.objects.visible_to(user))
        )


class PrintCode(models.Model):
    """One printed QR code with a life: issued, printed, checked on the wall, revoked. The address under it never changes."""

    code = models.CharField("打印码", max_length=26, unique=True, editable=False)
    station = models.ForeignKey(
        Station, models.PROTECT, null=True, blank=True, related_name="print_codes", verbose_name="联络站"
    )
    deputy = models.ForeignKey(
        Deputy, models.PROTECT, null=True, blank=True, related_name="print_codes", verbose_name="代表"
    )
    post = models.ForeignKey(
        StationPost, models.PROTECT, null=True, blank=True, related_name="print_codes", verbose_name="站内职务"
    )
    issued_at = models.DateTimeField("发放时间", auto_now_add=True)
    printed_on = models.DateField("打印日期", null=True, blank=True)
    checked_on = models.DateField("上墙核对日期", null=True, blank=True)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)

    objects = PrintCodeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "二维码"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(station__isnull=False, deputy__isnull=True, post__isnull=True)
                | Q(station__isnull=True, deputy__isnull=False, post__isnull=True)
                | Q(station__isnull=True, deputy__isnull=True, post__isnull=False),
                name="print_code_of_one_thing",
                violation_error_message="二维码属于一个联络站、一位代表或一个站内职务，请只选一项。",
            ),
            *(
                models.UniqueConstraint(
                    fields=[subject],
                    condition=Q(revoked_at__isnull=True),
                    name=f"print_code_one_valid_{subject}",
                    violation_error_message=f"{label}已有在用的二维码。需要换新的，请先停用旧的。",
                )
                for subject, label in (("station", "这个联络站"), ("deputy", "这位代表"), ("post", "这个站内职务"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}（{self.code[:6]}…）"

    @property
    def subject(self) -> Station | Deputy | StationPost:
        subject = self.station or self.deputy or self.post
        assert subject is not None
        return subject

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.code:
            from deputies.codes import new_print_code

            self.code = new_print_code()
        super().save(*args, **kwargs)


class ScanCount(models.Model):
    """Scans of a printed code on a day: whether a code sleeps, never who scanned it."""

    code = models.ForeignKey(PrintCode, models.CASCADE, related_name="scans")
    day = models.DateField("日期")
    count = models.PositiveIntegerField("次数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "扫码次数"
        constraints: ClassVar = [models.UniqueConstraint("code", "day", name="scan_count_per_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.count}次"
