"""From the first word to the hand-over: one form per verb."""

from __future__ import annotations

from django import forms

from accounts.calendar import in_words, today
from accounts.forms import TickedField
from accounts.models import Level, Organization
from accounts.paths import LENGTHS, ancestors, within
from activities.forms import DateInput
from stations.models import Enterprise
from suggestions import services
from suggestions.forms.parts import words
from suggestions.forms.verb import Page, ResultForm, UnitField, VerbForm, nearest_first
from suggestions.models import Category, ProblemKind
from suggestions.permissions import Acting
from suggestions.workflow import Kind, Verb


class AcceptForm(VerbForm):
    category = forms.ModelChoiceField(Category.objects.all(), label="类别", empty_label="请选择")
    problem_kind = forms.ModelChoiceField(ProblemKind.objects.all(), label="问题类型", empty_label="请选择")
    title = forms.CharField(
        label="标题", max_length=60, required=False, help_text="一句话说清是什么事；不填就用原话的开头。"
    )

    proposal_number = forms.CharField(
        label="建议编号",
        max_length=20,
        required=False,
        help_text="不填由系统按顺序编号；本届本次会议（或闭会期间）内不重复。",
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
        if self.suggestion.kind == Kind.PROPOSAL:
            self.fields["proposal_number"].initial = self.suggestion.proposal_number
            # The lead deputy would be kept out of the own proposal.
            del self.fields["enterprise"]
        else:
            del self.fields["proposal_number"]
        region = self.suggestion.region
        if "enterprise" in self.fields:
            self.fields["enterprise"].queryset = Enterprise.objects.filter(within(region.path[: LENGTHS[Level.COUNTY]]))  # type: ignore[attr-defined]
        units = Organization.objects.active().filter(region__path__in=ancestors(region.path)[:-1])
        self.choose_from("about_unit", units, empty="不涉及")


class DeclineForm(VerbForm):
    reason = words("理由", help_text="反映人会看到。例如：属于个人合同纠纷，应通过诉讼解决。")
    destination = words("可以去哪里反映", rows=2, help_text="例如：县人民法院立案窗口，电话……；信访局；12345热线。")


class AnswerForm(ResultForm):
    field_order = ("text", "result_class")


class TransferForm(VerbForm):
    to = UnitField(Organization.objects.none(), label="主办单位", required=False)
    assisting = TickedField(Organization.objects.none(), label="协办单位", required=False)
    separate = TickedField(
        Organization.objects.none(),
        label="分办单位",
        required=False,
        help_text="没有主办、各自办理和答复的，不选主办单位，在这里选至少两个。",
    )
    due = forms.DateField(label="限期", required=False, widget=DateInput())
    handed_over_on = forms.DateField(
        label="交办日期",
        required=False,
        widget=DateInput(),
        help_text="不填就是今天。在交办会上集中交办的，填交办会那一天，期限从那天算起。",
    )

    FOLDED = {"assisting": "还有协办单位", "separate": "由几个单位分别办理", "handed_over_on": "交办会已经开过"}

    def offer(self, acting: Acting) -> None:
        self.choose_from("to", services.units_for(self.suggestion))
        for name in ("assisting", "separate"):
            self.fields[name].queryset = self.fields["to"].queryset  # type: ignore[attr-defined]
        self.fields["to"].initial = self.suggestion.proposed_unit_id
        self.fields["due"].initial = self.suggestion.proposed_due
        until = services.latest_due(self.suggestion, today())
        self.fields["due"].help_text = f"不填按办理规程，{in_words(until)}前答复。只能提前，不能推后。"


class EscalateForm(VerbForm):
    to = UnitField(Organization.objects.none(), label="上报给", required=False)
    reason = words("理由", help_text="反映人会看到。例如：权限不足，本级没有供电管理职责。")

    def offer(self, acting: Acting) -> None:
        targets = services.escalation_targets(self.suggestion)
        organs = Organization.objects.filter(pk__in=[organ.pk for organ in targets])
        self.choose_from("to", nearest_first(organs), empty=None)
        self.fields["to"].initial = targets[0].pk if targets else None


class HandDownForm(VerbForm):
    to = UnitField(Organization.objects.none(), label="交给", required=False)
    reason = words("理由", help_text="反映人会看到。例如：属于乡镇职责，由镇人大主席团就近办理。")

    def offer(self, acting: Acting) -> None:
        organs = services.hand_down_targets(self.suggestion)
        below = Organization.objects.filter(pk__in=[organ.pk for organ in organs])
        self.choose_from("to", nearest_first(below), empty=None)
        self.fields["to"].initial = organs[0].pk if organs else None


class RecallForm(VerbForm):
    reason = words("收回的理由", help_text="承办单位和反映人都会看到。")


PAGES: dict[Verb, Page] = {
    Verb.ACCEPT: Page(AcceptForm, services.accept, "受理后，可以当场答复、转办给承办单位，或者上报。"),
    Verb.DECLINE: Page(DeclineForm, services.decline, "不予受理要告诉反映人理由和去处，并就此结束。", danger=True),
    Verb.ANSWER: Page(AnswerForm, services.answer, "能当场说清楚、办好的，直接答复；反映人随后评价。"),
    Verb.TRANSFER: Page(TransferForm, services.transfer, "从今天起计算办理期限，签收早晚不影响。"),
    Verb.ESCALATE: Page(EscalateForm, services.escalate, "本级办不了的，交上级人大机构；进展反映人和您都能看到。"),
    Verb.HAND_DOWN: Page(HandDownForm, services.hand_down, "交给所在地的下级人大机构承接；进展您和反映人都能看到。"),
    Verb.RECALL: Page(RecallForm, services.recall, "收回后回到“已受理”，可以重新转办；首次交办日期保留。", danger=True),
}
