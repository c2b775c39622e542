"""What the forms of citizens and of the office share."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms

from accounts.forms import in_plain_words
from suggestions import services
from suggestions.codes import new_form_key
from suggestions.models import Suggestion

KEY = re.compile(r"[0-9a-f]{32}")


def words(
    label: str, *, rows: int = 4, most: int = 2000, required: bool = True, help_text: str = "", missing: str = ""
) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    told = {
        "required": missing or "请填写这一项。",
        "max_length": f"{label}最多{most}个字，现在有%(show_value)d个，请写得短一些，或者分几件说。",
    }
    return forms.CharField(
        label=label, widget=area, required=required, max_length=most, help_text=help_text, error_messages=told
    )


class PlainForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_plain_words(self)


class MatterForm(PlainForm):
    """One matter, at home or at the desk. `key` is drawn once for a form and makes a second tap the same case."""

    BUTTON: ClassVar[str] = "提交"

    key = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["key"] = new_form_key()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not KEY.fullmatch(values.get("key") or ""):
            self.start_anew(f"这张表格已经失效，没有登记。您写的内容还在，请再点一次“{self.BUTTON}”。")
        return values

    def start_anew(self, sentence: str, **emptied: str) -> None:
        """Say the sentence, and let the next tap be a form of its own: same words, new key."""
        self.add_error(None, sentence)
        fresh = {**self.data, "key": new_form_key(), **emptied}
        self.data = {name: value[-1] if isinstance(value, list) else value for name, value in fresh.items()}

    def remind_of_photos(self) -> None:
        """A browser keeps what was typed and forgets which files were chosen."""
        if self.errors and self.cleaned_data.get("photos"):
            self.add_error("photos", "其他内容改好以后，请再选一次照片：浏览器没有保留。")

    def statement(self) -> services.Statement:
        values = self.cleaned_data
        said = {name: values[name] for name in services.Statement.__dataclass_fields__ if name in values}
        return services.Statement(**{"text": "", **said})

    def is_of(self, case: Suggestion) -> bool:
        """Whether the case that the key found holds this matter. If it holds another, the next tap is a case of its own."""
        if case.text == self.statement().text:
            return True
        self.start_anew(
            f"这张表格已经交过一次，编号{case.number}，写的是另一件事。"
            f"要反映现在这一件，请核对后再点一次“{self.BUTTON}”，会另外登记。"
        )
        return False
