"""What the form of every verb is made of. A form knows what to ask and which service its verb is; the rules are there."""

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

from accounts.errors import Refused
from accounts.images import MAX_BYTES, cleaned
from accounts.models import Organization
from suggestions import services
from suggestions.forms.parts import PlainForm, words
from suggestions.models import Event, Suggestion
from suggestions.permissions import Acting, Hat

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

    # A document of the committee's own, whoever acts.
    KEEPS_PAPER: ClassVar[bool] = False
    # What few cases need stands behind a line of its own: field → that line.
    FOLDED: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, suggestion: Suggestion, acting: Acting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.suggestion = suggestion
        self.fields["version"].initial = suggestion.version
        self.acting = acting
        if acting.hat is not Hat.PROXY:
            del self.fields["source"]
            if not self.KEEPS_PAPER:
                del self.fields["paper"]
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
        """The words for the service, under its own names, and which unit is spoken for or decided about."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return said | ({"unit": self.acting.assignment.unit} if self.acting.assignment else {})


def result_classes_of(suggestion: Suggestion, *, without: str = "") -> list[tuple[str, str]]:
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
        field.choices = result_classes_of(self.suggestion, without=self.WITHOUT)
        if "signer" in self.fields:
            self.fields["signer"].required = acting.hat is Hat.PROXY
            self.fields["signer"].initial = "" if acting.hat is Hat.PROXY else acting.label


@dataclass(frozen=True)
class Page:
    """A verb on a page: its form, the service that is called, and one sentence that says what happens."""

    form: type[VerbForm]
    call: Callable[..., Event]
    says: str
    danger: bool = False
