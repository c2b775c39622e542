from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from accounts.calendar import today
from accounts.forms import in_plain_words
from deputies.models import Congress


class WhenForm(forms.Form):
    """The event that ends the term. Asked by GET: what follows is only a preview."""

    on = forms.DateField(
        label="下一届首次会议日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="本届到这一天届满。会还没有开的，到当天再办。",
    )
    ordinal = forms.IntegerField(label="下一届是第几届", min_value=1, max_value=999)

    def __init__(self, *args: Any, ordinal: int, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"on": today(), "ordinal": ordinal})
        super().__init__(*args, **kwargs)
        in_plain_words(self)


class CloseForm(forms.Form):
    """There is no way back: the name is typed by hand, so that nobody closes the wrong congress by a slip."""

    on = forms.DateField(widget=forms.HiddenInput)
    ordinal = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(
        label="照抄本届名称，确认办理", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, congress: Congress, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.congress = congress
        self.fields["name"].help_text = f"请输入：{congress}"
        in_plain_words(self)

    @classmethod
    def asking(cls, congress: Congress, on: date, ordinal: int) -> CloseForm:
        return cls(congress=congress, initial={"on": on.isoformat(), "ordinal": ordinal})

    def clean_name(self) -> str:
        typed = "".join(str(self.cleaned_data["name"]).split())
        if typed != str(self.congress):
            raise forms.ValidationError(f"与本届名称不一致，没有办理。请照抄：{self.congress}")
        return typed
