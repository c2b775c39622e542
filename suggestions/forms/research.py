"""Research reports, the opinions they were written from, and what was taken up."""

from __future__ import annotations

import re
import secrets
from typing import Any

from django import forms
from django.core.files.base import ContentFile

from accounts.calendar import today
from accounts.forms import TickedField, in_plain_words
from accounts.images import MAX_BYTES
from activities.forms import DateInput
from activities.forms.results import offer
from activities.models import Adopted, ResearchReport, Theme
from activities.permissions import people_of
from deputies.models import Deputy, DeputyGroup
from stations.models import Station
from suggestions.forms.parts import PlainForm, words
from suggestions.forms.verb import PaperField
from suggestions.services.research import Taken

MOST_AT_ONCE = 300


class PdfField(forms.FileField):
    widget = forms.FileInput(attrs={"accept": "application/pdf"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if not file:
            return None
        start = file.read(5)
        file.seek(0)
        if start != b"%PDF-":
            raise forms.ValidationError("这个文件不是PDF，请另存为PDF再上传。")
        if file.size > MAX_BYTES:
            raise forms.ValidationError("这个文件超过10MB，请压缩后再上传。")
        return ContentFile(file.read(), name=f"{secrets.token_hex(16)}.pdf")


class ReportForm(forms.ModelForm[ResearchReport]):
    authors = TickedField(
        Deputy.objects.none(), label="执笔代表", required=False, help_text="勾选参加调研、执笔的代表。"
    )
    document = PdfField(label="报告文件", required=False, help_text="PDF，不超过10MB。")

    class Meta:
        model = ResearchReport
        fields = ("title", "finished_on", "problem", "text", "document", "authors", "theme")
        widgets = {"finished_on": DateInput(), "text": forms.Textarea(attrs={"rows": 8})}
        help_texts = {
            "problem": "一句话：许多意见背后共同的问题是什么。",
            "text": "全文或要点；也可以只上传PDF。不写群众的姓名电话。",
        }

    def __init__(self, *args: Any, station: Station | None, group: DeputyGroup | None, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"finished_on": today()})
        super().__init__(*args, **kwargs)
        self.instance.station, self.instance.group = station, group
        owner = station or group
        authors = self.fields["authors"]
        assert isinstance(authors, TickedField)
        authors.queryset = people_of(station, group)
        offer(self, "theme", Theme.objects.for_region(owner.region.path) if owner else Theme.objects.none(), "不属于")
        in_plain_words(self)


class SearchForm(PlainForm):
    q = forms.CharField(label="编号或关键词", max_length=40, required=False)


class SourceField(TickedField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number}　{obj.heading}"


class SourcesForm(PlainForm):
    opinions = SourceField(label="意见建议", error_messages={"required": "请勾选要列入报告的意见。"})

    def __init__(self, *args: Any, may: Any, shown: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["opinions"]
        assert isinstance(field, SourceField)
        # Whatever may be put in is accepted; only what the search found is drawn.
        field.queryset = may
        field.choices = [(case.pk, field.label_from_instance(case)) for case in shown]


class TakenForm(PlainForm):
    """What became of it, on whose word, by which paper."""

    use = forms.ChoiceField(label="采纳方式", choices=Adopted.Use.choices, widget=forms.RadioSelect)
    adopted_on = forms.DateField(label="采纳日期", widget=DateInput(), initial=today)
    adopted_by = forms.CharField(label="采纳机关", max_length=60, help_text="例如：县委办公室、县人大常委会法工委。")
    document_name = forms.CharField(label="依据文件", max_length=120, help_text="文号或文件名称。")

    def taken(self) -> Taken:
        values = self.cleaned_data
        return Taken(values["use"], values["adopted_on"], values["adopted_by"], values["document_name"])


class ManyTakenForm(TakenForm):
    numbers = words(
        "受理编号", rows=3, most=5000, help_text="被同一份文件采纳的意见建议，一次写多个：用空格、顿号或换行隔开。"
    )
    text = words("采纳情况", rows=3, help_text="吸收了什么，只在内部显示；反映人看到“反映的意见已被采纳”。")
    paper = PaperField(label="文件", help_text="照片或PDF扫描件，只在内部显示。")

    field_order = ("numbers",)

    def clean_numbers(self) -> list[str]:
        found = [part for part in re.split(r"[\s,，、;；]+", self.cleaned_data["numbers"]) if part]
        if len(found) > MOST_AT_ONCE:
            raise forms.ValidationError(f"一次最多{MOST_AT_ONCE}个编号，现在有{len(found)}个，请分几次登记。")
        return found
