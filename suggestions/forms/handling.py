"""What a handling unit says, and what is decided about it: one form per verb."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.calendar import in_words
from accounts.models import Organization
from accounts.paths import ancestors
from activities.forms import DateInput
from suggestions import deadlines, services
from suggestions.forms.parts import words
from suggestions.forms.verb import Page, PaperField, ResultForm, UnitField, VerbForm, nearest_first
from suggestions.models import Assignment
from suggestions.permissions import Acting
from suggestions.workflow import Verb


class SignForForm(VerbForm):
    """签收 asks nothing of the unit."""


class RequestReturnForm(VerbForm):
    reason = words("退回理由", help_text="写明依据哪项职责规定不属于本单位。")
    to = UnitField(Organization.objects.none(), label="应由谁办")

    def offer(self, acting: Acting) -> None:
        own = acting.assignment
        reach = ancestors(self.suggestion.holder.region.path)[:-1]
        units = Organization.objects.active().filter(region__path__in=reach)
        if own is not None:
            units = units.exclude(pk=own.unit_id)
        self.choose_from("to", nearest_first(units))


class ApproveReturnForm(VerbForm):
    reason = words("说明", required=False, help_text="只在内部显示。")


class RefuseReturnForm(VerbForm):
    reason = words("不同意的理由", help_text="承办单位会看到。")


class DistributeForm(VerbForm):
    to = UnitField(Organization.objects.none(), label="分办给")
    reason = words("分办说明", rows=2, required=False, help_text="只在内部显示。")

    def offer(self, acting: Acting) -> None:
        own = acting.assignment
        if own is not None:
            office = (own.via or own).unit
            self.choose_from("to", services.departments_for(self.suggestion, office).exclude(pk=own.unit_id))


class RequestExtensionForm(VerbForm):
    due = forms.DateField(label="延期至", widget=DateInput())
    reason = words("延期理由", help_text="办到了哪一步、为什么要延、什么时候能办完。")

    def offer(self, acting: Acting) -> None:
        own = acting.assignment
        if own is not None:
            latest = deadlines.extension_latest(own.assigned_on, deadlines.kept(own.terms))
            self.fields["due"].help_text = f"现在应于{in_words(own.due_on)}前答复，延期最晚到{in_words(latest)}。"


class ApproveExtensionForm(VerbForm):
    reason = words("说明", rows=2, required=False, help_text="只在内部显示。")


class RefuseExtensionForm(VerbForm):
    reason = words("不同意的理由", help_text="承办单位会看到。")


class ContributeForm(VerbForm):
    text = words("协办意见", rows=6, help_text="主办单位据此答复，并写进答复函；反映人不直接看到。")


class AnsweringForm(ResultForm):
    """A unit's answer: in words, as the signed letter, or both."""

    document_number = forms.CharField(label="文号", max_length=40, required=False)
    signer = forms.CharField(label="签发人", max_length=40, required=False, help_text="答复由单位负责人签发。")
    letter = PaperField(
        label="答复函",
        required=False,
        help_text="单位签章的答复函照片或PDF；反映人查询时可以打开。上传了的，上面的答复内容可以不填。",
    )

    FOLDED = {"letter": "上传签章的答复函"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The signed letter is the unit's paper, and its words.
        for name in {"text", "paper"} & self.fields.keys():
            self.fields[name].required = not self.files.get("letter")


class ReplyForm(AnsweringForm):
    WITHOUT = ""

    due = forms.DateField(
        label="承诺日期", required=False, widget=DateInput(), help_text="只有B类填写：答应在哪一天以前做到。"
    )
    reason = words(
        "协办意见未到的理由", rows=2, required=False, help_text="协办单位还没有提出意见，确需先行答复的填写。"
    )

    field_order = ("result_class", "text", "due", "reason")

    def offer(self, acting: Acting) -> None:
        super().offer(acting)
        if not self.suggestion.assignments.open().filter(role=Assignment.Role.ASSIST).exists():
            del self.fields["reason"]


class FulfilForm(AnsweringForm):
    """The second answer to a promise: done, or why not."""


PAGES: dict[Verb, Page] = {
    Verb.SIGN_FOR: Page(SignForForm, services.sign_for, "签收表示已经收到；办理期限从交办之日算起，不因签收改变。"),
    Verb.REQUEST_RETURN: Page(
        RequestReturnForm, services.request_return, "交办机构同意以前，仍由本单位负责办理。", danger=True
    ),
    Verb.APPROVE_RETURN: Page(ApproveReturnForm, services.approve_return, "同意后回到“已受理”，请再转办给应办的单位。"),
    Verb.REFUSE_RETURN: Page(RefuseReturnForm, services.refuse_return, "不同意退回，原单位继续办理，期限不变。"),
    Verb.REPLY: Page(ReplyForm, services.reply, "答复后由反映人评价；不评价的到期按“未评价”办结。"),
    Verb.FULFIL: Page(FulfilForm, services.fulfil, "承诺的事办成了什么，或者为什么办不成；反映人再评价一次。"),
    Verb.DISTRIBUTE: Page(DistributeForm, services.distribute, "分办给承办部门，交办日期和答复期限不变。"),
    Verb.REQUEST_EXTENSION: Page(
        RequestExtensionForm, services.request_extension, "交办机构同意以前，期限照旧。延期最长到交办之日起六个月。"
    ),
    Verb.APPROVE_EXTENSION: Page(
        ApproveExtensionForm, services.approve_extension, "同意后按新的日期答复，原期限保留。"
    ),
    Verb.REFUSE_EXTENSION: Page(RefuseExtensionForm, services.refuse_extension, "不同意延期，仍按原期限答复。"),
    Verb.CONTRIBUTE: Page(ContributeForm, services.contribute, "协办意见交给主办单位，由它统一答复。"),
}
