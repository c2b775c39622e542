"""After the reply: one form per verb."""

from __future__ import annotations

from django import forms

from accounts.models import Organization
from suggestions import services
from suggestions.forms.parts import words
from suggestions.forms.verb import Page, PaperField, UnitField, VerbForm
from suggestions.models import Assignment, Suggestion
from suggestions.permissions import Acting
from suggestions.workflow import Verb


class FeedbackForm(VerbForm):
    """A deputy rates the reply to the own proposal; a resident's words on the phone are entered here. Residents
    themselves do so on the tracking page, by number and code.
    """

    process = forms.ChoiceField(label="对办理过程", choices=Suggestion.Rating.choices, widget=forms.RadioSelect)
    result = forms.ChoiceField(label="对办理结果", choices=Suggestion.Rating.choices, widget=forms.RadioSelect)
    text = words("意见", required=False, help_text="不满意请写明原因，人大机构据此复核。")


class RehandleForm(VerbForm):
    reason = words("要求", help_text="反映人和承办单位都会看到：哪里没有办好，要再办什么。")
    to = UnitField(Organization.objects.none(), label="由谁重新办理", required=False)

    def offer(self, acting: Acting) -> None:
        last = services.standing_reply(self.suggestion).assignment
        if last is None or last.role != Assignment.Role.LEAD:
            del self.fields["to"]
            return
        others = services.units_for(self.suggestion).exclude(pk=last.unit_id)
        self.choose_from("to", others, empty=f"{last.unit}继续办理")
        self.fields["to"].help_text = "选了别的单位，会回到“已受理”，再转办给它。"


class UpholdForm(VerbForm):
    reason = words("维持答复的理由", help_text="反映人会看到。")


class ReopenForm(VerbForm):
    reason = words("重新受理的理由", help_text="反映人会看到。")


class RequestReopenForm(VerbForm):
    """Of the lead deputy; a resident asks on the tracking page."""

    reason = words("为什么要重新受理", help_text="只能申请一次，请把情况写清楚。")


class AssessForm(VerbForm):
    text = words("评估意见", rows=6, help_text="反映人会看到：哪些单位和专家参加、怎样认定、今后怎么办。")
    paper = PaperField(label="评估材料", required=False, help_text="签字的评估记录照片或PDF，只在内部显示。")

    KEEPS_PAPER = True


PAGES: dict[Verb, Page] = {
    Verb.FEEDBACK: Page(FeedbackForm, services.feedback, "对办理过程和办理结果分别评价；不满意的，人大机构复核。"),
    Verb.REHANDLE: Page(RehandleForm, services.rehandle, "重新办理只安排一次，一个月内再次答复。"),
    Verb.UPHOLD: Page(UpholdForm, services.uphold, "评价仍记“不满意”，向反映人说明为什么维持。"),
    Verb.REOPEN: Page(ReopenForm, services.reopen, "重新受理后再转办，首次交办日期保留。"),
    Verb.ASSESS: Page(AssessForm, services.assess, "再次不满意的，由承办单位和专家评估后办结，评价仍记“不满意”。"),
    Verb.REQUEST_REOPEN: Page(
        RequestReopenForm, services.request_reopen, "办结或不予受理后可以申请一次，由人大机构决定。"
    ),
}
