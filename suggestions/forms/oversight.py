"""What the committee, the station and the 督查 office add while a case runs: one form per verb."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.calendar import today
from accounts.models import Organization
from activities.forms import DateInput
from activities.models import Adopted
from deputies.models import DeputyGroup
from suggestions import services
from suggestions.codes import new_form_key
from suggestions.forms.parts import KEY, PlainForm, words
from suggestions.forms.verb import INCOMPLETE, Page, PaperField, UnitField, VerbForm
from suggestions.models import Category, Publication
from suggestions.permissions import Acting
from suggestions.services.oversight import Record, groups_for, reminded_units
from suggestions.services.research import record_any
from suggestions.workflow import Verb


def a_day(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DateInput(), **options)


class RemindForm(VerbForm):
    unit = UnitField(Organization.objects.none(), label="催哪个单位", required=False)
    text = words("催办内容", help_text="被催办的一方会看到；反映人只看到已经催办。")

    def offer(self, acting: Acting) -> None:
        units = reminded_units(self.suggestion)
        if len(units) < 2:
            del self.fields["unit"]
            return
        self.choose_from("unit", Organization.objects.filter(pk__in=[u.pk for u in units]), empty="所有在办单位")


class SuperviseForm(VerbForm):
    leader = forms.CharField(label="督办领导", max_length=40, help_text="职务和姓名，只在内部显示。")
    group = forms.ModelChoiceField(
        DeputyGroup.objects.none(),
        label="督办小组",
        required=False,
        empty_label="不指定",
        help_text="小组成员从此能看到这件事（不含姓名电话），并提出意见。",
    )
    text = words("督办要求", required=False, help_text="只在内部显示。")

    def offer(self, acting: Acting) -> None:
        field = self.fields["group"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = groups_for(self.suggestion)
        self.fields["leader"].initial = self.suggestion.supervising_leader
        self.fields["group"].initial = self.suggestion.supervising_group_id


class CommentForm(VerbForm):
    text = words("小组意见", help_text="只在内部显示：承接机构和承办单位会看到。")


class ConsultForm(VerbForm):
    held_on = a_day("协商日期")
    place = forms.CharField(label="地点", max_length=80, required=False)
    committee = forms.CharField(label="代工委（人大机构）", max_length=120, help_text="每一方写明由谁参加。")
    supervision = forms.CharField(label="党委、政府督查部门", max_length=120)
    group = forms.CharField(label="专业代表小组", max_length=120)
    unit = forms.CharField(label="承办单位", max_length=120)
    deputy = forms.CharField(label="领衔代表（反映人）", max_length=120)
    minutes = words("协商纪要", rows=7, most=5000, help_text="只在内部显示。")
    agreed_on = a_day("商定完成日期", required=False, help_text="反映人会看到。没有商定日期的不填。")

    def offer(self, acting: Acting) -> None:
        self.fields["held_on"].initial = today()
        self.fields["unit"].initial = "、".join(map(str, reminded_units(self.suggestion)))


class InformForm(VerbForm):
    informed_on = a_day("告知日期")
    text = words("怎样告知的", help_text="例如：本人接听，告知了答复内容，没有意见。不写姓名和电话。")

    def offer(self, acting: Acting) -> None:
        self.fields["informed_on"].initial = today()


class RecordForm(VerbForm):
    kind = forms.ChoiceField(label="记录什么", choices=Record.choices, widget=forms.RadioSelect)
    recorded_on = a_day("日期", help_text="批示、测评或采纳的日期。")
    text = words("内容", help_text="只在内部显示；采纳的，反映人会看到已被采纳。")
    document = PaperField(label="文件", help_text="照片或PDF扫描件，只在内部显示。")
    use = forms.ChoiceField(
        label="采纳方式",
        choices=[("", "不是采纳"), *Adopted.Use.choices],
        required=False,
        help_text="记录采纳的选一种。",
    )
    adopted_by = forms.CharField(label="采纳机关", max_length=60, required=False, help_text="记录采纳的填写。")
    document_name = forms.CharField(
        label="依据文件", max_length=120, required=False, help_text="记录采纳的填写文号或文件名称。"
    )


class ReissueCodeForm(VerbForm):
    key = forms.CharField(widget=forms.HiddenInput, required=False)
    text = words("怎样核对的身份", help_text="例如：本人到站，说得出反映的事和提交日期。不记证件号码、姓名和电话。")

    def offer(self, acting: Acting) -> None:
        self.fields["key"].initial = new_form_key()

    def clean_key(self) -> str:
        key = str(self.cleaned_data["key"])
        if not KEY.fullmatch(key):
            raise forms.ValidationError(INCOMPLETE)
        return key

    def values(self) -> dict[str, Any]:
        return {"form_key": self.cleaned_data["key"], "text": self.cleaned_data["text"]}


class PublishForm(VerbForm):
    """It starts from the case's own words as a proposal: what is sent is what somebody has redacted and checked."""

    title = forms.CharField(label="公开标题", max_length=60)
    text = words("公开的事由", rows=7, help_text="请改写：去掉姓名、电话、住址、单位等能认出反映人的内容。")
    reply = words("公开的答复", rows=7, required=False, help_text="同样去掉个人信息；还没有答复的不填。")
    checked = forms.BooleanField(
        label="已核对，不含个人信息和不宜公开的内容",
        error_messages={"required": "请核对以后勾选：已核对，不含个人信息和不宜公开的内容。"},
    )

    def offer(self, acting: Acting) -> None:
        case = self.suggestion
        public = Publication.objects.filter(suggestion=case).first()
        last = case.replies.order_by("-pk").first()
        own = {"title": case.title, "text": case.text, "reply": last.text if last else ""}
        for name, value in own.items():
            self.fields[name].initial = getattr(public, name) if public else value


class UnpublishForm(VerbForm):
    reason = words("取消公开的理由", help_text="只在内部显示。")


class PublishedForm(PlainForm):
    """The filter of the public list. Whatever is chosen wrong asks nothing."""

    region = forms.ChoiceField(label="区域", required=False)
    category = forms.ChoiceField(label="类别", required=False)

    def __init__(self, *args: Any, regions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        categories = list(Category.objects.values_list("code", "name"))
        for name, choices in (("region", regions), ("category", categories)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "全部"), *choices]


PAGES: dict[Verb, Page] = {
    Verb.REMIND: Page(RemindForm, services.remind, "催办现在该办这件事的一方，每次催办都会记入统计。"),
    Verb.SUPERVISE: Page(SuperviseForm, services.supervise, "列为重点督办；再办一次就是更换督办领导或小组。"),
    Verb.CONSULT: Page(ConsultForm, services.consult, "代工委、督查部门、专业小组、承办单位、代表五方面对面商定。"),
    Verb.COMMENT: Page(CommentForm, services.comment, "重点督办件由小组全程参与，意见供办理单位和人大机构参考。"),
    Verb.INFORM: Page(InformForm, services.inform, "反映人只留了电话的，打电话告知进展以后在这里记下。"),
    Verb.RECORD: Page(RecordForm, record_any, "记下领导批示、人大的满意度测评或采纳情况，并附上文件。"),
    Verb.REISSUE_CODE: Page(
        ReissueCodeForm, services.reissue_code, "核对身份后补发新的查询码，原来的查询码立即作废。", danger=True
    ),
    Verb.PUBLISH: Page(PublishForm, services.publish, "只公开这里填写的文字，原文、姓名、电话、照片都不公开。"),
    Verb.UNPUBLISH: Page(UnpublishForm, services.unpublish, "从“公开的事项”里撤下。", danger=True),
}
