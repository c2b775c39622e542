"""Cases and people that go on together: co-signing, merging, raising, withdrawing. One form per verb."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet

from accounts.errors import Refused
from accounts.forms import TickedField, refuse
from accounts.models import Organization
from deputies.models import Congress, Deputy, Session, StationMembership
from suggestions import services
from suggestions.codes import digits, new_form_key
from suggestions.forms.parts import PlainForm, words
from suggestions.forms.verb import Page, UnitField, VerbForm
from suggestions.models import Suggestion
from suggestions.permissions import Acting
from suggestions.services import proposals, raising
from suggestions.workflow import Verb

OFFERED = 30


class ProposalForm(PlainForm):
    """代表建议 as its lead writes it. One matter each, said first; colleagues by name, so that 400 need no script."""

    title = forms.CharField(label="标题", max_length=60, help_text="一句话：关于……的建议。")
    text = words("事由", rows=6, help_text="什么问题、在哪里、影响谁。一件建议只说一件事。")
    request = words("具体建议", rows=5, required=False, help_text="希望怎样解决。可以先存草稿，提交前补上。")
    congress = forms.ModelChoiceField(Congress.objects.none(), label="向哪一级人大提出", empty_label=None)
    session = forms.ModelChoiceField(
        Session.objects.none(),
        label="会次",
        required=False,
        empty_label="闭会期间",
        help_text="会议期间提出的，选本次会议。",
    )
    proposed_unit = UnitField(
        Organization.objects.none(), label="希望由谁办理", required=False, empty_label="由人大机构确定"
    )
    cosigners = words(
        "联名代表",
        rows=2,
        required=False,
        help_text="写姓名，用顿号隔开，例如：张三、李四。保存后他们会收到邀请，本人确认才算联名。",
    )
    keep_private = forms.BooleanField(label="不宜公开", required=False, help_text="勾选后，内容和答复不对外公布。")
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(max_length=64, required=False, initial=new_form_key, widget=forms.HiddenInput)

    def __init__(self, *args: Any, seats: QuerySet[Any], proposal: Suggestion | None = None, **kwargs: Any) -> None:
        if proposal is not None:
            kwargs["initial"] = _as_written(proposal)
        super().__init__(*args, **kwargs)
        own = Congress.objects.filter(pk__in=[seat.congress_id for seat in seats]).select_related("region")
        congresses = self._choose("congress", own.order_by("-region__path"))
        if self.initial.get("congress") is None:
            self.initial["congress"] = congresses.first()
        if len(congresses) == 1:
            self.fields["congress"].widget = forms.HiddenInput()
        sessions = Session.objects.filter(
            Exists(congresses.filter(pk=OuterRef("congress"))), pk__in=_open_keys(congresses)
        ).select_related("congress__region")
        if not self._choose("session", sessions):
            del self.fields["session"]
        units = Organization.objects.handling_units().filter(region__in=congresses.values("region"))
        self._choose("proposed_unit", units.select_related("region").order_by("region__path", "kind", "name"))

    def _choose(self, name: str, rows: QuerySet[Any]) -> QuerySet[Any]:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows
        return rows

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("congress") and "cosigners" in values:
            try:
                values["invited"] = proposals.named(values["cosigners"], proposals.sitting_in(values["congress"]))
            except Refused as refused:
                refuse(self, refused)
        return values

    def written(self) -> proposals.Words:
        said: dict[str, Any] = {name: self.cleaned_data.get(name) for name in proposals.Words.__dataclass_fields__}
        return proposals.Words(**said)


def _open_keys(congresses: QuerySet[Congress]) -> list[int]:
    return [session.pk for congress in congresses for session in proposals.open_sessions(congress)]


def _as_written(proposal: Suggestion) -> dict[str, Any]:
    rows = proposal.cosignatures.select_related("deputy")
    names = proposals.told_apart([row.deputy for row in rows], proposal.congress)
    columns = {name: getattr(proposal, name) for name in proposals.Words.__dataclass_fields__}
    return {**columns, "cosigners": "、".join(names), "version": proposal.version}


class SubmitForm(VerbForm):
    """提交 asks nothing more: the page before it has shown the words."""


class CosignForm(VerbForm):
    """The words that were read go with the confirmation."""

    seal = forms.CharField(widget=forms.HiddenInput, required=False)

    def offer(self, acting: Acting) -> None:
        self.fields["seal"].initial = proposals.seal_of(self.suggestion)


class SendBackForm(VerbForm):
    reason = words("要改什么", help_text="领衔代表和联名代表会看到。例如：请把两件事分开写；请写明具体地点。")


class MergeForm(VerbForm):
    alike = forms.ChoiceField(label="可能是同一件事", required=False, widget=forms.RadioSelect)
    to = forms.CharField(
        label="或者填写主件编号",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text="并入哪一件，就填那一件的受理编号。",
    )

    def offer(self, acting: Acting) -> None:
        assert acting.by is not None
        self.by = acting.by
        found = [alike for alike in services.likely_duplicates(self.suggestion, self.by) if alike.may_merge]
        if found:
            self.fields["alike"].choices = [(a.case.number, _line_of(a.case)) for a in found]  # type: ignore[attr-defined]
        else:
            del self.fields["alike"]
            self.fields["to"].label = "主件编号"

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        number = digits(values.get("to") or "") or values.pop("alike", "")
        values.pop("alike", None)
        found = Suggestion.objects.visible_to(self.by).filter(number=number).first() if number else None
        if found is None and not self.errors:
            self.add_error(
                "to", f"没有查到“{number}”，请核对编号。" if number else "请选择并入哪一件，或填写它的编号。"
            )
        values["to"] = found
        return values


def _line_of(case: Suggestion) -> str:
    return f"{case.number}　{case.heading}（{case.get_status_display()}）"


class UnmergeForm(VerbForm):
    reason = words("为什么单独办理", help_text="反映人会看到。例如：地点不同，需要分别处理。")


class DraftField(forms.ModelChoiceField[Suggestion]):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.lead}：{obj.heading}"


class OpinionsField(TickedField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number}　{obj.heading}"


class RaiseForm(VerbForm):
    """A deputy of the station from the list, any other one by name; or a draft that holds such opinions already."""

    to = forms.ModelChoiceField(Deputy.objects.none(), label="请哪位代表提", required=False, empty_label="请选择")
    name = forms.CharField(label="代表姓名", max_length=60, required=False, help_text="本站以外的，写姓名。")
    title = forms.CharField(
        label="建议标题", max_length=60, required=False, help_text="一句话：关于……的建议。不写反映人的姓名。"
    )
    draft = DraftField(
        Suggestion.objects.none(),
        label="代表建议草稿",
        required=False,
        empty_label="新起草一份",
        help_text="选了草稿，上面几项不用填。",
    )
    others = OpinionsField(Suggestion.objects.none(), label="一起转的意见", required=False)

    FOLDED = {"name": "请别的代表提", "draft": "加到已有的草稿", "others": "还有同类意见一起转"}

    def offer(self, acting: Acting) -> None:
        assert acting.by is not None
        case, by = self.suggestion, acting.by
        members = StationMembership.objects.sitting().filter(deputy=OuterRef("pk"), station=case.station_id)
        near = raising.deputies_over(case).filter(Exists(members))
        self.fields["to"].queryset = near  # type: ignore[attr-defined]
        self.fields["title"].initial = f"关于{case.title}的建议" if case.title else ""
        self.fields["draft"].queryset = raising.raised_drafts(by).exclude(merged__in=case.merges.standing())  # type: ignore[attr-defined]
        with_it = raising.raisable_with(case, by).values_list("pk", flat=True)[:OFFERED]
        self.fields["others"].queryset = Suggestion.objects.visible_to(by).filter(pk__in=list(with_it))  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        name = values.pop("name", "")
        if name and not values.get("to") and not values.get("draft"):
            try:
                found = proposals.named(name, raising.deputies_over(self.suggestion), field="name")
            except Refused as refused:
                refuse(self, refused)
            else:
                values["to"] = found[0] if len(found) == 1 else None
        return values


class WithdrawForm(VerbForm):
    reason = words("说明", rows=2, required=False, help_text="可以不填。")


PAGES: dict[Verb, Page] = {
    Verb.SUBMIT: Page(
        SubmitForm, services.submit_proposal, "提交后由人大机构审查，不能再改；还没有确认的联名邀请到此为止。"
    ),
    Verb.COSIGN: Page(
        CosignForm, services.cosign, "请先看完全文。确认表示内容是您本人的意愿；领衔代表再改，要您重新确认。"
    ),
    Verb.SEND_BACK: Page(
        SendBackForm, services.send_back, "退回后成为草稿，由领衔代表修改再提交；改了内容的要重新确认联名。"
    ),
    Verb.MERGE: Page(
        MergeForm, services.merge, "反映的是同一件事才并。反映人的编号不变，主件的进展和答复会告诉每个人，各自评价。"
    ),
    Verb.UNMERGE: Page(UnmergeForm, services.unmerge, "回到“已受理”，单独办理；首次交办日期保留。"),
    Verb.RAISE: Page(
        RaiseForm, services.raise_, "意见先关联到代表的草稿，仍可照常办理；建议受理后自动并案，60天没有提交就解除关联。"
    ),
    Verb.WITHDRAW: Page(
        WithdrawForm,
        services.withdraw,
        "草稿由领衔代表撤回；提交以后，所有联名代表都同意才撤回。撤回后不再办理。",
        danger=True,
    ),
}
