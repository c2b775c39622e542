from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Organization, RegionKeyed, User
from activities.models import Activity, Theme, Visit
from deputies.models import Congress, Deputy, DeputyGroup, Session
from stations.models import Enterprise, Station
from suggestions.models.profile import Category, ProblemKind
from suggestions.models.sight import SuggestionQuerySet, grams_of
from suggestions.workflow import OPEN, Kind, Status, Verb


class Suggestion(RegionKeyed):
    """A case: 群众意见 (opinion) or 代表建议 (proposal). Its status is a cached column that one function keeps."""

    class Submitter(models.TextChoices):
        RESIDENT = "resident", "群众"
        ENTERPRISE = "enterprise", "企业"
        WORKER = "worker", "职工"
        DEPUTY = "deputy", "代表"

    class Channel(models.TextChoices):
        WEB = "web", "网上提交"
        CODE = "code", "扫码提交"
        DESK = "desk", "到站反映"
        PHONE = "phone", "电话反映"
        LETTER = "letter", "来信"
        VISIT = "visit", "代表走访"
        ACTIVITY = "activity", "活动现场"

    class Rating(models.TextChoices):
        SATISFIED = "satisfied", "满意"
        BASICALLY = "basically", "基本满意"
        DISSATISFIED = "dissatisfied", "不满意"

    number = models.CharField("受理编号", max_length=12, unique=True, editable=False)
    kind = models.CharField("种类", max_length=10, choices=Kind, default=Kind.OPINION)
    status = models.CharField("状态", max_length=12, choices=Status, default=Status.DRAFT, editable=False)
    version = models.PositiveIntegerField("版本", default=0, editable=False)

    title = models.CharField("标题", max_length=60, blank=True)
    text = models.TextField("反映事项")
    request = models.TextField("具体建议", blank=True, help_text="代表建议在事由之外写明怎样解决。")
    place = models.CharField("地点", max_length=120, blank=True)
    submitter_kind = models.CharField("反映人", max_length=12, choices=Submitter, default=Submitter.RESIDENT)
    channel = models.CharField("来源", max_length=10, choices=Channel, default=Channel.WEB)
    name = models.CharField("姓名", max_length=40, blank=True)
    phone = models.CharField("电话", max_length=20, blank=True)
    callback = models.BooleanField("请回电话", default=False)
    consent_version = models.CharField("告知书版本", max_length=20, blank=True)
    consented_at = models.DateTimeField("同意时间", null=True, blank=True)

    direct = models.BooleanField(
        "直接交县人大", default=False, help_text="反映代表、联络站工作人员或其所在单位：本站人员回避。"
    )
    station = models.ForeignKey(
        Station, models.PROTECT, null=True, blank=True, related_name="suggestions", verbose_name="联络站"
    )
    deputy = models.ForeignKey(
        Deputy, models.PROTECT, null=True, blank=True, related_name="addressed", verbose_name="反映给代表"
    )
    lead = models.ForeignKey(
        Deputy, models.PROTECT, null=True, blank=True, related_name="proposals", verbose_name="领衔代表"
    )
    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, blank=True, related_name="suggestions", verbose_name="来自走访"
    )
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, blank=True, related_name="suggestions", verbose_name="来自活动"
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="suggestions", verbose_name="涉及企业"
    )
    about_unit = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="反映的单位",
        help_text="该单位回避。",
    )
    about_person = models.ForeignKey(
        Deputy,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="反映的代表",
        help_text="该代表回避。",
    )
    theme = models.ForeignKey(
        Theme, models.PROTECT, null=True, blank=True, related_name="suggestions", verbose_name="主题活动"
    )
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="suggestions", verbose_name="类别"
    )
    problem_kind = models.ForeignKey(
        ProblemKind, models.PROTECT, null=True, blank=True, related_name="suggestions", verbose_name="问题类型"
    )

    holder = models.ForeignKey(Organization, models.PROTECT, related_name="held", verbose_name="承接机构")
    at_station = models.BooleanField("在联络站", default=False, help_text="由联络站直接承接，尚未上报。")
    congress = models.ForeignKey(
        Congress, models.PROTECT, null=True, blank=True, related_name="proposals", verbose_name="届次"
    )
    session = models.ForeignKey(
        Session,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals",
        verbose_name="会次",
        help_text="空白即闭会期间提出。",
    )
    proposal_number = models.CharField("建议编号", max_length=20, blank=True)
    proposed_unit = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="希望由谁办理"
    )
    proposed_due = models.DateField("商定的限期", null=True, blank=True, help_text="局长进站时当面商定，转办时采用。")
    keep_private = models.BooleanField("不宜公开", default=False, help_text="代表认为不宜公开的，不作公开。")

    supervised_on = models.DateField("列为重点督办", null=True, blank=True)
    supervising_leader = models.CharField("督办领导", max_length=40, blank=True)
    supervising_group = models.ForeignKey(
        DeputyGroup, models.PROTECT, null=True, blank=True, related_name="supervised", verbose_name="督办小组"
    )

    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    submitted_on = models.DateField("提交日期", null=True, blank=True)
    handed_over_on = models.DateField("首次交办日期", null=True, blank=True)
    due_on = models.DateField("应办日期", null=True, blank=True)
    replied_on = models.DateField("答复日期", null=True, blank=True)
    closed_on = models.DateField("办结日期", null=True, blank=True)
    reopen_requested_on = models.DateField("申请重新受理日期", null=True, blank=True)
    result_class = models.CharField("办理结果", max_length=2, blank=True)
    to_inform = models.BooleanField("待电话告知", default=False)
    anonymised_on = models.DateField("去除个人信息日期", null=True, blank=True)
    rating = models.CharField(
        "评价", max_length=12, choices=Rating, blank=True, help_text="空白即“未评价”，从不计为满意。"
    )

    form_key_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)
    code_hash = models.CharField(max_length=64, blank=True, editable=False)
    grams = models.TextField(blank=True, editable=False)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "意见建议"
        ordering: ClassVar = ["-submitted_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["congress", "session", "proposal_number"],
                condition=~Q(proposal_number="") & Q(session__isnull=False),
                name="suggestion_number_once_a_session",
                violation_error_message="本次会议已有这个建议编号。",
            ),
            # Null is equal to nothing in a unique index, and 闭会 is a series of its own.
            models.UniqueConstraint(
                fields=["congress", "proposal_number"],
                condition=~Q(proposal_number="") & Q(session__isnull=True),
                name="suggestion_number_once_between",
                violation_error_message="本届闭会期间已有这个建议编号。",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.OPINION) | Q(lead__isnull=False, congress__isnull=False),
                name="suggestion_proposal_has_its_deputy",
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="suggestion_status_known"),
            models.CheckConstraint(
                condition=Q(at_station=False) | Q(station__isnull=False, direct=False),
                name="suggestion_at_a_station_it_may_be_at",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["county", "-submitted_at"], name="suggestion_county_new"),
            models.Index(fields=["city", "-submitted_at"], name="suggestion_city_new"),
            models.Index(fields=["province", "-submitted_at"], name="suggestion_province_new"),
            models.Index(fields=["region_path", "-submitted_at"], name="suggestion_region_new"),
            models.Index(
                fields=["region_path", "submitted_at"], condition=Q(status__in=sorted(OPEN)), name="suggestion_open"
            ),
            models.Index(fields=["holder", "due_on"], condition=Q(status__in=sorted(OPEN)), name="suggestion_waiting"),
            models.Index(
                fields=["submitted_on", "region_path"],
                include=["status", "kind", "result_class", "rating"],
                name="suggestion_figures",
            ),
            models.Index(fields=["station", "-submitted_at"], name="suggestion_station_new"),
            # What the retention of personal data still has to look at.
            models.Index(
                fields=["closed_on"], condition=Q(anonymised_on__isnull=True), name="suggestion_not_anonymised"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.heading}"

    @property
    def heading(self) -> str:
        """The title, or the first words where nobody gave one."""
        first = (self.text.strip().splitlines() or [""])[0]
        return self.title or (first[:24] + "…" if len(first) > 24 else first)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def found_by(self, title: str = "") -> str:
        """The bigrams by which it is found: its title, once it has one, and its own words."""
        return grams_of(title or self.title, self.text, self.request, self.place)

    @property
    def rating_label(self) -> str:
        return self.get_rating_display() if self.rating else "未评价"


