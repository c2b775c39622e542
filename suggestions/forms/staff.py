"""One form per verb, and the desk. A form knows what to ask and which service its verb is; the rules are there."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.db.models.functions import Length

from accounts.calendar import in_words, today
from accounts.errors import Refused
from accounts.forms import in_plain_words
from accounts.images import MAX_BYTES, cleaned
from accounts.models import Level, Organization, User
from accounts.paths import LENGTHS, ancestors, within
from activities.forms import DateInput, PhotosField, VisitForm
from activities.models import Visit
from stations.models import Enterprise, Station
from suggestions import deadlines, services
from suggestions.forms.parts import MatterForm, PlainForm, words
from suggestions.models import Assignment, Category, Event, ProblemKind, Suggestion
from suggestions.permissions import Acting, Hat, lead_of
from suggestions.services.moves import calendar
from suggestions.workflow import Kind, Verb

INCOMPLETE = "页面不完整，什么也没有保存，请刷新后再填一次。"


class PaperField(forms.FileField):
    """The unit's paper behind a 代录: a photo, drawn anew, or a scan as PDF."""

    widget = forms.FileInput(attrs={"accept": "image/*,application/pdf"})

    def clean(self, data: Any, initial: Any = None) -> ContentFile[bytes] | None:
        file: UploadedFile[Any] | None = super().clean(data, initial)
        if file is None:
            return None
        start = file.read(5)
        file.seek(0)
        if start == b"%PDF-":
            if file.size is None or file.size > MAX_BYTES:
                raise forms.ValidationError("这个文件超过10MB，请压缩后再上传。")
            return ContentFile(file.read(), name=f"{secrets.token_hex(16)}.pdf")
        try:
            return cleaned(file)
        except Refused as error:
            raise forms.ValidationError("请上传照片（JPEG、PNG、WebP）或PDF扫描件。" + error.sentence) from error


class UnitField(forms.ModelChoiceField[Organization]):
    """Units of the case's own region by name, those of a higher one with their region."""

    home: int | None = None

    def label_from_instance(self, obj: Any) -> str:
        return str(obj) if obj.region_id == self.home else f"{obj}（{obj.region}）"


def nearest_first(units: QuerySet[Organization]) -> QuerySet[Organization]:
    """County, city, province, nation: the longer the path, the nearer."""
    return units.order_by(Length("region__path").desc(), "region__path", "kind", "name")


