from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Organization, RegionKeyed, User, Viewer
from accounts.paths import in_keyed, within
from activities.models import Activity, Visit
from deputies.models import Congress, Deputy, Mandate
from stations.models import Enterprise, Station, StationPost
from suggestions.codes import digits
from suggestions.models.profile import Category, ProblemKind
from suggestions.workflow import OPEN, Kind, Status, Verb


@dataclass(frozen=True)
class Links:
    """What ties a user to cases, read in two small queries: as keys, they leave the list's own index to the planner."""

    served: list[int]  # stations whose daily work the user carries
    stations: list[int]  # of any post, the own or that of the user as a deputy
    enterprises: list[int]
    units: list[int]
    deputy: int | None
    in_office: bool

    @classmethod
    def of(cls, user: User) -> Links:
        sitting = Mandate.objects.in_office().filter(deputy=OuterRef("pk"))
        deputy = Deputy.objects.filter(user=user).annotate(sits=Exists(sitting)).values_list("pk", "sits").first()
        held = StationPost.objects.sitting().filter(Q(user=user) | Q(holder__deputy__user=user))
        posts = list(held.values_list("station", "post", "user", "enterprise", "organization"))
        units = [unit for *_, unit in posts if unit is not None]
        return cls(
            served=[station for station, post, by, *_ in posts if by == user.pk and post in StationPost.SERVING],
            stations=[station for station, *_ in posts],
            enterprises=[enterprise for *_, enterprise, _ in posts if enterprise is not None],
            units=units if user.organization_id is None else [*units, user.organization_id],
            deputy=deputy[0] if deputy else None,
            in_office=bool(deputy and deputy[1]),
        )


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def open(self) -> Self:
        return self.filter(status__in=OPEN)

    def submitted_between(self, start: date, end: date) -> Self:
        return self.filter(submitted_on__gte=start, submitted_on__lte=end)

    def overdue(self, today: date) -> Self:
        """Past the day by which the one who must act now had to act. Waiting for a rating is nobody's delay."""
        return self.filter(
            status__in=(Status.SUBMITTED, Status.TRANSFERRED, Status.HANDLING, Status.TRACKING), due_on__lt=today
        )

    def solved(self) -> Self:
        """办理结果A类 on the reply that stands, whatever the rating: the two end facts are never one (mission S5)."""
        return self.filter(result_class="A", status__in=(Status.REPLIED, Status.REVIEWING, Status.CLOSED))

    def without_concerned(self, user: User, links: Links) -> Self:
        """Concerned persons are out (architecture.md, "Who"): of the own house, the own person, the station passed by."""
        concerned = (
            Q(enterprise__in=links.enterprises)
            | Q(about_unit__in=links.units)
            | Q(direct=True, station__in=links.stations)
            | Q(about_person=links.deputy, about_person__isnull=False)
            | Q(direct=True, deputy=links.deputy, deputy__isnull=False)
        )
        if user.is_congress_staff and user.scope is not None:
            # What passed a station by passed its township's presidium by too.
            concerned |= Q(direct=True) & ~within(user.scope, "holder__region__path")
        return self.exclude(concerned)

    def visible_to(self, user: Viewer) -> Self:
        from suggestions.models.handling import Assignment

        if not isinstance(user, User) or not user.is_active:
            return self.none()
        links = Links.of(user)
        seen = Q(direct=False, station__in=links.served)
        if links.deputy is not None:
            seen |= Q(lead=links.deputy) | Q(visit__deputy=links.deputy)
            if links.in_office:
                seen |= Q(direct=False, deputy=links.deputy)
        if user.is_congress_staff and user.scope is not None:
            seen |= in_keyed(user.scope)
        elif user.is_unit_user:
            own = Assignment.objects.filter(suggestion=OuterRef("pk"), unit=user.organization_id)
            seen |= Q(Exists(own.exclude(state__in=(Assignment.State.RETURNED, Assignment.State.RECALLED))))
            if user.is_supervisor and user.scope is not None:
                given = Assignment.objects.filter(
                    within(user.scope, "unit__region__path"),
                    suggestion=OuterRef("pk"),
                    unit__kind__in=Organization.GOVERNMENT_KINDS,
                )
                seen |= Q(Exists(given))
        drafts = Q(status=Status.DRAFT) & ~Q(lead=links.deputy, lead__isnull=False)
        return self.filter(seen).exclude(drafts).without_concerned(user, links)

    def waiting_for(self, user: Viewer) -> Self:
        """What this user must do next, the most urgent first. Nothing waits for a reader."""
        from suggestions.models.handling import Assignment, ReturnRequest

        if not isinstance(user, User):
            return self.none()
        acting_at = StationPost.objects.sitting().filter(user=user, post__in=StationPost.ACTING)
        mine = Q(
            at_station=True, station__in=acting_at.values("station"), status__in=(Status.SUBMITTED, Status.ACCEPTED)
        ) | Q(lead__user=user, status=Status.REPLIED)
        if user.is_congress_staff and user.organization is not None:
            organs = Organization.objects.congress_organs().filter(region=user.organization.region_id)
            asked = ReturnRequest.objects.open().filter(assignment__suggestion=OuterRef("pk"))
            mine |= Q(holder__in=organs.values("pk")) & (
                Q(status__in=(Status.SUBMITTED, Status.ACCEPTED, Status.REVIEWING))
                | Q(Exists(asked))
                | Q(reopen_requested_on__isnull=False, status__in=(Status.CLOSED, Status.DECLINED))
            )
        elif user.is_unit_user:
            own = Assignment.objects.filter(suggestion=OuterRef("pk"), unit=user.organization_id).exclude(
                role=Assignment.Role.ASSIST
            )
            promised = own.filter(replies__promise__isnull=False, replies__promise__fulfilled_on__isnull=True)
            mine |= Q(Exists(own.open())) | Q(Exists(promised), status=Status.TRACKING)
        return self.visible_to(user).filter(mine).order_by(models.F("due_on").asc(nulls_last=True), "pk")

    def matching(self, typed: str) -> Self:
        """By number, or by every pair of neighbouring letters of each word: most Chinese words are two letters long."""
        number = digits(typed)
        if number.isdigit() and len(number) >= 4:
            return self.filter(number__startswith=number)
        found = self
        for word in typed.lower().split():
            for gram in grams_of(word).split() or [word]:
                found = found.filter(grams__contains=gram)
        return found


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
    proposal_number = models.CharField("建议编号", max_length=20, blank=True)

    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    submitted_on = models.DateField("提交日期", null=True, blank=True)
    handed_over_on = models.DateField("首次交办日期", null=True, blank=True)
    due_on = models.DateField("应办日期", null=True, blank=True)
    replied_on = models.DateField("答复日期", null=True, blank=True)
    closed_on = models.DateField("办结日期", null=True, blank=True)
    reopen_requested_on = models.DateField("申请重新受理日期", null=True, blank=True)
    result_class = models.CharField("办理结果", max_length=2, blank=True)
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
                fields=["congress", "proposal_number"],
                condition=~Q(proposal_number=""),
                name="suggestion_proposal_number_once",
                violation_error_message="本届已有这个建议编号。",
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
        return self.office or ("工作人员" if self.actor_id else self.actor_label)


class Attachment(models.Model):
    """A photo of the submitter, or the paper behind an act. Kept outside every public folder; served within rights."""

    class Kind(models.TextChoices):
        PHOTO = "photo", "照片"
        PAPER = "paper", "纸质件扫描"

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


def grams_of(*texts: Any) -> str:
    """Space-separated bigrams: two-character words are most of Chinese, and no index of either database splits it."""
    grams: dict[str, None] = {}
    for text in texts:
        letters = "".join(ch for ch in str(text).lower() if ch.isalnum())
        grams.update(dict.fromkeys(letters[i : i + 2] for i in range(len(letters) - 1)))
    return " ".join(grams)