class Event(models.Model):
    """One thing that was done to a case, by whom and when. Appended, never changed: a correction is another event."""

    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="events", verbose_name="意见建议")
    version = models.PositiveIntegerField("序号")
    verb = models.CharField("事项", max_length=20, choices=Verb)
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人")
    actor_label = models.CharField("经办人（当时）", max_length=40)
    office = models.CharField("经办单位（当时）", max_length=80, blank=True)
    on_behalf_of = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="代录单位"
    )
    source = models.CharField("代录依据", max_length=80, blank=True)
    at = models.DateTimeField("时间")
    from_status = models.CharField("由", max_length=12, choices=Status)
    to_status = models.CharField("至", max_length=12, choices=Status)
    public_text = models.TextField("对外说明", blank=True)
    inner_note = models.TextField("内部备注", blank=True)
    data = models.JSONField("数据", default=dict, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "办理过程"
        ordering: ClassVar = ["suggestion", "version"]
        constraints: ClassVar = [models.UniqueConstraint("suggestion", "version", name="event_one_per_change")]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.actor_label}"

    @property
    def public_actor(self) -> str:
        """What a citizen reads: the office, never the name of a clerk. Without an account it was the submitter or nobody."""
        if self.on_behalf_of is not None:
            return str(self.on_behalf_of)
        if self.verb == Verb.FEEDBACK and self.source:
            return f"反映人（{self.source}）"
        return self.office or ("工作人员" if self.actor_id else self.actor_label)


class Attachment(models.Model):
    """A photo of the submitter, or the paper behind an act. Kept outside every public folder; served within rights."""

    class Kind(models.TextChoices):
        PHOTO = "photo", "照片"
        PAPER = "paper", "纸质件扫描"
        LETTER = "letter", "答复函扫描件"

    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="attachments", verbose_name="意见建议")
    event = models.ForeignKey(
        Event, models.PROTECT, null=True, blank=True, related_name="attachments", verbose_name="办理过程"
    )
    kind = models.CharField("类别", max_length=6, choices=Kind, default=Kind.PHOTO)
    file = models.FileField("文件", upload_to="suggestions")
    size = models.PositiveIntegerField("字节")

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