class VerbForm(PlainForm):
    """What every verb asks: the version that was read; of congress staff who act for a unit, its paper as well."""

    version = forms.IntegerField(
        label="版本", widget=forms.HiddenInput, error_messages={"required": INCOMPLETE, "invalid": INCOMPLETE}
    )
    source = forms.CharField(label="代录依据", max_length=80, help_text="文号或来件日期，例如：郸供电〔2026〕12号。")
    paper = PaperField(label="纸质件", help_text="单位来件的照片或PDF扫描件。")

    # What few cases need stands behind a line of its own: field → that line.
    FOLDED: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, suggestion: Suggestion, acting: Acting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.suggestion = suggestion
        self.fields["version"].initial = suggestion.version
        if acting.hat is not Hat.PROXY:
            del self.fields["source"], self.fields["paper"]
        last = [name for name in ("source", "paper") if name in self.fields]
        self.order_fields([*[name for name in self.fields if name not in last], *last])
        self.offer(acting)

    def offer(self, acting: Acting) -> None:
        """Fill the choices that depend on the case."""

    def choose_from(self, name: str, units: QuerySet[Organization], empty: str | None = "请选择") -> None:
        field = self.fields[name]
        assert isinstance(field, UnitField)
        field.home = self.suggestion.holder.region_id
        field.empty_label = empty
        field.queryset = units.select_related("region")

    def laid_out(self) -> Iterator[tuple[forms.BoundField, str]]:
        for field in self.visible_fields():
            choices = getattr(self.fields[field.name], "queryset", None)
            if field.name not in self.FOLDED:
                yield field, ""
            elif choices is None or choices.exists():
                yield field, self.FOLDED[field.name]

    def values(self) -> dict[str, Any]:
        """The words for the service, under its own names."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class AcceptForm(VerbForm):
    category = forms.ModelChoiceField(Category.objects.all(), label="类别", empty_label="请选择")
    problem_kind = forms.ModelChoiceField(ProblemKind.objects.all(), label="问题类型", empty_label="请选择")
    title = forms.CharField(
        label="标题", max_length=60, required=False, help_text="一句话说清是什么事；不填就用原话的开头。"
    )

    enterprise = forms.ModelChoiceField(
        Enterprise.objects.none(),
        label="涉及企业",
        required=False,
        empty_label="不涉及",
        help_text="在该企业任职的站内人员回避。",
    )
    about_unit = UnitField(
        Organization.objects.none(), label="反映的单位", required=False, help_text="该单位回避，不能交它自己办理。"
    )

    FOLDED = {"enterprise": "涉及哪家企业", "about_unit": "反映的是哪个单位"}

    def offer(self, acting: Acting) -> None:
        self.fields["title"].initial = self.suggestion.title
        region = self.suggestion.region
        self.fields["enterprise"].queryset = Enterprise.objects.filter(within(region.path[: LENGTHS[Level.COUNTY]]))  # type: ignore[attr-defined]
        units = Organization.objects.active().filter(region__path__in=ancestors(region.path)[:-1])
        self.choose_from("about_unit", units, empty="不涉及")


class DeclineForm(VerbForm):
    reason = words("理由", help_text="反映人会看到。例如：属于个人合同纠纷，应通过诉讼解决。")
    destination = words("可以去哪里反映", rows=2, help_text="例如：县人民法院立案窗口，电话……；信访局；12345热线。")


def _result_classes(suggestion: Suggestion, *, without: str = "") -> list[tuple[str, str]]:
    classes = services.profile_of(suggestion).result_classes
    return [(key, f"{key}　{label}") for key, label in classes.items() if key != without]


class ResultForm(VerbForm):
    """What the answers share: a result class in words, and the text that the submitter reads."""

    WITHOUT: ClassVar[str] = "B"

    result_class = forms.ChoiceField(label="办理结果", widget=forms.RadioSelect)
    text = words("答复内容", rows=7, help_text="反映人会看到。写明办了什么、怎么办的、还差什么。")

    def offer(self, acting: Acting) -> None:
        field = self.fields["result_class"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _result_classes(self.suggestion, without=self.WITHOUT)
        if "signer" in self.fields:
            self.fields["signer"].required = acting.hat is Hat.PROXY
            self.fields["signer"].initial = "" if acting.hat is Hat.PROXY else acting.label


class AnswerForm(ResultForm):
    field_order = ("text", "result_class")


class TransferForm(VerbForm):
    to = UnitField(Organization.objects.none(), label="主办单位")
    assisting = forms.ModelMultipleChoiceField(
        Organization.objects.none(), label="协办单位", required=False, widget=forms.CheckboxSelectMultiple
    )
    due = forms.DateField(label="限期", required=False, widget=DateInput())

    FOLDED = {"assisting": "还有协办单位"}

    def offer(self, acting: Acting) -> None:
        self.choose_from("to", services.units_for(self.suggestion))
        self.fields["assisting"].queryset = self.fields["to"].queryset  # type: ignore[attr-defined]
        profile = services.profile_of(self.suggestion)
        until = deadlines.reply_due(today(), profile, calendar())
        self.fields["due"].help_text = f"不填按办理规程，{in_words(until)}前答复。只能提前，不能推后。"


class EscalateForm(VerbForm):
    to = UnitField(Organization.objects.none(), label="上报给", required=False)
    reason = words("理由", help_text="反映人会看到。例如：权限不足，本级没有供电管理职责。")

    def offer(self, acting: Acting) -> None:
        targets = services.escalation_targets(self.suggestion)
        organs = Organization.objects.filter(pk__in=[organ.pk for organ in targets])
        self.choose_from("to", nearest_first(organs), empty=None)
        self.fields["to"].initial = targets[0].pk if targets else None


class SignForForm(VerbForm):
    """签收 asks nothing of the unit."""


class RequestReturnForm(VerbForm):
    reason = words("退回理由", help_text="写明依据哪项职责规定不属于本单位。")
    to = UnitField(Organization.objects.none(), label="应由谁办")

    def offer(self, acting: Acting) -> None:
        lead = lead_of(self.suggestion)
        reach = ancestors(self.suggestion.holder.region.path)[:-1]
        units = Organization.objects.active().filter(region__path__in=reach)
        if lead is not None:
            units = units.exclude(pk=lead.unit_id)
        self.choose_from("to", nearest_first(units))


class ApproveReturnForm(VerbForm):
    reason = words("说明", required=False, help_text="只在内部显示。")


class RefuseReturnForm(VerbForm):
    reason = words("不同意的理由", help_text="承办单位会看到。")


class ReplyForm(ResultForm):
    WITHOUT = ""

    due = forms.DateField(
        label="承诺日期", required=False, widget=DateInput(), help_text="只有B类填写：答应在哪一天以前做到。"
    )
    document_number = forms.CharField(label="文号", max_length=40, required=False)
    signer = forms.CharField(label="签发人", max_length=40, required=False, help_text="答复由单位负责人签发。")


class FulfilForm(ResultForm):
    document_number = forms.CharField(label="文号", max_length=40, required=False)
    signer = forms.CharField(label="签发人", max_length=40, required=False)


class FeedbackForm(VerbForm):
    """The lead deputy rates the reply to the own proposal; residents do so on the tracking page, by number and code."""

    process = forms.ChoiceField(label="对办理过程", choices=Suggestion.Rating.choices, widget=forms.RadioSelect)
    result = forms.ChoiceField(label="对办理结果", choices=Suggestion.Rating.choices, widget=forms.RadioSelect)
    text = words("意见", required=False, help_text="不满意请写明原因，人大机构据此复核。")


class RehandleForm(VerbForm):
    reason = words("要求", help_text="反映人和承办单位都会看到：哪里没有办好，要再办什么。")
    to = UnitField(Organization.objects.none(), label="由谁重新办理", required=False)

    def offer(self, acting: Acting) -> None:
        leads = self.suggestion.assignments.filter(role=Assignment.Role.LEAD).select_related("unit")
        last = leads.order_by("-round", "-pk").first()
        if last is None:
            del self.fields["to"]
            return
        others = services.units_for(self.suggestion).exclude(pk=last.unit_id)
        self.choose_from("to", others, empty=f"{last.unit}继续办理")
        self.fields["to"].help_text = "选了别的单位，会回到“已受理”，再转办给它。"


class UpholdForm(VerbForm):
    reason = words("维持答复的理由", help_text="反映人会看到。")


class ReopenForm(VerbForm):
    reason = words("重新受理的理由", help_text="反映人会看到。")


@dataclass(frozen=True)
class Page:
    """A verb on a page: its form, the service that is called, and one sentence that says what happens."""

    form: type[VerbForm]
    call: Callable[..., Event]
    says: str
    danger: bool = False


PAGES: dict[Verb, Page] = {
    Verb.ACCEPT: Page(AcceptForm, services.accept, "受理后，可以当场答复、转办给承办单位，或者上报。"),
    Verb.DECLINE: Page(DeclineForm, services.decline, "不予受理要告诉反映人理由和去处，并就此结束。", danger=True),
    Verb.ANSWER: Page(AnswerForm, services.answer, "能当场说清楚、办好的，直接答复；反映人随后评价。"),
    Verb.TRANSFER: Page(TransferForm, services.transfer, "从今天起计算办理期限，签收早晚不影响。"),
    Verb.ESCALATE: Page(EscalateForm, services.escalate, "本级办不了的，交上级人大机构；进展反映人和您都能看到。"),
    Verb.SIGN_FOR: Page(SignForForm, services.sign_for, "签收表示已经收到；办理期限从交办之日算起，不因签收改变。"),
    Verb.REQUEST_RETURN: Page(
        RequestReturnForm, services.request_return, "交办机构同意以前，仍由本单位负责办理。", danger=True
    ),
    Verb.APPROVE_RETURN: Page(ApproveReturnForm, services.approve_return, "同意后回到“已受理”，请再转办给应办的单位。"),
    Verb.REFUSE_RETURN: Page(RefuseReturnForm, services.refuse_return, "不同意退回，原单位继续办理，期限不变。"),
    Verb.REPLY: Page(ReplyForm, services.reply, "答复后由反映人评价；不评价的到期按“未评价”办结。"),
    Verb.FULFIL: Page(FulfilForm, services.fulfil, "承诺的事办成了什么，或者为什么办不成；反映人再评价一次。"),
    Verb.FEEDBACK: Page(FeedbackForm, services.feedback, "对办理过程和办理结果分别评价；不满意的，人大机构复核。"),
    Verb.REHANDLE: Page(RehandleForm, services.rehandle, "重新办理只安排一次，一个月内再次答复。"),
    Verb.UPHOLD: Page(UpholdForm, services.uphold, "评价仍记“不满意”，向反映人说明为什么维持。"),
    Verb.REOPEN: Page(ReopenForm, services.reopen, "重新受理后再转办，首次交办日期保留。"),
}


class DeskForm(MatterForm):
    """接待登记: a visitor's matter in under a minute. Only the matter itself is needed."""

    BUTTON = "登记并出回执"
    CHANNELS = [
        (c.value, c.label) for c in (Suggestion.Channel.DESK, Suggestion.Channel.PHONE, Suggestion.Channel.LETTER)
    ]
    SUBMITTERS = [(s.value, s.label) for s in Suggestion.Submitter if s is not Suggestion.Submitter.DEPUTY]

    station = forms.ModelChoiceField(Station.objects.none(), label="联络站", to_field_name="slug", empty_label=None)
    text = words("反映事项", rows=5, help_text="照来访人的话记：什么事、希望怎样解决。一件事记一条。")
    place = forms.CharField(label="地点", max_length=120, required=False, help_text="写到村、路或企业。")
    channel = forms.ChoiceField(
        label="来源", choices=CHANNELS, initial=Suggestion.Channel.DESK, widget=forms.RadioSelect, required=False
    )
    submitter_kind = forms.ChoiceField(
        label="反映人",
        choices=SUBMITTERS,
        initial=Suggestion.Submitter.RESIDENT,
        widget=forms.RadioSelect,
        required=False,
    )
    name = forms.CharField(label="姓名", max_length=40, required=False, help_text="不愿留名可以不填。")
    phone = forms.CharField(
        label="电话",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    callback = forms.BooleanField(label="请回电话", required=False)
    consent = forms.BooleanField(
        label="已告知，反映人同意留下个人信息",
        required=False,
        help_text="当面或电话里口头同意。填了姓名、电话或附了照片时要勾选。",
    )
    direct = forms.BooleanField(
        label="直接交人大机构",
        required=False,
        help_text="反映代表、联络站工作人员或其所在单位的，本站回避，登记后本站看不到这一件。",
    )
    photos = PhotosField(most=3)

    def __init__(self, *args: Any, stations: QuerySet[Station], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["station"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = stations
        first = list(stations[:2])
        # Where there is one station only, it is said and not asked.
        self.only_station = first[0] if len(first) == 1 else None
        if self.only_station is not None:
            field.widget, field.initial = forms.HiddenInput(), self.only_station.slug

    def clean_channel(self) -> str:
        return self.cleaned_data["channel"] or Suggestion.Channel.DESK

    def clean_submitter_kind(self) -> str:
        return self.cleaned_data["submitter_kind"] or Suggestion.Submitter.RESIDENT

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        self.remind_of_photos()
        return values

    def submit(self, by: User) -> Suggestion:
        values = self.cleaned_data
        return services.submit(
            self.statement(),
            form_key=values["key"],
            station=values["station"],
            channel=values["channel"],
            photos=values["photos"],
            by=by,
        )


class FindingForm(VisitForm):
    """A visit and what was found on it, on one screen (mission U7): the finding becomes a case of the station."""

    finding = words(
        "发现的问题", required=False, help_text="群众反映的难处写在这里，会作为一件意见交联络站受理；没有就不填。"
    )

    SUBMITTERS: ClassVar[dict[str, str]] = {
        Visit.Target.ENTERPRISE: Suggestion.Submitter.ENTERPRISE,
        Visit.Target.WORKERS: Suggestion.Submitter.WORKER,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_plain_words(self)


class FilterForm(forms.Form):
    """The list's questions. Whatever is typed wrong asks nothing."""

    STATES = [
        ("", "全部"),
        ("waiting", "等我办理"),
        ("open", "在办"),
        ("submitted", "待受理"),
        ("accepted", "已受理待转办"),
        ("unit", "承办单位办理中"),
        ("replied", "已答复待评价"),
        ("reviewing", "不满意待复核"),
        ("tracking", "跟踪办理"),
        ("closed", "已办结"),
        ("declined", "不予受理"),
    ]

    q = forms.CharField(label="编号或关键词", required=False, max_length=40)
    state = forms.ChoiceField(label="状态", choices=STATES, required=False)
    kind = forms.ChoiceField(label="种类", choices=[("", "全部"), *Kind.choices], required=False)
    region = forms.ChoiceField(label="区域", required=False)
    station = forms.ChoiceField(label="联络站", required=False)
    overdue = forms.ChoiceField(label="期限", choices=[("", "全部"), ("1", "已超期")], required=False)

    def __init__(
        self, *args: Any, regions: list[tuple[str, str]], stations: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("region", regions), ("station", stations)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "全部"), *choices]
            if not choices:
                del self.fields[name]
