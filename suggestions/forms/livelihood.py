"""One form per step of a clue, the call, and the questions of the lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.calendar import today
from accounts.forms import TickedField
from accounts.models import Organization, Region, User
from activities.forms import DateInput
from suggestions.forms.parts import PlainForm, words
from suggestions.livelihood import Stage, Step, Verdict
from suggestions.models import LivelihoodCall, LivelihoodClue, Suggestion
from suggestions.services import livelihood as services


def _title() -> forms.CharField:
    return forms.CharField(label="项目名称", max_length=60, help_text="例如：新建城关镇东街小学过街天桥。")


def _place() -> forms.CharField:
    return forms.CharField(label="地点", max_length=120, required=False)


def _day(label: str) -> forms.DateField:
    return forms.DateField(label=label, widget=DateInput, initial=today)


class StepForm(PlainForm):
    """What every step carries: the stage that was read, so that nobody answers a question that is no longer asked."""

    stage = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, clue: LivelihoodClue, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clue, self.user = clue, user
        self.fields["stage"].initial = clue.stage
        self.offer()

    def offer(self) -> None:
        """Fill in what depends on the clue."""

    def units(self) -> QuerySet[Organization]:
        return Organization.objects.handling_units().filter(region=self.clue.call.region_id).order_by("kind", "name")

    def start_with(self, **values: Any) -> None:
        for name, value in values.items():
            if value not in (None, ""):
                self.fields[name].initial = value

    def clean_stage(self) -> str:
        read = str(self.cleaned_data["stage"])
        if read != self.clue.stage:
            now = Stage(self.clue.stage).label
            raise forms.ValidationError(f"这条线索刚被更新为“{now}”，什么也没有保存，请返回看过最新情况再办。")
        return read

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "stage"}


class RewordForm(StepForm):
    title, place = _title(), _place()
    need = words("群众需求")

    def offer(self) -> None:
        self.start_with(title=self.clue.title, place=self.clue.place, need=self.clue.need)


class SourceChoice(TickedField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.suggestion.number}　{obj.suggestion.heading}"


class ReleaseForm(StepForm):
    opinions = SourceChoice(label="移出哪几条", error_messages={"required": "请勾选要移出的意见。"})

    def offer(self) -> None:
        field = self.fields["opinions"]
        assert isinstance(field, SourceChoice)
        seen = Suggestion.objects.visible_to(self.user).order_by().values("pk")
        field.queryset = self.clue.sources.filter(suggestion__in=seen).select_related("suggestion")


class ScreenForm(StepForm):
    verdict = forms.ChoiceField(label="结论", choices=[("", "请选择"), *Verdict.choices])
    departments = TickedField(label="会同哪些部门", error_messages={"required": "综合把关要会同部门，请至少选择一个。"})
    words = words("部门意见", required=False, most=1000, help_text="不列入备选的必须写明。不对外公开。")
    on = _day("把关日期")

    def offer(self) -> None:
        self.fields["departments"].queryset = self.units()  # type: ignore[attr-defined]
        if self.clue.verdict:
            self.start_with(
                verdict=self.clue.verdict, words=self.clue.screening_words, departments=self.clue.screened_with.all()
            )


class _PlanForm(StepForm):
    unit = forms.ModelChoiceField(Organization.objects.none(), label="责任单位", empty_label="请选择")
    money = forms.DecimalField(label="投资（万元）", required=False, min_value=0, max_digits=12, decimal_places=2)
    finish_on = forms.DateField(label="完成时限", widget=DateInput)

    def offer(self) -> None:
        self.fields["unit"].queryset = self.units()  # type: ignore[attr-defined]
        self.start_with(unit=self.clue.unit_id, money=self.clue.money, finish_on=self.clue.finish_on)


class NominateForm(_PlanForm):
    place = _place()

    def offer(self) -> None:
        super().offer()
        self.start_with(place=self.clue.place)


class VoteForm(StepForm):
    votes_for = forms.IntegerField(label="赞成", min_value=0, max_value=10000)
    votes_against = forms.IntegerField(label="反对", min_value=0, max_value=10000)
    votes_abstained = forms.IntegerField(label="弃权", min_value=0, max_value=10000)
    chosen = forms.TypedChoiceField(
        label="会议宣布的结果",
        choices=[("", "请选择"), ("1", "入选"), ("0", "未入选")],
        coerce=lambda value: value == "1",
        help_text="按本地票决办法，由会议当场宣布。",
    )
    on = _day("票决日期")

    def offer(self) -> None:
        clue = self.clue
        self.start_with(
            votes_for=clue.votes_for,
            votes_against=clue.votes_against,
            votes_abstained=clue.votes_abstained,
            on=clue.voted_on,
        )


class ProgressForm(_PlanForm):
    text = words("进展", most=300, help_text="公众会看到。")

    field_order = ("stage", "text")

    def offer(self) -> None:
        super().offer()
        self.start_with(text=self.clue.progress)


class BuildForm(StepForm):
    on = _day("建成日期")


class EvaluateForm(StepForm):
    satisfaction = forms.DecimalField(label="满意率（%）", min_value=0, max_value=100, max_digits=4, decimal_places=1)
    text = words("测评情况", rows=2, most=300, help_text="怎样测评、多少人参加。公众会看到。")
    on = _day("测评日期")

    def offer(self) -> None:
        self.start_with(satisfaction=self.clue.satisfaction, text=self.clue.evaluation, on=self.clue.evaluated_on)


@dataclass(frozen=True)
class StepPage:
    form: type[StepForm]
    call: Callable[..., None]
    says: str


STEPS: dict[Step, StepPage] = {
    Step.REWORD: StepPage(RewordForm, services.reword, "把群众的说法写成一个项目：在哪里、做什么、谁受益。"),
    Step.RELEASE: StepPage(ReleaseForm, services.release, "移出的意见仍是征集意见，可以再梳理进别的线索。"),
    Step.SCREEN: StepPage(
        ScreenForm, services.screen, "会同部门看必要性、可行性、资金和受益面，列入备选，或写明为什么不列入。"
    ),
    Step.NOMINATE: StepPage(NominateForm, services.nominate, "列为候选后，项目、责任单位和时限向公众公开。"),
    Step.GIVE_BACK: StepPage(StepForm, services.give_back, "退回备选库，不再作为候选公开。"),
    Step.VOTE: StepPage(VoteForm, services.vote, "票决在会议上进行，这里只登记会议宣布的票数和结果。"),
    Step.PROGRESS: StepPage(ProgressForm, services.progress, "责任单位、投资、时限有调整的一并改；公众会看到。"),
    Step.BUILD: StepPage(BuildForm, services.build, "验收合格、群众用得上了，再登记建成。"),
    Step.EVALUATE: StepPage(EvaluateForm, services.evaluate, "常委会、代表或公众测评的结果。"),
}


class CallForm(PlainForm):
    region = forms.ModelChoiceField(Region.objects.none(), label="征集区域", empty_label=None)
    year = forms.IntegerField(label="项目年度", min_value=2000, max_value=2100, help_text="项目在哪一年实施。")
    since = forms.DateField(label="征集开始", widget=DateInput)
    until = forms.DateField(label="征集截止", widget=DateInput, help_text="这段时间提交的群众意见可以收作征集意见。")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert user.organization is not None
        here = user.organization.region
        self.fields["region"].queryset = (  # type: ignore[attr-defined]
            (Region.objects.filter(pk=here.pk) | Region.objects.filter(parent=here)).order_by("path")
        )
        year = today().year
        self.initial = {"region": here.pk, "year": year + 1, "since": f"{year}-01-01", "until": f"{year}-12-31"}


class TickedForm(PlainForm):
    """Opinions ticked in a list: gathered as they are."""

    opinions = TickedField(label="意见", error_messages={"required": "请至少勾选一条意见。"})

    def __init__(self, *args: Any, call: LivelihoodCall, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opinions"].queryset = call.open_to(user)  # type: ignore[attr-defined]

    @property
    def ticked(self) -> set[str]:
        return {str(key) for key in self["opinions"].value() or ()}


class CombForm(TickedForm):
    """The same, and the clue that they make together."""

    title, place = _title(), _place()
    need = words("群众需求", help_text="合并写清群众需要什么、有多少人受益，不写个人信息。")


class _Lists(forms.Form):
    def choose(self, name: str, choices: Iterable[tuple[Any, str]], everything: str = "全部") -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", everything), *choices] if everything else list(choices)


class OpinionsForm(_Lists):
    """Which opinions to look through for the call."""

    STATES = [("", "还没有收集"), ("loose", "已收集待梳理"), ("all", "全部")]

    q = forms.CharField(label="编号或关键词", required=False, max_length=40)
    state = forms.ChoiceField(label="状态", choices=STATES, required=False)
    region = forms.ChoiceField(label="区域", required=False)

    def __init__(self, *args: Any, call: LivelihoodCall, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        below = list(Region.objects.filter(parent=call.region_id).order_by("path").values_list("path", "name"))
        self.choose("region", below)
        if not below:
            del self.fields["region"]


class CluesForm(_Lists):
    STAGES = [
        ("combed", "待把关"),
        ("dropped", "未列入备选"),
        ("kept", "备选项目线索"),
        ("candidate", "候选项目"),
        ("chosen", "票决入选"),
        ("built", "已建成"),
        ("evaluated", "已测评"),
    ]

    year = forms.ChoiceField(label="项目年度", required=False)
    region = forms.ChoiceField(label="区域", required=False)
    stage = forms.ChoiceField(label="阶段", choices=[("", "全部"), *STAGES], required=False)

    def __init__(self, *args: Any, calls: Iterable[LivelihoodCall], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        calls = list(calls)
        self.choose("year", [(year, f"{year}年") for year in sorted({c.year for c in calls}, reverse=True)], "")
        regions = sorted({(c.region.path, c.region.code, c.region.name) for c in calls})
        self.choose("region", [(code, name) for _, code, name in regions])
        if len(regions) < 2:
            del self.fields["region"]
