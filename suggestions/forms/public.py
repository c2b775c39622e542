"""What a citizen fills in: the matter, the look-up, the rating, the request to take the matter up again."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Any

from django import forms

from activities.forms import PhotosField
from suggestions import services
from suggestions.codes import CODE_DIGITS, digits
from suggestions.forms.parts import MatterForm, PlainForm, words
from suggestions.models import Suggestion

MOST_PHOTOS = 3
# A photo of a handwritten note is a statement too (mission S1); lists and searches need words.
SEE_PHOTO = "见照片（手写件）。"
PHONE = re.compile(r"\+?\d{5,15}")


class SuggestForm(MatterForm):
    """What a citizen has to say. Nothing but the matter is needed."""

    SUBMITTERS = [
        (Suggestion.Submitter.RESIDENT, "群众"),
        (Suggestion.Submitter.ENTERPRISE, "企业"),
        (Suggestion.Submitter.WORKER, "职工"),
    ]

    text = words(
        "反映事项",
        rows=7,
        help_text="什么事、在哪里、希望怎样解决。一次说一件；不方便打字的，可以只上传手写件的照片。",
        missing="请写下要反映的事，或者在下面上传手写件的照片。",
    )
    place = forms.CharField(
        label="地点", max_length=120, required=False, help_text="写到村、路段或企业，承办单位好找。"
    )
    photos = PhotosField(
        most=MOST_PHOTOS, help_text=f"最多{MOST_PHOTOS}张，每张不超过10MB；照片里的位置等信息会自动清除。"
    )
    submitter_kind = forms.ChoiceField(
        label="您是",
        choices=SUBMITTERS,
        initial=Suggestion.Submitter.RESIDENT,
        widget=forms.RadioSelect,
        required=False,
    )
    name = forms.CharField(
        label="姓名", max_length=40, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label="电话",
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        help_text="只有受理的联络站和人大机构看得到，承办单位和代表看不到。",
    )
    callback = forms.BooleanField(label="请给我回电话", required=False)
    direct = forms.BooleanField(
        label="这件事反映的是代表、联络站工作人员或其所在单位：直接交县人大",
        required=False,
        help_text="勾选后不经过联络站，站里的人也看不到。",
    )
    consent = forms.BooleanField(label="我已看过《个人信息告知书》，同意留下上面的姓名、电话或照片", required=False)
    # Nobody sees it, so only a machine fills it in.
    homepage = forms.CharField(
        label="此项留空", required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = not self.files

    def clean_phone(self) -> str:
        typed = unicodedata.normalize("NFKC", self.cleaned_data["phone"])
        number = re.sub(r"[\s()–—-]", "", typed)
        if number and not PHONE.fullmatch(number):
            raise forms.ValidationError("这个电话号码好像不对，请填11位手机号，或带区号的固定电话。")
        return number

    def clean_submitter_kind(self) -> str:
        return self.cleaned_data["submitter_kind"] or Suggestion.Submitter.RESIDENT

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("homepage"):
            self.start_anew("有一个看不见的格子被自动填写了，已为您清空，请再点一次“提交”。", homepage="")
        if not self.errors and not (values.get("text") or values.get("photos")):
            self.add_error("text", self.fields["text"].error_messages["required"])
        if values.get("callback") and not values.get("phone") and "phone" not in self.errors:
            self.add_error("phone", "要我们回电话，请留下电话号码。")
        if self.statement().is_personal(values.get("photos") or []) and not values.get("consent"):
            self.add_error("consent", "留下姓名、电话或照片，需要在这里勾选同意；不想留的，清空这几项也可以提交。")
        self.remind_of_photos()
        return values

    def statement(self) -> services.Statement:
        said = super().statement()
        return said if said.text else replace(said, text=SEE_PHOTO)


class TrackForm(PlainForm):
    """Number and query code as people copy them: full-width, with spaces or hyphens."""

    number = forms.CharField(
        label="编号",
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text="回执上的第一行数字。",
        error_messages={"required": "请输入编号。", "max_length": "编号没有这么长，请核对。"},
    )
    query_code = forms.CharField(
        label="查询码",
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=f"回执上的{CODE_DIGITS}位数字，中间的空格可以不输。",
        error_messages={"required": "请输入查询码。", "max_length": "查询码没有这么长，请核对。"},
    )

    def clean_number(self) -> str:
        return digits(self.cleaned_data["number"])

    def clean_query_code(self) -> str:
        return digits(self.cleaned_data["query_code"])


class FeedbackForm(PlainForm):
    """Process and result are rated apart (mission S5)."""

    MISSING = {"required": "请选一项。", "invalid_choice": "请从下面选一项。"}

    process = forms.ChoiceField(
        label="办理过程", choices=Suggestion.Rating.choices, widget=forms.RadioSelect, error_messages=MISSING
    )
    result = forms.ChoiceField(
        label="办理结果", choices=Suggestion.Rating.choices, widget=forms.RadioSelect, error_messages=MISSING
    )
    text = words("说几句", rows=4, required=False, help_text="选了“不满意”的，请写明哪里没办好，便于重新办理。")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if Suggestion.Rating.DISSATISFIED in (values.get("process"), values.get("result")) and not values.get("text"):
            self.add_error("text", "不满意请写明原因，便于重新办理。")
        return values


class RequestReopenForm(PlainForm):
    reason = words(
        "为什么要重新受理", rows=4, help_text="只能申请一次，请把情况写清楚。", missing="请写明为什么要重新受理。"
    )


class WithdrawForm(PlainForm):
    reason = words("想说明的话", rows=2, required=False, help_text="可以不填。")
