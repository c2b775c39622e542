"""What is asked for points: a declaration with its papers, a word for or against it, an objection, a decision."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.base import ContentFile

from accounts.calendar import today
from accounts.form_keys import new_form_key
from activities.forms import DateInput, PhotosInput
from duties.models import Objection, PointItem, PointScheme
from duties.services.declaring import MOST_FILES
from suggestions.forms.parts import PlainForm, words
from suggestions.forms.verb import PaperField


class EvidenceField(forms.FileField):
    """Several papers at once, each a photo drawn anew or a scan as PDF."""

    widget = PhotosInput(attrs={"accept": "image/*,application/pdf"})

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"required": "请附上证明材料（照片或PDF），没有材料不能申报。"})
        help_text = f"照片或PDF，可一次选多份，最多{MOST_FILES}份，每份不超过10MB。"
        super().__init__(label="证明材料", help_text=help_text, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[ContentFile[bytes]]:
        files = [file for file in (data if isinstance(data, list) else [data]) if file]
        if not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(files) > MOST_FILES:
            raise forms.ValidationError(f"证明材料一次最多{MOST_FILES}份，您选了{len(files)}份，请去掉几份。")
        paper, kept = PaperField(), []
        for file in files:
            content = paper.clean(file)
            if content is not None:
                kept.append(content)
        return kept


class ItemField(forms.ModelChoiceField[PointItem]):
    def label_from_instance(self, obj: PointItem) -> str:
        most = obj.declared_points
        return f"{obj}（每次最多{'减' if most and most < 0 else ''}{_plain(abs(most or Decimal(0)))}分）"


def _plain(points: Decimal) -> str:
    return f"{points:f}".removesuffix(".0")


class _AboutAnItem(PlainForm):
    item = ItemField(PointItem.objects.none(), label="小项", empty_label="请选择")
    happened_on = forms.DateField(label="日期", widget=DateInput(), initial=today, help_text="事情发生的日期。")
    points = forms.DecimalField(label="分值", max_digits=4, decimal_places=1, required=False)
    text = words("事由", rows=2, most=120, missing="请写明事由。")
    evidence = EvidenceField()
    key = forms.CharField(max_length=64, initial=new_form_key, widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, scheme: PointScheme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = PointItem.objects.filter(major__scheme=scheme, by_declaration=True).order_by("major__code", "code")
        chosen = items.filter(**{self.CHOSEN: 0})
        self.fields["item"].queryset = chosen  # type: ignore[attr-defined]
        only = list(chosen[:2])
        if len(only) == 1:
            self.fields["item"].initial = only[0].pk

    CHOSEN = "declared_points__gt"

    def clean(self) -> dict[str, Any]:
        """Left empty, it is what the scheme says of that item."""
        values = super().clean() or self.cleaned_data
        item = values.get("item")
        if item is not None and values.get("points") is None and "points" not in self.errors:
            values["points"] = abs(item.declared_points)
        if self.errors and values.get("evidence"):
            self.add_error("evidence", "其他内容改好以后，请再选一次材料：浏览器没有保留。")
        return values


class DeclareForm(_AboutAnItem):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["points"].help_text = "不填即按每次最多的分值；应当扣减的，填扣减后的分值。"


class DeductForm(_AboutAnItem):
    CHOSEN = "declared_points__lt"

    vetoes = forms.BooleanField(
        label="否决等次", required=False, help_text="停止执行代表职务、违纪违法的勾选；本年度不评定等次。"
    )

    field_order = ("item", "happened_on", "points", "vetoes", "text", "evidence")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["points"].label = "减去的分值"
        self.fields["points"].help_text = "填正数，例如2；不填即按最多的分值。"


class DecideForm(PlainForm):
    text = words("意见", rows=2, most=200, required=False, help_text="通过的可以不写；不通过的要写明原因。")


class ObjectForm(PlainForm):
    text = words("哪里不对", rows=4, most=200, missing="请写明哪里不对。")


class AnswerForm(PlainForm):
    outcome = forms.ChoiceField(
        label="核实结果",
        widget=forms.RadioSelect,
        choices=[
            (Objection.Outcome.CORRECTED.value, "异议成立，予以更正"),
            (Objection.Outcome.DISMISSED.value, "记录属实，予以维持"),
        ],
    )
    answer = words("核实情况", rows=3, most=200, help_text="代表本人会看到。", missing="请写明核实情况。")


class AdoptForm(PlainForm):
    basis = forms.CharField(
        label="采用依据", max_length=80, help_text="如主任会议决定的文号或日期。采用后这一版不能再改。"
    )
